package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.platform.StartRefused;
import io.zaptrix.platform.ZaptrixProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The sandbox's people: one portal, one business number, a few customers. What they have said is kept in the data
 * directory, because the application's database remembers it too.
 */
final class SandboxWorld implements AutoCloseable {

    static final String PORTAL = "demo";
    static final String PHONE_NUMBER_ID = "106540352242922";
    static final String WABA_ID = "419561257915477";
    static final String DISPLAY_PHONE_NUMBER = "+55 11 5555-0100";
    static final String BUSINESS = "Padaria Sol";

    static final List<Customer> CUSTOMERS = List.of(
            new Customer("5511987650001", "Maria Oliveira"),
            new Customer("5521976540002", "João Lima"),
            new Customer("34612345678", "Lucía Gómez"),
            new Customer("79161234567", "Иван Петров"));

    /** What an agent may write to send the templates of the account. */
    static final List<String> COMMANDS = List.of(
            "/template welcome_back Maria",
            "/template order_update 1042 \"a caminho\"",
            "/template weekly_menu",
            "/template track_order 1042");

    private static final Logger log = LoggerFactory.getLogger(SandboxWorld.class);
    private static final Duration SAVE_AFTER = Duration.ofMillis(400);

    private final StandInMeta meta;
    private final StandInBitrix24 bitrix24;
    private final StandInPortal portal;
    private final String numberToken;
    private final Path file;
    private final AtomicBoolean dirty = new AtomicBoolean();
    private final ScheduledExecutorService saver = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("sandbox-saver").factory());

    SandboxWorld(SandboxProperties properties, ZaptrixProperties zaptrix) {
        Path dataDirectory = zaptrix.dataDir().toAbsolutePath();
        SandboxSecrets secrets = SandboxSecrets.in(dataDirectory);
        numberToken = secrets.metaNumberToken();
        file = dataDirectory.resolve("sandbox").resolve("state.json");
        meta = started("meta", properties.metaPort(), StandInMeta::new);
        try {
            bitrix24 = started("bitrix24", properties.bitrix24Port(), StandInBitrix24::new);
        } catch (StartRefused taken) {
            meta.close();
            throw taken;
        }
        meta.app(secrets.metaAppId(), secrets.metaAppSecret(), secrets.metaVerifyToken())
                .webhookUrl(URI.create(zaptrix.publicUrl() + "/webhooks/meta"))
                .addNumber(PHONE_NUMBER_ID, WABA_ID, DISPLAY_PHONE_NUMBER, BUSINESS, numberToken)
                .addTemplate(
                        WABA_ID, "welcome_back", "pt_BR", "APPROVED", "Olá {{1}}, podemos continuar nossa conversa?")
                .addTemplate(WABA_ID, "welcome_back", "en", "APPROVED", "Hello {{1}}, shall we go on with our chat?")
                .addTemplate(WABA_ID, "order_update", "pt_BR", "APPROVED", "Seu pedido {{1}} está {{2}}.")
                .addTemplate(WABA_ID, "weekly_menu", "pt_BR", "APPROVED", "MARKETING", components("""
                        [{"type":"HEADER","format":"DOCUMENT"},
                         {"type":"BODY","text":"O cardápio da semana chegou. Quer pedir?"},
                         {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Quero pedir"},
                          {"type":"QUICK_REPLY","text":"Hoje não"}]}]"""))
                .addTemplate(WABA_ID, "track_order", "pt_BR", "APPROVED", "UTILITY", components("""
                        [{"type":"BODY","text":"Seu pedido saiu para entrega."},
                         {"type":"BUTTONS","buttons":[{"type":"URL","text":"Acompanhar",
                          "url":"https://example.com/pedidos/{{1}}"}]}]"""))
                .statusDelays(Duration.ofMillis(300), Duration.ofMillis(900), Duration.ofMillis(2500));
        bitrix24.app(secrets.bitrix24ClientId(), secrets.bitrix24ClientSecret(), zaptrix.publicUrl());
        portal = bitrix24.addPortal(PORTAL);
        restore();
        meta.onChange(this::saveSoon);
        bitrix24.onChange(this::saveSoon);
    }

    StandInMeta meta() {
        return meta;
    }

    StandInBitrix24 bitrix24() {
        return bitrix24;
    }

    StandInPortal portal() {
        return portal;
    }

    /** What a person would copy from Meta's pages to link the number. */
    String numberToken() {
        return numberToken;
    }

    @Override
    public void close() {
        saver.shutdownNow();
        meta.close();
        bitrix24.close();
        save();
    }

    private static JsonNode components(String json) {
        return SandboxJson.MAPPER.readTree(json);
    }

    private static <S> S started(String name, int port, IntFunction<S> start) {
        try {
            return start.apply(port);
        } catch (UncheckedIOException taken) {
            throw new StartRefused(
                    "port " + port + " is taken, which the sandbox needs; set zaptrix.sandbox." + name
                            + "-port to another",
                    taken);
        }
    }

    private void restore() {
        if (!Files.exists(file)) {
            return;
        }
        try {
            JsonNode saved = SandboxJson.MAPPER.readTree(Files.readAllBytes(file));
            meta.restore(saved.path("meta"));
            bitrix24.restore(saved.path("bitrix24"));
        } catch (IOException | JacksonException e) {
            throw new StartRefused("the sandbox cannot read " + file + "; delete the data directory to start anew", e);
        }
    }

    private void saveSoon() {
        if (dirty.compareAndSet(false, true) && !saver.isShutdown()) {
            saver.schedule(this::save, SAVE_AFTER.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void save() {
        dirty.set(false);
        ObjectNode state = JsonNodeFactory.instance.objectNode();
        state.set("meta", meta.save());
        state.set("bitrix24", bitrix24.save());
        try {
            Path fresh = file.resolveSibling("state.json.new");
            SandboxSecrets.writePrivately(fresh, state.toString().getBytes(UTF_8));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.warn("The sandbox could not save its state: {}", e.toString());
        }
    }

    record Customer(String waId, String name) {}
}
