package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.bitrix24.PhpForm;
import io.zaptrix.sandbox.StandInBitrix24.Grant;
import io.zaptrix.sandbox.StandInPortal.Author;
import io.zaptrix.sandbox.StandInPortal.ChatMessage;
import io.zaptrix.sandbox.StandInPortal.ChatState;
import io.zaptrix.sandbox.StandInPortal.Handler;
import io.zaptrix.sandbox.StandInPortal.Mark;
import io.zaptrix.sandbox.StandInPortal.User;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The REST methods of a portal: what the documentation says they take and answer, with PHP's habits. */
final class PortalRestApi {

    private static final int LONGEST_BATCH = 50;
    private static final int LONGEST_HANDLER = 255;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final Set<String> EVENTS = Set.of(
            "ONIMCONNECTORMESSAGEADD",
            "ONIMCONNECTORMESSAGEUPDATE",
            "ONIMCONNECTORMESSAGEDELETE",
            "ONIMCONNECTORLINEDELETE",
            "ONIMCONNECTORSTATUSDELETE",
            "ONIMCONNECTORDIALOGSTART",
            "ONIMCONNECTORDIALOGFINISH",
            "ONAPPINSTALL",
            "ONAPPUNINSTALL",
            "ONAPPUPDATE",
            "ONAPPPAYMENT",
            "ONAPPMETHODCONFIRM",
            "ONUSERADD");

    private static final Map<String, Method> METHODS = Map.ofEntries(
            Map.entry("app.info", PortalRestApi::appInfo),
            Map.entry("profile", PortalRestApi::profile),
            Map.entry("user.current", PortalRestApi::profile),
            Map.entry("server.time", (api, params, grant) -> text(Instant.now())),
            Map.entry("scope", PortalRestApi::scope),
            Map.entry("method.get", PortalRestApi::methodGet),
            Map.entry("methods", PortalRestApi::methods),
            Map.entry("event.bind", PortalRestApi::eventBind),
            Map.entry("event.unbind", PortalRestApi::eventUnbind),
            Map.entry("event.get", PortalRestApi::eventGet),
            Map.entry("placement.bind", PortalRestApi::placementBind),
            Map.entry("placement.unbind", PortalRestApi::placementUnbind),
            Map.entry("placement.get", PortalRestApi::placementGet),
            Map.entry("imconnector.register", PortalRestApi::register),
            Map.entry("imconnector.unregister", PortalRestApi::unregister),
            Map.entry("imconnector.list", PortalRestApi::list),
            Map.entry("imconnector.status", PortalRestApi::status),
            Map.entry("imconnector.activate", PortalRestApi::activate),
            Map.entry("imconnector.connector.data.set", PortalRestApi::dataSet),
            Map.entry("imconnector.set.error", PortalRestApi::setError),
            Map.entry("imconnector.chat.name.set", PortalRestApi::chatNameSet),
            Map.entry("imconnector.send.messages", PortalRestApi::sendMessages),
            Map.entry("imconnector.update.messages", PortalRestApi::updateMessages),
            Map.entry("imconnector.delete.messages", PortalRestApi::deleteMessages),
            Map.entry("imconnector.send.status.delivery", (api, params, grant) -> api.sendStatus(params, "delivery")),
            Map.entry("imconnector.send.status.reading", (api, params, grant) -> api.sendStatus(params, "reading")),
            Map.entry("imopenlines.config.add", PortalRestApi::configAdd),
            Map.entry("imopenlines.config.get", PortalRestApi::configGet),
            Map.entry("imopenlines.config.list.get", PortalRestApi::configList),
            Map.entry("imopenlines.config.update", PortalRestApi::configUpdate),
            Map.entry("imopenlines.config.delete", PortalRestApi::configDelete),
            Map.entry("imopenlines.session.history.get", PortalRestApi::history),
            Map.entry("im.search.user.list", PortalRestApi::userSearch),
            Map.entry("im.user.get", PortalRestApi::userGet),
            Map.entry("im.message.add", PortalRestApi::messageAdd),
            Map.entry("im.notify.system.add", PortalRestApi::notifyAdd));

    private final StandInPortal portal;

    /** Customers' files by their addresses. */
    private final Map<String, StoredFile> fetched = new ConcurrentHashMap<>();

    PortalRestApi(StandInPortal portal) {
        this.portal = portal;
    }

    /** @throws RestFault as the portal answers */
    Answer call(String method, ObjectNode params, Grant grant) {
        if (method.equals("batch")) {
            return batch(params, grant);
        }
        JsonNode result = single(method, params, grant);
        int total = result.isArray() && method.equals("imopenlines.config.list.get") ? result.size() : -1;
        return new Answer(result, method, total, 0.05);
    }

    private JsonNode single(String method, ObjectNode params, Grant grant) {
        Method found = METHODS.get(method);
        if (found == null) {
            throw new RestFault(404, "ERROR_METHOD_NOT_FOUND", "Method not found!");
        }
        String needed = scopeOf(method);
        if (!needed.isEmpty() && !List.of(portal.scope().split(",")).contains(needed)) {
            throw new RestFault(
                    403,
                    "insufficient_scope",
                    "The request requires higher privileges than provided by the access token");
        }
        if (method.equals("imconnector.send.messages")) {
            // Before anything is looked at, so that a large file keeps nobody else waiting.
            fetched.putAll(portal.disk.fetch(params));
        }
        JsonNode result;
        synchronized (portal) {
            result = found.call(this, params, grant);
        }
        portal.server().changed();
        return result;
    }

