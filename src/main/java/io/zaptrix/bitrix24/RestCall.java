package io.zaptrix.bitrix24;

import java.util.Map;

/**
 * One call of a batch.
 *
 * @param method such as {@code imconnector.send.messages}
 * @param params as for {@link Bitrix24Rest#call}, but sent as a form: numbers arrive as strings, true and false as 1
 *     and 0, and nulls and empty arrays not at all
 */
public record RestCall(String method, Map<String, ?> params) {}
