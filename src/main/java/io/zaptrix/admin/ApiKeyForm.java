package io.zaptrix.admin;

import io.zaptrix.api.ApiKeys;
import io.zaptrix.api.Scope;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an admin types to make an API key.
 *
 * @param id the form's own: a form that is sent twice makes one key
 * @param scope their words
 * @param days how long it lives
 */
record ApiKeyForm(
        @Nullable String id,
        @Nullable String name,
        @Nullable List<String> scope,
        @Nullable Integer days) {

    /** What can be chosen, days. */
    static final List<Integer> LIVES = List.of(30, 90, 180, 365);

    private static final int USUAL = 90;

    static ApiKeyForm empty() {
        return new ApiKeyForm(UUID.randomUUID().toString(), "", List.of(), USUAL);
    }

    String cleanName() {
        return name == null ? "" : io.zaptrix.platform.CleanText.of(name).strip();
    }

    Set<Scope> scopes() {
        Set<Scope> chosen = EnumSet.noneOf(Scope.class);
        (scope == null ? Collections.<String>emptyList() : scope)
                .forEach(word -> Scope.of(word).ifPresent(chosen::add));
        return chosen;
    }

    /** The first field that cannot be used as it is; empty if all can. */
    Optional<String> wrong() {
        String typed = cleanName();
        if (typed.isEmpty() || typed.length() > ApiKeys.LONGEST_NAME) {
            return Optional.of("name");
        }
        if (scopes().isEmpty()) {
            return Optional.of("scope");
        }
        return days == null || !LIVES.contains(days) ? Optional.of("days") : Optional.empty();
    }

    /** The form's id; one that was tampered with is a new form's. */
    UUID formId() {
        try {
            return id == null ? UUID.randomUUID() : UUID.fromString(id);
        } catch (IllegalArgumentException noId) {
            return UUID.randomUUID();
        }
    }
}
