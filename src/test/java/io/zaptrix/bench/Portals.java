package io.zaptrix.bench;

import io.zaptrix.platform.TenantId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Many portals behind one socket, each at an address of its own. They answer as Bitrix24 does (the shapes of
 * {@code imconnector.send.messages} and of its errors, the leaky bucket of its limits) and write down what came when.
 */
public final class Portals extends QuickServer {

    private static final Pattern MESSAGE =
            Pattern.compile("\"chat\":\\{\"id\":\"([^\"]+)\"|\"message\":\\{[^{}]*\"id\":\"(wamid[^\"]+)\"");

    private final Map<String, Manners> manners = new ConcurrentHashMap<>();
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    /** When each message came, by wamid. */
    final Map<String, Long> arrivals = new ConcurrentHashMap<>();

    /** What came, in its order, by portal. */
    final Map<Integer, List<String>> order = new ConcurrentHashMap<>();

    final AtomicInteger messages = new AtomicInteger();
    final AtomicInteger repeated = new AtomicInteger();
    final AtomicInteger calls = new AtomicInteger();
    final AtomicInteger refusedByLimit = new AtomicInteger();

    Portals() throws IOException {}

    /**
     * How a portal behaves.
     *
     * @param delay before each answer
     * @param status 200, or that of every answer
     * @param perSecond how fast its bucket of 50 leaks; 0: no limit
     */
    record Manners(Duration delay, int status, double perSecond) {

        static final Manners GOOD = new Manners(Duration.ZERO, 200, 0);
    }

    public static String host(int portal) {
        return "127.1." + portal / 250 + "." + (1 + portal % 250);
    }

    private static int portalAt(String host) {
        String[] parts = host.split("\\.");
        return Integer.parseInt(parts[2]) * 250 + Integer.parseInt(parts[3]) - 1;
    }

    public static TenantId tenant(int portal) {
        return TenantId.ofMember("bench" + portal);
    }

    public static String number(int portal) {
        return String.valueOf(1_000_000 + portal);
    }

    void behaves(int portal, Manners how) {
        manners.put(host(portal), how);
    }

    void forget() {
        arrivals.clear();
        order.clear();
        messages.set(0);
        repeated.set(0);
        calls.set(0);
        refusedByLimit.set(0);
    }

    @Override
    protected Answer answer(String host, String path, String body) throws InterruptedException {
        Manners how = manners.getOrDefault(host, Manners.GOOD);
        if (!how.delay().isZero()) {
            Thread.sleep(how.delay());
        }
        if (how.status() != 200) {
            return new Answer(how.status(), "{\"error\":\"INTERNAL_SERVER_ERROR\",\"error_description\":\"bench\"}");
        }
        if (how.perSecond() > 0
                && !buckets.computeIfAbsent(host, h -> new Bucket()).take(how.perSecond())) {
            refusedByLimit.incrementAndGet();
            return new Answer(503, "{\"error\":\"QUERY_LIMIT_EXCEEDED\",\"error_description\":\"Too many requests\"}");
        }
        calls.incrementAndGet();
        if (path.endsWith("/imopenlines.config.list.get")) {
            return new Answer(
                    200,
                    "{\"result\":[{\"ID\":\"1\",\"LINE_NAME\":\"Sales\",\"ACTIVE\":\"Y\"}],\"total\":1,\"time\":{}}");
        }
        if (!path.endsWith("/imconnector.send.messages")) {
            return new Answer(200, "{\"result\":true,\"time\":{}}");
        }
        long now = System.nanoTime();
        List<String> wamids = new ArrayList<>();
        Matcher found = MESSAGE.matcher(body);
        while (found.find()) {
            if (found.group(2) != null) {
                wamids.add(found.group(2));
            }
        }
        List<String> here = order.computeIfAbsent(portalAt(host), p -> Collections.synchronizedList(new ArrayList<>()));
        StringBuilder results = new StringBuilder();
        for (String wamid : wamids) {
            if (arrivals.putIfAbsent(wamid, now) != null) {
                repeated.incrementAndGet();
            }
            here.add(wamid);
            results.append(results.isEmpty() ? "" : ",")
                    .append("{\"user\":\"7\",\"session\":{\"ID\":\"11\",\"CHAT_ID\":\"13\"},\"SUCCESS\":true}");
        }
        messages.addAndGet(wamids.size());
        return new Answer(200, "{\"result\":{\"SUCCESS\":true,\"DATA\":{\"RESULT\":[" + results + "]}},\"time\":{}}");
    }

    /** Bitrix24's: a burst of 50, leaking. */
    private static final class Bucket {

        private double level;
        private long at = System.nanoTime();

        synchronized boolean take(double perSecond) {
            long now = System.nanoTime();
            level = Math.max(0, level - (now - at) / 1e9 * perSecond);
            at = now;
            if (level + 1 > 50) {
                return false;
            }
            level++;
            return true;
        }
    }
}
