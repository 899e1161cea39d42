package io.zaptrix.console;

import io.zaptrix.platform.OperatorScope;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * How often somebody may try to sign in: {@value #EACH} times in 15 minutes from one address (of IPv6, one network of
 * 64 bits), {@value #ALL} times from all together. Replicas count together, in the database, and before anything is
 * compared, so that a thousand at the same moment are counted, too. Where somebody has signed in within 30 days the
 * common limit does not count: others cannot lock the operator out.
 */
@Component
class Attempts {

    static final int EACH = 5;
    static final int ALL = 100;

    private static final String EVERYBODY = "*";

    private final JdbcClient jdbc;
    private final OperatorScope scope;

    Attempts(JdbcClient jdbc, OperatorScope scope) {
        this.jdbc = jdbc;
        this.scope = scope;
    }

    private record Count(int failures, Duration left, boolean known) {}

    /**
     * One more try from that address.
     *
     * @param first whether it is the first that is refused
     */
    record Refused(Duration until, boolean first) {}

    /** @return empty: it may be tried */
    Optional<Refused> begin(String client) {
        return scope.call(() -> {
            Count here = count(client);
            if (here.failures() > EACH) {
                return Optional.of(new Refused(here.left(), here.failures() == EACH + 1));
            }
            if (here.known()) {
                return Optional.empty();
            }
            Count everywhere = count(EVERYBODY);
            return everywhere.failures() > ALL
                    ? Optional.of(new Refused(everywhere.left(), everywhere.failures() == ALL + 1))
                    : Optional.empty();
        });
    }

    /** It was no failure, but opens nothing yet. */
    void takeBack(String client) {
        scope.call(() -> jdbc.sql("""
                        update operator_attempt set failures = greatest(failures - 1, 0)
                        where client in (:client, '*')
                        """).param("client", client).update());
    }

    /** Somebody has signed in there. */
    void succeeded(String client) {
        takeBack(client);
        scope.call(() -> jdbc.sql("""
                        update operator_attempt set failures = 0, known_until = now() + interval '30 days'
                        where client = :client
                        """).param("client", client).update());
    }

    void forget() {
        scope.call(() -> jdbc.sql("""
                        delete from operator_attempt
                        where window_ends < now() and (known_until is null or known_until < now())
                        """).update());
    }

    private Count count(String client) {
        return jdbc.sql("""
                        insert into operator_attempt as known (client, failures, window_ends)
                        values (:client, 1, now() + interval '15 minutes')
                        on conflict (client) do update set
                            failures = case when known.window_ends <= now() then 1 else known.failures + 1 end,
                            window_ends = case when known.window_ends <= now() then now() + interval '15 minutes'
                                else known.window_ends end
                        returning failures, ceil(extract(epoch from window_ends - now()))::int as seconds,
                            coalesce(known_until > now(), false) as familiar
                        """)
                .param("client", client)
                .query((row, n) -> new Count(
                        row.getInt("failures"), Duration.ofSeconds(row.getInt("seconds")), row.getBoolean("familiar")))
                .single();
    }

    /** What is counted as one: an address, of IPv6 the network that one customer has. */
    static String client(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        try {
            InetAddress parsed = InetAddress.getByName(address);
            if (parsed instanceof Inet6Address) {
                byte[] bytes = parsed.getAddress();
                for (int i = 8; i < bytes.length; i++) {
                    bytes[i] = 0;
                }
                return InetAddress.getByAddress(bytes).getHostAddress() + "/64";
            }
            return parsed.getHostAddress();
        } catch (UnknownHostException odd) {
            return "odd";
        }
    }
}
