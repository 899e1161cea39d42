package io.zaptrix.privacy;

import io.zaptrix.conversation.CanonicalPhone;
import io.zaptrix.conversation.CustomerSearch;
import io.zaptrix.operations.Audit;
import io.zaptrix.platform.DataSubject;
import io.zaptrix.platform.Holding;
import io.zaptrix.platform.Masked;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.PortalUser;
import io.zaptrix.portal.Portals;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The rights that a portal's admin exercises for the people who write to it, for the bound tenant. Who exported or
 * erased is recorded ({@link Audit}), without the phone number, and stays recorded when the person is erased.
 */
@Service
public class Privacy {

    /** What is recorded of it, by the actions of the audit. */
    public static final Set<String> ACTIONS = Set.of(
            "person.exported",
            "person.erasure.asked",
            "person.erased",
            "portal.exported",
            "portal.erasure.asked",
            "retention.changed");

    private final CustomerSearch customers;
    private final Holdings holdings;
    private final PrivacySettings settings;
    private final Export export;
    private final Erasures erasures;
    private final Audit audit;
    private final Portals portals;
    private final TransactionTemplate reading;

    Privacy(
            CustomerSearch customers,
            Holdings holdings,
            PrivacySettings settings,
            Export export,
            Erasures erasures,
            Audit audit,
            Portals portals,
            PlatformTransactionManager transactions) {
        this.customers = customers;
        this.holdings = holdings;
        this.settings = settings;
        this.export = export;
        this.erasures = erasures;
        this.audit = audit;
        this.portals = portals;
        this.reading = new TransactionTemplate(transactions);
        this.reading.setReadOnly(true);
    }

    /**
     * For how long message metadata are kept.
     *
     * @param days of the bound tenant
     * @param least not less, so that what Meta delivers again within its 7 days is recognised
     * @param most as long as the service remembers at all
     */
    public record Retention(int days, int least, int most) {}

    /**
     * A person and what is held of them.
     *
     * @param names phone numbers, each in one spelling, and user ids
     * @param callThemselves the names they go by on WhatsApp
     * @param held by table, of those that hold something
     */
    public record Found(List<String> names, List<String> callThemselves, Map<String, Long> held) {}

    /** An erasure that is not done yet. */
    public record UnderWay(String masked, Instant askedAt) {}

    public Retention retention() {
        return new Retention(settings.retentionDays(), PrivacySettings.LEAST_DAYS, settings.mostDays());
    }

    /** @throws IllegalArgumentException when it is less than the least or more than the most */
    @Transactional
    public void retain(PortalUser user, int days) {
        if (days < PrivacySettings.LEAST_DAYS || days > settings.mostDays()) {
            throw new IllegalArgumentException(days + " days are out of bounds");
        }
        int before = settings.retentionDays();
        settings.retain(days);
        audit.record(user.userId(), "retention.changed", "", Map.of("from", before, "to", days));
    }

    /**
     * What is held of a person.
     *
     * @param typed as {@link CustomerSearch#named}
     * @throws CustomerSearch.Unclear when it names nobody
     */
    @Transactional(readOnly = true)
    public Found find(String typed) {
        DataSubject person = traced(typed);
        Map<String, Long> held = new LinkedHashMap<>();
        for (Holding holding : holdings.all()) {
            if (holding.ofPerson() != null) {
                long rows = holdings.count(holding, person);
                if (rows > 0) {
                    held.merge(holding.table(), rows, Long::sum);
                }
            }
        }
        return new Found(
                person.names().stream()
                        .filter(name -> CanonicalPhone.of(name).equals(name))
                        .sorted()
                        .toList(),
                customers.callThemselves(person),
                held);
    }

    /**
     * Writes what is held of a person, as one JSON document.
     *
     * @throws CustomerSearch.Unclear when it names nobody; nothing is written then
     */
    public void exportPerson(PortalUser user, String typed, OutputStream out) throws IOException {
        // Not for as long as the reader takes.
        DataSubject person = Objects.requireNonNull(reading.execute(status -> traced(typed)));
        // Before: what a reader breaks off has been read, too.
        audit.record(user.userId(), "person.exported", masked(person), Map.of());
        export.write(portal().portalUrl().toString(), person, out);
    }

    /** Writes all that is held of the portal, but its secrets. */
    public void exportPortal(PortalUser user, OutputStream out) throws IOException {
        audit.record(user.userId(), "portal.exported", "", Map.of());
        export.write(portal().portalUrl().toString(), null, out);
    }

    /**
     * Has a person erased, within seconds, or as soon as what is under way to them has come to its end. Messages of
     * theirs that wait are dropped; if they write again, they are somebody new.
     *
     * @throws CustomerSearch.Unclear when it names nobody
     */
    @Transactional
    public void erasePerson(PortalUser user, String typed) {
        DataSubject person = customers.named(typed, Instant.now());
        erasures.ask(user.userId(), person, masked(person));
        audit.record(user.userId(), "person.erasure.asked", masked(person), Map.of());
    }

    /** Erasures that are not done yet. */
    @Transactional(readOnly = true)
    public List<UnderWay> underWay() {
        return erasures.underWay().stream()
                .map(request -> new UnderWay(request.masked(), request.askedAt()))
                .toList();
    }

    /** What was exported, erased and changed, the latest first. */
    public List<Audit.Entry> recorded(int atMost) {
        List<Audit.Entry> found = new ArrayList<>();
        for (Audit.Entry entry : audit.list(null, 500)) {
            if (ACTIONS.contains(entry.action()) && found.size() < atMost) {
                found.add(entry);
            }
        }
        return found;
    }

    /**
     * Stops the portal and has all its rows erased: tokens, sessions and linked numbers at once, the rest within
     * minutes. Nothing of it can be brought back.
     */
    public void erasePortal(PortalUser user) {
        audit.record(user.userId(), "portal.erasure.asked", "", Map.of());
        portals.close(user.tenant());
    }

    private DataSubject traced(String typed) {
        return holdings.traced(customers.named(typed, Instant.now()));
    }

    private Portal portal() {
        return portals.find(TenantContext.require()).orElseThrow();
    }

    /** The phone number if there is one; of its spellings the longest. */
    private static String masked(DataSubject person) {
        return Masked.phone(person.names().stream()
                .min(Comparator.<String, Boolean>comparing(name -> !name.matches("\\d+"))
                        .thenComparing(Comparator.comparing(String::length).reversed())
                        .thenComparing(Comparator.naturalOrder()))
                .orElse(null));
    }
}
