package io.zaptrix.sandbox;

import io.zaptrix.sandbox.LoopbackServer.Reply;
import io.zaptrix.sandbox.LoopbackServer.Request;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The message templates of the accounts at {@link StandInMeta}: listed, looked at when one is sent, and filled in. */
final class MetaTemplates {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Map<String, List<Template>> templates = new ConcurrentHashMap<>();
    private final MetaFiles files;
    volatile int aPage = 25;

    MetaTemplates(MetaFiles files) {
        this.files = files;
    }

    /** Adds a template with any components, as the Graph API lists them. */
    void add(String wabaId, String name, String language, String status, String category, JsonNode components) {
        List<Template> list = templates.computeIfAbsent(wabaId, key -> new CopyOnWriteArrayList<>());
        list.removeIf(known -> known.name().equals(name) && known.language().equals(language));
        list.add(new Template(
                Long.toString(900_000_000_000_000L + list.size()), name, language, status, category, components));
    }

    Reply list(Request request, String wabaId, URI server) {
        Map<String, String> query = StandInMeta.query(request);
        String name = query.get("name");
        List<Template> all = templates.getOrDefault(wabaId, List.of()).stream()
                .filter(template -> name == null || template.name().contains(name))
                .toList();
        int from;
        int limit;
        try {
            from = Integer.parseInt(query.getOrDefault("after", "0"));
            limit = Math.min(aPage, Integer.parseInt(query.getOrDefault("limit", "25")));
        } catch (NumberFormatException notOurs) {
            return StandInMeta.error(GraphFault.parameter("The cursor or the limit is not valid."));
        }
        int to = Math.min(all.size(), from + limit);
        ObjectNode list = JSON.objectNode();
        ArrayNode data = list.putArray("data");
        all.subList(Math.min(from, to), to).forEach(template -> data.add(template.listed()));
        if (!data.isEmpty()) {
            ObjectNode paging = list.putObject("paging");
            paging.putObject("cursors").put("before", Integer.toString(from)).put("after", Integer.toString(to));
            if (to < all.size()) {
                paging.put("next", server + request.path() + "?after=" + to);
            }
        }
        return Reply.json(200, list);
    }

    /** What Meta says at once of a template that does not exist, or does not fit. */
    @Nullable
    GraphFault wrong(JsonNode sent, String wabaId, String phoneNumberId) {
        String name = sent.path("name").asString("");
        String language = sent.path("language").path("code").asString("");
        Optional<Template> template = find(wabaId, sent);
        if (template.isEmpty()
                || template.get().status().equals("PENDING")
                || template.get().status().equals("REJECTED")) {
            return GraphFault.of(132001).details("template name (" + name + ") does not exist in " + language);
        }
        if (template.get().status().equals("PAUSED")) {
            return GraphFault.of(132015);
        }
        if (template.get().status().equals("DISABLED")) {
            return GraphFault.of(132016);
        }
        GraphFault unfit = wrongHeader(sent, template.get(), phoneNumberId);
        if (unfit == null) {
            unfit = wrongButtons(sent, template.get());
        }
        if (unfit != null) {
            return unfit;
        }
        for (String part : List.of("header", "body")) {
            List<String> given = new ArrayList<>();
            for (JsonNode parameter : parameters(sent, part)) {
                if (parameter.path("type").asString("").equals("text")) {
                    given.add(parameter.path("text").asString(""));
                }
            }
            int expected = template.get().variables(part).size();
            if (given.size() != expected) {
                return GraphFault.of(132000)
                        .details(part + ": number of localizable_params (" + given.size()
                                + ") does not match the expected number of params (" + expected + ")");
            }
            if (given.stream().anyMatch(text -> text.isEmpty() || text.matches("(?s).*(\\n|\\t| {5}).*"))) {
                return GraphFault.parameter(
                        "Param text cannot have new-line/tab characters or more than 4 consecutive spaces");
            }
        }
        return null;
    }

