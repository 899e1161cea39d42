package io.zaptrix.channel;

import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.GraphException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Ends what ties this app to a WhatsApp Business account of which no portal here has a number any more: Meta then sends
 * no more of its webhooks. It is a courtesy, never a condition: what fails is logged, and what comes all the same is
 * nobody's and is treated so.
 */
@Component
class Accounts implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(Accounts.class);

    private final GraphClient graph;
    private final NumberRoutes routes;
    private final ExecutorService afterwards = Executors.newVirtualThreadPerTaskExecutor();

    Accounts(GraphClient graph, NumberRoutes routes) {
        this.graph = graph;
        this.routes = routes;
    }

    /**
     * Leaves an account, unless somebody still has a number of it. To be called when the number's route is gone
     * durably.
     *
     * @param tokens those that its numbers had; one that Meta takes is enough
     */
    void leave(String wabaId, List<String> tokens) {
        if (!routes.ofAccount(wabaId).isEmpty()) {
            return;
        }
        for (String token : tokens) {
            try {
                graph.unsubscribeApp(token, wabaId);
                log.info("account {} is left: nobody has a number of it", wabaId);
                if (!routes.ofAccount(wabaId).isEmpty()) {
                    // Somebody linked one in that very moment, and subscribed before it was undone.
                    graph.subscribeApp(token, wabaId);
                }
                return;
            } catch (GraphException failed) {
                log.warn("account {} could not be left: {}", wabaId, failed.getMessage());
            }
        }
    }

    /**
     * Leaves accounts once the transaction under way has committed, without holding it up.
     *
     * @param tokens by account
     */
    void leaveAfterCommit(Map<String, List<String>> tokens) {
        if (tokens.isEmpty()) {
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                afterwards.execute(() -> tokens.forEach(Accounts.this::leave));
            }
        });
    }

    @Override
    public void destroy() {
        afterwards.shutdownNow();
    }
}
