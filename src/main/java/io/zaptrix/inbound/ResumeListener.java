package io.zaptrix.inbound;

import io.zaptrix.channel.NumberResumed;
import io.zaptrix.portal.PortalResumed;
import io.zaptrix.relay.Relay;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/** What waited for a portal or a number goes on as soon as it is mended. */
@Component
class ResumeListener {

    private final Relay relay;

    ResumeListener(Relay relay) {
        this.relay = relay;
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT, fallbackExecution = true)
    void on(PortalResumed resumed) {
        relay.wake(resumed.tenant(), "");
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT, fallbackExecution = true)
    void on(NumberResumed resumed) {
        relay.wake(resumed.tenant(), "");
    }
}
