package io.zaptrix.admin;

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

    @GetMapping(path = "/oauth2/authorization/bitrix24", produces = MediaType.TEXT_HTML_VALUE)
    ModelAndView noSuchPortal(@RequestParam(defaultValue = "") String domain) {
        return new ModelAndView("admin/sign-in", Map.of("unknown", true, "domain", domain), HttpStatus.BAD_REQUEST);
    }
}
