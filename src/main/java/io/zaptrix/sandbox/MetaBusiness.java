package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.sandbox.LoopbackServer.Reply;
import io.zaptrix.sandbox.LoopbackServer.Request;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What Meta knows of businesses beside their messages: the state of numbers, their registration, access tokens, the
 * app's own webhook, and Embedded Signup. Errors and shapes are those of the Graph API reference and of the guides
 * "Embedded Signup" and "Onboarding business customers as a Tech Provider".
 */
final class MetaBusiness {

    /** As long as Meta lets a code live. */
    private static final Duration CODE_LIFE = Duration.ofSeconds(30);

    private static final String DEFAULT_FIELDS =
            "verified_name,code_verification_status,display_phone_number,quality_rating,id";
    private static final int NUMBERS_A_PAGE = 25;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final StandInMeta meta;
    private final Map<String, ObjectNode> facts = new ConcurrentHashMap<>();
    private final Map<String, String> pins = new ConcurrentHashMap<>();
    private final Map<String, Code> codes = new ConcurrentHashMap<>();
    private final Map<String, Instant> expiring = new ConcurrentHashMap<>();
    private final Set<String> foreign = ConcurrentHashMap.newKeySet();
    private final Set<String> synchronised = ConcurrentHashMap.newKeySet();
    private final List<StandInMeta.Registered> registrations = new CopyOnWriteArrayList<>();
    private volatile @Nullable String callbackUrl;

    MetaBusiness(StandInMeta meta) {
        this.meta = meta;
    }

    private record Code(String token, Instant until) {}

    /** One business number as this class needs it. */
    record Number(String id, String wabaId, String display, String verifiedName, String accessToken) {}

    void set(String phoneNumberId, String field, String value) {
        facts.computeIfAbsent(phoneNumberId, id -> JSON.objectNode()).put(field, value);
    }

    void expires(String token, Instant when) {
        expiring.put(token, when);
    }

    void foreign(String token) {
        foreign.add(token);
    }

    void callback(String url) {
        callbackUrl = url;
    }

    List<StandInMeta.Registered> registrations() {
        return List.copyOf(registrations);
    }

    String code(String token) {
        String code = "AQ" + UUID.randomUUID().toString().replace("-", "");
        codes.put(code, new Code(token, Instant.now().plus(CODE_LIFE)));
        return code;
    }

    boolean isExpired(String token) {
        Instant end = expiring.get(token);
        return end != null && end.isBefore(Instant.now());
    }

    boolean isRegistered(String phoneNumberId) {
        return !fact(phoneNumberId, "platform_type", "CLOUD_API").equals("NOT_APPLICABLE");
    }

    private String fact(String phoneNumberId, String field, String otherwise) {
        ObjectNode known = facts.get(phoneNumberId);
        return known == null ? otherwise : known.path(field).asString(otherwise);
    }

    // ---------------------------------------------------------------- what needs no business's token

    /** Requests that are the app's own; empty for all others. */
    Optional<Reply> own(Request request, List<String> path) {
        String root = path.get(1);
        if (root.equals("oauth") && path.size() == 3 && path.get(2).equals("access_token")) {
            return Optional.of(exchange(request));
        }
        if (root.equals("debug_token") && path.size() == 2) {
            return Optional.of(byApp(request, () -> debug(request)));
        }
        if (root.equals(meta.appId())
                && path.size() == 3
                && path.get(2).equals("subscriptions")
                && request.method().equals("GET")) {
            return Optional.of(byApp(request, this::subscriptions));
        }
        return Optional.empty();
    }

    private Reply byApp(Request request, java.util.function.Supplier<Reply> answer) {
        String token = request.header("Authorization").replaceFirst("^Bearer ", "");
        return token.equals(meta.appId() + "|" + meta.appSecret())
                ? answer.get()
                : error(new GraphFault(
                        190, null, 400, "OAuthException", "Invalid OAuth access token signature.", null, false));
    }

    private Reply exchange(Request request) {
        Map<String, String> given = StandInMeta.query(request);
        if (request.method().equals("POST")) {
            given = new LinkedHashMap<>(given);
            given.putAll(form(request));
        }
        if (!meta.appId().equals(given.get("client_id")) || !meta.appSecret().equals(given.get("client_secret"))) {
            return error(
                    new GraphFault(1, null, 400, "OAuthException", "Error validating client secret.", null, false));
        }
        Code code = codes.remove(given.getOrDefault("code", ""));
        if (code == null) {
            return error(new GraphFault(
                    100,
                    36009,
                    400,
                    "OAuthException",
                    "This authorization code has been used or is not valid.",
                    null,
                    false));
        }
        if (code.until().isBefore(Instant.now())) {
            return error(new GraphFault(
                    100, 36007, 400, "OAuthException", "This authorization code has expired.", null, false));
        }
        return Reply.json(
                200, JSON.objectNode().put("access_token", code.token()).put("token_type", "bearer"));
    }

