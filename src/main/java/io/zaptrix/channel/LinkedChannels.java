package io.zaptrix.channel;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import io.zaptrix.channel.LinkRefused.Reason;
import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.GraphException;
import io.zaptrix.meta.PhoneNumberInfo;
import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.PortalUninstalled;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** {@link Channels} in the database. */
@Component
class LinkedChannels implements Channels {

    private static final Logger log = LoggerFactory.getLogger(LinkedChannels.class);

    private static final String ACCESS_TOKEN = "phone_number.access_token";

    /** Meta's codes for a token that is none, or none any more; others say that the token may not see the number. */
    private static final Set<Integer> TOKEN_CODES = Set.of(GraphException.NO_CODE, 0, 102, 104, 190);

    /** What Bitrix24 says of the line, not of the portal, although both wait for a person. */
    private static final Set<String> LINE_CODES = Set.of(
            "not_active_line",
            "imconnector_not_active_line",
            "imconnector_no_correct_provider",
            "insufficient_scope",
            "wrong_auth_type");

    private final LinkedNumberRepository numbers;
    private final NumberRoutes routes;
    private final Lines lines;
    private final StoredSettings settings;
    private final StoredHealth health;
    private final WebhookSightings sightings;
    private final NumberPins pins;
    private final GraphClient graph;
    private final Accounts accounts;
    private final Secrets secrets;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate reading;
    private final TransactionTemplate writing;

    /** One linking of a number at a time. Few, as linking is rare. */
    private final List<Lock> linking =
            Stream.<Lock>generate(ReentrantLock::new).limit(64).toList();

    LinkedChannels(
            LinkedNumberRepository numbers,
            NumberRoutes routes,
            Lines lines,
            StoredSettings settings,
            StoredHealth health,
            WebhookSightings sightings,
            NumberPins pins,
            GraphClient graph,
            Accounts accounts,
            Secrets secrets,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions) {
        this.numbers = numbers;
        this.routes = routes;
        this.lines = lines;
        this.settings = settings;
        this.health = health;
        this.sightings = sightings;
        this.pins = pins;
        this.graph = graph;
        this.accounts = accounts;
        this.secrets = secrets;
        this.events = events;
        this.reading = new TransactionTemplate(transactions);
        this.reading.setReadOnly(true);
        this.writing = new TransactionTemplate(transactions);
    }

    @Override
    public Optional<TenantId> route(String phoneNumberId) {
        return routes.find(phoneNumberId);
    }

    @Override
    public List<TenantId> tenantsOf(String wabaId) {
        return routes.ofAccount(wabaId);
    }

    @Override
    public Optional<PhoneNumber> find(String phoneNumberId) {
        return row(phoneNumberId).map(LinkedNumber::toPhoneNumber);
    }

    @Override
    public List<PhoneNumber> list() {
        return reading.execute(status -> numbers.findAll().stream()
                .map(LinkedNumber::toPhoneNumber)
                .sorted(Comparator.comparing(PhoneNumber::displayName).thenComparing(PhoneNumber::phoneNumberId))
                .toList());
    }

    @Override
    public List<OpenLine> openLines() {
        return lines.list();
    }

    @Override
    public String accessToken(String phoneNumberId) {
        return row(phoneNumberId)
                .map(number -> secrets.open(TenantContext.require(), ACCESS_TOKEN, number.accessToken))
                .orElseThrow(() -> new NoSuchElementException("the number " + phoneNumberId + " is not linked"));
    }

    @Override
    public PhoneNumber link(LinkRequest request) {
        LinkForm form = LinkForm.of(request);
        Lock lock = linking.get(Math.floorMod(form.phoneNumberId().hashCode(), linking.size()));
        boolean waited = !lock.tryLock();
        if (waited) {
            lock.lock();
        }
        try {
            return waited ? linkUnlessJustLinked(form) : link(form);
        } finally {
            lock.unlock();
        }
    }

