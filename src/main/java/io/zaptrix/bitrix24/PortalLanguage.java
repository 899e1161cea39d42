package io.zaptrix.bitrix24;

import static java.util.Locale.ROOT;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A language of the product, by Bitrix24's codes: {@code LANG}, {@code LANGUAGE_ID}. */
public enum PortalLanguage {
    ENGLISH(Locale.ENGLISH),
    RUSSIAN(Locale.of("ru")),
    /** Bitrix24 calls it {@code br}. */
    BRAZILIAN_PORTUGUESE(Locale.of("pt", "BR")),
    /** Bitrix24 calls it {@code la}. */
    SPANISH(Locale.of("es"));

    private final Locale locale;

    PortalLanguage(Locale locale) {
        this.locale = locale;
    }

    public Locale locale() {
        return locale;
    }

    /** The language for a code; English for none, and for those into which the product is not translated. */
    public static PortalLanguage of(@Nullable String code) {
        if (code == null) {
            return ENGLISH;
        }
        return switch (code.strip().toLowerCase(ROOT).replace('_', '-')) {
            case "ru" -> RUSSIAN;
            case "br", "pt-br", "pt" -> BRAZILIAN_PORTUGUESE;
            case "la", "es" -> SPANISH;
            default -> ENGLISH;
        };
    }
}
