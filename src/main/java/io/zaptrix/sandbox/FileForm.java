package io.zaptrix.sandbox;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.platform.Sha256;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A form with a file in it ({@code multipart/form-data}, RFC 7578), read as it comes: of a large file only its size,
 * its hash and its beginning are kept.
 */
final class FileForm {

    /** Larger files are not kept. */
    static final int KEPT = 16 << 20;

    private static final int BEGINNING = 64;
    private static final Pattern NAME = Pattern.compile("name=\"([^\"]*)\"");
    private static final Pattern FILENAME = Pattern.compile("filename=\"([^\"]*)\"");

    final Map<String, String> fields = new LinkedHashMap<>();

    @Nullable
    StoredFile file;

    private FileForm() {}

    /** @throws IOException when it is no such form, or ends early */
    static FileForm read(String contentType, InputStream body) throws IOException {
        Matcher boundary = Pattern.compile("boundary=\"?([^\";]+)\"?").matcher(contentType);
        if (!boundary.find()) {
            throw new IOException("no boundary");
        }
        FileForm form = new FileForm();
        byte[] mark = ("\r\n--" + boundary.group(1)).getBytes(ISO_8859_1);
        BufferedInputStream in = new BufferedInputStream(body, 64 * 1024);
        copyTo(in, mark, OutputStream.nullOutputStream(), 2);
        while (!line(in).equals("--")) {
            Map<String, String> headers = new LinkedHashMap<>();
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                String[] header = line.split(": *", 2);
                headers.put(header[0].toLowerCase(Locale.ROOT), header.length > 1 ? header[1] : "");
            }
            form.part(in, mark, headers);
        }
        return form;
    }

    private void part(BufferedInputStream in, byte[] mark, Map<String, String> headers) throws IOException {
        String disposition = headers.getOrDefault("content-disposition", "");
        Matcher name = NAME.matcher(disposition);
        Matcher filename = FILENAME.matcher(disposition);
        if (filename.find()) {
            Sink sink = new Sink();
            try (OutputStream buffered = new BufferedOutputStream(sink, 64 * 1024)) {
                copyTo(in, mark, buffered, 0);
            }
            file = sink.stored(filename.group(1), headers.getOrDefault("content-type", "application/octet-stream"));
        } else {
            ByteArrayOutputStream value = new ByteArrayOutputStream();
            copyTo(in, mark, value, 0);
            fields.put(name.find() ? name.group(1) : "", value.toString(UTF_8));
        }
    }

    /** @param matched how much of the mark counts as read already: a form may begin with it, without its line break */
    private static void copyTo(BufferedInputStream in, byte[] mark, OutputStream out, int matched) throws IOException {
        int at = matched;
        while (at < mark.length) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the form ends early");
            }
            if (next == (mark[at] & 0xff)) {
                at++;
                continue;
            }
            // No prefix of the mark is repeated in it: it begins with the only line break.
            out.write(mark, 0, at);
            at = next == mark[0] ? 1 : 0;
            if (at == 0) {
                out.write(next);
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                if (line.toString(UTF_8).equals("--")) {
                    break;
                }
                throw new EOFException("the form ends early");
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(UTF_8);
    }

    /** Counts and hashes, and keeps what is not too large. */
    static final class Sink extends OutputStream {

        private final MessageDigest digest = Sha256.start();
        private final byte[] beginning = new byte[BEGINNING];
        private @Nullable ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private long size;

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            digest.update(bytes, offset, length);
            if (size < BEGINNING) {
                System.arraycopy(bytes, offset, beginning, (int) size, (int) Math.min(length, BEGINNING - size));
            }
            size += length;
            if (size > KEPT) {
                kept = null;
            }
            ByteArrayOutputStream keeping = kept;
            if (keeping != null) {
                keeping.write(bytes, offset, length);
            }
        }

        StoredFile stored(String name, String contentType) {
            ByteArrayOutputStream keeping = kept;
            return new StoredFile(
                    name,
                    contentType,
                    size,
                    HexFormat.of().formatHex(digest.digest()),
                    keeping == null ? null : FileContent.of(keeping.toByteArray()));
        }
    }
}
