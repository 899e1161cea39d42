package io.zaptrix.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Whatever an agent, a robot or a broken client writes. */
class AgentTextProperties {

    private static final String DASHES = "-".repeat(54);

    @Property
    void everyPartFitsAndSaysSomething(
            @ForAll("markup") String text, @ForAll @IntRange(min = 64, max = 200) int limit) {
        for (String part : AgentText.toWhatsApp(text, limit)) {
            assertThat(part.length()).isBetween(1, limit);
            assertThat(part).isEqualTo(part.strip());
            assertThat(isWellFormed(part)).as("whole characters only").isTrue();
        }
    }

    @Property
    void anyUnitsOfTextAreTaken(@ForAll String text) {
        for (String part : AgentText.toWhatsApp(text)) {
            assertThat(part.length()).isBetween(1, AgentText.LIMIT);
            assertThat(isWellFormed(part)).isTrue();
        }
    }

    @Property
    void noWordOfAPlainTextIsLostOrMoved(
            @ForAll("plain") String text, @ForAll @IntRange(min = 64, max = 200) int limit) {
        String all = String.join("", AgentText.toWhatsApp(text, limit));

        assertThat(withoutSpace(all)).isEqualTo(withoutSpace(text));
    }

    @Property
    void noWordOfAFormattedTextIsLostOrMoved(
            @ForAll("formatted") Formatted text, @ForAll @IntRange(min = 64, max = 200) int limit) {
        String all = String.join("", AgentText.toWhatsApp(text.bbCode(), limit));

        assertThat(withoutSpace(all.replaceAll("[*_~]", ""))).isEqualTo(withoutSpace(text.words()));
    }

    @Property
    void marksComeInPairsWithinTheirLine(
            @ForAll("formatted") Formatted text, @ForAll @IntRange(min = 64, max = 200) int limit) {
        for (String part : AgentText.toWhatsApp(text.bbCode(), limit)) {
            for (String line : part.lines().toList()) {
                for (char mark : "*_~".toCharArray()) {
                    assertThat(line.chars().filter(c -> c == mark).count() % 2)
                            .as("marks %s in: %s", mark, line)
                            .isZero();
                }
                assertThat(line).doesNotContainPattern("(^|\\s)[*_~]+(\\s|$)");
            }
        }
    }

    @Property
    void whatWhatsAppCanReadIsNotChangedAgain(@ForAll("formatted") Formatted text) {
        List<String> once = AgentText.toWhatsApp(text.bbCode());

        assertThat(once.stream().flatMap(part -> AgentText.toWhatsApp(part).stream()))
                .containsExactlyElementsOf(once);
    }

    /**
     * Eight times the text may cost eight times the work, with room for noise; were it squared, it would be 64 times.
     */
    @Example
    void workGrowsWithTheLengthOfTheTextAndNotFaster() {
        List<String> troublesome = List.of(
                "[",
                "[b]",
                "[/b]",
                "[url=",
                "[url=https://x.y/]",
                "[code]",
                "[b][i][/b]",
                "[list][*]",
                "[b]a[/b][i]b[/i]",
                "[b] [i] x[/b] [/i]",
                "[url=https://x.y]a[/url]",
                "[img]x[/img]",
                ">",
                "-",
                DASHES + "\n",
                "&",
                "&amp",
                "#BR",
                "\n",
                " ",
                "a ",
                "x",
                "https://",
                "\ud83d\udc68\u200d",
                "a\u0301",
                "\ud800");
        for (String piece : troublesome) {
            int few = 25_000 / piece.length();
            String text = piece.repeat(few);
            String longText = piece.repeat(few * 8);
            String overlapping = piece.repeat(few / 2) + "[/i]".repeat(few / 2) + "[/b]".repeat(few / 2);
            assertThat(leastWork(longText)).as("%s", piece).isLessThan(24 * Math.max(leastWork(text), 4_000_000));
            assertThat(AgentText.toWhatsApp(overlapping)).allMatch(part -> part.length() <= AgentText.LIMIT);
        }
    }

