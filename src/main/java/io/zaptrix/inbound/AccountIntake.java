package io.zaptrix.inbound;

import io.zaptrix.channel.Channels;
import io.zaptrix.meta.AccountChanged;
import io.zaptrix.meta.AccountNews;
import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.TenantId;
import io.zaptrix.relay.RelayItem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Finds whose an account's event is: everybody's who has numbers of that account. */
@Component
class AccountIntake {

    private final Channels channels;
    private final JsonMapper json;

    AccountIntake(Channels channels, JsonMapper json) {
        this.channels = channels;
        this.json = json;
    }

    /** @return an item for each tenant; empty when it is nobody's, or not about the account */
    List<RelayItem> items(AccountChanged changed, String correlationId) {
        Optional<AccountNews> news = AccountNews.of(changed);
        if (news.isEmpty()) {
            return List.of();
        }
        String wabaId = news.get().wabaId();
        List<TenantId> tenants = channels.tenantsOf(wabaId);
        if (tenants.isEmpty()) {
            return List.of();
        }
        byte[] payload = json.writeValueAsBytes(changed);
        // Account events have no id; the same one comes with the same content and time.
        String key = Sha256.shortHex(payload);
        Instant at = changed.at() == null ? Instant.now() : changed.at();
        return tenants.stream()
                .map(tenant -> new RelayItem(
                        tenant,
                        AccountEventHandler.FLOW + ":" + wabaId,
                        key,
                        at.getEpochSecond(),
                        at,
                        payload,
                        correlationId))
                .toList();
    }
}
