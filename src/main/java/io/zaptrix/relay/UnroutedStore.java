package io.zaptrix.relay;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

@Component
class UnroutedStore implements Unrouted {

    private static final Logger log = LoggerFactory.getLogger(UnroutedStore.class);
    private static final int BODY_KEPT = 16 * 1024;

    /** Longer than any id of Meta's or Bitrix24's; who sends one need not have proved anything. */
    private static final int REFERENCE_KEPT = 100;

    private final RelayDatabase database;
    private final MeterRegistry metrics;

    UnroutedStore(RelayDatabase database, MeterRegistry metrics) {
        this.database = database;
        this.metrics = metrics;
    }

    @Override
    public void keep(String source, String reason, String reference, byte[] body) {
        metrics.counter("zaptrix.unrouted", "source", source, "reason", reason).increment();
        String known = reference.replace("\0", "");
        String kept = known.codePointCount(0, known.length()) > REFERENCE_KEPT
                ? known.substring(0, known.offsetByCodePoints(0, REFERENCE_KEPT))
                : known;
        log.info("unrouted from {}: {} {}", source, reason, kept);
        database.inTransaction(() -> database.jdbc()
                .update(
                        "insert into unrouted_event (source, reason, reference, body) values (?, ?, ?, ?)",
                        source,
                        reason,
                        kept,
                        body.length > BODY_KEPT ? Arrays.copyOf(body, BODY_KEPT) : body));
    }
}
