package io.zaptrix.operations;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.AbstractProcessor;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * HTTP that waits for the end of a request's head, and of its body, only so long as a whole, where Tomcat's own timeout
 * begins anew with each byte: whoever sends a byte now and then (slow loris) would keep a connection and its buffers
 * for ever, and a few thousand of them all there are. The fuller the house, the shorter the wait; an honest head comes
 * in one packet, and an honest body at a pace that earns it time.
 *
 * <p>Public because Tomcat makes it by its name.
 */
public final class PromptProtocol extends Http11NioProtocol {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    static final Duration PATIENCE_WITH_BODY = Duration.ofSeconds(20);
    private static final Duration PATIENCE_UNDER_PRESSURE = Duration.ofMillis(500);
    private static final long LOOK_MILLIS = 100;

    /** Who was not looked at for so long is not to blame: the process itself stood still. */
    private static final Duration FROZEN = Duration.ofSeconds(5);

    /** Each body that is waited for costs some 100 KB, twice as much as a head: not all connections may have one. */
    private static final int BODIES = 512;

    private final Semaphore places = new Semaphore(BODIES);
    private final Set<PromptProcessor> atWork = ConcurrentHashMap.newKeySet();
    private volatile Duration patienceWithBody = PATIENCE_WITH_BODY;
    private long looked = System.nanoTime();
    private @Nullable ScheduledExecutorService watch;

    /** From the request's first byte on; what comes of the body adds to it. Stories are in a hurry. */
    void setPatienceWithBody(Duration patience) {
        patienceWithBody = patience;
    }

    @Override
    protected Processor createProcessor() {
        return new PromptProcessor(this, atWork, places);
    }

    @Override
    public void start() throws Exception {
        super.start();
        watch = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("slow-requests").factory());
        watch.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() throws Exception {
        ScheduledExecutorService running = watch;
        if (running != null) {
            running.shutdownNow();
        }
        super.stop();
    }

    boolean isPressed() {
        return getEndpoint().getConnectionCount() > getMaxConnections() / 4;
    }

    private void look() {
        boolean pressed = isPressed();
        long patience = (pressed ? PATIENCE_UNDER_PRESSURE : PATIENCE).toNanos();
        long now = System.nanoTime();
        long unseen = now - looked;
        looked = now;
        if (unseen > FROZEN.toNanos()) {
            return;
        }
        for (SocketWrapperBase<NioChannel> connection : getEndpoint().getConnections()) {
            // While somebody works on it, it has no processor here.
            if (connection.getCurrentProcessor() instanceof AbstractProcessor processor
                    && isIncomplete(processor.getRequest())
                    && now - processor.getRequest().getStartTimeNanos() > patience) {
                getEndpoint().processSocket(connection, SocketEvent.ERROR, true);
            }
        }
        long patienceWithBody = (pressed ? PATIENCE_UNDER_PRESSURE : this.patienceWithBody).toNanos();
        atWork.forEach(processor -> processor.cutIfLate(now, patienceWithBody));
    }

    /** Begun, and its head not read to the end: only then is it known which host it is for. */
    private static boolean isIncomplete(Request request) {
        return request.getStartTimeNanos() >= 0 && request.serverName().isNull();
    }
}