    /** The second click of a double click must not make a second line. */
    private PhoneNumber linkUnlessJustLinked(LinkForm form) {
        return find(form.phoneNumberId())
                .filter(number -> form.wantsNewLine() && number.status() == PhoneNumber.Status.ACTIVE)
                .filter(number -> number.wabaId().equals(form.wabaId()))
                .filter(number -> MessageDigest.isEqual(
                        accessToken(form.phoneNumberId()).getBytes(UTF_8),
                        form.accessToken().getBytes(UTF_8)))
                .orElseGet(() -> link(form));
    }

    private PhoneNumber link(LinkForm form) {
        TenantId tenant = TenantContext.require();
        if (routes.read(form.phoneNumberId())
                .filter(owner -> !owner.equals(tenant))
                .isPresent()) {
            throw taken();
        }
        PhoneNumberInfo info = askMeta(form);
        // Before anything is changed anywhere: a line that does not exist is the commonest mistake that can be undone
        // by not making it.
        if (!form.wantsNewLine()) {
            requireLine(form.lineId());
        }
        subscribe(form);
        Optional<PhoneNumber> before = find(form.phoneNumberId());
        String name = Stream.of(form.displayName(), info.verifiedName(), info.displayPhoneNumber())
                .filter(text -> text != null && !text.isBlank())
                .findFirst()
                .orElse(form.phoneNumberId());

        Undo undo = new Undo();
        PhoneNumber linked;
        try {
            String lineId = attachConnector(form.lineId(), form.phoneNumberId(), info.displayPhoneNumber(), name, undo);
            linked = keep(form, info, name, lineId);
        } catch (RuntimeException failed) {
            undo.run();
            throw failed;
        }
        before.map(PhoneNumber::lineId)
                .filter(old -> !old.equals(linked.lineId()))
                .ifPresent(this::deactivateUnused);
        health.outdate(form.phoneNumberId());
        log.info("number {} of portal {} is linked to line {}", form.phoneNumberId(), tenant, linked.lineId());
        events.publishEvent(new NumberResumed(tenant, form.phoneNumberId()));
        return linked;
    }

    @Override
    public PhoneNumber move(String phoneNumberId, String lineId) {
        String wanted = LinkForm.line(lineId);
        Lock lock = linking.get(Math.floorMod(phoneNumberId.hashCode(), linking.size()));
        String before = linked(phoneNumberId).lineId();
        lock.lock();
        try {
            PhoneNumber number = linked(phoneNumberId);
            // The second click of a double click must not make a second line.
            return wanted.equals(LinkRequest.NEW_LINE) && !number.lineId().equals(before)
                    ? number
                    : move(number, wanted);
        } finally {
            lock.unlock();
        }
    }

    private PhoneNumber move(PhoneNumber number, String wanted) {
        if (!wanted.equals(LinkRequest.NEW_LINE)) {
            requireLine(wanted);
        }
        Undo undo = new Undo();
        PhoneNumber moved;
        try {
            String lineId = attachConnector(
                    wanted, number.phoneNumberId(), number.displayPhoneNumber(), number.displayName(), undo);
            moved = writing.execute(status -> {
                LinkedNumber row = numbers.findById(number.phoneNumberId()).orElseThrow();
                row.lineId = lineId;
                row.activate();
                return numbers.saveAndFlush(row).toPhoneNumber();
            });
        } catch (RuntimeException failed) {
            undo.run();
            throw failed;
        }
        if (!number.lineId().equals(moved.lineId())) {
            deactivateUnused(number.lineId());
        }
        log.info("number {} of portal {} is now on line {}", number.phoneNumberId(), moved.tenant(), moved.lineId());
        events.publishEvent(new NumberResumed(moved.tenant(), moved.phoneNumberId()));
        return moved;
    }

    @Override
    public PhoneNumber reconnect(String phoneNumberId) {
        PhoneNumber number = linked(phoneNumberId);
        return link(new LinkRequest(
                phoneNumberId, number.wabaId(), accessToken(phoneNumberId), number.displayName(), number.lineId()));
    }

    private PhoneNumber linked(String phoneNumberId) {
        return find(phoneNumberId)
                .orElseThrow(() -> new NoSuchElementException("the number " + phoneNumberId + " is not linked"));
    }

