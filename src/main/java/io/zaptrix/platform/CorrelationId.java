package io.zaptrix.platform;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.MDC;

/** The name by which the log lines of one request, and of the deliveries that it causes, are found together. */
public final class CorrelationId {

    /** Under which it stands in the logs. */
    public static final String KEY = "correlation_id";

    private CorrelationId() {}

    /** That of the request at hand, or a new one. */
    public static String current() {
        String id = MDC.get(KEY);
        return id == null ? fresh() : id;
    }

    public static String fresh() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
