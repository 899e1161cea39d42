package io.zaptrix.outbound;

import io.zaptrix.meta.GraphErrors;
import io.zaptrix.meta.GraphErrors.Advice;
import io.zaptrix.meta.MediaKind;
import io.zaptrix.meta.MessageTemplate;
import io.zaptrix.meta.TemplateMessage;
import io.zaptrix.platform.CleanText;
import io.zaptrix.platform.Phrases;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an agent is told in the chat when a message did not reach the customer, or may not have, and what to do then.
 * Which sentence fits a code of Meta's is in {@link GraphErrors}.
 */
final class RefusalTexts {

    private static final Phrases PHRASES = new Phrases("messages/outbound");
    private static final String SIGN = "\u26a0\ufe0f ";
    private static final String SENT = "\u2705 ";
    private static final String FILE = "\n\ud83d\udcce ";
    private static final String BUTTON = "\n\ud83d\udd17 ";
    private static final int LONGEST_DETAILS = 300;
    private static final int LONGEST_LIST = 20;
    private static final int LONGEST_BODY = 80;
    private static final int LONGEST_TEXT_LINES = 40;

    /** Of which only Meta's own words say what exactly is wrong. */
    private static final Set<Advice> NEED_DETAILS = EnumSet.of(
            Advice.UNKNOWN,
            Advice.PARAMETER,
            Advice.TEMPLATE,
            Advice.MEDIA,
            Advice.FLOW,
            Advice.GROUP,
            Advice.CALL,
            Advice.SETUP);

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
        Advice advice = GraphErrors.advice(code);
        StringBuilder text = new StringBuilder(SIGN)
                .append(PHRASES.say(language, advice.key()))
                .append(" (WhatsApp ")
                .append(code)
                .append(')');
        String words = details == null ? "" : readable(details);
        if (!words.isEmpty() && NEED_DETAILS.contains(advice)) {
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

    /** A customer's file that did not come out of WhatsApp. */
    static String customerFileLost(String name, boolean gone, Locale language) {
        return SIGN + PHRASES.say(language, gone ? "customer.file.gone" : "customer.file.lost", readable(name));
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

    /**
     * Says which template went out, and its words.
     *
     * @param file what the file in its header is called; null where there is none
     */
    static String templateSent(MessageTemplate template, List<String> values, @Nullable String file, Locale language) {
        StringBuilder text = new StringBuilder(SENT).append(PHRASES.say(language, "template.sent", template.name()));
        if (file != null) {
            text.append(FILE).append(readable(file));
        }
        text.append('\n').append(readable(template.filled(values)));
        template.filledButtons(values).forEach(button -> text.append(BUTTON).append(readable(button)));
        return text.toString();
    }

    /** Lists what can be sent by the command. */
    static String templateList(List<MessageTemplate> sendable, Locale language) {
        if (sendable.isEmpty()) {
            return SIGN + PHRASES.say(language, "template.none");
        }
        StringBuilder text = new StringBuilder(PHRASES.say(language, "template.list", TemplateCommand.WORD));
        for (MessageTemplate template : sendable.subList(0, Math.min(LONGEST_LIST, sendable.size()))) {
            text.append("\n\u2022 ").append(template.name()).append(" (").append(template.language());
            MediaKind file = template.headerFile();
            if (file != null) {
                text.append(", \ud83d\udcce ").append(PHRASES.say(language, "template.kind." + file.wireName()));
            }
            text.append("): ").append(readable(template.body(), LONGEST_BODY));
            for (MessageTemplate.AddressButton button : template.buttons()) {
                text.append(" \ud83d\udd17 ").append(readable(button.address(), LONGEST_BODY));
            }
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

    static String templateNeedsValues(MessageTemplate template, Locale language) {
        StringBuilder text = new StringBuilder(SIGN)
                .append(PHRASES.say(
                        language,
                        template.values() == 0 ? "template.no_values" : "template.values",
                        template.name(),
                        Integer.toString(template.values()),
                        example(template)))
                .append('\n')
                .append(readable(template.body()));
        template.buttons()
                .forEach(button -> text.append(BUTTON).append(readable(button.text() + ": " + button.address())));
        return text.toString();
    }

    /** Says which file the template's header takes, and how to send it. */
    static String templateNeedsFile(MessageTemplate template, Locale language) {
        MediaKind kind = Objects.requireNonNull(template.headerFile());
        return SIGN
                + PHRASES.say(language, "template.file." + kind.wireName(), template.name(), example(template))
                + "\n" + readable(template.body());
    }

    static String templateTakesNoFile(MessageTemplate template, Locale language) {
        return SIGN + PHRASES.say(language, "template.no_file", template.name(), example(template));
    }

    /** The command that sends it, with numbers in the place of values. */
    private static String example(MessageTemplate template) {
        StringBuilder example = new StringBuilder(TemplateCommand.WORD + " " + template.name());
        for (int i = 1; i <= template.values(); i++) {
            example.append(" \"").append(i).append('"');
        }
        return example.toString();
    }

    static String templateNeedsMore(MessageTemplate template, Locale language) {
        return SIGN + PHRASES.say(language, "template.needs_more", template.name());
    }

    /** Says what a program of the company wrote to the customer. */
    static String directSent(DirectContent content, Locale language) {
        DirectContent.Template template = content.template();
        if (template != null) {
            TemplateMessage.HeaderFile file = template.headerFile();
            String values = Stream.of(
                            template.header().stream().map(TemplateMessage.Parameter::text),
                            template.body().stream().map(TemplateMessage.Parameter::text),
                            template.buttons().stream().map(TemplateMessage.ButtonValue::text))
                    .flatMap(texts -> texts)
                    .map(value -> readable(value, LONGEST_BODY))
                    .collect(Collectors.joining(" \u00b7 "));
            return SENT
                    + PHRASES.say(language, "direct.template", template.name())
                    + (file == null ? "" : file(file.filename(), file.link()))
                    + (values.isEmpty() ? "" : "\n" + values);
        }
        DirectContent.Media media = content.media();
        if (media == null) {
            return SENT + PHRASES.say(language, "direct.sent") + "\n"
                    + lines(content.text() == null ? "" : content.text().body());
        }
        return SENT
                + PHRASES.say(language, "direct.sent")
                + file(media.filename(), media.link())
                + (media.caption() == null ? "" : "\n" + lines(media.caption()));
    }

    private static String file(@Nullable String name, @Nullable URI link) {
        return FILE + (name != null ? readable(name) : link != null ? readable(link.toString()) : "");
    }

    /** Says that it did not arrive, as {@link #of}. */
    static String directFailed(int code, @Nullable String details, Locale language) {
        return SIGN + PHRASES.say(language, "direct.failed") + "\n" + of(code, details, language);
    }

    private static String lines(String text) {
        return CleanText.of(text)
                .lines()
                .limit(LONGEST_TEXT_LINES)
                .map(RefusalTexts::readable)
                .collect(Collectors.joining("\n"));
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
}
