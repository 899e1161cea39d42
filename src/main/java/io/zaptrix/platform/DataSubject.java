package io.zaptrix.platform;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A WhatsApp user of whom the bound tenant may hold data (a data subject of LGPD and GDPR), by all that their rows are
 * found by.
 *
 * @param names how WhatsApp calls them: phone numbers in every spelling, digits only, and business-scoped user ids
 * @param chats their conversations, as Bitrix24 knows them: {@code phoneNumberId:whatsappId}
 * @param messages the messages from and for them: wamids, ids in the portal, keys of items
 * @param references what else belongs to the tenant and names it where no tenant stands: its numbers, its portal
 * @param asked up to when: what is accepted later is about somebody who has come anew
 */
public record DataSubject(
        Set<String> names, Set<String> chats, Set<String> messages, Set<String> references, Instant asked) {

    public DataSubject {
        names = Set.copyOf(names);
        chats = Set.copyOf(chats);
        messages = Set.copyOf(messages);
        references = Set.copyOf(references);
    }

    /** Somebody of whom no message is known yet. */
    public static DataSubject of(Set<String> names, Set<String> chats, Instant asked) {
        return new DataSubject(names, chats, Set.of(), Set.of(), asked);
    }

    /** The same with these messages, too. */
    public DataSubject and(Set<String> more) {
        Set<String> all = new LinkedHashSet<>(messages);
        all.addAll(more);
        return new DataSubject(names, chats, all, references, asked);
    }

    /** The same in a tenant that is known by these. */
    public DataSubject in(Set<String> known) {
        return new DataSubject(names, chats, messages, known, asked);
    }

    /** A regular expression for one of the names, standing alone: no number is found within a longer one. */
    public String pattern() {
        // PostgreSQL reads it, too: no \Q there.
        return names.stream()
                .map(name -> name.replaceAll("([^A-Za-z0-9])", "\\\\$1"))
                .collect(Collectors.joining("|", "(^|[^0-9A-Za-z])(", ")($|[^0-9A-Za-z])"));
    }

    /** Whether a text names them. */
    public boolean isNamedIn(String text) {
        return Pattern.compile(pattern()).matcher(text).find();
    }

    @Override
    public String toString() {
        return "DataSubject[" + names.size() + " names, " + chats.size() + " chats]";
    }
}
