package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.bitrix24.PhpForm;
import io.zaptrix.sandbox.LoopbackServer.Reply;
import io.zaptrix.sandbox.LoopbackServer.Request;
import io.zaptrix.sandbox.StandInBitrix24.App;
import io.zaptrix.sandbox.StandInBitrix24.Grant;
import io.zaptrix.sandbox.StandInBitrix24.IssuedTokens;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One portal of {@link StandInBitrix24}: what its people do, what the application did in it, and its failures. Safe for
 * use by many threads.
 */
public final class StandInPortal {

    /** The user who installs the app unless another is named. */
    public static final String ADMIN = "1";

    /** The user who answers customers unless another is named; no admin. */
    public static final String AGENT = "27";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final DateTimeFormatter QUOTED_AT =
            DateTimeFormatter.ofPattern("dd.MM.yyyy HH:mm").withZone(ZoneId.systemDefault());

    private final StandInBitrix24 server;
    private final String memberId;
    private final PortalRestApi api = new PortalRestApi(this);
    final PortalDisk disk = new PortalDisk();
    private final Faults faults = new Faults();

    private volatile String name;
    private volatile String applicationToken;
    private volatile String scope = "imopenlines,imconnector,im,placement,user_basic";
    private volatile String language = "en";
    private volatile String timeZone = "";
    private volatile String license = "en_std";
    private volatile @Nullable String ownClientId;
    private volatile boolean installed;
    private volatile boolean finishNeeded;
    private volatile boolean finished;

    private final Map<String, User> users = new LinkedHashMap<>();
    private final List<RestRequest> requests = new ArrayList<>();
    private final List<EventDelivery> events = new ArrayList<>();
    private final List<StatusCall> statuses = new CopyOnWriteArrayList<>();
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final AtomicInteger eventNumber = new AtomicInteger();

    /* What the REST methods read and change; guarded by this. */
    final Map<String, ObjectNode> connectors = new LinkedHashMap<>();
    final Map<String, ObjectNode> lines = new TreeMap<>(java.util.Comparator.comparingLong(Long::parseLong));
    final Map<String, ObjectNode> activations = new LinkedHashMap<>();
    final List<Handler> handlers = new ArrayList<>();
    final List<ObjectNode> placements = new ArrayList<>();
    final Map<String, ChatState> chats = new LinkedHashMap<>();
    final Map<String, String> externalUsers = new LinkedHashMap<>();
    final List<Notification> notifications = new ArrayList<>();

    private double bucket;
    private double bucketCapacity;
    private double bucketPerSecond;
    private long bucketAt = System.nanoTime();

    StandInPortal(StandInBitrix24 server, String name, String memberId, String applicationToken) {
        this.server = server;
        this.name = name;
        this.memberId = memberId;
        this.applicationToken = applicationToken;
        addUser(ADMIN, "Ana", "Souza", true);
        addUser(AGENT, "Bruno", "Costa", false);
        lines.put("1", JSON.objectNode().put("LINE_NAME", "Open Channel").put("ACTIVE", "Y"));
    }

    // ---------------------------------------------------------------- what it is

    public String name() {
        return name;
    }

    public String memberId() {
        return memberId;
    }

    public String applicationToken() {
        return applicationToken;
    }

    /** The host, with its port, that events and pages name. */
    public String domain() {
        return server.domain();
    }

    /** Where the portal is. */
    public URI url() {
        return server.portalUrl(name);
    }

    /** Where the portal's REST is, with a slash at its end. */
    public URI clientEndpoint() {
        return URI.create(url() + "rest/");
    }

    public String scope() {
        return scope;
    }

    /** What the app may do, by commas; holds for tokens already given too. */
    public StandInPortal scope(String scopes) {
        scope = scopes;
        return this;
    }

    /** The code that pages and events name, such as {@code br}, {@code la}, {@code ru}. */
    public StandInPortal language(String code) {
        language = code;
        return this;
    }

    public String language() {
        return language;
    }

    /** What every user's profile names, such as {@code America/Sao_Paulo}. */
    public StandInPortal timeZone(String zone) {
        timeZone = zone;
        return this;
    }

    String timeZone() {
        return timeZone;
    }

    /** Such as {@code br_ent250}; what contains {@code _ent} is an Enterprise plan. */
    public StandInPortal license(String code) {
        license = code;
        return this;
    }

    String license() {
        return license;
    }

    public StandInPortal addUser(String id, String firstName, String lastName, boolean admin) {
        synchronized (this) {
            users.put(id, new User(id, firstName, lastName, admin, true));
        }
        return this;
    }

    /** The user has left the company: the portal knows nothing of them any more. */
    public StandInPortal dismissUser(String id) {
        synchronized (this) {
            users.computeIfPresent(id, (key, user) -> new User(id, user.name(), user.lastName(), user.admin(), false));
        }
        return this;
    }

    /** Lets the portal use a local app instead of the marketplace's; see {@link StandInBitrix24#localApp}. */
    public StandInPortal installs(String clientId) {
        ownClientId = clientId;
        return this;
    }

    /** Whether no events are sent before {@link #finishInstall()}; off at first, as browsers have to call that. */
    public StandInPortal needsInstallFinish(boolean on) {
        finishNeeded = on;
        return this;
    }

    /** What the page's {@code BX24.installFinish()} does. */
    public StandInPortal finishInstall() {
        finished = true;
        return this;
    }

    /** At most {@code capacity} requests at once and {@code perSecond} on and on; else QUERY_LIMIT_EXCEEDED. */
    public synchronized StandInPortal limit(int capacity, double perSecond) {
        bucket = 0;
        bucketCapacity = capacity;
        bucketPerSecond = perSecond;
        return this;
    }

