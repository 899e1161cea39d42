package io.zaptrix.portal;

import io.zaptrix.bitrix24.TokenPair;
import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.platform.ZaptrixProperties;
import io.zaptrix.portal.Portal.Status;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Reads and writes the bound tenant's {@code portal_config}; the only place where its secrets are sealed and opened.
 */
@Component
class PortalStore {

    private static final String CLIENT_SECRET = "portal_config.client_secret";
    private static final String ACCESS_TOKEN = "portal_config.access_token";
    private static final String REFRESH_TOKEN = "portal_config.refresh_token";
    private static final String APPLICATION_TOKEN = "portal_config.application_token";

    /** How long the data of a portal is kept whose admin did not ask for its removal: time to change one's mind. */
    static final Duration KEPT_AFTER_UNINSTALL = Duration.ofDays(30);

    /** Where the admin asked for it ({@code CLEAN=1}): a day, in which a slip of the mouse can be undone. */
    static final Duration KEPT_AFTER_CLEAN_UNINSTALL = Duration.ofDays(1);

    /** Where the admin typed that everything is to be erased: what is under way must have come to its end before. */
    static final Duration KEPT_AFTER_CLOSING = Duration.ofMinutes(2);

    private final PortalConfigRepository portals;
    private final Secrets secrets;
    private final ZaptrixProperties.Bitrix24 properties;
    private final JdbcClient jdbc;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate reading;
    private final TransactionTemplate writing;

