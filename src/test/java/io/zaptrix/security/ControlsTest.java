package io.zaptrix.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/security.md} names the test that holds each of its promises; each is there, and is run. */
class ControlsTest {

    private static final Pattern NAMED =
            Pattern.compile("`([A-Z][A-Za-z0-9]+(?:Test|Story|Properties))(?:#([A-Za-z0-9]+))?`");

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        Map<String, String> sources;
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            sources = files.filter(file -> file.toString().endsWith(".java"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""),
                            ControlsTest::read,
                            (one, another) -> one + another));
        }
        List<String> missing = new ArrayList<>();
        Matcher named = NAMED.matcher(Files.readString(Path.of("docs/security.md")));
        int count = 0;
        while (named.find()) {
            count++;
            String source = sources.get(named.group(1));
            if (source == null
                    || named.group(2) != null
                            && !Pattern.compile("[ >]" + named.group(2) + "\\(")
                                    .matcher(source)
                                    .find()) {
                missing.add(named.group());
            }
        }
        assertThat(missing).isEmpty();
        assertThat(count).isGreaterThan(60);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }
}
