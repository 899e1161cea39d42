package io.zaptrix.platform;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The rest of a request, carried on by a filter as the tenant that it has proved. */
public final class TenantRequest {

    private TenantRequest() {}

    /** @throws IllegalStateException as {@link TenantContext#call} */
    public static void carryOn(TenantId tenant, FilterChain chain, ServletRequest request, ServletResponse response)
            throws ServletException, IOException {
        try {
            TenantContext.run(tenant, () -> {
                try {
                    chain.doFilter(request, response);
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                } catch (ServletException failed) {
                    throw new Carried(failed);
                }
            });
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        } catch (Carried failed) {
            throw failed.failure;
        }
    }

    /** Brings a checked exception through a lambda. */
    private static final class Carried extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient ServletException failure;

        Carried(ServletException failure) {
            super(failure);
            this.failure = failure;
        }
    }
}