    public synchronized StandInPortal noLimit() {
        bucketCapacity = 0;
        return this;
    }

    public synchronized boolean isLimited() {
        return bucketCapacity > 0;
    }

    public Faults faults() {
        return faults;
    }

    // ---------------------------------------------------------------- what its admins do

    /**
     * What the portal posts when a user opens the app, or an admin installs it: the same. The app counts as installed
     * from now on.
     */
    public Page installPage(String userId) {
        if (!installed) {
            installed = true;
            finished = false;
            synchronized (this) {
                handlers.clear();
            }
        }
        return page(userId, "DEFAULT", null);
    }

    /** The page of the connector's settings in an open line, as the contact centre shows it. */
    public Page connectorPage(String userId, String connector, String lineId) {
        boolean active;
        synchronized (this) {
            active = activations.containsKey(activationKey(connector, lineId));
        }
        ObjectNode options = JSON.objectNode()
                .put("CONNECTOR", connector)
                .put("LINE", lineId)
                .put("STATUS", active)
                .put("ACTIVE_STATUS", active)
                .put("CONNECTION_STATUS", active)
                .put("REGISTER_STATUS", active)
                .put("ERROR_STATUS", false)
                .put("URI", url() + "contact_center/");
        return page(userId, "SETTING_CONNECTOR", options.toString());
    }

    private Page page(String userId, String placement, @Nullable String options) {
        User user = user(userId);
        if (user == null) {
            throw new IllegalArgumentException("No such user: " + userId);
        }
        IssuedTokens tokens = server.issue(this, userId, clientId());
        Map<String, String> query = new LinkedHashMap<>();
        query.put("DOMAIN", domain());
        query.put("PROTOCOL", "0");
        query.put("LANG", language);
        query.put("APP_SID", tokens.access().substring(0, 32));
        Map<String, String> form = new LinkedHashMap<>();
        form.put("AUTH_ID", tokens.access());
        form.put("AUTH_EXPIRES", Long.toString(tokens.expiresIn()));
        form.put("REFRESH_ID", tokens.refresh());
        form.put("SERVER_ENDPOINT", server.oauthUrl() + "/rest/");
        form.put("APPLICATION_TOKEN", applicationToken);
        form.put("APPLICATION_SCOPE", scope);
        form.put("member_id", memberId);
        form.put("status", status());
        form.put("PLACEMENT", placement);
        if (options != null) {
            form.put("PLACEMENT_OPTIONS", options);
        }
        return new Page(query, form);
    }

    /** Installs without pages: sends ONAPPINSTALL to the app's installer address. */
    public void sendInstallEvent(String userId) {
        if (!installed) {
            installed = true;
            synchronized (this) {
                handlers.clear();
            }
        }
        finished = true;
        IssuedTokens tokens = server.issue(this, userId, clientId());
        ObjectNode data = JSON.objectNode()
                .put("VERSION", "1")
                .put("ACTIVE", "Y")
                .put("INSTALLED", "Y")
                .put("LANGUAGE_ID", language);
        ObjectNode auth = bareAuth()
                .put("scope", scope)
                .put("access_token", tokens.access())
                .put("refresh_token", tokens.refresh())
                .put("expires_in", tokens.expiresIn())
                .put("status", status());
        post(
                "ONAPPINSTALL",
                null,
                URI.create(server.app(clientId()).url() + "/bitrix24/install"),
                data,
                auth,
                "install");
    }

    /**
     * Removes the app: ONAPPUNINSTALL where it is bound, then no token works any more.
     *
     * @param clean whether the admin asked for the app's data to be deleted
     */
    public void uninstall(boolean clean) {
        ObjectNode data = JSON.objectNode().put("LANGUAGE_ID", language).put("CLEAN", clean ? 1 : 0);
        List<Handler> bound = bound("ONAPPUNINSTALL");
        installed = false;
        finished = false;
        server.forget(this);
        synchronized (this) {
            handlers.clear();
            connectors.clear();
            activations.clear();
        }
        bound.forEach(handler ->
                post("ONAPPUNINSTALL", handler.id(), URI.create(handler.url()), data, bareAuth(), "uninstall"));
        server.changed();
    }

    /** The portal's address changes; the old one answers 302 from now on. */
    public void moveTo(String newName) {
        String old = name;
        name = newName;
        server.renamed(this, old, newName);
    }

    /** A new application token, as after a change of the app's version. */
    public void applicationToken(String token) {
        applicationToken = token;
    }

    /** Access tokens of this portal are expired from now on; refresh tokens live. */
    public void expireAccessTokens() {
        server.revoke(this, false);
    }

    /** Neither access nor refresh tokens of this portal work any more. */
    public void killTokens() {
        server.revoke(this, true);
    }

    /** Deletes an open line: ONIMCONNECTORLINEDELETE. */
    public void deleteLine(String lineId) {
        synchronized (this) {
            lines.remove(lineId);
            activations.keySet().removeIf(key -> key.endsWith("|" + lineId));
        }
        send("ONIMCONNECTORLINEDELETE", JSON.numberNode(Long.parseLong(lineId)), ADMIN, "line|" + lineId);
    }

    /** Switches the connector off in a line: ONIMCONNECTORSTATUSDELETE. */
    public void disconnect(String connector, String lineId) {
        synchronized (this) {
            activations.remove(activationKey(connector, lineId));
        }
        ObjectNode data = JSON.objectNode().put("connector", connector).put("line", Long.parseLong(lineId));
        send("ONIMCONNECTORSTATUSDELETE", data, ADMIN, "line|" + lineId);
    }

