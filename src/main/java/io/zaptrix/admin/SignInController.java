package io.zaptrix.admin;

import io.zaptrix.platform.CorrelationId;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** For people whose sign-in leads nowhere, as the address that they typed is no Bitrix24's. */
@Controller
class SignInController {

    private final RefusalLog refusals;

    SignInController(RefusalLog refusals) {
        this.refusals = refusals;
    }

    @GetMapping(path = "/oauth2/authorization/bitrix24", produces = MediaType.TEXT_HTML_VALUE)
    ModelAndView noSuchPortal(HttpServletRequest request, @RequestParam(defaultValue = "") String domain) {
        refusals.note(request, "no address of a Bitrix24");
        return new ModelAndView(
                "admin/sign-in",
                Map.of("unknown", true, "domain", domain, "correlationId", CorrelationId.current()),
                HttpStatus.BAD_REQUEST);
    }
}
