package io.zaptrix.admin;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.LoadState;
import com.microsoft.playwright.options.ViewportSize;
import com.microsoft.playwright.options.WaitUntilState;
import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.testing.Chromium;
import io.zaptrix.testing.TestSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The pages in a real browser, framed by a portal: what an admin sees and clicks, wide and narrow, by day and by night.
 * {@code ZAPTRIX_SCREENSHOTS=1} leaves pictures in {@code target/screenshots}. Skipped where there is no Chromium,
 * unless {@code ZAPTRIX_REQUIRE_BROWSER=1} says that there must be one.
 */
@Order(1)
class PagesBrowserTest {

    private static final boolean PICTURES = "1".equals(System.getenv("ZAPTRIX_SCREENSHOTS"));

    /** What a page may weigh when it is opened first, with all that it needs. */
    private static final int HEAVIEST = 100 * 1024;

    /** The narrowest window that pages must fit into. */
    private static final int NARROW = 360;

    /** Every page that a link opens; a new one is one line here. The portal has a number, and one message came. */
    private static final List<String> PAGES = List.of(
            "/admin/start",
            "/admin/phone-numbers",
            "/admin/phone-numbers/{number}/settings",
            "/admin/phone-numbers/{number}/unlink",
            "/admin/phone-numbers/{number}/move",
            "/admin/phone-numbers/account",
            "/admin/phone-numbers/sign-up",
            "/admin/phone-numbers/news",
            "/admin/check",
            "/admin/connector/1",
            "/admin/overview",
            "/admin/overview/prices",
            "/admin/messages",
            "/admin/messages/undelivered",
            "/admin/people",
            "/admin/people/audit",
            "/admin/privacy",
            "/admin/api-keys",
            "/admin/help",
            "/admin/nothing",
            "/privacy",
            "/terms");

    /** Stands in for Bitrix24's library, and says what is asked of it. */
    private static final String BX24 = """
            window.BX24 = {
              init(ready) { console.log("BX24 init"); setTimeout(ready, 0); },
              installFinish() { console.log("BX24 installFinish"); },
              fitWindow() { console.log("BX24 fitWindow"); },
              closeApplication() { console.log("BX24 closeApplication"); }
            };""";

    /**
     * Notes what moves by itself once something is to be seen. What is noted before the first paint has never been
     * seen: in a frame, unlike in a window, Chromium reckons where things are also while the style is still on its way,
     * and shows none of it. Nor does it count what nobody notices: a word beside what has been read a moment later.
     */
    private static final String JUMPS = """
            window.jumped = [];
            window.painted = new Promise((done) => new PerformanceObserver((list) => {
              done(list.getEntries()[0].startTime);
            }).observe({ type: "paint", buffered: true }));
            new PerformanceObserver(async (list) => {
              const shown = await window.painted;
              for (const shift of list.getEntries()) {
                if (shift.hadRecentInput || shift.startTime <= shown || shift.value < 0.001) {
                  continue;
                }
                for (const source of shift.sources) {
                  window.jumped.push([shift.value, JSON.stringify(source.previousRect),
                    JSON.stringify(source.currentRect), (source.node?.outerHTML ?? "").slice(0, 200)].join(" "));
                }
              }
            }).observe({ type: "layout-shift", buffered: true });""";

    private static @Nullable Stage staged;
    private static @Nullable Chromium browser;
    private static final Set<String> AUDITED = ConcurrentHashMap.newKeySet();
    private static String axe = "";

    private final List<String> library = new CopyOnWriteArrayList<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private @Nullable BrowserContext context;
    private String suffix = "";

    @BeforeAll
    static void start() throws IOException {
        browser = Chromium.start().orElse(null);
        assumeTrue(browser != null, "skipped: no Chromium is installed");
        axe = Chromium.axe();
        PlaywrightAssertions.setDefaultAssertionTimeout(15_000);
        staged = new Stage();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (staged != null) {
            staged.close();
        }
    }

    @AfterEach
    void leave() {
        if (context != null) {
            context.close();
        }
        assertThat(complaints).as("what the browser complained about").isEmpty();
    }

    private static Stage stage() {
        return Objects.requireNonNull(staged);
    }