    /**
     * Forgets a connector, where it is on, and what the app wants to be told of, as after a restored backup; silently.
     */
    public synchronized void forgetConnector(String connector) {
        connectors.remove(connector);
        activations.keySet().removeIf(key -> key.startsWith(connector + "|"));
        handlers.clear();
    }

    // ---------------------------------------------------------------- what its agents do

    /**
     * An agent writes into a chat with a customer; ONIMCONNECTORMESSAGEADD is on its way when this returns.
     *
     * @param chat the chat's id in the portal, or the id that the connector gave it
     * @param text as typed, with BBCode; line feeds become {@code [br]}
     * @return the message's id in the portal
     */
    public String agentWrites(String chat, String text) {
        return agentWrites(chat, AGENT, List.of(text)).getFirst();
    }

    /** Several messages in one event, in the list's order; their ids in the same order. */
    public List<String> agentWrites(String chat, String userId, List<String> texts) {
        User user = Objects.requireNonNull(user(userId), "user");
        ObjectNode data;
        List<String> ids = new ArrayList<>();
        String chatId;
        synchronized (this) {
            ChatState state = chatState(chat);
            chatId = state.id;
            resume(state);
            data = JSON.objectNode().put("CONNECTOR", state.connector).put("LINE", Long.parseLong(state.lineId));
            for (String text : texts) {
                ChatMessage message = state.add(new ChatMessage(
                        Long.toString(server.nextId()),
                        Author.AGENT,
                        userId,
                        user.fullName(),
                        text,
                        List.of(),
                        List.of(),
                        Instant.now(),
                        Mark.SENDING));
                ids.add(message.id());
                ObjectNode node = data.withArray("MESSAGES").addObject();
                node.putObject("im")
                        .put("chat_id", Long.parseLong(state.id))
                        .put("message_id", Long.parseLong(message.id()));
                node.putObject("message")
                        .put("user_id", Long.parseLong(userId))
                        .put("text", outgoing(state.connector, user, text));
                node.putObject("chat").put("id", state.externalChatId);
            }
        }
        server.changed();
        send("ONIMCONNECTORMESSAGEADD", data, userId, "chat|" + chatId);
        return ids;
    }

    /**
     * An agent sends files, with words or without; ONIMCONNECTORMESSAGEADD is on its way when this returns.
     *
     * @param text as typed; may be empty
     * @return the message's id in the portal
     */
    public String agentSends(String chat, String text, List<AgentFile> files) {
        User user = Objects.requireNonNull(user(AGENT), "user");
        ObjectNode data;
        String chatId;
        ChatMessage message;
        synchronized (this) {
            ChatState state = chatState(chat);
            chatId = state.id;
            resume(state);
            message = state.add(new ChatMessage(
                    Long.toString(server.nextId()),
                    Author.AGENT,
                    AGENT,
                    user.fullName(),
                    text,
                    files.stream().map(AgentFile::name).toList(),
                    List.of(),
                    Instant.now(),
                    Mark.SENDING));
            disk.given(message.id(), files);
            data = JSON.objectNode().put("CONNECTOR", state.connector).put("LINE", Long.parseLong(state.lineId));
            ObjectNode node = data.putArray("MESSAGES").addObject();
            node.putObject("im")
                    .put("chat_id", Long.parseLong(state.id))
                    .put("message_id", Long.parseLong(message.id()));
            ObjectNode sent = node.putObject("message")
                    .put("user_id", Long.parseLong(AGENT))
                    .put("text", outgoing(state.connector, user, text));
            for (AgentFile file : files) {
                String key = disk.share(file.name(), file.contentType(), file.content());
                sent.withArray("files")
                        .addObject()
                        .put("name", file.name())
                        .put("type", PortalDisk.kind(file.contentType()))
                        .put("link", url() + "disk/" + key + "/")
                        .put("size", file.content().size());
            }
            node.putObject("chat").put("id", state.externalChatId);
        }
        server.changed();
        send("ONIMCONNECTORMESSAGEADD", data, AGENT, "chat|" + chatId);
        return message.id();
    }

    /**
     * The line itself writes to the customer: a greeting, or an answer out of hours. As of an agent, but it is signed
     * by nobody.
     */
    public String lineWrites(String chat, String text) {
        ObjectNode params = JSON.objectNode().put("CLASS", "bx-messenger-content-item-ol-output");
        return writes(chat, text, params);
    }

    /**
     * An agent writes in silent mode, for colleagues only. Bitrix24 keeps such messages from connectors; this one
     * slips, as it may.
     */
    public String agentWhispers(String chat, String text) {
        return writes(chat, text, JSON.objectNode().put("CLASS", "bx-messenger-content-item-system"));
    }

    private String writes(String chat, String text, ObjectNode params) {
        ObjectNode data;
        String id;
        String chatId;
        synchronized (this) {
            ChatState state = chatState(chat);
            chatId = state.id;
            id = state.add(new ChatMessage(
                            Long.toString(server.nextId()),
                            Author.SYSTEM,
                            "0",
                            "",
                            text,
                            List.of(),
                            List.of(),
                            Instant.now(),
                            Mark.SENDING))
                    .id();
            data = JSON.objectNode().put("CONNECTOR", state.connector).put("LINE", Long.parseLong(state.lineId));
            ObjectNode node = data.putArray("MESSAGES").addObject();
            node.putObject("im").put("chat_id", Long.parseLong(state.id)).put("message_id", Long.parseLong(id));
            node.putObject("message")
                    .put("user_id", 0)
                    .put("text", text.replace("\n", "[br]"))
                    .set("params", params);
            node.putObject("chat").put("id", state.externalChatId);
        }
        server.changed();
        send("ONIMCONNECTORMESSAGEADD", data, ADMIN, "chat|" + chatId);
        return id;
    }

