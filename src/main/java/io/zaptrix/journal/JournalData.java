package io.zaptrix.journal;

import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import java.util.List;
import org.springframework.stereotype.Component;

/** Users of the portal, and figures in which nobody is named. Customers' messages are the relay's. */
@Component
class JournalData implements PersonalData {

    @Override
    public List<Holding> holdings() {
        return List.of(
                Holding.of("daily_figure", "day", "phone_number_id", "measure", "label"),
                Holding.of("figure_day", "day"),
                Holding.of("message_price", "category"),
                Holding.of("portal_person", "user_id"));
    }
}
