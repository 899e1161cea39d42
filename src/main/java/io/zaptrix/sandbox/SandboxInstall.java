package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.bitrix24.PhpForm;
import io.zaptrix.platform.ZaptrixProperties;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what a person would do first: installs the app in the portal and links the number, through the pages. May be
 * repeated.
 */
final class SandboxInstall {

    private static final Logger log = LoggerFactory.getLogger(SandboxInstall.class);

    /** What a portal calls its language, by what Java calls it. */
    private static final Map<String, String> CODES = Map.of("pt", "br", "es", "la", "ru", "ru");

    private static final String NUMBERS = "/admin/phone-numbers";
    private static final Pattern INPUT = Pattern.compile("<(?:input|meta)\\b[^>]*\\bname=\"_csrf\"[^>]*>");
    private static final Pattern VALUE = Pattern.compile("\\b(?:value|content)=\"([^\"]+)\"");

    private final SandboxWorld world;
    private final ZaptrixProperties properties;
    private final Map<String, String> cookies = new LinkedHashMap<>();

    SandboxInstall(SandboxWorld world, ZaptrixProperties properties) {
        this.world = world;
        this.properties = properties;
    }

    /** Says on the log where the sandbox is, or what was in the way. */
    void run() {
        try (HttpClient http = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(5))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build()) {
            install(http);
            log.info("Sandbox: open {}/sandbox", properties.publicUrl());
        } catch (IOException | SetupFailed e) {
            log.error("Sandbox: {}/sandbox is there, but {}", properties.publicUrl(), e.getMessage());
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Lets the portal's people have the language of whoever looks at the page, since the lines for agents come in the
     * portal's. The application hears of it as it would from a real portal: when its page is opened there.
     */
    void portalSpeaks(Locale language) {
        String code = CODES.getOrDefault(language.getLanguage(), "en");
        if (code.equals(world.portal().language()) || !world.portal().isInstalled()) {
            return;
        }
        world.portal().language(code);
        Thread.ofVirtual().name("sandbox-language").start(() -> {
            try (HttpClient http = HttpClient.newHttpClient()) {
                open(http);
            } catch (IOException | SetupFailed e) {
                log.warn("Sandbox: the portal still speaks its former language: {}", e.getMessage());
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private synchronized void open(HttpClient http) throws IOException, InterruptedException {
        StandInPortal.Page page = world.portal().installPage(StandInPortal.ADMIN);
        HttpResponse<String> installed = post(http, "/bitrix24/install?" + page.queryString(), page.formBody());
        if (installed.statusCode() >= 400) {
            throw new SetupFailed("the demo portal could not be installed: HTTP " + installed.statusCode());
        }
    }

    private synchronized void install(HttpClient http) throws IOException, InterruptedException {
        open(http);
        world.portal().finishInstall();
        String numbers = page(http, NUMBERS);
        if (isLinked()) {
            return;
        }
        Matcher input = INPUT.matcher(numbers);
        Matcher token = VALUE.matcher(input.find() ? input.group() : "");
        if (!token.find()) {
            throw new SetupFailed("the numbers page has no form");
        }
        Map<String, String> form = new LinkedHashMap<>();
        form.put("_csrf", token.group(1));
        form.put("phoneNumberId", SandboxWorld.PHONE_NUMBER_ID);
        form.put("wabaId", SandboxWorld.WABA_ID);
        form.put("accessToken", world.numberToken());
        form.put("displayName", SandboxWorld.BUSINESS);
        form.put("lineId", "new");
        HttpResponse<String> linked = post(http, NUMBERS, PhpForm.encode(form));
        if (linked.statusCode() >= 400 || !isLinked()) {
            throw new SetupFailed("the demo number could not be linked: HTTP " + linked.statusCode());
        }
    }

    /**
     * Whether both ends are joined: Meta tells the app of the number, and the portal takes the connector's messages.
     */
    private boolean isLinked() {
        StandInPortal portal = world.portal();
        return world.meta().isSubscribed(SandboxWorld.WABA_ID)
                && portal.registeredConnectors().stream()
                        .anyMatch(connector -> !portal.activeLines(connector).isEmpty());
    }

    private String page(HttpClient http, String path) throws IOException, InterruptedException {
        HttpResponse<String> response = send(http, request(path));
        if (response.statusCode() != 200) {
            throw new SetupFailed("the page " + path + " answers HTTP " + response.statusCode());
        }
        return response.body();
    }

    private HttpResponse<String> post(HttpClient http, String path, String form)
            throws IOException, InterruptedException {
        return send(
                http,
                request(path)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form, UTF_8)));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(properties.publicUrl() + path))
                .timeout(Duration.ofSeconds(60))
                .header("Accept", "text/html");
        if (!cookies.isEmpty()) {
            // By hand: the session's cookie is for https only, which browsers waive for localhost and others do not.
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        return request;
    }

    private HttpResponse<String> send(HttpClient http, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        for (String cookie : response.headers().allValues("Set-Cookie")) {
            String[] pair = cookie.split(";", 2)[0].split("=", 2);
            if (pair.length == 2) {
                cookies.put(pair[0], pair[1]);
            }
        }
        return response;
    }

    private static final class SetupFailed extends RuntimeException {

        SetupFailed(String message) {
            super(message);
        }
    }
}