    /** An agent ends the session; the connector is told, and the next message begins another one. */
    public void agentCloses(String chat) {
        synchronized (this) {
            ChatState state = chatState(chat);
            if (state.closed) {
                return;
            }
            state.closed = true;
            tellOfSession(state);
        }
        server.changed();
    }

    /** Begins another session in a chat whose last one has ended, as whoever writes there does. */
    void resume(ChatState state) {
        if (state.closed) {
            state.parentSessionId = state.sessionId;
            state.sessionId = Long.toString(server.nextId());
            state.closed = false;
            tellOfSession(state);
        }
    }

    /** The chat and the user are named as the connector named them and as the portal did, as the server does. */
    void tellOfSession(ChatState state) {
        ObjectNode data = JSON.objectNode().put("CONNECTOR", state.connector).put("LINE", state.lineId);
        ObjectNode node = data.putArray("DATA").addObject();
        node.putObject("connector")
                .put("connector_id", state.connector)
                .put("line_id", Long.parseLong(state.lineId))
                .put("chat_id", state.externalChatId)
                .put("user_id", Long.parseLong(state.userId));
        node.putObject("session")
                .put("id", Long.parseLong(state.sessionId))
                .put("closed", state.closed ? "Y" : "N")
                .put("parent_id", Long.parseLong(state.parentSessionId))
                .put("close_term", 10);
        node.putObject("chat").put("id", state.externalChatId);
        node.putObject("user").put("id", Long.parseLong(state.userId));
        send(state.closed ? "ONIMCONNECTORDIALOGFINISH" : "ONIMCONNECTORDIALOGSTART", data, ADMIN, "chat|" + state.id);
    }

    /** How the messenger writes the quote of a message before an answer to it. */
    public synchronized String quote(String chat, String messageId) {
        ChatState state = chatState(chat);
        ChatMessage message = Objects.requireNonNull(state.messages.get(messageId), "message");
        String dashes = "-".repeat(54);
        String words = message.text().isBlank() ? String.join(", ", message.files()) : message.text();
        return dashes + "\n" + message.authorName() + " [" + QUOTED_AT.format(message.at()) + "] #chat" + state.id + "/"
                + messageId + "\n" + words + "\n" + dashes + "\n";
    }

    /** What the portal makes of an agent's words before it gives them to a connector. */
    private String outgoing(String connector, User user, String text) {
        ObjectNode registered = connectors.get(connector);
        boolean signed = registered == null || registered.path("NEED_SIGNATURE").asBoolean(true);
        return (signed ? "[b]" + user.fullName() + ":[/b] [br]" : "")
                + text.replace("\r", "").replace("\n", "[br]");
    }

    /** An agent changes a message; no event before the connector has confirmed its delivery with an id. */
    public void agentEdits(String messageId, String text) {
        change(messageId, text);
    }

    /** An agent deletes a message; no event before the connector has confirmed its delivery with an id. */
    public void agentDeletes(String messageId) {
        change(messageId, null);
    }

    private void change(String messageId, @Nullable String text) {
        List<ObjectNode> datas = new ArrayList<>();
        String chatId = "";
        String userId = AGENT;
        synchronized (this) {
            for (ChatState state : chats.values()) {
                ChatMessage message = state.messages.get(messageId);
                if (message == null) {
                    continue;
                }
                chatId = state.id;
                userId = users.containsKey(message.userId()) ? message.userId() : ADMIN;
                if (text == null) {
                    state.messages.remove(messageId);
                } else {
                    state.messages.put(messageId, message.edited(text));
                }
                User user = users.get(message.userId());
                List<String> external = message.externalIds();
                int count = text == null ? external.size() : Math.min(1, external.size());
                for (int i = 0; i < count; i++) {
                    ObjectNode data = JSON.objectNode()
                            .put("CONNECTOR", state.connector)
                            .put("LINE", Long.parseLong(state.lineId));
                    ObjectNode node = data.putArray("MESSAGES").addObject();
                    node.putObject("im")
                            .put("chat_id", Long.parseLong(state.id))
                            .put("message_id", Long.parseLong(messageId));
                    ObjectNode changed = node.putObject("message");
                    if (text == null) {
                        changed.put("id", external.get(i));
                    } else {
                        external.forEach(changed.putArray("id")::add);
                        changed.put("text", user == null ? text : outgoing(state.connector, user, text));
                    }
                    node.putObject("chat").put("id", state.externalChatId);
                    datas.add(data);
                }
            }
        }
        String event = text == null ? "ONIMCONNECTORMESSAGEDELETE" : "ONIMCONNECTORMESSAGEUPDATE";
        for (ObjectNode data : datas) {
            send(event, data, userId, "chat|" + chatId);
        }
        server.changed();
    }

    // ---------------------------------------------------------------- what has been seen

    /** All chats with customers, in the order in which they began. */
    public synchronized List<Chat> chats() {
        return chats.values().stream().map(ChatState::snapshot).toList();
    }

    /** A chat by its id in the portal, or by the id that the connector gave it. */
    public synchronized Chat chat(String chat) {
        return chatState(chat).snapshot();
    }

    /** What customers wrote in a chat, in order of arrival; doubles show as such. */
    public List<ChatMessage> inbound(String chat) {
        return chat(chat).messages().stream()
                .filter(message -> message.author() == Author.CUSTOMER)
                .toList();
    }

    /** The files of a customer's message, as they were fetched; what could not be fetched is not among them. */
    public List<StoredFile> filesOf(String messageId) {
        return disk.filesOf(messageId);
    }

