package io.zaptrix.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

/** An agent answers one message of the chat. */
class AgentQuoteTest {

    private static final String DASHES = "-".repeat(54);
    private static final String SIGNED = "[b]Klaus Weber:[/b] [br]";

    private static Optional<AgentQuote> quote(@Nullable String text, @Nullable String beside) {
        return AgentQuote.of(new AgentMessage(
                "1", "n:c", JsonNodeFactory.instance.objectNode(), "12", "99", text, List.of(), "27", beside, null));
    }

    private static String quoting(String heading, String quoted, String answer) {
        return SIGNED + DASHES + "[br]" + heading + "[br]" + quoted + "[br]" + DASHES + "[br]" + answer;
    }

    @Test
    void aQuoteBeforeTheAnswerNamesTheMessage() {
        assertThat(quote(quoting("Ana [24.11.2026 10:00] #chat12/3456", "Do you[br]have it?", "Yes[br]we do"), null))
                .hasValueSatisfying(quote -> {
                    assertThat(quote.quoted()).isEqualTo("3456");
                    assertThat(AgentText.toWhatsApp(quote.answer() == null ? "" : quote.answer()))
                            .containsExactly("*Klaus Weber:*\nYes\nwe do");
                });
        assertThat(quote(quoting("Ana [10:00] #1:27/77", "x", "y"), null)
                        .orElseThrow()
                        .quoted())
                .isEqualTo("77");
    }

    @Test
    void aReplyOfNewerWindowsIsNamedBesideTheText() {
        assertThat(quote(SIGNED + "Yes", "3456")).contains(new AgentQuote("3456", SIGNED + "Yes"));
    }

    @Test
    void whatNamesNoMessageIsNoAnswerToOne() {
        assertThat(quote(quoting("Ana [10:00]", "x", "y"), null)).isEmpty();
        assertThat(quote(quoting("Ana", "she said #chat1/2", "y"), null)).isEmpty();
        assertThat(quote(SIGNED + "well: " + quoting("Ana #chat1/2", "x", "y"), null))
                .isEmpty();
        assertThat(quote(quoting("Ana #chat1/2", "x", ""), null)).isEmpty();
        assertThat(quote(SIGNED + DASHES + "[br]Ana #chat1/2[br]never closed", null))
                .isEmpty();
        assertThat(quote(null, null)).isEmpty();
        assertThat(quote("", null)).isEmpty();
    }

    @Property
    void noTextBreaksIt(@ForAll String before, @ForAll String inside, @ForAll String after) {
        quote(before + DASHES + inside + DASHES + after, null);
        quote("[b]" + before + ":[/b]" + DASHES + inside, null);
    }

    @Test
    void aLongQuoteIsRead() {
        String long1 = "x [br]".repeat(100_000);
        assertThat(quote(quoting("Ana #chat1/2", long1, "y"), null)).isPresent();
        assertThat(quote(" ".repeat(500_000) + DASHES, null)).isEmpty();
    }
}
