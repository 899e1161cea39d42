package io.zaptrix.channel;

import io.zaptrix.platform.TenantId;
import java.util.List;
import java.util.Optional;

/** The linked numbers. All but {@link #route} and {@link #tenantsOf} speak of the bound tenant's. */
public interface Channels {

    /** Whose number it is; needs no tenant, because it finds one. Answered from memory, as every webhook asks it. */
    Optional<TenantId> route(String phoneNumberId);

    /** Who has numbers of a WhatsApp Business Account, which several portals may share; needs no tenant. */
    List<TenantId> tenantsOf(String wabaId);

    Optional<PhoneNumber> find(String phoneNumberId);

    List<PhoneNumber> list();

    /**
     * The lines that a number can be linked to, as the portal lists them now.
     *
     * @throws io.zaptrix.bitrix24.Bitrix24Exception when the portal does not say
     */
    List<OpenLine> openLines();

    /**
     * Checks the number at Meta, subscribes the app to its account, makes or takes the open line, and activates the
     * connector there. Linking a number again replaces its token and line.
     *
     * @throws LinkRefused when a step fails; what was done until then is undone
     */
    PhoneNumber link(LinkRequest request);

    /**
     * Puts the number on another open line; Meta has no part in it. Also mends a number whose line is gone.
     *
     * @param lineId an open line's id, or {@link LinkRequest#NEW_LINE}
     * @throws LinkRefused as {@link #link}, of the reasons that concern lines
     * @throws java.util.NoSuchElementException when the tenant has no such number
     */
    PhoneNumber move(String phoneNumberId, String lineId);

    /**
     * Links the number once more with all that is known of it, its token too: for when something was mended at Meta or
     * in the portal.
     *
     * @throws LinkRefused as {@link #link}
     * @throws java.util.NoSuchElementException when the tenant has no such number
     */
    PhoneNumber reconnect(String phoneNumberId);

    /** Takes the number off the portal; the connector is deactivated on a line that has no other number. */
    void unlink(String phoneNumberId);

    /**
     * The token that may send from the number.
     *
     * @throws java.util.NoSuchElementException when the tenant has no such number
     */
    String accessToken(String phoneNumberId);

    /** Says to the admin that the number does not work, and why. */
    void suspend(String phoneNumberId, String problem);

    /** The number works after all: somebody has mended it without linking it again. */
    void resume(String phoneNumberId);

    /** What the admin chose for the number; the defaults where nothing was chosen. */
    ChannelSettings settings(String phoneNumberId);

    /**
     * Changes what is chosen for the number.
     *
     * @throws java.util.NoSuchElementException when the tenant has no such number
     */
    void changeSettings(String phoneNumberId, ChannelSettings settings);

    /** The PIN with which the number was registered here; empty where it was not. */
    Optional<String> pin(String phoneNumberId);

    /** A webhook about the number came. Needs no bound tenant, and costs next to nothing. */
    void heard(TenantId tenant, String phoneNumberId);
}
