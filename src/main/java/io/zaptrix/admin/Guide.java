package io.zaptrix.admin;

import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.conversation.Conversation;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.platform.Masked;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * How far a portal has come on its way to the first message. Nothing is kept of it: a number is connected when it is
 * there, a line is chosen when the number works in one, and a message has come when it has a chat.
 */
@Component
class Guide {

    /** For the names of lines, without which the guide works too. */
    private static final Duration PATIENCE = Duration.ofMillis(1500);

    /** Meta's clock says whole seconds, and may be a little behind. */
    private static final Duration CLOCKS = Duration.ofSeconds(3);

    private final Channels channels;
    private final Conversations conversations;
    private final LineList lines;

    Guide(Channels channels, Conversations conversations, LineList lines) {
        this.channels = channels;
        this.conversations = conversations;
        this.lines = lines;
    }

    /** The three things to do. */
    enum Step {
        NUMBER,
        LINE,
        MESSAGE
    }

    /** A step as its page shows it. */
    public record Stage(Step step, boolean done, boolean current) {}

    /**
     * @param numbers all that are connected
     * @param number the one that the guide speaks of: that which was asked for, or the first that works
     * @param lineName what the portal calls the number's line, or its id while the portal does not say
     * @param arrived whether a message has ever come
     */
    public record Progress(
            List<PhoneNumber> numbers,
            @Nullable PhoneNumber number,
            @Nullable String lineName,
            boolean lineWorks,
            boolean arrived) {

        public boolean finished() {
            return number != null && lineWorks && arrived;
        }

        Step current() {
            return number == null ? Step.NUMBER : lineWorks ? Step.MESSAGE : Step.LINE;
        }

        public List<Stage> stages() {
            return List.of(
                    new Stage(Step.NUMBER, number != null, !finished() && current() == Step.NUMBER),
                    new Stage(Step.LINE, number != null && lineWorks, !finished() && current() == Step.LINE),
                    new Stage(Step.MESSAGE, finished(), !finished() && current() == Step.MESSAGE));
        }
    }

    /** A customer's message that has come to the chat of its open line. */
    public record Arrival(String from, @Nullable String chatId, Instant at) {}

    /** @param asked the number that somebody wants to see the guide for; any other portal's is not there */
    Progress progress(@Nullable String asked) {
        List<PhoneNumber> numbers = channels.list();
        PhoneNumber number = numbers.stream()
                .filter(one -> one.phoneNumberId().equals(asked))
                .findFirst()
                .or(() -> numbers.stream().filter(Guide::works).findFirst())
                .or(() -> numbers.stream().findFirst())
                .orElse(null);
        String lineName = number == null ? null : lines.nameOf(number.lineId(), PATIENCE);
        return new Progress(numbers, number, lineName, number != null && works(number), arrived(numbers));
    }

    /** Whether there is nothing left for the guide to do; asks nobody but the database. */
    boolean finished() {
        List<PhoneNumber> numbers = channels.list();
        return numbers.stream().anyMatch(Guide::works) && arrived(numbers);
    }

    /**
     * The last message that came to the number since then.
     *
     * @param after the time of a message that has been seen already, as seconds since 1970; null: there is none
     */
    Optional<Arrival> arrival(String phoneNumberId, Instant since, @Nullable Long after) {
        return conversations
                .lastArrived(phoneNumberId)
                .map(Guide::arrival)
                .filter(last -> !last.at().isBefore(since.minus(CLOCKS)))
                .filter(last -> after == null || last.at().getEpochSecond() > after);
    }

    private static Arrival arrival(Conversation last) {
        Instant at = last.lastMessageAt() == null ? Instant.EPOCH : last.lastMessageAt();
        return new Arrival(Masked.phone(last.address().whatsappId()), last.bitrixChatId(), at);
    }

    private boolean arrived(List<PhoneNumber> numbers) {
        return conversations.anyArrived(
                numbers.stream().map(PhoneNumber::phoneNumberId).toList());
    }

    private static boolean works(PhoneNumber number) {
        return number.status() == PhoneNumber.Status.ACTIVE && number.problem() == null;
    }
}
