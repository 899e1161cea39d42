package io.zaptrix.admin;

import io.zaptrix.channel.Channels;
import io.zaptrix.channel.NumberHealth;
import io.zaptrix.channel.NumberHealths;
import io.zaptrix.channel.OpenLine;
import io.zaptrix.channel.PhoneNumber;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** How a portal's numbers are, the same on every page that tells of them. */
@Component
class NumberCards {

    private final Channels channels;
    private final NumberHealths healths;
    private final NumberWords words;

    NumberCards(Channels channels, NumberHealths healths, NumberWords words) {
        this.channels = channels;
        this.healths = healths;
        this.words = words;
    }

    /**
     * A number as its card shows it.
     *
     * @param attention what somebody should do something about, as sentences
     * @param freshness how old all that is
     */
    public record Card(
            PhoneNumber number,
            String lineName,
            List<NumberWords.Fact> facts,
            List<String> attention,
            String freshness) {

        /** Whether messages come and go, as far as the relay knows. */
        public boolean inUse() {
            return number.status() == PhoneNumber.Status.ACTIVE && number.problem() == null;
        }

        /** Whether nothing is wrong that is known of. */
        public boolean works() {
            return inUse() && attention.isEmpty();
        }
    }

    /**
     * The cards; from what is kept, while what is old is asked for.
     *
     * @param lines as far as they are known; of the others a card has the id
     */
    List<Card> all(List<OpenLine> lines, Locale language) {
        Map<String, NumberHealth> known = healths.all();
        healths.refreshOld();
        return channels.list().stream()
                .map(number -> card(number, lines, known.get(number.phoneNumberId()), language))
                .toList();
    }

    private Card card(PhoneNumber number, List<OpenLine> lines, @Nullable NumberHealth health, Locale language) {
        String lineName = LineList.name(number.lineId(), lines);
        return health == null
                ? new Card(number, lineName, List.of(), List.of(), "")
                : new Card(
                        number,
                        lineName,
                        words.facts(health, language),
                        words.attention(health, language),
                        words.freshness(health, language));
    }
}
