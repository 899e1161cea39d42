package io.zaptrix.channel;

import io.zaptrix.channel.NumberHealth.TokenState;
import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.GraphException;
import io.zaptrix.meta.GraphException.Kind;
import io.zaptrix.meta.NumberState;
import io.zaptrix.meta.TokenInfo;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Service;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * How the bound tenant's numbers are. What Meta says is kept, so that no page waits for it: who looks gets what is
 * known, and what is old is asked for in the background.
 */
@Service
public class NumberHealths {

    private static final Logger log = LoggerFactory.getLogger(NumberHealths.class);

    /** After that a look asks Meta anew; ratings and limits change within hours. */
    static final Duration FRESH = Duration.ofMinutes(15);

    private static final NumberHealth UNKNOWN = NumberHealth.unknown("");

    private final Channels channels;
    private final StoredHealth stored;
    private final WebhookSightings sightings;
    private final GraphClient graph;

    /** Whose numbers are being asked about. */
    private final Set<TenantId> asking = ConcurrentHashMap.newKeySet();

    NumberHealths(Channels channels, StoredHealth stored, WebhookSightings sightings, GraphClient graph) {
        this.channels = channels;
        this.stored = stored;
        this.sightings = sightings;
        this.graph = graph;
    }

    /** What is known of every linked number, by its id; answered from the database alone. */
    public Map<String, NumberHealth> all() {
        Map<String, NumberHealth> known = new HashMap<>();
        stored.all().forEach(health -> known.put(health.phoneNumberId(), health));
        Map<String, NumberHealth> all = new HashMap<>();
        for (PhoneNumber number : channels.list()) {
            String id = number.phoneNumberId();
            all.put(id, known.getOrDefault(id, NumberHealth.unknown(id)).heardAt(sightings.of(id)));
        }
        return all;
    }

    /** Has Meta asked about numbers of which nothing recent is known, and returns at once. */
    public void refreshOld() {
        Instant old = Instant.now().minus(FRESH);
        if (all().values().stream().anyMatch(health -> isOlder(health, old))) {
            refreshLater(
                    TenantContext.require(),
                    number -> isOlder(all().getOrDefault(number.phoneNumberId(), UNKNOWN), old));
        }
    }

    private static boolean isOlder(NumberHealth health, Instant than) {
        return health.checkedAt() == null || health.checkedAt().isBefore(than);
    }

    /**
     * Asks Meta now, and keeps what it says.
     *
     * @throws java.util.NoSuchElementException when the tenant has no such number
     */
    public NumberHealth refresh(String phoneNumberId) {
        NumberHealth health = ask(phoneNumberId, channels.accessToken(phoneNumberId));
        stored.keep(health);
        return all().getOrDefault(phoneNumberId, health);
    }

    /** Meta told something of an account: its numbers may be otherwise now. */
    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT, fallbackExecution = true)
    void on(AccountTold told) {
        refreshLater(told.tenant(), number -> number.wabaId().equals(told.wabaId()));
    }

    /** In a thread of its own, with transactions of its own. */
    private void refreshLater(TenantId tenant, Predicate<PhoneNumber> which) {
        if (!asking.add(tenant)) {
            return;
        }
        Map<String, String> logged = MDC.getCopyOfContextMap();
        Thread.ofVirtual().name("number-health").start(() -> {
            if (logged != null) {
                MDC.setContextMap(logged);
            }
            try {
                TenantContext.run(
                        tenant,
                        () -> channels.list().stream()
                                .filter(which)
                                .forEach(number -> refresh(number.phoneNumberId())));
            } catch (RuntimeException failed) {
                // Asked again by the next look.
                log.info("the state of numbers is not known: {}", failed.getMessage());
            } finally {
                asking.remove(tenant);
            }
        });
    }

    private NumberHealth ask(String phoneNumberId, String token) {
        NumberState state = null;
        GraphException refused = null;
        try {
            state = graph.numberState(token, phoneNumberId);
        } catch (GraphException failure) {
            refused = failure;
        }
        TokenInfo info = inspect(token, refused);
        return new NumberHealth(
                phoneNumberId,
                state == null ? null : state.verifiedName(),
                state == null ? null : state.status(),
                state == null ? null : state.qualityRating(),
                state == null ? null : state.nameStatus(),
                state == null ? null : state.throughputLevel(),
                state == null ? null : state.messagingLimit(),
                state == null ? null : state.platformType(),
                state != null && state.onBusinessApp(),
                tokenState(info, refused),
                info == null ? null : info.expiresAt(),
                refused == null ? null : said(refused),
                Instant.now(),
                null);
    }

    /** Nothing where Meta is away, or has no word for the token. */
    private @Nullable TokenInfo inspect(String token, @Nullable GraphException refused) {
        if (refused != null && refused.kind() != Kind.SUSPEND && refused.kind() != Kind.REFUSE) {
            return null;
        }
        try {
            return graph.inspectToken(token);
        } catch (GraphException notSaid) {
            log.info("a token was not inspected: {}", notSaid.getMessage());
            return null;
        }
    }

    private static TokenState tokenState(@Nullable TokenInfo info, @Nullable GraphException refused) {
        if (info != null && !info.isOwn()) {
            return refused == null ? TokenState.OTHER_APP : TokenState.REFUSED;
        }
        if (info != null && !info.isValid() || refused != null && isAboutToken(refused)) {
            return TokenState.REFUSED;
        }
        return refused == null ? TokenState.VALID : TokenState.UNKNOWN;
    }

    /** Without a code Meta has not spoken of the token. */
    private static boolean isAboutToken(GraphException refused) {
        return refused.code() != GraphException.NO_CODE && LinkedChannels.isAboutToken(refused);
    }

    static String said(GraphException failure) {
        String words = failure.details() != null ? failure.details() : failure.title();
        return switch (failure.kind()) {
            case RETRY, LIMIT, UNCERTAIN -> NumberHealth.UNREACHABLE;
            case SUSPEND, REFUSE -> words == null ? "HTTP " + failure.httpStatus() : words;
        };
    }
}