    static List<JsonNode> parameters(JsonNode sent, String part) {
        List<JsonNode> parameters = new ArrayList<>();
        for (JsonNode component : sent.path("components")) {
            if (component.path("type").asString("").equalsIgnoreCase(part)) {
                component.path("parameters").forEach(parameters::add);
            }
        }
        return parameters;
    }

    /** A header that is a file takes a file of its kind, and no other takes one. */
    private @Nullable GraphFault wrongHeader(JsonNode sent, Template template, String phoneNumberId) {
        String expected = template.headerFormat();
        List<JsonNode> given = parameters(sent, "header");
        String received = given.isEmpty()
                ? "UNKNOWN"
                : given.getFirst().path("type").asString("").toUpperCase(Locale.ROOT);
        boolean isText = expected.equals("TEXT");
        if (isText ? !given.isEmpty() && !received.equals("TEXT") : !received.equals(expected)) {
            return GraphFault.of(132012)
                    .details("header: Format mismatch, expected " + expected + ", received " + received);
        }
        if (isText) {
            return null;
        }
        if (given.size() != 1) {
            return GraphFault.of(132000)
                    .details("header: number of localizable_params (" + given.size()
                            + ") does not match the expected number of params (1)");
        }
        String type = received.toLowerCase(Locale.ROOT);
        JsonNode file = given.getFirst().path(type);
        return file.has("caption")
                ? GraphFault.parameter("Unexpected key \"caption\" on param " + type + ".")
                : files.wrong(type, file, phoneNumberId);
    }

    /** Each button whose address has a variable takes one text, and no other button takes one. */
    private static @Nullable GraphFault wrongButtons(JsonNode sent, Template template) {
        Map<Integer, JsonNode> given = new LinkedHashMap<>();
        for (JsonNode component : sent.path("components")) {
            if (component.path("type").asString("").equalsIgnoreCase("button")) {
                String index = component.path("index").asString("");
                if (!index.matches("[0-9]")) {
                    return GraphFault.parameter("Param template['components']['index'] must be from 0 to 9.");
                }
                given.put(Integer.valueOf(index), component);
            }
        }
        List<JsonNode> buttons = template.buttons();
        for (int i = 0; i < buttons.size(); i++) {
            JsonNode component = given.remove(i);
            String type = buttons.get(i).path("type").asString("");
            boolean open =
                    type.equals("URL") && Template.hasVariable(buttons.get(i).path("url"));
            if (open && component == null) {
                return GraphFault.of(131008)
                        .details("buttons: Button at index " + i + " of type Url requires a parameter");
            }
            if (component == null || type.equals("QUICK_REPLY")) {
                continue;
            }
            if (!open) {
                return GraphFault.parameter(
                        "buttons: Button at index " + i + " is of type " + type + " and does not support parameters");
            }
            JsonNode parameters = component.path("parameters");
            if (!component.path("sub_type").asString("").equalsIgnoreCase("url")
                    || !parameters.path(0).path("type").asString("").equals("text")) {
                return GraphFault.of(132012).details("buttons: Button at index " + i + " must be of type Url");
            }
            if (parameters.size() != 1
                    || parameters.path(0).path("text").asString("").isBlank()) {
                return GraphFault.of(132000)
                        .details("buttons: number of localizable_params (" + parameters.size()
                                + ") does not match the expected number of params (1)");
            }
        }
        return given.isEmpty()
                ? null
                : GraphFault.of(132000).details("buttons: there is no button at index " + given.keySet());
    }

    private Optional<Template> find(String wabaId, JsonNode sent) {
        String name = sent.path("name").asString("");
        String language = sent.path("language").path("code").asString("");
        return templates.getOrDefault(wabaId, List.of()).stream()
                .filter(known -> known.name().equals(name) && known.language().equals(language))
                .findFirst();
    }

