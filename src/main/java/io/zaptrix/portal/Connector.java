package io.zaptrix.portal;

/** The connector that Zaptrix registers in every portal. */
public final class Connector {

    /** Its code: half of the address of a chat, so it can never change. */
    public static final String CODE = "zaptrix_whatsapp";

    private Connector() {}
}
