package io.zaptrix.api;

import io.zaptrix.platform.NotificationListener;
import io.zaptrix.platform.TenantId;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Tells all replicas, with the commit, that what they remember of a tenant's keys or webhooks is no longer true. */
@Component
class Changes implements NotificationListener {

    private static final String CHANNEL = "zaptrix_api";

    private final JdbcClient jdbc;
    private final List<Consumer<TenantId>> one = new CopyOnWriteArrayList<>();
    private final List<Runnable> all = new CopyOnWriteArrayList<>();

    Changes(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Has a memory forget what is not true any more; neither may wait for anything. */
    void forgetBy(Consumer<TenantId> tenant, Runnable everything) {
        one.add(tenant);
        all.add(everything);
    }

    /** To be called within the transaction that changes something. This replica does not wait for the echo. */
    void changed(TenantId tenant) {
        jdbc.sql("select pg_notify(:channel, :payload)")
                .param("channel", CHANNEL)
                .param("payload", tenant.toString())
                .query((row, n) -> Boolean.TRUE)
                .list();
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                one.forEach(memory -> memory.accept(tenant));
            }
        });
    }

    @Override
    public String channel() {
        return CHANNEL;
    }

    @Override
    public void heard(String tenant) {
        one.forEach(memory -> memory.accept(new TenantId(UUID.fromString(tenant))));
    }

    @Override
    public void missed() {
        all.forEach(Runnable::run);
    }
}
