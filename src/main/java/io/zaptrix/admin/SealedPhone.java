package io.zaptrix.admin;

import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.TenantContext;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * A phone number that somebody has searched for, as it may stand in a page's address: addresses are kept in places
 * where nobody's number belongs.
 */
@Component
class SealedPhone {

    private static final String PURPOSE = "log.phone";
    private static final int LONGEST = 64;

    private final Secrets secrets;

    SealedPhone(Secrets secrets) {
        this.secrets = secrets;
    }

    String seal(String phone) {
        String bounded = phone.length() > LONGEST ? phone.substring(0, LONGEST) : phone;
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(secrets.seal(TenantContext.require(), PURPOSE, bounded));
    }

    /** Empty for what is none of ours, or another portal's. */
    Optional<String> open(@Nullable String sealed) {
        if (sealed == null || sealed.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(secrets.open(
                    TenantContext.require(), PURPOSE, Base64.getUrlDecoder().decode(sealed)));
        } catch (IllegalArgumentException | IllegalStateException notOurs) {
            return Optional.empty();
        }
    }
}
