package io.zaptrix.platform;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;

/**
 * The sentences that a room says to people, in the language of their portal. They lie in UTF-8 property files in the
 * pattern language of {@link MessageFormat}: English in {@code NAME.properties}, and {@code pt_BR}, {@code es} and
 * {@code ru} beside it.
 */
public final class Phrases {

    /** No fall-back to the server's own language: who is not understood is spoken to in English. */
    private static final ResourceBundle.Control CONTROL =
            ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES);

    private static final Locale BRAZIL = Locale.of("pt", "BR");

    private final String bundle;

    /**
     * Names the property files.
     *
     * @param bundle their place on the classpath without language and ending, such as {@code messages/inbound}
     */
    public Phrases(String bundle) {
        this.bundle = bundle.replace('/', '.');
    }

    /**
     * Says a sentence.
     *
     * @param language any locale; Portuguese is always that of Brazil, and a language that is not there is English
     * @param key the sentence's name
     * @param details what goes into its gaps, as it is to be read: numbers are given as text
     * @return the sentence; details appear in it unchanged
     * @throws java.util.MissingResourceException if no file has the key
     */
    public String say(Locale language, String key, Object... details) {
        Locale spoken = language.getLanguage().equals(BRAZIL.getLanguage()) ? BRAZIL : language;
        String pattern = ResourceBundle.getBundle(bundle, spoken, CONTROL).getString(key);
        return new MessageFormat(pattern, spoken).format(details);
    }
}
