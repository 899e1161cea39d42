package io.zaptrix.meta;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.zaptrix.meta.GraphBoundary.Attempt;
import io.zaptrix.meta.GraphException.Kind;
import io.zaptrix.platform.ZaptrixProperties;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@link GraphClient} over one pool of connections. */
@Component
class RestGraphClient implements GraphClient, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(RestGraphClient.class);

    /** The form that Meta's OpenAPI description demands of it. */
    static final String USER_AGENT = "Zaptrix/0.1.0";

    private static final Pattern ID = Pattern.compile("[0-9]{1,32}");

    /** What stands where other addresses have an object's id. */
    private static final String OAUTH = "oauth";

    private static final String DEBUG_TOKEN = "debug_token";
    private static final Set<String> ROOTS = Set.of(OAUTH, DEBUG_TOKEN);
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{1,4096}");

    /** Two letters of a country, then the id; with {@code ENT} if it spans several portfolios of one business. */
    /** The ids of groups, whose first letters are {@code capi_group:} in base 64 in all of Meta's examples. */
    private static final Pattern GROUP_ID = Pattern.compile("Y2FwaV9ncm91cD");

    private static final Pattern BUSINESS_SCOPED_USER_ID = Pattern.compile("[A-Z]{2}\\.(ENT\\.)?[A-Za-z0-9]+");

    private static final JsonMapper JSON = JsonMapper.shared();

    /** An account has at most 6,000 templates; see "Template management" in Meta's documentation. */
    private static final int MOST_PAGES = 61;

    private static final String A_PAGE = "100";

    /** An account has a few numbers, and never thousands. */
    private static final int MOST_NUMBER_PAGES = 20;

    /** The messaging limit has another name since v24.0; "Messaging limits" in Meta's documentation. */
    private static final int LIMIT_OF_PORTFOLIO_SINCE = 24;

    private static final String NUMBER_FIELDS =
            "id,display_phone_number,verified_name,status,quality_rating,name_status,"
                    + "code_verification_status,throughput,platform_type,is_on_biz_app,";

    private final CloseableHttpClient http;
    private final GraphFiles files;
    private final RestClient rest;
    private final URI base;
    private final String appId;
    private final String appSecret;
    private final String limitField;
    private final MeterRegistry meters;
    private final Counter unknownErrors;

    @Autowired
    RestGraphClient(ZaptrixProperties properties, MeterRegistry meters) {
        this(properties, meters, Timeouts.DEFAULT);
    }

    RestGraphClient(ZaptrixProperties properties, MeterRegistry meters, Timeouts timeouts) {
        this.base = UriComponentsBuilder.fromUri(properties.meta().graphUrl())
                .pathSegment(properties.meta().graphVersion())
                .build()
                .toUri();
        this.appId = properties.meta().appId();
        this.appSecret = properties.meta().appSecrets().getFirst();
        this.limitField = majorVersion(properties.meta().graphVersion()) < LIMIT_OF_PORTFOLIO_SINCE
                ? "messaging_limit_tier"
                : "whatsapp_business_manager_messaging_limit";
        this.http = http(timeouts);
        this.files = new GraphFiles(base, timeouts);
        this.rest = RestClient.builder()
                .requestFactory(new HttpComponentsClientHttpRequestFactory(http))
                .build();
        this.meters = meters;
        this.unknownErrors = Counter.builder("zaptrix.meta.unknown.error")
                .description("Errors of the Graph API whose code is not in the table")
                .register(meters);
    }

    /**
     * @param connect for the TCP connection, for TLS on it, and for a free place in the pool: each
     * @param silence how long Meta may say nothing
     * @param body how long the answer's body may take in all
     */
    record Timeouts(Duration connect, Duration silence, Duration body) {
        static final Timeouts DEFAULT =
                new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(30));
    }

    private static CloseableHttpClient http(Timeouts timeouts) {
        return connections(timeouts, 128)
                .addExecInterceptorBefore(
                        ChainElement.MAIN_TRANSPORT.name(), "boundary", new GraphBoundary(timeouts.body()))
                .build();
    }

    /**
     * Connections to Meta that repeat and follow nothing by themselves.
     *
     * @param perHost how many to one host
     */
    static HttpClientBuilder connections(Timeouts timeouts, int perHost) {
        Timeout connect = Timeout.of(timeouts.connect());
        Timeout silence = Timeout.of(timeouts.silence());
        return HttpClientBuilder.create()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                                .http1Config(Http1Config.custom()
                                        // The library's 32 KB would stand idle three times a connection.
                                        .setBufferSize(4 * 1024)
                                        .setMaxLineLength(16 * 1024)
                                        .setMaxHeaderCount(200)
                                        .build())
                                .build())
                        .setMaxConnTotal(128)
                        .setMaxConnPerRoute(perHost)
                        .setDefaultTlsConfig(
                                TlsConfig.custom().setHandshakeTimeout(connect).build())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(connect)
                                .setSocketTimeout(silence)
                                // Looked at before every use, for a millisecond: a request written to a connection that
                                // Meta has just closed would be an uncertain one.
                                .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS)
                                .setTimeToLive(TimeValue.ofMinutes(5))
                                .build())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(connect)
                        .setResponseTimeout(silence)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .evictIdleConnections(TimeValue.ofSeconds(30))
                .setUserAgent(USER_AGENT)
                // It would repeat GETs, and answers 429 and 503, on its own account.
                .disableAutomaticRetries()
                // The access token goes where Graph says, and no further.
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression();
    }

    @Override
    public PhoneNumberInfo phoneNumber(String accessToken, String phoneNumberId) {
        // Without "fields" Meta gives all that is wanted; with it, only what is named.
        Call get = new Call("phone_number", Kind.RETRY, HttpMethod.GET, phoneNumberId, null, null);
        return perform(get, accessToken, answer -> {
            String id = Webhooks.text(answer.path("id"));
            String display = Webhooks.text(answer.path("display_phone_number"));
            return id == null
                    ? null
                    : new PhoneNumberInfo(
                            id,
                            display == null ? "" : display,
                            Webhooks.text(answer.path("verified_name")),
                            Webhooks.text(answer.path("quality_rating")),
                            Webhooks.text(answer.path("code_verification_status")),
                            Webhooks.text(answer.path("throughput").path("level")));
        });
    }

    @Override
    public void subscribeApp(String accessToken, String wabaId) {
        ObjectNode nothing = JsonNodeFactory.instance.objectNode();
        Call post = new Call("subscribe_app", Kind.RETRY, HttpMethod.POST, wabaId, "subscribed_apps", nothing);
        perform(post, accessToken, answer -> answer.path("success").asBoolean(false) ? Boolean.TRUE : null);
    }

    @Override
    public void unsubscribeApp(String accessToken, String wabaId) {
        Call delete = new Call("unsubscribe_app", Kind.RETRY, HttpMethod.DELETE, wabaId, "subscribed_apps", null);
        perform(delete, accessToken, answer -> answer.path("success").asBoolean(false) ? Boolean.TRUE : null);
    }

    private static int majorVersion(String version) {
        return Integer.parseInt(version.replaceAll("^v|\\..*$", ""));
    }

    @Override
    public NumberState numberState(String accessToken, String phoneNumberId) {
        Call get = new Call("number_state", Kind.RETRY, HttpMethod.GET, phoneNumberId, null, null)
                .with("fields", NUMBER_FIELDS + limitField);
        return perform(
                get, accessToken, answer -> Webhooks.text(answer.path("id")) == null ? null : numberState(answer));
    }

    @Override
    public List<NumberState> numbers(String accessToken, String wabaId) {
        List<NumberState> numbers = new ArrayList<>();
        Call get = new Call("numbers", Kind.RETRY, HttpMethod.GET, wabaId, "phone_numbers", null)
                .with("fields", NUMBER_FIELDS + limitField);
        pages(get, accessToken, MOST_NUMBER_PAGES, number -> {
            if (Webhooks.text(number.path("id")) != null) {
                numbers.add(numberState(number));
            }
        });
        return List.copyOf(numbers);
    }

    private NumberState numberState(JsonNode number) {
        String display = Webhooks.text(number.path("display_phone_number"));
        return new NumberState(
                String.valueOf(Webhooks.text(number.path("id"))),
                display == null ? "" : display,
                Webhooks.text(number.path("verified_name")),
                Webhooks.text(number.path("status")),
                Webhooks.text(number.path("quality_rating")),
                Webhooks.text(number.path("name_status")),
                Webhooks.text(number.path("code_verification_status")),
                Webhooks.text(number.path("throughput").path("level")),
                Webhooks.text(number.path(limitField)),
                Webhooks.text(number.path("platform_type")),
                number.path("is_on_biz_app").asBoolean(false));
    }

    @Override
    public boolean isSubscribed(String accessToken, String wabaId) {
        Call get = new Call("subscriptions", Kind.RETRY, HttpMethod.GET, wabaId, "subscribed_apps", null);
        JsonNode data = perform(get, accessToken, answer -> answer.path("data").isArray() ? answer.path("data") : null);
        for (JsonNode app : data) {
            if (appId.equals(
                    Webhooks.text(app.path("whatsapp_business_api_data").path("id")))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void register(String accessToken, String phoneNumberId, String pin) {
        ObjectNode wire = JsonNodeFactory.instance.objectNode();
        wire.put("messaging_product", "whatsapp").put("pin", pin);
        // Repeated with the same PIN it changes nothing, but it counts against the attempts.
        Call post = new Call("register", Kind.RETRY, HttpMethod.POST, phoneNumberId, "register", wire);
        perform(post, accessToken, answer -> answer.path("success").asBoolean(false) ? Boolean.TRUE : null);
    }

    @Override
    public void synchronise(String accessToken, String phoneNumberId, AppData what) {
        ObjectNode wire = JsonNodeFactory.instance.objectNode();
        wire.put("messaging_product", "whatsapp").put("sync_type", what.wire());
        Call post = new Call("synchronise", Kind.RETRY, HttpMethod.POST, phoneNumberId, "smb_app_data", wire);
        perform(post, accessToken, answer -> Webhooks.text(answer.path("request_id")));
    }

    @Override
    public String exchangeCode(String code) {
        ObjectNode wire = JsonNodeFactory.instance.objectNode();
        wire.put("client_id", appId).put("client_secret", appSecret).put("code", code);
        Call post = new Call("exchange_code", Kind.RETRY, HttpMethod.POST, OAUTH, "access_token", wire);
        // Proved by what it carries. The code stands for the token, so that no error quotes it.
        try {
            return perform(post, code, answer -> Webhooks.text(answer.path("access_token")));
        } catch (GraphException refused) {
            if (refused.httpStatus() != 404 && refused.httpStatus() != 405 && !refused.isNoSuchObject()) {
                throw refused;
            }
        }
        // As documented; the body is preferred, since addresses end in logs.
        Call get = new Call("exchange_code", Kind.RETRY, HttpMethod.GET, OAUTH, "access_token", null)
                .with("client_id", appId)
                .with("client_secret", appSecret)
                .with("code", code);
        return perform(get, code, answer -> Webhooks.text(answer.path("access_token")));
    }

    @Override
    public TokenInfo inspectToken(String accessToken) {
        requireToken("inspect_token", accessToken);
        Call get = new Call("inspect_token", Kind.RETRY, HttpMethod.GET, DEBUG_TOKEN, null, null)
                .with("input_token", accessToken);
        try {
            return perform(get, appToken(), answer -> {
                JsonNode data = answer.path("data");
                if (!data.isObject()) {
                    return null;
                }
                long expires = data.path("expires_at").asLong(0);
                List<String> accounts = new ArrayList<>();
                for (JsonNode scope : data.path("granular_scopes")) {
                    if ("whatsapp_business_management".equals(Webhooks.text(scope.path("scope")))) {
                        scope.path("target_ids").forEach(id -> accounts.add(id.asString("")));
                    }
                }
                return new TokenInfo(
                        true,
                        data.path("is_valid").asBoolean(false),
                        expires <= 0 ? null : Instant.ofEpochSecond(expires),
                        accounts);
            });
        } catch (GraphException refused) {
            String said = refused.title();
            if (refused.code() == GraphErrors.INVALID_PARAMETER && said != null && said.contains("did not match")) {
                return TokenInfo.OTHERS;
            }
            throw refused;
        }
    }

    @Override
    public Optional<AppWebhook> appWebhook() {
        Call get = new Call("app_webhook", Kind.RETRY, HttpMethod.GET, appId, "subscriptions", null);
        JsonNode data = perform(get, appToken(), answer -> answer.path("data").isArray() ? answer.path("data") : null);
        for (JsonNode subscription : data) {
            if ("whatsapp_business_account".equals(Webhooks.text(subscription.path("object")))) {
                Set<String> fields = new HashSet<>();
                for (JsonNode field : subscription.path("fields")) {
                    fields.add(field.path("name").asString(field.asString("")));
                }
                String url = Webhooks.text(subscription.path("callback_url"));
                return Optional.of(new AppWebhook(
                        url == null ? "" : url, subscription.path("active").asBoolean(true), fields));
            }
        }
        return Optional.empty();
    }

    /** The app itself, "Access tokens" in the Graph API documentation. */
    private String appToken() {
        return appId + "|" + appSecret;
    }

    @Override
    public String sendText(String accessToken, String phoneNumberId, TextMessage message) {
        Call post = message("send_text", phoneNumberId, wire(message));
        return perform(post, accessToken, RestGraphClient::wamid);
    }

    @Override
    public String sendMedia(String accessToken, String phoneNumberId, MediaMessage message) {
        Call post = message("send_media", phoneNumberId, wire(message));
        return perform(post, accessToken, RestGraphClient::wamid);
    }

    private static Call message(String operation, String phoneNumberId, ObjectNode wire) {
        return new Call(operation, Kind.UNCERTAIN, HttpMethod.POST, phoneNumberId, "messages", wire);
    }

    private static @Nullable String wamid(JsonNode answer) {
        return Webhooks.text(answer.path("messages").path(0).path("id"));
    }

    @Override
    public String sendTemplate(String accessToken, String phoneNumberId, TemplateMessage message) {
        Call post = message("send_template", phoneNumberId, wire(message));
        return perform(post, accessToken, RestGraphClient::wamid);
    }

    @Override
    public void markRead(String accessToken, String phoneNumberId, String wamid, boolean typing) {
        ObjectNode wire = JsonNodeFactory.instance.objectNode();
        wire.put("messaging_product", "whatsapp").put("status", "read").put("message_id", wamid);
        if (typing) {
            wire.putObject("typing_indicator").put("type", "text");
        }
        Call post = new Call("mark_read", Kind.RETRY, HttpMethod.POST, phoneNumberId, "messages", wire);
        perform(post, accessToken, answer -> answer.path("success").asBoolean(false) ? Boolean.TRUE : null);
    }

    @Override
    public List<MessageTemplate> templates(String accessToken, String wabaId) {
        List<MessageTemplate> templates = new ArrayList<>();
        Call get = new Call("templates", Kind.RETRY, HttpMethod.GET, wabaId, "message_templates", null);
        pages(get, accessToken, MOST_PAGES, template -> templates.add(Templates.read(template)));
        return List.copyOf(templates);
    }

    /** All that a list has, page after page. */
    private void pages(Call first, String accessToken, int most, Consumer<JsonNode> each) {
        String after = null;
        for (int page = 0; page < most; page++) {
            String cursor = after;
            JsonNode answer = perform(
                    first.with("limit", cursor == null ? null : A_PAGE).with("after", cursor),
                    accessToken,
                    json -> json.path("data").isArray() ? json : null);
            answer.path("data").forEach(each);
            after = Webhooks.text(answer.path("paging").path("cursors").path("after"));
            boolean more = Webhooks.text(answer.path("paging").path("next")) != null;
            if (!more || after == null || after.equals(cursor)) {
                return;
            }
        }
    }

    private static ObjectNode wire(TemplateMessage message) {
        ObjectNode wire = envelope(message.to(), "template");
        ObjectNode template = wire.putObject("template").put("name", message.name());
        template.putObject("language").put("policy", "deterministic").put("code", message.language());
        ArrayNode components = JsonNodeFactory.instance.arrayNode();
        component(components, "header", message.header());
        if (message.headerFile() != null) {
            header(components, message.headerFile());
        }
        component(components, "body", message.body());
        for (TemplateMessage.ButtonValue button : message.buttons()) {
            ObjectNode component = components.addObject().put("type", "button").put("sub_type", "url");
            component.put("index", Integer.toString(button.index()));
            component.putArray("parameters").addObject().put("type", "text").put("text", button.text());
        }
        if (!components.isEmpty()) {
            template.set("components", components);
        }
        if (message.callbackData() != null) {
            wire.put("biz_opaque_callback_data", message.callbackData());
        }
        return wire;
    }

    private static void header(ArrayNode components, TemplateMessage.HeaderFile header) {
        String kind = header.kind().wireName();
        ObjectNode parameter = components
                .addObject()
                .put("type", "header")
                .putArray("parameters")
                .addObject()
                .put("type", kind);
        file(parameter.putObject(kind), header.mediaId(), header.link(), header.filename());
    }

    private static void file(ObjectNode file, @Nullable String mediaId, @Nullable URI link, @Nullable String filename) {
        if (mediaId != null) {
            file.put("id", mediaId);
        } else {
            file.put("link", String.valueOf(link));
        }
        if (filename != null) {
            file.put("filename", filename);
        }
    }

    private static void component(ArrayNode components, String type, List<TemplateMessage.Parameter> parameters) {
        if (parameters.isEmpty()) {
            return;
        }
        ArrayNode list = components.addObject().put("type", type).putArray("parameters");
        for (TemplateMessage.Parameter parameter : parameters) {
            ObjectNode node = list.addObject().put("type", "text");
            if (parameter.name() != null) {
                node.put("parameter_name", parameter.name());
            }
            node.put("text", parameter.text());
        }
    }

    private static ObjectNode envelope(String to, String type) {
        ObjectNode wire = JsonNodeFactory.instance.objectNode();
        wire.put("messaging_product", "whatsapp");
        wire.put("recipient_type", GROUP_ID.matcher(to).lookingAt() ? "group" : "individual");
        wire.put(BUSINESS_SCOPED_USER_ID.matcher(to).matches() ? "recipient" : "to", to);
        return wire.put("type", type);
    }

    private static ObjectNode wire(TextMessage message) {
        ObjectNode wire = envelope(message.to(), "text");
        wire.putObject("text").put("preview_url", message.previewUrl()).put("body", message.body());
        if (message.contextWamid() != null) {
            wire.putObject("context").put("message_id", message.contextWamid());
        }
        if (message.callbackData() != null) {
            wire.put("biz_opaque_callback_data", message.callbackData());
        }
        return wire;
    }

    private static ObjectNode wire(MediaMessage message) {
        String type = message.kind().wireName();
        ObjectNode wire = envelope(message.to(), type);
        ObjectNode file = wire.putObject(type);
        file(file, message.mediaId(), message.link(), message.filename());
        if (message.voice()) {
            file.put("voice", true);
        }
        if (message.caption() != null) {
            file.put("caption", message.caption());
        }
        if (message.contextWamid() != null) {
            wire.putObject("context").put("message_id", message.contextWamid());
        }
        if (message.callbackData() != null) {
            wire.put("biz_opaque_callback_data", message.callbackData());
        }
        return wire;
    }

    @Override
    public MediaInfo media(String accessToken, String phoneNumberId, String mediaId) {
        requireId("media", phoneNumberId);
        Call get = new Call("media", Kind.RETRY, HttpMethod.GET, mediaId, null, null)
                .with("phone_number_id", phoneNumberId);
        return perform(get, accessToken, answer -> {
            URI url = files.address(Webhooks.text(answer.path("url")));
            String size = answer.path("file_size").asString("");
            return url == null
                    ? null
                    : new MediaInfo(
                            mediaId,
                            url,
                            Webhooks.text(answer.path("mime_type")),
                            Webhooks.text(answer.path("sha256")),
                            size.matches("\\d{1,18}") ? Long.parseLong(size) : -1);
        });
    }

    @Override
    public String uploadMedia(String accessToken, String phoneNumberId, MediaUpload upload) {
        return timed("upload_media", () -> {
            requireToken("upload_media", accessToken);
            requireId("upload_media", phoneNumberId);
            URI address = UriComponentsBuilder.fromUri(base)
                    .pathSegment(phoneNumberId, "media")
                    .build()
                    .toUri();
            GraphAnswer answer = files.upload(address, accessToken, upload);
            String id = answer.isGood() ? Webhooks.text(answer.json().path("id")) : null;
            if (id == null) {
                // A file that nobody sends does no harm: what happened to an unanswered upload does not matter.
                throw judge("upload_media", Kind.RETRY, answer, accessToken);
            }
            return id;
        });
    }

    @Override
    public MediaDownload download(String accessToken, MediaInfo media, @Nullable String range) {
        return timed("download_media", () -> {
            requireToken("download_media", accessToken);
            return files.download(media.url(), accessToken, range);
        });
    }

    /**
     * A request.
     *
     * @param unanswered what it means that it may have been written and no readable answer came
     * @param objectId the number or account that it is about
     * @param edge what of that object; absent for the object itself
     * @param query behind the address's question mark
     */
    private record Call(
            String operation,
            Kind unanswered,
            HttpMethod method,
            String objectId,
            @Nullable String edge,
            @Nullable ObjectNode body,
            Map<String, String> query) {

        Call(
                String operation,
                Kind unanswered,
                HttpMethod method,
                String objectId,
                @Nullable String edge,
                @Nullable ObjectNode body) {
            this(operation, unanswered, method, objectId, edge, body, Map.of());
        }

        Call with(String name, @Nullable String value) {
            if (value == null) {
                return this;
            }
            Map<String, String> more = new LinkedHashMap<>(query);
            more.put(name, value);
            return new Call(operation, unanswered, method, objectId, edge, body, more);
        }

        /** Leaves out body and query: secrets, codes and tokens are in them, and what people wrote. */
        @Override
        public String toString() {
            return "Call[operation=" + operation + ", method=" + method + ", objectId=" + objectId + ", edge=" + edge
                    + "]";
        }
    }

    /** @param reader takes what is wanted out of a good answer, or null if it is not in there */
    private <T> T perform(Call call, String token, Function<JsonNode, @Nullable T> reader) {
        return timed(call.operation(), () -> {
            GraphAnswer answer = exchange(call, token);
            T result = answer.isGood() ? reader.apply(answer.json()) : null;
            if (result == null) {
                throw judge(call.operation(), call.unanswered(), answer, token);
            }
            return result;
        });
    }

    private <T> T timed(String operation, Supplier<T> request) {
        Timer.Sample sample = Timer.start(meters);
        String outcome = "ok";
        try {
            return request.get();
        } catch (GraphException failure) {
            outcome = failure.kind().name().toLowerCase(Locale.ROOT);
            throw failure;
        } finally {
            sample.stop(Timer.builder("zaptrix.meta.request")
                    .description("Requests to the Graph API")
                    .tag("operation", operation)
                    .tag("outcome", outcome)
                    .register(meters));
        }
    }

    private GraphAnswer exchange(Call call, String token) {
        requireToken(call.operation(), token);
        if (!ROOTS.contains(call.objectId())) {
            requireId(call.operation(), call.objectId());
        }
        UriComponentsBuilder address = UriComponentsBuilder.fromUri(base).pathSegment(call.objectId());
        if (call.edge() != null) {
            address.pathSegment(call.edge());
        }
        call.query().forEach((name, value) -> address.queryParam(name, "{" + name + "}"));
        Attempt attempt = new Attempt();
        try {
            return ScopedValue.where(GraphBoundary.ATTEMPT, attempt).call(() -> {
                RestClient.RequestBodySpec request = rest.method(call.method())
                        .uri(address.encode().buildAndExpand(call.query()).toUri())
                        .accept(MediaType.APPLICATION_JSON);
                if (!call.objectId().equals(OAUTH)) {
                    request.header(HttpHeaders.AUTHORIZATION, "Bearer " + token);
                }
                if (call.body() != null) {
                    request.contentType(MediaType.APPLICATION_JSON).body(JSON.writeValueAsBytes(call.body()));
                }
                return request.exchange((sent, response) -> new GraphAnswer(
                        response.getStatusCode().value(),
                        response.getHeaders(),
                        response.getBody().readAllBytes()));
            });
        } catch (RuntimeException failure) {
            // Whatever it is called: before the request was written it is harmless, afterwards it may not be.
            Kind kind = attempt.written() ? call.unanswered() : Kind.RETRY;
            Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
            throw new GraphException(
                    call.operation(),
                    kind,
                    (attempt.written() ? "no readable answer: " : "not connected: ")
                            + cause.getClass().getSimpleName(),
                    cause);
        }
    }

    private static void requireToken(String operation, String token) {
        if (!TOKEN.matcher(token).matches()) {
            throw new GraphException(operation, Kind.SUSPEND, "the access token cannot be one", null);
        }
    }

    private static void requireId(String operation, String id) {
        if (!ID.matcher(id).matches()) {
            throw new GraphException(operation, Kind.REFUSE, "the id is not a number", null);
        }
    }

    private GraphException judge(String operation, Kind unanswered, GraphAnswer answer, String token) {
        if (!answer.hasGraphError()) {
            return new GraphException(
                    operation,
                    answer.kindWithoutError(unanswered),
                    answer.status(),
                    "HTTP " + answer.status() + " without an answer of Graph's",
                    answer.retryAfter(answer.status() == 429 ? GraphErrors.limit(GraphException.NO_CODE) : null));
        }
        GraphException judged = answer.error(operation, token);
        if (GraphErrors.kindOf(judged.code()).isEmpty()) {
            unknownErrors.increment();
            log.warn("{} is not in the table of codes", judged.getMessage());
        }
        return judged;
    }

    @Override
    public void destroy() {
        http.close(CloseMode.GRACEFUL);
        files.close();
    }
}