    /** The files of a message, whoever sent it. */
    List<StoredFile> attachedTo(String messageId) {
        return disk.attachedTo(messageId);
    }

    /** The application's links behind which the files of a customer's message were. */
    public List<String> linksOf(String messageId) {
        return disk.linksOf(messageId);
    }

    /** The system lines of a chat. */
    public List<ChatMessage> systemLines(String chat) {
        return chat(chat).messages().stream()
                .filter(message -> message.author() == Author.SYSTEM)
                .toList();
    }

    /** What users were notified of ({@code im.notify.system.add}), the oldest first. */
    public synchronized List<Notification> notifications() {
        return List.copyOf(notifications);
    }

    /** Every delivery and reading that was told, one entry a message. */
    public List<StatusCall> statuses() {
        return List.copyOf(statuses);
    }

    /** Every REST request; the calls within a batch are not counted one by one. */
    public List<RestRequest> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** Every attempt to deliver an event. */
    public List<EventDelivery> events() {
        synchronized (events) {
            return List.copyOf(events);
        }
    }

    /** What the documentation forbids and the portal lets pass, such as names with digits. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** The events that are bound and where to, as {@code EVENT url}. */
    public synchronized List<String> boundEvents() {
        return handlers.stream()
                .map(handler -> handler.event() + " " + handler.url())
                .toList();
    }

    /** The codes of the connectors that are registered. */
    public synchronized Set<String> registeredConnectors() {
        return Set.copyOf(connectors.keySet());
    }

    /** The ids of the open lines in which a connector is active. */
    public synchronized Set<String> activeLines(String connector) {
        return activations.keySet().stream()
                .filter(key -> key.startsWith(connector + "|"))
                .map(key -> key.substring(key.indexOf('|') + 1))
                .collect(Collectors.toSet());
    }

    /** The ids of the open lines. */
    public synchronized List<String> lineIds() {
        return List.copyOf(lines.keySet());
    }

    public boolean isInstalled() {
        return installed;
    }

    // ---------------------------------------------------------------- for the server and the methods

    String clientId() {
        return Objects.requireNonNullElseGet(ownClientId, server::mainClientId);
    }

    String status() {
        return server.app(clientId()).local() ? "L" : "F";
    }

    String adminId() {
        return ADMIN;
    }

    StandInBitrix24 server() {
        return server;
    }

    synchronized @Nullable User user(String id) {
        return users.get(id);
    }

    synchronized List<User> users() {
        return List.copyOf(users.values());
    }

    void warn(String warning) {
        warnings.add(warning);
    }

    void told(StatusCall status) {
        statuses.add(status);
    }

    static String activationKey(String connector, String lineId) {
        return connector + "|" + lineId;
    }

    Reply rest(Request request, String method) throws InterruptedException {
        Instant start = Instant.now();
        Reply reply;
        String note = "";
        String shown = method;
        Faults.Counted fault = faults.next(method);
        faults.waitIfHanging(fault);
        try {
            if (fault != null && fault.kind() == Faults.Kind.ERROR) {
                throw new RestFault(fault.status(), fault.code(), fault.description());
            }
            if (fault != null && fault.kind() == Faults.Kind.HTML) {
                reply = Reply.text(fault.status(), "text/html", "<html><body><h1>Error</h1></body></html>");
            } else {
                takeFromBucket();
                ObjectNode params = StandInBitrix24.params(request);
                Grant grant = server.caller(this, params.path("auth").asString(""));
                faults.checkBlocked(method);
                params.remove("auth");
                PortalRestApi.Answer answer = api.call(method, params, grant);
                shown = answer.shown();
                ObjectNode body = JSON.objectNode();
                body.set("result", answer.result());
                if (answer.total() >= 0) {
                    body.put("total", answer.total());
                }
                ObjectNode time = StandInBitrix24.time(start, answer.operating());
                faults.resetAt(method).ifPresent(at -> time.put("operating_reset_at", at.getEpochSecond()));
                body.set("time", time);
                reply = Reply.json(200, body);
            }
        } catch (RestFault refused) {
            note = refused.code();
            reply = StandInBitrix24.fault(refused);
        }
        if (fault != null && fault.kind() == Faults.Kind.DROP) {
            note = "done, then the connection was dropped";
            reply = Reply.NONE;
        }
        synchronized (requests) {
            requests.add(new RestRequest(method, reply.status(), note, Instant.now()));
        }
        server.passed(false, shown, reply.status(), note);
        return reply;
    }

    private synchronized void takeFromBucket() {
        if (bucketCapacity <= 0) {
            return;
        }
        long now = System.nanoTime();
        bucket = Math.max(0, bucket - (now - bucketAt) / 1e9 * bucketPerSecond);
        bucketAt = now;
        if (bucket + 1 > bucketCapacity) {
            throw new RestFault(503, "QUERY_LIMIT_EXCEEDED", "Too many requests");
        }
        bucket++;
    }

    /** The portal's own pages: its frame with the app in it. */
    Reply page(Request request, List<String> rest) {
        if (!request.method().equals("GET")) {
            return Reply.empty(405);
        }
        String section = rest.isEmpty() ? "" : rest.getFirst();
        if (section.equals("disk") && rest.size() > 1) {
            return disk.give(request, rest.get(1));
        }
        App app = server.app(clientId());
        return switch (section) {
            case "app" -> frame(app.url() + "/bitrix24/app", installPage(rest.size() > 1 ? rest.get(1) : ADMIN));
            case "install" -> frame(app.url() + "/bitrix24/install", installPage(ADMIN));
            case "connector" -> {
                String connector = connectors.keySet().stream().findFirst().orElse("");
                String line = rest.size() > 1 ? rest.get(1) : "1";
                yield frame(app.url() + "/bitrix24/connector", connectorPage(ADMIN, connector, line));
            }
            default ->
                Reply.text(
                        200,
                        "text/html",
                        head() + "<ul><li><a href=\"/portals/" + name + "/app\">Zaptrix</a></li></ul></body></html>");
        };
    }

