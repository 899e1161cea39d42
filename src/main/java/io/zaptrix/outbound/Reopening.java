package io.zaptrix.outbound;

import io.zaptrix.channel.ChannelSettings;
import io.zaptrix.channel.Channels;
import io.zaptrix.channel.MessageTemplates;
import io.zaptrix.channel.PhoneNumber;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.conversation.Conversation;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.conversation.CustomerServiceWindow;
import io.zaptrix.meta.MessageTemplate;
import io.zaptrix.platform.CorrelationId;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.portal.Flag;
import io.zaptrix.portal.Flags;
import io.zaptrix.portal.Portal;
import io.zaptrix.portal.Portals;
import io.zaptrix.relay.Relay;
import io.zaptrix.relay.RelayItem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * The customer service window and the templates that open it again. What certainly comes too late is not given to Meta;
 * the agent is told at once and offered the template that the admin chose, which goes out by itself where the admin
 * wants it to. What Meta refuses for the same reason ends in the same way.
 */
@Component
class Reopening {

    /** Meta's code for a free text after the window has closed. */
    static final int WINDOW_CLOSED = 131047;

    /** Begins the id of a message that nobody wrote: the re-opening template that goes out by itself. */
    private static final String BY_ITSELF = "reopen:";

    private final Channels channels;
    private final Conversations conversations;
    private final MessageTemplates templates;
    private final Portals portals;
    private final Flags flags;
    private final Notices notices;
    private final Relay relay;
    private final JsonMapper json;
    private final InstantSource clock;

    @Autowired
    Reopening(
            Channels channels,
            Conversations conversations,
            MessageTemplates templates,
            Portals portals,
            Flags flags,
            Notices notices,
            Relay relay,
            JsonMapper json) {
        this(channels, conversations, templates, portals, flags, notices, relay, json, InstantSource.system());
    }

    Reopening(
            Channels channels,
            Conversations conversations,
            MessageTemplates templates,
            Portals portals,
            Flags flags,
            Notices notices,
            Relay relay,
            JsonMapper json,
            InstantSource clock) {
        this.channels = channels;
        this.conversations = conversations;
        this.templates = templates;
        this.portals = portals;
        this.flags = flags;
        this.notices = notices;
        this.relay = relay;
        this.json = json;
        this.clock = clock;
    }

    /**
     * A template that can go out; if its header is a file, that is the one file of the message.
     *
     * @param values as many as it takes
     */
    record Ready(MessageTemplate template, List<String> values) {}

    /** Whether it is the template that goes out by itself, which no mark in the chat stands for. */
    static boolean isByItself(String imMessageId) {
        return imMessageId.startsWith(BY_ITSELF);
    }

    /** Whether a free text to the customer would certainly come too late. */
    boolean isClosed(ChatAddress address) {
        return conversations
                .find(address)
                .filter(conversation -> conversation.window().isClosed(clock.instant()))
                .isPresent();
    }

    /** Tells the agent that the message came too late, and what can be done. */
    void tooLate(AgentMessage message, ChatAddress address) {
        notices.tooLate(message, offer(message, address), false);
    }

    /** As {@link #tooLate}, said by Meta. */
    void refusedByMeta(AgentMessage message, ChatAddress address) {
        notices.tooLate(message, offer(message, address), true);
    }

    /** What an agent can do now. */
    enum Offer {
        /** Nothing was chosen: the agent chooses. */
        ANY,
        /** The admin chose one. */
        CHOSEN,
        /** It goes out by itself. */
        SENDING,
        /** It went out by itself, and the customer has not answered. */
        SENT_BEFORE
    }

    /** @param template the chosen one's name */
    record Offered(Offer offer, @Nullable String template) {}

    private Offered offer(AgentMessage message, ChatAddress address) {
        ChannelSettings settings = channels.settings(address.phoneNumberId());
        String name = settings.templateName();
        if (name == null) {
            return new Offered(Offer.ANY, null);
        }
        if (!goesByItself(settings) || message.automatic()) {
            return new Offered(Offer.CHOSEN, name);
        }
        if (conversations.find(address).filter(this::isReopened).isPresent()) {
            return new Offered(Offer.SENT_BEFORE, name);
        }
        relay.accept(List.of(new RelayItem(
                TenantContext.require(),
                AgentMessageHandler.FLOW + ":" + address.external(),
                BY_ITSELF + message.imMessageId(),
                AgentMessageIntake.position(message.imMessageId()),
                clock.instant(),
                json.writeValueAsBytes(message.as(BY_ITSELF + message.imMessageId())),
                CorrelationId.current(),
                AgentMessageIntake.subject(address),
                AgentMessageIntake.AUTOMATIC)));
        return new Offered(Offer.SENDING, name);
    }

    /** The admin wants it, and the operator of the service lets the portal have it. */
    private boolean goesByItself(ChannelSettings settings) {
        return settings.autoTemplate() && flags.isOn(TenantContext.require(), Flag.AUTO_TEMPLATE);
    }

    /** Once in a window's length: who does not answer one template is not sent another for each word of the agent. */
    private boolean isReopened(Conversation conversation) {
        Instant at = conversation.reopenedAt();
        Instant wrote = conversation.lastMessageAt();
        return at != null
                && at.isAfter(clock.instant().minus(CustomerServiceWindow.LENGTH))
                && (wrote == null || at.isAfter(wrote));
    }

