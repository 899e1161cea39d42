package io.zaptrix.bench;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes every message that is sent to WhatsApp, at once, and writes down when; a message is known by its text. */
final class Graph extends QuickServer {

    private static final Pattern BODY = Pattern.compile("\"body\":\"([^\"]+)\"");

    final Map<String, Long> arrivals = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();

    Graph() throws IOException {}

    @Override
    protected Answer answer(String host, String path, String body) {
        Matcher text = BODY.matcher(body);
        if (text.find()) {
            arrivals.putIfAbsent(text.group(1).replaceAll(".*#", "#"), System.nanoTime());
        }
        return new Answer(200, """
                {"messaging_product":"whatsapp","contacts":[{"input":"1","wa_id":"1"}],\
                "messages":[{"id":"wamid.out%d"}]}""".formatted(ids.incrementAndGet()));
    }
}
