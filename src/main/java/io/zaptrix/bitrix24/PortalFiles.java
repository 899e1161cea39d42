package io.zaptrix.bitrix24;

import java.net.URI;

/** Files that agents attach, fetched from the links that the portal's events name. */
public interface PortalFiles {

    /**
     * Opens a link, as a stream. Redirects are followed, each looked at like the first address; nothing is repeated.
     *
     * @throws PortalFileException when there is nothing to read
     */
    PortalFile open(URI link);
}