    private Reply frame(String action, Page page) {
        StringBuilder html = new StringBuilder(head());
        html.append(
                        "<iframe name=\"app\" title=\"Zaptrix\"></iframe><form id=\"open\" method=\"post\" target=\"app\" action=\"")
                .append(escape(action + "?" + page.queryString()))
                .append("\">");
        page.form()
                .forEach((key, value) -> html.append("<input type=\"hidden\" name=\"")
                        .append(escape(key))
                        .append("\" value=\"")
                        .append(escape(value))
                        .append("\">"));
        html.append("</form><script>document.getElementById('open').submit()</script></body></html>");
        return Reply.text(200, "text/html", html.toString());
    }

    private String head() {
        return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\""
                + " content=\"width=device-width\"><title>" + escape(name) + " – Bitrix24 (stand-in)</title><style>"
                + "body{margin:0;font:15px system-ui,sans-serif;background:#eef2f4;color:#333;display:flex;"
                + "flex-direction:column;height:100vh}header{padding:12px 20px;background:#2067b0;color:#fff}"
                + "iframe{flex:1;border:0;margin:12px;background:#fff;border-radius:8px}</style></head><body>"
                + "<header>" + escape(name) + " – Bitrix24 (stand-in)</header>";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;");
    }

    // ---------------------------------------------------------------- events

    /** Sends an event to everybody who has bound it. */
    void send(String event, JsonNode data, String userId, String key) {
        if (!installed || finishNeeded && !finished) {
            server.passed(true, event, 0, "not sent: the installation is not finished");
            return;
        }
        List<Handler> bound = bound(event);
        if (bound.isEmpty()) {
            server.passed(true, event, 0, "not sent: nobody has bound it");
            return;
        }
        for (Handler handler : bound) {
            String as = handler.authType().equals("0") ? userId : handler.authType();
            IssuedTokens tokens = server.issue(this, as, clientId());
            ObjectNode auth = JSON.objectNode()
                    .put("access_token", tokens.access())
                    .put("expires", tokens.expires().getEpochSecond())
                    .put("expires_in", tokens.expiresIn())
                    .put("scope", scope);
            auth.setAll(bareAuth());
            auth.put("status", status()).put("user_id", Long.parseLong(as));
            post(event, handler.id(), URI.create(handler.url()), data, auth, key);
        }
    }

    private synchronized List<Handler> bound(String event) {
        return handlers.stream()
                .filter(handler -> handler.event().equals(event))
                .toList();
    }

    private ObjectNode bareAuth() {
        return JSON.objectNode()
                .put("domain", domain())
                .put("server_endpoint", server.oauthUrl() + "/rest/")
                .put("client_endpoint", clientEndpoint().toString())
                .put("member_id", memberId)
                .put("application_token", applicationToken);
    }

    /** Sends any event to the app, bound or not, signed with any application token. */
    public void post(String event, JsonNode data, String withApplicationToken) {
        ObjectNode auth = bareAuth().put("application_token", withApplicationToken);
        post(event, "0", URI.create(server.app(clientId()).url() + "/webhooks/bitrix24/outbound"), data, auth, "any");
    }

    private void post(String event, @Nullable String handlerId, URI to, JsonNode data, ObjectNode auth, String key) {
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("event", event);
        if (handlerId != null) {
            form.put("event_handler_id", handlerId);
        }
        form.put("data", data);
        form.put("ts", Instant.now().getEpochSecond());
        form.put("auth", auth);
        byte[] body = PhpForm.encode(form).getBytes(UTF_8);
        int number = eventNumber.incrementAndGet();
        server.carry(
                name + "|" + key,
                new Courier.Parcel(
                        () -> to,
                        "application/x-www-form-urlencoded",
                        Map.of("User-Agent", "Bitrix24 Webhook Engine"),
                        body,
                        attempt -> {
                            synchronized (events) {
                                events.add(new EventDelivery(
                                        number, event, body, attempt.number(), attempt.status(), attempt.at()));
                            }
                            server.passed(
                                    true,
                                    event,
                                    attempt.status(),
                                    attempt.number() > 1 ? "try " + attempt.number() : "");
                        }));
    }

    ChatState chatState(String chat) {
        ChatState byId = chats.get(chat);
        if (byId != null) {
            return byId;
        }
        return chats.values().stream()
                .filter(state -> state.externalChatId.equals(chat))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No such chat: " + chat));
    }

    // ---------------------------------------------------------------- over a restart

    /** Everything that the application may rely on later. */
    synchronized ObjectNode save() {
        ObjectNode saved = JSON.objectNode()
                .put("installed", installed)
                .put("finished", finished)
                .put("language", language);
        saved.set("connectors", SandboxJson.MAPPER.valueToTree(connectors));
        saved.set("lines", SandboxJson.MAPPER.valueToTree(lines));
        saved.set("activations", SandboxJson.MAPPER.valueToTree(activations));
        saved.set("handlers", SandboxJson.MAPPER.valueToTree(handlers));
        saved.set("users", SandboxJson.MAPPER.valueToTree(externalUsers));
        var list = saved.putArray("chats");
        chats.values().forEach(state -> list.add(state.save()));
        return saved;
    }

