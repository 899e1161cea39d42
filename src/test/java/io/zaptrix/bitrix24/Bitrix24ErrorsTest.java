package io.zaptrix.bitrix24;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.bitrix24.Bitrix24Errors.Advice;
import io.zaptrix.bitrix24.Bitrix24Exception.Kind;
import io.zaptrix.platform.Phrases;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Bitrix24ErrorsTest {

    /** Of the pages on all methods, on the authorization server, on connectors, and on the methods that are called. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "INTERNAL_SERVER_ERROR",
                "ERROR_UNEXPECTED_ANSWER",
                "QUERY_LIMIT_EXCEEDED",
                "OPERATION_TIME_LIMIT",
                "ERROR_BATCH_METHOD_NOT_ALLOWED",
                "ERROR_BATCH_LENGTH_EXCEEDED",
                "NO_AUTH_FOUND",
                "INVALID_REQUEST",
                "OVERLOAD_LIMIT",
                "ACCESS_DENIED",
                "INVALID_CREDENTIALS",
                "ERROR_MANIFEST_IS_NOT_AVAILABLE",
                "insufficient_scope",
                "expired_token",
                "user_access_error",
                "PORTAL_DELETED",
                "invalid_client",
                "invalid_scope",
                "invalid_grant",
                "PAYMENT_REQUIRED",
                "ERROR_ARGUMENT",
                "WRONG_AUTH_TYPE",
                "NOT_ACTIVE_LINE",
                "IMCONNECTOR_NO_CORRECT_PROVIDER",
                "IMCONNECTOR_NOT_SPECIFIED_CORRECT_COMMAND",
                "CONNECTOR_ID_REQUIRED",
                "NAME_REQUIRED",
                "ICON_REQUIRED",
                "NO_APPLICATION_ID",
                "NO_PLACEMENT_HANDLER",
                "APPLICATION_REGISTRATION_ERROR",
                "APPLICATION_REGISTRATION_ERROR_POINT",
                "GENERAL_CONNECTOR_REGISTRATION_ERROR",
                "MISSING_REQUIRED_PARAM",
                "INVALID_SESSION_ID",
                "ACCESS_ERROR",
                "MESSAGE_EMPTY",
                "USER_ID_EMPTY",
                "CANCELED",
                "ATTACH_OVERSIZE",
                "REPLY_ACCESS_ERROR"
            })
    void theCodesOfTheDocumentationAreKnown(String code) {
        assertThat(Bitrix24Errors.isKnown(code)).isTrue();
    }

    @Test
    void ofACodeThatNobodyKnowsTheStatusTells() {
        assertThat(Bitrix24Errors.isKnown("SOMETHING_NEW")).isFalse();
        assertThat(Bitrix24Errors.kindOf(400, "SOMETHING_NEW", "")).isEqualTo(Kind.REFUSE);
        assertThat(Bitrix24Errors.kindOf(401, "SOMETHING_NEW", "")).isEqualTo(Kind.REFRESH);
        assertThat(Bitrix24Errors.kindOf(429, "SOMETHING_NEW", "")).isEqualTo(Kind.LIMIT);
        assertThat(Bitrix24Errors.kindOf(503, "SOMETHING_NEW", "")).isEqualTo(Kind.RETRY);
    }

    @Test
    void everyAdviceIsSomeCodesAndHasWordsOfItsOwnInEveryLanguage() {
        assertThat(Bitrix24Errors.codes().stream().map(Bitrix24Errors::advice).distinct())
                .containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(EnumSet.of(Advice.UNKNOWN)));
        Phrases phrases = new Phrases("messages/bitrix24");
        List<Locale> languages = List.of(Locale.ENGLISH, Locale.of("pt", "BR"), Locale.of("es"), Locale.of("ru"));
        assertThat(languages.stream()
                        .flatMap(language ->
                                Stream.of(Advice.values()).map(advice -> phrases.say(language, "bitrix24." + advice))))
                .hasSize(4 * Advice.values().length)
                .doesNotHaveDuplicates();
    }

    @Test
    void whatCanBeDoneGoesByTheCodeInAnyCase() {
        assertThat(Bitrix24Errors.advice("PAYMENT_REQUIRED")).isEqualTo(Advice.PLAN);
        assertThat(Bitrix24Errors.advice("invalid_grant")).isEqualTo(Advice.REINSTALL);
        assertThat(Bitrix24Errors.advice("ACCESS_DENIED")).isEqualTo(Advice.PERMISSION);
        assertThat(Bitrix24Errors.advice("SOMETHING_NEW")).isEqualTo(Advice.UNKNOWN);
    }
}
