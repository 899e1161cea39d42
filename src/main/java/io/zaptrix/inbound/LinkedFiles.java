package io.zaptrix.inbound;

import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.media.MediaFile;
import io.zaptrix.media.MediaLink;
import io.zaptrix.media.MediaLinks;
import io.zaptrix.platform.TenantId;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Customers' files under this service's own signed links. */
@Component
class LinkedFiles implements CustomerFiles {

    private final MediaLinks links;

    LinkedFiles(MediaLinks links) {
        this.links = links;
    }

    @Override
    public Optional<FileLink> link(TenantId tenant, ChatAddress chat, MediaReference media) {
        return Optional.of(fileLink(links.link(
                tenant,
                new MediaFile(
                        chat.phoneNumberId(),
                        chat.external(),
                        media.mediaId(),
                        media.fileName(),
                        media.mimeType(),
                        media.sha256()))));
    }

    @Override
    public Optional<FileLink> link(TenantId tenant, String name, String mimeType, byte[] content) {
        return links.link(tenant, name, mimeType, content).map(LinkedFiles::fileLink);
    }

    private static FileLink fileLink(MediaLink link) {
        return new FileLink(link.url().toString(), link.name());
    }
}
