package io.zaptrix.sandbox;

import io.zaptrix.platform.Phrases;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the page says, and what its script says. */
final class SandboxTexts {

    private static final Phrases PHRASES = new Phrases("messages/sandbox");

    private static final List<String> KEYS = List.of(
            "title",
            "intro",
            "phone",
            "agent",
            "faults",
            "wire",
            "customer",
            "write",
            "reply",
            "send",
            "sendOther",
            "attach",
            "tooLarge",
            "type.image",
            "type.video",
            "type.audio",
            "type.document",
            "type.sticker",
            "type.location",
            "type.contacts",
            "type.forwarded",
            "type.button",
            "type.list",
            "type.form",
            "type.quickReply",
            "type.order",
            "type.product",
            "type.ad",
            "type.poll",
            "type.appReply",
            "type.unsupported",
            "crowd",
            "dialogs",
            "noDialogs",
            "noDialog",
            "noMessages",
            "bold",
            "italic",
            "link",
            "mark.SENDING",
            "mark.DELIVERED",
            "mark.READ",
            "tick.NONE",
            "tick.DELIVERED",
            "tick.READ",
            "metaTitle",
            "portalTitle",
            "metaSlow",
            "metaTwice",
            "metaReorder",
            "portalLimit",
            "portalHang",
            "refuse",
            "refuseNext",
            "refuse.131026",
            "refuse.131047",
            "refuse.131000",
            "refuse.130429",
            "fail.131026",
            "expire",
            "clear",
            "refusalsLeft",
            "openInPortal",
            "connecting",
            "live",
            "lost",
            "toApp",
            "fromApp",
            "noAnswer",
            "noWire",
            "underWay",
            "language",
            "menu",
            "do.reply",
            "do.unreact",
            "do.edit",
            "do.delete",
            "own",
            "ready.image",
            "ready.video",
            "ready.audio",
            "ready.document",
            "ready.sticker",
            "record",
            "stopRecording",
            "recording",
            "quoting",
            "editing",
            "cancel",
            "remove",
            "earlier",
            "edited",
            "deletedMine",
            "deletedTheirs",
            "neverArrived",
            "windowOpen",
            "windowClosed",
            "letPass",
            "end",
            "ended",
            "template",
            "type.interactive");

    private SandboxTexts() {}

    /** All of it in one language, by key. */
    static Map<String, String> in(Locale language) {
        Map<String, String> texts = new LinkedHashMap<>();
        KEYS.forEach(key -> texts.put(key, PHRASES.say(language, key)));
        return texts;
    }
}
