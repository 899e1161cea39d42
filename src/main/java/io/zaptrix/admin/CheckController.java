package io.zaptrix.admin;

import io.zaptrix.admin.ConnectionCheck.Finding;
import io.zaptrix.admin.ConnectionCheck.State;
import io.zaptrix.admin.ConnectionCheck.Test;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.PortalUser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.context.MessageSource;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/**
 * "Check my connection". The page comes at once with a row a test; each row then fetches its own finding. Without
 * JavaScript a link runs them all and waits.
 */
@Controller
@RequestMapping(CheckController.PATH)
class CheckController {

    static final String PATH = "/admin/check";

    /** For all at once; what has not answered by then is shown as silent. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private static final Finding SILENT = Finding.warn(ConnectionCheck.SILENT, "");

    private final ConnectionCheck check;
    private final MessageSource messages;

    CheckController(ConnectionCheck check, MessageSource messages) {
        this.check = check;
        this.messages = messages;
    }

    /**
     * A test as the page shows it.
     *
     * @param state {@code wait} until it is known, then {@code ok}, {@code warn} or {@code bad}
     */
    public record Row(
            String path,
            String title,
            @Nullable String subject,
            String state,
            @Nullable String text,
            @Nullable String next,
            @Nullable String said,
            boolean repairable) {}

    @GetMapping
    ModelAndView page(
            CsrfToken csrf,
            Locale language,
            @RequestParam(required = false) @Nullable String now,
            @RequestParam(required = false) @Nullable String repaired,
            @RequestParam(required = false) @Nullable String failed) {
        List<Test> tests = check.tests();
        List<Row> rows = now == null
                ? tests.stream().map(test -> row(test, null, language)).toList()
                : together(tests, language);
        return new ModelAndView("admin/check")
                .addObject("rows", rows)
                .addObject("now", now != null)
                .addObject("repaired", repaired != null)
                .addObject("failed", failed != null)
                .addObject("csrf", csrf);
    }

    /** One row, for the page that is open. */
    @GetMapping("/{kind}/{subject}")
    ModelAndView one(CsrfToken csrf, Locale language, @PathVariable String kind, @PathVariable String subject) {
        Test test = find(kind, subject);
        return new ModelAndView("admin/check-row")
                .addObject("test", row(test, check.run(test, language), language))
                .addObject("csrf", csrf);
    }

    @PostMapping("/{kind}/{subject}")
    ModelAndView repair(
            CsrfToken csrf,
            @AuthenticationPrincipal PortalUser user,
            Locale language,
            @PathVariable String kind,
            @PathVariable String subject,
            @RequestHeader(name = "HX-Request", required = false) @Nullable String fragment) {
        Test test = find(kind, subject);
        boolean failed = check.repair(user, test).isPresent();
        if (fragment != null) {
            return one(csrf, language, kind, subject).addObject("tried", failed);
        }
        return new ModelAndView(SeeOther.to(PATH + "?now&" + (failed ? "failed" : "repaired") + "#" + kind));
    }

    private Test find(String kind, String subject) {
        return check.find(kind, subject).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    private List<Row> together(List<Test> tests, Locale language) {
        TenantId tenant = TenantContext.require();
        Map<String, String> logged = MDC.getCopyOfContextMap();
        List<CompletableFuture<Finding>> findings = new ArrayList<>();
        for (Test test : tests) {
            CompletableFuture<Finding> finding = new CompletableFuture<>();
            findings.add(finding);
            Thread.ofVirtual().name("check").start(() -> {
                if (logged != null) {
                    MDC.setContextMap(logged);
                }
                try {
                    finding.complete(TenantContext.call(tenant, () -> check.run(test, language)));
                } catch (Throwable failed) {
                    finding.completeExceptionally(failed);
                }
            });
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < tests.size(); i++) {
            rows.add(row(tests.get(i), await(findings.get(i), end - System.nanoTime()), language));
        }
        return rows;
    }

    private static Finding await(CompletableFuture<Finding> finding, long nanos) {
        try {
            return finding.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            return SILENT;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return SILENT;
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(failed);
        }
    }

    private Row row(Test test, @Nullable Finding finding, Locale language) {
        String subject = test.number() == null
                ? null
                : test.number().displayPhoneNumber() + " · " + test.number().displayName();
        String path = PATH + "/" + test.kind().path() + "/" + test.subject();
        String title = say("check." + test.kind(), language);
        if (finding == null) {
            return new Row(path, title, subject, "wait", null, null, null, false);
        }
        String what = test.kind().key(finding.what());
        Object[] details = finding.detail().isEmpty() ? new Object[0] : new Object[] {finding.detail()};
        return new Row(
                path,
                title,
                subject,
                finding.state().name().toLowerCase(Locale.ROOT),
                say(what, language, details),
                finding.state() == State.OK
                        ? null
                        : say(Objects.requireNonNullElse(finding.advice(), what + ".next"), language),
                finding.said(),
                finding.repairable());
    }

    private String say(String key, Locale language, Object... details) {
        return messages.getMessage(key, details.length == 0 ? null : details, language);
    }
}
