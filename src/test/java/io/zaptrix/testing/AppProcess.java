package io.zaptrix.testing;

import java.io.File;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The real application in a process of its own, so that it can be killed, stopped and started again. It gets no
 * variable from the environment of the tests, the settings of {@link TestSettings}, and what the test gives it.
 */
public final class AppProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** What a process gets of the tests' own environment. */
    static final List<String> INHERITED = List.of("PATH", "HOME", "TMPDIR", "LANG", "SystemRoot");

    private static final int FIRST_PORT = 18_000;
    private static final int PORTS = 12_000;

    /** Two runs of the tests at the same time begin at different places. */
    private static final AtomicInteger NEXT_PORT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 97 % PORTS));

    private final Process process;
    private final int port;
    private final Path output;

    private AppProcess(Process process, int port, Path output) {
        this.process = process;
        this.port = port;
        this.output = output;
    }

    private static final Pattern IMAGE_OPTIONS = Pattern.compile("JAVA_TOOL_OPTIONS=\"([^\"]+)\"");

    /** What the process will be given. */
    public static final class Builder {

        private final Map<String, String> environment = new LinkedHashMap<>(TestSettings.environment());
        private final List<String> jvm = new ArrayList<>(List.of(
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:MetaspaceSize=144m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED"));
        private final List<String> arguments = new ArrayList<>();
        private int port;
        private boolean archive = true;

        private Builder() {}

        public Builder database(TestDatabase.Database database) {
            environment.putAll(database.environment());
            return this;
        }

        public Builder env(String name, String value) {
            environment.put(name, value);
            return this;
        }

        public Builder env(Map<String, String> values) {
            environment.putAll(values);
            return this;
        }

        /** Takes a variable away, one of {@link TestSettings} too. */
        public Builder without(String name) {
            environment.remove(name);
            return this;
        }

        /** Starts with no settings but those given from here on. */
        public Builder bare() {
            environment.clear();
            return this;
        }

        public Builder port(int value) {
            port = value;
            return this;
        }

        public Builder profile(String name) {
            environment.put("SPRING_PROFILES_ACTIVE", name);
            return this;
        }

        /** As the image starts it, with a heap of 256 MB at most: for what is measured. */
        public Builder asInProduction() {
            jvm.clear();
            jvm.addAll(imageOptions());
            jvm.add("-Xmx256m");
            archive = false;
            return env("MALLOC_ARENA_MAX", "2");
        }

        private static List<String> imageOptions() {
            try {
                Matcher options = IMAGE_OPTIONS.matcher(Files.readString(Path.of("Dockerfile")));
                if (!options.find()) {
                    throw new IllegalStateException("the Dockerfile names no options");
                }
                return List.of(options.group(1).split(" "));
            } catch (IOException failed) {
                throw new IllegalStateException(failed);
            }
        }

        /** An option of the virtual machine, such as {@code -Xmx512m}; ranks above the defaults. */
        public Builder jvm(String option) {
            jvm.add(option);
            return this;
        }

        /** A command line argument, such as {@code --zaptrix.relay.lease=2s}. */
        public Builder argument(String argument) {
            arguments.add(argument);
            return this;
        }

        /** Starts the process, and does not wait for it. */
        public AppProcess launch() {
            try {
                int ownPort = port == 0 ? freePort() : port;
                environment.putIfAbsent("SERVER_PORT", Integer.toString(ownPort));
                environment.computeIfPresent(
                        "ZAPTRIX_PUBLIC_URL",
                        (name, url) -> url.equals(TestSettings.properties().get("zaptrix.public-url"))
                                ? "http://localhost:" + ownPort
                                : url);
                List<String> command = new ArrayList<>();
                command.add(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString());
                ClassArchive.Start start = ClassArchive.start(classPath());
                if (archive) {
                    command.addAll(start.jvm());
                }
                command.addAll(jvm);
                command.addAll(List.of("-cp", start.classPath(), "io.zaptrix.Zaptrix"));
                command.addAll(arguments);
                Path output = Files.createTempFile("zaptrix-", ".log");
                ProcessBuilder builder =
                        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
                Map<String, String> variables = builder.environment();
                variables.keySet().retainAll(INHERITED);
                variables.putAll(environment);
                return new AppProcess(builder.start(), ownPort, output);
            } catch (IOException failed) {
                throw new IllegalStateException(failed);
            }
        }

        /** Starts the process and waits until it is ready. */
        public AppProcess start() {
            AppProcess started = launch();
            try {
                started.awaitReady();
                return started;
            } catch (IllegalStateException failed) {
                started.close();
                throw failed;
            }
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Where it answers, without a trailing slash. */
    public String url() {
        return "http://localhost:" + port;
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** All that it has written so far, to standard output and standard error. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /**
     * Waits until it is ready: serving, with its database.
     *
     * @throws IllegalStateException with the end of its output, when it ends first or takes too long
     */
    public void awaitReady() {
        Instant patienceEnds = Instant.now().plus(PATIENCE);
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url() + "/actuator/health/readiness"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            while (Instant.now().isBefore(patienceEnds)) {
                if (!process.isAlive()) {
                    throw new IllegalStateException("the application ended: " + tail());
                }
                try {
                    if (client.send(request, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 200) {
                        return;
                    }
                } catch (IOException notYet) {
                    // asked again
                }
                Thread.sleep(100);
            }
            throw new IllegalStateException("the application is not ready: " + tail());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stop);
        }
    }

    private String tail() {
        List<String> lines = output().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    }

    /** Kills it as {@code kill -9} does, and waits until it is gone. */
    public void kill9() {
        process.destroyForcibly();
        awaitExit();
    }

    /** Asks it to stop as {@code kill} does, and waits until it has; returns its exit code. */
    public int stop() {
        process.destroy();
        return awaitExit();
    }

    /** Waits until it ends; returns its exit code. */
    public int awaitExit() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("the application does not end: " + tail());
            }
            return process.exitValue();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stop);
        }
    }

    /** Freezes it, as a long pause of the machine does. */
    public void sigstop() {
        signal("STOP");
    }

    public void sigcont() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("cannot send " + name + " to process " + pid());
            }
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stop);
        }
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
        if (process.isAlive()) {
            process.destroyForcibly();
            awaitExit();
        }
    }

    /**
     * A port that nothing listens on now, and that no client will have as its own before the application has it: below
     * those that the system gives to whoever asks for any.
     */
    public static int freePort() throws IOException {
        while (true) {
            int port = FIRST_PORT + NEXT_PORT.getAndIncrement() % PORTS;
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // the next, then
            }
        }
    }

    /** That of the tests without the tests, whose components the application would take for its own. */
    private static List<String> classPath() {
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(all.split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes") && !entry.endsWith("test-classes" + File.separator))
                .filter(entry -> Arrays.stream(new String[] {"playwright", "axe-core", "wiremock", "jqwik", "archunit"})
                        .noneMatch(Path.of(entry).getFileName().toString()::contains))
                .toList();
    }
}
