package io.zaptrix.outbound;

import io.zaptrix.bitrix24.PortalFileException;
import io.zaptrix.conversation.ChatAddress;
import io.zaptrix.conversation.Conversations;
import io.zaptrix.media.AgentFile;
import io.zaptrix.media.AgentFiles;
import io.zaptrix.media.ReadyFile;
import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.GraphException;
import io.zaptrix.meta.MediaKind;
import io.zaptrix.meta.MediaMessage;
import io.zaptrix.meta.MessageTemplate;
import io.zaptrix.meta.TemplateMessage;
import io.zaptrix.meta.TextMessage;
import io.zaptrix.outbound.SentMessages.State;
import io.zaptrix.relay.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Sends a message with files: its text, then a WhatsApp message a file; or, where one file has few enough words, both
 * in one message.
 *
 * <p>A part's number depends on what the agent wrote only: first come the texts, then the files, and words that went
 * with their file leave their own number out. So whoever tries again after a crash finds by the rows what was done,
 * although a file may have become another, or have vanished, in between. A file is handed to Meta before the row of its
 * part is made: nothing has been sent then, and what was uploaded is found again.
 */
@Component
class AgentFileParts {

    /** How often a portal that does not give its file out is asked before the customer gets its link instead. */
    private static final int PORTAL_ATTEMPTS = 3;

    /** What Meta says of a media id that it does not know: a parameter is wrong, or the file cannot be had. */
    private static final Set<Integer> UNKNOWN_FILE = Set.of(100, 131009, 131052, 131053, 132012);

    /** The agent's name, which Bitrix24 puts before what agents write, with nothing behind it. */
    private static final Pattern NAME_ONLY = Pattern.compile("\\s*\\[b][^\\[\\]]*:\\s*\\[/b]\\s*(\\[br]\\s*)*");

    private final AgentFiles files;
    private final GraphClient graph;
    private final Conversations conversations;
    private final SentMessages sent;
    private final Notices notices;

    AgentFileParts(
            AgentFiles files, GraphClient graph, Conversations conversations, SentMessages sent, Notices notices) {
        this.files = files;
        this.graph = graph;
        this.conversations = conversations;
        this.sent = sent;
        this.notices = notices;
    }

    /**
     * The request that sends a part, and nothing else: what it needs of the database is at hand, since the part's row
     * says by then that it is being sent, and a failure in between would leave it so.
     */
    interface Send {

        /** @return the wamid */
        String with(String callbackData);
    }

    /** What is the same for every part. */
    interface Parts {

        /** What became of a part that there is a row of; nothing if there is none. */
        Optional<Outcome> known(int part);

        /** Makes the row durable, sends, and notes what became of it. */
        Outcome send(int part, int parts, Send request);

        /** Meta refused something before the part had a row. */
        Outcome failed(int part, GraphException failure);
    }

    /**
     * Sends what was not sent yet.
     *
     * @param failures how often it failed before
     * @param contextWamid the message that it answers
     */
    Outcome send(
            AgentMessage message,
            ChatAddress address,
            String token,
            int failures,
            @Nullable String contextWamid,
            Parts parts) {
        return new Sending(message, address, token, failures, contextWamid, parts).run();
    }

    /**
     * Sends a template whose header is the one file of the message, as the message's only part.
     *
     * @param request sends it with the file
     * @return refused where the file cannot be the header; the agent knows why
     */
    Outcome sendInHeader(
            AgentMessage message,
            MessageTemplate template,
            ChatAddress address,
            String token,
            int failures,
            Function<TemplateMessage.HeaderFile, Send> request,
            Parts parts) {
        // The words are the command.
        return new Sending(message.withText(null), address, token, failures, null, parts).inHeader(template, request);
    }

    /** Meta has forgotten an upload: nothing was sent. */
    private static final class Forgotten extends RuntimeException {

        private static final long serialVersionUID = 1;

        Forgotten() {
            super("an upload is not there any more", null, false, false);
        }
    }

    private final class Sending {

        private final AgentMessage message;
        private final ChatAddress address;
        private final String recipient;
        private final String token;
        private final int failures;
        private final @Nullable String contextWamid;
        private final Parts parts;
        private final List<String> texts;
        private final int count;

