package io.zaptrix.portal;

import io.zaptrix.bitrix24.AppInfo;
import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import io.zaptrix.bitrix24.Bitrix24OAuth;
import io.zaptrix.bitrix24.Bitrix24Rest;
import io.zaptrix.bitrix24.PortalEvent;
import io.zaptrix.bitrix24.PortalLanguage;
import io.zaptrix.bitrix24.TokenPair;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.SignInRefused.Reason;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * {@link Portals}. Of what a browser or an event brings, only the access token counts: the authorization server says
 * which portal and which app it belongs to, and that portal's {@code profile} says who holds it. The posted
 * {@code member_id} may only agree; the posted domain is not looked at.
 */
@Component
class InstalledPortals implements Portals {

    private static final Logger log = LoggerFactory.getLogger(InstalledPortals.class);

    private static final Duration TOKEN_LIFE = Duration.ofHours(1);

    private final Bitrix24OAuth oauth;
    private final Bitrix24Rest rest;
    private final PortalStore store;
    private final PortalDirectory directory;
    private final FreshPortalRest portalRest;
    private final Registration registration;
    private final ApplicationEventPublisher events;

    InstalledPortals(
            Bitrix24OAuth oauth,
            Bitrix24Rest rest,
            PortalStore store,
            PortalDirectory directory,
            FreshPortalRest portalRest,
            Registration registration,
            ApplicationEventPublisher events) {
        this.oauth = oauth;
        this.rest = rest;
        this.store = store;
        this.directory = directory;
        this.portalRest = portalRest;
        this.registration = registration;
        this.events = events;
    }

    @Override
    public Optional<Portal> find(TenantId tenant) {
        return TenantContext.call(tenant, store::find);
    }

    @Override
    public List<TenantId> active() {
        return directory.active();
    }

    @Override
    public PortalUser install(PageGrant grant) {
        Caller caller = prove(grant);
        return TenantContext.call(caller.user().tenant(), () -> {
            Optional<AppKeys> stored = store.read(row -> row.flatMap(store::keys));
            install(caller, knownApp(caller, stored), grant.applicationToken(), grant.language());
            return caller.user();
        });
    }

    @Override
    public PortalUser installLocalApp(PageGrant grant, String clientSecret) {
        Caller caller = prove(grant);
        if (isConfigured(caller.clientId())) {
            return install(grant);
        }
        requireLocal(caller);
        String refreshToken = caller.tokens().refreshToken();
        if (refreshToken == null || clientSecret.isBlank()) {
            throw new SignInRefused(Reason.LOCAL_APP_SECRET_WRONG, "nothing to try the secret with");
        }
        AppKeys keys = new AppKeys(caller.clientId(), clientSecret.strip(), true);
        TokenPair pair;
        try {
            pair = oauth.refresh(keys.clientId(), clientSecret.strip(), refreshToken);
        } catch (Bitrix24Exception e) {
            // A grant that has died says nothing of the secret: the page must be opened again.
            throw new SignInRefused(
                    e.kind() != Kind.SUSPEND
                            ? Reason.BITRIX24_FAILED
                            : e.code().equalsIgnoreCase("invalid_grant")
                                    ? Reason.NOT_PROVED
                                    : Reason.LOCAL_APP_SECRET_WRONG,
                    e);
        }
        if (!pair.memberId().equals(caller.user().memberId())) {
            throw new SignInRefused(Reason.NOT_PROVED, "the refreshed tokens belong to another portal");
        }
        TenantContext.run(
                caller.user().tenant(),
                () -> install(caller.with(Tokens.of(pair)), keys, grant.applicationToken(), grant.language()));
        return caller.user();
    }

    @Override
    public void install(PortalEvent event) {
        PortalEvent.Auth auth = event.auth();
        if (auth == null || auth.accessToken() == null) {
            throw new SignInRefused(Reason.NOT_PROVED, "the event brings no access token");
        }
        JsonNode language = event.data().path("LANGUAGE_ID");
        install(new PageGrant(
                auth.accessToken(),
                auth.refreshToken(),
                auth.expiresIn() == null ? null : auth.expiresIn().toString(),
                event.memberId(),
                event.domain(),
                language.isString() ? language.asString() : null,
                event.applicationToken(),
                auth.scope(),
                auth.status()));
    }

