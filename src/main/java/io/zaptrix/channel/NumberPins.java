package io.zaptrix.channel;

import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.TenantContext;
import java.security.SecureRandom;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code number_pin}: the PINs with which the bound tenant's numbers were registered, sealed. */
@Repository
@Transactional
class NumberPins {

    private static final String PIN = "number_pin.pin";
    private static final int MOST = 1_000_000;

    private final JdbcClient jdbc;
    private final Secrets secrets;
    private final SecureRandom random = new SecureRandom();

    NumberPins(JdbcClient jdbc, Secrets secrets) {
        this.jdbc = jdbc;
        this.secrets = secrets;
    }

    @Transactional(readOnly = true)
    Optional<String> of(String phoneNumberId) {
        return jdbc.sql("select pin from number_pin where tenant_id = :tenant and phone_number_id = :number")
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .query(byte[].class)
                .optional()
                .map(kept -> secrets.open(TenantContext.require(), PIN, kept));
    }

    /** The number's PIN, made if it has none; durable before anybody is told of it. */
    String ofOrNew(String phoneNumberId) {
        jdbc.sql("""
                        insert into number_pin (tenant_id, phone_number_id, pin) values (:tenant, :number, :pin)
                        on conflict do nothing
                        """)
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .param("pin", secrets.seal(TenantContext.require(), PIN, "%06d".formatted(random.nextInt(MOST))))
                .update();
        return of(phoneNumberId).orElseThrow();
    }

    /** The number was not registered with it after all. */
    void forget(String phoneNumberId) {
        jdbc.sql("delete from number_pin where tenant_id = :tenant and phone_number_id = :number")
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .update();
    }

    void forgetAll() {
        jdbc.sql("delete from number_pin where tenant_id = :tenant")
                .param("tenant", TenantContext.require().value())
                .update();
    }
}
