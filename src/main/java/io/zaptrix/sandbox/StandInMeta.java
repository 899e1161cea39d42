package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.sandbox.LoopbackServer.Reply;
import io.zaptrix.sandbox.LoopbackServer.Request;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Plays the WhatsApp Business Platform over real HTTP on 127.0.0.1: the part of the Graph API that carries messages,
 * the signed webhooks with which it tells of customers' messages and of statuses, its redeliveries, and, when told to,
 * its failures. Keeps everything it has seen, so that what was sent can be reconciled with what arrived.
 *
 * <p>The shapes are those of Meta's OpenAPI description of the Business Messaging API v23.0 and of its guides
 * "Webhooks" and "Error codes". Safe for use by many threads.
 */
public final class StandInMeta implements AutoCloseable {

    private static final Duration WINDOW = Duration.ofHours(24);
    private static final int LONGEST_TEXT = 4096;
    /** How the ids of groups begin. */
    private static final String GROUP = "Y2FwaV9ncm91cD";

    private static final Set<String> RECIPIENTS = Set.of("individual", "group");
    private static final int LONGEST_CALLBACK_DATA = 512;
    private static final Set<String> SENDABLE = Set.of(
            "text",
            "image",
            "audio",
            "video",
            "document",
            "sticker",
            "location",
            "contacts",
            "interactive",
            "template",
            "reaction");

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final LoopbackServer server;
    private final Courier courier = new Courier(status -> status == 200);
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(1, runnable -> {
        Thread thread = new Thread(runnable, "stand-in-meta-clock");
        thread.setDaemon(true);
        return thread;
    });
    private final Faults faults = new Faults();
    private final MetaBusiness business = new MetaBusiness(this);

    private final Map<String, Number> numbers = new ConcurrentHashMap<>();
    private final Set<String> subscribed = ConcurrentHashMap.newKeySet();
    private final Map<String, PhoneChat> chats = new ConcurrentHashMap<>();
    private final MetaFiles files = new MetaFiles();
    private final MetaTemplates templates = new MetaTemplates(files);
    private final List<ReadMark> readMarks = new CopyOnWriteArrayList<>();
    private final List<Send> sends = new CopyOnWriteArrayList<>();
    private final Map<String, Send> sendsById = new ConcurrentHashMap<>();
    private final List<WebhookDelivery> webhooks = new ArrayList<>();
    private final List<RequestSeen> requests = new ArrayList<>();
    private final AtomicInteger webhookNumber = new AtomicInteger();
    private final List<Consumer<Passage>> passages = new CopyOnWriteArrayList<>();
    private final List<Runnable> changes = new CopyOnWriteArrayList<>();

    private volatile String appId = "100000000000001";
    private volatile String appSecret = "stand-in-app-secret";
    private volatile String verifyToken = "stand-in-verify-token";
    private volatile @Nullable URI webhookUrl;
    private volatile StatusDelays delays =
            new StatusDelays(Duration.ofMillis(20), Duration.ofMillis(60), Duration.ofMillis(120));
    private volatile boolean windowEnforced = true;
    private volatile boolean pairLimit;
    private volatile InstantSource time = InstantSource.system();

    /**
     * Starts to serve.
     *
     * @param port on 127.0.0.1; 0 takes a free one
     * @throws java.io.UncheckedIOException when the port is taken
     */
    public StandInMeta(int port) {
        server = new LoopbackServer(port, this::answer);
    }

    // ---------------------------------------------------------------- what is set up

    /** Where the Graph API is: the value for {@code ZAPTRIX_META_GRAPH_URL}. */
    public URI graphUrl() {
        return server.url();
    }

    /** The app that webhooks are signed for. */
    public StandInMeta app(String id, String secret, String webhookVerifyToken) {
        appId = id;
        appSecret = secret;
        verifyToken = webhookVerifyToken;
        return this;
    }

    public String appId() {
        return appId;
    }

    public String appSecret() {
        return appSecret;
    }

    public String verifyToken() {
        return verifyToken;
    }

    /** Where the app takes webhooks; may change while deliveries wait, as when an application restarts elsewhere. */
    public StandInMeta webhookUrl(URI url) {
        webhookUrl = url;
        return this;
    }

    /**
     * Adds a business's number. It brings no webhooks until the app has subscribed to its WhatsApp Business Account.
     *
     * @param displayPhoneNumber as people write it, such as {@code +55 11 5555-0100}
     * @param accessToken what opens this number and its account
     */
    public StandInMeta addNumber(
            String phoneNumberId, String wabaId, String displayPhoneNumber, String verifiedName, String accessToken) {
        numbers.put(phoneNumberId, new Number(phoneNumberId, wabaId, displayPhoneNumber, verifiedName, accessToken));
        return this;
    }

    /**
     * Says something of a number.
     *
     * @param field {@code status}, {@code quality_rating}, {@code name_status}, {@code throughput},
     *     {@code messaging_limit}, {@code platform_type} ({@code NOT_APPLICABLE}: not registered), or
     *     {@code is_on_biz_app}
     */
    public StandInMeta describe(String phoneNumberId, String field, String value) {
        business.set(phoneNumberId, field, value);
        return this;
    }

    /** Lets an access token end. */
    public StandInMeta tokenExpires(String accessToken, Instant when) {
        business.expires(accessToken, when);
        return this;
    }

    /** Lets an access token be one that another app was given. */
    public StandInMeta tokenOfAnotherApp(String accessToken) {
        business.foreign(accessToken);
        return this;
    }

    /** Where the app's settings say that webhooks go; empty: nowhere. At first the {@link #webhookUrl}. */
    public StandInMeta callbackUrl(String url) {
        business.callback(url);
        return this;
    }

    /** What Embedded Signup gives the browser of somebody who signs up: good once, for half a minute. */
    public String signUp(String accessToken) {
        return business.code(accessToken);
    }

    /** Every registration of a number that succeeded, in order. */
    public List<Registered> registrations() {
        return business.registrations();
    }

    /** Whether somebody has asked for what the WhatsApp Business app of a number holds, by the {@code sync_type}. */
    public boolean isSynchronised(String phoneNumberId, String kind) {
        return business.isSynchronised(phoneNumberId, kind);
    }

    /** A number that was registered, and its PIN. */
    public record Registered(String phoneNumberId, String pin) {}

    /** How long after the acceptance of a message its statuses come; null leaves a status out. */
    public StandInMeta statusDelays(@Nullable Duration sent, @Nullable Duration delivered, @Nullable Duration read) {
        delays = new StatusDelays(sent, delivered, read);
        return this;
    }

