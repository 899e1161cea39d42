package io.zaptrix.sandbox;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** The files of the sandbox's messages, as either side sees them. */
@RestController
@ConditionalOnProperty("zaptrix.sandbox.enabled")
class SandboxFilesController {

    /** What the page shows in place; nothing can run in it. */
    private static final Set<String> SHOWN = Set.of(
            "image/jpeg", "image/png", "image/gif", "image/webp", "audio/ogg", "audio/mpeg", "audio/mp4", "video/mp4");

    private final SandboxWorld world;

    SandboxFilesController(SandboxWorld world) {
        this.world = world;
    }

    /** What is attached to a message on a customer's phone. */
    @GetMapping("/sandbox/files/phone/{wamid}")
    ResponseEntity<byte[]> onPhone(@PathVariable String wamid) {
        return show(Optional.ofNullable(world.meta().fileOfMessage(wamid)));
    }

    /** What is attached to a message in the agent's chat. */
    @GetMapping("/sandbox/files/chat/{message}/{index}")
    ResponseEntity<byte[]> inChat(@PathVariable String message, @PathVariable int index) {
        return show(world.portal().attachedTo(message).stream().skip(index).findFirst());
    }

    private static ResponseEntity<byte[]> show(Optional<StoredFile> found) {
        StoredFile file = found.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        FileContent content = file.content();
        if (content == null) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        String type = file.contentType().replaceFirst(";.*", "");
        boolean shown = SHOWN.contains(type);
        return ResponseEntity.ok()
                .contentType(shown ? MediaType.parseMediaType(type) : MediaType.APPLICATION_OCTET_STREAM)
                .header("Content-Disposition", shown ? "inline" : "attachment")
                .cacheControl(CacheControl.maxAge(Duration.ofHours(1)).cachePrivate())
                .body(content.bytes());
    }
}
