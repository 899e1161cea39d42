package io.zaptrix.meta;

import io.zaptrix.meta.GraphException.Kind;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Meta's error codes, what each means for the request that met it, and what a person can do about it: the one place
 * where that is decided. Meta asks to go by the code and not by the HTTP status or the subcode.
 *
 * <p>Sources: "Error codes" in Meta's documentation of the WhatsApp Business Platform, "Handling errors" in that of the
 * Graph API, the pages "Errors" of groups, calls, flows, block users and usernames there, and the examples of Meta's
 * OpenAPI description. The same codes come in answers and, after an acceptance, in {@code failed} statuses.
 *
 * <p>A code that is not here is judged by the HTTP status of its answer, or refused where there is none, and counted
 * ({@code zaptrix.meta.unknown.error}).
 */
public final class GraphErrors {

    /**
     * The request's object does not exist or is not the token's to see: with code 100, the number or account is gone.
     */
    static final int NO_SUCH_OBJECT = 33;

    static final int INVALID_PARAMETER = 100;

    /** What a person can do about it; the words for it are with whoever shows them. */
    public enum Advice {
        TOKEN,
        PERMISSION,
        NUMBER_GONE,
        TEMPORARY,
        BUSY,
        PAIR,
        SPAM,
        LOCKED,
        PAYMENT,
        NAME,
        REGISTRATION,
        WINDOW,
        UNDELIVERABLE,
        ECOSYSTEM,
        OPTEDOUT,
        EXPERIMENT,
        COUNTRY,
        ALLOWED,
        SELF,
        IDENTITY,
        USERNAME,
        TYPE,
        MEDIA,
        PARAMETER,
        TEMPLATE,
        FLOW,
        TERMS,
        GROUP,
        CALL,
        SETUP,
        /** Of codes that are not in the table. */
        UNKNOWN;

        /** Its name for files of texts, such as {@code number.gone}. */
        public String key() {
            return name().toLowerCase(Locale.ROOT).replace('_', '.');
        }
    }

    /** The id is no object's. */
    static final int UNKNOWN_ALIAS = 803;

    private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(1);

