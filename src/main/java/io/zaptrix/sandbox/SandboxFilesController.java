package io.zaptrix.sandbox;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Files that are attached on the sandbox's page, on either side, and those that arrived on the other. */
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

    /** A customer attaches a file; what the browser takes it for decides the kind of message, as on a phone. */
    @PostMapping("/sandbox/customer-file")
    ResponseEntity<Void> customer(
            @RequestParam String waId,
            @RequestParam String name,
            @RequestParam(defaultValue = "") String text,
            @RequestHeader(name = "Content-Type", defaultValue = "application/octet-stream") String contentType,
            @RequestBody byte[] content) {
        SandboxWorld.Customer customer = SandboxWorld.CUSTOMERS.stream()
                .filter(known -> known.waId().equals(waId))
                .findFirst()
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        String kind = kind(contentType);
        world.meta()
                .customerSendsFile(
                        SandboxWorld.PHONE_NUMBER_ID,
                        waId,
                        customer.name(),
                        kind,
                        contentType,
                        FileContent.of(content),
                        kind.equals("document") ? name : null,
                        text.isBlank() || kind.equals("audio") ? null : text);
        return ResponseEntity.noContent().build();
    }

    /** The agent attaches a file. */
    @PostMapping("/sandbox/agent-file")
    ResponseEntity<Void> agent(
            @RequestParam String chat,
            @RequestParam String name,
            @RequestParam(defaultValue = "") String text,
            @RequestHeader(name = "Content-Type", defaultValue = "application/octet-stream") String contentType,
            @RequestBody byte[] content) {
        try {
            world.portal()
                    .agentSends(
                            chat,
                            text,
                            List.of(new StandInPortal.AgentFile(name, contentType, FileContent.of(content))));
        } catch (IllegalArgumentException unknownChat) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND, null, unknownChat);
        }
        return ResponseEntity.noContent().build();
    }

    /** What is attached to a message on a customer's phone. */
    @GetMapping("/sandbox/files/phone/{wamid}")
    ResponseEntity<byte[]> onPhone(@PathVariable String wamid) {
        return show(Optional.ofNullable(world.meta().fileOfMessage(wamid)));
    }

    /** What is attached to a message in the agent's chat. */
    @GetMapping("/sandbox/files/chat/{message}/{index}")
    ResponseEntity<byte[]> inChat(@PathVariable String message, @PathVariable int index) {
        return show(world.portal().filesOf(message).stream().skip(index).findFirst());
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

    private static String kind(String contentType) {
        String type = contentType.replaceFirst(";.*", "");
        if (type.equals("image/jpeg") || type.equals("image/png")) {
            return "image";
        }
        String family = type.replaceFirst("/.*", "");
        return family.equals("video") || family.equals("audio") ? family : "document";
    }
}
