package io.zaptrix.conversation;

import io.zaptrix.fuzz.Target;
import java.util.List;
import java.util.Objects;

/** The ways in which numbers are written. */
public final class ConversationFuzz {

    private ConversationFuzz() {}

    public static List<Target> targets() {
        return List.of(
                Target.ofText(
                        "phone numbers",
                        List.of(
                                "5511987654321",
                                "551187654321",
                                "5215512345678",
                                "5491123456789",
                                "+55 (11) 98765-4321",
                                "BR.1a2b"),
                        List.of("+", "55", "521", "549", "0", "9", " ", "-", "(", ")", "\u0661", "00"),
                        number -> {
                            String canonical = CanonicalPhone.of(number);
                            Target.promised(
                                    CanonicalPhone.of(canonical).equals(canonical),
                                    "the canonical form of " + canonical + " is another");
                            CanonicalPhone.dialable(number);
                            Target.promised(CanonicalPhone.spellings(number).size() < 20, "too many spellings");
                        }),
                Target.ofText(
                        "addresses of chats",
                        List.of("106540352242922:5511987654321", "106:BR.1a"),
                        List.of(":", "::", "", " ", "BR."),
                        chat -> Objects.requireNonNull(ChatAddress.parse(chat).toString())));
    }
}
