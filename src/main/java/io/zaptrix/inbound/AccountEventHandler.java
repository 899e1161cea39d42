package io.zaptrix.inbound;

import io.zaptrix.channel.AccountEvent;
import io.zaptrix.channel.AccountEvents;
import io.zaptrix.channel.Channels;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.meta.AccountChanged;
import io.zaptrix.meta.AccountNews;
import io.zaptrix.platform.Phrases;
import io.zaptrix.portal.AdminNotice;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.Portals;
import io.zaptrix.relay.LaneBatch;
import io.zaptrix.relay.LaneHandler;
import io.zaptrix.relay.LaneItem;
import io.zaptrix.relay.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Keeps what Meta tells of a tenant's accounts, and notifies the portal's admin of what needs somebody to act. */
@Component
class AccountEventHandler implements LaneHandler {

    static final String FLOW = "account";

    private static final Phrases PHRASES = new Phrases("messages/account");

    private final Channels channels;
    private final AccountEvents events;
    private final Portals portals;
    private final AdminNotice notice;
    private final JsonMapper json;

    AccountEventHandler(Channels channels, AccountEvents events, Portals portals, AdminNotice notice, JsonMapper json) {
        this.channels = channels;
        this.events = events;
        this.portals = portals;
        this.notice = notice;
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
        return event.get().needsAction()
                ? notice.tell(
                        text(event.get(), language), "account|" + event.get().id())
                : Outcome.DONE;
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

    private static String text(AccountEvent event, Locale language) {
        String sentence = PHRASES.say(language, event.what(), ChatMarkup.literal(event.subject()));
        return event.reason().isEmpty()
                ? sentence
                : sentence + "\n" + PHRASES.say(language, "reason", ChatMarkup.literal(event.reason()));
    }

    private static String digits(String phone) {
        return phone.replaceAll("\\D", "");
    }
}
