package io.zaptrix.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An agent answers from the open line's chat, and the customer reads it on the phone. */
class AgentTextTest {

    private static final String DASHES = "-".repeat(54);

    private static String sent(String bitrixText) {
        List<String> parts = AgentText.toWhatsApp(bitrixText);
        assertThat(parts).hasSize(1);
        return parts.getFirst();
    }

    @Test
    void theNameThatTheOpenLinePutsBeforeAnAnswerStandsOnItsOwnLine() {
        assertThat(sent("[b]Klaus Weber:[/b] [br]Guten Tag!")).isEqualTo("*Klaus Weber:*\nGuten Tag!");
        assertThat(sent("[b]Klaus Weber:[/b] [br] Guten Tag!")).isEqualTo("*Klaus Weber:*\nGuten Tag!");
    }

    @Test
    void aMessageWithNothingToReadIsNotSent() {
        assertThat(AgentText.toWhatsApp("")).isEmpty();
        assertThat(AgentText.toWhatsApp(" [br]\n\u200b[b] [/b]#BR#")).isEmpty();
        assertThat(AgentText.toWhatsApp("[disk=42]")).isEmpty();
    }

    @Test
    void smilesAndEmojiStay() {
        assertThat(sent("Done :) \ud83d\udc69\u200d\ud83d\udcbb \u2764\ufe0f ;-)"))
                .isEqualTo("Done :) \ud83d\udc69\u200d\ud83d\udcbb \u2764\ufe0f ;-)");
    }

    @Nested
    class Looks {

        @Test
        void becomeTheMarksOfWhatsApp() {
            assertThat(sent("[b]bold[/b], [i]italic[/i], [s]strike[/s] and [u]underlined[/u]"))
                    .isEqualTo("*bold*, _italic_, ~strike~ and underlined");
        }

        @Test
        void nestAndDoNotMindTheCaseOfTags() {
            assertThat(sent("[B][i]both[/I] and bold[/b]")).isEqualTo("*_both_ and bold*");
            assertThat(sent("[b][i][s]all[/s][/i][/b]")).isEqualTo("*_~all~_*");
        }

        @Test
        void areWrittenOnceWhenTheSameLookIsNestedOrGoesOn() {
            assertThat(sent("[b]very [b]very[/b] bold[/b]")).isEqualTo("*very very bold*");
            assertThat(sent("[b]one[/b][b] word[/b]")).isEqualTo("*one word*");
        }

        @Test
        void leaveSpacesOutside() {
            assertThat(sent("A[b] bold [/b]word")).isEqualTo("A *bold* word");
        }

        @Test
        void areClosedAtEveryEndOfLine() {
            assertThat(sent("[b]first\nsecond[br]\n[/b]third")).isEqualTo("*first*\n*second*\n\nthird");
        }

        @Test
        void areLeftOutWhereWhatsAppWouldShowTheMarks() {
            assertThat(sent("un[b]believ[/b]able")).isEqualTo("unbelievable");
            assertThat(sent("[b]2*3*4[/b]")).isEqualTo("2*3*4");
            assertThat(sent("[b]a[/b][i]b[/i]")).isEqualTo("ab");
        }

        @Test
        void thatOverlapAreBroughtInOrder() {
            assertThat(sent("[b]bold [i]both[/b] italic[/i]")).isEqualTo("*bold _both_* italic");
        }

        @Test
        void doNotTouchLinks() {
            assertThat(sent("[b]See [url]https://example.com/a_b_c[/url] now[/b]"))
                    .isEqualTo("*See* https://example.com/a_b_c *now*");
        }

        @Test
        void thatTheAgentTypedInWhatsAppsOwnWayStayAsTyped() {
            assertThat(sent("*bold* _italic_ 2 * 3 snake_case ~ `x`"))
                    .isEqualTo("*bold* _italic_ 2 * 3 snake_case ~ `x`");
        }

        @Test
        void thatSayNothingOnAPhoneAreDropped() {
            assertThat(sent("[size=20]big[/size] [color=#ff0000]red[/color] [font=Arial]plain[/font]"))
                    .isEqualTo("big red plain");
        }
    }

