package io.zaptrix.story;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.sandbox.StandInPortal;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A portal user's browser, as far as the pages need one: keeps cookies (also those that are for https only, as the
 * stand-ins have none), and takes the CSRF token from the page like any form does.
 */
public final class Browser {

    private static final Pattern CSRF = Pattern.compile(
            "name=\"_csrf\"[^>]*?(?:value|content)=\"([^\"]+)\"|(?:value|content)=\"([^\"]+)\"[^>]*?name=\"_csrf\"");

    private final HttpClient client =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
    private final Map<String, String> cookies = new TreeMap<>();
    private final String app;

    public Browser(String app) {
        this.app = app;
    }

    /** What Bitrix24 posts when it opens a page of the app in its frame. */
    public HttpResponse<String> open(String path, StandInPortal.Page page) {
        return send(request(path + "?" + page.queryString())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(page.formBody())));
    }

    public HttpResponse<String> get(String path) {
        return send(request(path));
    }

    /** Sends a form of the page at {@code path}, with that page's CSRF token. */
    public HttpResponse<String> submit(String path, Map<String, String> fields) {
        Map<String, String> form = new TreeMap<>(fields);
        form.put("_csrf", csrf(path));
        return post(path, form);
    }

    /** The token that forms of a page bring along. */
    public String csrf(String path) {
        Matcher token = CSRF.matcher(get(path).body());
        if (!token.find()) {
            throw new AssertionError("the page " + path + " has no CSRF token");
        }
        return token.group(1) == null ? token.group(2) : token.group(1);
    }

    /** Sends a form as it is. */
    public HttpResponse<String> post(String path, Map<String, String> form) {
        return post(
                path,
                form.entrySet().stream()
                        .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                        .collect(Collectors.joining("&")));
    }

    /** Sends a form that is encoded already. */
    public HttpResponse<String> post(String path, String form) {
        return send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form)));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(app + path)).header("Accept", "text/html");
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        return request;
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            for (String cookie : response.headers().allValues("Set-Cookie")) {
                String[] pair = cookie.split(";", 2)[0].split("=", 2);
                cookies.put(pair[0], pair[1]);
            }
            return response;
        } catch (IOException failed) {
            throw new AssertionError(failed);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