    /** By the first code of a range; a range ends where its entry says. */
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
            131064, Duration.ofMinutes(15),
            // Ten attempts in 72 hours.
            133016, Duration.ofHours(1));

    static {
        // The access token, and what it may do.
        put(Kind.SUSPEND, Advice.TOKEN, 0, 102, 104, 190);
        put(Kind.SUSPEND, Advice.PERMISSION, 3, 10, 131005);
        range(Kind.SUSPEND, Advice.PERMISSION, 200, 299);
        put(Kind.SUSPEND, Advice.NUMBER_GONE, NO_SUCH_OBJECT, 803);
        // Meta's own trouble. Code 1 may be a bad request as well; nothing was sent.
        put(Kind.RETRY, Advice.TEMPORARY, 1, 2, 131000, 131016);
        // Being moved to a higher throughput, or to another server; under maintenance.
        put(Kind.RETRY, Advice.TEMPORARY, 131057, 133004, 2494100);
        // Calls: of the app, of the user, of a page, of one edge, of the account. Messages: of the number.
        put(Kind.LIMIT, Advice.BUSY, 4, 17, 32, 613, 80007, 130429);
        put(Kind.LIMIT, Advice.PAIR, 131056);
        put(Kind.LIMIT, Advice.SPAM, 131048, 131064);
        // The account.
        put(Kind.SUSPEND, Advice.LOCKED, 368, 131031);
        put(Kind.SUSPEND, Advice.PAYMENT, 131042, 131044);
        put(Kind.SUSPEND, Advice.NAME, 131037);
        put(Kind.REFUSE, Advice.TERMS, 134011);
        // Marketing messages by their own endpoint: not accepted, not eligible, no campaign.
        range(Kind.REFUSE, Advice.TERMS, 134100, 134102);
        // Registration of the number; 133010 is what a number says that was never registered.
        put(Kind.SUSPEND, Advice.REGISTRATION, 131045, 133000, 133005, 133006, 133008, 133009, 133010);
        put(Kind.LIMIT, Advice.REGISTRATION, 133015, 133016);
        // This message, or this customer.
        put(Kind.REFUSE, Advice.WINDOW, 131047);
        put(Kind.REFUSE, Advice.UNDELIVERABLE, 131026);
        put(Kind.REFUSE, Advice.ECOSYSTEM, 131049);
        put(Kind.REFUSE, Advice.OPTEDOUT, 131050);
        put(Kind.REFUSE, Advice.EXPERIMENT, 130472);
        put(Kind.REFUSE, Advice.COUNTRY, 130497);
        put(Kind.REFUSE, Advice.ALLOWED, 131030);
        put(Kind.REFUSE, Advice.SELF, 131021);
        put(Kind.REFUSE, Advice.IDENTITY, 137000);
        put(Kind.REFUSE, Advice.USERNAME, 131062);
        put(Kind.REFUSE, Advice.TYPE, 131051, 131055);
        put(Kind.REFUSE, Advice.MEDIA, 131052, 131053);
        put(Kind.REFUSE, Advice.PARAMETER, INVALID_PARAMETER, 131008, 131009, 135000, 2500);
        // Templates: number of variables, name, length, policy, format, pause, end; 131063 is that of a wrong category.
        put(Kind.REFUSE, Advice.TEMPLATE, 131063);
        range(Kind.REFUSE, Advice.TEMPLATE, 132000, 132067);
        // Flows: blocked, throttled; and what publishing one may meet.
        range(Kind.REFUSE, Advice.FLOW, 132068, 132069);
        range(Kind.REFUSE, Advice.TEMPLATE, 132070, 132999);
        range(Kind.REFUSE, Advice.FLOW, 139000, 139004);
        // Groups: no such group, its members, its picture, its limits.
        put(Kind.REFUSE, Advice.GROUP, 131020, 131041, 131059, 131201, 131202, 131204, 131207);
        put(Kind.LIMIT, Advice.GROUP, 131208);
        range(Kind.REFUSE, Advice.GROUP, 131209, 131215);
        // Calls: not switched on, not callable, too many, no permission.
        range(Kind.REFUSE, Advice.CALL, 138000, 138004);
        put(Kind.LIMIT, Advice.CALL, 138005, 138013);
        range(Kind.REFUSE, Advice.CALL, 138006, 138012);
        range(Kind.REFUSE, Advice.CALL, 138014, 138018);
        // What only an administrator's requests meet: blocking users, user names, templates, moving a number.
        range(Kind.REFUSE, Advice.SETUP, 139100, 139103);
        range(Kind.REFUSE, Advice.SETUP, 147001, 147005);
        put(Kind.REFUSE, Advice.SETUP, 2388012, 2388019, 2388040, 2388047, 2388073, 2388091, 2388103, 2388293, 2388299);
        put(Kind.REFUSE, Advice.SETUP, 2593079, 2593085, 2593107, 2593108);
    }

    private GraphErrors() {}

    /** What the code means, or nothing if it is not in the table. */
    static Optional<Kind> kindOf(int code) {
        return Optional.ofNullable(find(code)).map(Entry::kind);
    }

    /** What a person can do about the code; {@link Advice#UNKNOWN} if it is not in the table. */
    public static Advice advice(int code) {
        Entry found = find(code);
        return found == null ? Advice.UNKNOWN : found.advice();
    }

    /** The codes of the table; of a range its first and its last. */
    public static NavigableSet<Integer> codes() {
        NavigableSet<Integer> codes = new TreeSet<>(TABLE.keySet());
        TABLE.values().forEach(entry -> codes.add(entry.last()));
        return codes;
    }

    private static @Nullable Entry find(int code) {
        Map.Entry<Integer, Entry> found = TABLE.floorEntry(code);
        return found == null || code > found.getValue().last() ? null : found.getValue();
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

    private static void put(Kind kind, Advice advice, int... codes) {
        for (int code : codes) {
            range(kind, advice, code, code);
        }
    }

    private static void range(Kind kind, Advice advice, int first, int last) {
        Map.Entry<Integer, Entry> before = TABLE.floorEntry(last);
        if (before != null && before.getValue().last() >= first) {
            throw new IllegalStateException("code " + first + " is in the table twice");
        }
        TABLE.put(first, new Entry(last, kind, advice));
    }

    private record Entry(int last, Kind kind, Advice advice) {}
}
