package io.zaptrix.platform;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Everything an operator can set, by the environment variables that {@code .env.example} documents
 * ({@code ZAPTRIX_META_APP_ID} is {@code zaptrix.meta.app-id}, and so on). {@link ConfigurationCheck} has looked at
 * every value before this record is bound, so what arrives here is usable.
 *
 * @param publicUrl where Meta, Bitrix24 and browsers reach this service; no trailing slash
 * @param dataDir where the embedded database and its encryption keyset live
 * @param encryptionKeyset a Tink AEAD keyset in JSON, cleartext; absent only with the embedded database
 * @param operatorPassword opens the operator's pages; absent closes them
 */
@ConfigurationProperties("zaptrix")
public record ZaptrixProperties(
        URI publicUrl,
        @DefaultValue("./data") Path dataDir,
        @Nullable String encryptionKeyset,
        @Nullable String operatorPassword,
        Meta meta,
        @DefaultValue Bitrix24 bitrix24,
        @DefaultValue Relay relay) {

    public ZaptrixProperties {
        publicUrl = withoutTrailingSlash(publicUrl);
    }

    private static URI withoutTrailingSlash(URI url) {
        return URI.create(url.toString().strip().replaceAll("/+$", ""));
    }

    /**
     * The Meta app.
     *
     * @param appSecret one secret, or several by commas while rotating; the first signs, all verify
     * @param verifyToken what Meta's webhook handshake must present
     * @param configId the Embedded Signup configuration; absent hides that way of linking
     * @param sdkUrl where browsers get Facebook's library for it
     * @param statusPatience how long, after a send was interrupted, its status webhook is waited for before the agent
     *     is told that nobody knows
     */
    public record Meta(
            String appId,
            String appSecret,
            String verifyToken,
            @Nullable String configId,
            @DefaultValue("https://graph.facebook.com") URI graphUrl,
            @DefaultValue("v23.0") String graphVersion,
            @DefaultValue("https://connect.facebook.net") URI sdkUrl,
            @DefaultValue("60s") Duration statusPatience) {

        public Meta {
            graphUrl = withoutTrailingSlash(graphUrl);
            sdkUrl = withoutTrailingSlash(sdkUrl);
        }

        /** The secrets of {@link #appSecret}, first the one that signs. */
        public List<String> appSecrets() {
            return List.of(appSecret.strip().split("\\s*,\\s*"));
        }

        @Override
        public String toString() {
            return "Meta[appId=" + appId + ", graphUrl=" + graphUrl + ", graphVersion=" + graphVersion + "]";
        }
    }

    /**
     * The marketplace app at Bitrix24.
     *
     * @param allowPrivateHosts lets portals live on private and loopback addresses (an on-premises Bitrix24)
     * @param ratePerSecond how fast a portal's request bucket drains (Bitrix24's own: 2, Enterprise 5)
     * @param burst how many requests the bucket holds (Bitrix24's own: 50, Enterprise 250)
     */
    public record Bitrix24(
            @Nullable String clientId,
            @Nullable String clientSecret,
            @DefaultValue("https://oauth.bitrix.info") URI oauthUrl,
            @DefaultValue("false") boolean allowPrivateHosts,
            @DefaultValue("2") double ratePerSecond,
            @DefaultValue("50") int burst) {

        public Bitrix24 {
            oauthUrl = withoutTrailingSlash(oauthUrl);
        }

        @Override
        public String toString() {
            return "Bitrix24[clientId=" + clientId + ", oauthUrl=" + oauthUrl + "]";
        }
    }

    /**
     * How the lanes run; the defaults suit one small machine.
     *
     * @param lease how long a claimed lane is this replica's without renewal; a dead replica's lanes move on after it
     * @param lanesPerPortal how many lanes of one portal and direction are worked on at once
     * @param lanesInFlight how many lanes this replica works on at once
     * @param giveUpAfter how long an item is retried before it becomes a dead letter
     * @param remember how long it is known what was accepted and what became of it, without content; never less than
     *     the seven days for which Meta may deliver again
     * @param connections the relay's own database connections, apart from those of the pages
     */
    public record Relay(
            @DefaultValue("10s") Duration lease,
            @DefaultValue("4") int lanesPerPortal,
            @DefaultValue("256") int lanesInFlight,
            @DefaultValue("24h") Duration giveUpAfter,
            @DefaultValue("30d") Duration remember,
            @DefaultValue("8") int connections) {}

    @Override
    public String toString() {
        return "ZaptrixProperties[publicUrl=" + publicUrl + ", dataDir=" + dataDir + ", meta=" + meta + ", bitrix24="
                + bitrix24 + "]";
    }
}
