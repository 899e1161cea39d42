package io.zaptrix.portal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.UriComponentsBuilder;

/** The two addresses of the OAuth sign-in that Spring Security's filters leave to the application. */
@RestController
class OAuthEntryController {

    /** Reached when {@link OAuthEntry.Resolver} would not send the browser anywhere; people get a page instead. */
    @Operation(summary = "Signs in from outside the iframe: sends the browser to the portal named by domain")
    @Parameter(name = "domain", in = ParameterIn.QUERY, required = true, example = "acme.bitrix24.com")
    @GetMapping(
            path = OAuthEntry.PATH,
            produces = {MediaType.APPLICATION_PROBLEM_JSON_VALUE, MediaType.APPLICATION_JSON_VALUE})
    ResponseEntity<ProblemDetail> noSuchPortal() {
        return ResponseEntity.of(ProblemDetail.forStatusAndDetail(
                        HttpStatus.BAD_REQUEST,
                        "Give the address of your Bitrix24 as the parameter domain, such as acme.bitrix24.com."))
                .build();
    }

    /** Bitrix24 comes back to the app's address in its settings, which is that of the main page. */
    @GetMapping(
            path = "/bitrix24/app",
            params = {"code", "state"})
    ResponseEntity<Void> passOn(@RequestParam String code, @RequestParam String state) {
        URI callback = UriComponentsBuilder.fromPath(OAuthEntry.CALLBACK)
                .queryParam("code", "{code}")
                .queryParam("state", "{state}")
                .build(code, state);
        return ResponseEntity.status(HttpStatus.FOUND).location(callback).build();
    }
}
