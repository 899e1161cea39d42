package io.zaptrix.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.portal.Flag;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Whatever the console says, it says in every language. */
class ConsoleWordsTest {

    static final List<String> FILES = List.of("console", "console_pt_BR", "console_es", "console_ru");

    private static final Pattern KEY = Pattern.compile("#\\{(console\\.[A-Za-z0-9_.]+)[({}]");
    private static final Pattern SAID = Pattern.compile("say\\(\"([a-z.]*[a-z])\"");
    private static final Pattern ACTION = Pattern.compile("audit\\.record\\(\\s*[^,]+,\\s*\"([a-z_.]+)\"");

    @ParameterizedTest
    @FieldSource("FILES")
    void everyKeyHasItsText(String file) throws IOException {
        Set<String> needed = new TreeSet<>();
        for (Path template : files("frontend-templates/console", ".html")) {
            collect(KEY, template, "", needed);
        }
        for (Path source : files("src/main/java/io/zaptrix/console", ".java")) {
            collect(ACTION, source, "console.action.", needed);
            if (source.endsWith("ConsoleWords.java")) {
                collect(SAID, source, "console.", needed);
            }
        }
        for (Flag flag : Flag.values()) {
            needed.add("console.flag." + flag.key());
        }
        needed.addAll(
                List.of("console.detail.on", "console.detail.off", "console.detail.oidc", "console.detail.password"));
        ConsoleWords.DETAILS.forEach(detail -> needed.add("console.detail." + detail));
        ConsoleWords.UNROUTED.forEach(reason -> needed.add("console.unrouted." + reason));
        ConsoleWords.QUALITIES.forEach(quality -> needed.add("console.quality." + quality));
        Properties words = words(file);
        assertThat(words.stringPropertyNames()).containsAll(needed);
        assertThat(words.stringPropertyNames()).isEqualTo(words("console").stringPropertyNames());
        words.forEach((key, text) -> {
            assertThat(text.toString()).as("%s", key).isNotBlank();
            // MessageFormat would eat what follows a lone apostrophe.
            if (text.toString().contains("{0}")) {
                assertThat(text.toString()).as("%s", key).doesNotContain("'");
            }
        });
    }

    private static List<Path> files(String directory, String ending) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(directory))) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    private static void collect(Pattern pattern, Path file, String prefix, Set<String> keys) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(file, UTF_8));
        while (matcher.find()) {
            keys.add(prefix + matcher.group(1));
        }
    }

    private static Properties words(String file) throws IOException {
        Properties words = new Properties();
        try (Reader reader = new InputStreamReader(
                Objects.requireNonNull(ConsoleWordsTest.class.getResourceAsStream("/messages/" + file + ".properties")),
                UTF_8)) {
            words.load(reader);
        }
        return words;
    }
}
