package io.zaptrix.outbound;

import io.zaptrix.platform.CleanText;
import io.zaptrix.platform.Phrases;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an agent is told in the chat when a message did not reach the customer, or may not have, and what to do then.
 * The codes are those of "Error codes" in Meta's WhatsApp documentation and of "Handling errors" in that of the Graph
 * API that a text message can meet, in the answer to sending it or later in a status.
 */
final class RefusalTexts {

    private static final Phrases PHRASES = new Phrases("messages/outbound");
    private static final String SIGN = "\u26a0\ufe0f ";
    private static final int LONGEST_DETAILS = 300;

    /** The sentence of each code. */
    private static final Map<Integer, String> SENTENCES = new TreeMap<>();

    /** The sentences of which only Meta's own words say what exactly is wrong. */
    private static final Set<String> NEED_DETAILS = Set.of("unknown", "parameter", "template", "media");

    static {
        put("token", 0, 102, 104, 190);
        put("permission", 3, 10, 131005);
        put("number.gone", 33, 803);
        put("temporary", 1, 2, 131000, 131016, 131057, 133004, 2494100);
        put("busy", 4, 17, 32, 613, 80007, 130429);
        put("pair", 131056);
        put("spam", 131048, 131064);
        put("locked", 368, 131031);
        put("payment", 131042, 131044);
        put("name", 131037);
        put("registration", 131045, 133000, 133005, 133006, 133008, 133009, 133010, 133015, 133016);
        put("window", 131047);
        put("undeliverable", 131026);
        put("ecosystem", 131049);
        put("optedout", 131050);
        put("experiment", 130472);
        put("country", 130497);
        put("allowed", 131030);
        put("self", 131021);
        put("identity", 137000);
        put("username", 131062);
        put("type", 131051);
        put("media", 131052, 131053);
        put("parameter", 100, 131008, 131009, 135000);
        put("template", 131063, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018, 132068, 132069);
    }

    private RefusalTexts() {}

    /**
     * Says why WhatsApp refused a message and what to do.
     *
     * @param code Meta's, any number
     * @param details Meta's {@code error_data.details}, or its message where there are none; given to the agent where
     *     they say what exactly is wrong
     * @param language of the portal; what is not Brazilian Portuguese, Spanish or Russian is English
     * @return a line for {@code im.message.add}, without markup, ending in the code
     */
    static String of(int code, @Nullable String details, Locale language) {
        String sentence = sentence(code);
        StringBuilder text = new StringBuilder(SIGN)
                .append(PHRASES.say(language, sentence))
                .append(" (WhatsApp ")
                .append(code)
                .append(')');
        String words = details == null ? "" : readable(details);
        if (!words.isEmpty() && NEED_DETAILS.contains(sentence)) {
            text.append('\n').append(PHRASES.say(language, "details", words));
        }
        return text.toString();
    }

    /** The agent changed a message that WhatsApp has already taken, which changes nothing for the customer. */
    static String edited(Locale language) {
        return SIGN + PHRASES.say(language, "edited");
    }

    /** The agent deleted a message that WhatsApp has already taken, which changes nothing for the customer. */
    static String deleted(Locale language) {
        return SIGN + PHRASES.say(language, "deleted");
    }

    /**
     * Says that the portal did not give a file out.
     *
     * @param name as the agent sees it
     * @param language as for {@link #of}
     */
    static String fileLost(String name, Locale language) {
        return SIGN + PHRASES.say(language, "file.lost", readable(name));
    }

    /**
     * Says that nobody knows whether a message was sent, since the gateway was interrupted meanwhile.
     *
     * @param language as for {@link #of}
     */
    static String uncertain(Locale language) {
        return SIGN + PHRASES.say(language, "uncertain");
    }

    /**
     * Says that a message was given up after 24 hours of trying.
     *
     * @param language as for {@link #of}
     */
    static String undelivered24h(Locale language) {
        return SIGN + PHRASES.say(language, "undelivered");
    }

    /** The codes that have a sentence of their own; those of ranges are not listed. */
    static Set<Integer> codes() {
        return Collections.unmodifiableSet(SENTENCES.keySet());
    }

    private static String sentence(int code) {
        String own = SENTENCES.get(code);
        if (own != null) {
            return own;
        }
        if (code >= 200 && code <= 299) {
            return "permission";
        }
        return code >= 132000 && code <= 132999 ? "template" : "unknown";
    }

    /** Meta may repeat in its words what the agent wrote, which must not become markup. */
    private static String readable(String details) {
        String line = CleanText.of(details)
                .replace('\n', ' ')
                .replace('[', '(')
                .replace(']', ')')
                .replace("&", "&\u200b")
                .strip();
        int most = Math.min(line.codePointCount(0, line.length()), LONGEST_DETAILS);
        String start = line.substring(0, line.offsetByCodePoints(0, most));
        return start.length() < line.length() ? start + "\u2026" : start;
    }

    private static void put(String sentence, int... codes) {
        for (int code : codes) {
            if (SENTENCES.put(code, sentence) != null) {
                throw new IllegalStateException("code " + code + " has two sentences");
            }
        }
    }
}
