package io.zaptrix.sandbox;

import io.zaptrix.sandbox.LoopbackServer.Reply;
import io.zaptrix.sandbox.LoopbackServer.Request;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An application that keeps what it gets and answers 200, or first so and so often 500. */
final class TestApp implements AutoCloseable {

    private final LoopbackServer server;
    private final List<Request> taken = new CopyOnWriteArrayList<>();
    private final AtomicInteger refusals = new AtomicInteger();

    TestApp() {
        server = new LoopbackServer(0, request -> {
            if (request.query().contains("hub.challenge=")) {
                return Reply.text(200, "text/plain", request.query().replaceFirst(".*hub\\.challenge=(\\d+).*", "$1"));
            }
            if (refusals.getAndUpdate(n -> n > 0 ? n - 1 : 0) > 0) {
                return Reply.empty(500);
            }
            taken.add(request);
            return Reply.empty(200);
        });
    }

    URI url(String path) {
        return URI.create(server.url() + path);
    }

    void refuseNext(int times) {
        refusals.addAndGet(times);
    }

    List<Request> taken() {
        return List.copyOf(taken);
    }

    @Override
    public void close() {
        server.close();
    }
}