    /**
     * Whether a customer who has not written for 24 hours, or never, gets no free-form message: the send is accepted
     * and then {@code failed} with 131047, as at Meta. On unless switched off.
     */
    public StandInMeta enforceWindow(boolean on) {
        windowEnforced = on;
        return this;
    }

    /** What time it is here: for the 24 hours, and for the timestamps of webhooks; the system's unless set. */
    public StandInMeta time(InstantSource source) {
        time = source;
        return this;
    }

    /**
     * Adds a template to an account.
     *
     * @param status {@code APPROVED}, {@code PENDING}, {@code REJECTED}, {@code PAUSED} or {@code DISABLED}
     * @param body with its variables in double braces
     */
    public StandInMeta addTemplate(String wabaId, String name, String language, String status, String body) {
        ArrayNode components = JSON.arrayNode();
        components.addObject().put("type", "BODY").put("text", body);
        return addTemplate(wabaId, name, language, status, "UTILITY", components);
    }

    /** Adds a template with any components, as the Graph API lists them. */
    public StandInMeta addTemplate(
            String wabaId, String name, String language, String status, String category, JsonNode components) {
        templates.add(wabaId, name, language, status, category, components);
        return this;
    }

    /** How many templates one answer lists. */
    public StandInMeta templatesAPage(int count) {
        templates.aPage = count;
        return this;
    }

    /** Whether one customer gets at most 45 messages at once and then one in 6 s; else 131056. Off at first. */
    public StandInMeta enforcePairLimit(boolean on) {
        pairLimit = on;
        return this;
    }

    /** Subscribes the app to an account, as {@code POST /{waba}/subscribed_apps} does. */
    public StandInMeta subscribe(String wabaId) {
        subscribed.add(wabaId);
        return this;
    }

    /** Ends the subscription, as its owner does in the account's settings. */
    public StandInMeta unsubscribe(String wabaId) {
        subscribed.remove(wabaId);
        return this;
    }

    public boolean isSubscribed(String wabaId) {
        return subscribed.contains(wabaId);
    }

    /** How undelivered webhooks are repeated: at first after {@code first}, then doubling up to {@code longest}. */
    public StandInMeta redelivery(Duration first, Duration longest) {
        courier.retryBetween(first, longest);
        return this;
    }

    /** How long one webhook waits for its answer before it counts as undelivered. */
    public StandInMeta patience(Duration perAttempt) {
        courier.patience(perAttempt);
        return this;
    }

    /** Told of every exchange, on the thread that made it. */
    public void onPassage(Consumer<Passage> listener) {
        passages.add(listener);
    }

    /** Told whenever something in a conversation changed. */
    public void onChange(Runnable listener) {
        changes.add(listener);
    }

    public Faults faults() {
        return faults;
    }

    // ---------------------------------------------------------------- what customers and Meta do

