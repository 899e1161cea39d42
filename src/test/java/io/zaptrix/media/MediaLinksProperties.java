package io.zaptrix.media;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.TenantId;
import io.zaptrix.platform.TestSecrets;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Whatever becomes of a link on its way, it opens its own file or nothing. */
class MediaLinksProperties {

    private static final TenantId ACME = TenantId.ofMember("acme");
    private static final URI PUBLIC = URI.create("https://zaptrix.example");
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Secrets SECRETS = TestSecrets.others();

    private static final MediaLinks LINKS = new MediaLinks(SECRETS, PUBLIC, () -> NOW);

    private static String token(MediaLink link) {
        return link.url().getPath().substring("/media/".length());
    }

    @Provide
    Arbitrary<MediaFile> files() {
        Arbitrary<String> anything = Arbitraries.strings().ofMaxLength(300);
        return Combinators.combine(
                        Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(20),
                        Arbitraries.strings().ascii().ofMaxLength(60).filter(chat -> !chat.contains("\n")),
                        Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(20),
                        anything.injectNull(0.2),
                        Arbitraries.of("image/jpeg", "audio/ogg; codecs=opus", "text/html", "", "\n\n")
                                .injectNull(0.2),
                        anything.injectNull(0.5))
                .as(MediaFile::new);
    }

    @Property
    void aLinkOpensWhatItWasMadeFor(@ForAll("files") MediaFile file) {
        MediaLink link = LINKS.link(ACME, file);

        assertThat(LINKS.open(token(link))).hasValueSatisfying(content -> {
            assertThat(content.tenant()).isEqualTo(ACME);
            assertThat(content.phoneNumberId()).isEqualTo(file.phoneNumberId());
            assertThat(content.chat()).isEqualTo(file.chat());
            assertThat(content.mediaId()).isEqualTo(file.mediaId());
            assertThat(content.name()).isEqualTo(link.name());
            assertThat(content.expires()).isEqualTo(NOW.plus(Duration.ofDays(30)));
        });
        assertThat(link.url().toString()).hasSizeLessThan(2000).startsWith("https://zaptrix.example/media/");
    }

    @Property
    void aFlippedBitOpensNothing(
            @ForAll("files") MediaFile file,
            @ForAll @IntRange(max = 100_000) int place,
            @ForAll @IntRange(max = 7) int bit) {
        String token = token(LINKS.link(ACME, file));
        char[] bent = token.toCharArray();
        bent[place % bent.length] ^= (char) (1 << bit);

        assertThat(LINKS.open(new String(bent))).isEmpty();
    }

    @Property
    void aByteTooFewOrTooManyOpensNothing(@ForAll("files") MediaFile file, @ForAll @IntRange(max = 100_000) int place) {
        String token = token(LINKS.link(ACME, file));

        assertThat(LINKS.open(token.substring(0, place % token.length()))).isEmpty();
        assertThat(LINKS.open(token + "A")).isEmpty();
        assertThat(LINKS.open(token + "=")).isEmpty();
    }

    @Property
    void nonsenseOpensNothing(@ForAll String token) {
        assertThat(LINKS.open(token)).isEmpty();
    }

    @Property
    void aNameIsHarmlessAndKeepsItsEnding(@ForAll("files") MediaFile file) {
        String name = LINKS.link(ACME, file).name();

        assertThat(name.codePointCount(0, name.length())).isBetween(1, FileNames.LONGEST);
        assertThat(name)
                .doesNotContainPattern("[/\\\\:*?\"<>|\\p{Cntrl}\u202e]")
                .doesNotStartWith(".")
                .doesNotEndWith(".");
        assertThat(FileNames.disposition(false, name)).matches("[\\x20-\\x7e]+");
    }

    @Example
    void twoLinksToOneFileAreNotAlike() {
        MediaFile file = new MediaFile("1", "1:9", "2", "a.pdf", "application/pdf", null);
        assertThat(LINKS.link(ACME, file).url())
                .isNotEqualTo(LINKS.link(ACME, file).url());
    }

    @Example
    void whatWasSealedForSomethingElseIsNoLink() {
        byte[] sealed = SECRETS.seal(TenantId.NOBODY, "portal_config.access_token", "1\n2\n3\n4\n5\n6\n7\n8");
        assertThat(LINKS.open(Base64.getUrlEncoder().withoutPadding().encodeToString(sealed)))
                .isEmpty();
    }

    @Example
    void aLinkOfAnotherServiceOpensNothing() {
        MediaLinks other = new MediaLinks(TestSecrets.others(), PUBLIC, () -> NOW);
        MediaFile file = new MediaFile("1", "1:9", "2", null, null, null);
        assertThat(LINKS.open(token(other.link(ACME, file)))).isEmpty();
    }

    @Example
    void aHashIsKnownInBothWaysOfWriting() {
        String hexadecimal = "0123456789abcdef".repeat(4);
        String base64 = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hexadecimal));
        assertThat(MediaLinks.hexadecimal(base64)).isEqualTo(hexadecimal);
        assertThat(MediaLinks.hexadecimal(hexadecimal.toUpperCase(java.util.Locale.ROOT)))
                .isEqualTo(hexadecimal);
        assertThat(MediaLinks.hexadecimal("4654+8g=")).isEmpty();
        assertThat(MediaLinks.hexadecimal("<HASH>")).isEmpty();
        assertThat(MediaLinks.hexadecimal(null)).isEmpty();
    }
}
