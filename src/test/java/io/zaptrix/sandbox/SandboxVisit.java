package io.zaptrix.sandbox;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import io.zaptrix.testing.Chromium;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** A visitor with a browser tries all that the sandbox's page offers, on the phone and in the agent's chat. */
final class SandboxVisit {

    private static final boolean PICTURES = "1".equals(System.getenv("ZAPTRIX_SCREENSHOTS"));

    private final Browser browser;
    private final String url;
    private final List<String> complaints = new ArrayList<>();
    private Page page;

    private SandboxVisit(Browser browser, String url) {
        this.browser = browser;
        this.url = url;
        this.page = open(1360, false, "pt-BR");
    }

    /** Plays the visit; the page is one at {@code url}, and nobody has written to Maria's phone yet. */
    static void play(Chromium chromium, String url) {
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        SandboxVisit visit = new SandboxVisit(chromium.browser(), url);
        visit.theCustomerSendsAllKinds();
        visit.theAgentAnswers();
        visit.theCustomerReactsRepliesEditsAndDeletes();
        visit.theAgentSendsFilesAndChangesTheirMind();
        visit.aTemplateIsAnsweredByAButton();
        visit.aDayPasses();
        visit.theConversationEnds();
        visit.everybodyCanUseIt();
        assertThat(visit.complaints).as("what the browser complained about").isEmpty();
    }

    private void theCustomerSendsAllKinds() {
        write("#phone-text", "Vocês têm *bolo*?");
        page.locator("#dialogs button")
                .filter(new Locator.FilterOptions().setHasText("Maria Oliveira"))
                .click();
        assertThat(inChat("Vocês têm bolo?").locator("b")).hasText("bolo");
        assertThat(onPhone("Vocês têm").locator(".ticks")).hasText("✓✓");

        attach("phone", "Uma foto pronta");
        write("#phone-text", "Olhem este");
        Locator photo = inChat("Olhem este");
        shows(photo.locator("img"));
        shows(onPhone("Olhem este").locator("img"));
        String link = Objects.requireNonNull(photo.locator(".named").getAttribute("href"));
        assertThat(link).contains("/media/");
        assertThat(page.request().get(link).headers()).containsEntry("content-type", "image/jpeg");

        page.locator("#phone-file")
                .setInputFiles(
                        new FilePayload("lista.txt", "text/plain", "pão, leite".getBytes(StandardCharsets.UTF_8)));
        attach("phone", "Um documento pronto");
        page.locator("#phone-form button[type=submit]").click();
        assertThat(phone().locator(".named").getByText("cardapio.pdf")).isVisible();
        assertThat(chat().locator(".named").getByText("cardapio.pdf")).isVisible();
        assertThat(chat().locator(".named").getByText("lista.txt")).isVisible();

        attach("phone", "Um vídeo pronto");
        attach("phone", "Uma figurinha pronta");
        page.locator("#phone-form button[type=submit]").click();
        assertThat(chat().locator("video")).hasCount(1);
        page.locator("#record").click();
        assertThat(page.locator(".recording")).hasText("Gravando…");
        page.waitForTimeout(700);
        page.locator("#record").click();
        assertThat(phone().locator("audio")).hasCount(1);
        assertThat(chat().locator("audio")).hasCount(1);

        page.locator("#phone-form summary").click();
        page.locator("#phone-form [data-type=location]").click();
        page.locator("#phone-form summary").click();
        page.locator("#phone-form [data-type=contacts]").click();
        page.locator("#phone-type").selectOption("ad");
        assertThat(inChat("Localização: MASP")).isVisible();
        assertThat(inChat("João Lima").locator(".named")).containsText(".vcf");
        assertThat(inChat("Veio de um anúncio")).isVisible();
    }

    private void theAgentAnswers() {
        act(inChat("Vocês têm bolo?"), "Responder");
        assertThat(page.locator("#agent-strip")).containsText("Respondendo a: Vocês têm bolo?");
        write("#agent-text", "Temos, [b]de cenoura[/b]");
        assertThat(inChat("Temos, de cenoura").locator("blockquote")).containsText("Maria Oliveira");
        Locator answer = onPhone("Temos, de cenoura");
        assertThat(answer.locator("blockquote")).hasText("Vocês têm bolo?");
        assertThat(answer.locator(".body b").last()).hasText("de cenoura");
        assertThat(inChat("Temos, de cenoura").locator(".ticks.read")).isVisible();
        assertThat(onPhone("Vocês têm").first().locator(".ticks")).hasClass(Pattern.compile("read"));
    }