    /**
     * The handshake with which Meta checks a webhook URL.
     *
     * @return whether the app answered 200 with the bare challenge
     */
    public boolean verifyWebhook() {
        String challenge = Integer.toString((int) (Math.random() * 1_000_000_000));
        URI url = URI.create(requireWebhookUrl() + "?hub.mode=subscribe&hub.challenge=" + challenge
                + "&hub.verify_token=" + URLEncoder.encode(verifyToken, UTF_8));
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
            passed(true, "webhook verification", answer.statusCode(), "");
            return answer.statusCode() == 200 && answer.body().equals(challenge);
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * A customer writes a text to a number; the webhook is on its way when this returns.
     *
     * @param waId the customer's number, digits only
     * @param name the name in the customer's profile
     * @return the message's wamid
     */
    public String customerWrites(String phoneNumberId, String waId, String name, String text) {
        return customersWrite(phoneNumberId, List.of(new CustomerText(waId, name, text)))
                .getFirst();
    }

    /** Several texts in one webhook, in the list's order; their wamids in the same order. */
    public List<String> customersWrite(String phoneNumberId, List<CustomerText> texts) {
        List<Incoming> incoming = texts.stream()
                .map(text -> new Incoming(
                        text.waId(),
                        text.name(),
                        "text",
                        text.text(),
                        JSON.objectNode().set("text", JSON.objectNode().put("body", text.text())),
                        text.at() == null ? time.instant() : text.at()))
                .toList();
        return arrive(phoneNumberId, incoming);
    }

    /**
     * A customer sends something of any type.
     *
     * @param type Meta's name of the type, such as {@code image}, {@code reaction} or {@code unsupported}
     * @param message what the message object holds beside from, id, timestamp and type: at least a field of the type's
     *     name, perhaps {@code context} or {@code errors}
     * @return the message's wamid
     */
    public String customerSends(String phoneNumberId, String waId, String name, String type, JsonNode message) {
        return sendsShowing(phoneNumberId, waId, name, type, (ObjectNode) message, "[" + type + "]");
    }

    /** @param shown what the phone shows of it; null for nothing */
    String sendsShowing(
            String phoneNumberId, String waId, String name, String type, ObjectNode message, @Nullable String shown) {
        return arrive(phoneNumberId, List.of(new Incoming(waId, name, type, shown, message, time.instant())))
                .getFirst();
    }

    /**
     * A customer's phone, for everything that people do in a chat.
     *
     * @param waId digits of the phone number, or a business-scoped user id for somebody who hides it
     * @param name in the profile; the username of somebody who hides the number
     */
    public CustomerPhone phoneOf(String phoneNumberId, String waId, String name) {
        return new CustomerPhone(this, phoneNumberId, waId, name);
    }

    /**
     * Something that a customer can send and that needs no choice: an image, audio, video, document, sticker (with a
     * file that can be fetched), location, contacts, reaction or unsupported.
     */
    public String customerSends(String phoneNumberId, String waId, String name, String type) {
        ObjectNode message = JSON.objectNode();
        switch (type) {
            case "image" -> message.set("image", file("image/jpeg", "a picture").put("caption", "Look at this"));
            case "audio" ->
                message.set("audio", file("audio/ogg; codecs=opus", "a voice").put("voice", true));
            case "video" -> message.set("video", file("video/mp4", "a film"));
            case "document" ->
                message.set("document", file("application/pdf", "a paper").put("filename", "invoice.pdf"));
            case "sticker" ->
                message.set("sticker", file("image/webp", "a sticker").put("animated", false));
            case "location" ->
                message.putObject("location")
                        .put("latitude", -23.5613)
                        .put("longitude", -46.6565)
                        .put("name", "MASP")
                        .put("address", "Av. Paulista, 1578, São Paulo");
            case "contacts" -> {
                ObjectNode contact = message.putArray("contacts").addObject();
                contact.putObject("name").put("formatted_name", "João Lima").put("first_name", "João");
                contact.putArray("phones")
                        .addObject()
                        .put("phone", "+55 11 98888-7777")
                        .put("type", "CELL");
            }
            case "unsupported" ->
                message.putArray("errors").add(GraphFault.of(131051).inWebhook());
            default -> {
                return phoneOf(phoneNumberId, waId, name).sends(type);
            }
        }
        return customerSends(phoneNumberId, waId, name, type, message);
    }

    /** As {@link #customerSends(String, String, String, String, JsonNode)}, at another time. */
    public String customerSends(
            String phoneNumberId, String waId, String name, String type, JsonNode message, Instant at) {
        return arrive(
                        phoneNumberId,
                        List.of(new Incoming(waId, name, type, "[" + type + "]", (ObjectNode) message, at)))
                .getFirst();
    }

    /** WhatsApp says something of a customer: the value has no contacts. */
    void tellsOfSystem(String phoneNumberId, String waId, ObjectNode content) {
        Number number = requireNumber(phoneNumberId);
        ObjectNode value = value(number);
        ObjectNode node = value.putArray("messages")
                .addObject()
                .put("from", waId)
                .put("id", Wamid.incoming(waId))
                .put("timestamp", Long.toString(time.instant().getEpochSecond()))
                .put("type", "system");
        node.setAll(content);
        post(number.wabaId(), "messages", List.of(value), phoneNumberId + "|" + waId, "message", status -> {});
    }

    /** The company writes to a customer in the WhatsApp Business app; returns the wamid. */
    String echo(String phoneNumberId, String waId, String type, ObjectNode content, String shown) {
        Number number = requireNumber(phoneNumberId);
        String wamid = Wamid.outgoing(waId.matches("\\d+") ? waId : "0");
        ObjectNode value = value(number);
        ObjectNode node = value.putArray("message_echoes").addObject().put("from", number.digits());
        node.put(waId.matches("\\d+") ? "to" : "to_user_id", waId)
                .put("id", wamid)
                .put("timestamp", Long.toString(time.instant().getEpochSecond()))
                .put("type", type);
        node.setAll(content);
        conversation(phoneNumberId, waId).add(PhoneMessage.of(wamid, false, type, shown, time.instant()));
        changed();
        post(number.wabaId(), "smb_message_echoes", List.of(value), phoneNumberId + "|" + waId, "echo", status -> {});
        return wamid;
    }

    /** Does something to a message on the customer's own phone. */
    void change(String phoneNumberId, String waId, String wamid, UnaryOperator<PhoneMessage> how) {
        conversation(phoneNumberId, waId).change(wamid, how);
        changed();
    }

    /** The last message of one side on a customer's phone. */
    Optional<String> lastOf(String phoneNumberId, String waId, boolean mine) {
        return conversation(phoneNumberId, waId).messages().reversed().stream()
                .filter(message -> message.mine() == mine && !message.deleted())
                .map(PhoneMessage::wamid)
                .findFirst();
    }

    boolean isOwn(String phoneNumberId, String waId, String wamid) {
        return conversation(phoneNumberId, waId).messages().stream()
                .anyMatch(message -> message.mine() && message.wamid().equals(wamid));
    }

    String digitsOf(String phoneNumberId) {
        return requireNumber(phoneNumberId).digits();
    }

    /** Sends a status webhook now, whatever came before: sent, delivered, read, or failed with a code. */
    public void status(String wamid, String status, int... failureCode) {
        Send send = sendsById.get(wamid);
        if (send == null) {
            throw new IllegalArgumentException("No such message: " + wamid);
        }
        tellStatus(send, status, failureCode.length == 0 ? null : GraphFault.of(failureCode[0]));
    }

    /** Sends any {@code value} of the field {@code messages}, or of another, from an account. */
    public void webhook(String wabaId, String field, JsonNode value) {
        post(wabaId, field, List.of(value), field, field, status -> {});
    }

    /** Lets the customer's last message have been longer than 24 hours ago. */
    public void closeWindow(String phoneNumberId, String waId) {
        conversation(phoneNumberId, waId).forget(time.instant().minus(WINDOW).minusSeconds(60));
    }

    /** Keeps a file that the app can fetch by the id, as of a message with media. */
    public String addMedia(String mimeType, byte[] bytes) {
        return addMedia(mimeType, FileContent.of(bytes));
    }

    /** As {@link #addMedia(String, byte[])}, for a file of any size. */
    public String addMedia(String mimeType, FileContent content) {
        return files.keep(null, new StoredFile("", mimeType, content.size(), content.sha256(), content));
    }

    /** Meta has a file no longer, as after 30 days. */
    public void forgetMedia(String mediaId) {
        files.forget(mediaId);
    }

    /** Puts something else in a file's place, of which its hash knows nothing. */
    public void swapMedia(String mediaId, FileContent content) {
        files.swap(mediaId, content);
    }

    /** Every address of a file that was given out is over, as after 5 minutes. */
    public void expireMediaAddresses() {
        files.expireAddresses();
    }

    /** How long the address of a file works; 5 minutes at Meta. */
    public StandInMeta mediaAddressLife(Duration life) {
        files.addressLife = life;
        return this;
    }

    /**
     * A customer sends a file.
     *
     * @param type {@code image}, {@code audio}, {@code video}, {@code document} or {@code sticker}
     * @param filename of a document, as the customer calls it
     * @param caption what is written with it
     * @param context the message that it answers, as Meta writes it; null: none
     * @return the message's wamid
     */
    public String customerSendsFile(
            String phoneNumberId,
            String waId,
            String name,
            String type,
            String mimeType,
            FileContent content,
            @Nullable String filename,
            @Nullable String caption,
            @Nullable ObjectNode context) {
        ObjectNode message = JSON.objectNode();
        if (context != null) {
            message.set("context", context);
        }
        ObjectNode file = message.putObject(type);
        files.describe(file, mimeType, content);
        if (type.equals("audio")) {
            file.put("voice", true);
        }
        if (filename != null) {
            file.put("filename", filename);
        }
        if (caption != null) {
            file.put("caption", caption);
        }
        String wamid = sendsShowing(phoneNumberId, waId, name, type, message, caption == null ? "" : caption);
        files.sentBy(wamid, file.path("id").asString(""));
        return wamid;
    }

    // ---------------------------------------------------------------- what has been seen

    /** Every message that was accepted, in order of acceptance; those too whose acceptance the app never heard of. */
    public List<Send> sends() {
        return List.copyOf(sends);
    }

    /** {@link #sends()} to one customer. */
    public List<Send> sendsTo(String waId) {
        return sends.stream().filter(send -> send.to().equals(waId)).toList();
    }

    /** Every file that was uploaded, in order. */
    public List<StoredFile> uploads() {
        return files.uploads();
    }

    /** The file of a message that was accepted; null for one that has none, or has it by a link. */
    public @Nullable StoredFile fileOf(Send send) {
        return files.find(MetaFiles.of(send.body()).path("id").asString(""));
    }

    /** The file of a message on a customer's phone, whoever sent it; null if it has none. */
    public @Nullable StoredFile fileOfMessage(String wamid) {
        Send send = sendsById.get(wamid);
        return send == null ? files.ofCustomer(wamid) : fileOf(send);
    }

    /** Every attempt to deliver a webhook. */
    public List<WebhookDelivery> webhooks() {
        synchronized (webhooks) {
            return List.copyOf(webhooks);
        }
    }

    /** Every request at the Graph API. */
    public List<RequestSeen> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** Every message that was marked as read, as often as it was. */
    public List<ReadMark> readMarks() {
        return List.copyOf(readMarks);
    }

    /** What a customer's phone shows of the chat with a number. */
    public List<PhoneMessage> phone(String phoneNumberId, String waId) {
        return conversation(phoneNumberId, waId).messages();
    }

    /** As {@link #phone}, with what WhatsApp could not deliver. */
    List<PhoneMessage> phoneWithLost(String phoneNumberId, String waId) {
        return conversation(phoneNumberId, waId).withLost();
    }

    /** When the company may no longer write freely to a customer; null for one who has never written. */
    @Nullable
    Instant windowCloses(String phoneNumberId, String waId) {
        Instant last = conversation(phoneNumberId, waId).lastWrote();
        return last == null ? null : last.plus(WINDOW);
    }

    /** Method and address of each request that came, with its query. */
    public List<String> requestLines() {
        return server.requestLines();
    }

    /** Waits until every webhook is delivered. */
    public boolean awaitIdle(Duration most) throws InterruptedException {
        return courier.awaitIdle(most);
    }

    /** How many webhooks are not delivered yet; statuses that are still to come do not count. */
    public int webhooksUnderWay() {
        return courier.underWay();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        courier.close();
        server.close();
    }

    // ---------------------------------------------------------------- the Graph API

    private Reply answer(Request request) throws InterruptedException {
        List<String> path = List.of(request.path().replaceFirst("^/+", "").split("/+"));
        Reply reply = faults.beforeAnswer(request).orElse(null);
        String what = request.method() + " "
                + (path.size() > 2 ? path.get(2) : path.getFirst().equals("media") ? "media" : "phone number");
        if (reply == null) {
            reply = route(request, path);
        }
        int status = reply.status();
        synchronized (requests) {
            requests.add(new RequestSeen(request.method(), request.path(), status, Instant.now()));
        }
        passed(false, what, status, errorCode(reply));
        return reply;
    }

    private Reply route(Request request, List<String> path) {
        if (path.size() == 2 && path.getFirst().equals("media-download")) {
            String token = bearer(request);
            boolean known = numbers.values().stream()
                    .anyMatch(number -> number.accessToken().equals(token));
            return known && !faults.revoked.contains(token)
                    ? files.download(request, path.get(1), faults)
                    : Reply.empty(401);
        }
        Optional<Reply> signup = business.page(request, path);
        if (signup.isPresent()) {
            return signup.get();
        }
        if (path.size() < 2 || !path.getFirst().matches("v\\d+\\.\\d+")) {
            return error(new GraphFault(
                    2500, null, 400, "OAuthException", "Unknown path components: " + request.path(), null, false));
        }
        Optional<Reply> byTheApp = business.own(request, path);
        if (byTheApp.isPresent()) {
            return byTheApp.get();
        }
        String token = bearer(request);
        if (token.isEmpty()) {
            return error(GraphFault.of(104));
        }
        if (faults.revoked.contains(token)) {
            return error(GraphFault.of(190).subcode(460));
        }
        if (business.isExpired(token)) {
            return error(GraphFault.of(190).subcode(463));
        }
        Collection<Number> visible = numbers.values().stream()
                .filter(number -> number.accessToken().equals(token))
                .toList();
        if (visible.isEmpty()) {
            return error(new GraphFault(
                    190,
                    null,
                    401,
                    "OAuthException",
                    "Invalid OAuth access token - Cannot parse access token",
                    null,
                    false));
        }
        String object = path.get(1);
        Optional<Number> number =
                visible.stream().filter(own -> own.id().equals(object)).findFirst();
        if (path.size() == 2) {
            if (request.method().equals("GET") && files.has(object)) {
                return files.info(object, request, server.url());
            }
            if (request.method().equals("DELETE") && files.forget(object)) {
                return Reply.json(200, JSON.objectNode().put("success", true));
            }
            return request.method().equals("GET") && number.isPresent()
                    ? business.info(number.get().forBusiness(), request, path.getFirst())
                    : error(GraphFault.unknownObject(object));
        }
        if (path.size() == 3 && path.get(2).equals("subscribed_apps")) {
            return visible.stream().anyMatch(own -> own.wabaId().equals(object))
                    ? subscribedApps(request, object)
                    : error(GraphFault.unknownObject(object));
        }
        if (path.size() == 3
                && path.get(2).equals("phone_numbers")
                && request.method().equals("GET")) {
            List<MetaBusiness.Number> listed = visible.stream()
                    .filter(known -> known.wabaId().equals(object))
                    .map(Number::forBusiness)
                    .sorted(java.util.Comparator.comparing(MetaBusiness.Number::id))
                    .toList();
            return listed.isEmpty()
                    ? error(GraphFault.unknownObject(object))
                    : business.list(listed, request, path.getFirst());
        }
        if (path.size() == 3
                && path.get(2).equals("register")
                && request.method().equals("POST")
                && number.isPresent()) {
            return business.register(number.get().forBusiness(), request);
        }
        if (path.size() == 3
                && path.get(2).equals("smb_app_data")
                && request.method().equals("POST")
                && number.isPresent()) {
            GraphFault refused = faults.refusal();
            return refused == null ? business.appData(number.get().forBusiness(), request) : error(refused);
        }
        if (path.size() == 3
                && path.get(2).equals("message_templates")
                && request.method().equals("GET")) {
            return visible.stream().anyMatch(own -> own.wabaId().equals(object))
                    ? templates.list(request, object, server.url())
                    : error(GraphFault.unknownObject(object));
        }
        if (path.size() == 3
                && path.get(2).equals("messages")
                && request.method().equals("POST")
                && number.isPresent()) {
            return messages(request, number.get());
        }
        if (path.size() == 3 && path.get(2).equals("media") && request.method().equals("POST") && number.isPresent()) {
            return files.upload(request, number.get().id(), faults);
        }
        return error(GraphFault.unknownObject(object));
    }

    private Reply subscribedApps(Request request, String wabaId) {
        switch (request.method()) {
            case "POST" -> subscribed.add(wabaId);
            case "DELETE" -> subscribed.remove(wabaId);
            case "GET" -> {
                ObjectNode list = JSON.objectNode();
                ArrayNode data = list.putArray("data");
                if (subscribed.contains(wabaId)) {
                    data.addObject()
                            .putObject("whatsapp_business_api_data")
                            .put("id", appId)
                            .put("name", "Zaptrix")
                            .put("link", "https://www.facebook.com/games/?app_id=" + appId);
                }
                return Reply.json(200, list);
            }
            default -> {
                return error(GraphFault.unknownObject(wabaId));
            }
        }
        return Reply.json(200, JSON.objectNode().put("success", true));
    }

    private Reply messages(Request request, Number number) throws IllegalStateException {
        JsonNode body;
        try {
            body = SandboxJson.MAPPER.readTree(request.body());
        } catch (JacksonException malformed) {
            return error(GraphFault.parameter("The body is not JSON."));
        }
        if (!request.isJson() || !body.isObject()) {
            return error(GraphFault.parameter("Content-Type must be application/json and the body an object."));
        }
        if (!body.path("messaging_product").asString("").equals("whatsapp")) {
            return error(GraphFault.parameter("The parameter messaging_product is required."));
        }
        if (body.path("status").asString("").equals("read")) {
            return markRead(body, number);
        }
        GraphFault wrong = business.isRegistered(number.id()) ? wrong(body, number) : GraphFault.of(133010);
        if (wrong == null && body.path("type").asString("").equals("template")) {
            wrong = templates.wrong(body.path("template"), number.wabaId(), number.id());
        }
        if (wrong != null) {
            return error(wrong);
        }
        GraphFault refused = faults.refusal();
        if (refused != null) {
            return error(refused);
        }
        String input = body.path("to").asString(body.path("recipient").asString(""));
        String to = body.has("to") && !toGroup(body) ? input.replaceAll("[^0-9]", "") : input;
        PhoneChat conversation = conversation(number.id(), to);
        if (pairLimit && !conversation.mayGetOneMore()) {
            return error(GraphFault.of(131056));
        }
        Send send = accept(number, to, body, conversation);
        if (faults.dropsAnswer()) {
            passed(false, "POST messages", 0, "accepted, then the connection was dropped");
            return Reply.NONE;
        }
        ObjectNode answer = JSON.objectNode().put("messaging_product", "whatsapp");
        ObjectNode contact = answer.putArray("contacts").addObject().put("input", input);
        if (body.has("to")) {
            contact.put("wa_id", to);
        } else {
            contact.put("user_id", to);
        }
        answer.putArray("messages").addObject().put("id", send.wamid()).put("message_status", "accepted");
        return Reply.json(200, answer);
    }

    private static boolean toGroup(JsonNode body) {
        return body.path("recipient_type").asString("").equals("group");
    }

    private @Nullable GraphFault wrong(JsonNode body, Number number) {
        String to = body.path("to").asString("");
        if (to.isBlank() == body.path("recipient").asString("").isBlank()) {
            return GraphFault.of(131008).details("Exactly one of the parameters to and recipient is required.");
        }
        if (toGroup(body)) {
            if (!to.startsWith(GROUP)) {
                return GraphFault.parameter("The parameter to is not the id of a group.");
            }
        } else if (!to.isBlank() && !to.matches("\\+?[0-9 ()-]{5,25}")) {
            return GraphFault.parameter("The parameter to is not a phone number.");
        }
        if (to.replaceAll("[^0-9]", "").equals(number.digits())) {
            return GraphFault.of(131021);
        }
        if (!RECIPIENTS.contains(body.path("recipient_type").asString("individual"))) {
            return GraphFault.parameter("The parameter recipient_type must be individual or group.");
        }
        String type = body.path("type").asString("text");
        if (!SENDABLE.contains(type) || !body.path(type).isContainer()) {
            return GraphFault.parameter("The parameter type and the object of its name do not fit.");
        }
        if (type.equals("text")) {
            JsonNode text = body.path("text").path("body");
            if (!text.isString() || text.stringValue().isEmpty()) {
                return GraphFault.of(131008).details("The parameter text.body is required.");
            }
            if (text.stringValue().length() > LONGEST_TEXT) {
                return GraphFault.parameter("Param text['body'] must be at most 4096 characters long.");
            }
        }
        if (MetaFiles.TYPES.contains(type)) {
            GraphFault unfit = files.wrong(type, body.path(type), number.id());
            if (unfit != null) {
                return unfit;
            }
        }
        JsonNode data = body.path("biz_opaque_callback_data");
        if (!data.isMissingNode() && (!data.isString() || data.stringValue().length() > LONGEST_CALLBACK_DATA)) {
            return GraphFault.parameter("Param biz_opaque_callback_data must be at most 512 characters long.");
        }
        return null;
    }

    private Reply markRead(JsonNode body, Number number) {
        String wamid = body.path("message_id").asString("");
        JsonNode typing = body.path("typing_indicator");
        if (!typing.isMissingNode() && !typing.path("type").asString("").equals("text")) {
            return error(GraphFault.parameter("Param typing_indicator['type'] must be text."));
        }
        for (PhoneChat conversation : chats.values()) {
            if (conversation.phoneNumberId().equals(number.id()) && conversation.readByBusiness(wamid)) {
                readMarks.add(new ReadMark(wamid, conversation.waId(), !typing.isMissingNode(), time.instant()));
                changed();
                return Reply.json(200, JSON.objectNode().put("success", true));
            }
        }
        return error(GraphFault.parameter("Message not found."));
    }

    private Send accept(Number number, String to, JsonNode body, PhoneChat conversation) {
        String type = body.path("type").asString("text");
        MetaTemplates.Shown template =
                type.equals("template") ? templates.shown(number.wabaId(), body.path("template")) : null;
        String text = template != null
                ? template.text()
                : type.equals("text") ? body.path("text").path("body").asString("") : null;
        Send send = new Send(
                Wamid.outgoing(to.matches("\\d+") ? to : "0"),
                number.id(),
                to,
                type,
                text,
                textOrNull(body.path("biz_opaque_callback_data")),
                textOrNull(body.path("context").path("message_id")),
                body,
                time.instant());
        sendsById.put(send.wamid(), send);
        sends.add(send);
        GraphFault failure = faults.laterFailure();
        if (failure == null
                && windowEnforced
                && !type.equals("template")
                && !conversation.isOpen(WINDOW, time.instant())) {
            failure = GraphFault.of(131047);
        }
        String fileType = MetaFiles.type(body);
        JsonNode file = MetaFiles.of(body);
        if (failure == null && MetaFiles.TYPES.contains(fileType)) {
            failure = files.unfit(fileType, file);
        }
        String words = template != null
                ? template.words()
                : text != null ? text : body.path(type).path("caption").asString("");
        PhoneMessage shown = PhoneMessage.of(send.wamid(), false, type, words, send.at())
                .withFile(textOrNull(file.path("filename")))
                .answering(send.replyTo())
                .withButtons(template == null ? List.of() : template.buttons());
        conversation.add(failure == null ? shown : shown.failed(failure.words()));
        scheduleStatuses(send, failure);
        changed();
        return send;
    }

    private void scheduleStatuses(Send send, @Nullable GraphFault failure) {
        StatusDelays when = delays;
        if (failure != null) {
            later(when.sent() == null ? Duration.ofMillis(20) : when.sent(), () -> tellStatus(send, "failed", failure));
            return;
        }
        if (!faults.neverSent) {
            later(when.sent(), () -> tellStatus(send, "sent", null));
        }
        later(when.delivered(), () -> tellStatus(send, "delivered", null));
        later(when.read(), () -> tellStatus(send, "read", null));
    }

    private void later(@Nullable Duration delay, Runnable task) {
        if (delay != null && !clock.isShutdown()) {
            clock.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private ObjectNode file(String mimeType, String content) {
        ObjectNode file = JSON.objectNode();
        files.describe(file, mimeType, FileContent.of(content.getBytes(UTF_8)));
        return file;
    }

    // ---------------------------------------------------------------- webhooks

    private List<String> arrive(String phoneNumberId, List<Incoming> incoming) {
        Number number = requireNumber(phoneNumberId);
        ObjectNode value = value(number);
        Map<String, ObjectNode> contacts = new LinkedHashMap<>();
        ArrayNode messages = JSON.arrayNode();
        List<String> wamids = new ArrayList<>();
        for (Incoming message : incoming) {
            String wamid = Wamid.incoming(message.waId().matches("\\d+") ? message.waId() : "0");
            wamids.add(wamid);
            // Somebody with a username hides the number, and is named by a user id.
            boolean hidden = !message.waId().matches("\\d+");
            ObjectNode contact = JSON.objectNode();
            contact.putObject("profile").put(hidden ? "username" : "name", message.name());
            contacts.put(message.waId(), contact.put(hidden ? "user_id" : "wa_id", message.waId()));
            ObjectNode node = messages.addObject()
                    .put(hidden ? "from_user_id" : "from", message.waId())
                    .put("id", wamid)
                    .put("timestamp", Long.toString(message.at().getEpochSecond()))
                    .put("type", message.type());
            node.setAll(message.content());
            PhoneChat conversation = conversation(phoneNumberId, message.waId());
            if (!message.type().equals("system")) {
                conversation.lastWrote(message.at());
            }
            if (message.shown() != null) {
                JsonNode content = message.content();
                conversation.add(PhoneMessage.of(wamid, true, message.type(), message.shown(), message.at())
                        .withFile(textOrNull(content.path(message.type()).path("filename")))
                        .answering(textOrNull(content.path("context").path("id"))));
            }
        }
        value.putArray("contacts").addAll(contacts.values());
        value.set("messages", messages);
        changed();
        String key = contacts.size() == 1
                ? phoneNumberId + "|" + contacts.keySet().iterator().next()
                : phoneNumberId;
        post(number.wabaId(), "messages", List.of(value), key, "message", status -> {
            if (status == 200) {
                for (int i = 0; i < wamids.size(); i++) {
                    conversation(phoneNumberId, incoming.get(i).waId())
                            .change(wamids.get(i), message -> message.ticked(PhoneMessage.Tick.DELIVERED));
                }
                changed();
            }
        });
        return wamids;
    }

    private void tellStatus(Send send, String status, @Nullable GraphFault failure) {
        Number number = requireNumber(send.phoneNumberId());
        ObjectNode value = value(number);
        ObjectNode node = value.putArray("statuses")
                .addObject()
                .put("id", send.wamid())
                .put("status", status)
                .put("timestamp", Long.toString(time.instant().getEpochSecond()))
                .put("recipient_id", send.to());
        if (send.callbackData() != null) {
            node.put("biz_opaque_callback_data", send.callbackData());
        }
        if (failure == null) {
            if (status.equals("sent")) {
                ObjectNode conversation = node.putObject("conversation")
                        .put("id", sha256(send.to().getBytes(UTF_8)));
                conversation.put(
                        "expiration_timestamp",
                        Long.toString(time.instant().plus(WINDOW).getEpochSecond()));
                conversation.putObject("origin").put("type", category(send, number));
            }
            // Meta leaves it out of one of "delivered" and "read"; whoever counts must not rely on which.
            if (!status.equals("played")) {
                boolean billable = send.type().equals("template");
                node.putObject("pricing")
                        .put("billable", billable)
                        .put("pricing_model", "PMP")
                        .put("category", category(send, number))
                        .put("type", billable ? "regular" : "free_customer_service");
            }
        } else {
            node.putArray("errors").add(failure.inWebhook());
        }
        if (status.equals("read")) {
            conversation(send.phoneNumberId(), send.to())
                    .change(send.wamid(), message -> message.ticked(PhoneMessage.Tick.READ));
            changed();
        }
        post(number.wabaId(), "messages", List.of(value), "status|" + send.wamid(), "status " + status, ignored -> {});
    }

    private String category(Send send, Number number) {
        String category = send.type().equals("template")
                ? templates.category(number.wabaId(), send.body().path("template"))
                : "SERVICE";
        return category.toLowerCase(java.util.Locale.ROOT);
    }

    private static String bearer(Request request) {
        return request.header("Authorization").replaceFirst("^Bearer ", "");
    }

    private static ObjectNode value(Number number) {
        ObjectNode value = JSON.objectNode().put("messaging_product", "whatsapp");
        value.putObject("metadata").put("display_phone_number", number.digits()).put("phone_number_id", number.id());
        return value;
    }

    private void post(
            String wabaId,
            String field,
            List<? extends JsonNode> values,
            String key,
            String what,
            Consumer<Integer> answered) {
        if (!subscribed.contains(wabaId)) {
            passed(true, what, 0, "not sent: the app is not subscribed to the account");
            return;
        }
        ObjectNode webhook = JSON.objectNode().put("object", "whatsapp_business_account");
        ObjectNode entry = webhook.putArray("entry").addObject().put("id", wabaId);
        if (!field.equals("messages")) {
            entry.put("time", Instant.now().getEpochSecond());
        }
        ArrayNode changed = entry.putArray("changes");
        values.forEach(value -> changed.addObject().put("field", field).set("value", value));
        byte[] body = SandboxJson.ESCAPING.writeValueAsBytes(webhook);
        int number = webhookNumber.incrementAndGet();
        courier.send(
                key,
                new Courier.Parcel(
                        () -> webhookUrl,
                        "application/json",
                        Map.of("X-Hub-Signature-256", signature(body), "User-Agent", "facebookexternalua"),
                        body,
                        attempt -> {
                            synchronized (webhooks) {
                                webhooks.add(new WebhookDelivery(
                                        number, what, body, attempt.number(), attempt.status(), attempt.at()));
                            }
                            passed(true, what, attempt.status(), attempt.number() > 1 ? "try " + attempt.number() : "");
                            answered.accept(attempt.status());
                        }));
    }

    private String signature(byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(appSecret.getBytes(UTF_8), "HmacSHA256"));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    // ---------------------------------------------------------------- over a restart

    /** What the application and people rely on later: subscriptions, and what phones show. */
    ObjectNode save() {
        ObjectNode saved = JSON.objectNode();
        subscribed.forEach(saved.putArray("subscribed")::add);
        ArrayNode list = saved.putArray("conversations");
        chats.values().forEach(conversation -> {
            ObjectNode node = list.addObject()
                    .put("phoneNumberId", conversation.phoneNumberId())
                    .put("waId", conversation.waId());
            Instant lastWrote = conversation.lastWrote();
            if (lastWrote != null) {
                node.put("lastWrote", lastWrote.getEpochSecond());
            }
            node.set("messages", SandboxJson.MAPPER.valueToTree(conversation.withLost()));
        });
        return saved;
    }

    void restore(JsonNode saved) {
        saved.path("subscribed").forEach(waba -> subscribed.add(waba.asString("")));
        saved.path("conversations").forEach(node -> {
            PhoneChat conversation = conversation(
                    node.path("phoneNumberId").asString(""), node.path("waId").asString(""));
            if (node.has("lastWrote")) {
                conversation.lastWrote(
                        Instant.ofEpochSecond(node.path("lastWrote").asLong(0)));
            }
            node.path("messages")
                    .forEach(message -> conversation.add(SandboxJson.KEPT.treeToValue(message, PhoneMessage.class)));
        });
    }

    // ---------------------------------------------------------------- small things

    private URI requireWebhookUrl() {
        URI url = webhookUrl;
        if (url == null) {
            throw new IllegalStateException("webhookUrl is not set");
        }
        return url;
    }

    private Number requireNumber(String phoneNumberId) {
        Number number = numbers.get(phoneNumberId);
        if (number == null) {
            throw new IllegalArgumentException("No such number: " + phoneNumberId);
        }
        return number;
    }

    private PhoneChat conversation(String phoneNumberId, String waId) {
        return chats.computeIfAbsent(phoneNumberId + "|" + waId, key -> new PhoneChat(phoneNumberId, waId));
    }

    private void changed() {
        changes.forEach(Runnable::run);
    }

    private void passed(boolean toApplication, String what, int status, String note) {
        Passage passage = new Passage(Instant.now(), "meta", toApplication, what, status, note);
        passages.forEach(listener -> listener.accept(passage));
    }

    static Reply error(GraphFault fault) {
        return Reply.json(fault.status(), fault.body());
    }

    private static String errorCode(Reply reply) {
        if (reply.status() < 400 || !reply.contentType().startsWith("application/json")) {
            return "";
        }
        return "error "
                + SandboxJson.MAPPER
                        .readTree(reply.body())
                        .path("error")
                        .path("code")
                        .asString("");
    }

    private static @Nullable String textOrNull(JsonNode node) {
        return node.isString() ? node.stringValue() : null;
    }

    List<MetaBusiness.Number> businessNumbers() {
        return numbers.values().stream()
                .map(Number::forBusiness)
                .sorted(java.util.Comparator.comparing(MetaBusiness.Number::id))
                .toList();
    }

    boolean isRevoked(String token) {
        return faults.revoked.contains(token);
    }

    @Nullable
    String callbackUrl() {
        URI url = webhookUrl;
        return url == null ? null : url.toString();
    }

    static Map<String, String> query(Request request) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String pair : request.query().split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(
                        URLDecoder.decode(pair.substring(0, equals), UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), UTF_8));
            }
        }
        return query;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of()
                    .formatHex(
                            java.security.MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /**
     * A text that a customer writes.
     *
     * @param at the message's timestamp; null for now
     */
    public record CustomerText(
            String waId, String name, String text, @Nullable Instant at) {

        public CustomerText(String waId, String name, String text) {
            this(waId, name, text, null);
        }
    }

    /**
     * A message that was accepted for sending.
     *
     * @param to the recipient's wa_id, digits only, or business-scoped user id
     * @param text the body of a text; null for other types
     * @param callbackData {@code biz_opaque_callback_data}
     * @param replyTo the wamid that it answers
     * @param body the whole request
     */
    public record Send(
            String wamid,
            String phoneNumberId,
            String to,
            String type,
            @Nullable String text,
            @Nullable String callbackData,
            @Nullable String replyTo,
            JsonNode body,
            Instant at) {}

    /**
     * One attempt to deliver a webhook.
     *
     * @param number the same for all attempts and copies of one webhook
     * @param what {@code message}, {@code status sent}, {@code status read} …
     * @param status of the answer; 0 when there was none
     */
    public record WebhookDelivery(int number, String what, byte[] body, int attempt, int status, Instant at) {}

    /**
     * A customer's message that the application has marked as read.
     *
     * @param typing whether the customer saw that an answer was being written
     */
    public record ReadMark(String wamid, String waId, boolean typing, Instant at) {}

    /** A request at the Graph API; status 0 for an answer that was withheld. */
    public record RequestSeen(String method, String path, int status, Instant at) {}

    /** What the stand-in does wrong when told to. Counted faults wear off; switches stay until switched back. */
    public final class Faults {

        private final Deque<GraphFault> refusals = new ArrayDeque<>();
        private final Deque<GraphFault> failures = new ArrayDeque<>();
        private final Set<String> revoked = ConcurrentHashMap.newKeySet();
        private final AtomicInteger broken = new AtomicInteger();
        private final AtomicInteger dropped = new AtomicInteger();
        private final AtomicInteger hanging = new AtomicInteger();
        private volatile Duration hangFor = Duration.ZERO;
        private volatile Duration slow = Duration.ZERO;
        private volatile @Nullable GraphFault refuseAll;
        private volatile boolean neverSent;
        private volatile boolean rangesIgnored;
        private final AtomicInteger brokenFiles = new AtomicInteger();
        private volatile long brokenAfter;
        private final Deque<GraphFault> uploadRefusals = new ArrayDeque<>();
        private volatile @Nullable Consumer<String> uploadListener;

        private Faults() {}

        /** Answers requests for a part of a file with all of it. */
        public Faults ignoreRanges(boolean on) {
            rangesIgnored = on;
            return this;
        }

        /** Breaks the next downloads off after so many bytes. */
        public Faults breakFiles(int times, long afterBytes) {
            brokenAfter = afterBytes;
            brokenFiles.addAndGet(times);
            return this;
        }

        /** Refuses the next uploads. */
        public Faults refuseUploads(int times, int code) {
            synchronized (uploadRefusals) {
                for (int i = 0; i < times; i++) {
                    uploadRefusals.add(GraphFault.of(code));
                }
            }
            return this;
        }

        /** Called with the media id after every upload, before its answer; null ends it. */
        public Faults onUpload(@Nullable Consumer<String> listener) {
            uploadListener = listener;
            return this;
        }

        @Nullable
        GraphFault uploadRefusal() {
            synchronized (uploadRefusals) {
                return uploadRefusals.poll();
            }
        }

        boolean ignoresRanges() {
            return rangesIgnored;
        }

        void uploaded(String id) {
            Consumer<String> listener = uploadListener;
            if (listener != null) {
                listener.accept(id);
            }
        }

        /** The size stays promised, and what comes is less. */
        FileContent broken(FileContent content) {
            if (!takeOne(brokenFiles)) {
                return content;
            }
            long most = brokenAfter;
            return new FileContent() {
                @Override
                public long size() {
                    return content.size();
                }

                @Override
                public java.io.InputStream open() {
                    return content.part(0, most).open();
                }
            };
        }

        /** Answers the next sends, and requests to synchronise, with an error; nothing is sent. */
        public Faults refuseNext(int times, int code) {
            synchronized (refusals) {
                for (int i = 0; i < times; i++) {
                    refusals.add(GraphFault.of(code));
                }
            }
            return this;
        }

        /** Answers every send with an error, until 0 is given. */
        public Faults refuseAll(int code) {
            refuseAll = code == 0 ? null : GraphFault.of(code);
            return this;
        }

        /** Accepts the next sends, which then come to a {@code failed} status. */
        public Faults failNext(int times, int code) {
            synchronized (failures) {
                for (int i = 0; i < times; i++) {
                    failures.add(GraphFault.of(code));
                }
            }
            return this;
        }

        /** Answers the next requests with 500 and no body; nothing is done. */
        public Faults brokenNext(int times) {
            broken.addAndGet(times);
            return this;
        }

        /** Accepts the next sends and closes the connection without an answer: nobody can know. */
        public Faults dropAnswerNext(int times) {
            dropped.addAndGet(times);
            return this;
        }

        /** Lets the next requests wait before they are looked at. */
        public Faults hangNext(int times, Duration time) {
            hangFor = time;
            hanging.addAndGet(times);
            return this;
        }

        /** Lets every request wait before it is looked at; zero ends it. */
        public Faults slow(Duration each) {
            slow = each;
            return this;
        }

        /** The number's access token is not valid any more (190, subcode 460). */
        public Faults revokeToken(String phoneNumberId) {
            revoked.add(requireNumber(phoneNumberId).accessToken());
            return this;
        }

        /** The number's access token is valid again. */
        public Faults restoreToken(String phoneNumberId) {
            revoked.remove(requireNumber(phoneNumberId).accessToken());
            return this;
        }

        /** Leaves the status {@code sent} out. */
        public Faults neverSent(boolean on) {
            neverSent = on;
            return this;
        }

        /** Delivers every webhook twice. */
        public Faults deliverTwice(boolean on) {
            courier.twice(on);
            return this;
        }

        /** Delivers webhooks in any order, up to 0.4 s late. */
        public Faults reorder(boolean on) {
            courier.reorder(on);
            return this;
        }

        /** Delivers every webhook this much later. */
        public Faults delay(Duration each) {
            courier.delay(each);
            return this;
        }

        public boolean isDeliveringTwice() {
            return courier.twice();
        }

        public boolean isReordering() {
            return courier.reorder();
        }

        public boolean isSlow() {
            return !slow.isZero();
        }

        /** How many of the next sends will be refused. */
        public int refusalsLeft() {
            synchronized (refusals) {
                return refusals.size();
            }
        }

        /** All is well again; delays of webhooks under way go on. */
        public Faults clear() {
            synchronized (refusals) {
                refusals.clear();
            }
            synchronized (failures) {
                failures.clear();
            }
            revoked.clear();
            broken.set(0);
            dropped.set(0);
            hanging.set(0);
            slow = Duration.ZERO;
            synchronized (uploadRefusals) {
                uploadRefusals.clear();
            }
            brokenFiles.set(0);
            rangesIgnored = false;
            uploadListener = null;
            refuseAll = null;
            neverSent = false;
            courier.twice(false);
            courier.reorder(false);
            courier.delay(Duration.ZERO);
            return this;
        }

        private Optional<Reply> beforeAnswer(Request request) throws InterruptedException {
            Duration wait = slow;
            if (takeOne(hanging)) {
                wait = wait.plus(hangFor);
            }
            if (!wait.isZero()) {
                Thread.sleep(wait);
            }
            return takeOne(broken) ? Optional.of(Reply.empty(500)) : Optional.empty();
        }

        private @Nullable GraphFault refusal() {
            synchronized (refusals) {
                GraphFault next = refusals.poll();
                return next != null ? next : refuseAll;
            }
        }

        private @Nullable GraphFault laterFailure() {
            synchronized (failures) {
                return failures.poll();
            }
        }

        private boolean dropsAnswer() {
            return takeOne(dropped);
        }

        private static boolean takeOne(AtomicInteger left) {
            return left.getAndUpdate(n -> n > 0 ? n - 1 : 0) > 0;
        }
    }

    private record Number(String id, String wabaId, String display, String verifiedName, String accessToken) {

        String digits() {
            return display.replaceAll("[^0-9]", "");
        }

        MetaBusiness.Number forBusiness() {
            return new MetaBusiness.Number(id, wabaId, display, verifiedName, accessToken);
        }
    }

    private record StatusDelays(
            @Nullable Duration sent,
            @Nullable Duration delivered,
            @Nullable Duration read) {}

    private record Incoming(
            String waId, String name, String type, @Nullable String shown, ObjectNode content, Instant at) {}
}
