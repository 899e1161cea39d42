package io.zaptrix.inbound;

import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.platform.TenantId;
import java.util.Optional;

/**
 * Makes links by which Bitrix24 fetches what customers send. Where there is no such bean, or no link, the chat says
 * what was sent instead.
 */
interface CustomerFiles {

    /**
     * A link to a file that Meta keeps. Nothing is fetched for it now; the same file may be asked for again.
     *
     * @param tenant the bound tenant
     * @param chat where its message is shown
     */
    Optional<FileLink> link(TenantId tenant, ChatAddress chat, MediaReference media);

    /**
     * A link to a small file that is made from the message itself, such as a contact's card.
     *
     * @param name any text
     * @param mimeType without parameters
     * @param content some kilobytes at most
     */
    default Optional<FileLink> link(TenantId tenant, String name, String mimeType, byte[] content) {
        return Optional.empty();
    }
}