    private void theCustomerReactsRepliesEditsAndDeletes() {
        act(onPhone("Temos, de cenoura"), "❤️");
        assertThat(onPhone("Temos, de cenoura").locator(".reaction")).isVisible();
        assertThat(inChat("Reagiu a uma mensagem").locator("blockquote")).hasText("Temos, de cenoura");
        act(onPhone("Temos, de cenoura"), "Retirar a reação");
        assertThat(onPhone("Temos, de cenoura").locator(".reaction")).hasCount(0);
        assertThat(inChat("Removeu a reação")).isVisible();

        act(onPhone("Temos, de cenoura"), "Responder");
        write("#phone-text", "Quero doiss");
        assertThat(inChat("Quero doiss").locator("blockquote")).hasText("Temos, de cenoura");
        write("#phone-text", "Esta era para outro");
        assertThat(inChat("Esta era para outro")).isVisible();
        act(onPhone("Quero doiss"), "Editar");
        page.locator("#phone-text").fill("");
        write("#phone-text", "Quero dois");
        assertThat(onPhone("Quero dois").locator(".meta")).containsText("editada");
        assertThat(chat().getByText("Quero doiss")).hasCount(0);
        assertThat(inChat("Quero dois")).isVisible();
        act(onPhone("Esta era para outro"), "Apagar para todos");
        assertThat(onPhone("Você apagou esta mensagem")).isVisible();
        assertThat(inChat("Esta era para outro")).hasCount(0);
    }

    private void theAgentSendsFilesAndChangesTheirMind() {
        attach("agent", "Uma foto pronta");
        attach("agent", "Um documento pronto");
        write("#agent-text", "Veja os dois");
        assertThat(onPhone("Veja os dois")).isVisible();
        shows(phone().locator(".other img"));
        shows(inChat("Veja os dois").locator("img"));
        assertThat(phone().locator(".other .named").getByText("cardapio.pdf")).isVisible();

        write("#agent-text", "Fechamos às 17h");
        assertThat(inChat("Fechamos às 17h").locator(".ticks.read")).isVisible();
        act(inChat("Fechamos às 17h"), "Editar");
        page.locator("#agent-text").fill("");
        write("#agent-text", "Fechamos às 18h");
        assertThat(inChat("Fechamos às 18h").locator(".meta")).containsText("editada");
        assertThat(onPhone("Fechamos às 17h")).isVisible();
        assertThat(chat().locator(".system").last()).containsText("continua vendo");
        int told = chat().locator(".system").count();
        act(inChat("Veja os dois"), "Apagar para todos");
        assertThat(chat().locator(".system")).hasCount(told + 1);
        assertThat(onPhone("Veja os dois")).isVisible();
    }

    private void aTemplateIsAnsweredByAButton() {
        page.locator("#template").selectOption("/template weekly_menu");
        attach("agent", "Um documento pronto");
        page.locator("#agent-send").click();
        Locator template = onPhone("O cardápio da semana chegou");
        assertThat(template.locator(".named")).hasText("cardapio.pdf");
        template.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Quero pedir"))
                .click();
        assertThat(inChat("Escolheu: Quero pedir")).isVisible();
    }

    private void aDayPasses() {
        assertThat(page.locator("#window")).containsText("Janela de 24 horas aberta");
        page.locator("#let-pass").click();
        assertThat(page.locator("#window")).containsText("Janela de 24 horas fechada");
        int told = chat().locator(".system").count();
        write("#agent-text", "Ainda quer os dois?");
        assertThat(phone().locator(".never").filter(having("Ainda quer os dois?")))
                .containsText("Nunca chegou ao celular: 131047");
        assertThat(chat().locator(".system")).hasCount(told + 1);
        assertThat(chat().locator(".system").last()).containsText("/template");

        page.locator("#template").selectOption("/template welcome_back Maria");
        page.locator("#agent-send").click();
        assertThat(onPhone("Olá Maria, podemos continuar nossa conversa?")).isVisible();
        write("#phone-text", "Quero, sim!");
        assertThat(page.locator("#window")).containsText("Janela de 24 horas aberta");

        page.locator("#refuse-code").selectOption("fail 131026");
        page.locator("[data-fault=refuse]").click();
        write("#agent-text", "Combinado");
        assertThat(phone().locator(".never").filter(having("Combinado"))).containsText("131026");
    }

