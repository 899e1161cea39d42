package io.zaptrix.faults;

import io.zaptrix.bench.Portals;
import io.zaptrix.bench.QuickServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Many portals behind one socket that keep every message they take, repetitions too, as Bitrix24 shows them; they know
 * their chats' history ({@code imopenlines.session.history.get}), and can be held in the middle of a call.
 */
final class RecordingPortals extends QuickServer {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String SEND = "imconnector.send.messages";

    /**
     * A message that a portal took.
     *
     * @param conversation the chat's external id, {@code number:customer}
     * @param marked it says of itself that it may be a repetition
     */
    record Taken(String wamid, String conversation, boolean marked) {}

    private final Map<String, Hold> holds = new ConcurrentHashMap<>();
    private final Set<String> down = ConcurrentHashMap.newKeySet();
    private final List<Taken> taken = new ArrayList<>();
    private final Map<String, Integer> chats = new HashMap<>();

    RecordingPortals() throws IOException {}

    /** The next call finds the portal taking its messages, and gets no answer until it is released. */
    Hold holdAnswer(int portal) {
        return hold(portal, new Hold(SEND, true));
    }

    /** The next call hangs before the portal has taken anything of it. */
    Hold holdCall(int portal) {
        return hold(portal, new Hold(SEND, false));
    }

    /** The next batch of questions hangs, as is asked for before a message that is about another can be sent. */
    Hold holdQuestions(int portal) {
        return hold(portal, new Hold("batch", false));
    }

    private Hold hold(int portal, Hold hold) {
        holds.put(Portals.host(portal), hold);
        return hold;
    }

    /** From now on the portal takes nothing, and says so. */
    void goDown(int portal) {
        down.add(Portals.host(portal));
    }

    void comeBack(int portal) {
        down.remove(Portals.host(portal));
    }

    synchronized List<Taken> taken() {
        return List.copyOf(taken);
    }

    @Override
    protected Answer answer(String host, String path, String body) throws InterruptedException {
        if (down.contains(host)) {
            return new Answer(503, "<html><body>503 Service Temporarily Unavailable</body></html>");
        }
        @Nullable Hold hold = holds.get(host);
        return hold == null || !path.endsWith("/" + hold.method) || !holds.remove(host, hold)
                ? answer(path, body)
                : hold.during(() -> answer(path, body));
    }

    private Answer answer(String path, String body) {
        if (path.endsWith("/imopenlines.session.history.get")) {
            return history(JSON.readTree(body).path("CHAT_ID").asInt(0));
        }
        return path.endsWith("/" + SEND) ? take(JSON.readTree(body)) : new Answer(200, "{\"result\":true,\"time\":{}}");
    }

    private synchronized Answer take(JsonNode call) {
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode results = answer.putObject("result")
                .put("SUCCESS", true)
                .putObject("DATA")
                .putArray("RESULT");
        for (JsonNode message : call.path("MESSAGES")) {
            String conversation = message.path("chat").path("id").asString();
            JsonNode content = message.path("message");
            taken.add(new Taken(
                    content.path("id").asString(),
                    conversation,
                    content.path("text").asString().startsWith("\u21bb")));
            ObjectNode result = results.addObject().put("user", "7").put("SUCCESS", true);
            result.putObject("session")
                    .put("ID", "11")
                    .put("CHAT_ID", String.valueOf(chats.computeIfAbsent(conversation, c -> 100 + chats.size())));
        }
        return new Answer(200, JSON.writeValueAsString(answer));
    }

    private synchronized Answer history(int chat) {
        ObjectNode answer = JSON.createObjectNode();
        ObjectNode messages = answer.putObject("result").putObject("message");
        int id = 0;
        for (Taken one : taken) {
            if (Integer.valueOf(chat).equals(chats.get(one.conversation()))) {
                messages.putObject(String.valueOf(++id))
                        .putObject("params")
                        .putArray("connectorMid")
                        .add(one.wamid());
            }
        }
        return new Answer(200, JSON.writeValueAsString(answer));
    }
}
