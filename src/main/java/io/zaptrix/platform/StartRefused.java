package io.zaptrix.platform;

import java.util.List;
import org.springframework.boot.ExitCodeGenerator;

/**
 * The application must not start, and its operator can mend that. Thrown anywhere during the start, it ends the process
 * with exit code 1 and one line on standard error: {@code Zaptrix cannot start: } and the message.
 */
public class StartRefused extends RuntimeException implements ExitCodeGenerator {

    /** @param message what is wrong and, where it is not plain from that, what to do; one line, no secret */
    public StartRefused(String message) {
        super(message);
    }

    /** As {@link #StartRefused(String)}, keeping what brought it about for a debugger; it is not printed. */
    public StartRefused(String message, Throwable cause) {
        super(message, cause);
    }

    StartRefused(List<String> problems) {
        super(String.join("; ", problems));
    }

    @Override
    public int getExitCode() {
        return 1;
    }
}
