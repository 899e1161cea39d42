package io.zaptrix.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whoever writes under two spellings of a number is one customer; two customers are never taken for one. */
class CanonicalPhoneProperties {

    @Example
    void theThreeCountriesHaveOneSpellingEach() {
        assertThat(CanonicalPhone.of("551187654321")).isEqualTo("5511987654321");
        assertThat(CanonicalPhone.of("5215512345678")).isEqualTo("525512345678");
        assertThat(CanonicalPhone.of("541123456789")).isEqualTo("5491123456789");
        assertThat(CanonicalPhone.of("54111523456789")).isEqualTo("5491123456789");
        assertThat(CanonicalPhone.of("54351151234567")).isEqualTo("5493511234567");
        assertThat(CanonicalPhone.of("54290115412345")).isEqualTo("5492901412345");
    }

    @Example
    void landLinesAndOtherCountriesStayAsTheyAre() {
        for (String as : new String[] {
            "551133334444",
            "5511987654321",
            "525512345678",
            "16505551234",
            "4915112345678",
            "521234567",
            "55119",
            "",
            "US.13491208655302741918"
        }) {
            assertThat(CanonicalPhone.of(as)).isEqualTo(as);
        }
    }

    @Example
    void aCrmGetsTheNumberInItsCurrentForm() {
        assertThat(CanonicalPhone.dialable("551187654321")).contains("+5511987654321");
        assertThat(CanonicalPhone.dialable("5215512345678")).contains("+525512345678");
        assertThat(CanonicalPhone.dialable("5491123456789")).contains("+5491123456789");
        assertThat(CanonicalPhone.dialable("541123456789")).contains("+541123456789");
        assertThat(CanonicalPhone.dialable("US.1349")).isEmpty();
        assertThat(CanonicalPhone.dialable("")).isEmpty();
    }

    @Property
    void theSpellingIsFinal(@ForAll("ids") String id) {
        String canonical = CanonicalPhone.of(id);

        assertThat(CanonicalPhone.of(canonical)).isEqualTo(canonical);
    }

    @Property
    void allSpellingsComeToTheSame(@ForAll("ids") String id) {
        Set<String> spellings = CanonicalPhone.spellings(id);

        assertThat(spellings).contains(id, CanonicalPhone.of(id));
        assertThat(spellings).allMatch(spelling -> CanonicalPhone.of(spelling).equals(CanonicalPhone.of(id)));
    }

    @Property
    void differentSubscribersAreToldApart(@ForAll("subscribers") String one, @ForAll("subscribers") String other) {
        boolean same = one.equals(other);

        for (String[] forms : new String[][] {{"5511", "55119"}, {"521", "52"}, {"54", "549"}}) {
            for (String a : forms) {
                for (String b : forms) {
                    boolean brazil = forms[0].equals("5511");
                    String first = a + (brazil ? one.substring(2) : one);
                    String second = b + (brazil ? other.substring(2) : other);
                    boolean expected = brazil ? one.substring(2).equals(other.substring(2)) : same;
                    assertThat(CanonicalPhone.of(first).equals(CanonicalPhone.of(second)))
                            .as("%s %s", first, second)
                            .isEqualTo(expected);
                }
            }
        }
    }

    /** Ten digits that are a mobile number in each of the three countries. */
    @Provide
    Arbitrary<String> subscribers() {
        return Combinators.combine(
                        Arbitraries.of("11", "22", "33"),
                        Arbitraries.of("6", "7", "8", "9"),
                        Arbitraries.integers().between(0, 30))
                .as((area, first, rest) -> area + first + "%07d".formatted(rest));
    }

    @Provide
    Arbitrary<String> ids() {
        Arbitrary<String> digits =
                Arbitraries.strings().numeric().ofMinLength(0).ofMaxLength(14);
        return Arbitraries.oneOf(
                Combinators.combine(Arbitraries.of("55", "5511", "521", "52", "54", "549", "5411", ""), digits)
                        .as(String::concat),
                Arbitraries.strings().ofMaxLength(20));
    }
}
