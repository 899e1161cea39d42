package io.zaptrix.console;

import io.zaptrix.platform.KeyRing;
import io.zaptrix.platform.KeyRotation;
import io.zaptrix.platform.Replicas;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The keys of encryption at rest, by their ids: which seals, how far a rotation is, and taking the old one away. */
@Controller
@RequestMapping(ConsoleKeysController.PATH)
class ConsoleKeysController {

    static final String PATH = OperatorSessions.PATH + "/keys";

    private final ConsolePages pages;
    private final KeyRing ring;
    private final KeyRotation rotation;
    private final Replicas replicas;
    private final OperatorAudit audit;

    ConsoleKeysController(
            ConsolePages pages, KeyRing ring, KeyRotation rotation, Replicas replicas, OperatorAudit audit) {
        this.pages = pages;
        this.ring = ring;
        this.rotation = rotation;
        this.replicas = replicas;
        this.audit = audit;
    }

    /** @param knownBy how many of the replicas that live can open with it */
    record Row(long id, boolean primary, boolean sealing, long knownBy) {}

    @GetMapping
    ModelAndView keys(@RequestParam(required = false) @Nullable String done, HttpServletRequest request) {
        List<Replicas.Replica> alive = replicas.alive();
        Optional<KeyRotation.Progress> progress = rotation.progress();
        List<Row> rows = ring.keys().stream()
                .map(key -> new Row(
                        key.id(),
                        key.primary(),
                        key.sealing(),
                        alive.stream()
                                .filter(replica -> replica.keys().contains(key.id()))
                                .count()))
                .toList();
        boolean underWay = progress.filter(now -> now.finishedAt() == null).isPresent();
        boolean ofTheseKeys = progress.filter(
                        last -> rows.stream().anyMatch(row -> row.primary() && row.id() == last.toKey()))
                .isPresent();
        return pages.page("keys", request)
                .addObject("custody", ring.custody().name())
                .addObject("own", ring.custody() == KeyRing.Custody.DATA_DIRECTORY)
                .addObject("rows", rows)
                .addObject("replicas", alive.size())
                .addObject("progress", progress.orElse(null))
                .addObject("underWay", underWay)
                .addObject("removable", !underWay && ofTheseKeys && rows.size() > 1)
                .addObject("done", done);
    }

    /** Adds a key, lets it seal, and has everything sealed anew. */
    @PostMapping("/rotate")
    ModelAndView rotate(@AuthenticationPrincipal Operator operator) {
        if (ring.custody() != KeyRing.Custody.DATA_DIRECTORY) {
            return ConsolePages.seeOther(PATH);
        }
        // Who clicks twice wants one key.
        if (ring.keys().size() == 1) {
            long key = ring.add();
            audit.record(operator.name(), "keys.rotated", null, Map.of("key", key));
            replicas.beat();
            ring.promote(key);
            replicas.beat();
        }
        rotation.begin();
        return ConsolePages.seeOther(PATH + "?done=rotated");
    }

    /** Has everything sealed with the primary key of the keyset that the operator gave. */
    @PostMapping("/seal")
    ModelAndView seal(@AuthenticationPrincipal Operator operator) {
        audit.record(operator.name(), "keys.sealing", null, Map.of());
        rotation.begin();
        return ConsolePages.seeOther(PATH + "?done=rotated");
    }

    @PostMapping("/remove")
    ModelAndView remove(
            @AuthenticationPrincipal Operator operator, @RequestParam long key, HttpServletRequest request) {
        boolean known = ring.keys().stream().anyMatch(row -> row.id() == key && !row.primary() && !row.sealing());
        if (ring.custody() != KeyRing.Custody.DATA_DIRECTORY || !known) {
            return ConsolePages.seeOther(PATH);
        }
        if (!rotation.isClean()) {
            ModelAndView page = keys(null, request).addObject("needed", true);
            page.setStatus(HttpStatus.CONFLICT);
            return page;
        }
        audit.record(operator.name(), "keys.removed", null, Map.of("key", key));
        ring.remove(key);
        replicas.beat();
        return ConsolePages.seeOther(PATH + "?done=removed");
    }
}
