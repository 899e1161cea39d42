package io.zaptrix.bitrix24;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortalLanguageTest {

    @ParameterizedTest
    @CsvSource({"br, pt-BR", "BR, pt-BR", "pt_BR, pt-BR", "la, es", "es, es", "ru, ru", "en, en", "de, en", "'', en"})
    void bitrix24sCodesAreNotThoseOfOthers(String code, String tag) {
        assertThat(PortalLanguage.of(code).locale().toLanguageTag()).isEqualTo(tag);
    }

    @Test
    void noLanguageIsEnglish() {
        assertThat(PortalLanguage.of(null)).isEqualTo(PortalLanguage.ENGLISH);
    }
}
