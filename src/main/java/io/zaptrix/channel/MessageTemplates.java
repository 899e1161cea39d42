package io.zaptrix.channel;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.MessageTemplate;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.time.Duration;
import java.util.List;
import org.springframework.stereotype.Component;

/** The templates of the bound tenant's numbers, as Meta lists them; remembered for a few minutes. */
@Component
public class MessageTemplates {

    private static final Duration REMEMBERED = Duration.ofMinutes(5);

    /** Time enough for a burst of commands with a name that does not exist. */
    private static final Duration FRESH = Duration.ofSeconds(10);

    private record Account(TenantId tenant, String wabaId) {}

    private record Listed(List<MessageTemplate> templates, long at) {}

    private final Channels channels;
    private final GraphClient graph;
    private final Cache<Account, Listed> listed = Caffeine.newBuilder()
            .expireAfterWrite(REMEMBERED)
            .maximumSize(1_000)
            .build();

    MessageTemplates(Channels channels, GraphClient graph) {
        this.channels = channels;
        this.graph = graph;
    }

    /**
     * All templates of the number's account, whatever their status.
     *
     * @throws io.zaptrix.meta.GraphException when Meta does not list them
     */
    public List<MessageTemplate> of(PhoneNumber number) {
        return listed(number, REMEMBERED);
    }

    /** As {@link #of}, asked again unless that was done a moment ago: for one that was not among them. */
    public List<MessageTemplate> again(PhoneNumber number) {
        return listed(number, FRESH);
    }

    private List<MessageTemplate> listed(PhoneNumber number, Duration notOlderThan) {
        Account account = new Account(TenantContext.require(), number.wabaId());
        Listed known = listed.getIfPresent(account);
        if (known != null && System.nanoTime() - known.at() < notOlderThan.toNanos()) {
            return known.templates();
        }
        List<MessageTemplate> templates =
                graph.templates(channels.accessToken(number.phoneNumberId()), number.wabaId());
        listed.put(account, new Listed(templates, System.nanoTime()));
        return templates;
    }
}