    private static String scopeOf(String method) {
        for (String scope : List.of("imconnector", "imopenlines", "placement", "im")) {
            if (method.startsWith(scope + ".")) {
                return scope;
            }
        }
        return "";
    }

    // ---------------------------------------------------------------- batch

    private Answer batch(ObjectNode params, Grant grant) {
        boolean halt = yes(field(params, "halt"));
        JsonNode commands = field(params, "cmd");
        Map<String, JsonNode> results = new LinkedHashMap<>();
        Map<String, JsonNode> errors = new LinkedHashMap<>();
        Map<String, JsonNode> times = new LinkedHashMap<>();
        Map<String, Integer> shown = new LinkedHashMap<>();
        int number = 0;
        for (Map.Entry<String, JsonNode> command : entries(commands)) {
            String[] parts = command.getValue().asString("").split("\\?", 2);
            String method = parts[0].toLowerCase(Locale.ROOT);
            shown.merge(method, 1, Integer::sum);
            Instant start = Instant.now();
            try {
                if (++number > LONGEST_BATCH) {
                    throw new RestFault(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded");
                }
                if (method.equals("batch")) {
                    throw new RestFault(400, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage");
                }
                portal.faults().checkBlocked(method);
                ObjectNode inner = PhpForm.decode((parts.length > 1 ? parts[1] : "").getBytes(UTF_8));
                results.put(command.getKey(), single(method, inner, grant));
                times.put(command.getKey(), StandInBitrix24.time(start, 0.05));
            } catch (RestFault fault) {
                errors.put(
                        command.getKey(),
                        JSON.objectNode().put("error", fault.code()).put("error_description", fault.description()));
                if (halt) {
                    break;
                }
            }
        }
        ObjectNode result = JSON.objectNode();
        result.set("result", php(results));
        result.set("result_error", php(errors));
        result.set("result_total", JSON.arrayNode());
        result.set("result_next", JSON.arrayNode());
        result.set("result_time", php(times));
        return new Answer(result, "batch " + shown, -1, 0.1);
    }

    /** As PHP encodes an array: a list when its keys are 0, 1, 2 …, so that an empty one is a list too. */
    private static JsonNode php(Map<String, JsonNode> map) {
        int index = 0;
        boolean list = true;
        for (String key : map.keySet()) {
            list &= key.equals(Integer.toString(index++));
        }
        if (list) {
            ArrayNode array = JSON.arrayNode();
            map.values().forEach(array::add);
            return array;
        }
        ObjectNode object = JSON.objectNode();
        map.forEach(object::set);
        return object;
    }

    private static List<Map.Entry<String, JsonNode>> entries(@Nullable JsonNode commands) {
        List<Map.Entry<String, JsonNode>> entries = new ArrayList<>();
        if (commands != null && commands.isObject()) {
            entries.addAll(commands.properties());
        } else if (commands != null && commands.isArray()) {
            for (int i = 0; i < commands.size(); i++) {
                entries.add(Map.entry(Integer.toString(i), commands.get(i)));
            }
        }
        return entries;
    }

    // ---------------------------------------------------------------- common

    private JsonNode appInfo(ObjectNode params, Grant grant) {
        return JSON.objectNode()
                .put("ID", "1")
                .put("CODE", grant.clientId())
                .put("VERSION", "1")
                .put("STATUS", portal.status())
                .put("INSTALLED", true)
                .put("PAYMENT_EXPIRED", "N")
                .putNull("DAYS")
                .put("LANGUAGE_ID", portal.language())
                .put("LICENSE", portal.license())
                .put("LICENSE_TYPE", portal.license().replaceFirst("^[a-z]+_", ""))
                .put("LICENSE_FAMILY", portal.license().contains("_ent") ? "ent" : "std");
    }

    private JsonNode profile(ObjectNode params, Grant grant) {
        User user = portal.user(grant.userId());
        if (user == null || !user.active()) {
            return JSON.arrayNode();
        }
        return JSON.objectNode()
                .put("ID", user.id())
                .put("ADMIN", user.admin())
                .put("NAME", user.name())
                .put("LAST_NAME", user.lastName())
                .put("PERSONAL_GENDER", "")
                .put("TIME_ZONE", portal.timeZone());
    }

    private JsonNode userSearch(ObjectNode params, Grant grant) {
        String words = text(params, "FIND").toLowerCase(Locale.ROOT);
        if (words.length() < 2) {
            throw new RestFault(400, "FIND_SHORT", "Too short a search phrase.");
        }
        Map<String, JsonNode> found = new LinkedHashMap<>();
        portal.users().stream()
                .filter(user -> user.active()
                        && user.fullName().toLowerCase(Locale.ROOT).contains(words))
                .forEach(user -> found.put(user.id(), messengerUser(user)));
        return php(found);
    }

    private JsonNode userGet(ObjectNode params, Grant grant) {
        User user = portal.user(text(params, "ID"));
        if (user == null) {
            throw new RestFault(400, "USER_NOT_EXISTS", "User ID can't be found or doesn't exist");
        }
        return messengerUser(user);
    }

    private static JsonNode messengerUser(User user) {
        return JSON.objectNode()
                .put("id", Long.parseLong(user.id()))
                .put("active", user.active())
                .put("name", user.fullName())
                .put("first_name", user.name())
                .put("last_name", user.lastName())
                .put("work_position", user.admin() ? "Administrator" : "Sales")
                .put("extranet", false)
                .put("bot", false)
                .put("connector", false);
    }

    private JsonNode scope(ObjectNode params, Grant grant) {
        ArrayNode scopes = JSON.arrayNode();
        List.of(portal.scope().split(",")).forEach(scopes::add);
        return scopes;
    }

    private JsonNode methodGet(ObjectNode params, Grant grant) {
        String name = text(params, "name").toLowerCase(Locale.ROOT);
        boolean exists = METHODS.containsKey(name) || name.equals("batch");
        String needed = scopeOf(name);
        return JSON.objectNode()
                .put("isExisting", exists)
                .put(
                        "isAvailable",
                        exists && (needed.isEmpty() || portal.scope().contains(needed)));
    }

    private JsonNode methods(ObjectNode params, Grant grant) {
        ArrayNode names = JSON.arrayNode().add("batch");
        METHODS.keySet().stream().sorted().forEach(names::add);
        return names;
    }

    private JsonNode eventBind(ObjectNode params, Grant grant) {
        String event = text(params, "event").toUpperCase(Locale.ROOT);
        String url = text(params, "handler");
        if (event.isEmpty()) {
            throw RestFault.empty("EVENT");
        }
        if (url.isEmpty()) {
            throw RestFault.empty("HANDLER");
        }
        if (url.length() > LONGEST_HANDLER || !url.matches("(?i)https?://\\S+")) {
            throw new RestFault(400, "ERROR_CORE", "Unable to set event handler: Wrong handler URL");
        }
        boolean known = EVENTS.contains(event)
                && (!event.startsWith("ONIMCONNECTOR") || portal.scope().contains("imconnector"));
        if (!known) {
            throw new RestFault(400, "ERROR_EVENT_NOT_FOUND", "Event not found");
        }
        User user = portal.user(grant.userId());
        boolean admin = user != null && user.admin();
        String authType = text(params, "auth_type");
        if (!admin && !authType.isEmpty() && !authType.equals(grant.userId())) {
            throw new RestFault(
                    403,
                    "ACCESS_DENIED",
                    "Access denied! Event binding with AUTH_TYPE requires administrator access rights");
        }
        String as = !authType.isEmpty() ? authType : admin ? "0" : grant.userId();
        boolean bound = portal.handlers.stream()
                .anyMatch(handler -> handler.event().equals(event)
                        && handler.url().equals(url)
                        && handler.authType().equals(as));
        if (bound) {
            throw new RestFault(400, "ERROR_CORE", "Unable to set event handler: Handler already binded");
        }
        portal.handlers.add(new Handler(Long.toString(portal.server().nextId()), event, url, as));
        return JSON.booleanNode(true);
    }

    private JsonNode eventUnbind(ObjectNode params, Grant grant) {
        String event = text(params, "event").toUpperCase(Locale.ROOT);
        String url = text(params, "handler");
        if (event.isEmpty()) {
            throw RestFault.empty("EVENT");
        }
        int before = portal.handlers.size();
        portal.handlers.removeIf(handler ->
                handler.event().equals(event) && (url.isEmpty() || handler.url().equals(url)));
        return JSON.objectNode().put("count", before - portal.handlers.size());
    }

    private JsonNode eventGet(ObjectNode params, Grant grant) {
        User user = portal.user(grant.userId());
        boolean admin = user != null && user.admin();
        ArrayNode list = JSON.arrayNode();
        portal.handlers.stream()
                .filter(handler -> admin || handler.authType().equals(grant.userId()))
                .forEach(handler -> list.addObject()
                        .put("event", handler.event())
                        .put("handler", handler.url())
                        .put("auth_type", handler.authType())
                        .put("offline", 0));
        return list;
    }

    private JsonNode placementBind(ObjectNode params, Grant grant) {
        String placement = text(params, "PLACEMENT");
        String handler = text(params, "HANDLER");
        if (placement.isEmpty() || placement.equals("SETTING_CONNECTOR")) {
            throw new RestFault(400, "ERROR_PLACEMENT_NOT_FOUND", "Placement not found");
        }
        boolean bound = portal.placements.stream()
                .anyMatch(known -> known.path("placement").asString("").equals(placement)
                        && known.path("handler").asString("").equals(handler));
        if (bound) {
            throw new RestFault(400, "ERROR_CORE", "Unable to set placement handler: Handler already binded");
        }
        portal.placements.add(JSON.objectNode()
                .put("placement", placement)
                .put("handler", handler)
                .put("title", text(params, "TITLE")));
        return JSON.booleanNode(true);
    }

    private JsonNode placementUnbind(ObjectNode params, Grant grant) {
        String placement = text(params, "PLACEMENT");
        int before = portal.placements.size();
        portal.placements.removeIf(known -> known.path("placement").asString("").equals(placement));
        return JSON.objectNode().put("count", before - portal.placements.size());
    }

    private JsonNode placementGet(ObjectNode params, Grant grant) {
        ArrayNode list = JSON.arrayNode();
        portal.placements.forEach(list::add);
        return list;
    }

    // ---------------------------------------------------------------- connectors

    private JsonNode register(ObjectNode params, Grant grant) {
        String id = text(params, "ID").toLowerCase(Locale.ROOT);
        String missing = id.isEmpty()
                ? "CONNECTOR_ID_REQUIRED"
                : id.contains(".")
                        ? "APPLICATION_REGISTRATION_ERROR_POINT"
                        : text(params, "NAME").isEmpty()
                                ? "NAME_REQUIRED"
                                : text(field(params, "ICON"), "DATA_IMAGE").isEmpty()
                                        ? "ICON_REQUIRED"
                                        : text(params, "PLACEMENT_HANDLER").isEmpty() ? "NO_PLACEMENT_HANDLER" : null;
        if (missing != null) {
            return JSON.objectNode()
                    .put("result", false)
                    .put("error", missing)
                    .put("error_description", "Connector not registered: " + missing);
        }
        portal.connectors.put(id, params.deepCopy());
        return JSON.objectNode().put("result", true);
    }

    private JsonNode unregister(ObjectNode params, Grant grant) {
        String id = text(params, "ID").toLowerCase(Locale.ROOT);
        if (portal.connectors.remove(id) == null) {
            return JSON.objectNode()
                    .put("result", false)
                    .put("error", "APPLICATION_UNREGISTRATION_ERROR")
                    .put("error_description", "Error unregistering the application");
        }
        portal.activations.keySet().removeIf(key -> key.startsWith(id + "|"));
        return JSON.objectNode().put("result", true);
    }

    private JsonNode list(ObjectNode params, Grant grant) {
        ObjectNode list = JSON.objectNode().put("livechat", "Live Chat").put("network", "Bitrix24.Network");
        portal.connectors.forEach((id, connector) -> list.put(id, text(connector, "NAME")));
        return list;
    }

    private JsonNode status(ObjectNode params, Grant grant) {
        String connector = needed(params, "CONNECTOR");
        String line = text(params, "LINE");
        ObjectNode activation = portal.activations.get(StandInPortal.activationKey(connector, line));
        boolean active = activation != null && portal.connectors.containsKey(connector);
        boolean error = activation != null && activation.path("error").asBoolean(false);
        return JSON.objectNode()
                .put("LINE", number(line))
                .put("CONNECTOR", connector)
                .put("ERROR", error)
                .put("CONFIGURED", active)
                .put("STATUS", active && !error);
    }

    private JsonNode activate(ObjectNode params, Grant grant) {
        String connector = needed(params, "CONNECTOR");
        String line = needed(params, "LINE");
        JsonNode active = field(params, "ACTIVE");
        if (active == null || active.isNull()) {
            throw RestFault.empty("ACTIVE");
        }
        // PHP's empty(): "N" is not, and so switches on.
        String value = active.asString("");
        boolean on = !value.isEmpty() && !value.equals("0") && !value.equals("false");
        String key = StandInPortal.activationKey(connector, line);
        if (on) {
            portal.activations.computeIfAbsent(key, k -> JSON.objectNode());
            return JSON.booleanNode(portal.connectors.containsKey(connector) && portal.lines.containsKey(line));
        }
        if (portal.activations.remove(key) != null) {
            portal.send(
                    "ONIMCONNECTORSTATUSDELETE",
                    JSON.objectNode().put("connector", connector).put("line", number(line)),
                    grant.userId(),
                    "line|" + line);
        }
        return JSON.booleanNode(true);
    }

    private JsonNode dataSet(ObjectNode params, Grant grant) {
        String connector = needed(params, "CONNECTOR");
        String line = needed(params, "LINE");
        JsonNode data = field(params, "DATA");
        if (data == null || !data.isContainer() || data.isEmpty()) {
            throw RestFault.empty("DATA");
        }
        ObjectNode activation = portal.activations.get(StandInPortal.activationKey(connector, line));
        if (activation != null) {
            activation.set("data", data);
        }
        return JSON.booleanNode(true);
    }

    private JsonNode setError(ObjectNode params, Grant grant) {
        ObjectNode activation = portal.activations.get(
                StandInPortal.activationKey(needed(params, "CONNECTOR"), needed(params, "LINE")));
        if (activation != null) {
            activation.put("error", true);
        }
        return JSON.booleanNode(true);
    }

    private JsonNode chatNameSet(ObjectNode params, Grant grant) {
        needed(params, "CONNECTOR");
        String chat = needed(params, "CHAT_ID");
        portal.chats.values().stream()
                .filter(state -> state.externalChatId.equals(chat))
                .forEach(state -> state.name = text(params, "NAME"));
        return JSON.booleanNode(true);
    }

    // ---------------------------------------------------------------- messages from outside

    private JsonNode sendMessages(ObjectNode params, Grant grant) {
        String connector = needed(params, "CONNECTOR").toLowerCase(Locale.ROOT);
        String line = needed(params, "LINE");
        JsonNode messages = messages(params);
        for (JsonNode message : messages) {
            if (!message.isObject()) {
                throw RestFault.argument("The MESSAGES parameter must be an array of messages (arrays)");
            }
            if (field(message, "user") == null || field(message, "message") == null || field(message, "chat") == null) {
                throw RestFault.argument("The incorrect structure of a message inside MESSAGES parameter");
            }
        }
        requireConnected(connector, line);
        return success(messages, message -> arrive(connector, line, message));
    }

    private void requireConnected(String connector, String line) {
        if (!portal.connectors.containsKey(connector)) {
            throw new RestFault(
                    400, "IMCONNECTOR_NO_CORRECT_PROVIDER", "Failed to find a suitable provider for the connector");
        }
        ObjectNode config = portal.lines.get(line);
        if (config == null
                || !config.path("ACTIVE").asString("Y").equals("Y")
                || !portal.activations.containsKey(StandInPortal.activationKey(connector, line))) {
            throw new RestFault(400, "NOT_ACTIVE_LINE", "The line with this ID is inactive or does not exist");
        }
    }

    private ObjectNode success(JsonNode messages, java.util.function.Function<JsonNode, ObjectNode> each) {
        ObjectNode result = JSON.objectNode().put("SUCCESS", true);
        Map<String, JsonNode> results = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> message : entries(messages)) {
            results.put(message.getKey(), each.apply(message.getValue()));
        }
        result.putObject("DATA").set("RESULT", php(results));
        return result;
    }

    /** One message; it is not looked for whether the same has come before, and its date is checked and not used. */
    private ObjectNode arrive(String connector, String line, JsonNode node) {
        JsonNode user = orEmpty(field(node, "user"));
        JsonNode message = orEmpty(field(node, "message"));
        JsonNode chat = orEmpty(field(node, "chat"));
        String text = text(message, "text");
        JsonNode files = orEmpty(field(message, "files"));
        String externalId = text(message, "id");
        ObjectNode result = JSON.objectNode();
        String wrong = portal.faults().refusesThisMessage()
                ? "Message has not been saved"
                : text(user, "id").isEmpty()
                        ? "User ID is not specified"
                        : text(chat, "id").isEmpty()
                                ? "Chat ID is not specified"
                                : text.isEmpty() && files.isEmpty()
                                        ? "Message is empty"
                                        : !text(message, "date").matches("\\d*") ? "Wrong date" : null;
        ObjectNode echo = result.putObject("message").put("id", externalId);
        echo.putObject("date");
        echo.put("text", text);
        echo.putArray("files");
        result.putObject("chat").put("id", text(chat, "id"));
        result.putObject("extra");
        if (wrong != null) {
            result.put("SUCCESS", false).putArray("ERRORS").add(wrong);
            return result;
        }
        checkName(text(user, "name"));
        checkName(text(user, "last_name"));
        String userId = portal.externalUsers.computeIfAbsent(
                connector + "|" + text(user, "id"),
                key -> Long.toString(portal.server().nextId()));
        ChatState state = chat(connector, line, text(chat, "id"), text(user, "id"), userId, user);
        List<StoredFile> stored = new ArrayList<>();
        List<String> links = new ArrayList<>();
        files.forEach(file -> {
            StoredFile came = fetched.get(text(file, "url"));
            if (came != null) {
                stored.add(came);
                links.add(text(file, "url"));
            }
        });
        if (text.isEmpty() && stored.isEmpty()) {
            result.put("SUCCESS", false).putArray("ERRORS").add("Message has not been saved");
            return result;
        }
        List<String> names = stored.stream().map(StoredFile::name).toList();
        // What is written as a colleague's word goes out to the customer like any other.
        String colleague = text(message, "user_id");
        User author = colleague.isEmpty() ? null : portal.user(colleague);
        String messageId = Long.toString(portal.server().nextId());
        portal.disk.received(messageId, stored, links);
        state.add(new ChatMessage(
                messageId,
                author == null ? Author.CUSTOMER : Author.AGENT,
                author == null ? userId : colleague,
                author == null ? state.name : author.fullName(),
                text,
                names,
                List.of(externalId),
                Instant.now(),
                author == null ? Mark.NONE : Mark.SENDING));
        result.put("user", userId);
        result.put("SUCCESS", true);
        result.putObject("session").put("ID", state.sessionId).put("CHAT_ID", state.id);
        return result;
    }

    private void checkName(String name) {
        if (!name.matches("[\\p{L}\\p{M} '’-]{0,25}")) {
            portal.warn("a user's name has other characters than letters, spaces, hyphens and apostrophes, or more than"
                    + " 25");
        }
    }

    private ChatState chat(
            String connector, String line, String externalChat, String externalUser, String userId, JsonNode user) {
        String name = (text(user, "name") + " " + text(user, "last_name")).strip();
        for (ChatState state : portal.chats.values()) {
            if (state.connector.equals(connector)
                    && state.lineId.equals(line)
                    && state.externalChatId.equals(externalChat)
                    && state.userId.equals(userId)) {
                if (!name.isEmpty()) {
                    state.name = name;
                }
                portal.resume(state);
                return state;
            }
        }
        ChatState state = new ChatState(
                Long.toString(portal.server().nextId()),
                connector,
                line,
                externalChat,
                externalUser,
                userId,
                name.isEmpty() ? "Guest" : name,
                text(user, "phone"),
                Long.toString(portal.server().nextId()));
        portal.chats.put(state.id, state);
        portal.tellOfSession(state);
        return state;
    }

    private JsonNode updateMessages(ObjectNode params, Grant grant) {
        return changeMessages(params, false);
    }

    private JsonNode deleteMessages(ObjectNode params, Grant grant) {
        return changeMessages(params, true);
    }

    /**
     * Finds messages by the connector's id in the chat of that user. Says that it was done also where there is no such
     * message, as the server does: what its handlers come to is not looked at. Files of an update are not taken.
     */
    private JsonNode changeMessages(ObjectNode params, boolean delete) {
        String connector = needed(params, "CONNECTOR").toLowerCase(Locale.ROOT);
        String line = needed(params, "LINE");
        JsonNode messages = messages(params);
        requireConnected(connector, line);
        return success(messages, node -> {
            String externalId = text(field(node, "message"), "id");
            String externalChat = text(field(node, "chat"), "id");
            String user = text(field(node, "user"), "id");
            String text = text(field(node, "message"), "text");
            ObjectNode result = JSON.objectNode();
            String userId = portal.externalUsers.get(connector + "|" + user);
            for (ChatState state : portal.chats.values()) {
                if (!state.externalChatId.equals(externalChat)
                        || !state.connector.equals(connector)
                        || !state.lineId.equals(line)
                        || !state.userId.equals(userId)) {
                    continue;
                }
                for (ChatMessage message : List.copyOf(state.messages.values())) {
                    if (message.externalIds().contains(externalId)) {
                        if (delete) {
                            state.messages.remove(message.id());
                        } else {
                            state.messages.put(message.id(), message.edited(text));
                        }
                    }
                }
            }
            if (userId != null) {
                result.put("user", userId);
            }
            ObjectNode echo = result.putObject("message").put("id", externalId);
            if (!delete) {
                echo.put("text", text);
            }
            result.putObject("chat").put("id", externalChat);
            String wrong = user.isEmpty()
                    ? "User ID is not specified"
                    : externalChat.isEmpty() ? "Chat ID is not specified" : null;
            result.put("SUCCESS", wrong == null);
            if (wrong != null) {
                result.putArray("ERRORS").add(wrong);
            }
            return result;
        });
    }

    private JsonNode sendStatus(ObjectNode params, String kind) {
        String connector = needed(params, "CONNECTOR").toLowerCase(Locale.ROOT);
        needed(params, "LINE");
        JsonNode messages = messages(params);
        if (!portal.connectors.containsKey(connector)) {
            throw new RestFault(
                    400, "IMCONNECTOR_NO_CORRECT_PROVIDER", "Unable to find a suitable provider for the connector");
        }
        for (JsonNode node : messages) {
            String chatId = text(field(node, "im"), "chat_id");
            String messageId = text(field(node, "im"), "message_id");
            List<String> externalIds = new ArrayList<>();
            JsonNode ids = field(field(node, "message"), "id");
            if (ids != null && ids.isContainer()) {
                ids.forEach(id -> externalIds.add(id.asString("")));
            } else if (ids != null) {
                externalIds.add(ids.asString(""));
            }
            portal.told(new StandInPortal.StatusCall(kind, chatId, messageId, List.copyOf(externalIds), Instant.now()));
            ChatState state = portal.chats.get(chatId);
            ChatMessage message = state == null ? null : state.messages.get(messageId);
            if (state != null && message != null) {
                Mark mark = kind.equals("reading") || message.mark() == Mark.READ ? Mark.READ : Mark.DELIVERED;
                List<String> known = kind.equals("delivery") ? List.copyOf(externalIds) : message.externalIds();
                state.messages.put(messageId, message.marked(mark, known));
            }
        }
        ObjectNode result = JSON.objectNode().put("SUCCESS", true);
        result.set("DATA", JSON.arrayNode());
        return result;
    }

    private static JsonNode messages(ObjectNode params) {
        JsonNode messages = field(params, "MESSAGES");
        if (messages == null || messages.isNull() || messages.isContainer() && messages.isEmpty()) {
            throw RestFault.empty("MESSAGES");
        }
        if (!messages.isContainer()) {
            throw RestFault.argument("The value of an argument 'MESSAGES' must be of type array");
        }
        return messages;
    }

    // ---------------------------------------------------------------- open lines

    private JsonNode configAdd(ObjectNode params, Grant grant) {
        long id =
                portal.lines.keySet().stream().mapToLong(Long::parseLong).max().orElse(0) + 1;
        ObjectNode line =
                JSON.objectNode().put("LINE_NAME", "Open Channel " + id).put("ACTIVE", "Y");
        if (field(params, "PARAMS") instanceof ObjectNode given) {
            line.setAll(given);
        }
        portal.lines.put(Long.toString(id), line);
        return JSON.numberNode(id);
    }

    private JsonNode configGet(ObjectNode params, Grant grant) {
        String id = text(params, "CONFIG_ID");
        ObjectNode line = portal.lines.get(id);
        return line == null ? JSON.booleanNode(false) : shown(id, line);
    }

    private static ObjectNode shown(String id, ObjectNode line) {
        ObjectNode shown = JSON.objectNode().put("ID", id);
        line.properties().forEach(entry -> {
            if (entry.getValue().isValueNode()) {
                shown.put(entry.getKey(), entry.getValue().asString(""));
            }
        });
        return shown;
    }

    private JsonNode configList(ObjectNode params, Grant grant) {
        JsonNode given = orEmpty(field(params, "PARAMS"));
        for (Map.Entry<String, JsonNode> entry : given.properties()) {
            if (!Set.of("select", "filter", "order", "limit", "offset").contains(entry.getKey())) {
                throw new RestFault(400, "INVALID_FORMAT", "Unsupported PARAMS fields are passed: " + entry.getKey());
            }
        }
        JsonNode select = field(given, "select");
        if (select != null && !select.isContainer()) {
            throw new RestFault(400, "INVALID_FORMAT", "A wrong format for the PARAMS field 'select' is passed");
        }
        JsonNode filter = orEmpty(field(given, "filter"));
        int limit = Math.min(200, intOr(text(given, "limit"), 50));
        int offset = intOr(text(given, "offset"), 0);
        ArrayNode list = JSON.arrayNode();
        int index = 0;
        for (Map.Entry<String, ObjectNode> line : portal.lines.entrySet()) {
            ObjectNode all = shown(line.getKey(), line.getValue());
            boolean fits = filter.properties().stream()
                    .allMatch(wanted -> all.path(wanted.getKey())
                            .asString("")
                            .equals(wanted.getValue().asString("")));
            if (!fits) {
                continue;
            }
            if (index >= offset && list.size() < limit) {
                if (select == null || select.isEmpty()) {
                    list.add(all);
                } else {
                    ObjectNode selected = list.addObject();
                    select.forEach(name -> {
                        JsonNode value = all.get(name.asString(""));
                        if (value != null) {
                            selected.set(name.asString(""), value);
                        }
                    });
                }
            }
            index++;
        }
        return list;
    }

    private JsonNode configUpdate(ObjectNode params, Grant grant) {
        ObjectNode line = portal.lines.get(configId(params));
        if (line == null) {
            return JSON.booleanNode(false);
        }
        if (field(params, "PARAMS") instanceof ObjectNode given) {
            line.setAll(given);
        }
        return JSON.booleanNode(true);
    }

    private JsonNode configDelete(ObjectNode params, Grant grant) {
        String id = configId(params);
        User user = portal.user(grant.userId());
        if (user == null || !user.admin()) {
            throw new RestFault(403, "CONFIG_WRONG_USER_PERMISSION", "Permission denied");
        }
        if (!portal.lines.containsKey(id)) {
            return JSON.booleanNode(false);
        }
        portal.deleteLine(id);
        return JSON.booleanNode(true);
    }

    private static String configId(ObjectNode params) {
        String id = text(params, "CONFIG_ID");
        if (id.isEmpty()) {
            throw new RestFault(400, "CONFIG_ID_EMPTY", "Config ID can't be empty");
        }
        return id;
    }

    private JsonNode history(ObjectNode params, Grant grant) {
        String session = text(params, "SESSION_ID");
        String chatId = text(params, "CHAT_ID");
        if (session.isEmpty() && chatId.isEmpty()) {
            throw new RestFault(400, "MISSING_REQUIRED_PARAM", "Session ID or Chat ID must be provided");
        }
        ChatState state = portal.chats.values().stream()
                .filter(chat -> session.isEmpty() ? chat.id.equals(chatId) : chat.sessionId.equals(session))
                .findFirst()
                .orElseThrow(() -> session.isEmpty()
                        ? new RestFault(
                                400, "INVALID_SESSION_ID", "Unable to determine session ID from provided parameters")
                        : new RestFault(
                                400,
                                "ACCESS_DENIED",
                                "You cannot open this conversation as you do not have sufficient rights"));
        ObjectNode result = JSON.objectNode()
                .put("chatId", number(state.id))
                .put("canJoin", "Y")
                .put("sessionId", number(state.sessionId))
                .put("userId", "chat" + state.id);
        Map<String, JsonNode> messages = new LinkedHashMap<>();
        List<ChatMessage> newestFirst = new ArrayList<>(state.messages.values()).reversed();
        for (ChatMessage message : newestFirst) {
            ObjectNode node = JSON.objectNode()
                    .put("id", message.id())
                    .put("chatid", state.id)
                    .put("senderid", message.userId())
                    .put("recipientid", "chat" + state.id)
                    .put("date", timeText(message.at()))
                    .put("text", message.text())
                    .put("textlegacy", message.text());
            if (message.externalIds().isEmpty()) {
                node.putArray("params");
            } else {
                message.externalIds().forEach(node.putObject("params").putArray("connectorMid")::add);
            }
            messages.put(message.id(), node);
        }
        result.set("message", php(messages));
        ArrayNode order = result.putObject("usersMessage").putArray("chat" + state.id);
        messages.keySet().forEach(order::add);
        return result;
    }

    // ---------------------------------------------------------------- messages from inside

    private JsonNode messageAdd(ObjectNode params, Grant grant) {
        String dialog = text(params, "DIALOG_ID");
        String text = text(params, "MESSAGE");
        if (text.isEmpty()) {
            throw new RestFault(400, "MESSAGE_EMPTY", "Message can't be empty");
        }
        if (!dialog.matches("chat\\d+")) {
            throw new RestFault(400, "USER_ID_EMPTY", "User ID can't be empty");
        }
        ChatState state = portal.chats.get(dialog.substring(4));
        if (state == null) {
            throw new RestFault(400, "CHAT_ID", "Error creating message");
        }
        if (portal.faults().deniesSystemLines()) {
            throw new RestFault(400, "ACCESS_ERROR", "Action unavailable");
        }
        boolean member = !portal.faults().needsMembership()
                || state.messages.values().stream()
                        .anyMatch(message -> message.userId().equals(grant.userId()));
        boolean system = text(params, "SYSTEM").equals("Y") && member;
        User user = portal.user(grant.userId());
        String id = Long.toString(portal.server().nextId());
        boolean toCustomer = !system && !text(params, "SKIP_CONNECTOR").equals("Y");
        state.add(new ChatMessage(
                id,
                system ? Author.SYSTEM : Author.AGENT,
                system ? "0" : grant.userId(),
                user == null ? "" : user.fullName(),
                text,
                List.of(),
                List.of(),
                Instant.now(),
                toCustomer ? Mark.SENDING : Mark.NONE));
        if (toCustomer) {
            ObjectNode data =
                    JSON.objectNode().put("CONNECTOR", state.connector).put("LINE", number(state.lineId));
            ObjectNode node = data.putArray("MESSAGES").addObject();
            node.putObject("im").put("chat_id", number(state.id)).put("message_id", number(id));
            node.putObject("message").put("user_id", number(grant.userId())).put("text", text);
            node.putObject("chat").put("id", state.externalChatId);
            portal.send("ONIMCONNECTORMESSAGEADD", data, grant.userId(), "chat|" + state.id);
        }
        return JSON.numberNode(number(id));
    }

    private JsonNode notifyAdd(ObjectNode params, Grant grant) {
        String userId = text(params, "USER_ID");
        if (!userId.matches("[1-9]\\d*")) {
            throw new RestFault(400, "USER_ID_EMPTY", "User ID can't be empty");
        }
        String text = text(params, "MESSAGE").strip();
        if (text.isEmpty()) {
            throw new RestFault(400, "MESSAGE_EMPTY", "Message can't be empty");
        }
        if (portal.user(userId) == null) {
            return JSON.booleanNode(false);
        }
        String tag = text(params, "TAG");
        if (!tag.isEmpty()) {
            // A tag is there once: what had it before is gone.
            portal.notifications.removeIf(known -> known.tag().equals(tag));
        }
        portal.notifications.add(new StandInPortal.Notification(
                Long.toString(portal.server().nextId()), userId, text, tag, Instant.now()));
        return JSON.numberNode(number(portal.notifications.getLast().id()));
    }

    // ---------------------------------------------------------------- reading parameters

    private static String needed(ObjectNode params, String name) {
        String value = text(params, name);
        if (value.isEmpty() || value.equals("0")) {
            throw RestFault.empty(name);
        }
        return value;
    }

    private static @Nullable JsonNode field(@Nullable JsonNode object, String name) {
        if (object == null) {
            return null;
        }
        JsonNode exact = object.get(name);
        if (exact != null) {
            return exact;
        }
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                return entry.getValue();
            }
        }
        return null;
    }

    private static JsonNode orEmpty(@Nullable JsonNode node) {
        return node == null || !node.isContainer() ? JSON.objectNode() : node;
    }

    private static String text(@Nullable JsonNode object, String name) {
        JsonNode value = field(object, name);
        return value == null || !value.isValueNode() || value.isNull() ? "" : value.asString("");
    }

    private static boolean yes(@Nullable JsonNode node) {
        String value = node == null ? "" : node.asString("");
        return !value.isEmpty() && !value.equals("0") && !value.equals("false");
    }

    private static long number(String text) {
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
    }

    private static int intOr(String text, int other) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : other;
    }

    private static JsonNode text(Instant at) {
        return JSON.stringNode(timeText(at));
    }

    private static String timeText(Instant at) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                at.truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC));
    }

    private interface Method {
        JsonNode call(PortalRestApi api, ObjectNode params, Grant grant);
    }

    /**
     * What a call came to.
     *
     * @param shown the call in the log of passages
     * @param total the number of items for lists; below 0 for none
     */
    record Answer(JsonNode result, String shown, int total, double operating) {}
}
