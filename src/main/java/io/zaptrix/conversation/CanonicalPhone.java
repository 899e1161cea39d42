package io.zaptrix.conversation;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One spelling for the mobile numbers of which WhatsApp knows several. Where a country has changed its numbering, the
 * {@code wa_id} of an old account and that of a new one, or a webhook's {@code from} and its contact, may differ for
 * the same person ("phone numbers" in Meta's WhatsApp documentation):
 *
 * <ul>
 *   <li>Brazil put a 9 before mobile numbers: {@code 55 11 8765-4321} is {@code 55 11 98765-4321};
 *   <li>Mexico took the 1 out between country and number: {@code 52 1 55 …} is {@code 52 55 …};
 *   <li>Argentina writes a 9 there when called from abroad, and at home a 15 after the area code: {@code 54 11 15 …}
 *       and {@code 54 11 …} are {@code 54 9 11 …}.
 * </ul>
 *
 * <p>It tells people apart and finds them again. What is sent goes to the {@code wa_id} that Meta gave.
 */
public final class CanonicalPhone {

    /** Area code and eight digits; mobile numbers began with 6 to 9 before the ninth digit, land lines with 2 to 5. */
    private static final Pattern BRAZIL_SHORT = Pattern.compile("55([1-9]\\d)([6-9]\\d{7})");

    private static final Pattern MEXICO_WITH_ONE = Pattern.compile("521(\\d{10})");

    /** Area codes have two to four digits, of which the first is 1, 2 or 3; ten digits with the number. */
    private static final Pattern ARGENTINA_BARE = Pattern.compile("54([1-3]\\d{9})");

    private static final Pattern ARGENTINA_HOME = Pattern.compile("54([1-3]\\d{11})");

    private static final Pattern PHONE = Pattern.compile("\\d{5,17}");

    private CanonicalPhone() {}

    /**
     * The one spelling.
     *
     * @param whatsappId digits of an international number, without plus; or anything else, such as a business-scoped
     *     user id
     * @return digits; what is no phone number comes back as it is
     */
    public static String of(String whatsappId) {
        Matcher brazil = BRAZIL_SHORT.matcher(whatsappId);
        if (brazil.matches()) {
            return "55" + brazil.group(1) + "9" + brazil.group(2);
        }
        Matcher mexico = MEXICO_WITH_ONE.matcher(whatsappId);
        if (mexico.matches()) {
            return "52" + mexico.group(1);
        }
        Matcher bare = ARGENTINA_BARE.matcher(whatsappId);
        if (bare.matches()) {
            return "549" + bare.group(1);
        }
        Matcher home = ARGENTINA_HOME.matcher(whatsappId);
        if (home.matches()) {
            return withoutFifteen(home.group(1)).map(number -> "549" + number).orElse(whatsappId);
        }
        return whatsappId;
    }

    /**
     * What to dial and what a CRM knows the person by: the number's current form. A land line of Argentina stays one,
     * as only WhatsApp's own spelling tells that it is a mobile number.
     *
     * @param whatsappId as Meta gave it
     * @return in the form of E.164, with plus; empty if it is no phone number
     */
    public static Optional<String> dialable(String whatsappId) {
        if (!PHONE.matcher(whatsappId).matches()) {
            return Optional.empty();
        }
        boolean landLine = ARGENTINA_BARE.matcher(whatsappId).matches();
        return Optional.of("+" + (landLine ? whatsappId : of(whatsappId)));
    }

    /** All spellings that come to the same as this one, itself included. */
    static Set<String> spellings(String whatsappId) {
        Set<String> all = new LinkedHashSet<>();
        all.add(whatsappId);
        String canonical = of(whatsappId);
        all.add(canonical);
        if (canonical.matches("55[1-9]\\d9[6-9]\\d{7}")) {
            all.add(canonical.substring(0, 4) + canonical.substring(5));
        } else if (canonical.matches("52\\d{10}")) {
            all.add("521" + canonical.substring(2));
        } else if (canonical.matches("549[1-3]\\d{9}")) {
            all.add("54" + canonical.substring(3));
        }
        return all;
    }

    /** The area code's length is not known; the 15 behind it is where it can be taken out of twelve digits. */
    private static Optional<String> withoutFifteen(String national) {
        int area = national.startsWith("11") ? 2 : national.startsWith("15", 3) ? 3 : 4;
        return national.startsWith("15", area)
                ? Optional.of(national.substring(0, area) + national.substring(area + 2))
                : Optional.empty();
    }
}
