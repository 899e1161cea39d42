package io.zaptrix.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Every record that holds a secret, and every comparison of one, found in the code. */
class SecretsInCodeTest {

    private static final Path MAIN = Path.of("src/main/java/io/zaptrix");
    private static final String MARK = "s3cr3t-of-this-test";

    private static final Pattern SECRET =
            Pattern.compile("(?i).*(token|secret|password|authId|refreshId|keyset|apiKey|signature|pin)s?");

    /** Called so, and no secrets. */
    private static final Set<String> HARMLESS = Set.of(
            // Whether an agent's name stands over what they write.
            "agentSignature");

    private static List<Class<?>> records() {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.zaptrix").stream()
                        .filter(type ->
                                type.isRecord() && !type.getPackageName().startsWith("io.zaptrix.sandbox"))
                        .map(JavaClass::reflect)
                        .<Class<?>>map(type -> type)
                        .filter(type ->
                                Arrays.stream(type.getRecordComponents()).anyMatch(one -> marked(one) != null))
                        .toList();
    }

    /**
     * What holds the mark where a component may hold a secret; null where it does not. What others fill in, a form, a
     * query, JSON, has tokens among its fields whatever it is called itself.
     */
    private static @Nullable Object marked(RecordComponent component) {
        if (component.getType() == String.class) {
            return SECRET.matcher(component.getName()).matches() && !HARMLESS.contains(component.getName())
                    ? MARK
                    : null;
        }
        if (component.getGenericType().getTypeName().equals("java.util.Map<java.lang.String, java.lang.String>")) {
            return Map.of("field", MARK);
        }
        return JsonNode.class.isAssignableFrom(component.getType())
                        && component.getType().isAssignableFrom(ObjectNode.class)
                ? JsonMapper.shared().createObjectNode().put("field", MARK)
                : null;
    }

    @TestFactory
    List<DynamicTest> noRecordTellsItsSecret() {
        List<Class<?>> records = records();
        assertThat(records)
                .hasSizeGreaterThanOrEqualTo(16)
                .extracting(Class::getSimpleName)
                .contains("Opening", "Call");
        return records.stream()
                .map(type -> DynamicTest.dynamicTest(type.getName(), () -> {
                    Object made = made(type);
                    assertThat(made.toString()).doesNotContain(MARK);
                    assertThat(String.valueOf(Optional.of(made))).doesNotContain(MARK);
                }))
                .toList();
    }

    private static Object made(Class<?> type) throws ReflectiveOperationException {
        RecordComponent[] components = type.getRecordComponents();
        Constructor<?> constructor = type.getDeclaredConstructor(
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
        constructor.setAccessible(true);
        return constructor.newInstance(Arrays.stream(components)
                .map(component -> {
                    Object marked = marked(component);
                    return marked != null ? marked : plain(component.getType());
                })
                .toArray());
    }

    private static @Nullable Object plain(Class<?> type) {
        if (type == String.class) {
            return "x";
        }
        if (type == java.net.URI.class) {
            return java.net.URI.create("https://x.example");
        }
        if (type == List.class) {
            return List.of();
        }
        if (type == Map.class) {
            return Map.of();
        }
        if (type.isPrimitive()) {
            return Array.get(Array.newInstance(type, 1), 0);
        }
        return null;
    }

    // ---- comparisons

    /** {@code a.equals(b)} where either is called like a secret. */
    private static final Pattern EQUALS =
            Pattern.compile("([A-Za-z_.()\"]+)\\.(?:equals|equalsIgnoreCase|contentEquals|compareTo)\\(([^;]*?)\\)");

    private static final Pattern NAMED =
            Pattern.compile("(?i)[a-z]*(token|secret|password|signature|apikey|keyhash|digest|hmac|mac)(\\(.*\\))?");

    /** Where equal strings are no proof of anybody: what stands there, and why it may. */
    private static final Map<String, String> NO_PROOF = Map.of(
            "portal/FreshPortalRest.java", "whether a neighbour has refreshed the portal's own token meanwhile",
            "media/MediaController.java", "a file's hash, which tells that it came whole",
            "media/MediaLinks.java", "whether a token is written in the one way; it is opened before");

    @Test
    void whoeverProvesByASecretIsComparedInConstantTime() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(MAIN)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String name = MAIN.relativize(file).toString();
                if (name.startsWith("sandbox") || NO_PROOF.containsKey(name)) {
                    continue;
                }
                Matcher comparison = EQUALS.matcher(Files.readString(file));
                while (comparison.find()) {
                    String left = comparison.group(1);
                    String right = comparison.group(2);
                    if (!left.startsWith("\"") && !right.startsWith("\"") && (named(left) || named(right))) {
                        found.add(name + ": " + comparison.group());
                    }
                }
            }
        }
        assertThat(found).as("use MessageDigest.isEqual").isEmpty();
    }

    private static boolean named(String expression) {
        String last = expression.replaceFirst(".*\\.(?=[A-Za-z]+(\\(.*)?$)", "");
        return NAMED.matcher(last).matches();
    }

    @Test
    void whereSecretsProveSomebodyTheComparisonIsTheConstantOne() throws IOException {
        for (String file :
                List.of("meta/WebhookSignature.java", "inbound/MetaWebhookController.java", "portal/Senders.java")) {
            assertThat(Files.readString(MAIN.resolve(file))).as(file).contains("MessageDigest.isEqual(");
        }
    }

    // ---- what is written by default when something goes wrong

    @Test
    void noSettingWritesTheHeapSomewhere() throws IOException {
        for (String file : List.of(
                "Dockerfile",
                "docker-compose.yml",
                ".env.example",
                "pom.xml",
                "src/main/resources/application.properties")) {
            assertThat(Files.readString(Path.of(file)))
                    .as(file)
                    .doesNotContain("HeapDumpOnOutOfMemoryError", "HeapDumpPath", "-agentlib:jdwp", "heapdump");
        }
    }

    @Test
    void everyTechnicalNameOfThisTestExists() {
        NO_PROOF.keySet().forEach(file -> assertThat(MAIN.resolve(file)).exists());
        assertThat(MARK.toLowerCase(Locale.ROOT)).isEqualTo(MARK);
    }
}
