package io.zaptrix.sandbox;

import io.zaptrix.sandbox.SandboxSamples.Attachment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.server.ResponseStatusException;

/** What a visitor does on a customer's phone. */
@RestController
@ConditionalOnProperty("zaptrix.sandbox.enabled")
class SandboxPhoneController {

    private final SandboxWorld world;

    SandboxPhoneController(SandboxWorld world) {
        this.world = world;
    }

    /**
     * A customer writes a text or sends something that is ready, or all write at once.
     *
     * @param quoted the wamid of the message that a text answers
     */
    @PostMapping("/sandbox/customer")
    ResponseEntity<Void> sends(
            @RequestParam String waId,
            @RequestParam(defaultValue = "") String text,
            @RequestParam(defaultValue = "text") String type,
            @RequestParam(defaultValue = "") String quoted) {
        if (type.equals("crowd")) {
            everybodyWrites();
            return done();
        }
        CustomerPhone phone = phone(waId);
        if (!type.equals("text")) {
            try {
                world.meta().customerSends(SandboxWorld.PHONE_NUMBER_ID, waId, name(waId), type);
            } catch (IllegalArgumentException unknownType) {
                throw new ResponseStatusException(HttpStatus.BAD_REQUEST, null, unknownType);
            }
        } else if (!text.isBlank() && quoted.isEmpty()) {
            phone.writes(text);
        } else if (!text.isBlank()) {
            phone.replies(text, quoted);
        }
        return done();
    }

    /**
     * A customer does something with a message.
     *
     * @param what {@code react} (no text takes the reaction back), {@code edit}, {@code delete}, or {@code press} a
     *     button under it
     */
    @PostMapping("/sandbox/customer-message")
    ResponseEntity<Void> does(
            @RequestParam String waId,
            @RequestParam String message,
            @RequestParam String what,
            @RequestParam(defaultValue = "") String text) {
        CustomerPhone phone = phone(waId);
        switch (what) {
            case "react" -> phone.reacts(message, text);
            case "edit" -> phone.edits(message, text);
            case "delete" -> phone.deletes(message);
            case "press" -> phone.pressesOfTemplate(text, message);
            default -> throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
        }
        return done();
    }

    /**
     * A customer sends files, each a message of its own, the first with the words. What the browser takes a file for
     * decides the kind of message, as on a phone.
     *
     * @param sample kinds of ready files
     */
    @PostMapping("/sandbox/customer-file")
    ResponseEntity<Void> attaches(
            @RequestParam String waId,
            @RequestParam(defaultValue = "") String text,
            @RequestParam(defaultValue = "") String quoted,
            @RequestParam(required = false) @Nullable List<String> sample,
            @RequestParam(required = false) @Nullable List<MultipartFile> file)
            throws IOException {
        CustomerPhone phone = phone(waId);
        String words = text;
        for (Attachment attached : attachments(sample, file)) {
            phone.sendsFile(
                    kind(attached.contentType()),
                    attached,
                    words.isBlank() ? null : words,
                    quoted.isEmpty() ? null : quoted);
            words = "";
        }
        return done();
    }

    static List<Attachment> attachments(@Nullable List<String> samples, @Nullable List<MultipartFile> files)
            throws IOException {
        List<Attachment> attached = new ArrayList<>();
        for (String sample : samples == null ? List.<String>of() : samples) {
            attached.add(SandboxSamples.of(sample)
                    .orElseThrow(() -> new ResponseStatusException(HttpStatus.BAD_REQUEST))
                    .attachment());
        }
        for (MultipartFile file : files == null ? List.<MultipartFile>of() : files) {
            String name = file.getOriginalFilename();
            String type = file.getContentType();
            attached.add(new Attachment(
                    name == null || name.isBlank() ? "file" : name,
                    type == null ? "application/octet-stream" : type,
                    FileContent.of(file.getBytes())));
        }
        return attached;
    }

    private void everybodyWrites() {
        int number = 0;
        for (int round = 1; round <= 3; round++) {
            for (SandboxWorld.Customer customer : SandboxWorld.CUSTOMERS) {
                number++;
                phone(customer.waId()).writes("#" + number);
            }
        }
    }

    private CustomerPhone phone(String waId) {
        return world.meta().phoneOf(SandboxWorld.PHONE_NUMBER_ID, waId, name(waId));
    }

    private static String name(String waId) {
        return SandboxWorld.CUSTOMERS.stream()
                .filter(known -> known.waId().equals(waId))
                .findFirst()
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND))
                .name();
    }

    private static String kind(String contentType) {
        String type = contentType.replaceFirst(";.*", "");
        return switch (type) {
            case "image/jpeg", "image/png" -> "image";
            case "image/webp" -> "sticker";
            default -> {
                String family = type.replaceFirst("/.*", "");
                yield family.equals("video") || family.equals("audio") ? family : "document";
            }
        };
    }

    private static ResponseEntity<Void> done() {
        return ResponseEntity.noContent().build();
    }
}
