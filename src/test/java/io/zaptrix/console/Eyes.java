package io.zaptrix.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Cookie;
import io.zaptrix.testing.Chromium;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Chromium, which looks at pages as people do. Leaves pictures in {@code target/screenshots}. */
final class Eyes implements AutoCloseable {

    private final Chromium chromium;
    private final String axe = Chromium.axe();
    private final List<String> complaints = new ArrayList<>();

    private Eyes(Chromium chromium) {
        this.chromium = chromium;
    }

    /** Empty where there is no Chromium, unless {@code ZAPTRIX_REQUIRE_BROWSER=1} says that there must be one. */
    static Optional<Eyes> open() {
        return Chromium.start().map(Eyes::new);
    }

    /** @param session the cookie of an operator's session; null: nobody has signed in */
    BrowserContext window(String url, int width, boolean dark, String locale, @Nullable String session) {
        BrowserContext context = chromium.browser()
                .newContext(new Browser.NewContextOptions()
                        .setViewportSize(width, 800)
                        .setColorScheme(dark ? ColorScheme.DARK : ColorScheme.LIGHT)
                        .setLocale(locale));
        context.setDefaultTimeout(15_000);
        context.addInitScript(axe);
        context.onConsoleMessage(message -> {
            if (message.type().equals("error") && !message.text().contains("the server responded with a status")) {
                complaints.add(message.text());
            }
        });
        context.onWebError(error -> complaints.add(error.error()));
        if (session != null) {
            context.addCookies(List.of(new Cookie(OperatorSessions.COOKIE, session)
                    .setDomain("localhost")
                    .setPath(OperatorSessions.PATH)
                    .setSecure(true)
                    .setHttpOnly(true)));
        }
        return context;
    }

    /** Takes a picture of the whole page, and looks for what keeps people from using it. */
    void look(Page page, String name) {
        assertThat(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
                .as("%s fits its width", name)
                .isEqualTo(true);
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(Chromium.SCREENSHOTS.resolve(name + ".png"))
                .setFullPage(true));
        Object found = page.evaluate("async () => (bringAxe(), await axe.run(document)).violations"
                + ".map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | '))");
        assertThat((List<?>) Objects.requireNonNull(found)).as(name).isEmpty();
        assertThat(complaints).as("what the browser complained about").isEmpty();
    }

    @Override
    public void close() {
        chromium.close();
    }
}