    @Override
    public Optional<String> pin(String phoneNumberId) {
        return pins.of(phoneNumberId);
    }

    @Override
    public void heard(TenantId tenant, String phoneNumberId) {
        sightings.heard(tenant, phoneNumberId);
    }

    @Override
    public void unlink(String phoneNumberId) {
        TenantId tenant = TenantContext.require();
        Optional<LinkedNumber> gone = writing.execute(status -> {
            Optional<LinkedNumber> row = numbers.findById(phoneNumberId);
            row.ifPresent(number -> {
                numbers.delete(number);
                routes.release(phoneNumberId, tenant);
                health.forget(phoneNumberId);
            });
            return row;
        });
        gone.ifPresent(number -> {
            deactivateUnused(number.lineId);
            accounts.leave(number.wabaId, token(number).stream().toList());
        });
    }

    @Override
    public void suspend(String phoneNumberId, String problem) {
        writing.executeWithoutResult(
                status -> numbers.findById(phoneNumberId).ifPresent(number -> number.suspend(problem)));
    }

    @Override
    public void resume(String phoneNumberId) {
        writing.executeWithoutResult(status -> numbers.findById(phoneNumberId).ifPresent(LinkedNumber::activate));
    }

    @Override
    public ChannelSettings settings(String phoneNumberId) {
        return settings.of(phoneNumberId);
    }

    @Override
    public void changeSettings(String phoneNumberId, ChannelSettings chosen) {
        if (row(phoneNumberId).isEmpty()) {
            throw new NoSuchElementException("the number " + phoneNumberId + " is not linked");
        }
        settings.keep(phoneNumberId, chosen);
    }

    /** The line's numbers wait for an admin. */
    void suspendLine(String lineId, String problem) {
        writing.executeWithoutResult(status -> numbers.findByLineId(lineId).forEach(number -> number.suspend(problem)));
    }

    /** A portal that is gone keeps no tokens here, and its numbers are free for another. */
    @EventListener
    void on(PortalUninstalled portal) {
        Map<String, List<String>> tokens = numbers.findAll().stream()
                .collect(Collectors.groupingBy(
                        number -> number.wabaId,
                        Collectors.flatMapping(number -> token(number).stream(), Collectors.toList())));
        accounts.leaveAfterCommit(tokens);
        numbers.deleteAll();
        pins.forgetAll();
        routes.releaseAll(portal.tenant());
    }

    /** What a number that goes was reached by; empty if no key opens it any more, which keeps nobody from going. */
    private Optional<String> token(LinkedNumber number) {
        try {
            return Optional.of(secrets.open(TenantContext.require(), ACCESS_TOKEN, number.accessToken));
        } catch (RuntimeException lost) {
            log.warn(
                    "the token of number {} does not open: {}",
                    number.toPhoneNumber().phoneNumberId(),
                    lost.getMessage());
            return Optional.empty();
        }
    }

    private Optional<LinkedNumber> row(String phoneNumberId) {
        return reading.execute(status -> numbers.findById(phoneNumberId));
    }

    private PhoneNumberInfo askMeta(LinkForm form) {
        try {
            PhoneNumberInfo info = graph.phoneNumber(form.accessToken(), form.phoneNumberId());
            if (!info.id().equals(form.phoneNumberId())) {
                throw new LinkRefused(Reason.NUMBER_UNKNOWN, "Meta answered for another number", null);
            }
            return info;
        } catch (GraphException e) {
            throw new LinkRefused(
                    switch (e.kind()) {
                        case RETRY, LIMIT, UNCERTAIN -> Reason.META_FAILED;
                        case SUSPEND -> isAboutToken(e) ? Reason.TOKEN_REFUSED : Reason.NUMBER_UNKNOWN;
                        case REFUSE -> Reason.NUMBER_UNKNOWN;
                    },
                    said(e),
                    e);
        }
    }

