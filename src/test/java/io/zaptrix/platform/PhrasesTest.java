package io.zaptrix.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.text.MessageFormat;
import java.util.Locale;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever uses the product is spoken to in their language, by every room. */
class PhrasesTest {

    private static Properties read(String file) throws IOException {
        Properties phrases = new Properties();
        try (InputStream in = PhrasesTest.class.getResourceAsStream("/" + file)) {
            assertThat(in).as(file).isNotNull();
            phrases.load(new InputStreamReader(in, UTF_8));
        }
        return phrases;
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages/inbound", "messages/outbound", "messages/operations"})
    void everyLanguageHasEverySentenceWithTheSameGaps(String bundle) throws IOException {
        Properties english = read(bundle + ".properties");
        assertThat(english).isNotEmpty();
        for (String language : new String[] {"pt_BR", "es", "ru"}) {
            Properties other = read(bundle + "_" + language + ".properties");
            assertThat(other.keySet()).as(language).isEqualTo(english.keySet());
            for (String key : english.stringPropertyNames()) {
                String sentence = other.getProperty(key);
                assertThat(sentence).as("%s in %s", key, language).isNotBlank();
                assertThat(new MessageFormat(sentence).getFormatsByArgumentIndex())
                        .as("gaps of %s in %s", key, language)
                        .hasSameSizeAs(new MessageFormat(english.getProperty(key)).getFormatsByArgumentIndex());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages/inbound", "messages/outbound", "messages/operations"})
    void noApostropheSwallowsAGap(String bundle) throws IOException {
        for (String language : new String[] {"", "_pt_BR", "_es", "_ru"}) {
            Properties phrases = read(bundle + language + ".properties");
            for (String key : phrases.stringPropertyNames()) {
                assertThat(phrases.getProperty(key).replace("''", ""))
                        .as("%s%s", key, language)
                        .doesNotContain("'");
            }
        }
    }

    @Test
    void theServersOwnLanguageDoesNotMatter() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.of("ru"));
            assertThat(new Phrases("messages/inbound").say(Locale.FRENCH, "image"))
                    .endsWith("Image");
        } finally {
            Locale.setDefault(before);
        }
    }
}
