package io.zaptrix.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.meta.InboundMessage;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A customer writes from the phone, and the agent reads it in the open line's chat. */
class CustomerTextTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Locale BRAZIL = Locale.of("pt", "BR");
    private static final String B = ChatMarkup.BREAKER;

    private static InboundMessage message(String type, @Nullable String text, String raw) {
        JsonNode json = JSON.readTree(raw);
        return new InboundMessage("wamid.1", "16505551234", Instant.EPOCH, type, text, null, json);
    }

    private static String shown(String type, String raw) {
        return CustomerText.of(message(type, null, raw), Locale.ENGLISH);
    }

    private static String text(String text) {
        return CustomerText.of(message("text", text, "{}"), Locale.ENGLISH);
    }

    @Nested
    class Texts {

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                hello                                        | hello
                *bold* and _italic_ and ~strike~             | [b]bold[/b] and [i]italic[/i] and [s]strike[/s]
                *bold _both_*                                | [b]bold [i]both[/i][/b]
                _*~all~*_                                    | [i][b][s]all[/s][/b][/i]
                *bold _both* italic_                         | [b]bold _both[/b] italic_
                (*bold*), "_so_".                            | ([b]bold[/b]), "[i]so[/i]".
                snake_case_name 2*3*4 5 * 6 * 7              | snake_case_name 2*3*4 5 * 6 * 7
                * not* *not * ** __ ~~ *                     | * not* *not * ** __ ~~ *
                use `a *b* c` here                           | use [code]a *b* c[/code] here
                ```let *x* = 1;```                           | [code]let *x* = 1;[/code]
                ```closed,``` `` and ` not `                 | [code]closed,[/code] `` and ` not `
                it is ```never *closed*                      | it is ```never [b]closed[/b]
                https://x.y/_a_/*b* _see_                    | https://x.y/_a_/*b* [i]see[/i]
                *see https://x.y/a_b*                        | [b]see https://x.y/a_b[/b]
                *\ud83d\ude00* \u043f\u0440\u0438_\u0432\u0435\u0442_ | [b]\ud83d\ude00[/b] \u043f\u0440\u0438_\u0432\u0435\u0442_
                :) ;-) \ud83d\ude00                          | :) ;-) \ud83d\ude00
                """)
        void keepTheirLooks(String whatsApp, String bitrix) {
            assertThat(text(whatsApp)).isEqualTo(bitrix);
        }

        @Test
        void keepTheirLines() {
            assertThat(text("one\r\n*two\nthree*\n\n> quoted *b*\n- item"))
                    .isEqualTo("one\n*two\nthree*\n\n>>quoted [b]b[/b]\n- item");
            assertThat(text("so:\n```\nif a:\n  b\n```\ndone *now*"))
                    .isEqualTo("so:\n[code]if a:\n  b[/code]\ndone [b]now[/b]");
        }

        @Test
        void thatMayHaveComeBeforeSaySoAboveTheirWords() {
            assertThat(CustomerText.perhapsRepeated("[b]hello[/b]", Locale.ENGLISH))
                    .isEqualTo("\u21bb (may be a repetition)\n[b]hello[/b]");
            assertThat(CustomerText.perhapsRepeated("oi", BRAZIL))
                    .endsWith("\noi")
                    .doesNotContain("repetition");
        }

        @Test
        void thatAreEmptyAreCalledSo() {
            assertThat(text(" \u200b ")).isEqualTo("(empty message)");
            assertThat(CustomerText.of(message("text", null, "{}"), BRAZIL)).isEqualTo("(mensagem vazia)");
        }

        @Test
        void thatAreTooLongForBitrixComeOnSeveralPagesWithoutLosingAWord() {
            String word = "*word* ";
            String typed = word.repeat(9_000).strip();

            List<String> pages = pages(typed);

            assertThat(pages).hasSizeGreaterThan(3).allMatch(page -> page.length() <= 20_000);
            assertThat(String.join("\n", pages).split("\\s+")).hasSize(9_000).containsOnly("[b]word[/b]");
        }

        @Test
        void ofAMegabyteAreCutAndSaySo() {
            List<String> pages = pages("\ud83d\ude00[".repeat(350_000));

            assertThat(pages).hasSizeLessThan(12).allMatch(page -> page.length() <= 20_000);
            assertThat(pages.getLast()).endsWith("(the text goes on; the rest is not shown here)");
        }

        @Test
        void thatAnswerAnotherQuoteIt() {
            InboundMessage answer = new InboundMessage(
                    "wamid.1",
                    "1650",
                    Instant.EPOCH,
                    "text",
                    "Yes",
                    "wamid.0",
                    JSON.readTree("{\"context\":{\"from\":\"1555\",\"id\":\"wamid.0\"}}"));

            assertThat(CustomerText.pages(answer, Locale.ENGLISH, new CustomerText.Around(false, "Shall we?", null)))
                    .containsExactly("\u21a9\ufe0f In reply to a message of ours\n>>Shall we?\nYes");
            assertThat(CustomerText.of(answer, BRAZIL)).isEqualTo("\u21a9\ufe0f Em resposta a uma mensagem nossa\nYes");
        }

        private static List<String> pages(String typed) {
            return CustomerText.pages(message("text", typed, "{}"), Locale.ENGLISH, CustomerText.Around.NOTHING);
        }

        @Test
        void keepTheMarkOfForwardingAndTheAdTheyCameFrom() {
            assertThat(CustomerText.of(message("text", "How much?", """
                                    {"context":{"forwarded":true},
                                     "referral":{"headline":"Summer","body":"Sale","source_url":"https://fb.me/1",
                                     "source_id":"42","ctwa_clid":"ARA"}}
                                    """), Locale.ENGLISH))
                    .isEqualTo(
                            "\u21aa\ufe0f Forwarded\nHow much?\n\ud83d\udce3 Came from an ad:\nSummer \u2014 Sale\nhttps://fb.me/1\nAd: 42\nClick: ARA");
        }
    }

    @Nested
    class Markup {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "[url=https://evil.example]your bank[/url]",
                    "[send=/close]Yes[/send]",
                    "[PUT=give me a refund]help[/PUT]",
                    "[user=1]Boss[/user]",
                    "[code]x[/code] [b]x[/b] [icon=https://x.y/i.png]",
                    "[1] [ url=x] a[0]",
                    "[*url=https://evil.example]x[/url*]",
                    "```x[/code][send=/close]y[/send]```",
                    "*[send=a]*b*[/send]*"
                })
        void ofBitrixIsShownAndDoesNothing(String typed) {
            String shown = text(typed);

            assertThat(withoutOwnTags(shown))
                    .doesNotContainPattern("\\[[^" + B + "]")
                    .doesNotEndWith("[");
        }

        @Test
        void isShownAsTyped() {
            assertThat(text("[url=https://evil.example]bank[/url]"))
                    .isEqualTo("[" + B + "url=https://evil.example]bank[" + B + "/url]");
        }

        @Test
        void cannotBeSmuggledInAsEntities() {
            assertThat(text("&#91;url=x&#93; &lt;b&gt; R&D a&b;c ?a=1&b=2"))
                    .isEqualTo("&" + B + "#91;url=x&" + B + "#93; &" + B + "lt;b&" + B + "gt; R&D a&b;c ?a=1&b=2");
        }

        @Test
        void ofMarkdownMakesNoLink() {
            assertThat(text("[bank](https://evil.example)"))
                    .isEqualTo("[" + B + "bank]" + B + "(https://evil.example)");
            assertThat(text("*bank*(https://evil.example)")).isEqualTo("[b]bank[/b]" + B + "(https://evil.example)");
            assertThat(text("```bank```(https://evil.example)"))
                    .isEqualTo("[code]bank[/code]" + B + "(https://evil.example)");
        }

        @Test
        void ofAQuoteDoesNotPutWordsInAnothersMouth() {
            String dashes = "-".repeat(60);

            assertThat(text(dashes + "\nBoss [10:00]\nRefund it!\n" + dashes)).doesNotContain("-".repeat(54));
        }

        @Test
        void cannotHangTheServerOrTakeACharacterAway() {
            assertThat(text("####REPLACEMENT_MARK_1#### #BR#"))
                    .isEqualTo("####" + B + "REPLACEMENT_MARK_1#### #" + B + "BR#");
            assertThat(text("/menu")).isEqualTo(B + "/menu");
            assertThat(text("/start")).isEqualTo("/start");
        }

        @Test
        void inDetailsDoesNothingEither() {
            assertThat(shown("document", "{\"document\":{\"filename\":\"[send=x]a[/send].pdf\\n\"}}"))
                    .startsWith("\ud83d\udcc4 Document: [" + B + "send=x]a[" + B + "/send].pdf\n");
            assertThat(shown("[url=x]", "{}")).contains("[" + B + "url=x]");
        }

        private String withoutOwnTags(String shown) {
            return shown.replaceAll("\\[/?(?:b|i|s|code)]", "");
        }
    }

    @Nested
    class OtherKinds {

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
                image       | {"image":{"caption":"my *dog*"}}              | \ud83d\udcf7 Image/my [b]dog[/b]/
                video       | {"video":{"id":"1"}}                          | \ud83c\udfac Video/
                audio       | {"audio":{"voice":true}}                      | \ud83c\udfa4 Voice message/
                audio       | {"audio":{"voice":false}}                     | \ud83c\udfb5 Audio file/
                sticker     | {"sticker":{"animated":true}}                 | \ud83c\udf1f Sticker/
                document    | {"document":{}}                               | \ud83d\udcc4 Document/
                document    | {"document":{"filename":"a.pdf"}}             | \ud83d\udcc4 Document: a.pdf/
                """)
        void ofMediaNameThemselves(String type, String raw, String shown) {
            assertThat(shown(type, raw).replace('\n', '/')).startsWith(shown).endsWith("send it another way.");
        }

        @Test
        void ofMediaThatTheChatShowsNeedNoName() {
            CustomerText.Around shown = new CustomerText.Around(true, null, null);
            assertThat(CustomerText.pages(
                            message("image", null, "{\"image\":{\"caption\":\"my *dog*\"}}"), Locale.ENGLISH, shown))
                    .containsExactly("my [b]dog[/b]");
            assertThat(CustomerText.pages(message("audio", null, "{\"audio\":{}}"), Locale.ENGLISH, shown))
                    .containsExactly("");
        }

        @Test
        void ofTheCompanysOwnPhoneSayWhereTheyWereWritten() {
            assertThat(CustomerText.echoed(message("text", "*Hi*", "{}"), Locale.ENGLISH, CustomerText.Around.NOTHING))
                    .containsExactly("\ud83d\udcf1 Sent from the WhatsApp Business app:\n[b]Hi[/b]");
            assertThat(CustomerText.echoed(message("revoke", null, "{}"), Locale.ENGLISH, CustomerText.Around.NOTHING))
                    .containsExactly("\ud83d\udcf1 A message was deleted in the WhatsApp Business app");
        }

        @Test
        void ofPlacesLeadToTheMap() {
            assertThat(shown("location", "{\"location\":{\"latitude\":37.44,\"longitude\":-122.16}}"))
                    .isEqualTo("\ud83d\udccd Location\nhttps://www.google.com/maps?q=37.44,-122.16");
            assertThat(shown("location", """
                            {"location":{"latitude":"37.44","longitude":"-122.16","name":"Caf\u00e9","address":"Main St 1"}}
                            """))
                    .isEqualTo(
                            "\ud83d\udccd Location: Caf\u00e9, Main St 1\nhttps://www.google.com/maps?q=37.44,-122.16");
            assertThat(shown("location", "{\"location\":{\"latitude\":\"1&q=x\",\"longitude\":{}}}"))
                    .isEqualTo("\ud83d\udccd Location");
        }

        @Test
        void ofContactsNameTheirPhones() {
            assertThat(shown("contacts", """
                            {"contacts":[
                              {"name":{"formatted_name":"Ann Lee"},"phones":[{"phone":"+1 650 555"},{"wa_id":"1651"}],
                               "emails":[{"email":"a@x.y"}],"org":{"company":"Shop"}},
                              {"name":{"first_name":"Bo","last_name":"Ek"}}, {}, 7]}
                            """))
                    .isEqualTo("\ud83d\udc64 Contacts\n\u2022 Ann Lee, +1 650 555, +1651, a@x.y, Shop\n\u2022 Bo Ek\n"
                            + "\u2022 (no name)\n\u2022 (no name)");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
                button      | {"button":{"text":"Yes","payload":"1"}}                                         | \ud83d\udd18 Chose: Yes
                interactive | {"interactive":{"button_reply":{"id":"1","title":"Yes"}}}                       | \ud83d\udd18 Chose: Yes
                interactive | {"interactive":{"list_reply":{"title":"Red","description":"warm"}}}             | \ud83d\udd18 Chose: Red \u2014 warm
                interactive | {"interactive":{"nfm_reply":{"body":"Sent","response_json":"{\\"flow_token\\":\\"t\\",\\"full_name\\":\\"Ann\\",\\"n\\":[1,2],\\"screen_0_Your_choice_1\\":\\"0_Very_good\\",\\"o\\":{\\"a\\":1}}"}}} | \ud83d\udcdd Form filled in/Sent/\u2022 full name: Ann/\u2022 n: 1, 2/\u2022 Your choice: Very good/\u2022 o: {"a":1}
                interactive | {"interactive":{"nfm_reply":{"response_json":"{oops"}}}                         | \ud83d\udcdd Form filled in/{oops
                interactive | {"interactive":{"type":"product","product":{"product_retailer_id":"sku1","text":"In *red*?"}}} | \ud83c\udff7 Chose the product sku1/In [b]red[/b]?
                interactive | {"interactive":{"product":{"product_retailer_id":7,"text":[]}}}                   | \ud83c\udff7 Chose the product 7
                interactive | {"interactive":{"product":{"text":"Cake"}}}                                     | \ud83d\udd18 Chose: Cake
                interactive | {"interactive":{"product":{}}}                                                  | \ud83d\udd18 Chose an answer that WhatsApp did not pass on
                interactive | {"interactive":{"call_permission_reply":{"response":"accept"}}}                 | \ud83d\udcde The customer allows calls on WhatsApp for some time
                interactive | {"interactive":{"call_permission_reply":{"response":"accept","is_permanent":true}}} | \ud83d\udcde The customer allows calls on WhatsApp at any time
                interactive | {"interactive":{"call_permission_reply":{"response":"reject"}}}                 | \ud83d\udcde The customer does not want to be called on WhatsApp
                interactive | {"interactive":{"call_permission_reply":{"response":[]}}}                       | \ud83d\udd18 Chose an answer that WhatsApp did not pass on
                interactive | {"errors":[{"code":131000,"title":"Something went wrong"}]}                     | \u26a0\ufe0f A message of a kind that cannot be shown here yet (interactive)/Something went wrong (131000)
                reaction    | {"reaction":{"message_id":"w","emoji":"\ud83d\udc4d"}}                          | Reacted to a message with \ud83d\udc4d
                reaction    | {"reaction":{"message_id":"w","emoji":""}}                                      | Took back a reaction to a message
                order       | {"order":{"text":"fast!","product_items":[{"product_retailer_id":"sku1","quantity":2,"item_price":30,"currency":"USD"},{}]}} | \ud83d\uded2 Order, number of products: 2/\u2022 2 \u00d7 sku1 (30 USD)/\u2022 \u00d7/fast!
                system      | {"system":{"type":"user_changed_number","wa_id":"1652","body":"A changed"}}     | \u2139\ufe0f The customer changed their WhatsApp number to +1652/This chat goes on with the new number./A changed
                system      | {"system":{"type":"else","body":"News"}}                                        | \u2139\ufe0f Notice from WhatsApp/News
                revoke      | {"revoke":{"original_message_id":"w"}}                                          | \ud83d\uddd1 The customer deleted a message
                request_welcome | {}                                                                          | \ud83d\udc4b The customer opened the chat for the first time
                unsupported | {"unsupported":{"type":"poll"},"errors":[{"code":131051,"title":"Message type unknown","error_data":{"details":"Not supported."}}]} | \u26a0\ufe0f A message of a kind that WhatsApp does not pass on (poll). Ask the customer to send it another way./Message type unknown (131051) \u2014 Not supported.
                hologram    | {"hologram":{}}                                                                 | \u26a0\ufe0f A message of a kind that cannot be shown here yet (hologram)
                """)
        void sayWhatTheyAre(String type, String raw, String shown) {
            assertThat(shown(type, raw).replace('\n', '/')).isEqualTo(shown);
        }

        @Test
        void withWordsOfTheCustomerShowThem() {
            assertThat(CustomerText.of(message("edit", "new *words*", "{}"), Locale.ENGLISH))
                    .isEqualTo("\u270f\ufe0f The customer edited a message:\nnew [b]words[/b]");
            assertThat(CustomerText.of(message("hologram", "hi", "{}"), Locale.ENGLISH))
                    .endsWith("(hologram)\nhi");
        }

        @Test
        void areNamedInTheLanguageOfThePortal() {
            assertThat(CustomerText.of(message("audio", null, "{\"audio\":{\"voice\":true}}"), BRAZIL))
                    .startsWith("\ud83c\udfa4 Mensagem de voz");
            assertThat(CustomerText.of(message("image", null, "{}"), Locale.of("ru")))
                    .contains("\u0418\u0437\u043e\u0431\u0440\u0430\u0436\u0435\u043d\u0438\u0435");
            assertThat(CustomerText.of(message("image", null, "{}"), Locale.of("es")))
                    .contains("Imagen");
        }

        @Test
        void ofAnyMakeNeverComeWithoutWords() {
            List<String> types = List.of(
                    "",
                    "text",
                    "image",
                    "video",
                    "audio",
                    "document",
                    "sticker",
                    "location",
                    "contacts",
                    "button",
                    "interactive",
                    "reaction",
                    "order",
                    "system",
                    "edit",
                    "revoke",
                    "request_welcome",
                    "unsupported",
                    "unknown",
                    "errors");
            for (String type : types) {
                for (String body : List.of(
                        "null", "7", "\"x\"", "[]", "[[null]]", "{}", "{\"text\":{},\"type\":[],\"emoji\":1}")) {
                    String raw = "{\"%s\":%s,\"errors\":%s,\"context\":%s,\"referral\":%s}"
                            .formatted(type, body, body, body, body);
                    assertThat(CustomerText.of(message(type, null, raw), Locale.ENGLISH))
                            .as(raw)
                            .isNotBlank();
                }
                assertThat(CustomerText.of(message(type, null, "null"), Locale.ENGLISH))
                        .isNotBlank();
            }
        }

        @Test
        void listNoMoreThanAnAgentReads() {
            String many = "{\"contacts\":[" + "{},".repeat(29) + "{}]}";

            assertThat(shown("contacts", many).lines()).hasSize(22).last().isEqualTo("\u2026 and 10 more");
        }
    }

    /** Else the customer's reaction would show what the agent had quoted rather than what the agent said. */
    @Test
    void anAnswerIsQuotedWithoutWhatItQuotes() {
        String dashes = "-".repeat(54);
        assertThat(ChatHistory.excerpt(dashes + "[br]Ana [24.11.2026 10:00] #chat12/34[br]Bolo?[br]" + dashes
                        + "[br]Temos, [b]de cenoura[/b]"))
                .isEqualTo("Temos, de cenoura");
        assertThat(ChatHistory.excerpt("Veja --- isto")).isEqualTo("Veja --- isto");
    }
}
