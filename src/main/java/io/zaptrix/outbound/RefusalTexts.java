package io.zaptrix.outbound;

import io.zaptrix.meta.MessageTemplate;
import io.zaptrix.platform.CleanText;
import io.zaptrix.platform.Phrases;
import java.util.Collections;
import java.util.List;
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
    private static final String SENT = "\u2705 ";
    private static final int LONGEST_DETAILS = 300;
    private static final int LONGEST_LIST = 20;
    private static final int LONGEST_BODY = 80;

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

    /**
     * Says that a message came after the customer service window had closed, and what can be done.
     *
     * @param saidByMeta whether Meta refused it; else nobody asked Meta
     * @param language as for {@link #of}
     */
    static String tooLate(Reopening.Offered offered, boolean saidByMeta, Locale language) {
        String name = offered.template() == null ? "" : offered.template();
        return (saidByMeta ? of(Reopening.WINDOW_CLOSED, null, language) : SIGN + PHRASES.say(language, "window"))
                + "\n"
                + switch (offered.offer()) {
                    case ANY -> PHRASES.say(language, "offer.any", TemplateCommand.WORD);
                    case CHOSEN -> PHRASES.say(language, "offer.chosen", TemplateCommand.WORD + " " + name);
                    case SENDING -> PHRASES.say(language, "offer.sending", name);
                    case SENT_BEFORE -> PHRASES.say(language, "offer.sent", name);
                };
    }

    /** Says which template went out, and its words. */
    static String templateSent(MessageTemplate template, List<String> values, Locale language) {
        return SENT
                + PHRASES.say(language, "template.sent", template.name())
                + "\n" + readable(template.filled(values));
    }

    /** Lists what can be sent by the command. */
    static String templateList(List<MessageTemplate> sendable, Locale language) {
        if (sendable.isEmpty()) {
            return SIGN + PHRASES.say(language, "template.none");
        }
        StringBuilder text = new StringBuilder(PHRASES.say(language, "template.list", TemplateCommand.WORD));
        for (MessageTemplate template : sendable.subList(0, Math.min(LONGEST_LIST, sendable.size()))) {
            text.append("\n\u2022 ")
                    .append(template.name())
                    .append(" (")
                    .append(template.language())
                    .append("): ")
                    .append(readable(template.body(), LONGEST_BODY));
        }
        return text.append(sendable.size() > LONGEST_LIST ? "\n\u2026" : "").toString();
    }

    static String templateUnknown(String name, List<MessageTemplate> sendable, Locale language) {
        return SIGN + PHRASES.say(language, "template.unknown", readable(name)) + "\n"
                + templateList(sendable, language);
    }

    static String templateNotApproved(MessageTemplate template, List<MessageTemplate> sendable, Locale language) {
        return SIGN
                + PHRASES.say(language, "template.not_approved", template.name(), readable(template.status()))
                + "\n" + templateList(sendable, language);
    }

    static String templateNeedsValues(MessageTemplate template, int count, Locale language) {
        StringBuilder example = new StringBuilder(TemplateCommand.WORD + " " + template.name());
        for (int i = 1; i <= count; i++) {
            example.append(" \"").append(i).append('"');
        }
        return SIGN
                + PHRASES.say(
                        language,
                        count == 0 ? "template.no_values" : "template.values",
                        template.name(),
                        Integer.toString(count),
                        example.toString())
                + "\n" + readable(template.body());
    }

    static String templateNeedsMore(MessageTemplate template, Locale language) {
        return SIGN + PHRASES.say(language, "template.needs_more", template.name());
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
        return readable(details, LONGEST_DETAILS);
    }

    private static String readable(String details, int longest) {
        String line = CleanText.of(details)
                .replace('\n', ' ')
                .replace('[', '(')
                .replace(']', ')')
                .replace("&", "&\u200b")
                .strip();
        int most = Math.min(line.codePointCount(0, line.length()), longest);
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
