package io.zaptrix.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the application is made of, by its bill of materials (CycloneDX, {@code target/bom.json}), which the build makes
 * before the tests; not without the registry ({@code mvn -o}), and then there is nothing to look at.
 */
class SupplyChainTest {

    private static final Path BOM = Path.of("target/bom.json");
    private static final Path LIST = Path.of("docs/licences.md");

    /** Each alone lets the application be given on under its own licence, changed in nothing of the library's. */
    private static final Set<String> ALLOWED =
            Set.of("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "CC0-1.0", "EPL-2.0", "CDDL-1.1");

    /** What the library's metadata say though the licence in its jar is another: that one, looked at below. */
    private static final Map<String, String> BY_THE_JAR =
            Map.of("spring-session-core", "Apache-2.0", "spring-session-jdbc", "Apache-2.0");

    private static List<JsonNode> components = List.of();

    @BeforeAll
    static void read() throws IOException {
        assumeThat(BOM).as("made with the registry only").exists();
        JsonNode bom = JsonMapper.shared().readTree(Files.readString(BOM));
        components = StreamSupport.stream(bom.path("components").spliterator(), false)
                .toList();
    }

    private static List<String> licences(JsonNode component) {
        List<String> all = new ArrayList<>();
        component.path("licenses").forEach(each -> {
            String expression = each.path("expression").asString("");
            if (expression.isEmpty()) {
                JsonNode licence = each.path("license");
                all.add(licence.path("id").asString(licence.path("name").asString("?")));
            } else {
                all.addAll(Arrays.asList(expression.replaceAll("[()]", "").split(" (?:OR|AND) ")));
            }
        });
        return all;
    }

    @Test
    void everyLibraryHasOneVersionAndAHash() {
        assertThat(components).hasSizeGreaterThan(100);
        Map<String, String> versions = new TreeMap<>();
        for (JsonNode component : components) {
            String name = component.path("group").asString("") + ":"
                    + component.path("name").asString("");
            String version = component.path("version").asString("");
            assertThat(version).as(name).isNotBlank().doesNotContain("SNAPSHOT", "[", "LATEST");
            assertThat(component.path("hashes").isEmpty()).as(name).isFalse();
            String other = versions.putIfAbsent(name, version);
            assertThat(other == null || other.equals(version)).as(name).isTrue();
        }
    }

    @Test
    void everyLicenceLetsTheApplicationBeGivenOn() throws IOException {
        for (JsonNode component : components) {
            String name = component.path("name").asString("");
            String byJar = BY_THE_JAR.get(name);
            if (byJar != null) {
                assertThat(licenceInJar(name))
                        .as(name)
                        .contains("Apache License")
                        .contains("Version 2.0");
            } else {
                assertThat(licences(component)).as(name).anyMatch(ALLOWED::contains);
            }
        }
    }

    private static String licenceInJar(String name) throws IOException {
        String jar = Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(java.io.File.pathSeparator))
                .filter(entry -> entry.contains("/" + name + "-"))
                .findFirst()
                .orElseThrow();
        try (JarFile open = new JarFile(jar);
                InputStream text = open.getInputStream(open.getEntry("META-INF/LICENSE.txt"))) {
            return new String(text.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    /** {@code docs/licences.md} is what people read; this writes it anew when it no longer fits. */
    @Test
    void theListOfLicencesIsThatOfTheLibraries() throws IOException {
        StringBuilder list = new StringBuilder("""
                # Licences

                The libraries in the application, by its bill of materials (`target/bom.json`, CycloneDX, made by the build), and
                their licences; of several, any may be chosen. `SupplyChainTest` holds this list and what is allowed in it.

                | library | version | licence |
                |---|---|---|
                """);
        components.stream()
                .map(component -> "| " + component.path("group").asString("") + ":"
                        + component.path("name").asString("") + " | "
                        + component.path("version").asString("") + " | "
                        + String.join(" or ", licences(component))
                        + (BY_THE_JAR.containsKey(component.path("name").asString(""))
                                ? " (its metadata; the jar carries Apache-2.0)"
                                : "")
                        + " |\n")
                .sorted()
                .forEach(list::append);
        Path made = Path.of("target/licences.md");
        Files.writeString(made, list);
        assertThat(Files.exists(LIST) ? Files.readString(LIST) : "")
                .as("copy " + made + " to " + LIST)
                .isEqualTo(list.toString());
    }
}
