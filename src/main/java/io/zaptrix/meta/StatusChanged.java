package io.zaptrix.meta;

/** A message that was sent from {@code phoneNumberId} got further, or failed. */
public record StatusChanged(String wabaId, String phoneNumberId, MessageStatus status) implements WebhookEvent {}
