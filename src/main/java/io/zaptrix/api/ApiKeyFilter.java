package io.zaptrix.api;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.operations.Problems;
import io.zaptrix.platform.FailedProofs;
import io.zaptrix.platform.TenantRequest;
import io.zaptrix.portal.Flag;
import io.zaptrix.portal.Flags;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Proves a program by {@code Authorization: Bearer} (RFC 6750), holds it to its pace, and binds the request to its
 * tenant for as long as it lasts. A key in an address would end in logs, and is not looked for there.
 */
class ApiKeyFilter extends OncePerRequestFilter {

    private static final Logger log = LoggerFactory.getLogger(ApiKeyFilter.class);

    private static final String SCHEME = "bearer ";

    private static final String DOOR = "api";

    /**
     * Keys of nobody's within a minute from one address, each of which the database was asked for. One address may be
     * that of a service that works for many companies: those whose keys are remembered get in all the same.
     */
    static final int MOST_FAILURES = 60;

    private final KnownKeys keys;
    private final Flags flags;
    private final RateLimits limits;
    private final FailedProofs failures;
    private final MeterRegistry metrics;

    ApiKeyFilter(KnownKeys keys, Flags flags, RateLimits limits, FailedProofs failures, MeterRegistry metrics) {
        this.keys = keys;
        this.flags = flags;
        this.limits = limits;
        this.failures = failures;
        this.metrics = metrics;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String key = bearer(request);
        Optional<KeyText> readable = key == null ? Optional.empty() : KeyText.read(key);
        boolean costs = readable.isPresent() && !keys.remembers(readable.get().tenant());
        String client = FailedProofs.client(request);
        if (costs && failures.tooMany(DOOR, client, MOST_FAILURES)) {
            response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(FailedProofs.REMEMBERED.toSeconds()));
            refuse(request, response, ApiProblem.Type.RATE_LIMITED);
            return;
        }
        Optional<ApiCaller> caller;
        boolean on;
        try {
            caller = readable.flatMap(keys::find);
            on = caller.isEmpty() || flags.isOn(caller.get().tenant(), Flag.API);
        } catch (DataAccessException | TransactionException away) {
            log.warn("A key cannot be looked up: {}", away.getMessage());
            response.setHeader(HttpHeaders.RETRY_AFTER, "5");
            refuse(request, response, ApiProblem.Type.UNAVAILABLE);
            return;
        }
        if (caller.isEmpty()) {
            if (costs) {
                failures.count(DOOR, client);
            }
            response.setHeader(
                    HttpHeaders.WWW_AUTHENTICATE,
                    "Bearer realm=\"zaptrix\"" + (key == null ? "" : ", error=\"invalid_token\""));
            refuse(request, response, ApiProblem.Type.UNAUTHORIZED);
            return;
        }
        if (!on) {
            refuse(request, response, ApiProblem.Type.SWITCHED_OFF);
            return;
        }
        RateLimits.Verdict verdict = limits.ask(caller.get().keyId());
        verdict.tell(response);
        if (!verdict.allowed()) {
            response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(verdict.nextIn()));
            refuse(request, response, ApiProblem.Type.RATE_LIMITED);
            return;
        }
        carryOn(caller.get(), request, response, chain);
    }

    private static @Nullable String bearer(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.toLowerCase(Locale.ROOT).startsWith(SCHEME)
                ? header.substring(SCHEME.length()).strip()
                : null;
    }

    private void refuse(HttpServletRequest request, HttpServletResponse response, ApiProblem.Type type)
            throws IOException {
        metrics.counter("zaptrix.api.refused", "reason", type.name().toLowerCase(Locale.ROOT))
                .increment();
        Problems.write(request, response, type.problem());
    }

    private static void carryOn(
            ApiCaller caller, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        PreAuthenticatedAuthenticationToken who = new PreAuthenticatedAuthenticationToken(caller, "", List.of());
        context.setAuthentication(who);
        SecurityContextHolder.setContext(context);
        try {
            TenantRequest.carryOn(caller.tenant(), chain, request, response);
        } finally {
            SecurityContextHolder.clearContext();
        }
    }
}
