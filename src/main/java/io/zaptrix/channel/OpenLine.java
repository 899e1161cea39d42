package io.zaptrix.channel;

/** An open line of the portal. */
public record OpenLine(String id, String name, boolean active) {}
