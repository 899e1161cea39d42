package io.zaptrix.sandbox;

import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A customer's phone at {@link StandInMeta}: everything that people do in a chat with a business and that becomes a
 * webhook, in the shapes of Meta's "Webhooks reference: messages". Every method returns the wamid of the message that
 * tells of it, and returns when that is on its way.
 */
public final class CustomerPhone {

    /**
     * What {@link #sends} knows beside the types of {@link StandInMeta#customerSends(String, String, String, String)}.
     */
    static final Set<String> KINDS = Set.of(
            "voice",
            "button",
            "list",
            "form",
            "quickReply",
            "order",
            "product",
            "ad",
            "forwarded",
            "reply",
            "edit",
            "delete",
            "reaction",
            "unreaction",
            "poll",
            "appReply");

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final StandInMeta meta;
    private final String phoneNumberId;
    private final String waId;
    private final String name;

    CustomerPhone(StandInMeta meta, String phoneNumberId, String waId, String name) {
        this.meta = meta;
        this.phoneNumberId = phoneNumberId;
        this.waId = waId;
        this.name = name;
    }

    /** Writes a text. */
    public String writes(String text) {
        return meta.customerWrites(phoneNumberId, waId, name, text);
    }

    /** Writes a text as the answer to a message, of either side. */
    public String replies(String text, String toWamid) {
        ObjectNode message = text(text);
        message.set("context", context(toWamid));
        return meta.sendsShowing(phoneNumberId, waId, name, "text", message, text);
    }

    /**
     * Sends a file.
     *
     * @param type {@code image}, {@code audio} (as a voice note), {@code video}, {@code document} or {@code sticker}
     * @param caption what is written with it; of no voice note and no sticker
     * @param toWamid the message that it answers
     */
    String sendsFile(String type, SandboxSamples.Attachment file, @Nullable String caption, @Nullable String toWamid) {
        boolean captioned = !type.equals("audio") && !type.equals("sticker");
        return meta.customerSendsFile(
                phoneNumberId,
                waId,
                name,
                type,
                file.contentType(),
                file.content(),
                type.equals("document") ? file.name() : null,
                captioned ? caption : null,
                toWamid == null ? null : context(toWamid));
    }

    /** Passes a text on that was written elsewhere. */
    public String forwards(String text, boolean often) {
        ObjectNode message = text(text);
        message.putObject("context").put(often ? "frequently_forwarded" : "forwarded", true);
        return meta.sendsShowing(phoneNumberId, waId, name, "text", message, text);
    }

    /** Reacts to a message; an empty emoji takes the reaction back. */
    public String reacts(String wamid, String emoji) {
        ObjectNode message = JSON.objectNode();
        message.putObject("reaction").put("message_id", wamid).put("emoji", emoji);
        meta.change(phoneNumberId, waId, wamid, reacted -> reacted.reacted(emoji));
        return meta.sendsShowing(phoneNumberId, waId, name, "reaction", message, null);
    }

    /** Changes an own text. */
    public String edits(String wamid, String text) {
        meta.change(phoneNumberId, waId, wamid, old -> old.edited(text));
        ObjectNode message = JSON.objectNode();
        ObjectNode edit = message.putObject("edit").put("original_message_id", wamid);
        edit.set("message", text(text).put("type", "text"));
        return meta.sendsShowing(phoneNumberId, waId, name, "edit", message, null);
    }

    /** Deletes an own message for everyone. */
    public String deletes(String wamid) {
        meta.change(phoneNumberId, waId, wamid, PhoneMessage::takenBack);
        ObjectNode message = JSON.objectNode();
        message.putObject("revoke").put("original_message_id", wamid);
        return meta.sendsShowing(phoneNumberId, waId, name, "revoke", message, null);
    }

    /** Presses a reply button of a message. */
    public String presses(String title, @Nullable String underWamid) {
        ObjectNode message = JSON.objectNode();
        message.putObject("interactive")
                .put("type", "button_reply")
                .putObject("button_reply")
                .put("id", "b1")
                .put("title", title);
        return answer("interactive", message, title, underWamid);
    }

    /** Picks a row of a list. */
    public String picks(String title, String description, @Nullable String underWamid) {
        ObjectNode message = JSON.objectNode();
        message.putObject("interactive")
                .put("type", "list_reply")
                .putObject("list_reply")
                .put("id", "r1")
                .put("title", title)
                .put("description", description);
        return answer("interactive", message, title, underWamid);
    }

    /** Sends a filled in form (a flow). */
    public String fillsIn(ObjectNode fields, @Nullable String underWamid) {
        ObjectNode message = JSON.objectNode();
        message.putObject("interactive")
                .put("type", "nfm_reply")
                .putObject("nfm_reply")
                .put("name", "flow")
                .put("body", "Sent")
                .put("response_json", fields.toString());
        return answer("interactive", message, "[form]", underWamid);
    }

    /** Presses a quick reply of a template. */
    public String pressesOfTemplate(String title, @Nullable String underWamid) {
        ObjectNode message = JSON.objectNode();
        message.putObject("button").put("payload", title).put("text", title);
        return answer("button", message, title, underWamid);
    }

