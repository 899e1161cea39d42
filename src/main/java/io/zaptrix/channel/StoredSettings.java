package io.zaptrix.channel;

import io.zaptrix.platform.TenantContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code channel_settings}: what the bound tenant chose for its numbers. */
@Repository
@Transactional
class StoredSettings {

    private final JdbcClient jdbc;

    StoredSettings(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Transactional(readOnly = true)
    ChannelSettings of(String phoneNumberId) {
        return jdbc.sql("""
                        select read_receipts, typing_indicator, auto_template, agent_signature, template_name,
                            template_language
                        from channel_settings where tenant_id = :tenant and phone_number_id = :number
                        """)
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .query((row, n) -> new ChannelSettings(
                        row.getBoolean(1),
                        row.getBoolean(2),
                        row.getBoolean(3),
                        row.getBoolean(4),
                        row.getString(5),
                        row.getString(6)))
                .optional()
                .orElse(ChannelSettings.DEFAULT);
    }

    void keep(String phoneNumberId, ChannelSettings settings) {
        jdbc.sql("""
                        insert into channel_settings (tenant_id, phone_number_id, read_receipts, typing_indicator,
                            auto_template, agent_signature, template_name, template_language)
                        values (:tenant, :number, :read, :typing, :auto, :signature, :name, :language)
                        on conflict (tenant_id, phone_number_id) do update set
                            read_receipts = excluded.read_receipts,
                            typing_indicator = excluded.typing_indicator,
                            auto_template = excluded.auto_template,
                            agent_signature = excluded.agent_signature,
                            template_name = excluded.template_name,
                            template_language = excluded.template_language,
                            updated_at = now()
                        """)
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .param("read", settings.readReceipts())
                .param("typing", settings.typingIndicator())
                .param("auto", settings.autoTemplate())
                .param("signature", settings.agentSignature())
                .param("name", settings.templateName())
                .param("language", settings.templateLanguage())
                .update();
    }
}
