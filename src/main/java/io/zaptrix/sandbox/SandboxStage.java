package io.zaptrix.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the page shows, sent to every open page as it changes, at most some times a second. */
final class SandboxStage implements ApplicationListener<ContextClosedEvent>, AutoCloseable {

    private static final int LONGEST_LOG = 80;
    private static final Duration PACE = Duration.ofMillis(120);
    private static final Duration BEAT = Duration.ofSeconds(15);
    private static final MediaType TEXT = new MediaType("text", "plain", StandardCharsets.UTF_8);

    private final SandboxWorld world;
    private final Set<SseEmitter> pages = new CopyOnWriteArraySet<>();
    private final Deque<Passage> log = new ArrayDeque<>();
    private final AtomicBoolean announced = new AtomicBoolean();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("sandbox-stage").factory());
    private long passages;

    SandboxStage(SandboxWorld world) {
        this.world = world;
        world.meta().onPassage(this::passed);
        world.bitrix24().onPassage(this::passed);
        world.meta().onChange(this::changed);
        world.bitrix24().onChange(this::changed);
        clock.scheduleWithFixedDelay(this::changed, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Another page looks on. */
    SseEmitter open() {
        SseEmitter page = new SseEmitter(0L);
        page.onCompletion(() -> pages.remove(page));
        page.onError(failure -> pages.remove(page));
        pages.add(page);
        send(page, snapshot().toString());
        return page;
    }

    /** Something is not as the pages show it. */
    void changed() {
        if (!pages.isEmpty() && !clock.isShutdown() && announced.compareAndSet(false, true)) {
            clock.schedule(this::show, PACE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    ObjectNode snapshot() {
        ObjectNode state = SandboxView.of(world);
        ArrayNode lines = state.putArray("log");
        synchronized (log) {
            state.put("passages", passages);
            log.forEach(passage -> lines.addObject()
                    .put("at", passage.at().toEpochMilli())
                    .put("vendor", passage.vendor())
                    .put("in", passage.toApplication())
                    .put("what", passage.what())
                    .put("status", passage.status())
                    .put("note", passage.note()));
        }
        return state;
    }

    /** Open pages would keep a graceful stop waiting. */
    @Override
    public void onApplicationEvent(ContextClosedEvent closing) {
        close();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        pages.forEach(SseEmitter::complete);
        pages.clear();
    }

    private void passed(Passage passage) {
        synchronized (log) {
            passages++;
            log.addLast(passage);
            if (log.size() > LONGEST_LOG) {
                log.removeFirst();
            }
        }
        changed();
    }

    private void show() {
        announced.set(false);
        String state = snapshot().toString();
        new ArrayList<>(pages).forEach(page -> send(page, state));
    }

    private void send(SseEmitter page, String state) {
        try {
            page.send(SseEmitter.event().name("state").data(state, TEXT));
        } catch (IOException | IllegalStateException gone) {
            pages.remove(page);
        }
    }
}