    /** Which kind of message it is priced as. */
    String category(String wabaId, JsonNode sent) {
        return find(wabaId, sent).map(Template::category).orElse("UTILITY");
    }

    /** What the customer's phone shows of it. */
    Shown shown(String wabaId, JsonNode sent) {
        Template template = find(wabaId, sent).orElseThrow();
        List<String> words = new ArrayList<>();
        for (JsonNode component : template.components()) {
            String text = component.path("text").asString("");
            String part = component.path("type").asString("").toLowerCase(Locale.ROOT);
            List<String> variables = template.variables(part);
            for (JsonNode filled : sent.path("components")) {
                if (filled.path("type").asString("").equalsIgnoreCase(part)) {
                    for (int i = 0; i < variables.size(); i++) {
                        JsonNode parameter = filled.path("parameters").path(i);
                        String variable = parameter.path("parameter_name").asString(variables.get(i));
                        text = text.replace(
                                "{{" + variable + "}}", parameter.path("text").asString(""));
                    }
                }
            }
            if (!text.isEmpty()) {
                words.add(text);
            }
        }
        List<JsonNode> approved = template.buttons();
        List<PhoneMessage.Button> buttons = new ArrayList<>();
        for (int i = 0; i < approved.size(); i++) {
            String text = approved.get(i).path("text").asString("");
            String address = address(approved.get(i), i, sent);
            buttons.add(new PhoneMessage.Button(text, address.isEmpty() ? null : address));
        }
        return new Shown(String.join("\n", words), List.copyOf(buttons));
    }

    /** Where a button leads, with its variable filled in; empty for one that leads nowhere. */
    private static String address(JsonNode button, int index, JsonNode sent) {
        String address = button.path("url").asString("");
        for (JsonNode component : sent.path("components")) {
            if (component.path("type").asString("").equals("button")
                    && component.path("index").asString("").equals(Integer.toString(index))) {
                address = address.replaceFirst(
                        "\\{\\{\\w+}}",
                        Matcher.quoteReplacement(component
                                .path("parameters")
                                .path(0)
                                .path("text")
                                .asString("")));
            }
        }
        return address;
    }

    /** A template, filled in. */
    record Shown(String words, List<PhoneMessage.Button> buttons) {

        /** All of it, a line for each button. */
        String text() {
            StringBuilder text = new StringBuilder(words);
            buttons.forEach(button ->
                    text.append("\n[").append(button.text()).append(button.url() == null ? "]" : "] " + button.url()));
            return text.toString();
        }
    }

    private record Template(
            String id, String name, String language, String status, String category, JsonNode components) {

        private static final Pattern VARIABLE = Pattern.compile("\\{\\{(\\w+)}}");

        ObjectNode listed() {
            ObjectNode listed = JSON.objectNode()
                    .put("name", name)
                    .put("language", language)
                    .put("status", status)
                    .put("category", category);
            listed.set("components", components);
            return listed.put("id", id);
        }

        /** What its header was approved as; a text where there is none. */
        String headerFormat() {
            for (JsonNode component : components) {
                if (component.path("type").asString("").equalsIgnoreCase("header")) {
                    return component.path("format").asString("TEXT").toUpperCase(Locale.ROOT);
                }
            }
            return "TEXT";
        }

        List<JsonNode> buttons() {
            List<JsonNode> buttons = new ArrayList<>();
            for (JsonNode component : components) {
                component.path("buttons").forEach(buttons::add);
            }
            return buttons;
        }

        static boolean hasVariable(JsonNode text) {
            return VARIABLE.matcher(text.asString("")).find();
        }

        List<String> variables(String part) {
            Set<String> variables = new LinkedHashSet<>();
            for (JsonNode component : components) {
                if (component.path("type").asString("").equalsIgnoreCase(part)) {
                    VARIABLE.matcher(component.path("text").asString(""))
                            .results()
                            .forEach(found -> variables.add(found.group(1)));
                }
            }
            return variables.stream().sorted().toList();
        }
    }
}
