package io.zaptrix.meta;

import java.util.function.Predicate;

/** The real check of signatures, for those outside the room who measure it. */
public final class Signatures {

    private Signatures() {}

    /** Whether a header proves {@code body} under {@code secret}. */
    public static Predicate<String> of(byte[] body, String secret) {
        WebhookSignature signature = WebhookSignatureTest.of(secret);
        return header -> signature.proves(body, header);
    }
}
