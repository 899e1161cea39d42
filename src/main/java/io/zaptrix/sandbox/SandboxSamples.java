package io.zaptrix.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;

/** Files that are ready for whoever has none at hand; small, and what their types say. */
enum SandboxSamples {
    PHOTO("image", "image/jpeg", "photo.jpg", "pao-de-queijo.jpg"),
    FILM("video", "video/mp4", "film.mp4", "forno.mp4"),
    VOICE("audio", "audio/ogg; codecs=opus", "voice.ogg", "voz.ogg"),
    DOCUMENT("document", "application/pdf", "menu.pdf", "cardapio.pdf"),
    STICKER("sticker", "image/webp", "sticker.webp", "figurinha.webp");

    private final String kind;
    private final String contentType;
    private final String resource;
    private final String fileName;

    SandboxSamples(String kind, String contentType, String resource, String fileName) {
        this.kind = kind;
        this.contentType = contentType;
        this.resource = resource;
        this.fileName = fileName;
    }

    /** The sample that is sent as a message of Meta's type. */
    static Optional<SandboxSamples> of(String kind) {
        return Arrays.stream(values())
                .filter(sample -> sample.kind.equals(kind))
                .findFirst();
    }

    String kind() {
        return kind;
    }

    Attachment attachment() {
        try (InputStream in = SandboxSamples.class.getResourceAsStream("/sandbox/" + resource)) {
            if (in == null) {
                throw new IllegalStateException("the sample " + resource + " is missing");
            }
            return new Attachment(fileName, contentType, FileContent.of(in.readAllBytes()));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** A file that is to be sent. */
    record Attachment(String name, String contentType, FileContent content) {}
}
