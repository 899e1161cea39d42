package io.zaptrix.media;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.fuzz.Target;
import io.zaptrix.platform.TenantId;
import io.zaptrix.platform.TestSecrets;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** Links to files, their ranges, names and types. */
public final class MediaFuzz {

    private MediaFuzz() {}

    public static List<Target> targets() {
        MediaLinks links = new MediaLinks(TestSecrets.SECRETS, URI.create("https://x.y"), InstantSource.system());
        String real = token(links.link(
                TenantId.ofMember("a"), new MediaFile("106", "106:55", "777", "a.pdf", "application/pdf", null)));
        String within = token(links.link(TenantId.ofMember("a"), "a.vcf", "text/vcard", "BEGIN:VCARD".getBytes(UTF_8))
                .orElseThrow());
        Set<String> ours = Set.of(real, within);
        return List.of(
                Target.ofText(
                        "media tokens",
                        List.of(real, within),
                        List.of("A", "-", "_", "=", "/", "..", "%2e"),
                        token -> Target.promised(
                                links.open(token).isEmpty() || ours.contains(token),
                                "a changed token opens something")),
                Target.ofText(
                        "ranges",
                        List.of("bytes=0-99", "bytes=-5", "bytes=5-", "bytes=0-1,4-5"),
                        List.of("bytes=", "-", ",", "9223372036854775808", "0"),
                        header -> ByteRange.parse(header)
                                .flatMap(range -> range.of(1_000))
                                .ifPresent(resolved ->
                                        Target.promised(resolved.toString() != null, "a range has a name"))),
                Target.ofText(
                        "files' names and types",
                        List.of("invoice.pdf", "../../etc/passwd", "a\r\nX: y.jpg", "нота.docx"),
                        List.of(
                                "/",
                                "\\",
                                "..",
                                "\0",
                                "\r\n",
                                "\"",
                                ";",
                                ".",
                                "\u202E",
                                "%00",
                                "image/png",
                                "text/html; charset=x"),
                        name -> {
                            String safe = FileNames.safe(name, name, "file");
                            Target.promised(
                                    safe.chars().noneMatch(c -> c < ' ' || c == '/' || c == '\\') && !safe.isBlank(),
                                    "a name is not safe: " + safe);
                            Target.promised(
                                    FileNames.disposition(false, safe).chars().allMatch(c -> c >= ' ' && c < 127),
                                    "a header has other than ASCII");
                            ContentType.of(name.getBytes(UTF_8), name);
                            ServedType.of(FileNames.bare(name), safe);
                        }));
    }

    private static String token(MediaLink link) {
        return link.url().getPath().replaceFirst(".*/", "");
    }
}
