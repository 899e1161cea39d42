package io.zaptrix.inbound;

import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.meta.InboundMessage;
import io.zaptrix.meta.MessageReceived;
import io.zaptrix.platform.TenantContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Makes what {@code imconnector.send.messages}, {@code …update.messages} and {@code …delete.messages} take out of what
 * WhatsApp sends. Whatever a message holds, something readable comes of it: nothing here may hold up a lane.
 */
@Component
class ChatMessages {

    private static final Logger log = LoggerFactory.getLogger(ChatMessages.class);
    private static final int MOST_CARDS = 10;

    /** Enough to tell a portal's groups apart: webhooks of messages do not say what a group is called. */
    private static final int GROUP_ID_SHOWN = 6;

    private final ObjectProvider<CustomerFiles> files;

    ChatMessages(ObjectProvider<CustomerFiles> files) {
        this.files = files;
    }

    /**
     * A message as the chat is to have it.
     *
     * @param pages never empty; a page is blank only if there are files
     * @param files shown with the first page
     */
    record Content(List<String> pages, List<FileLink> files) {

        Content {
            pages = List.copyOf(pages);
            files = List.copyOf(files);
        }
    }

    /** The id of a page: the message's own for the first, so that it is found by it. */
    static String pageId(String wamid, int page) {
        return page == 0 ? wamid : wamid + "#" + (page + 1);
    }

    /** Whether {@code id} is that of a page of the message. */
    static boolean isPageOf(String id, String wamid) {
        return id.startsWith(wamid) && (id.length() == wamid.length() || id.charAt(wamid.length()) == '#');
    }

    /**
     * What a customer sent.
     *
     * @param chat where it is shown
     * @param named the words of the message that it is about, as an excerpt
     * @param withFiles whether links to files are made; without, the text says what was sent
     */
    Content content(
            MessageReceived received, ChatAddress chat, Locale language, @Nullable String named, boolean withFiles) {
        return content(chat, received.message(), language, named, speaker(received), withFiles);
    }

    /** Who wrote in a group, as far as the webhook says. */
    private static @Nullable String speaker(MessageReceived received) {
        if (received.message().groupId() == null) {
            return null;
        }
        CustomerName name =
                CustomerName.of(received.contact(), received.message().from());
        return (name.first() + " " + name.last()).strip();
    }

    /** What a message has become by an edit. */
    Content edited(MessageReceived edit, ChatAddress chat, Locale language) {
        InboundMessage message = edit.message();
        JsonNode inner = message.raw().path("edit").path("message");
        InboundMessage now = new InboundMessage(
                message.wamid(),
                message.from(),
                message.timestamp(),
                inner.path("type").asString("text"),
                message.text(),
                null,
                inner);
        return content(chat, now, language, null, speaker(edit), true);
    }

    /** What the company wrote elsewhere. System lines take no files, so they are links in the text. */
    List<String> echoed(ChatAddress chat, InboundMessage message, Locale language) {
        List<FileLink> links = files(chat, message);
        try {
            List<String> pages = new ArrayList<>(
                    CustomerText.echoed(message, language, new CustomerText.Around(!links.isEmpty(), null, null)));
            for (FileLink link : links) {
                String tag = "[url=" + link.url() + "]" + ChatMarkup.literal(link.name()) + "[/url]";
                pages.add(pages.removeLast() + "\n" + tag);
            }
            return pages;
        } catch (RuntimeException unforeseen) {
            return List.of(undecipherable(message, language, unforeseen));
        }
    }

    private Content content(
            ChatAddress chat,
            InboundMessage message,
            Locale language,
            @Nullable String named,
            @Nullable String speaker,
            boolean withFiles) {
        List<FileLink> links = withFiles ? files(chat, message) : List.of();
        // A card says less than the text that goes with it.
        boolean shown = !links.isEmpty() && !message.type().equals("contacts");
        try {
            return new Content(
                    CustomerText.pages(message, language, new CustomerText.Around(shown, named, speaker)), links);
        } catch (RuntimeException unforeseen) {
            return new Content(List.of(undecipherable(message, language, unforeseen)), links);
        }
    }

