package io.zaptrix.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.TestApp;
import io.zaptrix.testing.SharedApplication;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What was sent is forgotten with the ledger, of every portal, and nothing younger. */
@SharedApplication
class RetentionTest {

    private final TestApp app = TestApp.shared();
    private final JdbcClient superuser = JdbcClient.create(app.database().superuser());

    private void sent(String member, String id, int daysAgo) {
        superuser
                .sql("""
                        insert into outbound_message (tenant_id, im_message_id, part, parts, phone_number_id, whatsapp_id,
                            line_id, chat_id, im, state, created_at)
                        values (:tenant, :id, 0, 1, '1', '1', '1', '1', '{}', 'read', now() - make_interval(days => :days))
                        """)
                .param("tenant", TenantId.ofMember(member).value())
                .param("id", id)
                .param("days", daysAgo)
                .update();
    }

    @Test
    void monthOldRowsOfAllPortalsGo() {
        sent("retention-a", "old", 31);
        sent("retention-b", "old", 400);
        sent("retention-a", "young", 29);

        assertThat(app.bean("retention", Retention.class).forget()).isGreaterThanOrEqualTo(2);

        assertThat(superuser
                        .sql("select im_message_id from outbound_message where tenant_id in (:tenants)")
                        .param(
                                "tenants",
                                List.of(
                                        TenantId.ofMember("retention-a").value(),
                                        TenantId.ofMember("retention-b").value()))
                        .query(String.class)
                        .list())
                .containsExactly("young");
    }
}
