package io.zaptrix.api;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a key allows. */
public enum Scope {
    MESSAGES_SEND("messages:send"),
    MESSAGES_READ("messages:read"),
    NUMBERS_READ("numbers:read"),
    CONVERSATIONS_READ("conversations:read"),
    WEBHOOKS_MANAGE("webhooks:manage");

    private final String word;

    Scope(String word) {
        this.word = word;
    }

    /** As it is written and stored. */
    public String word() {
        return word;
    }

    /** Reads {@link #word}. */
    public static Optional<Scope> of(String word) {
        return Arrays.stream(values()).filter(scope -> scope.word.equals(word)).findFirst();
    }

    static String words(Collection<Scope> scopes) {
        return scopes.stream().sorted().map(Scope::word).collect(Collectors.joining(" "));
    }

    /** Reads {@link #words}; what is no scope any more allows nothing. */
    static Set<Scope> read(String words) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String word : words.split(" ")) {
            of(word).ifPresent(scopes::add);
        }
        return scopes;
    }
}
