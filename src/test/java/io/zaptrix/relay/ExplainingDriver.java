package io.zaptrix.relay;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A driver in front of PostgreSQL's, that tells of each statement how it is planned and what it reads: prepared as on a
 * server that has seen it often, run once with the values that it is given, and undone before it is run in earnest.
 */
final class ExplainingDriver implements Driver {

    private static final String PREFIX = "jdbc:explaining:";

    private static final Pattern PLANNED = Pattern.compile("\\s*(with|select|insert|update|delete)\\b");

    private final Consumer<String> out;

    /** What the next statements are called; null: they are not told of. */
    private volatile @Nullable String title;

    ExplainingDriver(Consumer<String> out) throws SQLException {
        this.out = out;
        DriverManager.registerDriver(this);
    }

    static String url(String of) {
        return of.replaceFirst("^jdbc:", PREFIX);
    }

    void tellOf(@Nullable String what) {
        title = what;
    }

    void close() throws SQLException {
        DriverManager.deregisterDriver(this);
    }

    @Override
    public @Nullable Connection connect(String url, Properties info) throws SQLException {
        if (!acceptsURL(url)) {
            return null;
        }
        Connection real = DriverManager.getConnection(url.replace(PREFIX, "jdbc:"), info);
        return proxy(Connection.class, (self, method, values) -> {
            Object answer = call(real, method, values);
            return switch (method.getName()) {
                case "prepareStatement" -> explained(real, (PreparedStatement) answer, (String) values[0]);
                case "createStatement" -> explained(real, (Statement) answer);
                default -> answer;
            };
        });
    }

    private Statement explained(Connection connection, Statement real) {
        return proxy(Statement.class, (self, method, values) -> {
            if (title != null
                    && values != null
                    && values[0] instanceof String sql
                    && PLANNED.matcher(sql).lookingAt()) {
                explain(connection, sql, Map.of());
            }
            return call(real, method, values);
        });
    }

    private PreparedStatement explained(Connection connection, PreparedStatement real, String sql) {
        Map<Integer, @Nullable Object> given = new TreeMap<>();
        return proxy(PreparedStatement.class, (self, method, values) -> {
            String name = method.getName();
            if (name.startsWith("set") && values != null && values.length > 1 && values[0] instanceof Integer index) {
                given.put(index, name.equals("setNull") ? null : values[1]);
            } else if (name.startsWith("execute") && values == null && title != null) {
                explain(connection, sql, given);
            }
            return call(real, method, values);
        });
    }

    private void explain(Connection connection, String sql, Map<Integer, @Nullable Object> given) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            String[] pieces = sql.split("\\?", -1);
            statement.execute("prepare explained as "
                    + IntStream.range(0, pieces.length)
                            .mapToObj(i -> i == 0 ? pieces[0] : "$" + i + pieces[i])
                            .collect(Collectors.joining()));
            out.accept("EXPLAIN " + title + ": " + sql.strip().split("\n")[0] + " …");
            String values =
                    given.values().stream().map(ExplainingDriver::literal).collect(Collectors.joining(", "));
            try (ResultSet rows = statement.executeQuery("explain (analyze, buffers, costs off, timing off)"
                    + " execute explained" + (values.isEmpty() ? "" : "(" + values + ")"))) {
                while (rows.next()) {
                    out.accept("    " + rows.getString(1));
                }
            }
            statement.execute("deallocate explained");
        } finally {
            connection.rollback(before);
        }
    }

    private static String literal(@Nullable Object value) {
        return value == null ? "null" : "'" + value.toString().replace("'", "''") + "'";
    }

    private static Object call(Object on, Method method, Object @Nullable [] values) throws Throwable {
        try {
            return method.invoke(on, values);
        } catch (InvocationTargetException failed) {
            throw failed.getTargetException();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(ExplainingDriver.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Override
    public boolean acceptsURL(String url) {
        return url.startsWith(PREFIX);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
        return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
        return 1;
    }

    @Override
    public int getMinorVersion() {
        return 0;
    }

    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }
}
