package io.zaptrix.meta;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The Graph API of the WhatsApp Business Platform, as far as it is needed here. Every call is one request: nothing is
 * repeated behind the caller's back, and a call returns within about a minute whatever the network does.
 *
 * <p>All methods throw {@link GraphException}, and it only; its kind says what to do next. Access tokens travel in the
 * {@code Authorization} header and appear in no message, log or address; the one exception is {@link #inspectToken}, as
 * Meta takes the token that it is to look at nowhere but in the query.
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
     * Has Meta send this app no more webhooks of an account ({@code DELETE /{waba-id}/subscribed_apps}). Doing it again
     * changes nothing.
     */
    void unsubscribeApp(String accessToken, String wabaId);

    /**
     * Sends a text ({@code POST /{phone-number-id}/messages}). That it returns means that Meta has taken the message,
     * not that it will arrive: a status webhook tells.
     *
     * @return the message's wamid
     * @throws GraphException of kind {@link GraphException.Kind#UNCERTAIN} when the message may have been sent all the
     *     same
     */
    String sendText(String accessToken, String phoneNumberId, TextMessage message);

    /**
     * Sends a file that was uploaded, or that Meta fetches by its link; as {@link #sendText}.
     *
     * @return the message's wamid
     * @throws GraphException as {@link #sendText}
     */
    String sendMedia(String accessToken, String phoneNumberId, MediaMessage message);

    /**
     * Gives Meta a file to send ({@code POST /{phone-number-id}/media}). It is streamed, so a large one takes longer
     * than a minute; Meta keeps it for 30 days. A file that was uploaded and never sent harms nobody.
     *
     * @return its media id
     * @throws GraphException of kind {@code RETRY} too when the content could not be read
     */
    String uploadMedia(String accessToken, String phoneNumberId, MediaUpload upload);

    /**
     * Asks where a file is ({@code GET /{media-id}}), which is true for 5 minutes.
     *
     * @param phoneNumberId the number that the file must belong to
     * @throws GraphException with {@link GraphException#isNoSuchObject()} when Meta has no such file, or no longer
     */
    MediaInfo media(String accessToken, String phoneNumberId, String mediaId);

    /**
     * Fetches a file, as a stream.
     *
     * @param media as {@link #media} gave it
     * @param range the value of a {@code Range} header; null for the whole. Meta's servers may ignore it
     * @throws GraphException with the server's status; 401, 403 and 404 say that the address is no longer valid
     */
    MediaDownload download(String accessToken, MediaInfo media, @Nullable String range);

    /**
     * Sends a template ({@code POST /{phone-number-id}/messages}), which reaches a customer whose last message is more
     * than 24 hours ago, too. Otherwise as {@link #sendText}.
     */
    String sendTemplate(String accessToken, String phoneNumberId, TemplateMessage message);

    /**
     * Shows the customer that a message was read, and all before it ({@code POST /{phone-number-id}/messages} with
     * {@code status: read}). Doing it again changes nothing.
     *
     * @param wamid the customer's message; not older than 30 days
     * @param typing whether WhatsApp shows that an answer is being written, until it comes and for 25 seconds at most
     */
    void markRead(String accessToken, String phoneNumberId, String wamid, boolean typing);

    /**
     * The templates of an account, whatever their status ({@code GET /{waba-id}/message_templates}, all pages): several
     * requests where there are many.
     */
    List<MessageTemplate> templates(String accessToken, String wabaId);

    /**
     * All that is worth knowing of a number ({@code GET /{phone-number-id}} with {@code fields}). As cheap as
     * {@link #phoneNumber}, which asks for less and so works with every version.
     */
    NumberState numberState(String accessToken, String phoneNumberId);

    /** The numbers of an account ({@code GET /{waba-id}/phone_numbers}, all pages). */
    List<NumberState> numbers(String accessToken, String wabaId);

    /** Whether Meta sends this app the webhooks of an account ({@code GET /{waba-id}/subscribed_apps}). */
    boolean isSubscribed(String accessToken, String wabaId);

    /**
     * Registers a number for the Cloud API ({@code POST /{phone-number-id}/register}), which it needs once before it
     * can send; not for numbers that stay in the WhatsApp Business app. At most ten attempts in 72 hours.
     *
     * @param pin six digits: from then on the number's two-step verification; must be the old one where there is one
     */
    void register(String accessToken, String phoneNumberId, String pin);

    /**
     * Has Meta synchronise what the WhatsApp Business app of a number holds ({@code POST
     * /{phone-number-id}/smb_app_data}): its contacts or its chats come as webhooks then. Each once after a sign-up
     * that left the number in the app, and within 24 hours of it, or the number has to be taken out and signed up anew.
     *
     * @see <a
     *     href="https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users/">Onboard
     *     WhatsApp Business app users</a>
     */
    void synchronise(String accessToken, String phoneNumberId, AppData what);

    /** What the WhatsApp Business app of a number holds. */
    enum AppData {
        CONTACTS("smb_app_state_sync"),
        CHATS("history");

        private final String wire;

        AppData(String wire) {
            this.wire = wire;
        }

        String wire() {
            return wire;
        }
    }

    /**
     * Exchanges what Embedded Signup gave the browser for an access token of the business
     * ({@code /oauth/access_token}). A code lives for half a minute and works once.
     *
     * @return the access token
     */
    String exchangeCode(String code);

    /**
     * What a token is good for ({@code GET /debug_token}), which this app may ask of its own tokens only.
     *
     * @return {@link TokenInfo#isOwn()} is false where the token is another app's
     */
    TokenInfo inspectToken(String accessToken);

    /** Where Meta sends this app's WhatsApp webhooks ({@code GET /{app-id}/subscriptions}); empty: nowhere. */
    Optional<AppWebhook> appWebhook();
}
