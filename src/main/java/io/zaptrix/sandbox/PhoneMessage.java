package io.zaptrix.sandbox;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message on a customer's phone, in the chat with a business.
 *
 * @param mine whether the customer wrote it
 * @param type Meta's name of its type
 * @param fileName of a document, as its sender calls it
 * @param answers the wamid of the message that it quotes
 * @param reaction the customer's own, an emoji
 * @param edited whether its words were changed after it was sent
 * @param deleted whether its writer took it back: its place is left, and nothing in it
 * @param buttons that can be pressed under it
 * @param failure why WhatsApp could not deliver it, its code first; null for what is on the phone
 */
public record PhoneMessage(
        String wamid,
        boolean mine,
        String type,
        String text,
        Instant at,
        Tick tick,
        @Nullable String fileName,
        @Nullable String answers,
        @Nullable String reaction,
        boolean edited,
        boolean deleted,
        List<Button> buttons,
        @Nullable String failure) {

    public PhoneMessage {
        // An earlier version kept none.
        buttons = buttons == null ? List.of() : List.copyOf(buttons);
    }

    /** Of the customer's own messages: none, delivered to the app, marked read by it; of others: read. */
    public enum Tick {
        NONE,
        DELIVERED,
        READ
    }

    /** @param url where it leads; null for one that answers with its words */
    public record Button(String text, @Nullable String url) {}

    static PhoneMessage of(String wamid, boolean mine, String type, String text, Instant at) {
        return new PhoneMessage(
                wamid, mine, type, text, at, Tick.NONE, null, null, null, false, false, List.of(), null);
    }

    PhoneMessage withFile(@Nullable String name) {
        return new PhoneMessage(
                wamid, mine, type, text, at, tick, name, answers, reaction, edited, deleted, buttons, failure);
    }

    PhoneMessage answering(@Nullable String quoted) {
        return new PhoneMessage(
                wamid, mine, type, text, at, tick, fileName, quoted, reaction, edited, deleted, buttons, failure);
    }

    PhoneMessage withButtons(List<Button> under) {
        return new PhoneMessage(
                wamid, mine, type, text, at, tick, fileName, answers, reaction, edited, deleted, under, failure);
    }

    PhoneMessage ticked(Tick now) {
        return tick.compareTo(now) >= 0
                ? this
                : new PhoneMessage(
                        wamid, mine, type, text, at, now, fileName, answers, reaction, edited, deleted, buttons,
                        failure);
    }

    /** @param emoji empty: the customer took the reaction back */
    PhoneMessage reacted(String emoji) {
        return new PhoneMessage(
                wamid,
                mine,
                type,
                text,
                at,
                tick,
                fileName,
                answers,
                emoji.isEmpty() ? null : emoji,
                edited,
                deleted,
                buttons,
                failure);
    }

    PhoneMessage edited(String words) {
        return new PhoneMessage(
                wamid, mine, type, words, at, tick, fileName, answers, reaction, true, deleted, buttons, failure);
    }

    PhoneMessage takenBack() {
        return new PhoneMessage(wamid, mine, type, "", at, tick, null, null, null, false, true, List.of(), failure);
    }

    PhoneMessage failed(String why) {
        return new PhoneMessage(
                wamid, mine, type, text, at, tick, fileName, answers, reaction, edited, deleted, buttons, why);
    }
}