    @Example
    void tagsMayBeNestedAsDeepAsTheTextIsLong() {
        assertThat(AgentText.toWhatsApp("[b]".repeat(30_000) + "deep" + "[/b]".repeat(30_000)))
                .containsExactly("*deep*");
        assertThat(AgentText.toWhatsApp("[b]".repeat(15_000) + "[i]".repeat(15_000) + "deep" + "[/b]".repeat(15_000)
                        + "[/i]".repeat(15_000)))
                .containsExactly("*_deep_*");
    }

    /** CPU time of this thread in nanoseconds: what other processes do meanwhile does not count. */
    private static long leastWork(String text) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long before = threads.getCurrentThreadCpuTime();
            AgentText.toWhatsApp(text);
            least = Math.min(least, threads.getCurrentThreadCpuTime() - before);
        }
        return least;
    }

    private static String withoutSpace(String text) {
        return text.codePoints()
                .filter(c -> !Character.isWhitespace(c) && !Character.isSpaceChar(c))
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    private static boolean isWellFormed(String text) {
        return text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    /** A text with looks, and its words alone. */
    record Formatted(String bbCode, String words) {}

    @Provide
    Arbitrary<String> plain() {
        return Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars(' ', '\n', '.', '!', '(', ')', '\u00e9', '\u044f', '\u4e16', '\u3002')
                .ofMaxLength(600);
    }

    @Provide
    Arbitrary<Formatted> formatted() {
        Arbitrary<String> word = Arbitraries.of(
                "tea",
                "\u043a\u043e\u0444\u0435",
                "42",
                "(x)",
                "ok.",
                "\ud83d\ude00",
                "e\u0301",
                "\u4f60\u597d",
                "\n",
                "\n\n",
                " ");
        Arbitrary<String> look = Arbitraries.of("", "", "b", "i", "s", "u", "size=20");
        Arbitrary<Formatted> piece = Combinators.combine(
                        look, word.list().ofMinSize(1).ofMaxSize(6), Arbitraries.of("", " ", "\n"))
                .as((tag, words, after) -> {
                    String text = String.join(" ", words);
                    String name = tag.replaceAll("=.*", "");
                    String bb = tag.isEmpty() ? text : "[" + tag + "]" + text + "[/" + name + "]";
                    return new Formatted(bb + after, text + after);
                });
        return Combinators.combine(piece.list().ofMaxSize(12), look).as((pieces, around) -> {
            String bb = pieces.stream().map(Formatted::bbCode).collect(Collectors.joining());
            String words = pieces.stream().map(Formatted::words).collect(Collectors.joining());
            String name = around.replaceAll("=.*", "");
            return new Formatted(around.isEmpty() ? bb : "[" + around + "]" + bb + "[/" + name + "]", words);
        });
    }

    @Provide
    Arbitrary<String> markup() {
        return Arbitraries.oneOf(
                        Arbitraries.of(
                                "[b]",
                                "[/b]",
                                "[i]",
                                "[/i]",
                                "[s]",
                                "[/s]",
                                "[url=https://x.y/z]",
                                "[url]",
                                "[/url]",
                                "[code]",
                                "[/code]",
                                "[icode]",
                                "[/icode]",
                                "[list]",
                                "[list=1]",
                                "[*]",
                                "[/list]",
                                "[quote]",
                                "[/quote]",
                                "[send=/x]",
                                "[/send]",
                                "[call=1]",
                                "[/call]",
                                "[user=1]",
                                "[/user]",
                                "[img]",
                                "[/img]",
                                "[br]",
                                "#BR#",
                                "\n",
                                ">>",
                                DASHES,
                                "[icon=https://x.y title=z]",
                                "[timestamp=99999999999 format=X]",
                                "[rating=99999999999]",
                                "[hr]",
                                "&#91;",
                                "&amp;",
                                "\ud83d\udc68\u200d\ud83d\udc69",
                                "\ud83d",
                                "\ude00",
                                "\u0301",
                                "\r",
                                "\u0000",
                                " ",
                                "*",
                                "_",
                                "`",
                                "```",
                                "https://example.com/a_b",
                                "[td]",
                                "[/td]",
                                "[tr]",
                                "[/tr]"),
                        Arbitraries.strings().ascii().ofMaxLength(20),
                        Arbitraries.strings().all().ofMaxLength(5))
                .list()
                .ofMaxSize(60)
                .map(pieces -> String.join("", pieces));
    }
}
