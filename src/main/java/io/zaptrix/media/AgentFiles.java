package io.zaptrix.media;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.bitrix24.PortalFile;
import io.zaptrix.bitrix24.PortalFileException;
import io.zaptrix.bitrix24.PortalFiles;
import io.zaptrix.media.MediaUploads.Upload;
import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.GraphException;
import io.zaptrix.meta.MediaKind;
import io.zaptrix.meta.MediaUpload;
import io.zaptrix.platform.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Hands agents' files to Meta, straight from the portal: a quarter of a megabyte of a file is in memory at most. What
 * Meta has already is not uploaded again, but only if its content is the same to the last byte.
 */
@Component
public class AgentFiles {

    private static final Logger log = LoggerFactory.getLogger(AgentFiles.class);

    /** A file that is no longer than this is known before it is uploaded. */
    private static final int HEAD = 256 * 1024;

    private static final int BUFFER = 32 * 1024;

    private final PortalFiles portal;
    private final GraphClient graph;
    private final MediaUploads uploads;
    private final MeterRegistry metrics;

    AgentFiles(PortalFiles portal, GraphClient graph, MediaUploads uploads, MeterRegistry metrics) {
        this.portal = portal;
        this.graph = graph;
        this.uploads = uploads;
        this.metrics = metrics;
    }

    /**
     * Makes a file ready to be sent from a number of the bound tenant: uploads it, unless it is uploaded already. Sends
     * nothing to anybody, so that it may be repeated at will; takes as long as a file of 100 MB takes.
     *
     * @throws PortalFileException when the portal has trouble giving it out, and may give it later
     * @throws GraphException when Meta does not take it, of any kind but {@code REFUSE}
     */
    public ReadyFile prepare(String accessToken, String phoneNumberId, AgentFile file) {
        ReadyFile ready = ready(accessToken, phoneNumberId, file);
        metrics.counter(
                        "zaptrix.media.agent.files",
                        "outcome",
                        ready.getClass().getSimpleName().toLowerCase(Locale.ROOT))
                .increment();
        return ready;
    }

    /** Meta has refused to send it by its id, although it had given it: next time it is uploaded anew. */
    public void forget(ReadyFile.Uploaded file) {
        uploads.forget(file.mediaId());
    }

    private ReadyFile ready(String accessToken, String phoneNumberId, AgentFile file) {
        Optional<Upload> interrupted = uploads.bySource(phoneNumberId, file.source());
        if (interrupted.isPresent()) {
            Upload upload = interrupted.get();
            return uploaded(file, upload.kind(), upload.mimeType(), upload.mediaId(), true);
        }
        Optional<URI> link = address(file.link());
        if (link.isEmpty()) {
            return new ReadyFile.Lost();
        }
        try {
            return transfer(accessToken, phoneNumberId, file, link.get(), true);
        } catch (PortalFileException failed) {
            if (failed.reason() == PortalFileException.Reason.UNREACHABLE) {
                throw failed;
            }
            log.info("the file {} is lost: {}", file.source(), failed.getMessage());
            return new ReadyFile.Lost();
        } catch (IOException broken) {
            throw PortalFileException.unreachable("the file broke off", broken);
        }
    }

    /** @param look whether to look for the same content among what was uploaded */
    private ReadyFile transfer(String accessToken, String phoneNumberId, AgentFile file, URI link, boolean look)
            throws IOException {
        try (PortalFile content = portal.open(link)) {
            byte[] head = content.body().readNBytes(HEAD);
            boolean whole = head.length < HEAD;
            if (head.length == 0 || isLogin(content, file)) {
                return new ReadyFile.Lost();
            }
            long length = whole ? head.length : content.length();
            long expected = length >= 0 ? length : file.size() == null ? -1 : file.size();
            ContentType type =
                    ContentType.of(Arrays.copyOf(head, Math.min(head.length, ContentType.BEGINNING)), name(file));
            if (expected < 0 || expected > type.mostBytes()) {
                type = type.asDocument();
            }
            if (expected > type.mostBytes()) {
                return new ReadyFile.LinkOnly();
            }
            if (!type.uploadable()) {
                return new ReadyFile.Fetched(link, FileNames.safe(file.name(), type.mimeType(), "file"));
            }
            MessageDigest digest = Sha256.start();
            digest.update(head);
            String headHash = hex(digest);
            if (look && whole) {
                Optional<Upload> same = uploads.byContent(phoneNumberId, headHash, type.mimeType());
                if (same.isPresent()) {
                    return uploaded(
                            file, type.kind(), type.mimeType(), same.get().mediaId(), true);
                }
            } else if (look && uploads.hasSimilar(phoneNumberId, length, headHash, type.mimeType())) {
                return sameOrAnew(accessToken, phoneNumberId, file, link, content, head, type);
            }
            return upload(accessToken, phoneNumberId, file, link, content, head, length, headHash, type);
        }
    }

