/**
 * Everything spoken with Meta: proving that a webhook is Meta's, what webhooks say, and the Graph API of the WhatsApp
 * Business Platform with its errors. What the other rooms see is {@link io.zaptrix.meta.WebhookSignature},
 * {@link io.zaptrix.meta.Webhooks} and {@link io.zaptrix.meta.GraphClient}.
 */
@ApplicationModule(
        displayName = "Meta",
        allowedDependencies = {"platform"})
@NullMarked
package io.zaptrix.meta;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
