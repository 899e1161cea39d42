package io.zaptrix.meta;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What an {@link AccountChanged} comes to, for the fields that concern whoever looks after an account ("Webhooks
 * reference" in Meta's WhatsApp documentation: {@code account_update}, {@code account_alerts},
 * {@code phone_number_quality_update} and the like).
 *
 * @param what one word of a fixed few, such as {@code template_rejected} or {@code account_banned}
 * @param needsAction whether something stops working, or will, unless a person does something
 * @param wabaId the account; for what partners are told, the customer's own
 * @param displayPhoneNumber the number that it is about, digits only; null where it is about the account or a template
 * @param template the template's name and language; null where it is about something else
 * @param reason what Meta says of it, in its own words, which may be codes; empty if nothing
 */
public record AccountNews(
        String what,
        boolean needsAction,
        String wabaId,
        @Nullable String displayPhoneNumber,
        @Nullable String template,
        String reason) {

    private static final int LONGEST = 500;

    /** @return empty for fields that tell of something else, or that nobody knows */
    public static Optional<AccountNews> of(AccountChanged changed) {
        JsonNode value = changed.value();
        if (!value.isObject()) {
            return Optional.empty();
        }
        return switch (changed.field()) {
            case "message_template_status_update" -> Optional.of(templateStatus(changed, value));
            case "message_template_quality_update" -> Optional.of(templateQuality(changed, value));
            case "message_template_components_update" -> Optional.of(template(changed, "template_changed", false, ""));
            case "template_category_update" -> Optional.of(templateCategory(changed, value));
            case "phone_number_quality_update" -> Optional.of(numberQuality(changed, value));
            case "phone_number_name_update" -> Optional.of(numberName(changed, value));
            case "account_alerts" -> Optional.of(alert(changed, value));
            case "account_review_update" -> Optional.of(review(changed, value));
            case "account_update" -> Optional.of(account(changed, value));
            case "business_capability_update" -> Optional.of(capability(changed, value));
            case "security" -> Optional.of(number(changed, "security_pin", true, said(value, "event")));
            default -> Optional.empty();
        };
    }

    // ---- templates

    private static AccountNews templateStatus(AccountChanged changed, JsonNode value) {
        String reason = joined(
                said(value, "reason"),
                said(value.path("rejection_info"), "reason"),
                said(value.path("rejection_info"), "recommendation"),
                said(value.path("other_info"), "title"),
                said(value.path("other_info"), "description"));
        return switch (said(value, "event")) {
            case "APPROVED" -> template(changed, "template_approved", false, "");
            case "REJECTED" -> template(changed, "template_rejected", true, reason);
            case "PAUSED" -> template(changed, "template_paused", true, reason);
            case "DISABLED" -> template(changed, "template_disabled", true, reason);
            case "FLAGGED" -> template(changed, "template_flagged", true, reason);
            case "LOCKED" -> template(changed, "template_locked", true, reason);
            case "PENDING", "IN_APPEAL" -> template(changed, "template_pending", false, reason);
            case "PENDING_DELETION", "DELETED" -> template(changed, "template_deleted", false, reason);
            case "REINSTATED", "UNPAUSED" -> template(changed, "template_reinstated", false, reason);
            default -> template(changed, "template_status", false, joined(said(value, "event"), reason));
        };
    }

    private static AccountNews templateQuality(AccountChanged changed, JsonNode value) {
        String now = said(value, "new_quality_score");
        String reason = joined(said(value, "previous_quality_score"), now).replace("; ", " \u2192 ");
        boolean low = now.equals("RED");
        return template(changed, low ? "template_quality_low" : "template_quality", low, reason);
    }

    private static AccountNews templateCategory(AccountChanged changed, JsonNode value) {
        String coming = said(value, "correct_category");
        String now = said(value, "new_category");
        return coming.isEmpty()
                ? template(
                        changed,
                        "template_category",
                        false,
                        joined(said(value, "previous_category"), now).replace("; ", " \u2192 "))
                : template(
                        changed,
                        "template_category_soon",
                        true,
                        joined(now, coming).replace("; ", " \u2192 "));
    }

    private static AccountNews template(AccountChanged changed, String what, boolean needsAction, String reason) {
        String name = said(changed.value(), "message_template_name");
        String language = said(changed.value(), "message_template_language");
        if (name.isEmpty()) {
            name = said(changed.value(), "message_template_id");
        }
        return new AccountNews(
                what,
                needsAction,
                changed.wabaId(),
                null,
                language.isEmpty() ? name : name + " (" + language + ")",
                reason.equals("NONE") ? "" : reason);
    }

    // ---- numbers

    private static AccountNews numberQuality(AccountChanged changed, JsonNode value) {
        // The limit is the portfolio's by now; the field of the number's own goes.
        String limit = said(value, "max_daily_conversations_per_business");
        if (limit.isEmpty()) {
            limit = said(value, "current_limit");
        }
        return switch (said(value, "event")) {
            case "FLAGGED" -> number(changed, "number_flagged", true, limit);
            case "DOWNGRADE" -> number(changed, "number_downgraded", true, limit);
            case "UNFLAGGED" -> number(changed, "number_unflagged", false, limit);
            default -> number(changed, "number_upgraded", false, joined(said(value, "event"), limit));
        };
    }

    private static AccountNews numberName(AccountChanged changed, JsonNode value) {
        String name = said(value, "requested_verified_name");
        return switch (said(value, "decision")) {
            case "APPROVED" -> number(changed, "name_approved", false, name);
            case "REJECTED" -> number(changed, "name_rejected", true, joined(name, said(value, "rejection_reason")));
            default -> number(changed, "name_pending", false, joined(name, said(value, "rejection_reason")));
        };
    }

    private static AccountNews number(AccountChanged changed, String what, boolean needsAction, String reason) {
        String number = said(changed.value(), "display_phone_number").replaceAll("\\D", "");
        return new AccountNews(
                what, needsAction, changed.wabaId(), number.isEmpty() ? null : number, null, withoutNone(reason));
    }

    // ---- the account

    private static AccountNews alert(AccountChanged changed, JsonNode value) {
        // Older webhooks have it beside the entity, newer ones within.
        JsonNode info = value.path("alert_info").isObject() ? value.path("alert_info") : value;
        String severity = said(info, "alert_severity");
        boolean over = said(info, "alert_status").equals("NONE");
        return account(
                changed,
                "alert",
                !over && (severity.equals("CRITICAL") || severity.equals("WARNING")),
                joined(said(info, "alert_type"), said(info, "alert_description")));
    }

    private static AccountNews review(AccountChanged changed, JsonNode value) {
        return switch (said(value, "decision")) {
            case "APPROVED" -> account(changed, "review_approved", false, "");
            case "REJECTED" -> account(changed, "review_rejected", true, said(value, "rejection_reason"));
            default -> account(changed, "review_pending", false, said(value, "decision"));
        };
    }

    private static AccountNews account(AccountChanged changed, JsonNode value) {
        String event = said(value, "event");
        return switch (event) {
            case "DISABLED_UPDATE" -> ban(changed, value.path("ban_info"));
            case "ACCOUNT_RESTRICTION" -> {
                List<String> kinds = new ArrayList<>();
                for (JsonNode restriction : value.path("restriction_info")) {
                    kinds.add(said(restriction, "restriction_type"));
                }
                yield account(changed, "account_restricted", true, joined(kinds.toArray(String[]::new)));
            }
            case "ACCOUNT_VIOLATION" ->
                account(changed, "account_violation", true, said(value.path("violation_info"), "violation_type"));
            case "ACCOUNT_DELETED" -> account(changed, "account_deleted", true, "");
            case "ACCOUNT_OFFBOARDED" -> account(changed, "account_offboarded", true, "");
            case "ACCOUNT_RECONNECTED" -> account(changed, "account_reconnected", false, "");
            case "PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED" ->
                account(changed, "access_removed", true, said(value.path("disconnection_info"), "reason"));
            case "PARTNER_ADDED", "PARTNER_APP_INSTALLED" -> account(changed, "access_given", false, "");
            case "VERIFIED_ACCOUNT" -> account(changed, "account_verified", false, "");
            default -> account(changed, "account_update", false, event);
        };
    }

    private static AccountNews ban(AccountChanged changed, JsonNode ban) {
        String date = said(ban, "waba_ban_date");
        return switch (said(ban, "waba_ban_state")) {
            case "REINSTATE" -> account(changed, "account_reinstated", false, date);
            case "SCHEDULE_FOR_DISABLE" -> account(changed, "account_ban_scheduled", true, date);
            default -> account(changed, "account_banned", true, date);
        };
    }

    private static AccountNews capability(AccountChanged changed, JsonNode value) {
        List<String> limits = new ArrayList<>();
        value.properties().forEach(limit -> {
            if (limit.getValue().isValueNode()) {
                limits.add(limit.getKey() + " = " + limit.getValue().asString(""));
            }
        });
        return account(changed, "capability", false, joined(limits.toArray(String[]::new)));
    }

    private static AccountNews account(AccountChanged changed, String what, boolean needsAction, String reason) {
        // What solution partners are told comes from their own account and names the customer's.
        String customers = said(changed.value().path("waba_info"), "waba_id");
        return new AccountNews(
                what, needsAction, customers.isEmpty() ? changed.wabaId() : customers, null, null, withoutNone(reason));
    }

    // ---- small things

    private static String withoutNone(String reason) {
        return reason.equals("NONE") ? "" : reason;
    }

    private static String said(JsonNode object, String field) {
        JsonNode node = object.path(field);
        String text = node.isString() || node.isNumber() ? node.asString().strip() : "";
        return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    }

    private static String joined(String... pieces) {
        List<String> said = new ArrayList<>();
        for (String piece : pieces) {
            if (!piece.isEmpty() && !piece.equals("NONE") && !said.contains(piece)) {
                said.add(piece);
            }
        }
        return String.join("; ", said);
    }
}
