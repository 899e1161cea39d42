package io.zaptrix.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds of every form of the pages in Bitrix24 and of the console. */
class PageFormsTest {

    private static final Pattern FORM =
            Pattern.compile("<form\\b([^>]*method=\"post\"[^>]*)>(.*?)</form>", Pattern.DOTALL);

    /**
     * A file comes in place of a page, after which the form is there as before; the last one has a script of its own.
     */
    private static final Set<String> SENT_AGAIN = Set.of(
            "/admin/messages/undelivered/export",
            "/admin/privacy/person/export",
            "/admin/privacy/export",
            "/admin/phone-numbers/sign-up");

    /** Proved by what Bitrix24 posted, which stands in it; there is no session yet. */
    private static final Set<String> WITHOUT_TOKEN = Set.of("local-app.html");

    @Test
    void aSecondClickDoesNothingAndEachFormHasTheSessionsToken() throws IOException {
        List<String> seen = new ArrayList<>();
        for (String room : List.of("admin", "console")) {
            try (Stream<Path> templates = Files.list(Path.of("frontend-templates", room))) {
                for (Path template : templates.sorted().toList()) {
                    Matcher form = FORM.matcher(Files.readString(template, UTF_8));
                    while (form.find()) {
                        String name =
                                template.getFileName() + ": " + form.group(1).strip();
                        seen.add(name);
                        if (SENT_AGAIN.stream().noneMatch(form.group(1)::contains)) {
                            assertThat(form.group(1)).as(name).contains("data-once");
                            assertThat(form.group(2)).as(name).contains("type=\"submit\"");
                        }
                        if (!WITHOUT_TOKEN.contains(template.getFileName().toString())) {
                            assertThat(form.group(2)).as(name).contains("name=\"_csrf\"");
                        }
                    }
                }
            }
        }
        assertThat(seen).hasSizeGreaterThan(30);
    }
}
