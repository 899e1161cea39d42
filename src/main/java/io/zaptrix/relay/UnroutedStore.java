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

    private final RelayDatabase database;
    private final MeterRegistry metrics;

    UnroutedStore(RelayDatabase database, MeterRegistry metrics) {
        this.database = database;
        this.metrics = metrics;
    }

    @Override
    public void keep(String source, String reason, String reference, byte[] body) {
        metrics.counter("zaptrix.unrouted", "source", source, "reason", reason).increment();
        log.info("unrouted from {}: {} {}", source, reason, reference);
        database.inTransaction(() -> database.jdbc()
                .update(
                        "insert into unrouted_event (source, reason, reference, body) values (?, ?, ?, ?)",
                        source,
                        reason,
                        reference.replace("\0", ""),
                        body.length > BODY_KEPT ? Arrays.copyOf(body, BODY_KEPT) : body));
    }
}
