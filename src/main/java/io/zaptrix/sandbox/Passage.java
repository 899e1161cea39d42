package io.zaptrix.sandbox;

import java.time.Instant;

/**
 * One exchange on the wire between the application and a stand-in, as the sandbox page's log shows it.
 *
 * @param vendor {@code meta} or {@code bitrix24}
 * @param toApplication whether the vendor called the application, or the other way round
 * @param what the call in the vendor's own words, such as a method's or an event's name; no secret and no text
 * @param status the HTTP status of the answer; 0 for none
 * @param note what is worth knowing besides, such as an error code; may be empty
 */
public record Passage(Instant at, String vendor, boolean toApplication, String what, int status, String note) {}