    private void subscribe(LinkForm form) {
        try {
            graph.subscribeApp(form.accessToken(), form.wabaId());
        } catch (GraphException e) {
            throw new LinkRefused(
                    switch (e.kind()) {
                        case RETRY, LIMIT, UNCERTAIN -> Reason.META_FAILED;
                        case SUSPEND, REFUSE -> Reason.SUBSCRIPTION_REFUSED;
                    },
                    said(e),
                    e);
        }
    }

    private void requireLine(String lineId) {
        try {
            if (lines.list().stream().noneMatch(line -> line.id().equals(lineId))) {
                throw new LinkRefused(Reason.LINE_UNKNOWN, lineId, null);
            }
        } catch (Bitrix24Exception e) {
            throw refused(e);
        }
    }

    private String attachConnector(String wanted, String phoneNumberId, String display, String name, Undo undo) {
        try {
            String lineId;
            if (wanted.equals(LinkRequest.NEW_LINE)) {
                lineId = lines.add(name);
                String made = lineId;
                undo.add(() -> lines.delete(made));
            } else {
                lineId = wanted;
            }
            // Also when the call's outcome is unknown: what is off may be switched off again.
            undo.add(() -> {
                if (!isUsed(lineId)) {
                    lines.deactivate(lineId);
                }
            });
            lines.activate(lineId);
            lines.describe(lineId, phoneNumberId, display, name);
            return lineId;
        } catch (Bitrix24Exception e) {
            throw refused(e);
        }
    }

    private PhoneNumber keep(LinkForm form, PhoneNumberInfo info, String name, String lineId) {
        TenantId tenant = TenantContext.require();
        byte[] token = secrets.seal(tenant, ACCESS_TOKEN, form.accessToken());
        return writing.execute(status -> {
            // The key decides between two portals that got this far at the same moment.
            if (!routes.claim(form.phoneNumberId(), form.wabaId(), tenant)) {
                throw taken();
            }
            LinkedNumber number = numbers.findById(form.phoneNumberId())
                    .orElseGet(() -> new LinkedNumber(
                            form.phoneNumberId(), form.wabaId(), info.displayPhoneNumber(), name, lineId, token));
            number.wabaId = form.wabaId();
            number.displayPhoneNumber = info.displayPhoneNumber();
            number.displayName = name;
            number.qualityRating = info.qualityRating();
            number.lineId = lineId;
            number.accessToken = token;
            number.activate();
            return numbers.saveAndFlush(number).toPhoneNumber();
        });
    }

    private boolean isUsed(String lineId) {
        return Boolean.TRUE.equals(reading.execute(status -> numbers.existsByLineId(lineId)));
    }

    private void deactivateUnused(String lineId) {
        try {
            if (!isUsed(lineId)) {
                lines.deactivate(lineId);
            }
        } catch (Bitrix24Exception e) {
            // The number is gone here all the same; the portal shows a connector to which nothing comes.
            log.warn("connector not switched off on line {}: {}", lineId, e.getMessage());
        }
    }

    private static LinkRefused taken() {
        return new LinkRefused(Reason.TAKEN, null, null);
    }

    private static LinkRefused refused(Bitrix24Exception e) {
        boolean aboutLine = e.kind() == Kind.REFUSE
                || e.kind() == Kind.SUSPEND && LINE_CODES.contains(e.code().toLowerCase(Locale.ROOT));
        return new LinkRefused(
                aboutLine ? Reason.LINE_REFUSED : Reason.BITRIX24_FAILED,
                e.description().isEmpty() ? e.code() : e.description(),
                e);
    }

    static boolean isAboutToken(GraphException e) {
        return TOKEN_CODES.contains(e.code());
    }

    static @Nullable String said(GraphException e) {
        return e.details() != null ? e.details() : e.title();
    }

    /** What was done, and is undone in reverse. */
    private static final class Undo {

        private final Deque<Runnable> steps = new ArrayDeque<>();

        void add(Runnable step) {
            steps.push(step);
        }

        void run() {
            for (Runnable step : steps) {
                try {
                    step.run();
                } catch (RuntimeException e) {
                    log.warn("linking not wholly undone: {}", e.getMessage());
                }
            }
        }
    }
}
