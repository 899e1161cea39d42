package io.zaptrix.admin;

import io.zaptrix.bitrix24.Bitrix24Errors;
import io.zaptrix.bitrix24.Bitrix24Errors.Advice;
import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.channel.Channels;
import io.zaptrix.channel.LinkRefused;
import io.zaptrix.channel.NumberChecks;
import io.zaptrix.channel.NumberHealth;
import io.zaptrix.channel.NumberHealth.TokenState;
import io.zaptrix.channel.NumberHealths;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.meta.AppWebhook;
import io.zaptrix.meta.GraphException;
import io.zaptrix.operations.Audit;
import io.zaptrix.platform.ZaptrixProperties;
import io.zaptrix.portal.PortalConnection;
import io.zaptrix.portal.PortalUser;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Tests, piece by piece and live, what lies between a customer's WhatsApp and the portal's chat, and mends what can be
 * mended from here. Every test is by itself: one that hangs or fails says nothing of the others.
 */
@Component
class ConnectionCheck {

    private static final Logger log = LoggerFactory.getLogger(ConnectionCheck.class);

    /** A number to which nobody writes for so long is rare enough to be looked at. */
    private static final Duration QUIET = Duration.ofDays(3);

    /** In what the app's webhook has to carry, this is what no message comes without. */
    private static final String MESSAGES = "messages";

    /** No answer came, or none that says anything. */
    static final String SILENT = "silent";

    /** The other side does not want to. */
    static final String REFUSED = "refused";

    private final PortalConnection portal;
    private final Channels channels;
    private final NumberChecks numbers;
    private final NumberHealths healths;
    private final NumberDesk desk;
    private final NumberWords words;
    private final Audit audit;
    private final String webhookUrl;

    ConnectionCheck(
            PortalConnection portal,
            Channels channels,
            NumberChecks numbers,
            NumberHealths healths,
            NumberDesk desk,
            NumberWords words,
            Audit audit,
            ZaptrixProperties properties) {
        this.portal = portal;
        this.channels = channels;
        this.numbers = numbers;
        this.healths = healths;
        this.desk = desk;
        this.words = words;
        this.audit = audit;
        this.webhookUrl = properties.publicUrl() + "/webhooks/meta";
    }

    /** What is tested; {@code check.KIND} is its name in the messages. */
    enum Kind {
        /** The portal takes the app's token. */
        PORTAL(Side.BITRIX24, false),
        /** The portal knows the connector. */
        CONNECTOR(Side.BITRIX24, false),
        /** The portal sends its events here. */
        EVENTS(Side.BITRIX24, false),
        /** Meta sends its webhooks here. */
        WEBHOOK(Side.META, false),
        /** The number's open line is there, with the connector on. */
        LINE(Side.BITRIX24, true),
        /** Meta takes the number's token, and lets the number send. */
        NUMBER(Side.META, true),
        /** Meta sends the webhooks of the number's account to this app. */
        SUBSCRIPTION(Side.META, true),
        /** Webhooks about the number arrive. */
        TRAFFIC(Side.META, true);

        private final Side asked;
        private final boolean ofNumber;

        Kind(Side asked, boolean ofNumber) {
            this.asked = asked;
            this.ofNumber = ofNumber;
        }

        /** The sentence for a finding of this kind. */
        String key(String what) {
            return what.equals(SILENT) || what.equals(REFUSED)
                    ? "check." + what + "." + asked
                    : "check." + name() + "." + what;
        }

        static Optional<Kind> of(String path) {
            return Arrays.stream(values())
                    .filter(kind -> kind.path().equals(path))
                    .findFirst();
        }

        String path() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Who is asked. */
    enum Side {
        BITRIX24,
        META
    }

    /** A test. */
    record Test(Kind kind, @Nullable PhoneNumber number) {

        /** The number's, or a dash where it is about the portal. */
        String subject() {
            return number == null ? "-" : number.phoneNumberId();
        }
    }

    enum State {
        OK,
        WARN,
        BAD
    }

