package io.zaptrix.meta;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * One thing that a webhook reports. A plain {@code JsonMapper} writes it and reads it back unchanged, as itself or as a
 * {@code WebhookEvent}, so it can wait in a queue. Its {@code toString} keeps message text and phone numbers to itself.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = MessageReceived.class, name = "message"),
    @JsonSubTypes.Type(value = MessageEchoed.class, name = "echo"),
    @JsonSubTypes.Type(value = StatusChanged.class, name = "status"),
    @JsonSubTypes.Type(value = AccountChanged.class, name = "account")
})
public sealed interface WebhookEvent permits MessageReceived, MessageEchoed, StatusChanged, AccountChanged {

    /** The WhatsApp Business Account that it happened to; empty if the webhook names none. */
    String wabaId();
}