    @Override
    public void close(TenantId tenant) {
        TenantContext.run(tenant, () -> {
            registration.withdraw(portalRest);
            store.locked(found -> {
                found.ifPresent(row -> store.uninstall(row, PortalStore.KEPT_AFTER_CLOSING, Instant.now()));
                return true;
            });
            portalRest.forget(tenant);
            log.info("portal {} was closed by its admin, to be erased", tenant);
        });
    }

    @Override
    public PortalUser signIn(PageGrant grant) {
        Caller caller = prove(grant);
        return TenantContext.call(caller.user().tenant(), () -> signIn(caller, blankToNull(grant.applicationToken())));
    }

    /**
     * Signs in from outside the iframe, with tokens that the authorization server itself has just given for this app;
     * installs the portal where an admin comes who has not.
     *
     * @param keys the app that the tokens were given to
     */
    PortalUser signIn(TokenPair pair, AppKeys keys) {
        Caller caller = caller(
                pair.memberId(),
                pair.clientEndpoint(),
                keys.clientId(),
                pair.scope(),
                pair.status(),
                Tokens.of(pair),
                null);
        return TenantContext.call(caller.user().tenant(), () -> {
            boolean installed = store.read(row -> row.filter(PortalConfig::isInstalled)
                    .flatMap(store::keys)
                    .filter(known -> known.clientId().equals(keys.clientId()))
                    .isPresent());
            if (!installed && caller.user().admin()) {
                install(caller, keys, null, null);
                return caller.user();
            }
            return signIn(caller, null);
        });
    }

    private PortalUser signIn(Caller caller, @Nullable String applicationToken) {
        boolean revived = store.locked(found -> {
            PortalConfig row = found.filter(PortalConfig::isInstalled)
                    .filter(portal -> store.keys(portal)
                            .filter(keys -> keys.clientId().equals(caller.clientId()))
                            .isPresent())
                    .orElseThrow(() -> new SignInRefused(Reason.NOT_INSTALLED, "the portal has not installed the app"));
            if (caller.user().admin()) {
                // The app acts with an admin's tokens, and an admin's word counts for the application token: what a
                // browser posts, anybody in the portal could have put there.
                return store.visited(row, caller, applicationToken);
            }
            row.movedTo(caller.clientEndpoint());
            // Who was an admin may be none any more: what they opened then must not go on working.
            store.signOut(caller.user());
            return false;
        });
        portalRest.forget(caller.user().tenant());
        if (revived) {
            events.publishEvent(new PortalResumed(caller.user().tenant()));
        }
        return caller.user();
    }

    private void install(Caller caller, AppKeys keys, @Nullable String applicationToken, @Nullable String language) {
        if (!caller.user().admin()) {
            store.signOut(caller.user());
            throw new SignInRefused(Reason.NOT_ADMIN, "the user may not install apps");
        }
        TenantId tenant = caller.user().tenant();
        Locale agents = language == null || language.isBlank()
                ? null
                : PortalLanguage.of(language).locale();
        store.install(caller, keys, blankToNull(applicationToken), agents);
        portalRest.forget(tenant);
        try {
            registration.register(caller.clientEndpoint(), caller.tokens().accessToken());
        } catch (Bitrix24Exception e) {
            throw new SignInRefused(Reason.BITRIX24_FAILED, e);
        }
        log.info("portal {} at {} is installed", tenant, caller.clientEndpoint().getHost());
        events.publishEvent(new PortalResumed(tenant));
    }

    /**
     * Which app it is that speaks. Without this check any other app that a portal has installed could show its own
     * tokens here and be let in.
     */
    private AppKeys knownApp(Caller caller, Optional<AppKeys> stored) {
        if (isConfigured(caller.clientId())) {
            return store.configuredKeys().orElseThrow();
        }
        requireLocal(caller);
        return stored.filter(AppKeys::own)
                .filter(keys -> keys.clientId().equals(caller.clientId()) && keys.clientSecret() != null)
                .orElseThrow(() ->
                        new SignInRefused(Reason.LOCAL_APP_SECRET_NEEDED, "a local app whose secret is not known"));
    }

