package io.zaptrix.meta;

import io.zaptrix.meta.GraphException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.entity.mime.InputStreamBody;
import org.apache.hc.client5.http.entity.mime.MultipartEntityBuilder;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Files to and from Meta, as streams. Apart from the other requests and with connections of their own, so that no
 * number of large files keeps a text waiting.
 */
final class GraphFiles implements AutoCloseable {

    /** Of every server of Meta's that files have been seen to come from. */
    private static final Pattern META =
            Pattern.compile("(.+\\.)?(fbsbx\\.com|facebook\\.com|fbcdn\\.net|whatsapp\\.net|whatsapp\\.com)");

    private final CloseableHttpClient http;
    private final URI graph;
    private final Duration answer;

    GraphFiles(URI graph, RestGraphClient.Timeouts timeouts) {
        this.graph = graph;
        this.answer = timeouts.body();
        this.http = RestGraphClient.connections(timeouts, 64).build();
    }

    /**
     * The address of a file, if the access token may be sent there: a server of Meta's by TLS, or the one that Graph
     * itself is configured to be.
     */
    @Nullable
    URI address(@Nullable String url) {
        if (url == null) {
            return null;
        }
        try {
            URI uri = new URI(url);
            String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
            boolean metas =
                    "https".equals(uri.getScheme()) && META.matcher(host).matches();
            boolean graphs = String.valueOf(uri.getScheme()).equals(graph.getScheme())
                    && host.equals(graph.getHost())
                    && uri.getPort() == graph.getPort();
            return metas || graphs ? uri : null;
        } catch (URISyntaxException notAnAddress) {
            return null;
        }
    }

    GraphAnswer upload(URI to, String token, MediaUpload upload) {
        HttpPost request = new HttpPost(to);
        request.setHeader(HttpHeaders.AUTHORIZATION, "Bearer " + token);
        request.setHeader(HttpHeaders.ACCEPT, "application/json");
        // The file last: what it is is known before it comes.
        request.setEntity(MultipartEntityBuilder.create()
                .setContentType(ContentType.create("multipart/form-data"))
                .addTextBody("messaging_product", "whatsapp")
                .addTextBody("type", upload.mimeType())
                .addPart(
                        "file",
                        new InputStreamBody(
                                upload.content(),
                                ContentType.create(upload.mimeType()),
                                upload.filename(),
                                upload.length()))
                .build());
        try (ClassicHttpResponse response = http.executeOpen(null, request, null)) {
            try {
                return new GraphAnswer(response.getCode(), headers(response), small(response.getEntity()));
            } catch (IOException | RuntimeException unreadable) {
                request.cancel();
                throw unreadable;
            }
        } catch (IOException failed) {
            throw failure("upload_media", failed);
        }
    }

    MediaDownload download(URI from, String token, @Nullable String range) {
        HttpUriRequestBase request = new HttpGet(from);
        request.setHeader(HttpHeaders.AUTHORIZATION, "Bearer " + token);
        if (range != null) {
            request.setHeader(HttpHeaders.RANGE, range);
        }
        ClassicHttpResponse response;
        try {
            response = http.executeOpen(null, request, null);
        } catch (IOException failed) {
            throw failure("download_media", failed);
        }
        try {
            int status = response.getCode();
            if (status != 200 && status != 206 && status != 416) {
                GraphAnswer refusal = new GraphAnswer(status, headers(response), new byte[0]);
                throw new GraphException(
                        "download_media",
                        refusal.kindWithoutError(Kind.RETRY),
                        status,
                        "HTTP " + status,
                        refusal.retryAfter(status == 429 ? GraphErrors.limit(GraphException.NO_CODE) : null));
            }
            HttpEntity entity = response.getEntity();
            return new MediaDownload(
                    status,
                    entity == null ? 0 : entity.getContentLength(),
                    entity == null ? null : entity.getContentType(),
                    header(response, HttpHeaders.CONTENT_RANGE),
                    entity == null ? InputStream.nullInputStream() : entity.getContent(),
                    () -> release(request, response));
        } catch (IOException failed) {
            release(request, response);
            throw failure("download_media", failed);
        } catch (RuntimeException failed) {
            release(request, response);
            throw failed;
        }
    }

    /** A cancelled request has nothing left to be read; one that was read to its end has given its connection back. */
    private static void release(HttpUriRequestBase request, ClassicHttpResponse response) {
        request.cancel();
        try {
            response.close();
        } catch (IOException closedAlready) {
            // That is what was wanted.
        }
    }

    private byte[] small(@Nullable HttpEntity entity) throws IOException {
        if (entity == null) {
            return new byte[0];
        }
        long deadline = System.nanoTime() + answer.toNanos();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] buffer = new byte[4096];
        InputStream in = entity.getContent();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            body.write(buffer, 0, read);
            if (body.size() > GraphBoundary.MAX_BODY || System.nanoTime() - deadline > 0) {
                throw new IOException("the answer is too long");
            }
        }
        return body.toByteArray();
    }

    private static HttpHeaders headers(ClassicHttpResponse response) {
        HttpHeaders headers = new HttpHeaders();
        for (Header header : response.getHeaders()) {
            headers.add(header.getName(), header.getValue());
        }
        return headers;
    }

    private static @Nullable String header(ClassicHttpResponse response, String name) {
        Header header = response.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }

    private static GraphException failure(String operation, IOException failed) {
        return new GraphException(
                operation, Kind.RETRY, "no answer: " + failed.getClass().getSimpleName(), failed);
    }

    @Override
    public void close() {
        http.close(CloseMode.GRACEFUL);
    }
}
