package io.zaptrix.meta;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A template of a WhatsApp Business account, in one language ("Message templates" in Meta's documentation of the
 * Business Management API).
 *
 * @param status Meta's word, such as {@code APPROVED}, {@code PENDING}, {@code REJECTED} or {@code PAUSED}
 * @param category {@code MARKETING}, {@code UTILITY} or {@code AUTHENTICATION}
 * @param header a header's text; null where there is none, or it is no text
 * @param headerFile what kind of file stands in the header; null where none does
 * @param body the body's text, with its variables in double braces
 * @param buttons those whose address ends in a variable
 * @param needsMore what a name, texts and a file cannot give: a place, a code, the cards of a carousel
 */
public record MessageTemplate(
        String name,
        String language,
        String status,
        String category,
        @Nullable String header,
        @Nullable MediaKind headerFile,
        String body,
        List<AddressButton> buttons,
        boolean needsMore) {

    /**
     * A button that opens an address with a variable, {@code {{1}}}, at its end.
     *
     * @param index its place among all buttons, from 0
     * @param text what it says
     */
    public record AddressButton(int index, String text, String address) {

        /** The address that it opens then. */
        public String filled(String value) {
            return VARIABLE.matcher(address).replaceAll(Matcher.quoteReplacement(value));
        }
    }

    public MessageTemplate {
        buttons = List.copyOf(buttons);
    }

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

    /** How many values it takes: the header's, then the body's, then one for each of {@link #buttons}. */
    public int values() {
        return beforeButtons() + buttons.size();
    }

    private int beforeButtons() {
        return headerVariables().size() + bodyVariables().size();
    }

    /**
     * The template's words with their variables filled, as the customer reads them.
     *
     * @param values as many as {@link #values()} says
     */
    public String filled(List<String> values) {
        int inHeader = headerVariables().size();
        String text = fill(body, bodyVariables(), values.subList(inHeader, beforeButtons()));
        return header == null ? text : fill(header, headerVariables(), values.subList(0, inHeader)) + "\n" + text;
    }

    /** What {@link #buttons} say and open, a line each; {@code values} as for {@link #filled}. */
    public List<String> filledButtons(List<String> values) {
        return Stream.iterate(0, i -> i < buttons.size(), i -> i + 1)
                .map(i -> buttons.get(i).text() + ": " + buttons.get(i).filled(values.get(beforeButtons() + i)))
                .toList();
    }

    /**
     * The message that sends it.
     *
     * @param values as for {@link #filled}
     * @param file what stands in the header, if it is a file
     */
    public TemplateMessage message(
            String to, List<String> values, TemplateMessage.@Nullable HeaderFile file, @Nullable String callbackData) {
        int inHeader = headerVariables().size();
        List<TemplateMessage.ButtonValue> inButtons = new ArrayList<>();
        for (int i = 0; i < buttons.size(); i++) {
            inButtons.add(new TemplateMessage.ButtonValue(buttons.get(i).index(), values.get(beforeButtons() + i)));
        }
        return new TemplateMessage(
                to,
                name,
                language,
                parameters(headerVariables(), values.subList(0, inHeader)),
                file,
                parameters(bodyVariables(), values.subList(inHeader, beforeButtons())),
                inButtons,
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
