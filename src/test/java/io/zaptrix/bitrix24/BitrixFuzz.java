package io.zaptrix.bitrix24;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zaptrix.fuzz.Target;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What portals post, answer and name. */
public final class BitrixFuzz {

    private BitrixFuzz() {}

    private static final String EVENT =
            "event=ONIMCONNECTORMESSAGEADD&event_handler_id=1&data%5BCONNECTOR%5D=zaptrix_whatsapp"
                    + "&data[LINE]=2&data[MESSAGES][0][im][chat_id]=1807&data[MESSAGES][0][im][message_id]=23"
                    + "&data[MESSAGES][0][message][text]=Ol%C3%A1+mundo&data[MESSAGES][0][message][files][0][name]=a.pdf"
                    + "&data[MESSAGES][0][chat][id]=106%3A5511987654321&ts=1700000000&auth[member_id]=abc&auth[domain]=x.bitrix24.com"
                    + "&auth[application_token]=0123456789abcdef0123456789abcdef&auth[expires_in]=3600&auth[client_endpoint]=https%3A%2F%2Fx%2Frest%2F";

    private static final String JSON_EVENT =
            "{\"event\":\"ONAPPINSTALL\",\"data\":{\"LANGUAGE_ID\":\"br\"},\"ts\":\"1700000000\","
                    + "\"auth\":{\"member_id\":\"abc\",\"access_token\":\"x\",\"expires_in\":\"3600\"}}";

    public static List<Target> targets() {
        List<String> words = List.of(
                "[",
                "]",
                "[]",
                "[0]",
                "[1]",
                "[a]",
                "%5B",
                "%5D",
                "&data[",
                "=",
                "&",
                "+",
                "%2",
                "&ts=1e99",
                "&ts=-9223372036854775808",
                "&auth[expires_in]=1e400",
                "&auth=1",
                "&data=",
                "&event=ONX",
                "&event[]=1",
                "[999999999999999]");
        ExternalAddressGuard guard = new ExternalAddressGuard(false, new org.apache.hc.client5.http.DnsResolver() {
            @Override
            public java.net.InetAddress[] resolve(String host) throws UnknownHostException {
                throw new UnknownHostException(host);
            }

            @Override
            public String resolveCanonicalHostname(String host) {
                return host;
            }
        });
        return List.of(
                new Target("PHP's forms", List.of(EVENT.getBytes(UTF_8)), words, body -> {
                    try {
                        JsonNode form = PhpForm.decode(body);
                        Target.promised(form.isObject(), "a form is an object");
                        // What was read is written so that it is read again as the same.
                        JsonNode again =
                                PhpForm.decode(PhpForm.encode(Map.of("x", form)).getBytes(UTF_8));
                        Target.promised(again.size() <= 1, "a form within a form is one");
                    } catch (MalformedEvent documented) {
                        // Answered 400.
                    }
                }),
                new Target(
                        "Bitrix24's events",
                        List.of(EVENT.getBytes(UTF_8), JSON_EVENT.getBytes(UTF_8)),
                        words,
                        body -> {
                            try {
                                PortalEvent event = PortalEvent.parse(body, null);
                                event.lineId();
                                event.connector();
                                // The other fields are as random as the token, and may hold the same.
                                String told = event.toString().replace(String.valueOf(event.memberId()), "");
                                String token = event.applicationToken();
                                Target.promised(
                                        token == null || token.length() < 30 || !told.contains(token),
                                        "an event tells its token");
                            } catch (MalformedEvent documented) {
                                // Answered 400.
                            }
                        }),
                Target.ofText(
                        "Bitrix24's answers",
                        List.of(
                                "{\"result\":{\"ID\":\"1\"},\"time\":{\"operating\":0.1,\"operating_reset_at\":1700000000}}",
                                "{\"error\":\"expired_token\",\"error_description\":\"x\"}",
                                "{\"result\":[],\"result_error\":{\"a\":{\"error\":\"QUERY_LIMIT_EXCEEDED\"}}}"),
                        List.of(
                                "\"error\":",
                                "\"result\":",
                                "\"time\":",
                                "\"operating_reset_at\":1e99",
                                "[[",
                                "{\"a\":"),
                        body -> {
                            for (int status : new int[] {200, 302, 401, 503}) {
                                try {
                                    JsonNode good = Answers.good(
                                            new Http.Answer(status, body.getBytes(UTF_8), null), List.of("x"));
                                    Answers.operatingResetAt(good.get("time"));
                                    JsonNode result = good.get("result");
                                    if (result != null) {
                                        Answers.inResult(result, List.of("x"));
                                    }
                                } catch (Bitrix24Exception documented) {
                                    // Classified.
                                }
                            }
                        }),
                Target.ofText(
                        "addresses",
                        List.of(
                                "https://acme.bitrix24.com/rest/",
                                "https://user:x@127.0.0.1/",
                                "https://[::ffff:10.0.0.1]:8443/x",
                                "http://2130706433/"),
                        List.of("@", ":", "//", "[", "]", "::", "127.0.0.1", "0x7f", "#", "?", "\\", "%2f", "https:"),
                        text -> {
                            try {
                                guard.check(new URI(text));
                            } catch (java.net.URISyntaxException | UnknownHostException documented) {
                                // Not called.
                            }
                        }));
    }
}
