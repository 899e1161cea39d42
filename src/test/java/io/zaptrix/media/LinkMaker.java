package io.zaptrix.media;

import io.zaptrix.platform.TenantId;
import io.zaptrix.platform.TestSecrets;
import java.net.URI;
import java.time.InstantSource;

/** Makes links that an application of the tests' keyset opens. */
public final class LinkMaker {

    private LinkMaker() {}

    /** The path of a link. */
    public static String path(TenantId tenant, String phoneNumberId, String mediaId, String mimeType, String sha256) {
        MediaLinks links = new MediaLinks(TestSecrets.SECRETS, URI.create("http://localhost"), InstantSource.system());
        return links.link(tenant, new MediaFile(phoneNumberId, phoneNumberId + ":1", mediaId, null, mimeType, sha256))
                .url()
                .getPath();
    }
}
