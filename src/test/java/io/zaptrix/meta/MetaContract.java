package io.zaptrix.meta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Meta's own OpenAPI description of its API, and whether a request or an answer keeps to it.
 *
 * <p>It is read with four liberties. Its messages combine a base with {@code additionalProperties: false}, which to the
 * letter forbids the base's own properties (Meta's own examples too): the combination is closed instead of its parts.
 * And {@code biz_opaque_callback_data}, which Meta documents for messages, stands there for calls only. The request
 * that marks a message as read has a schema and an example there, but its path does not take it. The index of a
 * template's button is 0 to 9 in all examples, which the pattern that stands beside them refuses.
 */
public final class MetaContract {

    private static final MetaContract V23 = new MetaContract("/contracts/meta-business-messaging-v23.yaml");

    private final JsonNode document;
    private final SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private MetaContract(String resource) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(4 << 20);
        try (InputStream yaml = MetaContract.class.getResourceAsStream(resource)) {
            this.document = JsonMapper.shared().valueToTree(new Yaml(options).load(yaml));
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
        closeCombinations(document);
        ((ObjectNode) document.at("/components/schemas/BaseMessageProperties/properties"))
                .putObject("biz_opaque_callback_data")
                .put("type", "string")
                .put("maxLength", 512);
        allowMarkingAsRead();
        for (String component : List.of("TemplateComponent/properties", "ButtonComponent/allOf/1/properties")) {
            ((ObjectNode) document.at("/components/schemas/" + component + "/index")).put("pattern", "^[0-9]$");
        }
    }

    private void allowMarkingAsRead() {
        ObjectNode mark = (ObjectNode) document.at("/components/schemas/MarkMessageRequestPayload");
        ObjectNode properties =
                (ObjectNode) mark.put("additionalProperties", false).path("properties");
        ((ObjectNode) properties.path("messaging_product")).put("const", "whatsapp");
        ((ObjectNode) properties.path("status")).put("const", "read");
        ObjectNode typing = properties.putObject("typing_indicator").put("type", "object");
        typing.put("additionalProperties", false).putArray("required").add("type");
        typing.putObject("properties").putObject("type").put("const", "text");
        ObjectNode content = (ObjectNode) document.path("paths")
                .path("/{Version}/{Phone-Number-ID}/messages")
                .at("/post/requestBody/content/application~1json");
        ArrayNode either = JsonNodeFactory.instance.arrayNode().add(content.path("schema"));
        either.addObject().put("$ref", "#/components/schemas/MarkMessageRequestPayload");
        content.putObject("schema").set("anyOf", either);
    }

    public static MetaContract v23() {
        return V23;
    }

    private static void closeCombinations(JsonNode node) {
        if (node instanceof ObjectNode object && object.path("allOf") instanceof ArrayNode parts) {
            boolean closed = false;
            for (JsonNode part : parts) {
                if (part instanceof ObjectNode inline && inline.remove("additionalProperties") != null) {
                    closed = true;
                }
            }
            if (closed) {
                object.put("unevaluatedProperties", false);
            }
        }
        node.forEach(MetaContract::closeCombinations);
    }

    /** What the types of customers' messages are called, and the example of each that has one. */
    public Map<String, JsonNode> incomingMessages() {
        Map<String, JsonNode> examples = new LinkedHashMap<>();
        JsonNode mapping = document.at("/components/schemas/IncomingMessage/discriminator/mapping");
        mapping.propertyNames().forEach(type -> examples.put(type, JsonNodeFactory.instance.missingNode()));
        // The names in the mapping have lost the numbers that tell them from those of messages that are sent.
        document.at("/components/schemas").forEach(schema -> {
            JsonNode example = resolve(schema).path("allOf").path(1).path("example");
            String type = example.path("type").asString("");
            if (examples.containsKey(type) && example.has("from") && example.has("timestamp")) {
                examples.put(type, example);
            }
        });
        return examples;
    }

    /** The values that a property of a schema may have, such as {@code Statuses/properties/status}. */
    public List<String> values(String property) {
        List<String> values = new ArrayList<>();
        document.at("/components/schemas/" + property + "/enum").forEach(value -> values.add(value.asString()));
        return values;
    }

    /** Fails if the request is none that the contract describes. Header names are in lower case. */
    public void assertRequest(String method, URI address, Map<String, String> headers, String body) {
        JsonNode operation = operation(method, address);
        List<String> query = query(address);
        for (JsonNode each : parameters(operation)) {
            JsonNode parameter = resolve(each);
            String name = parameter.path("name").asString();
            String value = switch (parameter.path("in").asString()) {
                case "header" -> headers.get(name.toLowerCase(Locale.ROOT));
                case "query" -> query.remove(name) ? "" : null;
                default -> null;
            };
            boolean required = parameter.path("required").asBoolean(false)
                    && !parameter.path("in").asString().equals("path");
            assertThat(required && value == null)
                    .as("the required parameter %s is missing", name)
                    .isFalse();
            if (value != null && parameter.path("in").asString().equals("header")) {
                String comparable = name.equals("Content-Type") ? value.replaceFirst(";.*", "") : value;
                assertValid(parameter.path("schema"), JsonNodeFactory.instance.stringNode(comparable), name);
            }
        }
        assertThat(query).as("query parameters that the contract does not know").isEmpty();
        String contentType = headers.getOrDefault("content-type", "");
        if (contentType.startsWith("multipart/form-data")) {
            assertValid(
                    operation.at("/requestBody/content/multipart~1form-data/schema"),
                    formFields(body),
                    "form with a file");
            return;
        }
        JsonNode schema = operation.at("/requestBody/content/application~1json/schema");
        if (schema.isMissingNode()) {
            assertThat(body).as("body of a request that has none").isEmpty();
        } else if (!body.isEmpty() || operation.at("/requestBody/required").asBoolean(true)) {
            assertValid(schema, JsonMapper.shared().readTree(body), "request body");
        }
    }