    private void theConversationEnds() {
        page.locator("#end").click();
        assertThat(page.locator("#end")).hasText("Encerrada");
        assertThat(page.locator("#end")).isDisabled();
        assertThat(page.locator("#wire").getByText("ONIMCONNECTORDIALOGFINISH")).isVisible();
        write("#phone-text", "Até amanhã!");
        assertThat(page.locator("#end")).hasText("Encerrar a conversa");
        assertThat(page.locator("#wire").getByText("ONIMCONNECTORDIALOGSTART").last())
                .isVisible();
    }

    private void everybodyCanUseIt() {
        look("wide");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        look("wide-dark");
        page.context().close();
        page = open(360, true, "ru-RU");
        onPhone("Quero dois").locator(".menu-button").click();
        look("menu-narrow");
        page.keyboard().press("Escape");
        page.locator("#tab-agent").click();
        look("agent-narrow");
        page.locator("#tab-panel").click();
        look("panel-narrow");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        look("panel-narrow-light");
        page.locator("#tab-agent").click();
        look("agent-narrow-light");
        page.context().close();
    }

    // ---------------------------------------------------------------- hands and eyes

    private Page open(int width, boolean dark, String locale) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, 860)
                .setColorScheme(dark ? ColorScheme.DARK : ColorScheme.LIGHT)
                .setLocale(locale)
                .setPermissions(List.of("microphone")));
        context.setDefaultTimeout(30_000);
        context.addInitScript(Chromium.axe());
        context.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add(message.text());
            }
        });
        context.onWebError(error -> complaints.add(error.error()));
        Page opened = context.newPage();
        opened.navigate(url + "/sandbox");
        assertThat(opened.locator("#state")).hasClass(Pattern.compile("live"));
        return opened;
    }

    private void write(String where, String text) {
        page.locator(where).fill(text);
        page.locator(where).press("Enter");
    }

    private void attach(String side, String what) {
        page.locator("#" + side + "-form summary").click();
        page.locator("#" + side + "-form .menu")
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(what))
                .click();
    }

    private void act(Locator message, String what) {
        message.locator(".menu-button").click();
        page.locator("#menu")
                .getByRole(AriaRole.MENUITEM, new Locator.GetByRoleOptions().setName(what))
                .click();
    }

    private Locator phone() {
        return page.locator("#phone-messages");
    }

    private Locator chat() {
        return page.locator("#agent-messages");
    }

    /** The message itself, not those that quote it. */
    private Locator onPhone(String text) {
        return phone().locator(".bubble:not(.never)").filter(having(text));
    }

    private Locator inChat(String text) {
        return chat().locator(".bubble:not(.system)").filter(having(text));
    }

    private Locator.FilterOptions having(String text) {
        return new Locator.FilterOptions()
                .setHas(page.locator(
                        ".body",
                        new Page.LocatorOptions()
                                .setHasText(text)
                                .setHasNot(page.locator("blockquote", new Page.LocatorOptions().setHasText(text)))));
    }

    private void shows(Locator picture) {
        assertThat(picture).hasJSProperty("complete", true);
        assertThat(picture).not().hasJSProperty("naturalWidth", 0);
    }

    private void look(String name) {
        assertThat(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
                .as("%s fits its width", name)
                .isEqualTo(true);
        if (PICTURES) {
            page.screenshot(
                    new Page.ScreenshotOptions().setPath(Chromium.SCREENSHOTS.resolve("sandbox-" + name + ".png")));
        }
        Object found = page.evaluate("async () => (window.axe ?? bringAxe(), await axe.run(document)).violations"
                + ".map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | '))");
        assertThat((List<?>) Objects.requireNonNull(found)).as(name).isEmpty();
    }
}
