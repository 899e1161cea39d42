package io.zaptrix.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A clock of a process's own that a story sets while the process runs: Debian's {@code libfaketime} stands before its
 * calls for the time of day. Its monotonic clock goes on, as it does when a machine's clock is set.
 */
final class MovableClock {

    private final Path library;
    private final Path setting;

    private MovableClock(Path library, Path setting) {
        this.library = library;
        this.setting = setting;
    }

    /** One that shows the right time for now; none where the library is not installed. */
    static Optional<MovableClock> make() throws IOException {
        try (Stream<Path> libraries = Files.isDirectory(Path.of("/usr/lib"))
                ? Files.find(
                        Path.of("/usr/lib"), 3, (path, is) -> path.endsWith(Path.of("faketime", "libfaketime.so.1")))
                : Stream.empty()) {
            Optional<Path> library = libraries.findFirst();
            if (library.isEmpty()) {
                return Optional.empty();
            }
            Path setting = Files.createTempFile("zaptrix-clock", ".txt");
            setting.toFile().deleteOnExit();
            MovableClock clock = new MovableClock(library.get(), setting);
            clock.set(Duration.ZERO);
            return Optional.of(clock);
        }
    }

    /** How much later than it is the clock shows, from now on; negative for earlier. */
    void set(Duration ahead) {
        try {
            // At once, not bit by bit: it is read at any moment.
            Path next = Files.writeString(
                    setting.resolveSibling(setting.getFileName() + ".next"), "%+ds%n".formatted(ahead.toSeconds()));
            Files.move(next, setting, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What the process must find in its environment. */
    Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAKETIME_TIMESTAMP_FILE",
                setting.toString(),
                "FAKETIME_NO_CACHE",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1");
    }
}
