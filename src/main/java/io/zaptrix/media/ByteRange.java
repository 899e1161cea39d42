package io.zaptrix.media;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One range of bytes, as {@code Range} asks for it (RFC 9110, section 14).
 *
 * @param first of the file; -1 for a range that counts from its end
 * @param last of the file, or to its end if {@link Long#MAX_VALUE}; how many bytes of its end if {@code first} is -1
 */
record ByteRange(long first, long last) {

    private static final Pattern FORM = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    /**
     * @return nothing for what need not be understood and is answered with the whole file: no header, another unit,
     *     several ranges, nonsense
     */
    static Optional<ByteRange> parse(@Nullable String header) {
        Matcher form = FORM.matcher(header == null ? "" : header.replace(" ", ""));
        if (!form.matches() || form.group(1).isEmpty() && form.group(2).isEmpty()) {
            return Optional.empty();
        }
        if (form.group(1).isEmpty()) {
            return Optional.of(new ByteRange(-1, Long.parseLong(form.group(2))));
        }
        long first = Long.parseLong(form.group(1));
        long last = form.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(form.group(2));
        return last < first ? Optional.empty() : Optional.of(new ByteRange(first, last));
    }

    String header() {
        return first < 0 ? "bytes=-" + last : "bytes=" + first + "-" + (last == Long.MAX_VALUE ? "" : last);
    }

    /** What the range is of a file of {@code size} bytes; nothing if none of it is there. */
    Optional<Resolved> of(long size) {
        long from = first < 0 ? Math.max(0, size - last) : first;
        long to = first < 0 ? size - 1 : Math.min(last, size - 1);
        return from > to || from >= size ? Optional.empty() : Optional.of(new Resolved(from, to, size));
    }

    /** What a server says that it sends; nothing if it does not say so in a way that can be checked. */
    static Optional<Resolved> sent(@Nullable String contentRange) {
        Matcher form = CONTENT_RANGE.matcher(contentRange == null ? "" : contentRange);
        if (!form.matches()) {
            return Optional.empty();
        }
        long size = form.group(3).equals("*") ? -1 : Long.parseLong(form.group(3));
        return Optional.of(new Resolved(Long.parseLong(form.group(1)), Long.parseLong(form.group(2)), size));
    }

    /** @param size of the whole file; -1 if it is not known */
    record Resolved(long first, long last, long size) {

        long length() {
            return last - first + 1;
        }

        String contentRange() {
            return "bytes " + first + "-" + last + "/" + (size < 0 ? "*" : size);
        }
    }
}
