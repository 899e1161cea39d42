package io.zaptrix.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.meta.GraphErrors;
import io.zaptrix.platform.Phrases;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WhatsApp refused an answer, and the agent reads in the chat why, and what to do. */
class RefusalTextsTest {

    private static final Locale BRAZIL = Locale.of("pt", "BR");
    private static final Locale SPANISH = Locale.of("es");
    private static final Locale RUSSIAN = Locale.of("ru");
    private static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, BRAZIL, SPANISH, RUSSIAN);

    private static String unknown(Locale language) {
        return RefusalTexts.of(-7, null, language).replace("(WhatsApp -7)", "");
    }

    @Test
    void everyKnownCodeHasItsOwnReasonInEveryLanguage() {
        assertThat(GraphErrors.codes()).hasSizeGreaterThan(100);
        for (Locale language : LANGUAGES) {
            for (int code : GraphErrors.codes()) {
                assertThat(RefusalTexts.of(code, null, language))
                        .as("%s in %s", code, language)
                        .endsWith("(WhatsApp " + code + ")")
                        .doesNotContain("{0}", "''", "\n", unknown(language));
            }
        }
    }

    @Test
    void everyAdviceHasItsOwnWordsInEveryLanguage() {
        Phrases phrases = new Phrases("messages/outbound");
        for (GraphErrors.Advice advice : GraphErrors.Advice.values()) {
            assertThat(LANGUAGES.stream().map(language -> phrases.say(language, advice.key())))
                    .as(advice.name())
                    .doesNotHaveDuplicates();
        }
        for (Locale language : LANGUAGES) {
            assertThat(Stream.of(GraphErrors.Advice.values()).map(advice -> phrases.say(language, advice.key())))
                    .doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 3, 4, 10, 100, 190, 200, 299, 368, 80007, 130429, 130472, 130497, 131000, 131005, 131008, 131009,
                131016, 131021, 131026, 131030, 131031, 131037, 131042, 131045, 131047, 131048, 131049, 131050, 131051,
                131052, 131053, 131056, 131057, 132000, 132001, 132005, 132007, 132012, 132015, 132016, 132068, 132069,
                132999, 133000, 133004, 133005, 133006, 133008, 133009, 133010, 133015, 133016, 135000, 137000
            })
    void theCodesOfMetasDocumentationAreKnown(int code) {
        assertThat(RefusalTexts.of(code, null, Locale.ENGLISH)).doesNotContain(unknown(Locale.ENGLISH));
    }

    @ParameterizedTest
    @CsvSource({
        "131047, 24 hours",
        "131026, blocked your company",
        "131050, no more marketing",
        "131056, Wait a minute",
        "131031, locked",
        "190, link the number again",
        "131042, payment",
        "131021, your own WhatsApp number",
        "133010, not registered",
        "210, permission"
    })
    void theReasonFitsTheCode(int code, String words) {
        assertThat(RefusalTexts.of(code, "Meta's words", Locale.ENGLISH))
                .contains(words)
                .doesNotContain("Meta's words");
    }

    @Test
    void everyLanguageSaysItInItsOwnWords() {
        assertThat(LANGUAGES.stream().map(language -> RefusalTexts.of(131047, null, language)))
                .doesNotHaveDuplicates();
        assertThat(RefusalTexts.of(131047, null, BRAZIL)).contains("24 horas", "modelo");
        assertThat(RefusalTexts.of(131047, null, Locale.of("pt"))).isEqualTo(RefusalTexts.of(131047, null, BRAZIL));
        assertThat(RefusalTexts.of(131047, null, Locale.of("es", "MX")))
                .isEqualTo(RefusalTexts.of(131047, null, SPANISH));
        assertThat(RefusalTexts.of(131047, null, Locale.JAPANESE))
                .isEqualTo(RefusalTexts.of(131047, null, Locale.ENGLISH));
    }

    @Test
    void aCodeNobodyKnowsIsNamedWithMetasWords() {
        assertThat(RefusalTexts.of(999_999, "Something new", Locale.ENGLISH))
                .contains("refused", "(WhatsApp 999999)")
                .endsWith("WhatsApp says: Something new");
        assertThat(RefusalTexts.of(999_999, null, Locale.ENGLISH)).endsWith("(WhatsApp 999999)");
        assertThat(RefusalTexts.of(999_999, " \n", Locale.ENGLISH)).endsWith("(WhatsApp 999999)");
    }

    @Test
    void whatMetaRepeatsDoesNotBecomeMarkup() {
        assertThat(RefusalTexts.of(
                        100, "Param [url=https://x.y]text[/url]\nis &#91;b&#93; {0} '" + "x".repeat(500), BRAZIL))
                .doesNotContain("[", "]", "&#")
                .contains("(url=https://x.y)text(/url) is", "{0} '")
                .hasSizeLessThan(700);
    }

    @Test
    void whatIsNotKnownIsSaidToBeUnknown() {
        assertThat(RefusalTexts.uncertain(Locale.ENGLISH)).contains("has not confirmed", "Check with the customer");
        assertThat(RefusalTexts.undelivered24h(Locale.ENGLISH)).contains("24 hours");
        assertThat(LANGUAGES.stream().map(RefusalTexts::uncertain)).doesNotHaveDuplicates();
        assertThat(LANGUAGES.stream().map(RefusalTexts::undelivered24h)).doesNotHaveDuplicates();
    }

    @Test
    void anEditOrADeletionDoesNotReachTheCustomer() {
        assertThat(RefusalTexts.edited(Locale.ENGLISH)).contains("still sees the old text");
        assertThat(RefusalTexts.deleted(Locale.ENGLISH)).contains("still sees the message");
        assertThat(LANGUAGES.stream().map(RefusalTexts::edited)).doesNotHaveDuplicates();
        assertThat(LANGUAGES.stream().map(RefusalTexts::deleted)).doesNotHaveDuplicates();
    }
}
