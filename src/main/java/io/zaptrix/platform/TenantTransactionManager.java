package io.zaptrix.platform;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Binds every transaction to the tenant of {@link TenantContext} by the setting that the row-level security policies
 * read, for JPA and JDBC alike. Without a tenant nothing is bound, and the policies show no row. The setting ends with
 * the transaction, so that a pooled connection carries no tenant on.
 */
final class TenantTransactionManager extends JpaTransactionManager {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {
        super.doBegin(transaction, definition);
        UUID tenant = TenantContext.current().map(TenantId::value).orElse(null);
        String scope = DirectoryScope.isOpen() ? "directory" : OperatorScope.isOpen() ? "operator" : null;
        if (tenant == null && scope == null) {
            return;
        }
        try {
            Connection connection = connection();
            if (tenant != null) {
                set(connection, "zaptrix.tenant", tenant.toString());
            }
            if (scope != null) {
                set(connection, "zaptrix.scope", scope);
            }
        } catch (SQLException | RuntimeException failed) {
            abandon(transaction);
            throw new CannotCreateTransactionException("cannot bind the transaction to its tenant", failed);
        }
    }

    private Connection connection() {
        @Nullable
        Object holder = TransactionSynchronizationManager.getResource(Objects.requireNonNull(getDataSource()));
        if (holder instanceof ConnectionHolder connections) {
            return connections.getConnection();
        }
        throw new IllegalStateException("the transaction has no JDBC connection to bind");
    }

    private static void set(Connection connection, String setting, String value) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select set_config(?, ?, true)")) {
            statement.setString(1, setting);
            statement.setString(2, value);
            statement.execute();
        }
    }

    private void abandon(Object transaction) {
        try {
            connection().rollback();
        } catch (SQLException | RuntimeException gone) {
            logger.debug("The connection of a transaction that did not begin is broken", gone);
        } finally {
            doCleanupAfterCompletion(transaction);
        }
    }
}
