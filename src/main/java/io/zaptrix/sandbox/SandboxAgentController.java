package io.zaptrix.sandbox;

import java.io.IOException;
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

/** What a visitor does in the agent's chat. */
@RestController
@ConditionalOnProperty("zaptrix.sandbox.enabled")
class SandboxAgentController {

    private final SandboxWorld world;

    SandboxAgentController(SandboxWorld world) {
        this.world = world;
    }

    /** @param quoted the id of the message that the agent answers, whose words the messenger puts before the text */
    @PostMapping("/sandbox/agent")
    ResponseEntity<Void> writes(
            @RequestParam String chat, @RequestParam String text, @RequestParam(defaultValue = "") String quoted) {
        if (!text.isBlank()) {
            known(() -> world.portal().agentWrites(chat, quote(chat, quoted) + text));
        }
        return done();
    }

    /** All files in one message, as the messenger sends them, with words or without. */
    @PostMapping("/sandbox/agent-file")
    ResponseEntity<Void> attaches(
            @RequestParam String chat,
            @RequestParam(defaultValue = "") String text,
            @RequestParam(defaultValue = "") String quoted,
            @RequestParam(required = false) @Nullable List<String> sample,
            @RequestParam(required = false) @Nullable List<MultipartFile> file)
            throws IOException {
        List<StandInPortal.AgentFile> files = SandboxPhoneController.attachments(sample, file).stream()
                .map(attached ->
                        new StandInPortal.AgentFile(attached.name(), attached.contentType(), attached.content()))
                .toList();
        if (!files.isEmpty()) {
            known(() -> world.portal().agentSends(chat, quote(chat, quoted) + text, files));
        }
        return done();
    }

    /** @param what {@code edit} or {@code delete} */
    @PostMapping("/sandbox/agent-message")
    ResponseEntity<Void> changes(
            @RequestParam String message, @RequestParam String what, @RequestParam(defaultValue = "") String text) {
        switch (what) {
            case "edit" -> world.portal().agentEdits(message, text);
            case "delete" -> world.portal().agentDeletes(message);
            default -> throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
        }
        return done();
    }

    /** Ends the conversation, as an agent does who has nothing more to say. */
    @PostMapping("/sandbox/agent-end")
    ResponseEntity<Void> ends(@RequestParam String chat) {
        known(() -> world.portal().agentCloses(chat));
        return done();
    }

    private String quote(String chat, String message) {
        return message.isEmpty() ? "" : world.portal().quote(chat, message);
    }

    private static void known(Runnable doing) {
        try {
            doing.run();
        } catch (IllegalArgumentException unknownChat) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND, null, unknownChat);
        }
    }

    private static ResponseEntity<Void> done() {
        return ResponseEntity.noContent().build();
    }
}
