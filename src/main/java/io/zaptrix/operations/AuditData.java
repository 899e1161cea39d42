package io.zaptrix.operations;

import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import java.util.List;
import org.springframework.stereotype.Component;

/** That somebody did something stays; what it says of a customer who is erased does not. */
@Component
class AuditData implements PersonalData {

    @Override
    public List<Holding> holdings() {
        return List.of(Holding.of("audit_entry", "id")
                .ofPerson("subject = any(:messages) or subject ~ :pattern or detail::text ~ :pattern"
                        + " or exists (select from jsonb_each_text(case when jsonb_typeof(detail) = 'object'"
                        + " then detail else '{}' end) as said where said.value = any(:messages))")
                .blanked("subject = '', detail = '{\"erased\": true}'"));
    }
}
