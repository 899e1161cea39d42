package io.zaptrix.portal;

import io.zaptrix.bitrix24.Bitrix24Exception;
import io.zaptrix.relay.Outcome;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Notifies the admin of the bound tenant who installed the app, whose token it has, by the bell of their Bitrix24
 * ({@code im.notify.system.add}).
 */
@Component
public class AdminNotice {

    private final PortalRest rest;

    AdminNotice(PortalRest rest) {
        this.rest = rest;
    }

    /**
     * Says something once.
     *
     * @param text in Bitrix24's BBCode: what others wrote must be literal in it
     * @param tag what the notice is about; one with the same tag takes the place of the one before
     * @return what became of it, for the lane that brought it: {@link Outcome.Refused} where nobody can be told
     */
    public Outcome tell(String text, String tag) {
        try {
            String userId = rest.call("profile", Map.of()).path("ID").asString("");
            if (userId.isEmpty()) {
                return new Outcome.Refused("nobody_to_notify");
            }
            rest.call(
                    "im.notify.system.add",
                    Map.of("USER_ID", userId, "MESSAGE", "\u26a0\ufe0f " + text, "TAG", "zaptrix|" + tag));
            return Outcome.DONE;
        } catch (Bitrix24Exception failure) {
            boolean scope = failure.code().equals("insufficient_scope")
                    || failure.code().equals("ACCESS_DENIED");
            // The page shows what it was about.
            return scope || failure.kind() == Bitrix24Exception.Kind.REFUSE
                    ? new Outcome.Refused("not_notified: bitrix24_" + failure.code())
                    : PortalFailure.outcome(failure, true);
        }
    }
}