    /** Reads a large file to its end, which is cheaper than to upload it; and if it is another, begins again. */
    private ReadyFile sameOrAnew(
            String accessToken,
            String phoneNumberId,
            AgentFile file,
            URI link,
            PortalFile content,
            byte[] head,
            ContentType type)
            throws IOException {
        MessageDigest digest = Sha256.start();
        digest.update(head);
        byte[] buffer = new byte[BUFFER];
        long left = MediaKind.DOCUMENT.mostBytes();
        for (int read = content.body().read(buffer);
                read >= 0 && left > 0;
                read = content.body().read(buffer)) {
            digest.update(buffer, 0, read);
            left -= read;
        }
        Optional<Upload> same = uploads.byContent(phoneNumberId, hex(digest), type.mimeType());
        return same.isPresent()
                ? uploaded(file, type.kind(), type.mimeType(), same.get().mediaId(), true)
                : transfer(accessToken, phoneNumberId, file, link, false);
    }

    private ReadyFile upload(
            String accessToken,
            String phoneNumberId,
            AgentFile file,
            URI link,
            PortalFile content,
            byte[] head,
            long length,
            String headHash,
            ContentType type)
            throws IOException {
        Source source = new Source(head, content.body(), type.mostBytes());
        String mediaId;
        try {
            mediaId = graph.uploadMedia(
                    accessToken,
                    phoneNumberId,
                    new MediaUpload(source, length, type.mimeType(), "file" + ending(file, type)));
        } catch (GraphException failed) {
            if (source.tooLong) {
                return new ReadyFile.LinkOnly();
            }
            if (source.failure != null) {
                throw source.failure;
            }
            if (failed.kind() == GraphException.Kind.REFUSE) {
                log.info("Meta does not take {} of {}: {}", type.mimeType(), file.source(), failed.getMessage());
                return new ReadyFile.Fetched(link, FileNames.safe(file.name(), type.mimeType(), "file"));
            }
            throw failed;
        }
        uploads.keep(new Upload(
                phoneNumberId,
                hex(source.digest),
                type.mimeType(),
                type.kind(),
                source.bytes,
                headHash,
                mediaId,
                file.source()));
        return uploaded(file, type.kind(), type.mimeType(), mediaId, false);
    }

    private static ReadyFile.Uploaded uploaded(
            AgentFile file, MediaKind kind, String mimeType, String mediaId, boolean again) {
        boolean voice = kind == MediaKind.AUDIO && mimeType.equals(ContentType.VOICE);
        return new ReadyFile.Uploaded(kind, voice, mediaId, name(file), again);
    }

    private static String name(AgentFile file) {
        return FileNames.safe(file.name(), null, "file");
    }

    private static String ending(AgentFile file, ContentType type) {
        String ending = FileNames.ending(FileNames.safe(null, type.mimeType(), "file"));
        return ending.isEmpty() ? FileNames.ending(name(file)) : ending;
    }

    /** Where a link needs a login after all, the portal shows a page in the file's place, and calls that a success. */
    private static boolean isLogin(PortalFile content, AgentFile file) {
        String ending = FileNames.ending(name(file)).toLowerCase(Locale.ROOT);
        return "text/html".equals(content.contentType()) && !ending.startsWith(".htm") && !ending.equals(".xhtml");
    }

    private static Optional<URI> address(String link) {
        try {
            URI uri = new URI(link.strip().replace(" ", "%20"));
            return uri.isAbsolute() && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException noAddress) {
            return Optional.empty();
        }
    }

    private static String hex(MessageDigest digest) {
        try {
            // A copy: digesting ends a digest.
            return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
        } catch (CloneNotSupportedException everyJdkCan) {
            throw new IllegalStateException(everyJdkCan);
        }
    }

    /** The file as Meta gets it; says afterwards what it was, and whose fault it is that it did not get through. */
    private static final class Source extends InputStream {

        private final InputStream head;
        private final InputStream rest;
        private final long most;
        private final MessageDigest digest = Sha256.start();
        private long bytes;
        private boolean tooLong;
        private @Nullable IOException failure;

        Source(byte[] head, InputStream rest, long most) {
            this.head = new ByteArrayInputStream(head);
            this.rest = rest;
            this.most = most;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = head.read(into, offset, length);
            if (read < 0) {
                try {
                    read = rest.read(into, offset, length);
                } catch (IOException failed) {
                    failure = failed;
                    throw failed;
                }
            }
            if (read > 0) {
                digest.update(into, offset, read);
                bytes += read;
                if (bytes > most) {
                    tooLong = true;
                    throw new IOException("the file is longer than " + most + " bytes");
                }
            }
            return read;
        }
    }
}
