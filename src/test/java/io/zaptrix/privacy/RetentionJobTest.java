package io.zaptrix.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.TestApp;
import io.zaptrix.testing.SharedApplication;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What a portal wants to keep for less time than others goes earlier; theirs stays, and so does what is young or waits.
 */
@SharedApplication
class RetentionJobTest {

    private static final TenantId BRIEF = TenantId.ofMember("retention-brief");
    private static final TenantId LONG = TenantId.ofMember("retention-long");

    private final TestApp app = TestApp.shared();
    private final JdbcClient everything = app.everything();

    private void message(TenantId tenant, String id, int daysAgo, String state) {
        everything
                .sql("""
                        insert into outbound_message (tenant_id, im_message_id, part, parts, phone_number_id, whatsapp_id,
                            line_id, chat_id, im, state, created_at)
                        values (:tenant, :id, 0, 1, '1', '1', '1', '1', '{}', 'read', now() - make_interval(days => :days))
                        """)
                .param("tenant", tenant.value())
                .param("id", id)
                .param("days", daysAgo)
                .update();
        everything
                .sql("""
                        insert into item_ledger (tenant_id, written_on, key_digest, lane, item_key, correlation_id, state,
                            accepted_at)
                        values (:tenant, current_date - :days, gen_random_uuid(), 'inbound:1', :id, '', :state,
                            now() - make_interval(days => :days))
                        """)
                .param("tenant", tenant.value())
                .param("id", id)
                .param("state", state)
                .param("days", daysAgo)
                .update();
    }

    /** Given up a day after it came, with its content. */
    private void letter(TenantId tenant, String id, int daysAgo) {
        message(tenant, id, daysAgo, "dead");
        everything.sql("""
                        insert into dead_letter (tenant_id, lane, position, seq, item_key, written_on, key_digest, payload,
                            attempts, reason, correlation_id, accepted_at, died_at)
                        select tenant_id, lane, 1, 1, item_key, written_on, key_digest, 'oi', 1, 'gave_up', '', accepted_at,
                            accepted_at + interval '1 day'
                        from item_ledger where tenant_id = :tenant and item_key = :id
                        """).param("tenant", tenant.value()).param("id", id).update();
    }

    private String kept(String table, String column, TenantId tenant) {
        return everything
                .sql("select coalesce(string_agg(" + column + ", ' ' order by " + column + "), '') from " + table
                        + " where tenant_id = :tenant")
                .param("tenant", tenant.value())
                .query(String.class)
                .single();
    }

    @Test
    void eachPortalForgetsInItsOwnTime() {
        for (TenantId tenant : new TenantId[] {BRIEF, LONG}) {
            message(tenant, "a-young", 7, "done");
            message(tenant, "b-older", 12, "done");
            message(tenant, "c-waiting", 12, "waiting");
        }
        PrivacySettings settings = app.bean(PrivacySettings.class);
        TenantContext.run(BRIEF, () -> settings.retain(10));

        app.bean(RetentionJob.class).run();

        assertThat(kept("outbound_message", "im_message_id", BRIEF)).isEqualTo("a-young");
        assertThat(kept("item_ledger", "item_key", BRIEF)).isEqualTo("a-young c-waiting");
        assertThat(kept("outbound_message", "im_message_id", LONG)).isEqualTo("a-young b-older c-waiting");
        assertThat(kept("item_ledger", "item_key", LONG)).isEqualTo("a-young b-older c-waiting");
    }

    private void portal(TenantId tenant) {
        everything
                .sql("""
                        insert into portal_config (tenant_id, member_id, portal_url, client_endpoint, status, language)
                        values (:tenant, :member, '', '', 'ACTIVE', 'en')
                        """)
                .param("tenant", tenant.value())
                .param("member", tenant.toString())
                .update();
    }

    /** The service itself drops whole weeks, when their last day is over: that alone would be up to 38 days. */
    @Test
    void aPortalThatChoseNothingForgetsAfterThirtyDaysToo() {
        TenantId usual = TenantId.ofMember("retention-usual");
        portal(usual);
        message(usual, "a-young", 29, "done");
        message(usual, "b-over", 31, "done");
        message(usual, "c-waiting", 31, "waiting");
        // The sender's clock was three weeks ahead.
        message(usual, "d-ahead", 31, "done");
        everything.sql("""
                        update item_ledger set written_on = current_date - 10, subject = '5511900000000'
                        where tenant_id = :tenant and item_key = 'd-ahead'
                        """).param("tenant", usual.value()).update();

        app.bean(RetentionJob.class).run();

        assertThat(kept("item_ledger", "item_key", usual)).isEqualTo("a-young c-waiting");
        assertThat(kept("outbound_message", "im_message_id", usual)).isEqualTo("a-young");
    }

    @Test
    void ofFilesNothingIsKnownLongerThanMetaKnowsThemWhetherOrNotMoreAreSent() {
        TenantId idle = TenantId.ofMember("files-idle");
        TenantId brief = TenantId.ofMember("files-brief");
        portal(idle);
        for (TenantId tenant : new TenantId[] {idle, brief}) {
            upload(tenant, "a-young", 9);
            upload(tenant, "b-older", 28);
            upload(tenant, "c-over", 30);
        }
        TenantContext.run(brief, () -> app.bean(PrivacySettings.class).retain(10));

        app.bean(RetentionJob.class).run();

        assertThat(kept("media_upload", "sha256", idle)).isEqualTo("a-young b-older");
        assertThat(kept("media_upload", "sha256", brief)).isEqualTo("a-young");
    }

    private void upload(TenantId tenant, String digest, int daysAgo) {
        everything
                .sql("""
                        insert into media_upload (tenant_id, phone_number_id, sha256, mime_type, kind, size, head_sha256,
                            media_id, source, uploaded_at)
                        values (:tenant, '1', :digest, 'image/png', 'image', 1, '', '1', '1.0',
                            now() - make_interval(days => :days))
                        """)
                .param("tenant", tenant.value())
                .param("digest", digest)
                .param("days", daysAgo)
                .update();
    }

    @Test
    void whatCouldNotBeDeliveredIsKeptNoLongerThanThePortalSays() {
        TenantId brief = TenantId.ofMember("letters-brief");
        TenantId usual = TenantId.ofMember("letters-usual");
        for (TenantId tenant : new TenantId[] {brief, usual}) {
            letter(tenant, "a-young", 9);
            letter(tenant, "b-over", 12);
        }
        TenantContext.run(brief, () -> app.bean(PrivacySettings.class).retain(10));

        app.bean(RetentionJob.class).run();
        assertThat(kept("dead_letter", "item_key", brief)).isEqualTo("a-young");
        assertThat(kept("item_ledger", "item_key", brief))
                .as("nor is it remembered who wrote it")
                .isEqualTo("a-young");
        assertThat(kept("dead_letter", "item_key", usual)).isEqualTo("a-young b-over");
    }
}
