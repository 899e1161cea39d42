package io.zaptrix.media;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.channel.Channels;
import io.zaptrix.media.ByteRange.Resolved;
import io.zaptrix.media.MediaLinks.Content;
import io.zaptrix.meta.GraphException;
import io.zaptrix.meta.MediaDownload;
import io.zaptrix.meta.MediaInfo;
import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.TenantContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Gives customers' files out to whoever has a link of {@link MediaLinks}: from Meta straight to the caller, a buffer at
 * a time. Answers 404 to what is no token, or one for a number that is no longer that portal's; 410 to one that has
 * expired or whose file Meta no longer has; 502 when Meta does not give it. What goes wrong after the first byte, a
 * content that is not the one that the customer sent included, breaks the connection off, so that nobody takes what
 * came for the whole.
 */
@RestController
class MediaController {

    private static final Logger log = LoggerFactory.getLogger(MediaController.class);

    private static final int BUFFER = 32 * 1024;
    private static final Duration CACHED = Duration.ofHours(1);

    private final MediaLinks links;
    private final MetaFiles files;
    private final Channels channels;
    private final ApplicationEventPublisher events;
    private final MeterRegistry metrics;

    /** Files that were said to be lost. */
    private final Cache<String, Boolean> lost =
            Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(CACHED).build();

    MediaController(
            MediaLinks links,
            MetaFiles files,
            Channels channels,
            ApplicationEventPublisher events,
            MeterRegistry metrics) {
        this.links = links;
        this.files = files;
        this.channels = channels;
        this.events = events;
        this.metrics = metrics;
    }

    @RequestMapping(
            path = "/media/{token}",
            method = {RequestMethod.GET, RequestMethod.HEAD})
    void file(@PathVariable String token, HttpServletRequest request, HttpServletResponse response) throws IOException {
        Content content = links.open(token).orElseThrow(() -> problem(HttpStatus.NOT_FOUND, "There is no such file."));
        if (content.isExpired(links.now())) {
            throw problem(HttpStatus.GONE, "The link has expired.");
        }
        byte @Nullable [] within = content.within();
        if (within != null) {
            describe(content, response);
            response.setContentLengthLong(within.length);
            response.getOutputStream().write(within);
            return;
        }
        String accessToken = accessToken(content);
        boolean head = request.getMethod().equals("HEAD");
        try {
            if (head) {
                head(content, accessToken, response);
            } else {
                get(content, accessToken, range(content, request), response);
            }
        } catch (GraphException failed) {
            log.info("file {} not given out: {}", content.mediaId(), failed.getMessage());
            boolean gone = failed.isNoSuchObject() || failed.httpStatus() == 404 || failed.httpStatus() == 410;
            count(gone ? "gone" : "failed");
            if (!head) {
                tellLost(content, gone);
            }
            if (gone) {
                throw problem(HttpStatus.GONE, "WhatsApp no longer has this file.");
            }
            throw problem(HttpStatus.BAD_GATEWAY, "WhatsApp does not give this file out at the moment.");
        }
    }

    private String accessToken(Content content) {
        Optional<String> token = channels.route(content.phoneNumberId())
                .filter(content.tenant()::equals)
                .flatMap(tenant -> TenantContext.call(
                        tenant,
                        () -> channels.find(content.phoneNumberId())
                                .map(number -> channels.accessToken(number.phoneNumberId()))));
        return token.orElseThrow(() -> problem(HttpStatus.NOT_FOUND, "There is no such file."));
    }

    private static Optional<ByteRange> range(Content content, HttpServletRequest request) {
        String condition = request.getHeader(HttpHeaders.IF_RANGE);
        return condition == null || condition.equals(tag(content))
                ? ByteRange.parse(request.getHeader(HttpHeaders.RANGE))
                : Optional.empty();
    }

    private void head(Content content, String accessToken, HttpServletResponse response) {
        MediaInfo info = files.info(accessToken, content.phoneNumberId(), content.mediaId());
        describe(content, response);
        if (info.size() >= 0) {
            response.setContentLengthLong(info.size());
        }
    }

    private void get(Content content, String accessToken, Optional<ByteRange> range, HttpServletResponse response)
            throws IOException {
        @Nullable String asked = range.map(ByteRange::header).orElse(null);
        try (MediaDownload download = files.open(accessToken, content.phoneNumberId(), content.mediaId(), asked)) {
            if (range.isEmpty()) {
                whole(content, download, response);
            } else {
                part(content, accessToken, range.get(), download, response);
            }
        }
    }

    private void whole(Content content, MediaDownload download, HttpServletResponse response) throws IOException {
        if (download.status() != HttpStatus.OK.value()) {
            throw problem(HttpStatus.BAD_GATEWAY, "WhatsApp gives out something else.");
        }
        describe(content, response);
        if (download.length() >= 0) {
            response.setContentLengthLong(download.length());
        }
        copy(content, download, download.length(), content.sha256().isEmpty() ? null : Sha256.start(), response);
        count("whole");
    }

