package io.zaptrix.bitrix24;

/** What was posted is no event of Bitrix24; sending it again will not help. Its message carries no content. */
public final class MalformedEvent extends RuntimeException {

    MalformedEvent(String message) {
        super(message);
    }
}
