package io.zaptrix.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.meta.InboundMessage;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.json.JsonMapper;

/** Whatever a customer types, by accident or by design. */
class ChatMarkupProperties {

    private static final Pattern OWN_TAG = Pattern.compile("\\[(/?)(b|i|s|code)]");

    @Property
    void noMarkupOfTheCustomerSurvives(@ForAll("attacks") String text) {
        String shown = ChatMarkup.formatted(text);
        String words = OWN_TAG.matcher(shown).replaceAll("");

        assertThat(words).doesNotContainPattern("\\[(?!\u200b)");
        assertThat(shown).doesNotContain("](", "-".repeat(54));
        assertThat(shown).doesNotContainPattern("(?i)&(?:#\\d+|quot|lt|gt|amp|nbsp);|#BR#|#REPLACEMENT");
        assertThat(shown.strip()).doesNotStartWith("/me").doesNotStartWith("/loud");
    }

    @Property
    void theTagsOfTheGatewayAreClosedInOrder(@ForAll("attacks") String text) {
        Deque<String> open = new ArrayDeque<>();
        Matcher tags = OWN_TAG.matcher(ChatMarkup.formatted(text));
        while (tags.find()) {
            if (tags.group(1).isEmpty()) {
                open.push(tags.group(2));
            } else {
                assertThat(open.poll()).isEqualTo(tags.group(2));
            }
        }
        assertThat(open).isEmpty();
    }

    @Property
    void noCharacterOfTheCustomerIsLost(@ForAll("attacks") String text) {
        assertThat(bare(OWN_TAG.matcher(ChatMarkup.formatted(text)).replaceAll("")))
                .isEqualTo(bare(text));
    }

    @Property
    void aHarmlessTextIsNotChangedAgain(@ForAll("attacks") String text) {
        String once = ChatMarkup.literal(text);

        assertThat(ChatMarkup.literal(once)).isEqualTo(once);
        assertThat(once).doesNotContainPattern("\\[(?!\u200b)");
    }

    @Property
    void anyUnitsOfTextAreTaken(@ForAll String text) {
        assertThat(ChatMarkup.formatted(text).codePoints())
                .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
                .noneMatch(c -> c == 0);
    }

    /** Bitrix24 would cut a longer page off without a word. */
    @Property(tries = 200)
    void noPageIsLongerThanBitrixTakes(@ForAll("attacks") String text) {
        String much = text.isEmpty() ? "" : text.repeat(1 + 100_000 / text.length());
        InboundMessage message = new InboundMessage(
                "wamid.1",
                "16505551234",
                Instant.EPOCH,
                "text",
                much,
                null,
                JsonMapper.shared().createObjectNode());

        assertThat(CustomerText.pages(message, Locale.ENGLISH, CustomerText.Around.NOTHING))
                .hasSizeBetween(1, 9)
                .allMatch(page -> page.length() <= 20_000);
    }

    /**
     * Eight times the text may cost eight times the work, with room for noise; were it squared, it would be 64 times.
     */
    @Example
    void workGrowsWithTheLengthOfTheTextAndNotFaster() {
        List<String> troublesome = List.of(
                "*",
                "*a",
                "*a ",
                " *a*",
                "_*a",
                "*a _b* c_ ",
                "`",
                "```",
                "```a",
                "``` ",
                "[",
                "](",
                "&",
                "&a",
                "&#",
                "-",
                "#",
                "\n",
                "> a\n",
                "https://",
                "https://*",
                "www.*_~",
                "\ud800",
                "\ud83d\ude00",
                " ");
        for (String piece : troublesome) {
            int few = 25_000 / piece.length();
            long little = leastWork(piece.repeat(few));
            long much = leastWork(piece.repeat(few * 8));
            assertThat(much).as("%s", piece).isLessThan(24 * Math.max(little, 4_000_000));
        }
    }

    private static long leastWork(String text) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long before = threads.getCurrentThreadCpuTime();
            ChatMarkup.formatted(text);
            least = Math.min(least, threads.getCurrentThreadCpuTime() - before);
        }
        return least;
    }

    /** Without what is written in another way: marks, quote signs, white space and what breaks markup. */
    private static String bare(String text) {
        return text.replaceAll("[*_~`>\\s\u200b\\p{Cc}\u0085\u2028\u2029]", "").replaceAll("[\ud800-\udfff\ufffd]", "");
    }

    @Provide
    Arbitrary<String> attacks() {
        return Arbitraries.oneOf(
                        Arbitraries.of(
                                "[",
                                "]",
                                "(",
                                ")",
                                "/",
                                "url=",
                                "send",
                                "[b]",
                                "[/b]",
                                "[code]",
                                "[/code]",
                                "[url=https://x.y]",
                                "[send=/x]",
                                "*",
                                "_",
                                "~",
                                "`",
                                "```",
                                "&",
                                "#91;",
                                "&#91;",
                                "&lt;",
                                "#",
                                "#BR#",
                                "####REPLACEMENT_MARK_0####",
                                "-".repeat(30),
                                "-".repeat(54),
                                "\n",
                                "> ",
                                " ",
                                "a",
                                "/me",
                                "/loud ",
                                "https://x.y/a_b",
                                "\u200b",
                                "\ud83d\ude00",
                                "\ud83d",
                                "\u0000",
                                "\r"),
                        Arbitraries.strings().ascii().ofMaxLength(6))
                .list()
                .ofMaxSize(40)
                .map(pieces -> String.join("", pieces));
    }
}