    synchronized void restore(JsonNode saved) {
        installed = saved.path("installed").asBoolean(false);
        finished = saved.path("finished").asBoolean(false);
        language = saved.path("language").asString(language);
        restore(saved.path("connectors"), connectors);
        lines.clear();
        restore(saved.path("lines"), lines);
        restore(saved.path("activations"), activations);
        saved.path("handlers").forEach(node -> handlers.add(SandboxJson.MAPPER.treeToValue(node, Handler.class)));
        saved.path("users")
                .properties()
                .forEach(entry ->
                        externalUsers.put(entry.getKey(), entry.getValue().asString("")));
        saved.path("chats").forEach(node -> {
            ChatState state = ChatState.restore(node);
            chats.put(state.id, state);
        });
    }

    private static void restore(JsonNode from, Map<String, ObjectNode> to) {
        from.properties().forEach(entry -> to.put(entry.getKey(), (ObjectNode) entry.getValue()));
    }

    // ---------------------------------------------------------------- types

    /** Who wrote a message. */
    public enum Author {
        CUSTOMER,
        AGENT,
        SYSTEM
    }

    /** What an agent sees beside a message of theirs. */
    public enum Mark {
        NONE,
        SENDING,
        DELIVERED,
        READ
    }

    /**
     * A message in a chat.
     *
     * @param id in the portal
     * @param userId of the author in the portal; 0 for system lines
     * @param files names of the attached files
     * @param edited whether its words were changed after it came
     * @param externalIds the connector's ids: given on arrival, or with the confirmation of a delivery
     */
    public record ChatMessage(
            String id,
            Author author,
            String userId,
            String authorName,
            String text,
            List<String> files,
            List<String> externalIds,
            Instant at,
            Mark mark,
            boolean edited) {

        ChatMessage(
                String id,
                Author author,
                String userId,
                String authorName,
                String text,
                List<String> files,
                List<String> externalIds,
                Instant at,
                Mark mark) {
            this(id, author, userId, authorName, text, files, externalIds, at, mark, false);
        }

        ChatMessage withText(String newText) {
            return new ChatMessage(id, author, userId, authorName, newText, files, externalIds, at, mark, edited);
        }

        ChatMessage edited(String newText) {
            return new ChatMessage(id, author, userId, authorName, newText, files, externalIds, at, mark, true);
        }

        ChatMessage marked(Mark newMark, List<String> newExternalIds) {
            return new ChatMessage(id, author, userId, authorName, text, files, newExternalIds, at, newMark, edited);
        }
    }

    /**
     * A chat with a customer.
     *
     * @param id in the portal
     * @param externalChatId what the connector calls it
     * @param closed whether the session has ended
     */
    public record Chat(
            String id,
            String connector,
            String lineId,
            String externalChatId,
            String externalUserId,
            String name,
            String phone,
            String sessionId,
            boolean closed,
            List<ChatMessage> messages) {}

    /**
     * A file that an agent attaches.
     *
     * @param contentType what the portal's server says of it, true or not
     */
    public record AgentFile(String name, String contentType, FileContent content) {}

    /** Something that a user was notified of. */
    public record Notification(String id, String userId, String text, String tag, Instant at) {}

    /** A delivery or a reading, as the application told it. */
    public record StatusCall(String kind, String imChatId, String imMessageId, List<String> externalIds, Instant at) {}

    /** A REST request; status 0 for an answer that was withheld. */
    public record RestRequest(String method, int status, String error, Instant at) {}

    /**
     * One attempt to deliver an event.
     *
     * @param number the same for all attempts and copies of one event
     * @param status of the answer; 0 when there was none
     */
    public record EventDelivery(int number, String event, byte[] body, int attempt, int status, Instant at) {}

    /** What the portal posts into the app's frame: parameters of the address and a form. */
    public record Page(Map<String, String> query, Map<String, String> form) {

        public String queryString() {
            return PhpForm.encode(query);
        }

        public String formBody() {
            return PhpForm.encode(form);
        }
    }

    record User(String id, String name, String lastName, boolean admin, boolean active) {

        String fullName() {
            return name + " " + lastName;
        }
    }

    record Handler(String id, String event, String url, String authType) {}

    /** A chat while it grows; guarded by the portal. */
    static final class ChatState {

        final String id;
        final String connector;
        final String lineId;
        final String externalChatId;
        final String externalUserId;
        final String userId;
        String name;
        String phone;
        String sessionId;

        /** The session before this one; 0 where there was none. */
        String parentSessionId = "0";

        boolean closed;
        final Map<String, ChatMessage> messages = new LinkedHashMap<>();

        ChatState(
                String id,
                String connector,
                String lineId,
                String externalChatId,
                String externalUserId,
                String userId,
                String name,
                String phone,
                String sessionId) {
            this.id = id;
            this.connector = connector;
            this.lineId = lineId;
            this.externalChatId = externalChatId;
            this.externalUserId = externalUserId;
            this.userId = userId;
            this.name = name;
            this.phone = phone;
            this.sessionId = sessionId;
        }

        ChatMessage add(ChatMessage message) {
            messages.put(message.id(), message);
            return message;
        }

        Chat snapshot() {
            return new Chat(
                    id,
                    connector,
                    lineId,
                    externalChatId,
                    externalUserId,
                    name,
                    phone,
                    sessionId,
                    closed,
                    List.copyOf(messages.values()));
        }

        ObjectNode save() {
            ObjectNode saved = SandboxJson.MAPPER.valueToTree(snapshot());
            return saved.put("userId", userId).put("parentSessionId", parentSessionId);
        }

