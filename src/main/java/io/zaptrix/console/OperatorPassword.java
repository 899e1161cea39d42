package io.zaptrix.console;

import com.password4j.Argon2Function;
import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.ZaptrixProperties;
import java.security.MessageDigest;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * {@code ZAPTRIX_OPERATOR_PASSWORD}: the password itself, or {@code {argon2}} or {@code {bcrypt}} and its hash (PHC
 * string, {@code $2b$…}).
 */
@Component
class OperatorPassword {

    private static final String ARGON2 = "{argon2}";
    private static final String BCRYPT = "{bcrypt}";

    /** Longer ones are nobody's, and hashing costs. */
    private static final int LONGEST = 200;

    private final @Nullable String configured;

    /** A hash takes memory and time; a crowd must wait for each other rather than for the memory. */
    private final Semaphore hashing = new Semaphore(2);

    OperatorPassword(ZaptrixProperties properties) {
        String password = properties.operatorPassword();
        this.configured = password == null || password.isBlank() ? null : password;
    }

    boolean isSet() {
        return configured != null;
    }

    /** Takes a time that does not tell where the two differ. */
    boolean matches(String given) {
        if (configured == null || given.length() > LONGEST) {
            return false;
        }
        if (!configured.startsWith(ARGON2) && !configured.startsWith(BCRYPT)) {
            return MessageDigest.isEqual(Sha256.of(configured), Sha256.of(given));
        }
        hashing.acquireUninterruptibly();
        try {
            if (configured.startsWith(BCRYPT)) {
                return new BCryptPasswordEncoder().matches(given, configured.substring(BCRYPT.length()));
            }
            String hash = configured.substring(ARGON2.length());
            return Argon2Function.getInstanceFromHash(hash).check(given, hash);
        } finally {
            hashing.release();
        }
    }
}
