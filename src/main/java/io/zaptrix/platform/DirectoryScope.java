package io.zaptrix.platform;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lists the portals: the one way to read {@code portal_config}, and which portals {@code privacy_settings} has work
 * for, across tenants; for jobs that must visit each. It opens no other table and changes no row; what is found is
 * worked on tenant by tenant, by {@link TenantContext}.
 */
public class DirectoryScope {

    private static final ScopedValue<Boolean> OPEN = ScopedValue.newInstance();

    private final TransactionTemplate transaction;

    DirectoryScope(PlatformTransactionManager transactions) {
        transaction = new TransactionTemplate(transactions);
        transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRED);
        transaction.setReadOnly(true);
    }

    static boolean isOpen() {
        return OPEN.isBound();
    }

    /**
     * Runs {@code query} in a transaction of its own that sees all portals, through SQL and JPA alike. Entities it
     * returns are detached.
     *
     * @throws IllegalStateException when a transaction is under way, which is bound to its tenant until it ends
     */
    public <T extends @Nullable Object> T call(Supplier<T> query) {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("the portals cannot be listed inside another transaction");
        }
        return ScopedValue.where(OPEN, Boolean.TRUE).call(() -> transaction.execute(status -> query.get()));
    }
}
