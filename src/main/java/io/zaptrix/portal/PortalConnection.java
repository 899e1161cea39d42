package io.zaptrix.portal;

import io.zaptrix.bitrix24.Bitrix24Exception;
import java.util.Set;

/**
 * Looks live how the bound tenant's portal is joined to this service, and mends it. All methods throw
 * {@link Bitrix24Exception} when the portal does not answer as it should; everything may be repeated.
 */
public interface PortalConnection {

    /** The name of the user whose right the app acts with; empty if the portal does not say. */
    String actsAs();

    /** Whether the portal knows the connector. */
    boolean isConnectorRegistered();

    /** The events that should arrive here and would not. */
    Set<String> missingEvents();

    /** Registers the connector and binds the events, as the installation does. */
    void register();
}
