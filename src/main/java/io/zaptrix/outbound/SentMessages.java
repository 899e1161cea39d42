package io.zaptrix.outbound;

import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.ZaptrixProperties;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/**
 * The bound tenant's messages on their way to WhatsApp, a row a part. A row is made durable before its part is sent, so
 * that whoever finds a row without a wamid knows that the part may have been sent; the key lets only one replica make
 * it.
 */
@Repository
@Transactional
class SentMessages {

    private final JdbcClient jdbc;
    private final double patience;

    SentMessages(JdbcClient jdbc, ZaptrixProperties properties) {
        this.jdbc = jdbc;
        this.patience = properties.meta().statusPatience().toMillis() / 1e3;
    }

    /** How far a part got; the order is that of progress. */
    enum State {
        /** Being sent, or interrupted while it was. */
        SENDING,
        /** Nobody knows, and the agent was told. */
        UNCERTAIN,
        SENT,
        DELIVERED,
        READ,
        FAILED
    }

    /**
     * @param stale it is in state {@code SENDING} for so long that no status webhook will explain it any more
     * @param automatic no person wrote it
     */
    record Sent(
            String imMessageId,
            int part,
            String phoneNumberId,
            String whatsappId,
            String lineId,
            String chatId,
            String im,
            @Nullable String wamid,
            State state,
            boolean stale,
            boolean automatic,
            @Nullable UUID attempt) {}

    /**
     * @param attempt the caller's, of which nothing has been sent before
     * @return whether the part is the caller's to send: false when there was a row already
     */
    boolean begin(AgentMessage message, int part, int parts, String phoneNumberId, String whatsappId, UUID attempt) {
        return jdbc.sql("""
                        insert into outbound_message (tenant_id, im_message_id, part, parts, phone_number_id,
                            whatsapp_id, line_id, chat_id, im, state, automatic, attempt)
                        values (:tenant, :message, :part, :parts, :number, :whatsapp, :line, :chat, :im, 'sending',
                            :automatic, :attempt)
                        on conflict do nothing
                        """)
                        .param("tenant", TenantContext.require().value())
                        .param("message", message.imMessageId())
                        .param("part", part)
                        .param("parts", parts)
                        .param("number", phoneNumberId)
                        .param("whatsapp", whatsappId)
                        .param("line", message.lineId())
                        .param("chat", message.chatId())
                        .param("im", message.im().toString())
                        .param("automatic", message.automatic())
                        .param("attempt", attempt)
                        .update()
                == 1;
    }

    /** Takes {@link #begin} back: the part was certainly not sent. */
    void notSent(String imMessageId, int part) {
        remove(imMessageId, part, null);
    }

    /** The same for a row that was found, as long as it is still its attempt's. */
    void takeBack(Sent row) {
        remove(row.imMessageId(), row.part(), row.attempt());
    }

    /** @param attempt whose row it must be; null: whosever it is */
    private void remove(String imMessageId, int part, @Nullable UUID attempt) {
        jdbc.sql("""
                        delete from outbound_message
                        where tenant_id = :tenant and im_message_id = :message and part = :part and wamid is null
                            and attempt is not distinct from coalesce(cast(:attempt as uuid), attempt)
                        """)
                .param("tenant", TenantContext.require().value())
                .param("message", imMessageId)
                .param("part", part)
                .param("attempt", attempt)
                .update();
    }

    /**
     * Notes progress; what is behind the state that is reached already is ignored, except that a wamid is always noted.
     *
     * @return whether the state moved
     */
    boolean advance(String imMessageId, int part, State state, @Nullable String wamid, @Nullable Integer errorCode) {
        return advance(imMessageId, part, state, wamid, errorCode, null);
    }

    /** @param at when it happened, as Meta says; null: now */
    boolean advance(
            String imMessageId,
            int part,
            State state,
            @Nullable String wamid,
            @Nullable Integer errorCode,
            @Nullable Instant at) {
        Integer moved = jdbc.sql("""
                        with before as (
                            select state from outbound_message
                            where tenant_id = :tenant and im_message_id = :message and part = :part
                            for update
                        )
                        update outbound_message set
                            wamid = coalesce(wamid, cast(:wamid as text)),
                            error_code = coalesce(cast(:error as int), error_code),
                            state = case when :rank > array_position(:order, outbound_message.state)
                                then :state else outbound_message.state end,
                            sent_at = case when :state = 'sent' then coalesce(sent_at, cast(:at as timestamptz), now())
                                else sent_at end,
                            delivered_at = case when :state = 'delivered'
                                then coalesce(delivered_at, cast(:at as timestamptz), now()) else delivered_at end,
                            read_at = case when :state = 'read' then coalesce(read_at, cast(:at as timestamptz), now())
                                else read_at end,
                            failed_at = case when :state = 'failed'
                                then coalesce(failed_at, cast(:at as timestamptz), now()) else failed_at end,
                            updated_at = now()
                        from before
                        where tenant_id = :tenant and im_message_id = :message and part = :part
                        returning case when :rank > array_position(:order, before.state) then 1 else 0 end
                        """)
                .param("tenant", TenantContext.require().value())
                .param("message", imMessageId)
                .param("part", part)
                .param("wamid", wamid)
                .param("error", errorCode)
                .param("rank", state.ordinal() + 1)
                .param("state", name(state))
                .param("order", ORDER)
                .param("at", at == null ? null : Timestamp.from(at))
                .query(Integer.class)
                .optional()
                .orElse(0);
        return moved == 1;
    }

    /** Whether any part of the message was sent, or may have been. */
    @Transactional(readOnly = true)
    boolean isBegun(String imMessageId) {
        return jdbc.sql("""
                        select exists (select from outbound_message where tenant_id = :tenant and im_message_id = :message)
                        """)
                .param("tenant", TenantContext.require().value())
                .param("message", imMessageId)
                .query(Boolean.class)
                .single();
    }

    @Transactional(readOnly = true)
    Optional<Sent> find(String imMessageId, int part) {
        return jdbc.sql(SELECT + "where tenant_id = :tenant and im_message_id = :message and part = :part")
                .param("patience", patience)
                .param("tenant", TenantContext.require().value())
                .param("message", imMessageId)
                .param("part", part)
                .query(SentMessages::read)
                .optional();
    }

    @Transactional(readOnly = true)
    Optional<Sent> findByWamid(String wamid) {
        return jdbc.sql(SELECT + "where tenant_id = :tenant and wamid = :wamid")
                .param("patience", patience)
                .param("tenant", TenantContext.require().value())
                .param("wamid", wamid)
                .query(SentMessages::read)
                .optional();
    }

    private static final String[] ORDER =
            List.of(State.values()).stream().map(SentMessages::name).toArray(String[]::new);

    private static final String SELECT = """
            select im_message_id, part, phone_number_id, whatsapp_id, line_id, chat_id, im, wamid, state, automatic,
                attempt, state = 'sending' and updated_at < now() - make_interval(secs => :patience) as stale
            from outbound_message
            """;

    private static Sent read(ResultSet row, int n) throws SQLException {
        return new Sent(
                row.getString("im_message_id"),
                row.getInt("part"),
                row.getString("phone_number_id"),
                row.getString("whatsapp_id"),
                row.getString("line_id"),
                row.getString("chat_id"),
                row.getString("im"),
                row.getString("wamid"),
                State.valueOf(row.getString("state").toUpperCase(java.util.Locale.ROOT)),
                row.getBoolean("stale"),
                row.getBoolean("automatic"),
                row.getObject("attempt", UUID.class));
    }

    private static String name(State state) {
        return state.name().toLowerCase(java.util.Locale.ROOT);
    }
}
