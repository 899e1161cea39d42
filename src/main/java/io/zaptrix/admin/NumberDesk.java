package io.zaptrix.admin;

import io.zaptrix.channel.AccountNumbers;
import io.zaptrix.channel.AccountNumbers.Offer;
import io.zaptrix.channel.AccountNumbers.Result;
import io.zaptrix.channel.ChannelSettings;
import io.zaptrix.channel.Channels;
import io.zaptrix.channel.LinkRequest;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.operations.Audit;
import io.zaptrix.portal.PortalUser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** What admins do with numbers, and the audit's lines about it. */
@Component
class NumberDesk {

    private final Channels channels;
    private final AccountNumbers accounts;
    private final LineList lines;
    private final Audit audit;

    NumberDesk(Channels channels, AccountNumbers accounts, LineList lines, Audit audit) {
        this.channels = channels;
        this.accounts = accounts;
        this.lines = lines;
        this.audit = audit;
    }

    /** @throws io.zaptrix.channel.LinkRefused as {@link Channels#link} */
    PhoneNumber link(PortalUser user, LinkRequest request) {
        PhoneNumber linked = channels.link(request);
        linked(user, linked, "token");
        return linked;
    }

    /** @throws io.zaptrix.channel.LinkRefused as {@link AccountNumbers#link} */
    List<Result> link(PortalUser user, Offer offer, List<String> phoneNumberIds, String lineId, boolean together) {
        List<Result> results = accounts.link(offer, phoneNumberIds, lineId, together);
        for (Result result : results) {
            if (result.linked() != null) {
                linked(user, result.linked(), "account");
            }
        }
        return results;
    }

    private void linked(PortalUser user, PhoneNumber number, String way) {
        lines.forget();
        record(user, "number.linked", number, Map.of("line", number.lineId(), "way", way));
    }

    void unlink(PortalUser user, PhoneNumber number) {
        channels.unlink(number.phoneNumberId());
        record(user, "number.unlinked", number, Map.of("line", number.lineId()));
    }

    /** @throws io.zaptrix.channel.LinkRefused as {@link Channels#move} */
    PhoneNumber move(PortalUser user, PhoneNumber number, String lineId) {
        PhoneNumber moved = channels.move(number.phoneNumberId(), lineId);
        lines.forget();
        record(user, "number.moved", number, Map.of("from", number.lineId(), "to", moved.lineId()));
        return moved;
    }

    /** @throws io.zaptrix.channel.LinkRefused as {@link Channels#reconnect} */
    PhoneNumber reconnect(PortalUser user, PhoneNumber number) {
        PhoneNumber again = channels.reconnect(number.phoneNumberId());
        lines.forget();
        record(user, "number.reconnected", number, Map.of("line", again.lineId()));
        return again;
    }

    void change(PortalUser user, PhoneNumber number, ChannelSettings settings) {
        ChannelSettings before = channels.settings(number.phoneNumberId());
        channels.changeSettings(number.phoneNumberId(), settings);
        if (!before.equals(settings)) {
            record(user, "number.settings", number, difference(before, settings));
        }
    }

    /** The PIN, for somebody to read; empty where the number was not registered here. */
    Optional<String> pin(PortalUser user, PhoneNumber number) {
        Optional<String> pin = channels.pin(number.phoneNumberId());
        if (pin.isPresent()) {
            record(user, "number.pin.shown", number, Map.of());
        }
        return pin;
    }

    /** With the number as people write it: by its id nobody would know it, least of all when it is gone. */
    private void record(PortalUser user, String action, PhoneNumber number, Map<String, ?> detail) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("number", number.displayPhoneNumber());
        all.putAll(detail);
        audit.record(user.userId(), action, number.phoneNumberId(), all);
    }

    private static Map<String, ?> difference(ChannelSettings before, ChannelSettings after) {
        Map<String, Object> changed = new LinkedHashMap<>();
        put(changed, "read_receipts", before.readReceipts(), after.readReceipts());
        put(changed, "typing_indicator", before.typingIndicator(), after.typingIndicator());
        put(changed, "auto_template", before.autoTemplate(), after.autoTemplate());
        put(changed, "agent_signature", before.agentSignature(), after.agentSignature());
        put(changed, "template", template(before), template(after));
        return changed;
    }

    private static String template(ChannelSettings settings) {
        return Stream.of(settings.templateName(), settings.templateLanguage())
                .filter(said -> said != null && !said.isBlank())
                .reduce((name, language) -> name + " (" + language + ")")
                .orElse("-");
    }

    private static void put(Map<String, Object> changed, String name, Object before, Object after) {
        if (!Objects.equals(before, after)) {
            changed.put(name, after);
        }
    }
}
