package io.zaptrix.media;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.GraphException;
import io.zaptrix.meta.MediaDownload;
import io.zaptrix.meta.MediaInfo;
import io.zaptrix.platform.NotificationListener;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Customers' files at Meta. Their addresses live for 5 minutes ("Get media URL" in Meta's documentation): they are
 * remembered for less, and asked for anew when one turns out to be over earlier. What fails for a moment, before a byte
 * has come, is tried once more.
 */
@Component
class MetaFiles implements NotificationListener {

    private static final Duration ADDRESS_LIFE = Duration.ofMinutes(4);
    private static final Duration BREATH = Duration.ofMillis(500);

    private final GraphClient graph;
    private final Cache<Key, MediaInfo> known = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(ADDRESS_LIFE)
            .build();

    /** With the number: another portal's token must not profit from what this one's could see. */
    private record Key(String phoneNumberId, String mediaId) {}

    MetaFiles(GraphClient graph) {
        this.graph = graph;
    }

    /**
     * What Meta says of a file.
     *
     * @throws GraphException as {@link GraphClient#media}
     */
    MediaInfo info(String token, String phoneNumberId, String mediaId) {
        Key key = new Key(phoneNumberId, mediaId);
        MediaInfo info = known.getIfPresent(key);
        return info == null ? ask(token, key) : info;
    }

    /**
     * Opens a file.
     *
     * @throws GraphException as {@link GraphClient#download}, after what can be repeated was
     */
    MediaDownload open(String token, String phoneNumberId, String mediaId, @Nullable String range) {
        MediaInfo info = info(token, phoneNumberId, mediaId);
        try {
            return graph.download(token, info, range);
        } catch (GraphException failed) {
            boolean addressIsOver = failed.httpStatus() >= 400 && failed.httpStatus() < 500;
            known.invalidate(new Key(phoneNumberId, mediaId));
            if (!addressIsOver) {
                breathe(failed);
            }
            return graph.download(token, info(token, phoneNumberId, mediaId), range);
        }
    }

    @Override
    public String channel() {
        return "zaptrix_erased";
    }

    /** Somebody was erased. Whose file was whose is not known here, and asking again costs little. */
    @Override
    public void heard(String tenant) {
        known.invalidateAll();
    }

    @Override
    public void missed() {
        known.invalidateAll();
    }

    private MediaInfo ask(String token, Key key) {
        MediaInfo info;
        try {
            info = graph.media(token, key.phoneNumberId(), key.mediaId());
        } catch (GraphException failed) {
            if (failed.kind() != GraphException.Kind.RETRY) {
                throw failed;
            }
            breathe(failed);
            info = graph.media(token, key.phoneNumberId(), key.mediaId());
        }
        known.put(key, info);
        return info;
    }

    private static void breathe(GraphException failed) {
        try {
            Thread.sleep(BREATH);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw failed;
        }
    }
}