    /** Orders from the catalog. */
    public String orders(String note, String product, int quantity, double price, String currency) {
        ObjectNode message = JSON.objectNode();
        ObjectNode order =
                message.putObject("order").put("catalog_id", "354160437058781").put("text", note);
        order.putArray("product_items")
                .addObject()
                .put("product_retailer_id", product)
                .put("quantity", quantity)
                .put("item_price", price)
                .put("currency", currency);
        return meta.sendsShowing(phoneNumberId, waId, name, "order", message, "[order]");
    }

    /** Asks about a product of the catalog. */
    public String asksAbout(String product, String text) {
        ObjectNode message = text(text);
        ObjectNode context = context("wamid.product");
        context.putObject("referred_product")
                .put("catalog_id", "354160437058781")
                .put("product_retailer_id", product);
        message.set("context", context);
        return meta.sendsShowing(phoneNumberId, waId, name, "text", message, text);
    }

    /** Writes after a click on an ad. */
    public String comesFromAd(String headline, String text) {
        ObjectNode message = text(text);
        message.putObject("referral")
                .put("source_url", "https://fb.me/3cr4Wqqkv")
                .put("source_id", "120226305854810726")
                .put("source_type", "ad")
                .put("headline", headline)
                .put("body", "Fresh from the oven")
                .put("media_type", "image")
                .put("image_url", "https://scontent.xx.fbcdn.net/v/t45.1600-4/1.jpg")
                .put("ctwa_clid", "Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4")
                .putObject("welcome_message")
                .put("text", "Hi there!");
        return meta.sendsShowing(phoneNumberId, waId, name, "text", message, text);
    }

    /** Sends what WhatsApp does not pass on, such as a poll. */
    public String sendsUnsupported(String kind) {
        ObjectNode message = JSON.objectNode();
        message.putObject("unsupported").put("type", kind);
        message.putArray("errors").add(GraphFault.of(131051).inWebhook());
        return meta.sendsShowing(phoneNumberId, waId, name, "unsupported", message, "[" + kind + "]");
    }

    /** Takes another number along; WhatsApp tells the business of it. The chat of this phone is not that one's. */
    public CustomerPhone changesNumberTo(String newWaId) {
        ObjectNode message = JSON.objectNode();
        message.putObject("system")
                .put("body", "User " + name + " changed from " + waId + " to " + newWaId)
                .put("wa_id", newWaId)
                .put("type", "user_changed_number");
        meta.tellsOfSystem(phoneNumberId, waId, message);
        return new CustomerPhone(meta, phoneNumberId, newWaId, name);
    }

    /** The company answers in the WhatsApp Business app, and Meta echoes it. */
    public String isAnsweredInTheApp(String text) {
        return meta.echo(phoneNumberId, waId, "text", text(text), text);
    }

    /** As {@link #isAnsweredInTheApp}, of any type. */
    public String isAnsweredInTheApp(String type, ObjectNode content) {
        return meta.echo(phoneNumberId, waId, type, content, "[" + type + "]");
    }

    /**
     * Something of a kind, with words of its own; {@code reply}, {@code edit} and the like do it to the last message.
     */
    String sends(String kind) {
        Optional<String> last = meta.lastOf(phoneNumberId, waId, false);
        Optional<String> own = meta.lastOf(phoneNumberId, waId, true);
        return switch (kind) {
            case "voice" -> meta.customerSends(phoneNumberId, waId, name, "audio");
            case "button" -> presses("👍 Sim", last.orElse(null));
            case "list" -> picks("Entrega", "em até 2 horas", last.orElse(null));
            case "form" ->
                fillsIn(
                        JSON.objectNode()
                                .put("nome_completo", name)
                                .put("bairro", "Pinheiros")
                                .put("flow_token", "t"),
                        last.orElse(null));
            case "quickReply" -> pressesOfTemplate("Quero saber mais", last.orElse(null));
            case "order" -> orders("Sem açúcar, por favor", "pao-de-queijo", 12, 3.5, "BRL");
            case "product" -> asksAbout("bolo-de-cenoura", "Ainda tem?");
            case "ad" -> comesFromAd("Bolos da semana", "Oi! Vi o anúncio");
            case "forwarded" -> forwards("Olha essa receita", false);
            case "reply" -> replies("Isso mesmo", last.or(() -> own).orElse("wamid.unknown"));
            case "edit" -> edits(own.orElse("wamid.unknown"), "(corrigido)");
            case "delete" -> deletes(own.orElse("wamid.unknown"));
            case "reaction" -> reacts(last.or(() -> own).orElse("wamid.unknown"), "👍");
            case "unreaction" -> reacts(last.or(() -> own).orElse("wamid.unknown"), "");
            case "poll" -> sendsUnsupported("poll");
            case "appReply" -> isAnsweredInTheApp("Respondido pelo celular da loja");
            default -> throw new IllegalArgumentException("No ready-made " + kind);
        };
    }

    private String answer(String type, ObjectNode message, String shown, @Nullable String underWamid) {
        if (underWamid != null) {
            message.set("context", context(underWamid));
        }
        return meta.sendsShowing(phoneNumberId, waId, name, type, message, shown);
    }

    private ObjectNode context(String wamid) {
        String writer = meta.isOwn(phoneNumberId, waId, wamid) ? waId : meta.digitsOf(phoneNumberId);
        return JSON.objectNode().put("from", writer).put("id", wamid);
    }

    private static ObjectNode text(String text) {
        ObjectNode message = JSON.objectNode();
        message.putObject("text").put("body", text);
        return message;
    }
}