        Sending(
                AgentMessage message,
                ChatAddress address,
                String token,
                int failures,
                @Nullable String contextWamid,
                Parts parts) {
            this.message = message;
            this.address = address;
            this.token = token;
            this.failures = failures;
            this.contextWamid = contextWamid;
            this.parts = parts;
            this.recipient = conversations.recipient(address);
            this.texts = message.text() == null ? List.of() : AgentText.toWhatsApp(message.text());
            this.count = texts.size() + message.files().size();
        }

        Outcome run() {
            boolean few = message.files().size() == 1
                    && texts.size() == 1
                    && texts.getFirst().length() <= MediaMessage.MAX_CAPTION;
            return few && parts.known(0).isEmpty() ? together() : apart(null);
        }

        Outcome inHeader(MessageTemplate template, Function<TemplateMessage.HeaderFile, Send> request) {
            Optional<Outcome> known = parts.known(0);
            if (known.isPresent()) {
                return known.get();
            }
            return switch (prepare(0, new ReadyFile.Lost())) {
                case Later later -> later.outcome();
                case Ready ready -> inHeader(template, ready.file(), request);
            };
        }

        private Outcome inHeader(
                MessageTemplate template, ReadyFile file, Function<TemplateMessage.HeaderFile, Send> request) {
            MediaKind wanted = template.headerFile();
            switch (file) {
                case ReadyFile.Uploaded uploaded -> {
                    if (uploaded.kind() == wanted) {
                        return sendUploaded(
                                0,
                                uploaded,
                                request.apply(new TemplateMessage.HeaderFile(
                                        uploaded.kind(), uploaded.mediaId(), null, filename(uploaded))));
                    }
                }
                case ReadyFile.Fetched fetched -> {
                    if (wanted == MediaKind.DOCUMENT) {
                        return parts.send(
                                0,
                                1,
                                request.apply(new TemplateMessage.HeaderFile(
                                        wanted, null, fetched.link(), fetched.filename())));
                    }
                }
                case ReadyFile.Lost lost -> {
                    return lost(0);
                }
                case ReadyFile.LinkOnly tooLarge -> {}
            }
            notices.templateNeedsFile(message, template);
            return new Outcome.Refused("no_header_file");
        }

        /** One file with a few words, of which nothing was sent by itself. */
        private Outcome together() {
            Optional<Outcome> known = parts.known(1);
            if (known.isPresent()) {
                return known.get();
            }
            Prepared prepared = prepare(0, new ReadyFile.LinkOnly());
            String words = texts.getFirst();
            return switch (prepared) {
                case Later later -> later.outcome();
                case Ready ready -> {
                    boolean fits = !(ready.file() instanceof ReadyFile.Uploaded uploaded)
                            || uploaded.kind().takesCaption();
                    if (ready.file() instanceof ReadyFile.Lost || !fits) {
                        yield apart(ready);
                    }
                    yield sendFile(0, ready.file(), words, contextWamid);
                }
            };
        }

        /** @param first the first file, if it is prepared already */
        private Outcome apart(@Nullable Ready first) {
            boolean nameOnly =
                    message.text() != null && NAME_ONLY.matcher(message.text()).matches();
            boolean arrived = false;
            if (!nameOnly) {
                for (int part = 0; part < texts.size(); part++) {
                    int text = part;
                    Outcome outcome = parts.known(part).orElseGet(() -> sendText(text, texts.get(text)));
                    if (!(outcome instanceof Outcome.Done)) {
                        // The rest of a text whose beginning was refused makes no sense either, nor does its file.
                        return outcome;
                    }
                    arrived = true;
                }
            }
            for (int file = 0; file < message.files().size(); file++) {
                Outcome outcome = file == 0 && first != null ? deliver(0, first) : one(file);
                if (!(outcome instanceof Outcome.Done || outcome instanceof Outcome.Refused)) {
                    return outcome;
                }
                // A file that does not arrive holds up none of the others; the agent knows of it.
                arrived |= outcome instanceof Outcome.Done;
            }
            return arrived ? Outcome.DONE : new Outcome.Refused("no_file_arrived");
        }

        private Outcome one(int file) {
            Optional<Outcome> known = parts.known(texts.size() + file);
            if (known.isPresent()) {
                return known.get();
            }
            return switch (prepare(file, new ReadyFile.LinkOnly())) {
                case Later later -> later.outcome();
                case Ready ready -> deliver(file, ready);
            };
        }

