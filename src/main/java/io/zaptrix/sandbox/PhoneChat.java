package io.zaptrix.sandbox;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The chat of a customer with a number, as the customer's phone has it. Safe for use by many threads. */
final class PhoneChat {

    /** How many messages one customer may get at once; then one every {@link #PAIR_PACE} (the pair limit). */
    private static final int PAIR_BURST = 45;

    private static final Duration PAIR_PACE = Duration.ofSeconds(6);

    private final String phoneNumberId;
    private final String waId;
    private final Map<String, PhoneMessage> messages = new LinkedHashMap<>();
    private final Deque<Instant> sentAt = new ArrayDeque<>();
    private @Nullable Instant lastWrote;

    PhoneChat(String phoneNumberId, String waId) {
        this.phoneNumberId = phoneNumberId;
        this.waId = waId;
    }

    String phoneNumberId() {
        return phoneNumberId;
    }

    String waId() {
        return waId;
    }

    synchronized void lastWrote(Instant at) {
        if (lastWrote == null || lastWrote.isBefore(at)) {
            lastWrote = at;
        }
    }

    /** As if the customer had last written then. */
    synchronized void forget(Instant at) {
        lastWrote = at;
    }

    synchronized @Nullable Instant lastWrote() {
        return lastWrote;
    }

    synchronized boolean isOpen(Duration window, Instant now) {
        return lastWrote != null && lastWrote.plus(window).isAfter(now);
    }

    /** A business can mark what the customer wrote, and all before it is read then, too. */
    synchronized boolean readByBusiness(String wamid) {
        PhoneMessage marked = messages.get(wamid);
        if (marked == null || !marked.mine()) {
            return false;
        }
        for (PhoneMessage message : List.copyOf(messages.values())) {
            if (message.mine()) {
                change(message.wamid(), read -> read.ticked(PhoneMessage.Tick.READ));
            }
            if (message.wamid().equals(wamid)) {
                break;
            }
        }
        return true;
    }

    synchronized void add(PhoneMessage message) {
        messages.put(message.wamid(), message);
    }

    /** Does something to a message; whether it is there. */
    synchronized boolean change(String wamid, UnaryOperator<PhoneMessage> how) {
        return messages.computeIfPresent(wamid, (id, message) -> how.apply(message)) != null;
    }

    /** What the phone shows, the oldest first. */
    synchronized List<PhoneMessage> messages() {
        return messages.values().stream()
                .filter(message -> message.failure() == null)
                .toList();
    }

    /** As {@link #messages()}, with what should have come and never did. */
    synchronized List<PhoneMessage> withLost() {
        return List.copyOf(messages.values());
    }

    /** The pair limit as a bucket of 45 that gets one back every 6 s. */
    synchronized boolean mayGetOneMore() {
        Instant now = Instant.now();
        Instant free = now.minus(PAIR_PACE.multipliedBy(PAIR_BURST));
        while (!sentAt.isEmpty() && sentAt.peek().isBefore(free)) {
            sentAt.poll();
        }
        if (sentAt.size() >= PAIR_BURST) {
            return false;
        }
        sentAt.add(now);
        return true;
    }
}
