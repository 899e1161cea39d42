package io.zaptrix.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.bench.Load;
import io.zaptrix.bench.Portals;
import io.zaptrix.bench.QuickServer;
import io.zaptrix.bench.RawHttp;
import io.zaptrix.faults.RecordingPortals.Taken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Graph, which keeps every message that it is given for WhatsApp, repetitions too, and tells by webhooks what becomes
 * of each, with the {@code biz_opaque_callback_data} that it was given along, again and again until somebody answers.
 */
final class RecordingGraph extends QuickServer {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String SEND = "/messages";
    private static final Pattern NAMED = Pattern.compile("#(\\d+)");

    private final Map<String, Hold> holds = new ConcurrentHashMap<>();
    private final List<Taken> sent = new ArrayList<>();

    /** Where webhooks go; whoever of them answers. */
    private final Supplier<List<Integer>> ports;

    RecordingGraph(Supplier<List<Integer>> ports) throws IOException {
        this.ports = ports;
    }

    /** The next message of the portal's number is taken, and gets no answer until it is released. */
    Hold holdAnswer(int portal) {
        Hold hold = new Hold(SEND, true);
        holds.put(Portals.number(portal), hold);
        return hold;
    }

    /** All that was sent, by the agents' numbers of their messages. */
    synchronized List<Taken> sent() {
        return List.copyOf(sent);
    }

    @Override
    protected Answer answer(String host, String path, String body) throws InterruptedException {
        String[] parts = path.split("[/?]");
        if (!path.endsWith(SEND) || parts.length < 4) {
            return new Answer(200, "{\"success\":true}");
        }
        String number = parts[2];
        @Nullable Hold hold = holds.get(number);
        return hold == null || !holds.remove(number, hold)
                ? take(number, JSON.readTree(body))
                : hold.during(() -> take(number, JSON.readTree(body)));
    }

    private Answer take(String number, JsonNode message) {
        Matcher named = NAMED.matcher(message.path("text").path("body").asString(""));
        if (!named.find()) {
            return new Answer(200, "{\"success\":true}");
        }
        String to = message.path("to").asString();
        String wamid;
        synchronized (this) {
            sent.add(new Taken(Agents.name(Long.parseLong(named.group(1))), number + ":" + to, false));
            wamid = "wamid.out" + sent.size();
        }
        String opaque = message.path("biz_opaque_callback_data").asString("");
        Thread.ofVirtual()
                .start(() -> List.of("sent", "delivered").forEach(state -> tell(number, to, wamid, state, opaque)));
        return new Answer(200, """
                {"messaging_product":"whatsapp","contacts":[{"input":"%s","wa_id":"%s"}],"messages":[{"id":"%s"}]}""".formatted(to, to, wamid));
    }

    private void tell(String number, String to, String wamid, String state, String opaque) {
        byte[] webhook =
                Load.signed("""
                {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp",\
                "metadata":{"display_phone_number":"15550783881","phone_number_id":"%s"},"statuses":[{"id":"%s","status":"%s",\
                "timestamp":"%d","recipient_id":"%s","biz_opaque_callback_data":%s}]},"field":"messages"}]}]}""".formatted(number, wamid, state, Customers.now(), to, JSON.writeValueAsString(opaque))
                        .getBytes(UTF_8));
        long start = System.nanoTime();
        while (System.nanoTime() - start < Customers.GIVE_UP.toNanos()) {
            for (int port : ports.get()) {
                try (RawHttp http = new RawHttp(port, Customers.PATIENCE)) {
                    if (http.exchange(webhook) == 200) {
                        return;
                    }
                } catch (IOException none) {
                    // Meta does not mind: it comes again.
                }
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
