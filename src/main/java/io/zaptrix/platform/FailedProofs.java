package io.zaptrix.platform;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Who has failed too often of late to prove who they are. For doors at which each try costs something (a question to
 * another server, a guess at a password): only failures count, so that whoever succeeds is never slowed down by how
 * often they come. Kept in memory, by each replica for itself.
 *
 * <p>Not for webhooks whose proof is in the request: looking at it costs less than remembering who failed, and an
 * attacker who makes Meta or Bitrix24 themselves send what proves nothing (an app or a portal of their own) would shut
 * the door on the real ones, which come from the same addresses.
 */
@Component
public class FailedProofs {

    /** How long a failure counts, from the first of a row. */
    public static final Duration REMEMBERED = Duration.ofMinutes(1);

    /** Clients whose failures are known at a time; beyond, the longest unseen are forgotten. */
    private static final int CLIENTS = 50_000;

    private final Cache<String, AtomicInteger> failures = Caffeine.newBuilder()
            .expireAfterWrite(REMEMBERED)
            .maximumSize(CLIENTS)
            .build();
    private final MeterRegistry meters;

    FailedProofs(MeterRegistry meters) {
        this.meters = meters;
    }

    /**
     * Whether {@code client} has failed {@code limit} times or more at {@code door} within the last minute. Who is told
     * so is counted ({@code zaptrix.http.throttled}).
     *
     * @param door a fixed word, the metric's label
     */
    public boolean tooMany(String door, String client, int limit) {
        AtomicInteger count = failures.getIfPresent(door + " " + client);
        if (count == null || count.get() < limit) {
            return false;
        }
        Counter.builder("zaptrix.http.throttled")
                .description("Requests refused unseen, as their client had failed too often")
                .tag("door", door)
                .register(meters)
                .increment();
        return true;
    }

    public void count(String door, String client) {
        failures.get(door + " " + client, first -> new AtomicInteger()).incrementAndGet();
    }

    /**
     * From where a request comes: an IPv4 address, or the first 64 bits of an IPv6 one, which is what one household
     * has. The container has taken it from {@code X-Forwarded-For} only where the connection is from a proxy inside.
     */
    public static String client(HttpServletRequest request) {
        @Nullable String address = request.getRemoteAddr();
        if (address == null || address.indexOf(':') < 0) {
            return String.valueOf(address);
        }
        try {
            InetAddress parsed = Inet6Address.ofLiteral(address);
            return parsed instanceof Inet6Address six
                    ? HexFormat.of().formatHex(Arrays.copyOf(six.getAddress(), 8)) + "::/64"
                    : parsed.getHostAddress();
        } catch (IllegalArgumentException noAddress) {
            return address;
        }
    }
}
