package io.zaptrix.platform;

import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The tenant on whose behalf the current thread works. Bound by whoever has proved it (a session, a signed webhook, an
 * application token), read by the transaction manager, which binds the database's row-level security to it.
 */
public final class TenantContext {

    private static final ScopedValue<TenantId> CURRENT = ScopedValue.newInstance();

    private TenantContext() {}

    /**
     * Runs {@code work} as {@code tenant}.
     *
     * @throws IllegalStateException when a transaction is under way, which is bound to its tenant (or to none) until it
     *     ends
     */
    public static <T extends @org.jspecify.annotations.Nullable Object> T call(TenantId tenant, Supplier<T> work) {
        boolean changes = !current().filter(tenant::equals).isPresent();
        if (changes && TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("the tenant cannot change inside a transaction");
        }
        return ScopedValue.where(CURRENT, tenant).call(work::get);
    }

    /** As {@link #call}, for work that returns nothing. */
    public static void run(TenantId tenant, Runnable work) {
        call(tenant, () -> {
            work.run();
            return Boolean.TRUE;
        });
    }

    public static Optional<TenantId> current() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
    }

    /** @throws IllegalStateException when no tenant is bound */
    public static TenantId require() {
        return current().orElseThrow(() -> new IllegalStateException("no tenant is bound to this thread"));
    }
}
