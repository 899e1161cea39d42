package io.zaptrix.platform;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's own programs, unpacked into the data directory. They live there, and not in a shared cache, because the
 * directory is locked (two starts cannot unpack over each other) and because a program that runs from it is thereby
 * known to serve it.
 */
final class PostgresBinaries {

    private static final String PREFIX = "postgres-bin-";
    private static final boolean WINDOWS =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("windows");

    private final Path dataDirectory;
    private final Path directory;

    /** @param dataDirectory its real path; the caller holds its lock */
    PostgresBinaries(Path dataDirectory) throws IOException {
        this.dataDirectory = dataDirectory;
        this.directory = dataDirectory.resolve(PREFIX + digest(archive()));
    }

    /** Unpacks them if they are not there yet. */
    void unpack() throws IOException {
        if (!Files.isDirectory(directory)) {
            Path half = dataDirectory.resolve(PREFIX + "new");
            FileSystemUtils.deleteRecursively(half);
            unpack(archive(), half);
            Files.move(half, directory, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Removes the programs of other versions, none of which may be {@link #running}. */
    void removeOthers() throws IOException {
        try (Stream<Path> siblings = Files.list(dataDirectory)) {
            for (Path sibling : siblings.toList()) {
                if (sibling.getFileName().toString().startsWith(PREFIX) && !sibling.equals(directory)) {
                    FileSystemUtils.deleteRecursively(sibling);
                }
            }
        }
    }

    private static byte[] archive() throws IOException {
        String system = System.getProperty("os.name", "");
        String name = WINDOWS ? "Windows" : system.startsWith("Mac") ? "Darwin" : "Linux";
        String machine = System.getProperty("os.arch", "");
        try (InputStream archive = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(
                name, machine.equals("amd64") ? "x86_64" : machine)) {
            return archive.readAllBytes();
        } catch (IllegalStateException missing) {
            throw new StartRefused(
                    "there is no embedded PostgreSQL for " + name + " on " + machine
                            + "; set SPRING_DATASOURCE_URL to a PostgreSQL 14 or newer",
                    missing);
        }
    }

    private static String digest(byte[] archive) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(archive);
            return HexFormat.of().formatHex(hash, 0, 6);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void unpack(byte[] archive, Path target) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new java.io.ByteArrayInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path file = target.resolve(entry.getName()).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("an entry leads out of the archive: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                    continue;
                }
                Files.createDirectories(file.getParent());
                if (entry.isSymbolicLink() || entry.isLink()) {
                    Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(tar, file);
                    if (file.startsWith(target.resolve("bin")) && !file.toFile().setExecutable(true, false)) {
                        throw new IOException("cannot make " + file + " executable");
                    }
                }
            }
        }
    }

    /** The processes that run any version of these programs from this data directory. */
    List<ProcessHandle> running() {
        String ours = dataDirectory.resolve(PREFIX).toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").startsWith(ours))
                .toList();
    }

    /** What a program said, and how it ended. */
    record Outcome(int exitCode, String output) {

        Outcome orThrow(String what) throws IOException {
            if (exitCode != 0) {
                throw new IOException(what + " failed: " + lastLine());
            }
            return this;
        }

        String lastLine() {
            return output.lines()
                    .filter(line -> !line.isBlank())
                    .reduce((first, second) -> second)
                    .orElse("exit code " + exitCode);
        }
    }

    /** Runs one of the programs to its end. */
    Outcome run(@Nullable String input, String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (LinuxUtils.isUnshareAvailable()) {
            // PostgreSQL refuses to run as root; in a user namespace of its own it is nobody.
            command.addAll(List.of("unshare", "-U"));
        }
        command.add(directory
                .resolve("bin")
                .resolve(WINDOWS ? program + ".exe" : program)
                .toString());
        command.addAll(List.of(arguments));
        // Through a file, as the server that pg_ctl leaves behind would keep a pipe open.
        Path output = Files.createTempFile(dataDirectory, program, ".out");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
            builder.environment().put("LC_ALL", "C");
            Process process = builder.start();
            try (var stdin = process.getOutputStream()) {
                if (input != null) {
                    stdin.write(input.getBytes(StandardCharsets.UTF_8));
                }
            }
            try {
                process.waitFor();
            } catch (InterruptedException stop) {
                process.destroy();
                process.waitFor(10, TimeUnit.SECONDS);
                throw stop;
            }
            return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
