package io.zaptrix.console;

import io.zaptrix.platform.OperatorScope;
import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.TenantId;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What the operator has besides the password: an authenticator app, set up at the first sign-in, and recovery codes.
 * The secret is sealed; of the recovery codes, which are as long as secrets are, only digests are kept.
 */
@Component
class SecondFactor {

    static final int RECOVERY_CODES = 10;

    /** Of the table and column, as {@link Secrets} asks for. */
    private static final String PURPOSE = "operator_second_factor.secret";

    private static final int SECRET_BYTES = 20;
    private static final int RECOVERY_BYTES = 10;

    private final JdbcClient jdbc;
    private final OperatorScope scope;
    private final Secrets secrets;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    SecondFactor(JdbcClient jdbc, OperatorScope scope, Secrets secrets, ObjectProvider<InstantSource> clock) {
        this.jdbc = jdbc;
        this.scope = scope;
        this.secrets = secrets;
        this.clock = clock.getIfAvailable(InstantSource::system);
    }

    private record Row(byte[] secret, boolean confirmed) {}

    boolean isSetUp() {
        return row().filter(Row::confirmed).isPresent();
    }

    /** The secret that is being set up, in Base32: the same for an hour, so that a page may be opened again. */
    String offered() {
        byte[] fresh = new byte[SECRET_BYTES];
        random.nextBytes(fresh);
        byte[] sealed = secrets.seal(TenantId.NOBODY, PURPOSE, Totp.base32(fresh));
        scope.call(() -> jdbc.sql("""
                        insert into operator_second_factor as known (secret) values (:secret)
                        on conflict (id) do update set secret = excluded.secret, created_at = now()
                            where known.confirmed_at is null and known.created_at < now() - interval '1 hour'
                        """).param("secret", sealed).update());
        return row().filter(row -> !row.confirmed())
                .map(row -> secrets.open(TenantId.NOBODY, PURPOSE, row.secret()))
                .orElseThrow(() -> new IllegalStateException("the second factor is set up already"));
    }

    /**
     * Ends the setting up, if the code shows that the app has the secret.
     *
     * @return the recovery codes, which nobody can be told again
     */
    Optional<List<String>> confirm(String code) {
        Optional<Row> row = row().filter(found -> !found.confirmed());
        if (row.isEmpty()) {
            return Optional.empty();
        }
        OptionalLong step = match(row.get(), code);
        if (step.isEmpty()) {
            return Optional.empty();
        }
        return Optional.ofNullable(scope.call(() -> {
            int confirmed = jdbc.sql("""
                            update operator_second_factor set confirmed_at = now(), last_step = :step
                            where confirmed_at is null and secret = :secret
                            """)
                    .param("step", step.getAsLong())
                    .param("secret", row.get().secret())
                    .update();
            return confirmed == 1 ? newRecoveryCodes() : null;
        }));
    }

    /** Whether it is a code of the app's that was not used before, or a recovery code, which is used up by this. */
    boolean accepts(String given) {
        String code = given.replaceAll("[\\s-]", "").toUpperCase(Locale.ROOT);
        if (code.length() != Totp.DIGITS) {
            return scope.call(() -> jdbc.sql("delete from operator_recovery_code where digest = :digest")
                            .param("digest", Sha256.of(code))
                            .update())
                    == 1;
        }
        Optional<Row> row = row().filter(Row::confirmed);
        if (row.isEmpty()) {
            return false;
        }
        OptionalLong step = match(row.get(), code);
        return step.isPresent()
                && scope.call(() ->
                                jdbc.sql("""
                                update operator_second_factor set last_step = :step
                                where last_step < :step and confirmed_at is not null
                                """).param("step", step.getAsLong()).update())
                        == 1;
    }

    int recoveryCodesLeft() {
        return scope.call(() -> jdbc.sql("select count(*) from operator_recovery_code")
                .query(Integer.class)
                .single());
    }

    /** New ones; the old ones open nothing any more. */
    List<String> renewRecoveryCodes() {
        return scope.call(this::newRecoveryCodes);
    }

    private List<String> newRecoveryCodes() {
        jdbc.sql("delete from operator_recovery_code").update();
        List<String> codes = new ArrayList<>();
        for (int i = 0; i < RECOVERY_CODES; i++) {
            byte[] bytes = new byte[RECOVERY_BYTES];
            random.nextBytes(bytes);
            String code = Totp.base32(bytes);
            jdbc.sql("insert into operator_recovery_code (digest) values (:digest)")
                    .param("digest", Sha256.of(code))
                    .update();
            codes.add(String.join("-", code.split("(?<=\\G.{4})")));
        }
        return codes;
    }

    private OptionalLong match(Row row, String code) {
        byte[] secret = Totp.base32(secrets.open(TenantId.NOBODY, PURPOSE, row.secret()));
        return Totp.match(secret, code.replaceAll("\\s", ""), clock.instant());
    }

    private Optional<Row> row() {
        return scope.call(
                () -> jdbc.sql("select secret, confirmed_at is not null as confirmed from operator_second_factor")
                        .query((row, n) -> new Row(row.getBytes("secret"), row.getBoolean("confirmed")))
                        .optional());
    }
}
