package io.zaptrix.sandbox;

import io.zaptrix.platform.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/** What is in a file: bytes, or as many as one likes that are made while they are read. */
public interface FileContent {

    long size();

    /** Reads it from its beginning. */
    InputStream open();

    static FileContent of(byte[] bytes) {
        byte[] own = bytes.clone();
        return new FileContent() {
            @Override
            public long size() {
                return own.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(own);
            }
        };
    }

    /**
     * A large file that takes no memory.
     *
     * @param beginning how it begins, which says what it is
     * @param seed files of different seeds differ
     */
    static FileContent generated(byte[] beginning, long size, long seed) {
        byte[] head = beginning.clone();
        return new FileContent() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public InputStream open() {
                return new Generated(head, size, seed);
            }
        };
    }

    /** Some of it. */
    default FileContent part(long first, long length) {
        FileContent whole = this;
        return new FileContent() {
            @Override
            public long size() {
                return length;
            }

            @Override
            public InputStream open() {
                try {
                    InputStream in = whole.open();
                    in.skipNBytes(first);
                    return new Limited(in, length);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    /** In hexadecimal. */
    default String sha256() {
        MessageDigest digest = Sha256.start();
        try (InputStream in = new DigestInputStream(open(), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** All of it; for small ones. */
    default byte[] bytes() {
        try (InputStream in = open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes that depend on their place and the seed. */
    final class Generated extends InputStream {

        private final byte[] head;
        private final long size;
        private final long seed;
        private long at;

        private Generated(byte[] head, long size, long seed) {
            this.head = head;
            this.size = size;
            this.seed = seed;
        }

        @Override
        public int read() {
            return at >= size ? -1 : next() & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (at >= size) {
                return -1;
            }
            int some = (int) Math.min(length, size - at);
            for (int i = 0; i < some; i++) {
                into[offset + i] = next();
            }
            return some;
        }

        @Override
        public long skip(long bytes) {
            long some = Math.clamp(bytes, 0, size - at);
            at += some;
            return some;
        }

        private byte next() {
            long place = at++;
            if (place < head.length) {
                return head[(int) place];
            }
            long mixed = ((place >>> 3) + seed) * 0x9e3779b97f4a7c15L;
            return (byte) (mixed >>> ((place & 7) << 3));
        }
    }

    /** The beginning of a stream. */
    final class Limited extends InputStream {

        private final InputStream in;
        private long left;

        private Limited(InputStream in, long length) {
            this.in = in;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            return left-- > 0 ? in.read() : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left <= 0) {
                return -1;
            }
            int read = in.read(into, offset, (int) Math.min(length, left));
            left -= Math.max(0, read);
            return read;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
