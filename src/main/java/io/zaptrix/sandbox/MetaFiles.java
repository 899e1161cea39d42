package io.zaptrix.sandbox;

import io.zaptrix.sandbox.LoopbackServer.Reply;
import io.zaptrix.sandbox.LoopbackServer.Request;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The files at {@link StandInMeta}: those that customers sent and those that were uploaded, by their media ids. */
final class MetaFiles {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** What may be uploaded, as its refusal of anything else lists it, and the largest of each, in megabytes. */
    private static final Map<String, Integer> UPLOADABLE = Map.ofEntries(
            Map.entry("audio/aac", 16),
            Map.entry("audio/mp4", 16),
            Map.entry("audio/mpeg", 16),
            Map.entry("audio/amr", 16),
            Map.entry("audio/ogg", 16),
            Map.entry("audio/opus", 16),
            Map.entry("application/vnd.ms-powerpoint", 100),
            Map.entry("application/msword", 100),
            Map.entry("application/vnd.openxmlformats-officedocument.wordprocessingml.document", 100),
            Map.entry("application/vnd.openxmlformats-officedocument.presentationml.presentation", 100),
            Map.entry("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 100),
            Map.entry("application/pdf", 100),
            Map.entry("text/plain", 100),
            Map.entry("application/vnd.ms-excel", 100),
            Map.entry("image/jpeg", 100),
            Map.entry("image/png", 100),
            Map.entry("image/webp", 100),
            Map.entry("video/mp4", 100),
            Map.entry("video/3gpp", 100));

    /** Which messages are files. */
    static final Set<String> TYPES = Set.of("image", "audio", "video", "document", "sticker");

    private static final int LONGEST_CAPTION = 1024;

    private final Map<String, Media> media = new ConcurrentHashMap<>();
    private final Map<String, MediaAddress> addresses = new ConcurrentHashMap<>();
    private final List<StoredFile> uploads = new CopyOnWriteArrayList<>();
    private final Map<String, StoredFile> sentByCustomers = new ConcurrentHashMap<>();
    volatile Duration addressLife = Duration.ofMinutes(5);

    String keep(@Nullable String phoneNumberId, StoredFile file) {
        String id = Long.toString(100_000_000_000_000L + (long) (Math.random() * 800_000_000_000_000L));
        media.put(id, new Media(id, phoneNumberId, file));
        return id;
    }

    /** Puts something else in a file's place, of which its hash knows nothing. */
    void swap(String mediaId, FileContent content) {
        media.computeIfPresent(
                mediaId,
                (id, old) -> new Media(
                        id,
                        old.phoneNumberId(),
                        new StoredFile(
                                old.file().name(),
                                old.file().contentType(),
                                content.size(),
                                old.file().sha256(),
                                content)));
    }

    /** What a message is as a file: its type, or that of its template's header. */
    static String type(JsonNode body) {
        String type = body.path("type").asString("text");
        if (!type.equals("template")) {
            return type;
        }
        List<JsonNode> header = MetaTemplates.parameters(body.path("template"), "header");
        return header.isEmpty() ? "" : header.getFirst().path("type").asString("");
    }

    static JsonNode of(JsonNode body) {
        String type = type(body);
        return body.path("type").asString("").equals("template")
                ? type.isEmpty()
                        ? JSON.missingNode()
                        : MetaTemplates.parameters(body.path("template"), "header")
                                .getFirst()
                                .path(type)
                : body.path(type);
    }

    boolean has(String mediaId) {
        return media.containsKey(mediaId);
    }

    boolean forget(String mediaId) {
        return media.remove(mediaId) != null;
    }

    @Nullable
    StoredFile find(String mediaId) {
        Media known = media.get(mediaId);
        return known == null ? null : known.file();
    }

    /** Remembers which file a customer's message brought. */
    void sentBy(String wamid, String mediaId) {
        StoredFile file = find(mediaId);
        if (file != null) {
            sentByCustomers.put(wamid, file);
        }
    }

    @Nullable
    StoredFile ofCustomer(String wamid) {
        return sentByCustomers.get(wamid);
    }

    List<StoredFile> uploads() {
        return List.copyOf(uploads);
    }

    void expireAddresses() {
        addresses.clear();
    }

    /** Where a file can be fetched for the next minutes. */
    Reply info(String mediaId, Request request, URI server) {
        Media file = media.get(mediaId);
        if (file == null) {
            return StandInMeta.error(GraphFault.unknownObject(mediaId));
        }
        String asked = StandInMeta.query(request).get("phone_number_id");
        if (asked != null && file.phoneNumberId() != null && !asked.equals(file.phoneNumberId())) {
            return StandInMeta.error(GraphFault.unknownObject(file.id()));
        }
        String key = Long.toHexString((long) (Math.random() * Long.MAX_VALUE));
        addresses.put(key, new MediaAddress(file.id(), Instant.now().plus(addressLife)));
        return Reply.json(
                200,
                JSON.objectNode()
                        .put("messaging_product", "whatsapp")
                        .put("url", server + "/media-download/" + key)
                        .put("mime_type", file.file().contentType())
                        .put("sha256", file.file().sha256())
                        .put("file_size", Long.toString(file.file().size()))
                        .put("id", file.id()));
    }

    /** The file behind an address, which works for 5 minutes; {@code faults} may break it off. */
    Reply download(Request request, String key, StandInMeta.Faults faults) {
        MediaAddress address = addresses.get(key);
        Media file = address == null || address.until().isBefore(Instant.now()) ? null : media.get(address.mediaId());
        FileContent content = file == null ? null : file.file().content();
        if (file == null || content == null) {
            return Reply.empty(404);
        }
        String range = faults.ignoresRanges() ? "" : request.header("Range");
        return Reply.file(faults.broken(content), file.file().contentType(), range);
    }

    Reply upload(Request request, String phoneNumberId, StandInMeta.Faults faults) {
        FileForm form;
        try {
            form = FileForm.read(request.header("Content-Type"), request.stream());
        } catch (IOException noForm) {
            return StandInMeta.error(GraphFault.parameter("The body is no form with a file."));
        }
        StoredFile file = form.file;
        if (!"whatsapp".equals(form.fields.get("messaging_product"))) {
            return StandInMeta.error(GraphFault.parameter("The parameter messaging_product is required."));
        }
        if (file == null || !form.fields.containsKey("type")) {
            return StandInMeta.error(GraphFault.parameter("The parameters file and type are required."));
        }
        String mimeType = file.contentType().replaceFirst(";.*", "").strip();
        Integer megabytes = UPLOADABLE.get(mimeType);
        if (megabytes == null) {
            return StandInMeta.error(GraphFault.parameter("Param file must be a file with one of the following types: "
                    + String.join(", ", UPLOADABLE.keySet()) + ". Received file of type '" + mimeType + "'."));
        }
        if (file.size() > (long) megabytes << 20 || file.size() == 0) {
            return StandInMeta.error(GraphFault.of(131053).details("The size of the file is not allowed."));
        }
        GraphFault refused = faults.uploadRefusal();
        if (refused != null) {
            return StandInMeta.error(refused);
        }
        uploads.add(file);
        String id = keep(phoneNumberId, file);
        faults.uploaded(id);
        return Reply.json(200, JSON.objectNode().put("id", id));
    }

    /** What is refused at once of the file of a message. */
    @Nullable
    GraphFault wrong(String type, JsonNode file, String phoneNumberId) {
        String id = file.path("id").asString("");
        String link = file.path("link").asString("");
        if (id.isEmpty() == link.isEmpty()) {
            return GraphFault.of(131008).details("Exactly one of the parameters id and link is required.");
        }
        boolean captioned = !type.equals("audio") && !type.equals("sticker");
        if (file.has("caption") && !captioned || file.has("filename") && !type.equals("document")) {
            return GraphFault.parameter("Unexpected key on param \"" + type + "\".");
        }
        if (file.path("caption").asString("").length() > LONGEST_CAPTION) {
            return GraphFault.parameter("Param " + type + "['caption'] must be at most 1024 characters long.");
        }
        Media known = media.get(id);
        boolean visible = known != null
                && (known.phoneNumberId() == null || known.phoneNumberId().equals(phoneNumberId));
        return id.isEmpty() || visible
                ? null
                : GraphFault.parameter(
                        "Param " + type + "['id'] is not a valid whatsapp business account media attachment ID");
    }

    /** What becomes of an accepted file later: types and sizes are looked at then, and links are fetched. */
    @Nullable
    GraphFault unfit(String type, JsonNode file) {
        String mimeType;
        long size;
        Media known = media.get(file.path("id").asString(""));
        if (known != null) {
            mimeType = known.file().contentType().replaceFirst(";.*", "").strip();
            size = known.file().size();
        } else {
            try (HttpClient http = HttpClient.newBuilder()
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .build()) {
                HttpResponse<java.io.InputStream> answer = http.send(
                        HttpRequest.newBuilder(URI.create(file.path("link").asString("")))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
                try (java.io.InputStream in = answer.body()) {
                    size = in.transferTo(java.io.OutputStream.nullOutputStream());
                }
                mimeType = answer.headers().firstValue("Content-Type").orElse("");
                if (answer.statusCode() != 200) {
                    return GraphFault.of(131053)
                            .details("Downloading media from weblink failed with http code " + answer.statusCode()
                                    + ".");
                }
            } catch (IOException | IllegalArgumentException unreachable) {
                return GraphFault.of(131053).details("Downloading media from weblink failed.");
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
                return GraphFault.of(131053);
            }
        }
        boolean fits = switch (type) {
            case "image" -> Set.of("image/jpeg", "image/png").contains(mimeType) && size <= 5 << 20;
            case "video" -> Set.of("video/mp4", "video/3gpp").contains(mimeType) && size <= 16 << 20;
            case "audio" -> mimeType.startsWith("audio/") && size <= 16 << 20;
            case "sticker" -> mimeType.equals("image/webp") && size <= 500 << 10;
            default -> size <= 100 << 20;
        };
        return fits ? null : GraphFault.of(131053).details("The file does not fit a message of type " + type + ".");
    }

    /** Webhooks write the hash in Base64, the answer about a file in hexadecimal. */
    void describe(ObjectNode file, String mimeType, FileContent content) {
        StoredFile stored =
                new StoredFile("", mimeType.replaceFirst(";.*", ""), content.size(), content.sha256(), content);
        String id = keep(null, stored);
        file.put("mime_type", mimeType)
                .put("sha256", Base64.getEncoder().encodeToString(HexFormat.of().parseHex(stored.sha256())))
                .put("id", id);
    }

    private record Media(String id, @Nullable String phoneNumberId, StoredFile file) {}

    private record MediaAddress(String mediaId, Instant until) {}
}