    private void part(
            Content content, String accessToken, ByteRange range, MediaDownload download, HttpServletResponse response)
            throws IOException {
        if (download.status() == HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE.value()) {
            throw unsatisfiable(download.contentRange());
        }
        Resolved part;
        if (download.status() == HttpStatus.PARTIAL_CONTENT.value()) {
            part = ByteRange.sent(download.contentRange())
                    .filter(sent -> range.first() < 0 || sent.first() == range.first())
                    .orElseThrow(() -> problem(HttpStatus.BAD_GATEWAY, "WhatsApp gives out something else."));
        } else {
            long size = download.length() >= 0
                    ? download.length()
                    : files.info(accessToken, content.phoneNumberId(), content.mediaId())
                            .size();
            if (size < 0) {
                // What is asked for cannot be told from the rest.
                whole(content, download, response);
                return;
            }
            part = range.of(size).orElseThrow(() -> unsatisfiable("bytes */" + size));
            skip(download, part.first());
        }
        describe(content, response);
        response.setStatus(HttpStatus.PARTIAL_CONTENT.value());
        response.setHeader(HttpHeaders.CONTENT_RANGE, part.contentRange());
        response.setContentLengthLong(part.length());
        copy(content, download, part.length(), null, response);
        count("part");
    }

    /** Meta's server has ignored the range; a reader who fails here has been answered nothing yet. */
    private static void skip(MediaDownload download, long bytes) {
        try {
            download.body().skipNBytes(bytes);
        } catch (IOException failed) {
            throw problem(HttpStatus.BAD_GATEWAY, "WhatsApp does not give this file out at the moment.");
        }
    }

    private static void describe(Content content, HttpServletResponse response) {
        ServedType type = ServedType.of(content.mimeType(), content.name());
        response.setContentType(type.contentType());
        response.setHeader(HttpHeaders.CONTENT_DISPOSITION, FileNames.disposition(type.inline(), content.name()));
        response.setHeader(HttpHeaders.ACCEPT_RANGES, content.within() == null ? "bytes" : "none");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'");
        response.setHeader(HttpHeaders.CACHE_CONTROL, "private, max-age=" + CACHED.toSeconds());
        if (!content.sha256().isEmpty()) {
            response.setHeader(HttpHeaders.ETAG, tag(content));
        }
    }

    private static String tag(Content content) {
        return '"' + content.sha256() + '"';
    }

    /**
     * Copies {@code length} bytes, or all there are if it is -1. The last of them are held back until the hash is known
     * to be right: a reader who was promised so many bytes would otherwise have them all.
     */
    private void copy(
            Content content,
            MediaDownload download,
            long length,
            @Nullable MessageDigest digest,
            HttpServletResponse response)
            throws IOException {
        OutputStream out = response.getOutputStream();
        byte[] buffer = new byte[BUFFER];
        byte[] held = new byte[BUFFER];
        int heldBytes = 0;
        long left = length < 0 ? Long.MAX_VALUE : length;
        while (left > 0) {
            int read = read(content, download, buffer, (int) Math.min(left, BUFFER));
            if (read < 0) {
                break;
            }
            left -= read;
            if (digest != null) {
                digest.update(buffer, 0, read);
            }
            out.write(held, 0, heldBytes);
            byte[] written = held;
            held = buffer;
            heldBytes = read;
            buffer = written;
        }
        if (length >= 0 && left > 0) {
            throw broken(content, "ended early", new EOFException());
        }
        if (digest != null && !HexFormat.of().formatHex(digest.digest()).equals(content.sha256())) {
            metrics.counter("zaptrix.media.wrong.hash").increment();
            throw broken(content, "is not what the customer sent", null);
        }
        out.write(held, 0, heldBytes);
        // What cannot be written is the reader's affair, and the end of it.
        out.flush();
    }

    private int read(Content content, MediaDownload download, byte[] buffer, int most) {
        try {
            return download.body().read(buffer, 0, most);
        } catch (IOException failed) {
            throw broken(content, "broke off", failed);
        }
    }

    private Broken broken(Content content, String what, @Nullable Throwable cause) {
        log.warn("file {} {}", content.mediaId(), what);
        count("broken");
        tellLost(content, false);
        return new Broken(what, cause);
    }

    private void tellLost(Content content, boolean gone) {
        if (lost.asMap().putIfAbsent(content.mediaId(), true) != null) {
            return;
        }
        try {
            TenantContext.run(
                    content.tenant(),
                    () -> events.publishEvent(new CustomerFileLost(
                            content.tenant(),
                            content.phoneNumberId(),
                            content.chat(),
                            content.mediaId(),
                            content.name(),
                            gone)));
        } catch (RuntimeException untold) {
            log.error("nobody was told that a file is lost", untold);
        }
    }

    /** After the first byte there is only one way of saying that something is wrong: not to end properly. */
    private static final class Broken extends RuntimeException {

        private static final long serialVersionUID = 1;

        Broken(String what, @Nullable Throwable cause) {
            super("a file " + what, cause, false, false);
        }
    }

    /**
     * Where something was sent already, the exception goes on, and the server closes the connection for it.
     *
     * @throws Broken itself
     */
    @ExceptionHandler(Broken.class)
    ResponseEntity<ProblemDetail> breakOff(Broken broken, HttpServletResponse response) {
        if (response.isCommitted()) {
            throw broken;
        }
        response.reset();
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(
                HttpStatus.BAD_GATEWAY, "WhatsApp does not give this file out as it should.");
        return ResponseEntity.of(problem).build();
    }

    private void count(String outcome) {
        metrics.counter("zaptrix.media.downloads", "outcome", outcome).increment();
    }

    private static ErrorResponseException unsatisfiable(@Nullable String contentRange) {
        ErrorResponseException problem =
                problem(HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "The file does not reach that far.");
        if (contentRange != null) {
            problem.getHeaders().set(HttpHeaders.CONTENT_RANGE, contentRange);
        }
        return problem;
    }

    private static ErrorResponseException problem(HttpStatus status, String detail) {
        return new ErrorResponseException(status, ProblemDetail.forStatusAndDetail(status, detail), null);
    }
}
