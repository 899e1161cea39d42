package io.zaptrix.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Lets the processes of the tests start in half the time: with an archive of the application's classes, loaded and
 * verified (class data sharing, JEP 350). It is made in the background once a run has started a few, and used by those
 * that start when it is there; one that misses it starts as ever. It stays for the next run until a class or a library
 * changes.
 *
 * <p>Such an archive knows jars only, so the application's own classes become one.
 */
final class ClassArchive {

    private static final Path DIRECTORY = Path.of("target", "class-archive").toAbsolutePath();

    /** Making it takes as long as some starts do: a run of few tests has no use for it. */
    private static final int WORTH_IT = 3;

    private static int starts;
    private static String classPath = "";
    private static Path archive = DIRECTORY;

    private ClassArchive() {}

    /**
     * What a process is started with.
     *
     * @param jvm options of the virtual machine
     */
    record Start(List<String> jvm, String classPath) {}

    /** @param entries the class path, with directories and jars */
    static synchronized Start start(List<String> entries) {
        starts++;
        if (starts == 1) {
            pack(entries);
        }
        if (starts == WORTH_IT && !Files.exists(archive)) {
            record();
        }
        return new Start(
                Files.exists(archive)
                        ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off,aot=off")
                        : List.of(),
                classPath);
    }

    private static void pack(List<String> entries) {
        try {
            Files.createDirectories(DIRECTORY);
            String name = "zaptrix-" + fingerprint(entries);
            List<String> jars = new ArrayList<>();
            for (String entry : entries) {
                Path path = Path.of(entry);
                if (Files.isDirectory(path)) {
                    Path jar = DIRECTORY.resolve(name + "-" + jars.size() + ".jar");
                    if (!Files.exists(jar)) {
                        pack(path, jar);
                    }
                    jars.add(jar.toString());
                } else {
                    jars.add(entry);
                }
            }
            classPath = String.join(File.pathSeparator, jars);
            archive = DIRECTORY.resolve(name + ".jsa");
            forgetAllBut(name);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String fingerprint(List<String> entries) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(System.getProperty("java.home").getBytes(StandardCharsets.UTF_8));
            for (String entry : entries) {
                digest.update(entry.getBytes(StandardCharsets.UTF_8));
                try (Stream<Path> files = Files.walk(Path.of(entry))) {
                    for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                        digest.update(file.toString().getBytes(StandardCharsets.UTF_8));
                        digest.update(
                                file.endsWith(entry)
                                        ? Files.getLastModifiedTime(file)
                                                .toString()
                                                .getBytes(StandardCharsets.UTF_8)
                                        : Files.readAllBytes(file));
                    }
                }
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void pack(Path directory, Path jar) throws IOException {
        Path half = Files.createTempFile(DIRECTORY, "half-", ".jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(half));
                Stream<Path> files = Files.walk(directory)) {
            zip.setLevel(1);
            for (Path file : files.sorted().toList()) {
                String name = directory.relativize(file).toString().replace(File.separatorChar, '/');
                if (Files.isDirectory(file) && !name.isEmpty()) {
                    zip.putNextEntry(new ZipEntry(name + "/"));
                } else if (Files.isRegularFile(file)) {
                    zip.putNextEntry(new ZipEntry(name));
                    Files.copy(file, zip);
                }
            }
        }
        Files.move(half, jar, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void forgetAllBut(String name) throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            for (Path old : files.filter(file -> !file.getFileName().toString().startsWith(name))
                    .toList()) {
                Files.deleteIfExists(old);
            }
        }
    }

    /** One start, as far as it can be without a request; what it loads is written down as it ends. */
    private static void record() {
        Path half = DIRECTORY.resolve("half-" + ProcessHandle.current().pid() + ".jsa");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:ArchiveClassesAtExit=" + half,
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dspring.context.exit=onRefresh",
                        "-cp",
                        classPath,
                        "io.zaptrix.Zaptrix")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Map<String, String> variables = builder.environment();
        variables.keySet().retainAll(AppProcess.INHERITED);
        variables.putAll(TestSettings.environment());
        variables.putAll(TestDatabase.createWithSchema().environment());
        variables.put("SERVER_PORT", "0");
        Process recording = started(builder);
        Runtime.getRuntime().addShutdownHook(new Thread(recording::destroyForcibly));
        Path whole = archive;
        Thread.ofVirtual().start(() -> {
            try {
                if (recording.waitFor() == 0) {
                    Files.move(half, whole, StandardCopyOption.ATOMIC_MOVE);
                }
            } catch (InterruptedException | IOException failed) {
                throw new IllegalStateException(failed);
            }
        });
    }

    private static Process started(ProcessBuilder builder) {
        try {
            return builder.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
