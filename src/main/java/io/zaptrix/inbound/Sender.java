package io.zaptrix.inbound;

import io.zaptrix.conversation.CanonicalPhone;
import io.zaptrix.conversation.WhatsAppUser;
import io.zaptrix.meta.ContactProfile;
import io.zaptrix.meta.InboundMessage;
import io.zaptrix.meta.MessageEchoed;
import io.zaptrix.meta.MessageReceived;
import io.zaptrix.platform.CleanText;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Who a message is from, and whom it tells of.
 *
 * @param user as the webhook names them; a group is a user whose members all write into one chat
 * @param becomes what they are known by from now on, if the message says that this has changed
 */
record Sender(WhatsAppUser user, @Nullable WhatsAppUser becomes) {

    private static final Set<String> NUMBER_CHANGED = Set.of("user_changed_number", "customer_changed_number");
    private static final String USER_ID_CHANGED = "user_changed_user_id";
    private static final int LONGEST_ID = 128;

    static Sender of(MessageReceived received) {
        InboundMessage message = received.message();
        ContactProfile contact = received.contact();
        String group = message.groupId();
        if (group != null) {
            // What is said in a group must not appear in its sender's private chat.
            return new Sender(new WhatsAppUser(null, bounded(group)), null);
        }
        String from = message.from();
        String waId = contact == null ? null : contact.waId();
        String userId = previousUserId(message);
        if (userId == null && contact != null) {
            userId = contact.userId();
        }
        WhatsAppUser user = user(
                waId == null || !isPhone(waId) ? from : waId,
                userId == null ? value(message.raw().path("from_user_id")) : userId);
        return new Sender(user, becomes(message));
    }

    /** The customer that the company wrote to. */
    static Sender of(MessageEchoed echoed) {
        String to = echoed.to();
        String toUserId = echoed.toUserId();
        return new Sender(user(to == null ? String.valueOf(toUserId) : to, toUserId), null);
    }

    /** What the message is looked for by: the phone number in one spelling, or the user id where that is hidden. */
    String subject() {
        String phone = user.phone();
        return phone != null ? CanonicalPhone.of(phone) : String.valueOf(user.userId());
    }

    /** Whose chat the message belongs into. */
    WhatsAppUser owner() {
        return becomes == null ? user : becomes;
    }

    /** What Bitrix24's CRM finds or makes the contact by. */
    Optional<String> phone() {
        String phone = owner().phone();
        return phone == null ? Optional.empty() : CanonicalPhone.dialable(phone);
    }

    /** What stands for the name of somebody who has given none. */
    String nameless() {
        WhatsAppUser owner = owner();
        return owner.phone() != null ? owner.phone() : String.valueOf(owner.userId());
    }

    private static WhatsAppUser user(String id, @Nullable String userId) {
        return isPhone(id)
                ? new WhatsAppUser(id, userId == null || isPhone(userId) ? null : bounded(userId))
                : new WhatsAppUser(null, bounded(userId == null ? id : userId));
    }

    private static @Nullable WhatsAppUser becomes(InboundMessage message) {
        if (!message.type().equals("system")) {
            return null;
        }
        JsonNode system = message.raw().path("system");
        String type = system.path("type").asString("");
        String userId = value(system.path("user_id"));
        if (NUMBER_CHANGED.contains(type)) {
            String phone = value(system.path("wa_id"));
            phone = phone == null ? value(system.path("new_wa_id")) : phone;
            phone = phone == null ? null : phone.replaceAll("[+ ]", "");
            return phone != null && isPhone(phone) && !phone.equals(message.from()) ? user(phone, userId) : null;
        }
        return type.equals(USER_ID_CHANGED) && userId != null && !isPhone(userId)
                ? new WhatsAppUser(null, bounded(userId))
                : null;
    }

    /** Of a message about a new user id; what else it names may be the new one already. */
    private static @Nullable String previousUserId(InboundMessage message) {
        return message.type().equals("system")
                ? value(message.raw().path("system").path("previous_user_id"))
                : null;
    }

    private static boolean isPhone(String id) {
        return !id.isEmpty() && id.length() <= 20 && id.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static String bounded(String id) {
        String clean = CleanText.of(id);
        return clean.length() > LONGEST_ID ? clean.substring(0, LONGEST_ID) : clean;
    }

    private static @Nullable String value(JsonNode node) {
        if (!node.isString() && !node.isIntegralNumber()) {
            return null;
        }
        String text = node.asString().strip();
        return text.isEmpty() ? null : text;
    }
}
