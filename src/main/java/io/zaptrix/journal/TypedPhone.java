package io.zaptrix.journal;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import io.zaptrix.conversation.CanonicalPhone;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A customer's phone number as people type it: with or without plus, spaces, brackets, country code, or the digits that
 * a country has changed its numbering by.
 */
final class TypedPhone {

    private static final int SHORTEST = 5;

    private TypedPhone() {}

    /**
     * What it may mean.
     *
     * @param own the company's numbers, in whose countries a number without country code is looked for
     * @return in the spelling of {@link CanonicalPhone}; empty when it can be no whole number
     */
    static Set<String> meanings(String typed, Collection<String> own) {
        String text = typed.strip();
        if (text.chars().anyMatch(Character::isLetter)) {
            // A business-scoped user id.
            return Set.of(text);
        }
        String digits = digits(text);
        if (digits.length() < SHORTEST) {
            return Set.of();
        }
        Set<String> meanings = new LinkedHashSet<>();
        if (text.startsWith("+") || !digits.startsWith("0")) {
            meanings.add(CanonicalPhone.of(digits));
        }
        if (text.startsWith("+")) {
            return meanings;
        }
        if (digits.startsWith("00")) {
            meanings.add(CanonicalPhone.of(digits.substring(2)));
        }
        PhoneNumberUtil numbers = PhoneNumberUtil.getInstance();
        for (String number : own) {
            try {
                int country = numbers.parse("+" + digits(number), null).getCountryCode();
                String region = numbers.getRegionCodeForCountryCode(country);
                meanings.add(
                        CanonicalPhone.of(digits(numbers.format(numbers.parse(text, region), PhoneNumberFormat.E164))));
            } catch (NumberParseException noNumber) {
                // As it stands, then.
            }
        }
        return meanings;
    }

    private static String digits(String text) {
        StringBuilder digits = new StringBuilder();
        text.chars()
                .filter(Character::isDigit)
                .map(c -> Character.digit(c, 10))
                .filter(digit -> digit >= 0)
                .forEach(digits::append);
        return digits.toString();
    }
}