        private Outcome deliver(int file, Ready ready) {
            String context = texts.isEmpty() && file == 0 ? contextWamid : null;
            return ready.file() instanceof ReadyFile.Lost ? lost(file) : sendFile(file, ready.file(), null, context);
        }

        /** @param otherwise what it is if the portal does not give it out at all */
        private Prepared prepare(int file, ReadyFile otherwise) {
            AgentMessage.File attached = message.files().get(file);
            AgentFile wanted = new AgentFile(
                    message.imMessageId() + "." + file, attached.name(), attached.link(), attached.size());
            try {
                return new Ready(files.prepare(token, address.phoneNumberId(), wanted));
            } catch (PortalFileException unreachable) {
                return failures + 1 < PORTAL_ATTEMPTS
                        ? new Later(new Outcome.Retry("portal_file", null))
                        : new Ready(otherwise);
            } catch (GraphException failure) {
                return new Later(parts.failed(texts.size() + file, failure));
            }
        }

        private Outcome sendFile(int file, ReadyFile ready, @Nullable String words, @Nullable String context) {
            AgentMessage.File attached = message.files().get(file);
            int part = texts.size() + file;
            return switch (ready) {
                case ReadyFile.Uploaded uploaded ->
                    sendUploaded(
                            part,
                            uploaded,
                            callback -> graph.sendMedia(
                                    token,
                                    address.phoneNumberId(),
                                    new MediaMessage(
                                            recipient,
                                            uploaded.kind(),
                                            uploaded.voice(),
                                            uploaded.mediaId(),
                                            null,
                                            words,
                                            filename(uploaded),
                                            context,
                                            callback)));
                case ReadyFile.Fetched fetched ->
                    parts.send(
                            part,
                            count,
                            callback -> graph.sendMedia(
                                    token,
                                    address.phoneNumberId(),
                                    new MediaMessage(
                                            recipient,
                                            MediaKind.DOCUMENT,
                                            false,
                                            null,
                                            fetched.link(),
                                            words,
                                            fetched.filename(),
                                            context,
                                            callback)));
                case ReadyFile.LinkOnly link ->
                    sendText(
                            part,
                            (words == null ? "" : words + "\n") + attached.name() + "\n" + attached.link(),
                            context);
                case ReadyFile.Lost lost -> lost(file);
            };
        }

        private static @Nullable String filename(ReadyFile.Uploaded file) {
            return file.kind() == MediaKind.DOCUMENT ? file.filename() : null;
        }

        private Outcome sendUploaded(int part, ReadyFile.Uploaded file, Send request) {
            try {
                return parts.send(part, count, callback -> {
                    try {
                        return request.with(callback);
                    } catch (GraphException refused) {
                        if (file.again()
                                && refused.kind() == GraphException.Kind.REFUSE
                                && UNKNOWN_FILE.contains(refused.code())) {
                            throw new Forgotten();
                        }
                        throw refused;
                    }
                });
            } catch (Forgotten forgotten) {
                files.forget(file);
                sent.notSent(message.imMessageId(), part);
                return new Outcome.Retry("upload_forgotten", null);
            }
        }

        private Outcome sendText(int part, String text) {
            return sendText(part, text, part == 0 ? contextWamid : null);
        }

        private Outcome sendText(int part, String text, @Nullable String context) {
            return parts.send(
                    part,
                    count,
                    callback -> graph.sendText(
                            token,
                            address.phoneNumberId(),
                            new TextMessage(recipient, text, text.contains("http"), context, callback)));
        }

        /** Noted, so that nobody finds it again after the agent was told that it was lost. */
        private Outcome lost(int file) {
            int part = texts.size() + file;
            notices.fileLost(message, part, message.files().get(file).name());
            sent.begin(message, part, count, address.phoneNumberId(), address.whatsappId(), UUID.randomUUID());
            sent.advance(message.imMessageId(), part, State.FAILED, null, null);
            return new Outcome.Refused("file_lost");
        }
    }

    private sealed interface Prepared {}

    private record Ready(ReadyFile file) implements Prepared {}

    /** Not now, or never: what to tell the lane. */
    private record Later(Outcome outcome) implements Prepared {}
}