    /**
     * What a test came to.
     *
     * @param what a word; {@code check.KIND.what} is the sentence for it, and with {@code .next} what to do
     * @param detail what goes into the sentence; empty if nothing
     * @param advice the text that says what to do, where it is not that of {@code what}
     * @param said what the other side said, in its own words
     * @param repairable whether {@link #repair} may help
     */
    record Finding(
            State state,
            String what,
            String detail,
            @Nullable String advice,
            @Nullable String said,
            boolean repairable) {

        static final Finding OK = ok("");

        static Finding ok(String detail) {
            return new Finding(State.OK, "ok", detail, null, null, false);
        }

        static Finding warn(String what, String detail) {
            return new Finding(State.WARN, what, detail, null, null, false);
        }

        static Finding bad(String what, @Nullable String said, boolean repairable) {
            return new Finding(State.BAD, what, "", null, said, repairable);
        }

        Finding advised(String text) {
            return new Finding(state, what, detail, text, said, repairable);
        }
    }

    /** What findings of a kind are called, beside {@link #SILENT} and {@link #REFUSED}. */
    private static Set<String> words(Kind kind) {
        return switch (kind) {
            case PORTAL -> Set.of("ok");
            case CONNECTOR, EVENTS, SUBSCRIPTION -> Set.of("ok", "missing");
            case WEBHOOK -> Set.of("ok", "none", "elsewhere", "fields");
            case LINE -> Set.of("ok", "off", "line_off", "gone");
            case NUMBER -> Set.of("ok", "suspended", "state", "token", "other_app");
            case TRAFFIC -> Set.of("ok", "none", "quiet");
        };
    }

    /** The texts that all of it needs. */
    static Set<String> keys() {
        Set<String> keys = new TreeSet<>();
        for (Kind kind : Kind.values()) {
            keys.add("check." + kind);
            Set<String> words = new TreeSet<>(words(kind));
            words.add(SILENT);
            words.add(REFUSED);
            for (String word : words) {
                keys.add(kind.key(word));
                if (!word.equals("ok")) {
                    keys.add(kind.key(word) + ".next");
                }
            }
        }
        return keys;
    }

    /** What there is to be tested now. */
    List<Test> tests() {
        List<Test> tests = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            if (!kind.ofNumber) {
                tests.add(new Test(kind, null));
            }
        }
        Set<String> accounts = new TreeSet<>();
        for (PhoneNumber number : channels.list()) {
            for (Kind kind : Kind.values()) {
                if (kind.ofNumber && (kind != Kind.SUBSCRIPTION || accounts.add(number.wabaId()))) {
                    tests.add(new Test(kind, number));
                }
            }
        }
        return tests;
    }

    /** The test of that kind and subject; empty when there is none, whoever has it. */
    Optional<Test> find(String path, String subject) {
        Optional<Kind> kind = Kind.of(path);
        if (kind.isEmpty()) {
            return Optional.empty();
        }
        return kind.get().ofNumber
                ? channels.find(subject).map(number -> new Test(kind.get(), number))
                : Optional.of(new Test(kind.get(), null)).filter(test -> subject.equals("-"));
    }

    /** Tests now; takes as long as the other side does. */
    Finding run(Test test, Locale language) {
        try {
            PhoneNumber number = test.number();
            return number == null ? ofPortal(test.kind()) : ofNumber(test.kind(), number, language);
        } catch (Bitrix24Exception e) {
            Finding failed = failed(
                    switch (e.kind()) {
                        case RETRY, LIMIT -> true;
                        case REFRESH, REFUSE, SUSPEND -> false;
                    },
                    e.description().isEmpty() ? e.code() : e.description(),
                    test.kind() == Kind.CONNECTOR || test.kind() == Kind.EVENTS);
            Advice advice = Bitrix24Errors.advice(e.code());
            return failed.what().equals(SILENT) || advice == Advice.UNKNOWN
                    ? failed
                    : failed.advised("bitrix24." + advice);
        } catch (GraphException e) {
            return failed(
                    switch (e.kind()) {
                        case RETRY, LIMIT, UNCERTAIN -> true;
                        case REFUSE, SUSPEND -> false;
                    },
                    e.details() == null ? e.title() : e.details(),
                    test.kind() == Kind.SUBSCRIPTION);
        }
    }

    private static Finding failed(boolean silent, @Nullable String said, boolean repairable) {
        return silent ? Finding.bad(SILENT, null, false) : Finding.bad(REFUSED, said, repairable);
    }

    private Finding ofPortal(Kind kind) {
        return switch (kind) {
            case PORTAL -> {
                String name = portal.actsAs();
                yield Finding.ok(name.isEmpty() ? "\u2014" : name);
            }
            case CONNECTOR -> portal.isConnectorRegistered() ? Finding.OK : Finding.bad("missing", null, true);
            case EVENTS -> {
                Set<String> missing = portal.missingEvents();
                yield missing.isEmpty() ? Finding.OK : Finding.bad("missing", String.join(", ", missing), true);
            }
            case WEBHOOK -> webhook();
            case LINE, NUMBER, SUBSCRIPTION, TRAFFIC -> throw new IllegalArgumentException(kind.name());
        };
    }

