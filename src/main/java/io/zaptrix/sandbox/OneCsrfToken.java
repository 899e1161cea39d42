package io.zaptrix.sandbox;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.security.web.csrf.DefaultCsrfToken;

/** One token for all pages of one start: other sites cannot read the page, and so do not know it. */
final class OneCsrfToken implements CsrfTokenRepository {

    private final CsrfToken token =
            new DefaultCsrfToken("X-CSRF-TOKEN", "_csrf", UUID.randomUUID().toString());

    @Override
    public CsrfToken generateToken(HttpServletRequest request) {
        return token;
    }

    @Override
    public void saveToken(@Nullable CsrfToken saved, HttpServletRequest request, HttpServletResponse response) {
        // It is always the same.
    }

    @Override
    public CsrfToken loadToken(HttpServletRequest request) {
        return token;
    }
}
