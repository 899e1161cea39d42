package io.zaptrix.platform;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What the operator of the service sees: its own tables (sign-in, sessions, audit), and of the portals how they are,
 * for reading. The database opens no more to it: of the lanes it gives out numbers only, so that no message can be seen
 * from here, whatever SQL is run. What is changed for one portal is changed as that tenant.
 */
public class OperatorScope {

    private static final ScopedValue<Boolean> OPEN = ScopedValue.newInstance();

    private final TransactionTemplate transaction;

    OperatorScope(PlatformTransactionManager transactions) {
        transaction = new TransactionTemplate(transactions);
        transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRED);
    }

    static boolean isOpen() {
        return OPEN.isBound();
    }

    /**
     * Runs {@code work} in a transaction of its own, with SQL; entities are not for here.
     *
     * @throws IllegalStateException when a transaction is under way, which is bound to its tenant until it ends
     */
    public <T extends @Nullable Object> T call(Supplier<T> work) {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("the operator's scope cannot be opened inside another transaction");
        }
        return ScopedValue.where(OPEN, Boolean.TRUE).call(() -> transaction.execute(status -> work.get()));
    }
}
