package io.zaptrix.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.api.Scope;
import io.zaptrix.bitrix24.Bitrix24Errors;
import io.zaptrix.channel.AccountNumbers;
import io.zaptrix.channel.LinkRefused;
import io.zaptrix.conversation.CustomerSearch;
import io.zaptrix.journal.LoggedMessage;
import io.zaptrix.journal.MessageLife;
import io.zaptrix.journal.MessagePrices;
import io.zaptrix.portal.SignInRefused;
import io.zaptrix.privacy.Privacy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a page says, it says in every language. */
class PageWordsTest {

    static final List<String> LANGUAGES = Words.LANGUAGES;

    private static final Pattern KEY = Pattern.compile("#\\{([A-Za-z0-9_.]+)[({}]");
    private static final Pattern COMPUTED =
            Pattern.compile("#\\{'([^']*)' \\+ \\$\\{([a-zA-Z.]+)}(?: \\+ '([^']*)')?}");

    static List<Path> templates() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("frontend-templates/admin"))) {
            List<Path> found = files.filter(file -> file.toString().endsWith(".html"))
                    .sorted()
                    .toList();
            assertThat(found).isNotEmpty();
            return found;
        }
    }

    /** The keys that the templates name, those with a computed part too. */
    private static Set<String> keys() throws IOException {
        Set<String> keys = new TreeSet<>();
        for (Path template : templates()) {
            String html = Files.readString(template, UTF_8);
            Matcher plain = KEY.matcher(html);
            while (plain.find()) {
                keys.add(plain.group(1));
            }
            Matcher computed = COMPUTED.matcher(html);
            int computedKeys = 0;
            while (computed.find()) {
                computedKeys++;
                String end = computed.group(3) == null ? "" : computed.group(3);
                for (String part : parts(computed.group(2))) {
                    keys.add(computed.group(1) + part + end);
                }
            }
            assertThat(html.split("#\\{'", -1).length - 1)
                    .as("computed keys of %s", template)
                    .isEqualTo(computedKeys);
        }
        // What the classes beside the templates say.
        keys.addAll(NumberWords.keys());
        keys.addAll(ConnectionCheck.keys());
        // What is not said by a template.
        Stream.of(LogReason.values()).forEach(reason -> keys.add("reason." + reason));
        AuditWords.KNOWN.forEach(action -> keys.add("audit." + action));
        AuditWords.DETAILS.forEach(detail -> keys.add("audit.detail." + detail));
        AuditWords.WAYS.forEach(way -> keys.add("audit.way." + way));
        keys.addAll(List.of("audit.yes", "audit.no"));
        keys.add("overview.attention.portal");
        keys.add("guide.message.sample");
        for (String what : List.of("number", "letters", "failing")) {
            keys.addAll(List.of("overview.attention." + what, "overview.attention." + what + ".do"));
        }
        return keys;
    }

    private static List<String> parts(String variable) {
        return switch (variable) {
            case "refusal" ->
                Stream.of(LinkRefused.Reason.values()).map(Enum::name).toList();
            case "reason" ->
                Stream.of(SignInRefused.Reason.values()).map(Enum::name).toList();
            case "place.word" -> Stream.of(Section.values()).map(Enum::name).toList();
            case "stage.step" -> Stream.of(Guide.Step.values()).map(Enum::name).toList();
            case "clause" -> ReadingController.PRIVACY;
            case "chapter" -> ReadingController.TERMS;
            case "topic" -> ReadingController.HELP;
            case "tongue.name" ->
                PageLanguage.SPOKEN.stream().map(Locale::toLanguageTag).toList();
            case "choice.name" -> Stream.of(Look.values()).map(Look::word).toList();
            case "wrong" -> List.of("phoneNumberId", "wabaId", "accessToken", "displayName", "lineId");
            case "row.table" -> PrivacyWords.TABLES;
            case "entry.action" -> List.copyOf(Privacy.ACTIONS);
            case "unclear" ->
                Stream.of(CustomerSearch.Unclear.Reason.values())
                        .map(Enum::name)
                        .toList();
            case "one" -> UndeliveredPage.DIRECTIONS;
            case "row.direction" ->
                Stream.concat(UndeliveredPage.DIRECTIONS.stream(), Stream.of(UndeliveredPage.OTHER))
                        .toList();
            case "row.standing" ->
                Stream.of(AccountNumbers.Standing.values()).map(Enum::name).toList();
            case "result.reason" ->
                Stream.of(LinkRefused.Reason.values()).map(Enum::name).toList();
            case "test.state" -> List.of("wait", "ok", "warn", "bad");
            case "row.reason" ->
                Stream.of(LetterReason.values()).map(Enum::name).toList();
            case "row.life" -> List.of("usable", "soon", "expired", "revoked");
            case "scope" -> Stream.of(Scope.values()).map(Scope::word).toList();
            case "fault" -> List.of("name", "scope", "days", "full");
            case "advice", "row.advice" ->
                Stream.of(Bitrix24Errors.Advice.values()).map(Enum::name).toList();
            case "row.state", "state" ->
                Stream.of(LoggedMessage.State.values()).map(Enum::name).toList();
            case "way", "direction" ->
                Stream.of(LoggedMessage.Direction.values()).map(Enum::name).toList();
            case "row.kind" ->
                Stream.concat(LogController.KINDS.stream(), Stream.of("message"))
                        .toList();
            case "inward", "outward" ->
                Stream.of(MessageLife.Kind.values()).map(Enum::name).toList();
            case "cost.category", "price.key" -> MessagePrices.CATEGORIES;
            case "done" -> List.of("allowed", "changed", "removed");
            case "problem" -> List.of("short", "silent", "nobody");
            default -> throw new AssertionError("say what " + variable + " can be");
        };
    }

    @ParameterizedTest
    @FieldSource("LANGUAGES")
    void everyKeyHasItsText(String language) throws IOException {
        Properties words = Words.of(language);
        Set<String> keys = keys();
        // The console's own are with its pages: ConsoleWordsTest.
        assertThat(words.stringPropertyNames().stream()
                        .filter(key -> !key.startsWith("console.") || keys.contains(key)))
                .containsExactlyInAnyOrderElementsOf(keys);
        assertThat(words.values()).noneMatch(text -> text.toString().isBlank());
    }

    @ParameterizedTest
    @FieldSource("LANGUAGES")
    void textsWithValuesAreWellFormed(String language) {
        // MessageFormat reads a text only where a value is given; there, a lone apostrophe would eat what follows.
        Words.of(language).forEach((key, text) -> {
            if (text.toString().contains("{0}")) {
                assertThat(text.toString()).as("%s", key).doesNotContain("'");
            }
        });
    }

    /** What stands between tags is an example that th:text replaces, or a sign. */
    @ParameterizedTest
    @MethodSource("templates")
    void noTemplateSpeaksForItself(Path template) throws IOException {
        String html = Files.readString(template, UTF_8)
                .replaceAll("(?s)<!--.*?-->", "")
                .replaceAll("(?s)<(\\w+)\\b(?:[^>\"]|\"[^\"]*\")*\\bth:text=(?:[^>\"]|\"[^\"]*\")*>[^<]*</\\1>", "");
        List<String> said = Stream.of(html.split("<(?:[^>\"]|\"[^\"]*\")*>"))
                .map(String::strip)
                .filter(text -> text.matches("(?s).*\\p{L}.*"))
                .toList();
        assertThat(said).isSubsetOf("Zaptrix");
        assertThat(html)
                .as("texts in attributes come from the files too")
                .doesNotContainPattern("[^:](?:aria-label|title|alt)=\"[^\"$#@]+\"");
    }
}
