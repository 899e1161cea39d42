package io.zaptrix.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The Chromium of this machine, started for a test. */
public final class Chromium implements AutoCloseable {

    /** Where tests leave pictures of what they saw. */
    public static final Path SCREENSHOTS = Path.of("target/screenshots");

    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            // As browsers do by default, or will: a frame of another site keeps no cookies.
            "--test-third-party-cookie-phaseout",
            // A frame of another site in a process of its own is dear and looks no different to the page in it.
            "--disable-site-isolation-trials",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // A microphone that hums, and nobody who is asked whether it may be used.
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream");

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Path executable) {
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable)
                        .setArgs(ARGUMENTS));
    }

    /**
     * Starts it.
     *
     * @return empty where there is none
     * @throws AssertionError where there is none and {@code ZAPTRIX_REQUIRE_BROWSER=1} says that there must be one
     */
    public static Optional<Chromium> start() {
        Optional<Path> executable = Stream.of(
                        "/usr/bin/chromium",
                        "/usr/bin/chromium-browser",
                        "/usr/bin/google-chrome",
                        "/snap/bin/chromium")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
        if (executable.isEmpty() && "1".equals(System.getenv("ZAPTRIX_REQUIRE_BROWSER"))) {
            throw new AssertionError("ZAPTRIX_REQUIRE_BROWSER=1, but there is no Chromium");
        }
        return executable.map(Chromium::new);
    }

    public Browser browser() {
        return browser;
    }

    /**
     * For a context's start: {@code bringAxe()} brings the script that finds what keeps people from using a page. Until
     * then it costs a page next to nothing, and the browser gets it once, not with every page that is looked at.
     */
    public static String axe() {
        try (InputStream script = Objects.requireNonNull(
                Chromium.class.getResourceAsStream("/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js"))) {
            return "window.bringAxe = () => {" + new String(script.readAllBytes(), UTF_8) + "\n};";
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
