package io.zaptrix.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.text.MessageFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;

/** The pages' texts as their files have them, by Bitrix24's codes of languages. */
final class Words {

    /** Bitrix24's codes of the languages. */
    static final List<String> LANGUAGES = List.of("en", "br", "la", "ru");

    private static final Map<String, String> SUFFIX = Map.of("en", "", "br", "_pt_BR", "la", "_es", "ru", "_ru");
    private static final Map<String, Properties> READ = new ConcurrentHashMap<>();

    private Words() {}

    /** All that the pages say in {@code language}, from all their files. */
    static Properties of(String language) {
        return READ.computeIfAbsent(language, asked -> {
            Properties words = new Properties();
            for (String file : files()) {
                Properties some = read("/" + file + SUFFIX.get(asked) + ".properties");
                some.keySet().forEach(key -> {
                    if (words.containsKey(key)) {
                        throw new AssertionError(key + " stands in two files");
                    }
                });
                words.putAll(some);
            }
            return words;
        });
    }

    private static String[] files() {
        return read("/application.properties")
                .getProperty("spring.messages.basename")
                .split(",");
    }

    private static Properties read(String file) {
        Properties words = new Properties();
        try (Reader reader =
                new InputStreamReader(Objects.requireNonNull(Words.class.getResourceAsStream(file), file), UTF_8)) {
            words.load(reader);
            return words;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static String say(String language, String key, Object... values) {
        String pattern = of(language).getProperty(key);
        if (pattern == null) {
            throw new AssertionError("no text " + key + " in " + language);
        }
        return values.length == 0 ? pattern : MessageFormat.format(pattern, values);
    }
}
