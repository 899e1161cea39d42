package io.zaptrix.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.springframework.web.util.HtmlUtils;

/** How a story looks at a page. */
final class Seen {

    private Seen() {}

    /** The page came with that status, says the texts of these keys, and nothing that only programmers read. */
    static void says(HttpResponse<String> page, int status, String language, String... keys) {
        assertThat(page.statusCode()).as(page.body()).isEqualTo(status);
        for (String key : keys) {
            assertThat(text(page)).contains(Words.say(language, key));
        }
        assertThat(page.body()).doesNotContain("Exception", "\tat ", "??");
    }

    static String text(HttpResponse<String> page) {
        return HtmlUtils.htmlUnescape(page.body());
    }

    /** Where a redirect leads, within the application. */
    static String path(HttpResponse<String> redirect) {
        return redirect.headers().firstValue("Location").orElseThrow().replaceFirst("^https?://[^/]+", "");
    }
}
