package io.zaptrix.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.StandInBitrix24;
import io.zaptrix.sandbox.StandInMeta;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.testing.AppProcess;
import io.zaptrix.testing.TestDatabase;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Meta, Bitrix24 with a portal, a database, and the application between them as one process or more. */
final class World implements AutoCloseable {

    static final String NUMBER = "106540352242922";
    static final String WABA = "419561257915477";
    static final String TOKEN = "EAAworld";

    /** How long after a message WhatsApp tells that it was sent, delivered, read. */
    static final Duration SENT = Duration.ofMillis(40);

    static final Duration DELIVERED = Duration.ofMillis(120);
    static final Duration READ = Duration.ofMillis(250);

    final StandInMeta meta;
    final StandInBitrix24 bitrix24;
    final StandInPortal portal;
    final FrontDoor door = new FrontDoor();
    final TestDatabase.Database database = TestDatabase.createWithSchema();
    final List<AppProcess> replicas = new ArrayList<>();
    private final List<String> arguments = new ArrayList<>();

    World() {
        meta = new StandInMeta(0)
                .app(TestSettings.META_APP_ID, TestSettings.META_APP_SECRET, TestSettings.META_VERIFY_TOKEN)
                .webhookUrl(URI.create(door.url() + "/webhooks/meta"))
                .addNumber(NUMBER, WABA, "+55 11 5555-0100", "Acme", TOKEN)
                .statusDelays(SENT, DELIVERED, READ)
                .redelivery(Duration.ofMillis(100), Duration.ofSeconds(1))
                .enforceWindow(false);
        bitrix24 = new StandInBitrix24(0)
                .app(TestSettings.BITRIX24_CLIENT_ID, TestSettings.BITRIX24_CLIENT_SECRET, URI.create(door.url()))
                .redelivery(Duration.ofMillis(100), Duration.ofSeconds(1));
        portal = bitrix24.addPortal("acme").language("br");
    }

    /** Something that replicas are started with from now on. */
    World argument(String argument) {
        arguments.add(argument);
        return this;
    }

    /** Starts another replica, and lets the front door lead to all. */
    AppProcess startReplica(String... more) {
        AppProcess.Builder builder = AppProcess.builder()
                .database(database)
                .env("ZAPTRIX_PUBLIC_URL", door.url())
                .env("ZAPTRIX_META_GRAPH_URL", meta.graphUrl().toString())
                .env("ZAPTRIX_BITRIX24_OAUTH_URL", bitrix24.oauthUrl().toString())
                .argument("--zaptrix.bitrix24.rate-per-second=20")
                .argument("--zaptrix.bitrix24.burst=200")
                .argument("--zaptrix.relay.lease=3s")
                .argument("--zaptrix.meta.status-patience=10s")
                .argument("--zaptrix.erase-every=1s");
        arguments.forEach(builder::argument);
        for (String argument : more) {
            builder.argument(argument);
        }
        AppProcess replica = builder.start();
        replicas.add(replica);
        lead();
        return replica;
    }

    void kill(AppProcess replica) {
        replica.kill9();
        replicas.remove(replica);
        lead();
    }

    private void lead() {
        door.to(replicas.stream().mapToInt(AppProcess::port).toArray());
    }

    /** An admin installs the app and links the number to a new line. */
    Browser installAndLink() {
        Browser admin = new Browser(door.url());
        HttpResponse<String> installed = admin.open("/bitrix24/install", portal.installPage(StandInPortal.ADMIN));
        assertThat(installed.statusCode()).as(installed.body()).isEqualTo(200);
        portal.finishInstall();
        link(admin, "new");
        assertThat(meta.isSubscribed(WABA)).isTrue();
        assertThat(portal.activeLines("zaptrix_whatsapp")).hasSize(1);
        return admin;
    }

    void link(Browser admin, String lineId) {
        HttpResponse<String> linked = admin.submit(
                "/admin/phone-numbers",
                Map.of(
                        "phoneNumberId", NUMBER,
                        "wabaId", WABA,
                        "accessToken", TOKEN,
                        "displayName", "Vendas",
                        "lineId", lineId));
        assertThat(linked.statusCode()).as(linked.body()).isEqualTo(303);
    }

    /** The chat of a customer in the portal. */
    StandInPortal.Chat chatOf(String waId) {
        return portal.chats().stream()
                .filter(chat -> chat.externalChatId().endsWith(waId))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no chat with " + waId));
    }

    /** What a customer wrote, as the agent sees it, in the order of arrival. */
    List<String> seenByAgent(String waId) {
        return portal.chats().stream()
                .filter(chat -> chat.externalChatId().endsWith(waId))
                .flatMap(chat -> portal.inbound(chat.id()).stream())
                .map(StandInPortal.ChatMessage::text)
                .toList();
    }

    /** What agents wrote, as the customer got it, without the agents' names. */
    List<String> seenByCustomer(String waId) {
        return meta.sendsTo(waId).stream()
                .map(send -> String.valueOf(send.text()))
                .map(text -> text.substring(text.indexOf('\n') + 1))
                .toList();
    }

    static void await(String what, Duration atMost, BooleanSupplier condition) {
        await(what, atMost, condition, () -> "");
    }

    static void await(String what, Duration atMost, BooleanSupplier condition, Supplier<String> state) {
        Instant end = Instant.now().plus(atMost);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("not in time: " + what + " " + state.get());
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    @Override
    public void close() throws IOException {
        replicas.forEach(AppProcess::close);
        meta.close();
        bitrix24.close();
        door.close();
    }
}
