package io.zaptrix.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the page shows, sent to every open page as it changes, at most some times a second. */
final class SandboxStage implements ApplicationListener<ContextClosedEvent>, AutoCloseable {

    private static final int LONGEST_LOG = 80;
    private static final int LONGEST_CHAT = 200;
    private static final Duration PACE = Duration.ofMillis(120);
    private static final Duration BEAT = Duration.ofSeconds(15);
    private static final MediaType TEXT = new MediaType("text", "plain", StandardCharsets.UTF_8);
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

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
        ObjectNode state = JSON.objectNode();
        ArrayNode phones = state.putArray("phones");
        for (SandboxWorld.Customer customer : SandboxWorld.CUSTOMERS) {
            ObjectNode phone = phones.addObject().put("id", customer.waId()).put("name", customer.name());
            ArrayNode messages = phone.putArray("messages");
            latest(world.meta().phone(SandboxWorld.PHONE_NUMBER_ID, customer.waId()))
                    .forEach(message -> messages.addObject()
                            .put("id", message.wamid())
                            .put("mine", message.mine())
                            .put("type", message.type())
                            .put("text", message.text())
                            .put("at", message.at().toEpochMilli())
                            .put("file", type(world.meta().fileOfMessage(message.wamid())))
                            .put("tick", message.tick().name()));
        }
        ArrayNode chats = state.putArray("chats");
        for (StandInPortal.Chat chat : world.portal().chats()) {
            ObjectNode node = chats.addObject()
                    .put("id", chat.id())
                    .put("name", chat.name())
                    .put("phone", chat.phone());
            ArrayNode messages = node.putArray("messages");
            latest(chat.messages()).forEach(message -> {
                ObjectNode shown = messages.addObject();
                world.portal()
                        .filesOf(message.id())
                        .forEach(file -> shown.withArray("attached")
                                .addObject()
                                .put("name", file.name())
                                .put("type", type(file)));
                shown.put("id", message.id())
                        .put("author", message.author().name())
                        .put("name", message.authorName())
                        .put("text", message.text())
                        .put("files", String.join(", ", message.files()))
                        .put("at", message.at().toEpochMilli())
                        .put("mark", message.mark().name());
            });
        }
        StandInMeta.Faults meta = world.meta().faults();
        state.putObject("faults")
                .put("metaSlow", meta.isSlow())
                .put("metaTwice", meta.isDeliveringTwice())
                .put("metaReorder", meta.isReordering())
                .put("portalLimit", world.portal().isLimited())
                .put("portalHang", world.portal().faults().isHanging())
                .put("refusalsLeft", meta.refusalsLeft());
        state.put("webhooksUnderWay", world.meta().webhooksUnderWay());
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

    private static @Nullable String type(@Nullable StoredFile file) {
        return file == null || file.content() == null ? null : file.contentType();
    }

    private static <T> List<T> latest(List<T> messages) {
        return messages.subList(Math.max(0, messages.size() - LONGEST_CHAT), messages.size());
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
