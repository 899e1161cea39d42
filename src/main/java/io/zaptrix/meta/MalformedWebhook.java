package io.zaptrix.meta;

/** A body that is no webhook at all: not JSON, or JSON but not an object. Its message says where, never what. */
public final class MalformedWebhook extends Exception {

    private static final long serialVersionUID = 1;

    MalformedWebhook(String message) {
        super(message);
    }
}
