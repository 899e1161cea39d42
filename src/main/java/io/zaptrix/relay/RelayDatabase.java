package io.zaptrix.relay;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zaptrix.platform.ZaptrixProperties;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The relay's own connections. Apart from those of the pages for two reasons: neither can starve the other, and only
 * these carry the scope {@code relay}, in which the lanes of all tenants are visible (and nothing else is).
 */
@Component
class RelayDatabase implements DisposableBean {

    private final HikariDataSource pool;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transactions;

    RelayDatabase(JdbcConnectionDetails details, ZaptrixProperties properties) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("relay");
        config.setJdbcUrl(details.getJdbcUrl());
        config.setUsername(details.getUsername());
        config.setPassword(details.getPassword());
        config.setMaximumPoolSize(properties.relay().connections());
        config.setMinimumIdle(2);
        config.setConnectionTimeout(5_000);
        config.setInitializationFailTimeout(-1);
        config.setAutoCommit(false);
        // What is set on a new connection is committed at once. Left to its first transaction, it would be undone when
        // that is rolled back: the connection would see no lanes from then on, and whatever was settled on it be lost.
        config.setIsolateInternalQueries(true);
        // The tables of what is live are empty at one moment and full at the next, so that their statistics mislead:
        // every statement here is meant to go by the index, and its plan is worth making once.
        // A process that froze in the middle of a transaction must not hold its rows, or whoever takes its lanes over
        // would wait for it.
        long idle = properties.relay().lease().toMillis();
        config.setConnectionInitSql("set idle_in_transaction_session_timeout = " + idle
                + "; set zaptrix.scope = 'relay'; set plan_cache_mode = force_generic_plan;"
                + " " + Partitions.NO_CHOICE + ";"
                + " set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off");
        config.addDataSourceProperty("ApplicationName", "zaptrix-relay");
        config.addDataSourceProperty("socketTimeout", "60");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        // Details of an error quote the row, which may be a person's.
        config.addDataSourceProperty("logServerErrorDetail", "false");
        this.pool = new HikariDataSource(config);
        this.jdbc = new JdbcTemplate(pool);
        this.transactions = new TransactionTemplate(new DataSourceTransactionManager(pool));
    }

    JdbcTemplate jdbc() {
        return jdbc;
    }

    /** Runs {@code work} in one transaction. */
    <T extends @Nullable Object> T inTransaction(Supplier<T> work) {
        return transactions.execute(status -> work.get());
    }

    @Override
    public void destroy() {
        pool.close();
    }
}
