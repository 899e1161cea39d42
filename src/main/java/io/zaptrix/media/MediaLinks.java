package io.zaptrix.media;

import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.TenantId;
import io.zaptrix.platform.ZaptrixProperties;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Links by which Bitrix24 fetches what customers sent. A link's token holds all there is to know about the file, sealed
 * with the keyset of the secrets at rest: nothing is stored for it, nobody can read or make one, and one that was
 * changed in any place opens nothing.
 */
@Component
public class MediaLinks {

    /** As long as Meta keeps what a customer sent. */
    static final Duration LIFE = Duration.ofDays(30);

    private static final String PURPOSE = "media.link";
    private static final String AT_META = "1";
    private static final String WITHIN = "2";

    /** What proxies take as an address. */
    private static final int LONGEST_TOKEN = 7000;

    /** What can come out of a token; it was put in by {@link #link(TenantId, String, String, byte[])}. */
    private static final int MOST_WITHIN = 64 * 1024;

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final Secrets secrets;
    private final URI publicUrl;
    private final InstantSource clock;

    @Autowired
    MediaLinks(Secrets secrets, ZaptrixProperties properties) {
        this(secrets, properties.publicUrl(), InstantSource.system());
    }

    MediaLinks(Secrets secrets, URI publicUrl, InstantSource clock) {
        this.secrets = secrets;
        this.publicUrl = publicUrl;
        this.clock = clock;
    }

    /**
     * Makes a link to a customer's file. It works for 30 days, as long as the number stays linked to the same portal.
     * Asks nobody: the file is looked for when the link is opened.
     *
     * @param tenant whose number it was sent to
     */
    public MediaLink link(TenantId tenant, MediaFile file) {
        Instant expires = Instant.ofEpochSecond(clock.instant().plus(LIFE).getEpochSecond());
        String kind = FileNames.bare(file.mimeType()).replaceFirst("/.*", "");
        String name = FileNames.safe(file.filename(), file.mimeType(), kind.isEmpty() ? "file" : kind);
        String token = seal(
                AT_META,
                tenant,
                expires,
                file.phoneNumberId(),
                file.chat(),
                file.mediaId(),
                name,
                FileNames.bare(file.mimeType()),
                hexadecimal(file.sha256()));
        return new MediaLink(URI.create(publicUrl + "/media/" + token), name, expires);
    }

    /**
     * Makes a link to a small file that is in the link itself, such as a contact's card.
     *
     * @param wanted its name, any text
     * @param mimeType without parameters
     * @return nothing if it is too large: some kilobytes, the fewer the less they can be compressed
     */
    public Optional<MediaLink> link(TenantId tenant, String wanted, String mimeType, byte[] content) {
        if (content.length > MOST_WITHIN) {
            return Optional.empty();
        }
        Instant expires = Instant.ofEpochSecond(clock.instant().plus(LIFE).getEpochSecond());
        String name = FileNames.safe(wanted, mimeType, "file");
        String token =
                seal(WITHIN, tenant, expires, name, FileNames.bare(mimeType), BASE64.encodeToString(deflated(content)));
        return token.length() > LONGEST_TOKEN
                ? Optional.empty()
                : Optional.of(new MediaLink(URI.create(publicUrl + "/media/" + token), name, expires));
    }

    /**
     * What a token says.
     *
     * @param mimeType without parameters; empty if unknown
     * @param sha256 in hexadecimal; empty if unknown
     * @param within the file itself; absent if Meta has it, and then there is a number and a media id
     */
    record Content(
            TenantId tenant,
            Instant expires,
            String phoneNumberId,
            String chat,
            String mediaId,
            String name,
            String mimeType,
            String sha256,
            byte @Nullable [] within) {

        boolean isExpired(Instant now) {
            return !now.isBefore(expires);
        }

        @Override
        public String toString() {
            return "Content[tenant=" + tenant + ", mediaId=" + mediaId + "]";
        }
    }

    /** @return nothing if the token is not one of ours, whatever it is; one that has expired is given */
    Optional<Content> open(String token) {
        if (token.length() > LONGEST_TOKEN) {
            return Optional.empty();
        }
        try {
            byte[] sealed = Base64.getUrlDecoder().decode(token);
            // The last character may hold bits that mean nothing; only one way of writing a token is a token.
            if (!BASE64.encodeToString(sealed).equals(token)) {
                return Optional.empty();
            }
            List<String> fields =
                    Arrays.asList(secrets.open(TenantId.NOBODY, PURPOSE, sealed).split("\n", -1));
            TenantId tenant = new TenantId(UUID.fromString(fields.get(1)));
            Instant expires = Instant.ofEpochSecond(Long.parseLong(fields.get(2)));
            if (fields.getFirst().equals(AT_META) && fields.size() == 9) {
                return Optional.of(new Content(
                        tenant,
                        expires,
                        fields.get(3),
                        fields.get(4),
                        fields.get(5),
                        fields.get(6),
                        fields.get(7),
                        fields.get(8),
                        null));
            }
            if (fields.getFirst().equals(WITHIN) && fields.size() == 6) {
                byte[] content = inflated(Base64.getUrlDecoder().decode(fields.get(5)));
                return Optional.of(new Content(tenant, expires, "", "", "", fields.get(3), fields.get(4), "", content));
            }
            return Optional.empty();
        } catch (IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException notOurs) {
            return Optional.empty();
        }
    }

    Instant now() {
        return clock.instant();
    }

    private String seal(String version, TenantId tenant, Instant expires, String... fields) {
        String head = version + "\n" + tenant + "\n" + expires.getEpochSecond();
        String rest = Arrays.stream(fields).map(MediaLinks::line).collect(Collectors.joining("\n"));
        // Which tenant it is for is known only once it is open.
        return BASE64.encodeToString(secrets.seal(TenantId.NOBODY, PURPOSE, head + "\n" + rest));
    }

    private static byte[] deflated(byte[] content) {
        try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
            deflater.setInput(content);
            deflater.finish();
            byte[] deflated = new byte[content.length + 64];
            return Arrays.copyOf(deflated, deflater.deflate(deflated));
        }
    }

    private static byte[] inflated(byte[] deflated) {
        try (Inflater inflater = new Inflater()) {
            inflater.setInput(deflated);
            byte[] content = new byte[MOST_WITHIN];
            return Arrays.copyOf(content, inflater.inflate(content));
        } catch (DataFormatException notOurs) {
            throw new IllegalArgumentException(notOurs);
        }
    }

    private static String line(String text) {
        return text.replace('\n', ' ');
    }

    /** Webhooks write a hash in Base64, {@code GET /{media-id}} in hexadecimal. */
    static String hexadecimal(@Nullable String hash) {
        if (hash == null) {
            return "";
        }
        if (hash.matches("[0-9a-fA-F]{64}")) {
            return hash.toLowerCase(Locale.ROOT);
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(hash.replace('-', '+').replace('_', '/'));
            return bytes.length == 32 ? HexFormat.of().formatHex(bytes) : "";
        } catch (IllegalArgumentException noHash) {
            return "";
        }
    }
}
