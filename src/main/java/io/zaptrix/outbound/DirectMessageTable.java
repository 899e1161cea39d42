package io.zaptrix.outbound;

import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.meta.GraphErrors;
import io.zaptrix.outbound.DirectMessages.Failure;
import io.zaptrix.outbound.DirectMessages.Part;
import io.zaptrix.outbound.DirectMessages.State;
import io.zaptrix.platform.TenantContext;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code direct_message}; what became of the parts is in {@code outbound_message}. */
@Repository
class DirectMessageTable {

    /** Before the id of a direct message where an agent's message has that of Bitrix24. */
    private static final String PREFIX = "api.";

    private final JdbcClient jdbc;

    DirectMessageTable(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    record Row(
            UUID id,
            ChatAddress address,
            String type,
            int parts,
            @Nullable Failure failure,
            Instant notedAt,
            Instant changedAt) {}

    /** As it stands where an agent's message has the id that Bitrix24 gave it. */
    static String messageId(UUID id) {
        return PREFIX + id;
    }

    /** Reads {@link #messageId}; empty for an agent's message. */
    static Optional<UUID> idOf(String messageId) {
        if (!messageId.startsWith(PREFIX)) {
            return Optional.empty();
        }
        try {
            return Optional.of(UUID.fromString(messageId.substring(PREFIX.length())));
        } catch (IllegalArgumentException somebodyElses) {
            return Optional.empty();
        }
    }

    @Transactional
    void note(UUID id, ChatAddress address, String type, int parts) {
        jdbc.sql("""
                        insert into direct_message (tenant_id, id, phone_number_id, whatsapp_id, type, parts)
                        values (:tenant, :id, :number, :whatsapp, :type, :parts) on conflict do nothing
                        """)
                .param("tenant", TenantContext.require().value())
                .param("id", id)
                .param("number", address.phoneNumberId())
                .param("whatsapp", address.whatsappId())
                .param("type", type)
                .param("parts", parts)
                .update();
    }

    @Transactional(readOnly = true)
    Optional<Row> find(UUID id) {
        return jdbc.sql("""
                        select phone_number_id, whatsapp_id, type, parts, failure, error_code, created_at, updated_at
                        from direct_message where tenant_id = :tenant and id = :id
                        """)
                .param("tenant", TenantContext.require().value())
                .param("id", id)
                .query((row, n) -> new Row(
                        id,
                        new ChatAddress(row.getString("phone_number_id"), row.getString("whatsapp_id")),
                        row.getString("type"),
                        row.getInt("parts"),
                        failure(row.getString("failure"), code(row)),
                        row.getTimestamp("created_at").toInstant(),
                        row.getTimestamp("updated_at").toInstant()))
                .optional();
    }

    /** What is known of the parts that were sent, or begun. */
    @Transactional(readOnly = true)
    List<Part> parts(UUID id) {
        return jdbc.sql("""
                        select part, state, wamid, error_code, updated_at from outbound_message
                        where tenant_id = :tenant and im_message_id = :message order by part
                        """)
                .param("tenant", TenantContext.require().value())
                .param("message", messageId(id))
                .query((row, n) -> {
                    State state = state(row.getString("state"));
                    Timestamp changed = row.getTimestamp("updated_at");
                    return new Part(
                            row.getInt("part"),
                            state,
                            row.getString("wamid"),
                            state == State.FAILED ? failure(null, code(row)) : null,
                            changed.toInstant());
                })
                .list();
    }

    @Transactional
    void failed(UUID id, Failure failure) {
        jdbc.sql("""
                        update direct_message set failure = :reason, error_code = cast(:code as int), updated_at = now()
                        where tenant_id = :tenant and id = :id and failure is null
                        """)
                .param("tenant", TenantContext.require().value())
                .param("id", id)
                .param("reason", failure.reason())
                .param("code", failure.code())
                .update();
    }

    /** What programs are told of Meta's code. */
    static Failure refused(int code) {
        return new Failure(
                GraphErrors.advice(code).name().toLowerCase(Locale.ROOT),
                code == io.zaptrix.meta.GraphException.NO_CODE ? null : code);
    }

    private static @Nullable Failure failure(@Nullable String reason, @Nullable Integer code) {
        if (reason != null) {
            return new Failure(reason, code);
        }
        return code == null ? null : refused(code);
    }

    private static @Nullable Integer code(ResultSet row) throws SQLException {
        int code = row.getInt("error_code");
        return row.wasNull() ? null : code;
    }

    private static State state(String stored) {
        return stored.equals("sending") ? State.ACCEPTED : State.valueOf(stored.toUpperCase(Locale.ROOT));
    }
}