        static ChatState restore(JsonNode saved) {
            Chat chat = SandboxJson.KEPT.treeToValue(saved, Chat.class);
            ChatState state = new ChatState(
                    chat.id(),
                    chat.connector(),
                    chat.lineId(),
                    chat.externalChatId(),
                    chat.externalUserId(),
                    saved.path("userId").asString("0"),
                    chat.name(),
                    chat.phone(),
                    chat.sessionId());
            state.parentSessionId = saved.path("parentSessionId").asString("0");
            state.closed = chat.closed();
            chat.messages().forEach(state::add);
            return state;
        }
    }

    /** What the portal does wrong when told to. Counted faults wear off; switches stay until switched back. */
    public final class Faults {

        private final List<Counted> counted = new ArrayList<>();
        private final Map<String, Instant> blocked = new LinkedHashMap<>();
        private final AtomicInteger refusedMessages = new AtomicInteger();
        private volatile boolean hanging;
        private volatile Duration slow = Duration.ZERO;
        private volatile boolean systemLinesDenied;
        private volatile boolean systemNeedsMembership;

        private Faults() {}

        /**
         * Answers the next calls with an error; nothing is done.
         *
         * @param method only calls of this; empty for any
         * @param status 200 too: the portal may say an error with it
         */
        public Faults failNext(int times, String method, int status, String code, String description) {
            return add(times, new Counted(method, Kind.ERROR, status, code, description, Duration.ZERO));
        }

        /** Answers the next calls with an error page in HTML; nothing is done. */
        public Faults htmlNext(int times, String method, int status) {
            return add(times, new Counted(method, Kind.HTML, status, "", "", Duration.ZERO));
        }

        /** Does what the next calls ask and closes the connection without an answer: nobody can know. */
        public Faults dropAnswerNext(int times, String method) {
            return add(times, new Counted(method, Kind.DROP, 0, "", "", Duration.ZERO));
        }

        /** Lets the next calls wait before they are looked at. */
        public Faults hangNext(int times, String method, Duration time) {
            return add(times, new Counted(method, Kind.WAIT, 0, "", "", time));
        }

        /** Answers the next requests for agents' files with 500. */
        public Faults breakFiles(int times) {
            disk.broken.addAndGet(times);
            return this;
        }

        /** Answers the next requests for agents' files with a page that asks for a login, and 200. */
        public Faults askForLogin(int times) {
            disk.asksForLogin.addAndGet(times);
            return this;
        }

        /** Deletes every file of agents: their links answer 404. */
        public Faults loseFiles() {
            disk.removeAll();
            return this;
        }

        /** Refuses the next messages of {@code imconnector.send.messages} one by one, within an answer that is good. */
        public Faults refuseMessages(int count) {
            refusedMessages.addAndGet(count);
            return this;
        }

        /** Lets every call wait until this is switched off. */
        public Faults hang(boolean on) {
            hanging = on;
            return this;
        }

        public boolean isHanging() {
            return hanging;
        }

        /** Lets every call wait before it is looked at; zero ends it. */
        public Faults slow(Duration each) {
            slow = each;
            return this;
        }

        /** A method has used up its time: 429 OPERATION_TIME_LIMIT until the time is over. */
        public Faults block(String method, Duration time) {
            synchronized (blocked) {
                blocked.put(method, Instant.now().plus(time));
            }
            return this;
        }

        /** Nobody may write into chats by {@code im.message.add}: ACCESS_ERROR. */
        public Faults denySystemLines(boolean on) {
            systemLinesDenied = on;
            return this;
        }

        /** Who is no member of a chat loses SYSTEM=Y in {@code im.message.add}, and the customer may get to see it. */
        public Faults systemNeedsMembership(boolean on) {
            systemNeedsMembership = on;
            return this;
        }

        /** All is well again. */
        public Faults clear() {
            synchronized (counted) {
                counted.clear();
            }
            synchronized (blocked) {
                blocked.clear();
            }
            refusedMessages.set(0);
            disk.broken.set(0);
            disk.asksForLogin.set(0);
            hanging = false;
            slow = Duration.ZERO;
            systemLinesDenied = false;
            systemNeedsMembership = false;
            return this;
        }

        boolean refusesThisMessage() {
            return refusedMessages.getAndUpdate(n -> n > 0 ? n - 1 : 0) > 0;
        }

        boolean deniesSystemLines() {
            return systemLinesDenied;
        }

        boolean needsMembership() {
            return systemNeedsMembership;
        }

        private Faults add(int times, Counted fault) {
            synchronized (counted) {
                for (int i = 0; i < times; i++) {
                    counted.add(fault);
                }
            }
            return this;
        }

        private @Nullable Counted next(String method) {
            synchronized (counted) {
                for (Counted fault : counted) {
                    if (fault.method().isEmpty()
                            || fault.method().toLowerCase(Locale.ROOT).equals(method)) {
                        counted.remove(fault);
                        return fault;
                    }
                }
                return null;
            }
        }

        private void waitIfHanging(@Nullable Counted fault) throws InterruptedException {
            if (fault != null) {
                Thread.sleep(fault.time());
            }
            Thread.sleep(slow);
            while (hanging) {
                Thread.sleep(20);
            }
        }

        void checkBlocked(String method) {
            resetAt(method).ifPresent(at -> {
                throw new RestFault(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.");
            });
        }

        private java.util.Optional<Instant> resetAt(String method) {
            synchronized (blocked) {
                Instant at = blocked.get(method);
                return at == null || at.isBefore(Instant.now())
                        ? java.util.Optional.empty()
                        : java.util.Optional.of(at);
            }
        }

        private enum Kind {
            ERROR,
            HTML,
            DROP,
            WAIT
        }

        private record Counted(String method, Kind kind, int status, String code, String description, Duration time) {}
    }
}
