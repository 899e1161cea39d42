package io.zaptrix.operations;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/** Works on a request whose head is read, watched by {@link PromptProtocol} for a body that does not come. */
final class PromptProcessor extends Http11Processor {

    private final Set<PromptProcessor> atWork;
    private final PromptBody body;
    private volatile @Nullable SocketChannel client;

    PromptProcessor(PromptProtocol protocol, Set<PromptProcessor> atWork, Semaphore places) {
        super(protocol, new Brief(protocol, protocol.getAdapter()));
        this.atWork = atWork;
        this.body = new PromptBody(request, request.getInputBuffer(), places);
        request.setInputBuffer(body);
    }

    @Override
    public SocketState service(SocketWrapperBase<?> connection) throws IOException {
        body.begin();
        // Taken here, as Tomcat uses its own channels again, for other clients.
        client = connection.getSocket() instanceof NioChannel channel ? channel.getIOChannel() : null;
        atWork.add(this);
        try {
            return super.service(connection);
        } finally {
            atWork.remove(this);
            client = null;
        }
    }

    /** Ends the reading, but not the writing: whoever waits for a late body wakes at once, and can still answer. */
    void cutIfLate(long now, long patience) {
        SocketChannel late = client;
        if (late != null && body.isLate(now, patience)) {
            body.cut();
            try {
                late.shutdownInput();
            } catch (IOException gone) {
                // Then nobody waits for it any more.
            }
        }
    }

    /** Does not read what nobody wanted, after the answer, while the house is full. */
    private record Brief(PromptProtocol protocol, Adapter adapter) implements Adapter {

        @Override
        public void service(Request request, Response response) throws Exception {
            adapter.service(request, response);
            if (protocol.isPressed()) {
                AtomicBoolean whole = new AtomicBoolean();
                request.action(ActionCode.REQUEST_BODY_FULLY_READ, whole);
                if (!whole.get()) {
                    request.action(ActionCode.CLOSE_NOW, null);
                }
            }
        }

        @Override
        public boolean prepare(Request request, Response response) throws Exception {
            return adapter.prepare(request, response);
        }

        @Override
        public boolean asyncDispatch(Request request, Response response, SocketEvent event) throws Exception {
            return adapter.asyncDispatch(request, response, event);
        }

        @Override
        public void log(Request request, Response response, long time) {
            adapter.log(request, response, time);
        }

        @Override
        public void checkRecycled(Request request, Response response) {
            adapter.checkRecycled(request, response);
        }

        @Override
        public String getDomain() {
            return adapter.getDomain();
        }
    }
}
