package io.zaptrix.meta;

import io.zaptrix.meta.GraphException.Kind;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Meta's error codes and what each means for the request that met it. The codes are those of "Error codes" in Meta's
 * WhatsApp documentation and of "Handling errors" in that of the Graph API; Meta asks to go by the code and not by the
 * HTTP status or the subcode.
 */
final class GraphErrors {

    /**
     * The request's object does not exist or is not the token's to see: with code 100, the number or account is gone.
     */
    static final int NO_SUCH_OBJECT = 33;

    static final int INVALID_PARAMETER = 100;

    /** The id is no object's. */
    static final int UNKNOWN_ALIAS = 803;

    private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(1);

    /** By the first code of a range; a range ends where the next key begins. */
    private static final TreeMap<Integer, Entry> TABLE = new TreeMap<>();

    /** How long a limit lasts when Meta does not say. */
    private static final Map<Integer, Duration> LIMITS = Map.of(
            // The pair limit: one message in six seconds to the same user.
            131056, Duration.ofSeconds(6),
            // 80 messages a second from one number.
            130429, Duration.ofSeconds(1),
            80007, Duration.ofMinutes(5),
            // Earned by blocks and complaints, not by speed.
            131048, Duration.ofMinutes(15),
            131064, Duration.ofMinutes(15));

    static {
        // The Graph API itself, and the access token.
        put(Kind.SUSPEND, 0, 3, 10, NO_SUCH_OBJECT, 102, 104, 190, 368, 803);
        put(Kind.RETRY, 1, 2);
        put(Kind.LIMIT, 4, 17, 32, 613, 80007);
        put(Kind.REFUSE, INVALID_PARAMETER);
        range(Kind.SUSPEND, 200, 299);
        // Throughput, pair limit, spam limit.
        put(Kind.LIMIT, 130429, 131056, 131048, 131064);
        // The account: locked, no permission, name not approved, payment, not registered.
        put(Kind.SUSPEND, 131005, 131031, 131037, 131042, 131044, 131045);
        // Something went wrong, service unavailable, being moved to a higher throughput or under maintenance.
        put(Kind.RETRY, 131000, 131016, 131057, 133004, 2494100);
        // Registration of the number; 133010 is what a number says that was never registered.
        put(Kind.SUSPEND, 133000, 133005, 133006, 133008, 133009, 133010);
        put(Kind.LIMIT, 133015, 133016);
        // This message: parameters, own number, undeliverable, not on the test number's list, window closed,
        // experiment,
        // engagement limit, stopped marketing, country, type, media, user id or identity key.
        put(Kind.REFUSE, 131008, 131009, 131021, 131026, 131030, 131047, 130472, 131049, 131050, 130497);
        put(Kind.REFUSE, 131051, 131052, 131053, 131062, 131063, 137000, 135000);
        // Templates and flows.
        range(Kind.REFUSE, 132000, 132999);
    }

    private GraphErrors() {}

    /** What the code means, or nothing if it is not in the table. */
    static Optional<Kind> kindOf(int code) {
        Map.Entry<Integer, Entry> found = TABLE.floorEntry(code);
        return found == null || code > found.getValue().last()
                ? Optional.empty()
                : Optional.of(found.getValue().kind());
    }

    /** How long to leave a limit alone when Meta does not say. */
    static Duration limit(int code) {
        return LIMITS.getOrDefault(code, DEFAULT_LIMIT);
    }

    /**
     * What an answer means that carries a Graph error.
     *
     * @param isTransient Meta's own word that repeating may help
     */
    static Kind judge(int httpStatus, int code, int subcode, boolean isTransient) {
        if (code == INVALID_PARAMETER && subcode == NO_SUCH_OBJECT) {
            return Kind.SUSPEND;
        }
        Kind kind = kindOf(code).orElseGet(() -> byStatus(httpStatus));
        return kind == Kind.REFUSE && isTransient ? Kind.RETRY : kind;
    }

    /** The safe guess for a code nobody knows: Graph answered, so nothing was sent. */
    private static Kind byStatus(int httpStatus) {
        if (httpStatus == 429) {
            return Kind.LIMIT;
        }
        return httpStatus >= 500 ? Kind.RETRY : Kind.REFUSE;
    }

    private static void put(Kind kind, int... codes) {
        for (int code : codes) {
            range(kind, code, code);
        }
    }

    private static void range(Kind kind, int first, int last) {
        if (TABLE.put(first, new Entry(last, kind)) != null) {
            throw new IllegalStateException("code " + first + " is in the table twice");
        }
    }

    private record Entry(int last, Kind kind) {}
}
