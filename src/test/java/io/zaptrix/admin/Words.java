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

/** The pages' texts as their files have them, by Bitrix24's codes of languages. */
final class Words {

    static final List<String> FILES = List.of("admin", "admin_pt_BR", "admin_es", "admin_ru");

    private static final Map<String, String> FILE =
            Map.of("en", "admin", "br", "admin_pt_BR", "la", "admin_es", "ru", "admin_ru");

    private Words() {}

    static Properties of(String file) {
        Properties words = new Properties();
        try (Reader reader = new InputStreamReader(
                Objects.requireNonNull(Words.class.getResourceAsStream("/messages/" + file + ".properties")), UTF_8)) {
            words.load(reader);
            return words;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static String say(String language, String key, Object... values) {
        String pattern = of(Objects.requireNonNull(FILE.get(language))).getProperty(key);
        if (pattern == null) {
            throw new AssertionError("no text " + key + " in " + language);
        }
        return values.length == 0 ? pattern : MessageFormat.format(pattern, values);
    }
}