    private Finding webhook() {
        Optional<AppWebhook> webhook = numbers.appWebhook();
        if (webhook.isEmpty() || !webhook.get().active()) {
            return Finding.bad("none", null, false);
        }
        if (!webhook.get().callbackUrl().equals(webhookUrl)) {
            return Finding.bad("elsewhere", null, false);
        }
        return webhook.get().fields().contains(MESSAGES) ? Finding.OK : Finding.bad("fields", null, false);
    }

    private Finding ofNumber(Kind kind, PhoneNumber number, Locale language) {
        return switch (kind) {
            case LINE ->
                switch (numbers.line(number.lineId())) {
                    case CONNECTED -> Finding.OK;
                    case CONNECTOR_OFF -> Finding.bad("off", null, true);
                    case LINE_OFF -> Finding.warn("line_off", "");
                    case GONE -> Finding.bad("gone", null, false);
                };
            case NUMBER -> number(number, healths.refresh(number.phoneNumberId()));
            case SUBSCRIPTION ->
                numbers.isSubscribed(number.phoneNumberId()) ? Finding.OK : Finding.bad("missing", null, true);
            case TRAFFIC -> traffic(number, language);
            case PORTAL, CONNECTOR, EVENTS, WEBHOOK -> throw new IllegalArgumentException(kind.name());
        };
    }

    private static Finding number(PhoneNumber number, NumberHealth health) {
        String problem = health.problem();
        if (health.token() == TokenState.REFUSED) {
            return Finding.bad("token", problem, false);
        }
        if (NumberHealth.UNREACHABLE.equals(problem)) {
            return Finding.bad(SILENT, null, false);
        }
        if (problem != null) {
            return Finding.bad(REFUSED, problem, true);
        }
        if (health.token() == TokenState.OTHER_APP) {
            return Finding.bad("other_app", null, false);
        }
        if (health.status() != null && !health.status().equals("CONNECTED")) {
            return Finding.bad("state", health.status(), false);
        }
        if (number.status() == PhoneNumber.Status.SUSPENDED) {
            return Finding.bad("suspended", null, true);
        }
        return Finding.OK;
    }

    private Finding traffic(PhoneNumber number, Locale language) {
        NumberHealth health = healths.all().get(number.phoneNumberId());
        Instant last = health == null ? null : health.lastWebhookAt();
        if (last == null) {
            return Finding.warn("none", "");
        }
        boolean quiet = last.isBefore(Instant.now().minus(QUIET));
        String ago = words.ago(last, language);
        return quiet ? Finding.warn("quiet", ago) : Finding.ok(ago);
    }

    /**
     * Does what may help. Whether it has is seen by testing again.
     *
     * @return what the other side said against it; empty when it did it
     */
    Optional<String> repair(PortalUser user, Test test) {
        String failure = null;
        try {
            repair(user, test.kind(), test.number());
        } catch (Bitrix24Exception e) {
            failure = e.description().isEmpty() ? e.code() : e.description();
        } catch (GraphException e) {
            failure = e.details() != null ? e.details() : String.valueOf(e.title());
        } catch (LinkRefused e) {
            failure = e.detail() == null ? e.reason().name() : e.detail();
        }
        if (failure != null) {
            log.info("not mended: {}", test.kind());
        }
        audit.record(
                user.userId(),
                "connection.repaired",
                test.subject(),
                Map.of(
                        "number",
                        test.number() == null ? "" : test.number().displayPhoneNumber(),
                        "check",
                        test.kind().path(),
                        "done",
                        failure == null));
        return Optional.ofNullable(failure);
    }

    private void repair(PortalUser user, Kind kind, @Nullable PhoneNumber number) {
        switch (kind) {
            case CONNECTOR, EVENTS -> portal.register();
            case LINE -> numbers.activate(of(number).phoneNumberId());
            case NUMBER -> desk.reconnect(user, of(number));
            case SUBSCRIPTION -> numbers.subscribe(of(number).phoneNumberId());
            case PORTAL, WEBHOOK, TRAFFIC -> throw new NoSuchElementException(kind.name());
        }
    }

    private static PhoneNumber of(@Nullable PhoneNumber number) {
        if (number == null) {
            throw new NoSuchElementException("a number");
        }
        return number;
    }
}