    private List<FileLink> files(ChatAddress chat, InboundMessage message) {
        CustomerFiles maker = files.getIfAvailable();
        if (maker == null) {
            return List.of();
        }
        try {
            if (message.type().equals("contacts")) {
                return cards(maker, message.raw().path("contacts"));
            }
            return MediaReference.of(message)
                    .flatMap(media -> maker.link(TenantContext.require(), chat, media))
                    .map(List::of)
                    .orElse(List.of());
        } catch (RuntimeException unforeseen) {
            log.warn("no link to a file of a message of type {}", known(message), unforeseen);
            return List.of();
        }
    }

    private static List<FileLink> cards(CustomerFiles maker, JsonNode contacts) {
        List<FileLink> cards = new ArrayList<>();
        for (int i = 0; i < Math.min(contacts.size(), MOST_CARDS); i++) {
            JsonNode contact = contacts.path(i);
            String name =
                    contact.path("name").path("formatted_name").asString("").strip();
            String called = name.isEmpty() ? "contact " + (i + 1) : name;
            Optional<FileLink> link =
                    maker.link(TenantContext.require(), called + ".vcf", "text/vcard", VCard.of(contact, called));
            link.ifPresent(cards::add);
        }
        return cards;
    }

    private static String undecipherable(InboundMessage message, Locale language, RuntimeException why) {
        log.warn("a message of type {} could not be put into words", known(message), why);
        return CustomerText.undecipherable(language);
    }

    /** Meta's word for the kind, if it is one: it comes from outside and goes into the log. */
    private static String known(InboundMessage message) {
        return message.type().matches("[a-z_]{1,30}") ? message.type() : "(other)";
    }

    // ---- what Bitrix24 takes

    /**
     * Who wrote.
     *
     * @param known whether the portal knows them already: then nothing takes the place of a name that did not come
     */
    static Map<String, ?> user(MessageReceived received, Sender sender, ChatAddress address, boolean known) {
        Map<String, Object> user = new LinkedHashMap<>();
        user.put("id", address.external());
        String group = received.message().groupId();
        if (group != null) {
            // Bitrix24 has a chat for each user of a connector, so the group is the user; who of it wrote, says the
            // text.
            user.put("name", "WhatsApp \ud83d\udc65");
            user.put("last_name", group.substring(Math.max(0, group.length() - GROUP_ID_SHOWN)));
            return user;
        }
        CustomerName name = CustomerName.of(received.contact(), known ? "" : sender.nameless());
        if (!name.first().isEmpty()) {
            user.put("name", name.first());
        }
        if (!name.last().isEmpty()) {
            user.put("last_name", name.last());
        }
        sender.phone().ifPresent(phone -> {
            user.put("phone", phone);
            user.put("skip_phone_validate", "Y");
        });
        return user;
    }

    /** The pages of a message that are still to be sent. */
    static List<Map<String, ?>> sends(
            MessageReceived received,
            Sender sender,
            ChatAddress address,
            boolean known,
            Content content,
            List<Integer> pages) {
        List<Map<String, ?>> sends = new ArrayList<>();
        Map<String, ?> user = user(received, sender, address, known);
        for (int page : pages) {
            Map<String, Object> message = new LinkedHashMap<>();
            message.put("id", pageId(received.message().wamid(), page));
            message.put("date", received.message().timestamp().getEpochSecond());
            if (!content.pages().get(page).isBlank()) {
                message.put("text", content.pages().get(page));
            }
            if (page == 0 && !content.files().isEmpty()) {
                message.put(
                        "files",
                        content.files().stream()
                                .map(file -> Map.of("url", file.url(), "name", file.name()))
                                .toList());
            }
            sends.add(Map.of("user", user, "message", message, "chat", Map.of("id", address.external())));
        }
        return sends;
    }

    /** A page's size on the wire, for the bounds of a call. */
    static int size(Map<String, ?> send) {
        return send.toString().getBytes(StandardCharsets.UTF_8).length;
    }
}