    /** A local app is made by the portal's own admins; only they could have let it speak for the portal. */
    private static void requireLocal(Caller caller) {
        if (!"L".equalsIgnoreCase(caller.appStatus()) && !caller.clientId().startsWith("local.")) {
            log.warn(
                    "portal {}: a token of the app {} was shown, which is not ours",
                    caller.user().tenant(),
                    caller.clientId());
            throw new SignInRefused(Reason.NOT_PROVED, "the token was given to another app");
        }
    }

    private boolean isConfigured(String clientId) {
        return store.configuredKeys()
                .filter(keys -> keys.clientId().equals(clientId))
                .isPresent();
    }

    private Caller prove(PageGrant grant) {
        if (grant.authId().isBlank()) {
            throw new SignInRefused(Reason.NOT_PROVED, "no access token");
        }
        AppInfo app;
        try {
            app = oauth.appInfo(grant.authId());
        } catch (Bitrix24Exception e) {
            throw new SignInRefused(
                    switch (e.kind()) {
                        case REFUSE, REFRESH -> Reason.NOT_PROVED;
                        case SUSPEND ->
                            e.code().equalsIgnoreCase("NOT_INSTALLED") ? Reason.NOT_INSTALLED : Reason.BITRIX24_FAILED;
                        case RETRY, LIMIT -> Reason.BITRIX24_FAILED;
                    },
                    e);
        }
        String clientId = app.clientId();
        if (clientId == null) {
            throw new SignInRefused(Reason.NOT_PROVED, "the authorization server does not name the token's app");
        }
        String posted = blankToNull(grant.memberId());
        if (posted != null && !posted.equals(app.memberId())) {
            throw new SignInRefused(Reason.NOT_PROVED, "the token belongs to another portal");
        }
        return caller(
                app.memberId(),
                app.clientEndpoint(),
                clientId,
                app.scope().isEmpty() ? blankToNull(grant.applicationScope()) : String.join(",", app.scope()),
                app.status() == null ? blankToNull(grant.status()) : app.status(),
                new Tokens(
                        grant.authId(), blankToNull(grant.refreshId()), expiry(grant.authExpires(), app.expiresAt())),
                blankToNull(grant.language()));
    }

    private Caller caller(
            String memberId,
            URI clientEndpoint,
            String clientId,
            @Nullable String scope,
            @Nullable String appStatus,
            Tokens tokens,
            @Nullable String language) {
        JsonNode profile;
        try {
            profile = rest.call(clientEndpoint, tokens.accessToken(), "profile", Map.of());
        } catch (Bitrix24Exception e) {
            throw new SignInRefused(
                    e.kind() == Kind.REFUSE || e.kind() == Kind.REFRESH ? Reason.NOT_PROVED : Reason.BITRIX24_FAILED,
                    e);
        }
        String userId = profile.path("ID").asString("");
        if (userId.isBlank()) {
            // An empty list: the answer for a user who was dismissed.
            throw new SignInRefused(Reason.NOT_PROVED, "the portal does not know the token's user");
        }
        TenantId tenant = TenantId.ofMember(memberId);
        String name = (profile.path("NAME").asString("") + " "
                        + profile.path("LAST_NAME").asString(""))
                .strip();
        Locale locale = language != null
                ? PortalLanguage.of(language).locale()
                : find(tenant).map(Portal::language).orElse(Locale.ENGLISH);
        return new Caller(
                new PortalUser(
                        tenant,
                        memberId,
                        userId,
                        name.isEmpty() ? "#" + userId : name,
                        profile.path("ADMIN").asBoolean(false),
                        PortalConfig.portalUrl(clientEndpoint),
                        locale),
                clientEndpoint,
                clientId,
                scope,
                appStatus,
                blankToNull(profile.path("TIME_ZONE").asString("")),
                tokens);
    }

    /** The posted lifetime may shorten what the authorization server says, not lengthen it. */
    private static Instant expiry(@Nullable String posted, @Nullable Instant proved) {
        Instant now = Instant.now();
        Duration life = TOKEN_LIFE;
        if (posted != null && posted.matches("[0-9]{1,6}")) {
            Duration said = Duration.ofSeconds(Long.parseLong(posted));
            life = said.compareTo(life) < 0 ? said : life;
        }
        Instant end = now.plus(life);
        return proved != null && proved.isAfter(now) && proved.isBefore(end) ? proved : end;
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }
}