    @Nested
    class Links {

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                [url]https://example.com[/url]                             | https://example.com
                [url=https://example.com]our site[/url]                    | our site: https://example.com
                [url=https://example.com]See:[/url]                        | See: https://example.com
                [url=https://example.com]https://example.com[/url]         | https://example.com
                [url=https://example.com/]example.com[/url]!               | example.com: https://example.com/!
                [url=https://example.com]example.com[/url]                 | https://example.com
                [url=https://example.com][/url]                            | https://example.com
                [url=https://example.com/?p[1]="t"]x[/url]                 | x: https://example.com/?p[1]="t"
                [url=https://example.com/?a=1&amp;b=2]x[/url]              | x: https://example.com/?a=1&b=2
                [url=mailto:a@example.com]Ann[/url]                        | Ann: a@example.com
                [url=tel:+4930123]+4930123[/url]                           | +4930123
                [url=/crm/contact/details/1/]Ann[/url]                     | Ann
                [url=javascript:alert(1)]Ann[/url]                         | Ann
                [b][url=https://example.com]Shop[/url][/b]                 | *Shop*: https://example.com
                """)
        void showTheirAddress(String bitrix, String whatsApp) {
            assertThat(sent(bitrix)).isEqualTo(whatsApp);
        }
    }

    @Nested
    class Messenger {

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                [user=1]Ann Lee[/user], hello                              | Ann Lee, hello
                [USER=1 REPLACE]Ann Lee[/USER]                             | Ann Lee
                [user=all]Everyone[/user]                                  | Everyone
                [chat=5]Sales[/chat]                                       | Sales
                [context=chat1/2]there[/context]                           | there
                [send=/help]Show help[/send] [put=/find]Find[/put]         | Show help Find
                [send=/help][/send]                                        | /help
                [call=+49 30 123]call us[/call]                            | call us: +49 30 123
                [call]+4930123[/call]                                      | +4930123
                [icon=https://x.y/i.png size=20 title=Thumbs up]           | (Thumbs up)
                [icon=https://x.y/i.png title=Smile width=20]              | (Smile)
                [img size=medium]https://x.y/p.jpg [/img]                  | https://x.y/p.jpg
                Look:[img]https://x.y/p.jpg[/img]                          | Look: https://x.y/p.jpg
                at [timestamp=1645844720 format=SHORT_TIME_FORMAT]         | at 2022-02-26 03:05 UTC
                rated [rating=3][like]                                     | rated \u2b50\u2b50\u2b50\ud83d\udc4d
                """)
        void tagsBecomeTheirWords(String bitrix, String whatsApp) {
            assertThat(sent(bitrix)).isEqualTo(whatsApp);
        }

        @Test
        void namesTheOpenLineThatIsMentioned() {
            assertThat(sent("[chat=imol|7]Line[/chat]")).isEqualTo("Line");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "[s] small, [m] medium, [l] large",
                    "press [b] to go back",
                    "see [1] and [2], [*] too",
                    "[/b] [unknown]x[/unknown] [b",
                    "[size]x[/size] [b=1]x[/b]",
                    "[code]never closed",
                    "[[[]]] [] [/]"
                })
        void bracketsThatAreNoTagsStay(String text) {
            assertThat(sent(text)).isEqualTo(text);
        }

        @Test
        void breaksLinesInEveryWay() {
            assertThat(sent("a[br]b#BR#c\nd\r\ne[BR]f\u2028g")).isEqualTo("a\nb\nc\nd\ne\nf\ng");
        }

        @Test
        void entitiesAreReadOnce() {
            assertThat(
                            sent(
                                    "&quot;a&quot; &lt;b&gt; R&amp;D &#39;c&#39; &#91;b&#93; &amp;lt; &euro; AT&T; &#xZ; &#55357;"))
                    .isEqualTo("\"a\" <b> R&D 'c' [b] &lt; &euro; AT&T; &#xZ; &#55357;");
        }

        @Test
        void codeIsLeftAlone() {
            assertThat(sent("Try [code]\nif (a[0] &lt; b) {\n  *p = [b]1[/b];\n}\n[/code]\nplease"))
                    .isEqualTo("Try\n```if (a[0] &lt; b) {\n  *p = [b]1[/b];\n}```\nplease");
            assertThat(sent("the [icode]a_b[/icode] field")).isEqualTo("the `a_b` field");
        }

        @Test
        void listsBecomeLines() {
            assertThat(sent("Choose:[list]\n[*]tea\n[*][b]coffee[/b]\n[/list]\nThanks"))
                    .isEqualTo("Choose:\n- tea\n- *coffee*\nThanks");
            assertThat(sent("[list=1][*]one[*]two[list][*]inner[/list][*]three[/list]"))
                    .isEqualTo("1. one\n2. two\n  - inner\n3. three");
        }

        @Test
        void tablesBecomeLines() {
            assertThat(sent("[table][tr][th]Size[/th][th]Price[/th][/tr][tr][td]S[/td][td]5[/td][/tr][/table]"))
                    .isEqualTo("Size | Price\nS | 5");
        }
    }

    @Nested
    class Quotes {

        @Test
        void ofTheMessengerLoseTheirDashes() {
            assertThat(sent(DASHES + "\nAnn Lee [12.03.2024 10:00:00] #chat123/456\nIs it [b]open[/b]?\n\nToday?\n"
                            + DASHES + "\nYes, until six."))
                    .isEqualTo("> Ann Lee [12.03.2024 10:00:00]\n> Is it *open*?\n> Today?\nYes, until six.");
        }

        @Test
        void keepTheNameBeforeThem() {
            assertThat(sent("[b]Klaus:[/b] [br]" + DASHES + "\nhello\n" + DASHES + "\nhi"))
                    .isEqualTo("*Klaus:*\n> hello\nhi");
        }

        @Test
        void byArrowsEndWithTheirLine() {
            assertThat(sent("&gt;&gt;not one\n>>first\n>> second\nanswer"))
                    .isEqualTo("> not one\n> first\n> second\nanswer");
        }

        @Test
        void byTagNameTheirAuthor() {
            assertThat(sent("[quote=Ann]hello[/quote]hi")).isEqualTo("> Ann:\n> hello\nhi");
        }

        @Test
        void thatAreOnlyOneLineOfDashesAreNone() {
            assertThat(sent("above\n" + DASHES + "\nbelow")).isEqualTo("above\n" + DASHES + "\nbelow");
        }
    }

    @Nested
    class LongTexts {

        @Test
        void upToTheLimitAreOneMessage() {
            assertThat(AgentText.toWhatsApp("x".repeat(4096))).containsExactly("x".repeat(4096));
            assertThat(AgentText.toWhatsApp("x".repeat(4097))).containsExactly("x".repeat(4096), "x");
        }

        @Test
        void areCutBetweenParagraphsBeforeLinesBeforeSentencesBeforeWords() {
            String half = "word ".repeat(10).strip();
            assertThat(AgentText.toWhatsApp(half + ".\n\n" + "end of it\nall. More words " + "w".repeat(40), 80))
                    .first()
                    .isEqualTo(half + ".");
            assertThat(AgentText.toWhatsApp(half + "\nall. More words " + "w".repeat(40), 80))
                    .first()
                    .isEqualTo(half);
            assertThat(AgentText.toWhatsApp(half + " all. More words " + "w".repeat(40), 80))
                    .first()
                    .isEqualTo(half + " all.");
            assertThat(AgentText.toWhatsApp(half + " all more words " + "w".repeat(40), 80))
                    .first()
                    .isEqualTo(half + " all more words");
        }

        @Test
        void keepLinksWhole() {
            String link = "https://example.com/" + "p/".repeat(25);
            assertThat(AgentText.toWhatsApp("x".repeat(30) + "(" + link, 80))
                    .containsExactly("x".repeat(30) + "(", link);
            assertThat(AgentText.toWhatsApp("see " + link + " now", 76)).containsExactly("see " + link, "now");
        }

        @Test
        void keepEmojiWhole() {
            String family = "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67\u200d\ud83d\udc66";
            assertThat(AgentText.toWhatsApp(family.repeat(9), 64)).containsExactly(family.repeat(5), family.repeat(4));
        }

        @Test
        void closeTheirLooksAtACutAndOpenThemAgain() {
            assertThat(AgentText.toWhatsApp("[b]" + "bold ".repeat(20) + "[/b]end", 64))
                    .containsExactly(
                            "*" + "bold ".repeat(12).strip() + "*",
                            "*" + "bold ".repeat(8).strip() + "* end");
        }

        @Test
        void goOnQuotingAfterACut() {
            assertThat(AgentText.toWhatsApp(">>" + "quoted ".repeat(14), 64))
                    .containsExactly(
                            "> " + "quoted ".repeat(9).strip(),
                            "> " + "quoted ".repeat(5).strip());
        }

        @Test
        void goOnAsCodeAfterACut() {
            assertThat(AgentText.toWhatsApp("[code]" + "line();\n".repeat(10) + "[/code]", 64))
                    .containsExactly(
                            "```" + "line();\n".repeat(7).strip() + "```",
                            "```" + "line();\n".repeat(3).strip() + "```");
        }
    }
}
