package io.zaptrix.sandbox;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The world as the page's script reads it. */
final class SandboxView {

    private static final int LONGEST_CHAT = 200;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private SandboxView() {}

    static ObjectNode of(SandboxWorld world) {
        ObjectNode state = JSON.objectNode();
        ArrayNode phones = state.putArray("phones");
        for (SandboxWorld.Customer customer : SandboxWorld.CUSTOMERS) {
            ObjectNode phone = phones.addObject().put("id", customer.waId()).put("name", customer.name());
            ArrayNode messages = phone.putArray("messages");
            latest(world.meta().phoneWithLost(SandboxWorld.PHONE_NUMBER_ID, customer.waId()))
                    .forEach(message -> messages.add(onPhone(message, world.meta())));
        }
        ArrayNode chats = state.putArray("chats");
        for (StandInPortal.Chat chat : world.portal().chats()) {
            ObjectNode node = chats.addObject()
                    .put("id", chat.id())
                    .put("name", chat.name())
                    .put("phone", chat.phone())
                    .put("ended", chat.closed())
                    .put("customer", chat.phone().replaceAll("[^0-9]", ""));
            Instant closes = world.meta()
                    .windowCloses(
                            SandboxWorld.PHONE_NUMBER_ID, node.path("customer").asString(""));
            if (closes != null) {
                node.put("closes", closes.toEpochMilli());
            }
            ArrayNode messages = node.putArray("messages");
            latest(chat.messages()).forEach(message -> messages.add(inChat(message, world.portal())));
        }
        StandInMeta.Faults meta = world.meta().faults();
        state.putObject("faults")
                .put("metaSlow", meta.isSlow())
                .put("metaTwice", meta.isDeliveringTwice())
                .put("metaReorder", meta.isReordering())
                .put("portalLimit", world.portal().isLimited())
                .put("portalHang", world.portal().faults().isHanging())
                .put("refusalsLeft", meta.refusalsLeft());
        return state.put("webhooksUnderWay", world.meta().webhooksUnderWay());
    }

    private static ObjectNode onPhone(PhoneMessage message, StandInMeta meta) {
        ObjectNode shown = JSON.objectNode()
                .put("id", message.wamid())
                .put("mine", message.mine())
                .put("type", message.type())
                .put("text", message.text())
                .put("at", message.at().toEpochMilli())
                .put("file", message.deleted() ? null : type(meta.fileOfMessage(message.wamid())))
                .put("fileName", message.fileName())
                .put("answers", message.answers())
                .put("reaction", message.reaction())
                .put("edited", message.edited())
                .put("deleted", message.deleted())
                .put("failure", message.failure())
                .put("tick", message.tick().name());
        ArrayNode buttons = shown.putArray("buttons");
        message.buttons()
                .forEach(
                        button -> buttons.addObject().put("text", button.text()).put("url", button.url()));
        return shown;
    }

    private static ObjectNode inChat(StandInPortal.ChatMessage message, StandInPortal portal) {
        ObjectNode shown = JSON.objectNode()
                .put("id", message.id())
                .put("author", message.author().name())
                .put("name", message.authorName())
                .put("text", message.text())
                .put("files", String.join(", ", message.files()))
                .put("edited", message.edited())
                .put("at", message.at().toEpochMilli())
                .put("mark", message.mark().name());
        List<StoredFile> files = portal.attachedTo(message.id());
        List<String> links = portal.linksOf(message.id());
        for (int i = 0; i < files.size(); i++) {
            StoredFile file = files.get(i);
            shown.withArray("attached")
                    .addObject()
                    .put("name", file.name())
                    .put("type", type(file))
                    .put("link", i < links.size() ? links.get(i) : null);
        }
        return shown;
    }

    private static @Nullable String type(@Nullable StoredFile file) {
        return file == null || file.content() == null ? null : file.contentType();
    }

    private static <T> List<T> latest(List<T> messages) {
        return messages.subList(Math.max(0, messages.size() - LONGEST_CHAT), messages.size());
    }
}
