package io.zaptrix.admin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zaptrix.platform.FailedProofs;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Writes down why somebody was not let in, so that the log knows the reference that their page shows. Anybody can have
 * such a page shown to them, so from one address only so many are written down in a minute; the others at debug.
 */
@Component
class RefusalLog {

    private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);

    /** A company's people come from one address. */
    static final int MOST = 60;

    /** Addresses that are known at a time; beyond, the longest unseen are forgotten. */
    private static final int CLIENTS = 10_000;

    private final Cache<String, AtomicInteger> written = Caffeine.newBuilder()
            .expireAfterWrite(Duration.ofMinutes(1))
            .maximumSize(CLIENTS)
            .build();

    /** @param reason a word of ours, never anything of the request */
    void note(HttpServletRequest request, String reason) {
        int before = written.get(FailedProofs.client(request), first -> new AtomicInteger())
                .getAndIncrement();
        if (before < MOST) {
            log.info("not let in: {}", reason);
        } else {
            log.debug("not let in: {}", reason);
        }
    }
}
