package io.zaptrix.meta;

import java.util.Set;

/**
 * Where an app's webhooks of the object {@code whatsapp_business_account} go.
 *
 * @param callbackUrl the address that Meta verified
 * @param active whether Meta uses it
 * @param fields what of: {@code messages} and the like
 */
public record AppWebhook(String callbackUrl, boolean active, Set<String> fields) {

    public AppWebhook {
        fields = Set.copyOf(fields);
    }
}
