package io.zaptrix.portal;

import java.util.Locale;

/** What the operator of the service can switch on or off for one portal. */
public enum Flag {
    /** Linking numbers by Meta's Embedded Signup, where the service is set up for it. */
    EMBEDDED_SIGNUP,
    /** The JSON API and its keys. */
    API,
    /** Sending the re-opening template by itself when an agent writes outside the window. */
    AUTO_TEMPLATE;

    /** Whether a portal has it of which nothing else was said. */
    public boolean byDefault() {
        return true;
    }

    /** Its name in the database and in pages. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
