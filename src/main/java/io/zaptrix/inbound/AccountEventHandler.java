package io.zaptrix.inbound;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.channel.AccountEvent;
import io.zaptrix.channel.AccountEvents;
import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.meta.AccountChanged;
import io.zaptrix.meta.AccountNews;
import io.zaptrix.platform.Phrases;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.PortalFailure;
import io.zaptrix.portal.PortalRest;
import io.zaptrix.portal.Portals;
import io.zaptrix.relay.LaneBatch;
import io.zaptrix.relay.LaneHandler;
import io.zaptrix.relay.LaneItem;
import io.zaptrix.relay.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps what Meta tells of a tenant's accounts, and notifies the portal of what needs somebody to act
 * ({@code im.notify.system.add}): the user whose token the app has, who is the admin that installed it.
 */
@Component
class AccountEventHandler implements LaneHandler {

    static final String FLOW = "account";

    private static final Phrases PHRASES = new Phrases("messages/account");

    private final Channels channels;
    private final AccountEvents events;
    private final Portals portals;
    private final PortalRest rest;
    private final JsonMapper json;

    AccountEventHandler(Channels channels, AccountEvents events, Portals portals, PortalRest rest, JsonMapper json) {
        this.channels = channels;
        this.events = events;
        this.portals = portals;
        this.rest = rest;
        this.json = json;
    }

    @Override
    public String flow() {
        return FLOW;
    }

    @Override
    public int batchSize() {
        return 10;
    }

    @Override
    public List<Outcome> deliver(LaneBatch batch) {
        Locale language = portals.find(batch.tenant()).map(Portal::language).orElse(Locale.ENGLISH);
        List<PhoneNumber> numbers = channels.list();
        return batch.oneByOne(item -> {
            batch.checkpoint();
            return carry(item, numbers, language);
        });
    }

    private Outcome carry(LaneItem item, List<PhoneNumber> numbers, Locale language) {
        AccountChanged changed;
        try {
            changed = json.readValue(item.payload(), AccountChanged.class);
        } catch (JacksonException unreadable) {
            return new Outcome.Dead("unreadable_payload");
        }
        Optional<AccountEvent> event = AccountNews.of(changed).flatMap(news -> event(item, changed, news, numbers));
        if (event.isEmpty()) {
            // About a number of the account that another portal has.
            return Outcome.DONE;
        }
        events.keep(event.get());
        return event.get().needsAction() ? notify(event.get(), language) : Outcome.DONE;
    }

    private static Optional<AccountEvent> event(
            LaneItem item, AccountChanged changed, AccountNews news, List<PhoneNumber> numbers) {
        List<PhoneNumber> concerned = numbers.stream()
                .filter(number -> number.wabaId().equals(news.wabaId()))
                .filter(number -> news.displayPhoneNumber() == null
                        || digits(number.displayPhoneNumber()).equals(news.displayPhoneNumber()))
                .toList();
        if (concerned.isEmpty()) {
            return Optional.empty();
        }
        String subject = news.template() != null
                ? news.template()
                : concerned.stream()
                        .map(number -> number.displayName() + " (" + number.displayPhoneNumber() + ")")
                        .collect(Collectors.joining(", "));
        return Optional.of(new AccountEvent(
                item.key(),
                changed.at() == null ? item.acceptedAt() : changed.at(),
                news.wabaId(),
                news.displayPhoneNumber() == null ? null : concerned.getFirst().phoneNumberId(),
                changed.field(),
                news.what(),
                news.needsAction(),
                subject,
                news.reason()));
    }

    private Outcome notify(AccountEvent event, Locale language) {
        try {
            String userId = rest.call("profile", Map.of()).path("ID").asString("");
            if (userId.isEmpty()) {
                return new Outcome.Refused("nobody_to_notify");
            }
            rest.call(
                    "im.notify.system.add",
                    Map.of(
                            "USER_ID",
                            userId,
                            "MESSAGE",
                            text(event, language),
                            // A notification with the same tag takes the place of the one before.
                            "TAG",
                            "zaptrix|account|" + event.id()));
            return Outcome.DONE;
        } catch (Bitrix24Exception failure) {
            boolean scope = failure.code().equals("insufficient_scope")
                    || failure.code().equals("ACCESS_DENIED");
            // The event is kept, and the page shows it.
            return scope || failure.kind() == Bitrix24Exception.Kind.REFUSE
                    ? new Outcome.Refused("not_notified: bitrix24_" + failure.code())
                    : PortalFailure.outcome(failure, true);
        }
    }

    private static String text(AccountEvent event, Locale language) {
        String sentence = "\u26a0\ufe0f " + PHRASES.say(language, event.what(), ChatMarkup.literal(event.subject()));
        return event.reason().isEmpty()
                ? sentence
                : sentence + "\n" + PHRASES.say(language, "reason", ChatMarkup.literal(event.reason()));
    }

    private static String digits(String phone) {
        return phone.replaceAll("\\D", "");
    }
}
