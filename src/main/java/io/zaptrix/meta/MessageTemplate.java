package io.zaptrix.meta;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A template of a WhatsApp Business account, in one language ("Message templates" in Meta's documentation of the
 * Business Management API).
 *
 * @param status Meta's word, such as {@code APPROVED}, {@code PENDING}, {@code REJECTED} or {@code PAUSED}
 * @param category {@code MARKETING}, {@code UTILITY} or {@code AUTHENTICATION}
 * @param header a header's text; null where there is none, or it is no text
 * @param body the body's text, with its variables in double braces
 * @param needsMore what a name and texts cannot give: a header's file or place, an address in a button, a code
 */
public record MessageTemplate(
        String name,
        String language,
        String status,
        String category,
        @Nullable String header,
        String body,
        boolean needsMore) {

    private static final Pattern VARIABLE = Pattern.compile("\\{\\{\\s*([A-Za-z0-9_]{1,60})\\s*}}");

    /** Whether Meta takes it now. */
    public boolean isApproved() {
        return status.equals("APPROVED");
    }

    /** The header's variables, in the order in which they stand there. */
    public List<String> headerVariables() {
        return header == null ? List.of() : variables(header);
    }

    /** The body's variables; numbered ones in the order of their numbers, named ones as they stand there. */
    public List<String> bodyVariables() {
        return variables(body);
    }

    /**
     * The template with its variables filled, as the customer reads it.
     *
     * @param values for the header's variables and then the body's, as many as there are
     */
    public String filled(List<String> values) {
        int inHeader = headerVariables().size();
        String text = fill(body, bodyVariables(), values.subList(inHeader, values.size()));
        return header == null ? text : fill(header, headerVariables(), values.subList(0, inHeader)) + "\n" + text;
    }

    /** The message that sends it; {@code values} as for {@link #filled}. */
    public TemplateMessage message(String to, List<String> values, @Nullable String callbackData) {
        int inHeader = headerVariables().size();
        return new TemplateMessage(
                to,
                name,
                language,
                parameters(headerVariables(), values.subList(0, inHeader)),
                parameters(bodyVariables(), values.subList(inHeader, values.size())),
                callbackData);
    }

    private static List<TemplateMessage.Parameter> parameters(List<String> variables, List<String> values) {
        List<TemplateMessage.Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < variables.size(); i++) {
            String variable = variables.get(i);
            parameters.add(new TemplateMessage.Parameter(isNumber(variable) ? null : variable, values.get(i)));
        }
        return parameters;
    }

    private static String fill(String text, List<String> variables, List<String> values) {
        return VARIABLE.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(values.get(variables.indexOf(found.group(1)))));
    }

    private static List<String> variables(String text) {
        Set<String> found = new LinkedHashSet<>();
        VARIABLE.matcher(text).results().forEach(variable -> found.add(variable.group(1)));
        List<String> variables = new ArrayList<>(found);
        if (variables.stream().allMatch(MessageTemplate::isNumber)) {
            variables.sort(java.util.Comparator.comparing(java.math.BigInteger::new));
        }
        return variables;
    }

    private static boolean isNumber(String variable) {
        return variable.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