    /** The fields of a form as its own schema sees them. */
    private static JsonNode formFields(String body) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        Matcher field = Pattern.compile("; name=\"([^\"]+)\"[^\\r]*\\r\\n(?:[^\\r]+\\r\\n)*\\r\\n([^\\r]*)")
                .matcher(body);
        while (field.find()) {
            fields.put(field.group(1), field.group(2));
        }
        return fields;
    }

    /** Fails if Meta would not answer {@code method address} so. */
    public void assertResponse(String method, URI address, int status, String body) {
        JsonNode response = operation(method, address).path("responses").path(String.valueOf(status));
        JsonNode schema = response.isMissingNode()
                ? JsonNodeFactory.instance.objectNode().put("$ref", "#/components/schemas/GraphAPIError")
                : response.at("/content/application~1json/schema");
        assertValid(schema, JsonMapper.shared().readTree(body), "answer");
    }

    /**
     * Fails if the webhook is none that the contract describes. Of use for statuses only: what the contract says of
     * incoming messages refers to the schemas of outgoing ones by mistake.
     */
    public void assertWebhook(byte[] body) {
        JsonNode schema = document.path("paths")
                .path("/whatsapp/webhooks")
                .at("/post/requestBody/content/application~1json/schema");
        assertValid(schema, JsonMapper.shared().readTree(body), "webhook");
    }

    /** The webhooks that the contract gives as examples, by name. */
    public Map<String, byte[]> webhookExamples() {
        Map<String, byte[]> examples = new LinkedHashMap<>();
        document.path("paths")
                .path("/whatsapp/webhooks")
                .at("/post/requestBody/content/application~1json/examples")
                .properties()
                .forEach(example -> examples.put(
                        example.getKey(),
                        example.getValue().path("value").toString().getBytes(UTF_8)));
        return examples;
    }

    /** The codes of all errors that the contract gives as examples, in answers and in webhooks. */
    public Set<Integer> errorCodes() {
        Set<Integer> codes = new TreeSet<>();
        for (String name : List.of("error", "errors")) {
            for (JsonNode found : document.findValues(name)) {
                for (JsonNode error : found.isArray() ? found : List.of(found)) {
                    if (error.path("code").isInt()) {
                        codes.add(error.path("code").intValue());
                    }
                }
            }
        }
        return codes;
    }

    /** Ids all look alike: what a query asks tells apart what the path does not. */
    private JsonNode operation(String method, URI address) {
        String path = address.getPath();
        List<String> query = query(address);
        for (Map.Entry<String, JsonNode> each : document.path("paths").properties()) {
            JsonNode operation = each.getValue().path(method.toLowerCase(Locale.ROOT));
            if (operation.isObject()
                    && matches(each.getKey(), parameters(operation, each.getValue()), path)
                    && names(parameters(operation, each.getValue())).containsAll(query)) {
                ObjectNode withShared = (ObjectNode) operation.deepCopy();
                withShared.set("parameters", parameters(operation, each.getValue()));
                return withShared;
            }
        }
        throw new AssertionError("the contract has no " + method + " " + path);
    }

    private List<String> names(ArrayNode parameters) {
        List<String> names = new ArrayList<>();
        parameters.forEach(each -> names.add(resolve(each).path("name").asString()));
        return names;
    }

    private boolean matches(String template, ArrayNode parameters, String path) {
        String[] names = template.split("/");
        String[] values = path.split("/");
        if (names.length != values.length) {
            return false;
        }
        for (int i = 0; i < names.length; i++) {
            if (!names[i].startsWith("{")) {
                if (!names[i].equals(values[i])) {
                    return false;
                }
                continue;
            }
            String name = names[i].substring(1, names[i].length() - 1);
            for (JsonNode each : parameters) {
                JsonNode parameter = resolve(each);
                String pattern = parameter.at("/schema/pattern").asString("");
                if (parameter.path("name").asString().equals(name)
                        && !pattern.isEmpty()
                        && !Pattern.compile(pattern).matcher(values[i]).find()) {
                    return false;
                }
            }
        }
        return true;
    }

    private static ArrayNode parameters(JsonNode operation) {
        return (ArrayNode) operation.path("parameters");
    }

    private static ArrayNode parameters(JsonNode operation, JsonNode path) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        path.path("parameters").forEach(all::add);
        operation.path("parameters").forEach(all::add);
        return all;
    }

    private JsonNode resolve(JsonNode node) {
        String reference = node.path("$ref").asString("");
        return reference.isEmpty() ? node : document.at(reference.substring(1));
    }

    private static List<String> query(URI address) {
        List<String> names = new ArrayList<>();
        String query = address.getQuery();
        if (query != null) {
            for (String pair : query.split("&")) {
                names.add(pair.split("=", 2)[0]);
            }
        }
        return names;
    }

    private void assertValid(JsonNode schema, @Nullable JsonNode instance, String what) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.set("components", document.path("components"));
        root.set("allOf", JsonNodeFactory.instance.arrayNode().add(schema));
        Schema compiled = schemas.getSchema(root);
        List<Error> errors = compiled.validate(String.valueOf(instance), InputFormat.JSON);
        assertThat(errors).as("%s: %s", what, instance).isEmpty();
    }
}