    private Page page(int width, int height, boolean dark, String locale) {
        suffix = "-" + locale + "-" + width + (dark ? "-dark" : "-light");
        context = Objects.requireNonNull(browser)
                .browser()
                .newContext(new Browser.NewContextOptions()
                        .setViewportSize(width, height)
                        .setColorScheme(dark ? ColorScheme.DARK : ColorScheme.LIGHT)
                        .setLocale(locale));
        context.setDefaultTimeout(15_000);
        context.addInitScript(JUMPS);
        context.addInitScript(axe);
        context.route(
                "https://api.bitrix24.com/**",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("text/javascript")
                        .setBody(BX24)));
        context.onConsoleMessage(message -> {
            if (message.text().startsWith("BX24 ")) {
                library.add(message.text().substring(5));
            } else if (message.type().equals("error")
                    && !message.text().contains("the server responded with a status")) {
                complaints.add(message.text());
            }
        });
        context.onWebError(error -> complaints.add(error.error()));
        return context.newPage();
    }

    /** Opens a page of the portal that frames one of the app's, and waits until that is there. */
    private static Frame framed(Page page, String url) {
        page.navigate(url);
        Frame frame = Objects.requireNonNull(page.frame("app"));
        frame.waitForURL(stage().app.url() + "/**");
        frame.waitForLoadState(LoadState.LOAD);
        return frame;
    }

    /** What the other stories of frames rest on. */
    @Test
    void aFrameOfAnotherSiteKeepsNoCookieButItsOwn() {
        StandInPortal portal = stage().portal("en");
        Page page = page(1280, 800, false, "en");

        Frame app = framed(page, portal.url() + "install");

        Object kept = app.evaluate("() => { document.cookie = 'everywhere=1; SameSite=None; Secure';"
                + " document.cookie = 'here=1; SameSite=None; Secure; Partitioned'; return document.cookie; }");
        assertThat(String.valueOf(kept)).contains("here=1").doesNotContain("everywhere=1");
    }

    /** From the first minute to the last, and back again; in every language. */
    @ParameterizedTest
    @CsvSource({
        "br, pt-BR, 1280, 800, false",
        "ru, ru, 360, 740, true",
        "en, en, 360, 740, false",
        "la, es, 1280, 800, true"
    })
    void anAdminInstallsTriesMendsDisconnectsUninstallsAndComesBack(
            String language, String locale, int width, int height, boolean dark) throws Exception {
        StandInPortal portal = stage().portal(language);
        Stage.Number number = stage().number();
        Page page = page(width, height, dark, locale);

        Frame app = framed(page, portal.url() + "install");
        assertThat(app.locator("h1")).hasText(Words.say(language, "installed.title"));
        page.waitForCondition(() -> library.contains("installFinish"));
        look(page, app, "1-installed");
        portal.finishInstall();

        // The portal shows the app then, which begins with the guide.
        app = framed(page, portal.url() + "app");
        assertThat(app.locator("h1")).hasText(Words.say(language, "guide.title"));
        assertThat(app.locator(".progress li[aria-current]")).containsText(Words.say(language, "guide.step.NUMBER"));
        page.waitForCondition(() -> library.contains("fitWindow"));
        assertThat(library.stream().filter("installFinish"::equals)).hasSize(1);
        look(page, app, "2-guide");
        app.locator("#number a.button").click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "numbers.title"));
        look(page, app, "2-no-number-yet");

        // Wrong at first: what is wrong is said, the field is marked, and all but the token is kept.
        fill(app, number.form("accessToken", "EAAwrong"));
        app.locator("#displayName").press("Enter");
        assertThat(app.locator("[role=alert]")).containsText(Words.say(language, "link.TOKEN_REFUSED"));
        assertThat(app.locator("[aria-invalid=true]")).hasId("accessToken");
        assertThat(app.locator("#phoneNumberId")).hasValue(number.id());
        assertThat(app.locator("#accessToken")).hasValue("");
        assertThat(app.locator("[role=alert]")).isInViewport();
        look(page, app, "3-token-refused");

        // Then right, and clicked twice.
        fill(app, number.form());
        stage().meta.faults().slow(Duration.ofMillis(300));
        Locator submit = app.locator("#link button[type=submit]");
        // Looked at in the same breath, as the driver waits for the next page before it looks again.
        Object busy = submit.evaluate("button => { button.form.requestSubmit(); button.form.requestSubmit();"
                + " return button.disabled + ' ' + button.textContent; }");
        assertThat(busy).isEqualTo("true " + Words.say(language, "link.busy"));
        assertThat(app.locator("[role=status]")).containsText(Words.say(language, "numbers.linked", number.display()));
        stage().meta.faults().slow(Duration.ZERO);
        assertThat(app.locator("[role=status]")).isInViewport();
        assertThat(portal.activeLines(Stage.CONNECTOR)).hasSize(1);
        assertThat(portal.lineIds()).hasSize(2);
        look(page, app, "4-linked");

        // The guide goes on by itself, and sees the message come.
        app = framed(page, portal.url() + "app");
        assertThat(app.locator(".progress li.done")).hasCount(2);
        assertThat(app.locator(".waiting")).hasText(Words.say(language, "guide.message.waiting"));
        look(page, app, "5-waiting");
        stage().meta.customerWrites(number.id(), "5511987654321", "Ana", "Oi");
        assertThat(app.locator("#arrival .alert.ok a")).hasText(Words.say(language, "guide.message.chat"));
        look(page, app, "6-arrived");
        app.locator("#arrival a.button").last().click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "guide.finished"));
        assertThat(app.locator("#arrival")).isVisible();
        app.locator(".sections a[href='/admin/messages']").click();
        assertThat(app.locator(".log li")).hasCount(1);
        app.locator(".log li a").click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "life.title"));
        assertThat(app.locator("main")).not().containsText("5511987654321");

        // Another portal tries the same number.
        StandInPortal other = stage().portal(language);
        stage().installed(other);
        app = framed(page, other.url() + "app");
        app.navigate(stage().app.url() + Stage.NUMBERS);
        fill(app, number.form());
        app.locator("#link button[type=submit]").click();
        assertThat(app.locator("[role=alert]")).containsText(Words.say(language, "link.TAKEN"));
        look(page, app, "7-taken");

        // A number that needs its admin, in the settings of its line.
        String line = portal.activeLines(Stage.CONNECTOR).iterator().next();
        portal.disconnect(Stage.CONNECTOR, line);
        assertThat(stage().bitrix24.awaitIdle(Duration.ofSeconds(10))).isTrue();
        Frame settings = framed(page, portal.url() + "connector/" + line);
        for (int i = 0; i < 50 && settings.locator(".pill.bad").count() == 0; i++) {
            page.waitForTimeout(100);
            settings = framed(page, portal.url() + "connector/" + line);
        }
        assertThat(settings.locator(".pill.bad")).hasText(Words.say(language, "numbers.state.suspended"));
        assertThat(settings.locator(".number-cards form[action$=reconnect] button"))
                .hasText(Words.say(language, "numbers.reconnect"));
        look(page, settings, "8-needs-attention");
        settings.navigate(stage().app.url() + Stage.NUMBERS);
        assertThat(settings.locator(".number-cards .pill.bad")).hasText(Words.say(language, "numbers.state.suspended"));
        look(page, settings, "8-numbers-need-attention");
        settings = framed(page, portal.url() + "connector/" + line);
        settings.locator("[data-close]").click();
        page.waitForCondition(() -> library.contains("closeApplication"));

        // Mended by a click, where it is found.
        settings.navigate(stage().app.url() + "/admin/check");
        assertThat(settings.locator(".test.wait")).hasCount(0);
        for (int bad = settings.locator(".test.bad").count(); bad > 0; bad--) {
            settings.locator(".test.bad button").first().click();
            assertThat(settings.locator(".test.bad")).hasCount(bad - 1);
        }
        assertThat(portal.activeLines(Stage.CONNECTOR)).containsExactly(line);

        settings = framed(page, portal.url() + "connector/" + line);
        assertThat(settings.locator(".pill.bad")).hasCount(0);
        settings.locator(".number-cards a[href*=unlink]").click();
        assertThat(settings.locator("h1")).hasText(Words.say(language, "unlink.title"));
        look(page, settings, "9-unlink");
        settings.locator("button.danger").click();
        assertThat(settings.locator("[role=status]")).containsText(Words.say(language, "numbers.unlinked"));

        // Uninstalled, and what was open leads nowhere.
        portal.uninstall(true);
        assertThat(stage().bitrix24.awaitIdle(Duration.ofSeconds(20))).isTrue();
        app = framed(page, portal.url() + "app");
        assertThat(app.locator(".lead")).hasText(Words.say(language, "refused.NOT_INSTALLED"));

        // Who comes back begins anew, with the same number; who is no admin is told who can.
        library.clear();
        app = framed(page, portal.url() + "install");
        assertThat(app.locator("h1")).hasText(Words.say(language, "installed.title"));
        page.waitForCondition(() -> library.contains("installFinish"));
        portal.finishInstall();
        app = framed(page, portal.url() + "app");
        app.locator("#number a.button").click();
        fill(app, number.form());
        app.locator("#link button[type=submit]").click();
        assertThat(app.locator("[role=status]")).containsText(Words.say(language, "numbers.linked", number.display()));
        app = framed(page, portal.url() + "app/" + StandInPortal.AGENT);
        assertThat(app.locator("html")).hasAttribute("lang", locale);
        assertThat(app.locator(".lead")).hasText(Words.say(language, "refused.NOT_ADMIN"));
        assertThat(app.locator("main")).containsText(Words.say(language, "refused.NOT_ADMIN.next"));
        look(page, app, "g-not-admin");
    }

    /** With the keyboard alone, and without leaving the page. */
    @Test
    void languageAndLookAreSwitchedWhereOneIs() throws IOException {
        StandInPortal portal = stage().portal("br");
        stage().installed(portal);
        Page page = page(360, 740, false, "pt-BR");
        Frame app = framed(page, portal.url() + "connector/1");
        Object light = app.evaluate("getComputedStyle(document.body).backgroundColor");

        app.locator(".menu summary").nth(1).press("Enter");
        look(page, app, "s-look");
        app.locator(".looks a").last().press("Enter");
        assertThat(app.locator("html")).hasAttribute("data-theme", "dark");
        assertThat(app.evaluate("getComputedStyle(document.body).backgroundColor"))
                .isNotEqualTo(light);
        // Escape is the script's doing, which comes after the page.
        app.waitForLoadState(LoadState.DOMCONTENTLOADED);
        app.locator(".menu summary").first().press("Enter");
        app.locator(".menu summary").first().press("Escape");
        assertThat(app.locator(".languages")).isHidden();
        app.locator(".menu summary").first().press("Enter");
        app.locator(".languages a[lang=es]").press("Enter");
        assertThat(app.locator("h1")).hasText(Words.say("la", "connector.line", "Open Channel"));
        assertThat(app.locator("html")).hasAttribute("data-theme", "dark");
        assertThat(app.url()).startsWith(stage().app.url() + "/admin/connector/1");
    }

    /** What must hold of every page: words, width, weight, accessibility, and nothing that jumps. */
    @ParameterizedTest
    @CsvSource({
        "br, pt-BR, 1280, 800, true",
        "ru, ru, 360, 740, false",
        "en, en, 360, 740, true",
        "la, es, 1280, 800, false"
    })
    void everyPageIsFitToBeUsed(String language, String locale, int width, int height, boolean dark) throws Exception {
        StandInPortal portal = stage().portal(language);
        Stage.Number number = stage().number();
        stage().installed(portal).submit(Stage.NUMBERS, number.form());
        stage().meta.customerWrites(number.id(), "5511987654321", "Ana", "Oi");
        Page page = page(width, height, dark, locale);
        Frame app = framed(page, portal.url() + "app");
        for (String path : PAGES) {
            app.navigate(stage().app.url() + path.replace("{number}", number.id()));
            Map<?, ?> seen = (Map<?, ?>) Objects.requireNonNull(app.evaluate("""
                    () => ({
                      language: document.documentElement.lang,
                      weight: performance.getEntriesByType("resource")
                        .filter((one) => one.name.startsWith(location.origin))
                        .reduce((sum, one) => sum + one.encodedBodySize,
                          performance.getEntriesByType("navigation")[0].encodedBodySize)
                    })"""));
            assertThat(seen.get("language")).as("language of %s", path).isEqualTo(locale);
            assertThat(((Number) Objects.requireNonNull(seen.get("weight"))).intValue())
                    .as("weight of %s", path)
                    .isLessThan(HEAVIEST);
            look(page, app, "t" + path.replace("{number}", "number"));
            if (width > NARROW) {
                fitsTheNarrow(page, app, path);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"br, pt-BR, 1280, 800, false", "ru, ru, 360, 740, true"})
    void anAdminMakesAKeySeesWhereEventsGoAndRevokesIt(
            String language, String locale, int width, int height, boolean dark) throws Exception {
        StandInPortal portal = stage().portal(language);
        stage().installed(portal);
        Page page = page(width, height, dark, locale);
        Frame app = framed(page, portal.url() + "app");
        app.locator(".sections a[href='/admin/api-keys']").click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "api.title"));

        app.locator("#name").fill("Loja");
        app.locator("#new button[type=submit]").click();
        assertThat(app.locator("[role=alert]")).hasText(Words.say(language, "api.wrong.scope"));
        assertThat(app.locator("#name")).hasValue("Loja");
        look(page, app, "api-1-wrong");
        app.locator("input[value='messages:send']").check();
        app.locator("input[value='webhooks:manage']").check();
        app.locator("input[value='conversations:read']").check();
        app.locator("#days").selectOption("30");
        app.locator("#new button[type=submit]").click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "api.key.title"));
        String key = app.locator("#key").inputValue();
        look(page, app, "api-2-made");

        // Nobody listens there.
        HttpRequest.Builder hook = HttpRequest.newBuilder(URI.create(stage().app.url() + "/api/v1/webhooks"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json");
        try (HttpClient program = HttpClient.newHttpClient()) {
            HttpResponse<String> made = program.send(
                    hook.POST(HttpRequest.BodyPublishers.ofString("{\"url\":\"http://localhost:9/zaptrix\","
                                    + "\"events\":[\"message.received\",\"message.status\"],\"include_text\":true}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
            String id = made.body().replaceFirst("(?s).*\"id\":\"([^\"]+)\".*", "$1");
            program.send(
                    hook.uri(URI.create(stage().app.url() + "/api/v1/webhooks/" + id + "/test"))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
        app.locator("a.button").click();
        assertThat(app.locator("tbody .pill.ok")).hasText(Words.say(language, "api.state.usable"));
        assertThat(app.locator("tbody .pill.bad")).hasText(Words.say(language, "api.webhook.failing"));
        assertThat(app.content()).doesNotContain(key);
        look(page, app, "api-3-list");

        app.locator("a[href$='/remove']").click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "api.webhook.remove.title"));
        look(page, app, "api-4-remove");
        app.locator("button.danger").click();
        assertThat(app.locator("[role=status]")).hasText(Words.say(language, "api.webhook.removed"));
        app.locator("a[href$='/revoke']").click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "api.revoke.title"));
        look(page, app, "api-5-revoke");
        app.locator("button.danger").click();
        assertThat(app.locator("[role=status]")).hasText(Words.say(language, "api.revoked"));
        assertThat(app.locator("tbody .pill")).hasText(Words.say(language, "api.state.revoked"));
        look(page, app, "api-6-revoked");
    }

    @ParameterizedTest
    @CsvSource({"br, pt-BR, 1280, 800, false", "ru, ru, 360, 740, true"})
    void whoCannotComeInIsToldWhatToDo(String language, String locale, int width, int height, boolean dark)
            throws IOException {
        StandInPortal portal = stage().portal(language);
        stage().installed(portal);
        Page page = page(width, height, dark, locale);

        page.navigate(stage().app.url() + "/");
        look(page, page.mainFrame(), "a-front");
        page.navigate(stage().app.url() + Stage.NUMBERS);
        assertThat(page.locator("h1")).hasText(Words.say(language, "signin.title"));
        look(page, page.mainFrame(), "b-sign-in");
        page.locator("#domain").fill("bitrix24.example");
        page.locator("button[type=submit]").click();
        assertThat(page.locator("[role=alert]")).hasText(Words.say(language, "signin.unknown"));
        look(page, page.mainFrame(), "c-no-such-bitrix24");
        page.navigate(stage().app.url() + "/nothing");
        look(page, page.mainFrame(), "d-not-there");

        // The session ends while the page is open.
        Frame app = framed(page, portal.url() + "app");
        Objects.requireNonNull(context).clearCookies();
        app.locator(".sections a").first().click();
        assertThat(app.locator("p")
                        .filter(new Locator.FilterOptions().setHasText(Words.say(language, "signin.framed"))))
                .isVisible();
        look(page, app, "e-session-ended");
        app = framed(page, portal.url() + "app");
        app.navigate(stage().app.url() + Stage.NUMBERS);
        context.clearCookies();
        fill(app, stage().number().form());
        app.locator("#link button[type=submit]").click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "denied.title"));
        look(page, app, "f-too-old");

        // Not an admin; and from where nobody has installed it.
        app = framed(page, portal.url() + "app/" + StandInPortal.AGENT);
        assertThat(app.locator(".lead")).hasText(Words.say(language, "refused.NOT_ADMIN"));
        look(page, app, "g-not-admin");
        StandInPortal stranger = stage().portal(language);
        app = framed(page, stranger.url() + "app");
        assertThat(app.locator(".lead")).hasText(Words.say(language, "refused.NOT_INSTALLED"));
        look(page, app, "h-not-installed");
    }

    @ParameterizedTest
    @CsvSource({"br, pt-BR, 1280, 800, false", "ru, ru, 360, 740, true"})
    void anAdminLooksAfterUndeliveredMessages(String language, String locale, int width, int height, boolean dark)
            throws IOException {
        StandInPortal portal = stage().portal(language);
        Page page = page(width, height, dark, locale);
        Stage.Number number = stage().number();
        stage().installed(portal).submit(Stage.NUMBERS, number.form());

        Frame app = framed(page, portal.url() + "app");
        app.locator(".sections a[href$=undelivered]").click();
        assertThat(app.locator(".lead")).hasText(Words.say(language, "undelivered.empty"));
        look(page, app, "l-nothing-undelivered");

        stage().deadLetters(portal, number);
        app.navigate(stage().app.url() + Stage.NUMBERS);
        assertThat(app.locator(".elsewhere .pill")).hasText("6");
        app.locator(".elsewhere a").click();
        assertThat(app.locator(".letters li")).hasCount(6);
        look(page, app, "n-undelivered");

        app.locator(".tabs a").nth(2).click();
        assertThat(app.locator(".letters li")).hasCount(3);
        settled(app);
        app.locator(".letters form[action$=show] button").first().click();
        assertThat(app.locator("pre")).containsText("Olá");
        look(page, app, "o-content");
        app.locator("a.button.plain").click();
        assertThat(app.locator("pre")).hasCount(0);
        settled(app);
        app.locator(".letters a[href$=drop]").first().click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "undelivered.drop.title"));
        look(page, app, "p-drop");
        app.locator("button.danger").click();
        assertThat(app.locator("[role=status]")).hasText(Words.say(language, "undelivered.dropped"));
        settled(app);
        app.locator(".letters form[action$=replay] button").first().click();
        assertThat(app.locator("[role=status]")).hasText(Words.say(language, "undelivered.again", 1));
        settled(app);
        app.locator("form[action$='undelivered/replay'] button").click();
        assertThat(app.locator("[role=status]")).hasText(Words.say(language, "undelivered.again", 4));
        look(page, app, "q-replayed");
    }

    @ParameterizedTest
    @CsvSource({"br, pt-BR, 1280, 800, false", "ru, ru, 360, 740, true"})
    void anAdminSeesHowItGoesAndLetsAColleagueLookToo(
            String language, String locale, int width, int height, boolean dark) throws IOException {
        StandInPortal portal = stage().portal(language).timeZone("America/Sao_Paulo");
        Stage.Number number = stage().number();
        io.zaptrix.story.Browser admin = stage().installed(portal);
        Page page = page(width, height, dark, locale);

        Frame app = framed(page, portal.url() + "app");
        app.locator(".sections a[href='/admin/overview']").click();
        assertThat(app.locator(".empty .lead")).hasText(Words.say(language, "overview.empty"));
        look(page, app, "r-overview-empty");
        app.locator(".sections a[href='/admin/messages']").click();
        assertThat(app.locator(".lead")).hasText(Words.say(language, "log.empty"));
        look(page, app, "s-log-empty");

        admin.submit(Stage.NUMBERS, number.form());
        stage().monthOfMessages(portal, number);
        page.waitForCondition(() -> {
            app.navigate(stage().app.url() + "/admin/overview");
            return app.locator(".plot").first().locator("rect").count() > 50;
        });
        assertThat(app.locator("h1")).hasText(Words.say(language, "overview.title"));
        look(page, app, "t-overview");
        app.locator(".plotted summary").first().click();
        assertThat(app.locator(".plotted table").first().locator("tbody tr")).hasCount(30);
        app.locator("a[href='/admin/overview/prices']").click();
        app.locator("#currency").fill("BRL");
        app.locator("[name='price.marketing']").fill("0,3125");
        look(page, app, "u-prices");
        app.locator("form.stack button").click();
        assertThat(app.locator("[role=status]")).hasText(Words.say(language, "prices.saved"));
        app.locator("a.button.plain").click();
        assertThat(app.locator(".bars tfoot td")).containsText("BRL");

        app.locator(".sections a[href='/admin/messages']").click();
        assertThat(app.locator(".log li")).hasCount(50);
        look(page, app, "v-log");
        app.locator(".log li a").first().click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "life.title"));
        app.locator("form[action$=reveal] button").click();
        assertThat(app.locator(".facts")).containsText("+5511987654321");
        look(page, app, "w-message");
        app.locator("p.elsewhere a").click();
        app.locator("#phone").fill("(11) 98765-4321");
        app.locator("#state").selectOption("DELIVERED");
        app.locator(".filters button").click();
        assertThat(app.locator(".log li")).hasCount(1);
        assertThat(app.locator("#phone")).hasValue("(11) 98765-4321");
        look(page, app, "x-log-found");

        app.locator(".sections a[href='/admin/people']").click();
        app.locator("#find").fill("Bruno");
        app.locator("#add form[role=search] button").click();
        assertThat(app.locator("#add li")).hasCount(1);
        look(page, app, "y-people-found");
        app.locator("#add li button").click();
        assertThat(app.locator("[role=status]")).hasText(Words.say(language, "people.done.allowed"));
        look(page, app, "y-people");
        app.locator("a[href='/admin/people/audit']").click();
        assertThat(app.locator(".audit li")).hasCount(4);
        look(page, app, "z-audit");

        // The colleague sees the log, and nothing else.
        Frame colleague = framed(page, portal.url() + "app/" + StandInPortal.AGENT);
        assertThat(colleague.locator("h1")).hasText(Words.say(language, "log.title"));
        assertThat(colleague.locator(".sections")).hasCount(0);
        look(page, colleague, "z-log-of-a-viewer");
        colleague.locator(".log li a").first().click();
        assertThat(colleague.locator("h1")).hasText(Words.say(language, "life.title"));
        assertThat(colleague.locator("form[action$=reveal]")).hasCount(0);
    }

    /** The pictures of {@code docs/marketplace}, as large as the catalog takes them. */
    @ParameterizedTest
    @EnabledIfEnvironmentVariable(named = "ZAPTRIX_SCREENSHOTS", matches = "1")
    @CsvSource({
        "br, pt-BR, Vendas, Suporte, America/Sao_Paulo",
        "en, en, Sales, Support, Europe/London",
        "la, es, Ventas, Soporte, America/Bogota",
        "ru, ru, Продажи, Поддержка, Asia/Almaty"
    })
    void theListingHasItsPictures(String language, String locale, String line, String other, String timeZone) {
        StandInPortal portal = stage().bitrix24
                .addPortal("aurora-" + locale.toLowerCase(Locale.ROOT))
                .language(language)
                .timeZone(timeZone);
        io.zaptrix.story.Browser admin = stage().installed(portal);
        Page page = page(1280, 720, false, locale);
        Stage.Number number = stage().number();
        admin.submit(Stage.NUMBERS, number.form("displayName", line));
        Frame guide = framed(page, portal.url() + "app");
        stage().meta.customerWrites(number.id(), "5511987654321", "Ana", "Oi");
        assertThat(guide.locator("#arrival .alert.ok")).isVisible();
        // As high as what is to be seen of it.
        page.setViewportSize(1280, 655);
        guide.evaluate("document.querySelector('#line').scrollIntoView()");
        listed(page, "guide-2", locale);
        page.setViewportSize(1280, 720);

        Frame settings = framed(
                page,
                portal.url() + "connector/"
                        + portal.activeLines(Stage.CONNECTOR).iterator().next());
        assertThat(settings.locator("[data-close]")).isVisible();
        listed(page, "line", locale);

        Stage.Number second = stage().numberOf(number);
        admin.submit(Stage.NUMBERS, second.form("displayName", other));
        stage().meta.customerWrites(second.id(), "5511976543210", "Bia", "Bom dia");
        Frame numbers = framed(page, portal.url() + "app");
        page.waitForCondition(() -> {
            numbers.navigate(stage().app.url() + Stage.NUMBERS);
            return numbers.locator(".number-facts dd.ok").count() > 3
                    && !numbers.content().contains(Words.say(language, "number.unknown"));
        });
        numbers.evaluate("document.querySelector('h1').closest('.card').scrollIntoView()");
        listed(page, "numbers", locale);

        stage().monthOfMessages(portal, number);
        stage().likeABusyMonth(portal);
        page.waitForCondition(() -> {
            numbers.navigate(stage().app.url() + "/admin/overview");
            return numbers.locator(".plot").first().locator("rect").count() > 40;
        });
        numbers.evaluate("document.querySelector('.stats').closest('.card').scrollIntoView()");
        listed(page, "overview", locale);
    }

    private static void listed(Page page, String name, String locale) {
        // The frame is another process, which has to draw what it has got.
        page.waitForTimeout(400);
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(Chromium.SCREENSHOTS.resolve("market-" + name + "-" + locale + ".png")));
    }

    @Test
    void aLocalAppAsksForItsKey() throws IOException {
        stage().bitrix24
                .localApp(
                        "local.browser.1",
                        "right-secret",
                        java.net.URI.create(stage().app.url()));
        StandInPortal portal = stage().portal("br").installs("local.browser.1");
        Page page = page(1280, 800, false, "pt-BR");

        Frame app = framed(page, portal.url() + "install");
        assertThat(app.locator("h1")).hasText(Words.say("br", "local.title"));
        look(page, app, "h-local-app");
        app.locator("#clientSecret").fill("wrong-secret");
        app.locator("button[type=submit]").click();
        assertThat(app.locator("[role=alert]")).hasText(Words.say("br", "local.wrong"));
        look(page, app, "i-local-app-wrong");
        app.locator("#clientSecret").fill("right-secret");
        app.locator("button[type=submit]").click();
        assertThat(app.locator("h1")).hasText(Words.say("br", "installed.title"));
        page.waitForCondition(() -> library.contains("installFinish"));
        assertThat(page.content()).doesNotContain(TestSettings.BITRIX24_CLIENT_SECRET);
    }

    @Test
    void anAdminSignsInOutsideTheFrame() {
        StandInPortal portal = stage().portal("br");
        stage().installed(portal);
        Page page = page(1280, 800, false, "pt-BR");

        page.navigate(stage().app.url() + Stage.NUMBERS);
        page.locator("#domain").fill(portal.url().getAuthority());
        page.locator("button[type=submit]").click();
        page.getByText(portal.name(), new Page.GetByTextOptions().setExact(true))
                .click();

        page.waitForURL(stage().app.url() + "/admin/start");
        assertThat(page.locator("#number a.button")).isVisible();
    }

    @Test
    void theLinesComeLaterWhereThePortalIsSlow() throws IOException {
        StandInPortal portal = stage().portal("br");
        stage().installed(portal);
        portal.faults().hangNext(1, "imopenlines.config.list.get", Duration.ofSeconds(6));
        Page page = page(1280, 800, false, "pt-BR");

        Frame app = framed(page, portal.url() + "connector/1");
        app.locator("a.button").click();
        assertThat(app.locator("#lines-unknown")).hasText(Words.say("br", "numbers.lines.unknown"));
        assertThat(app.locator("#lineId")).hasValue("1");
        app.locator("#displayName").fill("Vendas");
        look(page, app, "j-lines-late");

        assertThat(app.locator("#lineId option[value='1']")).hasText("Open Channel");
        assertThat(app.locator("#lineId")).hasValue("1");
        assertThat(app.locator("#lines-unknown")).isHidden();
        assertThat(app.locator("#displayName")).hasValue("Vendas");
    }

    @Test
    void whereThePortalDoesNotAnswerTheInstallerSaysWhatToDo() throws IOException {
        StandInPortal portal = stage().portal("br");
        Page page = page(360, 740, false, "pt-BR");
        Objects.requireNonNull(context).unroute("https://api.bitrix24.com/**");
        context.route("https://api.bitrix24.com/**", route -> route.fulfill(new Route.FulfillOptions().setStatus(503)));

        page.clock().install();
        Frame app = framed(page, portal.url() + "install");
        page.clock().fastForward(8_000);
        assertThat(app.locator("[data-late]")).isVisible();
        look(page, app, "k-installer-without-portal");
        app.locator("a.button").click();
        assertThat(app.locator("h1")).hasText(Words.say("br", "guide.title"));
        app = framed(page, portal.url() + "connector/1");
        assertThat(app.locator("[data-without-library]")).isHidden();
        page.clock().fastForward(5_000);
        assertThat(app.locator("[data-without-library]")).isVisible();
        assertThat(app.locator("[data-without-library]")).hasText(Words.say("br", "connector.close"));
        assertThat(app.locator("[data-close]")).isHidden();
    }

    /** It hangs for longer than the page waits; what it does then works all the same. */
    @Test
    void theLibraryThatComesLateIsStillUsed() {
        StandInPortal portal = stage().portal("en");
        Page page = page(1280, 800, false, "en");
        List<Route> hanging = new CopyOnWriteArrayList<>();
        Objects.requireNonNull(context).unroute("https://api.bitrix24.com/**");
        context.route("https://api.bitrix24.com/**", hanging::add);

        page.clock().install();
        Frame app = opened(page, portal.url() + "install");
        assertThat(app.locator("[data-late]")).isHidden();
        page.clock().fastForward(8_000);
        assertThat(app.locator("[data-late]")).isVisible();
        answer(hanging);
        page.waitForCondition(() -> library.contains("installFinish"));
        assertThat(app.locator("[data-late]")).isHidden();
        portal.finishInstall();

        app = opened(page, portal.url() + "connector/1");
        page.clock().fastForward(5_000);
        assertThat(app.locator("[data-without-library]")).hasText(Words.say("en", "connector.close"));
        assertThat(app.locator("[data-without-library]")).isVisible();
        assertThat(app.locator("a.button")).isVisible();
        answer(hanging);
        assertThat(app.locator("[data-close]")).isVisible();
        assertThat(app.locator("[data-without-library]")).isHidden();
        app.locator("[data-close]").click();
        page.waitForCondition(() -> library.containsAll(List.of("fitWindow", "closeApplication")));
    }

    /** As {@link #framed}, where the page is not complete as something hangs. */
    private static Frame opened(Page page, String url) {
        page.navigate(url, new Page.NavigateOptions().setWaitUntil(WaitUntilState.COMMIT));
        page.waitForCondition(() -> page.frame("app") != null);
        Frame frame = Objects.requireNonNull(page.frame("app"));
        frame.waitForURL(
                stage().app.url() + "/**", new Frame.WaitForURLOptions().setWaitUntil(WaitUntilState.DOMCONTENTLOADED));
        return frame;
    }

    private static void answer(List<Route> hanging) {
        hanging.forEach(route -> route.fulfill(
                new Route.FulfillOptions().setContentType("text/javascript").setBody(BX24)));
        hanging.clear();
    }

    /** From the skip link to the sent form, and whoever does it always sees where they are. */
    @Test
    void aNumberIsConnectedByTheKeyboardAlone() {
        StandInPortal portal = stage().portal("en");
        stage().installed(portal);
        Stage.Number number = stage().number();
        Page page = page(1280, 800, false, "en");
        Frame app = framed(page, portal.url() + "app");
        app.navigate(stage().app.url() + Stage.NUMBERS);

        tabTo(page, app, ".skip");
        assertThat(app.locator(".skip")).isInViewport();
        page.keyboard().press("Enter");
        assertThat(app.locator("#main")).isFocused();
        for (String field : List.of("phoneNumberId", "wabaId", "accessToken", "displayName")) {
            tabTo(page, app, "#" + field);
            page.keyboard().type(Objects.requireNonNull(number.form().get(field)));
        }
        tabTo(page, app, "#lineId");
        page.keyboard().press("Tab");
        assertThat(app.locator("#link button[type=submit]")).isFocused();
        page.keyboard().press("Enter");
        assertThat(app.locator("[role=status]")).containsText(Words.say("en", "numbers.linked", number.display()));

        tabTo(page, app, ".number-acts a[href$='/unlink']");
        page.keyboard().press("Enter");
        assertThat(app.locator("h1")).hasText(Words.say("en", "unlink.title"));
        tabTo(page, app, "button.danger");
        page.keyboard().press("Space");
        assertThat(app.locator("[role=status]")).containsText(Words.say("en", "numbers.unlinked"));
    }

    /** Goes on until it is there; whatever has the focus on the way is seen to have it. */
    private static void tabTo(Page page, Frame app, String selector) {
        // With its style sheets, which draw the focus.
        app.waitForLoadState();
        for (int i = 0; i < 40; i++) {
            page.keyboard().press("Tab");
            Object lost = app.evaluate("""
                    () => {
                      const here = document.activeElement;
                      const style = getComputedStyle(here);
                      return document.hasFocus() && here !== document.body
                        && !(style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) ? here.outerHTML : "";
                    }""");
            assertThat(lost).as("has the focus, which nobody sees").isEqualTo("");
            if (Boolean.TRUE.equals(app.evaluate(
                    "selector => document.hasFocus() && document.activeElement.matches(selector)", selector))) {
                return;
            }
        }
        throw new AssertionError("the keyboard does not come to " + selector);
    }

    @ParameterizedTest
    @CsvSource({"br, pt-BR, 1280, 800, false", "ru, ru, 360, 740, true"})
    void anAdminConnectsNumbersWithFacebookAndMendsWhatIsBroken(
            String language, String locale, int width, int height, boolean dark) throws IOException {
        StandInPortal portal = stage().portal(language);
        Stage.Number number = stage().number();
        Stage.Number sibling = stage().numberOf(number);
        stage().meta
                .describe(number.id(), "platform_type", "NOT_APPLICABLE")
                .describe(sibling.id(), "quality_rating", "YELLOW");
        stage().installed(portal);
        Page page = page(width, height, dark, locale);
        Frame app = framed(page, portal.url() + "app");
        app.navigate(stage().app.url() + Stage.NUMBERS);
        app.locator("#ways a[href$='/sign-up']").click();
        assertThat(app.locator("[data-go]")).isEnabled();
        look(page, app, "n-sign-up");

        // Left at a step: said where; then to the end.
        Page window = page.waitForPopup(() -> app.locator("[data-go]").click());
        leave(window, "CANCEL");
        assertThat(app.locator("[data-step]")).hasText("PHONE_NUMBER_SETUP");
        look(page, app, "n-sign-up-left");
        Page again = page.waitForPopup(() -> app.locator("[data-go]").click());
        again.locator("#account").selectOption(number.wabaId());
        leave(again, "FINISH");
        assertThat(app.locator("h1")).hasText(Words.say(language, "choose.title"));
        assertThat(app.locator("input[value='" + number.id() + "']")).isChecked();
        app.locator("input[value='" + sibling.id() + "']").check();
        look(page, app, "n-choose");
        app.locator("#lineId").selectOption("one");
        app.locator("button[type=submit]").click();
        assertThat(app.locator(".outcomes .pill.ok")).hasCount(2);
        look(page, app, "n-chosen");

        // The account tells its numbers apart; each has its state.
        app.locator("a.button").first().click();
        assertThat(app.locator(".number-cards > li")).hasCount(2);
        page.waitForCondition(() -> {
            app.navigate(stage().app.url() + Stage.NUMBERS);
            return app.locator(".number-facts dd.warn").count() > 0
                    && app.locator(".number-facts dd.ok").count() > 1;
        });
        look(page, app, "n-numbers");
        app.locator(".number-cards a[href$='/move']").first().click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "move.title"));
        look(page, app, "n-move");
        app.navigate(stage().app.url() + Stage.NUMBERS + "/" + number.id() + "/settings");
        app.locator("#pin button").click();
        assertThat(app.locator(".pin")).hasText(Pattern.compile("\\d{6}"));
        look(page, app, "n-settings");
        app.navigate(stage().app.url() + Stage.NUMBERS + "/account");
        look(page, app, "n-account");

        // Something is broken: each row says what it found, and mends it where it can.
        stage().meta.unsubscribe(number.wabaId());
        app.navigate(stage().app.url() + "/admin/check");
        assertThat(app.locator(".test.wait")).hasCount(0);
        Locator broken = app.locator("#check-subscription\\/" + number.id())
                .or(app.locator("#check-subscription\\/" + sibling.id()));
        assertThat(broken).containsText(Words.say(language, "check.SUBSCRIPTION.missing"));
        look(page, app, "n-check");
        // Looked at in the same breath.
        assertThat(broken.locator("button").evaluate("button => { button.click(); return button.textContent; }"))
                .isEqualTo(Words.say(language, "check.repair.busy"));
        assertThat(broken).containsText(Words.say(language, "check.SUBSCRIPTION.ok"));
        assertThat(app.locator(".test.bad")).hasCount(0);
        // What a click has led to has moved what is below, as it should.
        app.evaluate("jumped.length = 0");
        look(page, app, "n-check-mended");
        app.navigate(stage().app.url() + Stage.NUMBERS + "/news");
        look(page, app, "n-no-news");
        for (String event : List.of("FLAGGED", "DOWNGRADE")) {
            stage().meta
                    .webhook(
                            number.wabaId(),
                            "phone_number_quality_update",
                            JsonNodeFactory.instance
                                    .objectNode()
                                    .put(
                                            "display_phone_number",
                                            number.display().replaceAll("\\D", ""))
                                    .put("event", event)
                                    .put("current_limit", "TIER_1K"));
        }
        page.waitForCondition(() -> {
            app.navigate(stage().app.url() + Stage.NUMBERS + "/news");
            return app.locator("main").innerText().split(Pattern.quote(number.display()), -1).length > 2;
        });
        look(page, app, "n-news");
    }

    /**
     * Somebody who reads, slowly, every word on the way from the installed app to the first message in the chat, as far
     * as to what is to be clicked. Nobody was timed: it is reckoned by the keystroke-level model (Card, Moran and
     * Newell, 1980). Two of the five minutes are left to Meta's own window.
     */
    @ParameterizedTest
    @CsvSource({"br, pt-BR", "en, en", "la, es", "ru, ru"})
    void theFirstRunFitsIntoFiveMinutes(String language, String locale) throws IOException {
        StandInPortal portal = stage().portal(language);
        Stage.Number number = stage().number();
        stage().installed(portal);
        Page page = page(1280, 800, false, locale);
        FirstRun run = new FirstRun();
        long began = System.nanoTime();

        Frame app = framed(page, portal.url() + "app");
        run.findsAndClicks(app.locator("#number a.button"));
        app.locator("#ways").waitFor();
        run.findsAndClicks(app.locator("#ways a[href$='/sign-up']"));
        assertThat(app.locator("[data-go]")).isEnabled();
        Page window = page.waitForPopup(() -> run.findsAndClicks(app.locator("[data-go]")));
        window.locator("#account").selectOption(number.wabaId());
        leave(window, "FINISH");
        assertThat(app.locator("h1")).hasText(Words.say(language, "choose.title"));
        run.findsAndClicks(app.locator("button[type=submit]"));
        assertThat(app.locator(".outcomes .pill.ok")).hasCount(1);
        look(page, app, "f-chosen");
        run.findsAndClicks(app.locator("a[href^='/admin/start?number=']"));
        app.locator(".qr").waitFor();
        run.reads(app.locator("#message"));
        run.scansAndSends();
        stage().meta.customerWrites(number.id(), "5511987654321", "Ana", "Oi");
        assertThat(app.locator("#arrival .alert.ok")).isVisible();
        run.reads(app.locator("#arrival"));

        Duration machine = Duration.ofNanos(System.nanoTime() - began);
        System.out.printf("first run (%s): %s; the machine %d s%n", language, run, machine.toSeconds());
        assertThat(run.seconds()).isLessThan(Duration.ofMinutes(3).toSeconds());
    }

    /** What a first run asks of a person. */
    private static final class FirstRun {

        /** Of a slow reader, who reads 150 words a minute. */
        private static final double A_WORD = 0.4;

        /** Thinking, pointing, and pressing and letting go: M + P + 2 B. */
        private static final double A_CLICK = 1.35 + 1.1 + 0.2;

        /** To take the telephone, scan the code, and send what stands there. */
        private static final double SCAN = 20;

        private int words;
        private int clicks;
        private double seconds;

        /** All that stands there. */
        void reads(Locator what) {
            read(what.innerText());
        }

        /** Reads from the page's top until there, and clicks. */
        void findsAndClicks(Locator what) {
            read(String.valueOf(what.evaluate("""
                    (target) => {
                      const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
                      let text = "";
                      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                        if (node.parentElement.checkVisibility()) {
                          text += " " + node.data;
                        }
                        if (target.contains(node)) {
                          return text;
                        }
                      }
                    }""")));
            what.click();
            clicks++;
            seconds += A_CLICK;
        }

        private void read(String text) {
            int here = text.strip().split("\\s+").length;
            words += here;
            seconds += here * A_WORD;
        }

        void scansAndSends() {
            seconds += SCAN;
        }

        double seconds() {
            return seconds;
        }

        @Override
        public String toString() {
            return "%d words, %d clicks, %.0f s of a person's".formatted(words, clicks, seconds);
        }
    }

    @ParameterizedTest
    @CsvSource({"br, pt-BR, 1280, 800, false", "ru, ru, 360, 740, true"})
    void anAdminErasesAPersonAndThenEverything(String language, String locale, int width, int height, boolean dark)
            throws IOException {
        StandInPortal portal = stage().portal(language);
        Stage.Number number = stage().number();
        stage().installed(portal).submit(Stage.NUMBERS, number.form());
        stage().meta.customerWrites(number.id(), "5511987654321", "Ana", "Oi");
        Page page = page(width, height, dark, locale);
        Frame app = framed(page, portal.url() + "app");
        app.locator(".sections a[href='/admin/privacy']").click();
        app.locator("#phone").fill("+55 21 99999-0000");
        app.locator("form[action$=person] button").click();
        assertThat(app.locator("[role=status]")).hasText(Words.say(language, "privacy.nobody"));
        look(page, app, "pr-nobody");
        // As soon as the message that came has been read from its lane.
        page.waitForCondition(() -> {
            app.navigate(stage().app.url() + "/admin/privacy");
            app.locator("#phone").fill("(11) 98765-4321");
            app.locator("form[action$=person] button").click();
            app.locator("form[action$=erasure], [role=status]").first().waitFor();
            return app.locator("form[action$=erasure] button").count() == 1;
        });
        assertThat(app.locator("[role=alert]")).hasCount(0);
        look(page, app, "pr-found");
        app.locator("form[action$=erasure] button").click();
        assertThat(app.locator("form[action$='/person/erase'] button")).isVisible();
        look(page, app, "pr-erase");
        app.locator("form[action$='/person/erase'] button").click();
        assertThat(app.locator("[role=status]")).hasText(Words.say(language, "privacy.erasing"));
        look(page, app, "pr-erasing");

        // All that there is of the portal: by its address, typed, or not at all.
        app.locator("a[href='/admin/privacy/erase']").click();
        assertThat(app.locator("#host")).isVisible();
        look(page, app, "pr-portal");
        app.locator("#host").fill("other.bitrix24.com");
        app.locator("button.danger").click();
        assertThat(app.locator("[role=alert]")).hasText(Words.say(language, "privacy.close.wrong"));
        assertThat(app.locator("#host")).hasValue("other.bitrix24.com");
        look(page, app, "pr-portal-wrong");
        app.locator("#host").fill(portal.url().getHost());
        app.locator("button.danger").click();
        assertThat(app.locator("h1")).hasText(Words.say(language, "privacy.gone"));
        look(page, app, "pr-gone");
    }

    /** Ends what the window of Meta shows; it closes by itself, maybe before the click has come back. */
    private static void leave(Page window, String how) {
        window.waitForLoadState();
        window.evaluate("how => setTimeout(() => document.querySelector(`[data-event=${how}]`).click())", how);
    }

    private static void fill(Frame app, Map<String, String> form) {
        form.forEach((field, value) -> {
            if (field.equals("lineId")) {
                app.locator("#lineId").selectOption(value);
            } else {
                app.locator("#" + field).fill(value);
            }
        });
    }

    /**
     * Until it is all there and has the height that Bitrix24 gives it: a button pressed while its page is fitted into
     * its frame may be gone from under the pointer before it is let go.
     */
    private static void settled(Frame app) {
        app.waitForLoadState();
        app.evaluate("""
                () => new Promise((done) => {
                  let height = window.innerHeight;
                  let quiet = 0;
                  const look = () => {
                    quiet = window.innerHeight === height ? quiet + 1 : 0;
                    height = window.innerHeight;
                    quiet > 5 ? done() : setTimeout(look, 50);
                  };
                  look();
                })""");
    }

    /** The portal gives it as little room as a phone does, in this language too, and takes that back. */
    private static void fitsTheNarrow(Page page, Frame frame, String path) {
        page.evaluate("width => document.querySelector('iframe').style.width = width + 'px'", NARROW);
        assertThat(frame.evaluate("""
                () => innerWidth + " " + (document.documentElement.scrollWidth > innerWidth
                  ? document.documentElement.scrollWidth : "fits")""")).as("width of %s", path).isEqualTo(NARROW + " fits");
        page.evaluate("document.querySelector('iframe').style.width = ''");
    }

    /**
     * Looks for what keeps people from using the page, or moves under their hands, and takes a picture of it where
     * pictures are wanted.
     */
    private void look(Page page, Frame frame, String name) throws IOException {
        frame.waitForLoadState(LoadState.LOAD);
        if (PICTURES) {
            picture(page, frame, name);
        }
        // Once by day and once by night: neither the language nor the width changes what is found.
        boolean audited = !AUDITED.add(name + suffix.substring(suffix.lastIndexOf('-')));
        Object found = frame.evaluate("""
                async (audited) => {
                  const wrong = window.jumped.map((what) => "jumped: " + what);
                  if (document.documentElement.scrollWidth > window.innerWidth) {
                    wrong.push("wider than its window");
                  }
                  if (document.body.innerText.includes("??")) {
                    wrong.push("words are missing");
                  }
                  if (!audited) {
                    bringAxe();
                    const audit = await axe.run(document,
                      { resultTypes: ["violations"], iframes: false, preload: false, elementRef: false });
                    wrong.push(...audit.violations
                      .map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" | ")));
                  }
                  return wrong;
                }""", audited);
        assertThat((List<?>) Objects.requireNonNull(found))
                .as("%s%s", name, suffix)
                .isEmpty();
    }

    /** Of the whole page, for which its frame gets room. */
    private void picture(Page page, Frame frame, String name) throws IOException {
        Files.createDirectories(Chromium.SCREENSHOTS);
        ViewportSize window = page.viewportSize();
        int height = ((Number) frame.evaluate("document.documentElement.scrollHeight")).intValue();
        if (frame != page.mainFrame()) {
            page.setViewportSize(window.width, Math.max(window.height, height + 80));
            // The frame is another process, which has to draw what it has got room for.
            page.waitForTimeout(200);
        }
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(Chromium.SCREENSHOTS.resolve(name.replace('/', '_') + suffix + ".png"))
                .setFullPage(true));
        page.setViewportSize(window.width, window.height);
    }
}
