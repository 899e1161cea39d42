package io.zaptrix.story;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What {@code /v3/api-docs} says of {@code /api/v1}, and whether a request or an answer keeps to it. */
final class ApiContract {

    static final String PREFIX = "/api/v1/";

    private static final JsonMapper JSON = JsonMapper.shared();

    private final JsonNode document;
    private final SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    ApiContract(String document) {
        this.document = JSON.readTree(document);
    }

    /** Fails if an event is none that the contract describes. */
    void assertEvent(String type, String body) {
        JsonNode schema = document.path("webhooks").path(type).at("/post/requestBody/content/application~1json/schema");
        assertThat(schema.isMissingNode()).as(type).isFalse();
        assertValid(schema, body, "event");
    }

    /** An operation: method in capitals, path as it is documented. */
    record Operation(String method, String path, JsonNode description) {

        String examplePath() {
            return path.replaceAll("\\{[^}]+}", "00000000-0000-4000-8000-000000000000");
        }
    }

    List<Operation> operations() {
        return document.path("paths").properties().stream()
                .filter(path -> path.getKey().startsWith(PREFIX))
                .flatMap(path -> path.getValue().properties().stream()
                        .map(operation -> new Operation(
                                operation.getKey().toUpperCase(Locale.ROOT), path.getKey(), operation.getValue())))
                .toList();
    }

    /** The part that outsiders build on, in one order, without what differs from server to server. */
    String stable() {
        ObjectNode stable = JsonNodeFactory.instance.objectNode();
        ObjectNode paths = stable.putObject("paths");
        document.path("paths").properties().forEach(path -> {
            if (path.getKey().startsWith(PREFIX)) {
                paths.set(path.getKey(), path.getValue());
            }
        });
        stable.set("webhooks", document.path("webhooks"));
        ObjectNode components = stable.putObject("components");
        components.set("securitySchemes", document.at("/components/securitySchemes"));
        ObjectNode used = components.putObject("schemas");
        Set<String> wanted = new TreeSet<>(references(stable));
        while (!used.propertyNames().containsAll(wanted)) {
            for (String name : List.copyOf(wanted)) {
                JsonNode schema = document.at("/components/schemas/" + name);
                used.set(name, schema);
                wanted.addAll(references(schema));
            }
        }
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(sorted(stable)) + "\n";
    }

    private static Set<String> references(JsonNode node) {
        Set<String> names = new TreeSet<>();
        node.findValues("$ref").forEach(ref -> names.add(ref.asString().replaceFirst(".*/", "")));
        return names;
    }

    private static JsonNode sorted(JsonNode node) {
        if (node.isObject()) {
            Map<String, JsonNode> properties = new TreeMap<>();
            node.properties().forEach(property -> properties.put(property.getKey(), sorted(property.getValue())));
            ObjectNode sorted = JsonNodeFactory.instance.objectNode();
            properties.forEach(sorted::set);
            return sorted;
        }
        if (node.isArray()) {
            var array = JsonNodeFactory.instance.arrayNode();
            node.forEach(each -> array.add(sorted(each)));
            return array;
        }
        return node;
    }

    /**
     * Fails if the exchange is none that the contract describes; a request that was refused need not keep to it.
     *
     * @param body null: none
     */
    void assertExchange(String method, String path, @Nullable String body, HttpResponse<String> response) {
        Operation operation = operations().stream()
                .filter(each -> each.method().equals(method)
                        && path.replaceFirst("\\?.*", "").matches(each.path().replaceAll("\\{[^}]+}", "[^/]+")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the contract has no " + method + " " + path));
        int status = response.statusCode();
        if (body != null && status / 100 == 2) {
            JsonNode schema = operation.description().at("/requestBody/content/application~1json/schema");
            assertThat(schema.isMissingNode())
                    .as("a body for " + method + " " + path)
                    .isFalse();
            assertValid(schema, body, "request");
        }
        JsonNode described = operation.description().path("responses").path(String.valueOf(status));
        assertThat(described.isMissingNode())
                .as("%s %s answers %d, which is not described: %s", method, path, status, response.body())
                .isFalse();
        described.path("headers").propertyNames().stream()
                .filter(header -> header.startsWith("RateLimit") || header.equals("WWW-Authenticate"))
                .forEach(header -> assertThat(response.headers().firstValue(header))
                        .as("%s of %s %s (%d)", header, method, path, status)
                        .isPresent());
        if (response.body().isEmpty()) {
            assertThat(described.path("content").isEmpty())
                    .as("an empty answer")
                    .isTrue();
            return;
        }
        String type = response.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
        JsonNode schema = described.path("content").path(type).path("schema");
        assertThat(schema.isMissingNode())
                .as("%s %s answers %s, which is not described", method, path, type)
                .isFalse();
        assertValid(schema, response.body(), "answer of " + method + " " + path);
    }

    /** What is not described must not be there, although the description leaves room for what may come. */
    private static JsonNode closed(JsonNode node) {
        if (node instanceof ObjectNode object
                && object.path("properties").isObject()
                && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        node.forEach(ApiContract::closed);
        return node;
    }

    private void assertValid(JsonNode schema, String json, String what) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.set("components", closed(document.path("components").deepCopy()));
        root.set("allOf", JsonNodeFactory.instance.arrayNode().add(schema));
        Schema compiled = schemas.getSchema(root);
        List<Error> errors = compiled.validate(json, InputFormat.JSON);
        assertThat(errors).as("%s: %s", what, json).isEmpty();
    }
}