    PortalStore(
            PortalConfigRepository portals,
            Secrets secrets,
            ZaptrixProperties properties,
            JdbcClient jdbc,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions) {
        this.portals = portals;
        this.secrets = secrets;
        this.properties = properties.bitrix24();
        this.jdbc = jdbc;
        this.events = events;
        this.reading = new TransactionTemplate(transactions);
        this.reading.setReadOnly(true);
        this.writing = new TransactionTemplate(transactions);
        // Tokens must be durable when they are used, whatever becomes of the work that asked for them.
        this.writing.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    <T extends @Nullable Object> T read(Function<Optional<PortalConfig>, T> look) {
        return reading.execute(status -> look.apply(portals.findBound()));
    }

    /** Looks and changes with the row locked: what is seen is what is changed, on whatever replica. */
    <T extends @Nullable Object> T locked(Function<Optional<PortalConfig>, T> change) {
        return writing.execute(status -> change.apply(portals.lockBound()));
    }

    Optional<Portal> find() {
        return read(row -> row.map(PortalConfig::toPortal));
    }

    @Nullable
    String applicationToken(PortalConfig row) {
        return open(APPLICATION_TOKEN, row.applicationToken);
    }

    /**
     * Writes what an installation brought.
     *
     * @param applicationToken null where the installation did not say it: what is known then stays
     * @param language null likewise
     */
    void install(Caller caller, AppKeys keys, @Nullable String applicationToken, @Nullable Locale language) {
        Runnable write = () -> locked(found -> {
            PortalConfig row =
                    found.orElseGet(() -> new PortalConfig(caller.user().memberId(), caller.clientEndpoint()));
            boolean otherApp = found.isPresent() && !keys.clientId().equals(clientId(row));
            row.movedTo(caller.clientEndpoint());
            row.clientId = keys.own() ? keys.clientId() : null;
            row.clientSecret = keys.own() ? seal(CLIENT_SECRET, keys.clientSecret()) : null;
            if (otherApp) {
                row.refreshToken = null;
                row.applicationToken = null;
            }
            put(row, caller.tokens());
            if (applicationToken != null) {
                row.applicationToken = seal(APPLICATION_TOKEN, applicationToken);
            }
            row.scope = caller.scope();
            row.appStatus = caller.appStatus();
            livesIn(row, caller);
            if (language != null) {
                row.language = language.toLanguageTag();
            }
            activate(row);
            portals.save(row);
            return true;
        });
        try {
            write.run();
        } catch (DataIntegrityViolationException somebodyWasFaster) {
            // Page and event install at the same moment; now the row is there and can be locked.
            write.run();
        }
    }

    /** Writes what an admin's visit brought; whether that revived a suspended portal. */
    boolean visited(PortalConfig row, Caller caller, @Nullable String applicationToken) {
        boolean revived = row.status == Status.SUSPENDED;
        row.movedTo(caller.clientEndpoint());
        put(row, caller.tokens());
        livesIn(row, caller);
        if (applicationToken != null) {
            row.applicationToken = seal(APPLICATION_TOKEN, applicationToken);
        }
        activate(row);
        return revived;
    }

    /** The first admin whose profile names a time zone settles it: days must not begin elsewhere with every visit. */
    private static void livesIn(PortalConfig row, Caller caller) {
        if (row.timeZone == null) {
            row.timeZone = caller.timeZone();
        }
    }

    /** The pair that was given for the row's refresh token. */
    void refreshed(PortalConfig row, TokenPair pair) {
        row.movedTo(pair.clientEndpoint());
        put(row, Tokens.of(pair));
        activate(row);
    }

    void suspend(PortalConfig row, String problem) {
        row.status = Status.SUSPENDED;
        row.problem = problem;
    }

    /** Nothing that opens the portal is kept for a moment longer; who is signed in from there is so no more. */
    void uninstall(PortalConfig row, Duration kept, Instant now) {
        row.status = Status.UNINSTALLED;
        row.problem = null;
        row.clientId = null;
        row.clientSecret = null;
        row.accessToken = null;
        row.refreshToken = null;
        row.tokenExpirationTime = null;
        row.applicationToken = null;
        row.uninstalledAt = now;
        row.eraseAfter = now.plus(kept);
        // Spring Session finds sessions by the whole name of a principal only; a PortalUser's begins with the portal's.
        jdbc.sql("delete from spring_session where starts_with(principal_name, :portal)")
                .param("portal", row.memberId() + "/")
                .update();
        events.publishEvent(new PortalUninstalled(TenantContext.require()));
    }

    /** Ends all sessions of one user of the portal. */
    void signOut(PortalUser user) {
        jdbc.sql("delete from spring_session where principal_name = :name")
                .param("name", user.getName())
                .update();
    }

    Optional<Credentials> credentials(PortalConfig row) {
        String accessToken = open(ACCESS_TOKEN, row.accessToken);
        Instant expiresAt = row.tokenExpirationTime;
        return accessToken == null || expiresAt == null
                ? Optional.empty()
                : Optional.of(new Credentials(URI.create(row.clientEndpoint), accessToken, expiresAt));
    }

    @Nullable
    String refreshToken(PortalConfig row) {
        return open(REFRESH_TOKEN, row.refreshToken);
    }

    /** The app that the portal has installed; empty where neither the portal nor the configuration names one. */
    Optional<AppKeys> keys(PortalConfig row) {
        String own = row.clientId;
        return own == null
                ? configuredKeys()
                : Optional.of(new AppKeys(own, open(CLIENT_SECRET, row.clientSecret), true));
    }

    /** The marketplace app. */
    Optional<AppKeys> configuredKeys() {
        return Optional.ofNullable(properties.clientId())
                .filter(id -> !id.isBlank())
                .map(id -> new AppKeys(id, properties.clientSecret(), false));
    }

    private @Nullable String clientId(PortalConfig row) {
        return keys(row).map(AppKeys::clientId).orElse(null);
    }

    private void put(PortalConfig row, Tokens tokens) {
        row.accessToken = seal(ACCESS_TOKEN, tokens.accessToken());
        row.tokenExpirationTime = tokens.expiresAt();
        if (tokens.refreshToken() != null) {
            row.refreshToken = seal(REFRESH_TOKEN, tokens.refreshToken());
        }
    }

    private static void activate(PortalConfig row) {
        row.status = Status.ACTIVE;
        row.problem = null;
        row.uninstalledAt = null;
        row.eraseAfter = null;
    }

    private byte @Nullable [] seal(String purpose, @Nullable String secret) {
        return secret == null ? null : secrets.seal(tenant(), purpose, secret);
    }

    private @Nullable String open(String purpose, byte @Nullable [] sealed) {
        return sealed == null ? null : secrets.open(tenant(), purpose, sealed);
    }

    private static TenantId tenant() {
        return TenantContext.require();
    }
}