    /**
     * The template that goes out by itself.
     *
     * @return empty where it is not to go out after all; the agent knows why
     * @throws io.zaptrix.meta.GraphException when Meta does not list the templates
     */
    Optional<Ready> byItself(AgentMessage message, ChatAddress address, PhoneNumber number) {
        ChannelSettings settings = channels.settings(address.phoneNumberId());
        Optional<Conversation> conversation = conversations.find(address);
        if (settings.templateName() == null
                || !goesByItself(settings)
                || conversation.filter(this::isReopened).isPresent()) {
            return Optional.empty();
        }
        Optional<MessageTemplate> found =
                find(message, number, settings.templateName(), settings.templateLanguage(), settings);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        MessageTemplate template = found.get();
        if (template.headerFile() != null) {
            notices.templateNeedsFile(message, template);
            return Optional.empty();
        }
        String name = conversation.map(Conversation::contactName).orElse(null);
        if (template.values() == 0) {
            return Optional.of(new Ready(template, List.of()));
        }
        if (template.values() == 1 && template.buttons().isEmpty() && name != null && !name.isBlank()) {
            // The one thing that a greeting has a gap for.
            return Optional.of(new Ready(template, List.of(oneLine(name))));
        }
        notices.templateNeedsValues(message, template);
        return Optional.empty();
    }

    /** Notes that it went out. */
    void wentOut(ChatAddress address) {
        conversations.reopened(address, clock.instant());
    }

    /**
     * The template that a command names.
     *
     * @return empty where there is nothing to send; the agent knows why
     * @throws io.zaptrix.meta.GraphException when Meta does not list the templates
     */
    Optional<Ready> ready(AgentMessage message, TemplateCommand command, ChatAddress address, PhoneNumber number) {
        if (command.name().isEmpty()) {
            notices.templateList(message, sendable(templates.again(number)));
            return Optional.empty();
        }
        ChannelSettings settings = channels.settings(address.phoneNumberId());
        Optional<MessageTemplate> found = find(message, number, command.name(), command.language(), settings);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        MessageTemplate template = found.get();
        Optional<List<String>> values = command.valuesFor(template.values());
        if (values.isEmpty()) {
            notices.templateNeedsValues(message, template);
            return Optional.empty();
        }
        if (template.headerFile() == null && !message.files().isEmpty()) {
            notices.templateTakesNoFile(message, template);
            return Optional.empty();
        }
        if (template.headerFile() != null && message.files().size() != 1) {
            notices.templateNeedsFile(message, template);
            return Optional.empty();
        }
        return Optional.of(new Ready(
                template, values.get().stream().map(Reopening::oneLine).toList()));
    }

    private Optional<MessageTemplate> find(
            AgentMessage message,
            PhoneNumber number,
            String name,
            @Nullable String language,
            ChannelSettings settings) {
        List<MessageTemplate> listed = templates.of(number);
        if (best(listed, name, language, settings).isEmpty()) {
            listed = templates.again(number);
        }
        Optional<MessageTemplate> best = best(listed, name, language, settings);
        if (best.isEmpty()) {
            Optional<MessageTemplate> unapproved = listed.stream()
                    .filter(template -> template.name().equals(name))
                    .findFirst();
            if (unapproved.isPresent()) {
                notices.templateNotApproved(message, unapproved.get(), sendable(listed));
            } else {
                notices.templateUnknown(message, name, sendable(listed));
            }
            return Optional.empty();
        }
        if (best.get().needsMore()) {
            notices.templateNeedsMore(message, best.get());
            return Optional.empty();
        }
        return best;
    }

    /** Of a template's languages the one asked for, else the admin's, else the portal's, else any. */
    private Optional<MessageTemplate> best(
            List<MessageTemplate> listed, String name, @Nullable String language, ChannelSettings settings) {
        Locale portal =
                portals.find(TenantContext.require()).map(Portal::language).orElse(Locale.ENGLISH);
        String chosen = name.equals(settings.templateName()) ? settings.templateLanguage() : null;
        Predicate<MessageTemplate> asked = template -> template.language().equals(language);
        Predicate<MessageTemplate> wanted = template -> template.language().equals(chosen);
        Predicate<MessageTemplate> exact =
                template -> template.language().replace('_', '-').equals(portal.toLanguageTag());
        Predicate<MessageTemplate> alike = template -> template.language().startsWith(portal.getLanguage());
        return listed.stream()
                .filter(template -> template.name().equals(name) && template.isApproved())
                .filter(template -> language == null || asked.test(template))
                .min(Comparator.comparing((MessageTemplate template) -> !wanted.test(template))
                        .thenComparing(template -> !exact.test(template))
                        .thenComparing(template -> !alike.test(template))
                        .thenComparing(MessageTemplate::language));
    }

    private static List<MessageTemplate> sendable(List<MessageTemplate> listed) {
        return listed.stream()
                .filter(template -> template.isApproved() && !template.needsMore())
                .sorted(Comparator.comparing(MessageTemplate::name).thenComparing(MessageTemplate::language))
                .toList();
    }

    /** Meta refuses values with line breaks, tabs or more than four spaces in a row. */
    private static String oneLine(String value) {
        return value.replaceAll("\\s+", " ").strip();
    }
}
