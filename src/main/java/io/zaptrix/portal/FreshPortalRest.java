package io.zaptrix.portal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import io.zaptrix.bitrix24.Bitrix24OAuth;
import io.zaptrix.bitrix24.Bitrix24Rest;
import io.zaptrix.bitrix24.TokenPair;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.Portal.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * {@link PortalRest} with the tokens of {@code portal_config}.
 *
 * <p>A refresh is made once: in this replica by a lock of the tenant's, across replicas by the lock on its row, which
 * is held until the new tokens are durable. Whoever comes second finds them there. The row keeps the old pair until
 * then.
 */
@Component
class FreshPortalRest implements PortalRest, TenantMemory, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(FreshPortalRest.class);

    /** A token that ends sooner might end on its way. */
    private static final Duration SPARE = Duration.ofMinutes(5);

    /** How long the row's lock, and the connection that holds it, may wait for the authorization server. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** What the portal itself says when no call of the app can succeed there any more, however fresh its tokens. */
    private static final Set<String> APP_IS_DEAD = Set.of(
            "invalid_grant",
            "invalid_client",
            "wrong_client",
            "not_installed",
            "payment_required",
            "application_not_found",
            "error_oauth",
            "authorization_error",
            "user_access_error",
            "portal_deleted");

    /** What the authorization server says of the app, or of its secret. */
    private static final Set<String> CLIENT_REFUSED = Set.of("invalid_client", "wrong_client");

    private final Bitrix24Rest rest;
    private final Bitrix24OAuth oauth;
    private final PortalStore store;
    private final MeterRegistry meters;

    /**
     * Holds only what works. The table tells of each change, so that a portal which another replica refreshed,
     * suspended or uninstalled is asked for anew; short-lived for the time when nothing can be heard.
     */
    private final Cache<TenantId, Credentials> known = Caffeine.newBuilder()
            .expireAfterWrite(Duration.ofSeconds(30))
            .maximumSize(10_000)
            .build();

    private final Cache<TenantId, ReentrantLock> locks =
            Caffeine.newBuilder().weakValues().build();

    /** A refresh holds a database connection while it waits; an authorization server that hangs must not take all. */
    private final Semaphore refreshes = new Semaphore(3, true);

    private final ExecutorService waiting = Executors.newVirtualThreadPerTaskExecutor();

    FreshPortalRest(Bitrix24Rest rest, Bitrix24OAuth oauth, PortalStore store, MeterRegistry meters) {
        this.rest = rest;
        this.oauth = oauth;
        this.store = store;
        this.meters = meters;
    }

    @Override
    public JsonNode call(String method, Map<String, ?> params, Runnable checkpoint) {
        TenantId tenant = TenantContext.require();
        Credentials credentials = withTimeLeft(tenant, credentials(tenant));
        try {
            return attempt(tenant, credentials, method, params, checkpoint);
        } catch (Bitrix24Exception e) {
            if (e.kind() != Kind.REFRESH) {
                throw e;
            }
        }
        Credentials fresh = refresh(tenant, credentials.accessToken(), false);
        try {
            return attempt(tenant, fresh, method, params, checkpoint);
        } catch (Bitrix24Exception e) {
            if (e.kind() != Kind.REFRESH) {
                throw e;
            }
            // New tokens that the portal does not take are a trouble of theirs, which passes.
            throw new Bitrix24Exception(Kind.RETRY, e.code(), "after a refresh: " + e.description());
        }
    }

    /** Gets new tokens for old ones that nobody has used for long; nothing happens if somebody just did. */
    void renew() {
        TenantId tenant = TenantContext.require();
        refresh(tenant, credentials(tenant).accessToken(), false);
    }

    /** Whether a suspended portal's tokens work after all; it is in use then. */
    boolean revive() {
        TenantId tenant = TenantContext.require();
        Optional<String> stale =
                store.read(row -> row.flatMap(store::credentials)).map(Credentials::accessToken);
        try {
            return stale.isPresent() && refresh(tenant, stale.get(), true) != null;
        } catch (Bitrix24Exception e) {
            log.info("portal {} stays suspended: {}", tenant, e.getMessage());
            return false;
        }
    }

    /** Forgets what this replica has in memory of a portal that was installed, visited or uninstalled. */
    void forget(TenantId tenant) {
        known.invalidate(tenant);
    }

    @Override
    public String channel() {
        return "zaptrix_portal";
    }

    @Override
    public Cache<TenantId, Credentials> known() {
        return known;
    }

    @Override
    public void destroy() {
        waiting.shutdownNow();
    }

    private JsonNode attempt(
            TenantId tenant, Credentials credentials, String method, Map<String, ?> params, Runnable checkpoint) {
        checkpoint.run();
        try {
            return rest.call(credentials.clientEndpoint(), credentials.accessToken(), method, params);
        } catch (Bitrix24Exception e) {
            if (e.kind() == Kind.SUSPEND && APP_IS_DEAD.contains(e.code().toLowerCase(Locale.ROOT))) {
                suspendUnlessRenewed(tenant, credentials.accessToken(), e);
            }
            throw e;
        }
    }

    private Credentials credentials(TenantId tenant) {
        // Read within the cache's own step, so that what is forgotten meanwhile does not come back.
        return known.get(
                tenant,
                asked -> store.read(row -> {
                    PortalConfig portal = row.orElseThrow(FreshPortalRest::notInstalled);
                    requireActive(portal);
                    return store.credentials(portal).orElseThrow(FreshPortalRest::notInstalled);
                }));
    }

    private Credentials withTimeLeft(TenantId tenant, Credentials credentials) {
        Instant now = Instant.now();
        if (credentials.expiresAt().isAfter(now.plus(SPARE))) {
            return credentials;
        }
        try {
            return refresh(tenant, credentials.accessToken(), false);
        } catch (Bitrix24Exception e) {
            if (e.kind() != Kind.SUSPEND && credentials.expiresAt().isAfter(now)) {
                // The authorization server stumbles, but the old token has minutes left.
                return credentials;
            }
            throw e;
        }
    }

    /** @param stale the access token that is to be replaced; if it is no longer the row's, somebody has replaced it */
    private Credentials refresh(TenantId tenant, String stale, boolean evenSuspended) {
        ReentrantLock lock = locks.get(tenant, key -> new ReentrantLock());
        lock.lock();
        try {
            Credentials neighbours = known.getIfPresent(tenant);
            if (neighbours != null && !neighbours.accessToken().equals(stale)) {
                return neighbours;
            }
            if (!refreshes.tryAcquire(PATIENCE.toMillis() * 2, TimeUnit.MILLISECONDS)) {
                throw new Bitrix24Exception(
                        Kind.RETRY, "REFRESH_BUSY", "Too many refreshes wait for the authorization server.");
            }
            try {
                return refreshWithRowLocked(tenant, stale, evenSuspended);
            } finally {
                refreshes.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Bitrix24Exception(Kind.RETRY, "INTERRUPTED", "Interrupted before a refresh.");
        } finally {
            lock.unlock();
        }
    }

    private Credentials refreshWithRowLocked(TenantId tenant, String stale, boolean evenSuspended) {
        Refresh outcome = store.locked(found -> {
            PortalConfig row = found.orElseThrow(FreshPortalRest::notInstalled);
            if (row.status == Status.UNINSTALLED || !evenSuspended) {
                requireActive(row);
            }
            Credentials current = store.credentials(row).orElseThrow(FreshPortalRest::notInstalled);
            boolean replaced =
                    row.status == Status.ACTIVE && !current.accessToken().equals(stale);
            if (replaced && current.expiresAt().isAfter(Instant.now())) {
                return new Refresh(current, null);
            }
            try {
                store.refreshed(row, newPair(tenant, row));
                meters.counter("zaptrix.bitrix24.token.refreshes", "outcome", "refreshed")
                        .increment();
                return new Refresh(store.credentials(row).orElseThrow(FreshPortalRest::notInstalled), null);
            } catch (Bitrix24Exception e) {
                meters.counter(
                                "zaptrix.bitrix24.token.refreshes",
                                "outcome",
                                e.kind() == Kind.SUSPEND ? "dead" : "failed")
                        .increment();
                if (e.kind() == Kind.SUSPEND) {
                    store.suspend(row, problem(e));
                }
                return new Refresh(current, e);
            }
        });
        if (outcome.failure() != null) {
            if (outcome.failure().kind() == Kind.SUSPEND) {
                known.invalidate(tenant);
                log.warn("portal {} is suspended: {}", tenant, outcome.failure().getMessage());
            }
            throw outcome.failure();
        }
        known.put(tenant, outcome.credentials());
        return outcome.credentials();
    }

    /** A refresh that failed must be written down, too, so it may not end the transaction as an exception. */
    private record Refresh(
            Credentials credentials, @Nullable Bitrix24Exception failure) {}

    private TokenPair newPair(TenantId tenant, PortalConfig row) {
        String refreshToken = store.refreshToken(row);
        if (refreshToken == null) {
            throw new Bitrix24Exception(Kind.SUSPEND, "NO_REFRESH_TOKEN", "The portal gave no refresh token.");
        }
        AppKeys keys = store.keys(row).orElse(null);
        if (keys == null || keys.clientSecret() == null) {
            // The configuration lacks the pair that the portal was installed with: for the operator to mend.
            throw new Bitrix24Exception(Kind.RETRY, "NO_CLIENT_SECRET", "The app's secret is not configured.");
        }
        String clientSecret = keys.clientSecret();
        CompletableFuture<TokenPair> answer = CompletableFuture.supplyAsync(
                () -> oauth.refresh(keys.clientId(), clientSecret, refreshToken), waiting);
        try {
            TokenPair pair = answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (!pair.memberId().equals(row.memberId())) {
                throw new Bitrix24Exception(Kind.SUSPEND, "WRONG_PORTAL", "The tokens belong to another portal.");
            }
            return pair;
        } catch (TimeoutException e) {
            // The answer may still come, and with it the only pair that is left.
            answer.thenAccept(late -> keepLate(tenant, refreshToken, late));
            throw new Bitrix24Exception(Kind.RETRY, "TIMEOUT", "The authorization server does not answer.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.thenAccept(late -> keepLate(tenant, refreshToken, late));
            throw new Bitrix24Exception(Kind.RETRY, "INTERRUPTED", "Interrupted during a refresh.");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Bitrix24Exception failure
                    ? ofOperator(failure, keys)
                    : new IllegalStateException(e.getCause());
        }
    }

    /**
     * An authorization server that does not know the configured app, or not its secret, says nothing of the portal: it
     * says so of all portals, and the operator mends it for all. Of a local app it does, as the portal's own admins
     * made that and have deleted it.
     */
    private Bitrix24Exception ofOperator(Bitrix24Exception failure, AppKeys keys) {
        if (keys.own() || !CLIENT_REFUSED.contains(failure.code().toLowerCase(Locale.ROOT))) {
            return failure;
        }
        meters.counter("zaptrix.bitrix24.client.refused").increment();
        log.error(
                "Bitrix24's authorization server refuses ZAPTRIX_BITRIX24_CLIENT_ID and _CLIENT_SECRET: {}",
                failure.getMessage());
        return new Bitrix24Exception(Kind.RETRY, failure.code(), failure.description());
    }

    private void keepLate(TenantId tenant, String refreshToken, TokenPair pair) {
        TenantContext.run(
                tenant,
                () -> store.locked(found -> {
                    found.filter(row -> row.status == Status.ACTIVE)
                            .filter(row -> refreshToken.equals(store.refreshToken(row)))
                            .filter(row -> pair.memberId().equals(row.memberId()))
                            .ifPresent(row -> store.refreshed(row, pair));
                    return true;
                }));
        known.invalidate(tenant);
    }

    private void suspendUnlessRenewed(TenantId tenant, String usedToken, Bitrix24Exception failure) {
        store.locked(found -> {
            found.filter(row -> row.status == Status.ACTIVE)
                    .filter(row -> store.credentials(row)
                            .filter(current -> current.accessToken().equals(usedToken))
                            .isPresent())
                    .ifPresent(row -> {
                        store.suspend(row, problem(failure));
                        log.warn("portal {} is suspended: {}", tenant, failure.getMessage());
                    });
            return true;
        });
        known.invalidate(tenant);
    }

    private static void requireActive(PortalConfig row) {
        switch (row.status) {
            case ACTIVE -> {}
            case SUSPENDED ->
                throw new Bitrix24Exception(Kind.SUSPEND, "PORTAL_SUSPENDED", row.problem == null ? "" : row.problem);
            case UNINSTALLED -> throw notInstalled();
        }
    }

    private static Bitrix24Exception notInstalled() {
        return new Bitrix24Exception(Kind.SUSPEND, "NOT_INSTALLED", "The portal has not installed the app.");
    }

    private static String problem(Bitrix24Exception e) {
        return e.description().isEmpty() ? e.code() : e.code() + ": " + e.description();
    }
}
