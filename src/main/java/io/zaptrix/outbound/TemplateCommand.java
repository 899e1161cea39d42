package io.zaptrix.outbound;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an agent writes into the chat to send a template: {@code /template name value "value of several words"}. The
 * name may be followed by a colon and a language: {@code /template welcome:pt_BR}.
 *
 * @param name in lower case, as all names of templates are; empty: the agent wants to know which there are
 * @param language as Meta writes it; null where the agent named none
 * @param values for the template's variables
 * @param rest all that follows the name, as one value
 */
record TemplateCommand(String name, @Nullable String language, List<String> values, String rest) {

    /** As it is shown to agents; the others are the same word in the languages that agents speak. */
    static final String WORD = "/template";

    private static final Pattern COMMAND = Pattern.compile(
            "^\\s*/(?:template|modelo|plantilla|шаблон)(?![\\p{L}\\p{N}_/])\\s*",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

    private static final Pattern VALUE =
            Pattern.compile("\"([^\"]*)\"|\u201c([^\u201d]*)\u201d|\u00ab([^\u00bb]*)\u00bb|(\\S+)");

    private static final Pattern BREAKS = Pattern.compile("[\\s\\p{Zl}\\p{Zp}]+");

    /** @param text BBCode, as {@code ONIMCONNECTORMESSAGEADD} carries it */
    static Optional<TemplateCommand> parse(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        String words = AgentSignature.PATTERN.matcher(text).replaceFirst("");
        Matcher command = COMMAND.matcher(words);
        if (!command.find()) {
            return Optional.empty();
        }
        // The name first: what looks like BBCode's markup of its underscores is none.
        String[] nameAndRest = BREAKS.split(
                words.substring(command.end()).replaceAll("(?i)\\[br]", "\n").strip(), 2);
        String[] nameAndLanguage = nameAndRest[0].split(":", 2);
        String rest = nameAndRest.length < 2
                ? ""
                : BREAKS.matcher(String.join(" ", AgentText.toWhatsApp(nameAndRest[1])))
                        .replaceAll(" ")
                        .strip();
        List<String> values = new ArrayList<>();
        Matcher value = VALUE.matcher(rest);
        while (value.find()) {
            for (int group = 1; group <= value.groupCount(); group++) {
                if (value.group(group) != null) {
                    values.add(value.group(group).strip());
                }
            }
        }
        return Optional.of(new TemplateCommand(
                nameAndLanguage[0].toLowerCase(Locale.ROOT),
                nameAndLanguage.length < 2 || nameAndLanguage[1].isBlank() ? null : nameAndLanguage[1],
                List.copyOf(values),
                rest));
    }

    /** What fills so many variables, if the values do: one takes all that was written. */
    Optional<List<String>> valuesFor(int variables) {
        if (variables == 1 && values.size() > 1) {
            return Optional.of(List.of(rest));
        }
        return values.size() == variables && values.stream().noneMatch(String::isBlank)
                ? Optional.of(values)
                : Optional.empty();
    }
}
