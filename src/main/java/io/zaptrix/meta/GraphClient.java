package io.zaptrix.meta;

/**
 * The Graph API of the WhatsApp Business Platform, as far as it is needed here. Every call is one request: nothing is
 * repeated behind the caller's back, and a call returns within about a minute whatever the network does.
 *
 * <p>All methods throw {@link GraphException}, and it only; its kind says what to do next. Access tokens travel in the
 * {@code Authorization} header and appear in no message, log or address.
 */
public interface GraphClient {

    /** Looks a business number up ({@code GET /{phone-number-id}}). */
    PhoneNumberInfo phoneNumber(String accessToken, String phoneNumberId);

    /**
     * Has Meta send this app the webhooks of an account ({@code POST /{waba-id}/subscribed_apps}). Doing it again
     * changes nothing.
     */
    void subscribeApp(String accessToken, String wabaId);

    /**
     * Sends a text ({@code POST /{phone-number-id}/messages}). That it returns means that Meta has taken the message,
     * not that it will arrive: a status webhook tells.
     *
     * @return the message's wamid
     * @throws GraphException of kind {@link GraphException.Kind#UNCERTAIN} when the message may have been sent all the
     *     same
     */
    String sendText(String accessToken, String phoneNumberId, TextMessage message);
}