    private static Map<String, String> form(Request request) {
        if (request.isJson()) {
            Map<String, String> fields = new LinkedHashMap<>();
            try {
                SandboxJson.MAPPER
                        .readTree(request.body())
                        .properties()
                        .forEach(field ->
                                fields.put(field.getKey(), field.getValue().asString("")));
            } catch (JacksonException noJson) {
                fields.clear();
            }
            return fields;
        }
        Map<String, String> fields = new LinkedHashMap<>();
        for (String pair : new String(request.body(), UTF_8).split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                fields.put(
                        URLDecoder.decode(pair.substring(0, equals), UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), UTF_8));
            }
        }
        return fields;
    }

    private Reply debug(Request request) {
        String token = StandInMeta.query(request).getOrDefault("input_token", "");
        if (foreign.contains(token)) {
            return error(new GraphFault(
                    100,
                    null,
                    400,
                    "OAuthException",
                    "The App_id in the input_token did not match the Viewing App",
                    null,
                    false));
        }
        Set<String> accounts = new LinkedHashSet<>();
        meta.businessNumbers().stream()
                .filter(number -> number.accessToken().equals(token))
                .forEach(number -> accounts.add(number.wabaId()));
        ObjectNode data = JSON.objectNode();
        boolean valid = !accounts.isEmpty() && !meta.isRevoked(token) && !isExpired(token);
        if (accounts.isEmpty()) {
            data.putObject("error").put("code", 190).put("message", "Invalid OAuth access token.");
        } else {
            Instant end = expiring.get(token);
            data.put("app_id", meta.appId())
                    .put("type", "SYSTEM_USER")
                    .put("application", "Zaptrix")
                    .put("data_access_expires_at", 0)
                    .put("expires_at", end == null ? 0 : end.getEpochSecond());
        }
        data.put("is_valid", valid);
        ArrayNode scopes = data.putArray("scopes");
        if (!accounts.isEmpty()) {
            ArrayNode granular = data.putArray("granular_scopes");
            for (String scope : List.of("whatsapp_business_management", "whatsapp_business_messaging")) {
                scopes.add(scope);
                ArrayNode targets = granular.addObject().put("scope", scope).putArray("target_ids");
                accounts.forEach(targets::add);
            }
        }
        return Reply.json(200, JSON.objectNode().set("data", data));
    }

    private Reply subscriptions() {
        ObjectNode list = JSON.objectNode();
        ArrayNode data = list.putArray("data");
        String url = callbackUrl == null ? meta.callbackUrl() : callbackUrl;
        if (url != null && !url.isEmpty()) {
            ObjectNode one = data.addObject()
                    .put("object", "whatsapp_business_account")
                    .put("callback_url", url)
                    .put("active", true);
            ArrayNode fields = one.putArray("fields");
            for (String name : List.of("messages", "account_update", "message_template_status_update")) {
                fields.addObject().put("name", name).put("version", "v23.0");
            }
        }
        return Reply.json(200, list);
    }

    // ---------------------------------------------------------------- numbers

    Reply info(Number number, Request request, String version) {
        String fields = StandInMeta.query(request).getOrDefault("fields", DEFAULT_FIELDS);
        ObjectNode info = JSON.objectNode();
        GraphFault wrong = describe(number, fields, version, info);
        return wrong == null ? Reply.json(200, info) : error(wrong);
    }

    Reply list(Collection<Number> numbers, Request request, String version) {
        Map<String, String> query = StandInMeta.query(request);
        List<Number> all = new ArrayList<>(numbers);
        int from = Integer.parseInt(query.getOrDefault("after", "0").replaceAll("\\D", "0"));
        int limit = Integer.parseInt(query.getOrDefault("limit", Integer.toString(NUMBERS_A_PAGE)));
        int to = Math.min(all.size(), from + limit);
        ObjectNode list = JSON.objectNode();
        ArrayNode data = list.putArray("data");
        for (Number number : all.subList(Math.min(from, to), to)) {
            GraphFault wrong =
                    describe(number, query.getOrDefault("fields", DEFAULT_FIELDS), version, data.addObject());
            if (wrong != null) {
                return error(wrong);
            }
        }
        ObjectNode paging = list.putObject("paging");
        paging.putObject("cursors").put("before", Integer.toString(from)).put("after", Integer.toString(to));
        if (to < all.size()) {
            paging.put("next", meta.graphUrl() + request.path() + "?after=" + to);
        }
        return Reply.json(200, list);
    }

    private @Nullable GraphFault describe(Number number, String fields, String version, ObjectNode into) {
        ObjectNode all = JSON.objectNode()
                .put("verified_name", number.verifiedName())
                .put("code_verification_status", fact(number.id(), "code_verification_status", "VERIFIED"))
                .put("display_phone_number", number.display())
                .put("quality_rating", fact(number.id(), "quality_rating", "GREEN"))
                .put("platform_type", fact(number.id(), "platform_type", "CLOUD_API"))
                .put("status", fact(number.id(), "status", "CONNECTED"))
                .put("name_status", fact(number.id(), "name_status", "APPROVED"))
                .put(
                        "is_on_biz_app",
                        fact(number.id(), "is_on_biz_app", "false").equals("true"))
                .put("account_mode", "LIVE");
        all.put(
                Integer.parseInt(version.replaceAll("^v|\\..*$", "")) < 24
                        ? "messaging_limit_tier"
                        : "whatsapp_business_manager_messaging_limit",
                fact(number.id(), "messaging_limit", "TIER_1K"));
        all.putObject("throughput").put("level", fact(number.id(), "throughput", "STANDARD"));
        all.put("id", number.id());
        Set<String> wanted = new LinkedHashSet<>(List.of(fields.split(",")));
        wanted.add("id");
        for (String field : wanted) {
            JsonNode value = all.get(field.strip());
            if (value == null) {
                return new GraphFault(
                        100,
                        null,
                        400,
                        "OAuthException",
                        "Tried accessing nonexisting field (" + field + ") on node type (WhatsAppBusinessPhoneNumber)",
                        null,
                        false);
            }
            into.set(field.strip(), value);
        }
        return null;
    }

    Reply register(Number number, Request request) {
        JsonNode body;
        try {
            body = SandboxJson.MAPPER.readTree(request.body());
        } catch (JacksonException malformed) {
            return error(GraphFault.parameter("The body is not JSON."));
        }
        String pin = body.path("pin").asString("");
        if (!body.path("messaging_product").asString("").equals("whatsapp") || !pin.matches("\\d{6}")) {
            return error(GraphFault.parameter("Param pin must be 6 characters long."));
        }
        String before = pins.putIfAbsent(number.id(), pin);
        if (before != null && !before.equals(pin)) {
            return error(new GraphFault(
                    133005, null, 400, "OAuthException", "Two step verification PIN mismatch", null, false));
        }
        registrations.add(new StandInMeta.Registered(number.id(), pin));
        set(number.id(), "platform_type", "CLOUD_API");
        set(number.id(), "status", "CONNECTED");
        return Reply.json(200, JSON.objectNode().put("success", true));
    }

    /** Once for each kind, and only of a number that stays in the WhatsApp Business app. */
    Reply appData(Number number, Request request) {
        JsonNode body;
        try {
            body = SandboxJson.MAPPER.readTree(request.body());
        } catch (JacksonException malformed) {
            return error(GraphFault.parameter("The body is not JSON."));
        }
        String kind = body.path("sync_type").asString("");
        if (!body.path("messaging_product").asString("").equals("whatsapp")
                || !Set.of("smb_app_state_sync", "history").contains(kind)) {
            return error(GraphFault.parameter("Param sync_type must be one of {smb_app_state_sync, history}."));
        }
        if (!fact(number.id(), "is_on_biz_app", "false").equals("true")
                || !synchronised.add(number.id() + " " + kind)) {
            return error(GraphFault.parameter("This number cannot be synchronized, or was already."));
        }
        return Reply.json(
                200, JSON.objectNode().put("messaging_product", "whatsapp").put("request_id", "REQ" + number.id()));
    }

    boolean isSynchronised(String phoneNumberId, String kind) {
        return synchronised.contains(phoneNumberId + " " + kind);
    }

    private static Reply error(GraphFault fault) {
        return Reply.json(fault.status(), fault.body());
    }

    // ---------------------------------------------------------------- Embedded Signup

    /** The JavaScript library and the window that it opens; empty for other addresses. */
    Optional<Reply> page(Request request, List<String> path) {
        if (path.size() == 2 && path.get(1).equals("sdk.js") && path.getFirst().matches("[a-z]{2}_[A-Z]{2}")) {
            return Optional.of(Reply.text(200, "text/javascript", SDK));
        }
        if (path.getFirst().equals("signup-dialog") && path.size() == 1) {
            return Optional.of(Reply.text(200, "text/html", dialog(request)));
        }
        if (path.getFirst().equals("signup-dialog")
                && path.size() == 2
                && path.get(1).equals("code")) {
            String account = StandInMeta.query(request).getOrDefault("waba", "");
            return Optional.of(meta.businessNumbers().stream()
                    .filter(number -> number.wabaId().equals(account))
                    .findFirst()
                    .map(number -> Reply.text(200, "text/plain", code(number.accessToken())))
                    .orElseGet(() -> Reply.empty(404)));
        }
        return Optional.empty();
    }

    private String dialog(Request request) {
        boolean businessApp = StandInMeta.query(request)
                .getOrDefault("extras", "")
                .contains("\"featureType\":\"whatsapp_business_app_onboarding\"");
        Map<String, String> accounts = new LinkedHashMap<>();
        Map<String, String> names = new LinkedHashMap<>();
        for (Number number : meta.businessNumbers()) {
            accounts.putIfAbsent(number.wabaId(), number.id());
            names.putIfAbsent(number.wabaId(), number.verifiedName() + " · " + number.display());
        }
        StringBuilder choices = new StringBuilder();
        accounts.forEach((account, number) -> choices.append("<option value=\"")
                .append(account)
                .append("\" data-number=\"")
                .append(number)
                .append("\">")
                .append(org.springframework.web.util.HtmlUtils.htmlEscape(names.getOrDefault(account, account)))
                .append("</option>"));
        return DIALOG.replace("$CHOICES", choices)
                .replace("$FINISH", businessApp ? "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING" : "FINISH");
    }

    /** The part of Facebook's library that signing up needs. */
    private static final String SDK = """
            (() => {
              "use strict";
              const base = document.currentScript.src.replace(/\\/[a-z]{2}_[A-Z]{2}\\/sdk\\.js.*$/, "");
              let ready = false;
              window.FB = {
                init(options) {
                  if (!options.appId || !/^v\\d+\\.\\d+$/.test(options.version)) {
                    throw new Error("init not called with valid version");
                  }
                  ready = true;
                },
                login(callback, options) {
                  if (!ready || typeof callback !== "function") {
                    throw new Error("FB.login() called before FB.init().");
                  }
                  const query = new URLSearchParams({
                    config_id: options.config_id, response_type: options.response_type,
                    extras: JSON.stringify(options.extras || {})
                  });
                  const popup = window.open(base + "/signup-dialog?" + query, "signup", "width=520,height=560");
                  window.addEventListener("message", function heard(event) {
                    if (event.source === popup && event.origin === base && event.data && event.data.done) {
                      window.removeEventListener("message", heard);
                      callback(event.data.code
                        ? {status: "connected", authResponse: {code: event.data.code, userID: null, expiresIn: null}}
                        : {status: "unknown", authResponse: null});
                    }
                  });
                }
              };
              if (window.fbAsyncInit) {
                window.fbAsyncInit();
              }
            })();
            """;

    private static final String DIALOG = """
            <!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Sign up (sandbox)</title>
            <style>body{font:16px sans-serif;margin:24px}button,select{display:block;width:100%;font:inherit;padding:10px;margin:8px 0}</style>
            <h1>Meta, played by the sandbox</h1>
            <label for="account">Account</label><select id="account">$CHOICES</select>
            <button data-event="$FINISH">Finish</button>
            <button data-event="FINISH_ONLY_WABA">Finish with the account only</button>
            <button data-event="">Finish, and say nothing of it</button>
            <button data-event="CANCEL">Close at the number</button>
            <button data-event="ERROR">Meet an error</button>
            <script>
              const say = (event, data) => window.opener.postMessage(
                JSON.stringify({type: "WA_EMBEDDED_SIGNUP", event, data, version: 3}), "*");
              const done = (code) => { window.opener.postMessage({done: true, code}, "*"); window.close(); };
              for (const button of document.querySelectorAll("button")) {
                button.addEventListener("click", async () => {
                  const event = button.dataset.event;
                  if (event === "CANCEL") { say(event, {current_step: "PHONE_NUMBER_SETUP"}); return done(null); }
                  if (event === "ERROR") {
                    say("CANCEL", {error_message: "Your account is restricted", error_id: "524126", session_id: "f34b51dab5e0498"});
                    return done(null);
                  }
                  const account = document.getElementById("account");
                  const waba = account.value;
                  const number = account.selectedOptions[0].dataset.number;
                  const code = await (await fetch("/signup-dialog/code?waba=" + waba, {method: "POST"})).text();
                  if (event === "FINISH") { say(event, {phone_number_id: number, waba_id: waba, business_id: "506914307656634"}); }
                  else if (event) { say(event, {waba_id: waba}); }
                  done(code);
                });
              }
            </script></html>
            """;
}
