package io.zaptrix.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What all benchmarks of one run found; printed once, when the last has ended, and kept in the build's directory. */
final class Table implements BeforeAllCallback {

    private static final Path FILE = Path.of("target", "benchmarks.md");
    private static final List<String> ROWS = new ArrayList<>();

    @Override
    public void beforeAll(ExtensionContext context) {
        // Closed when all have ended, while the build still listens.
        context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL).computeIfAbsent(Table.class, once ->
                (AutoCloseable) Table::print);
    }

    /**
     * @param figure what was measured, with its unit
     * @param goal what it should be; empty where there is none
     * @param ratio to its baseline of the same run; empty where there is none
     */
    static synchronized void row(String name, String figure, String goal, String ratio) {
        String row = "| %s | %s | %s | %s |".formatted(name, figure, goal, ratio);
        ROWS.add(row);
        System.out.println("BENCH " + row);
    }

    static String number(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static synchronized void print() {
        if (ROWS.isEmpty()) {
            return;
        }
        List<String> table = new ArrayList<>(List.of("| measured | figure | goal | ratio |", "|---|---|---|---|"));
        table.addAll(ROWS);
        System.out.println("\n" + String.join("\n", table) + "\n");
        try {
            Files.write(FILE, table, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
