package io.zaptrix.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import io.zaptrix.portal.TestApp;
import io.zaptrix.testing.SharedApplication;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A batch is written at once, and what is known afterwards is what its messages would have told one by one. */
@SharedApplication
class TogetherTest {

    private static final TenantId TENANT = TenantId.ofMember("together");
    private static final List<String> CUSTOMERS = List.of("5511900000001", "5511900000002", "5511900000003");

    private final Conversations conversations = TestApp.shared().bean(Conversations.class);

    @Test
    void aBatchTellsWhatItsMessagesTellOneByOne() {
        for (int round = 0; round < 40; round++) {
            String atOnce = "at-once-" + round;
            String oneByOne = "one-by-one-" + round;
            // Two batches, so that there is something to be overwritten, or not.
            for (int batch = 0; batch < 2; batch++) {
                long seed = round * 2L + batch;
                TenantContext.run(TENANT, () -> {
                    conversations.heard(atOnce, heard(atOnce, seed));
                    heard(oneByOne, seed).forEach(one -> conversations.heard(oneByOne, List.of(one)));
                    conversations.record(atOnce, arrivals(atOnce, seed));
                    arrivals(oneByOne, seed).forEach(one -> conversations.record(oneByOne, List.of(one)));
                });
            }
            assertThat(known(atOnce)).as("round " + round).isNotEmpty().isEqualTo(known(oneByOne));
        }
    }

    /** A call has no message that could be marked as read; the one before it still can. */
    @Test
    void aCallInTheSameBatchLeavesTheMessageBeforeItToBeMarked() {
        ChatAddress ana = new ChatAddress("calls", CUSTOMERS.getFirst());
        Instant then = Instant.ofEpochSecond(1_780_000_000);
        TenantContext.run(
                TENANT,
                () -> conversations.heard(
                        "calls",
                        List.of(
                                new Heard(ana, "wamid.text", then, false),
                                new Heard(ana, null, then.plusSeconds(5), false))));

        Conversation known =
                TenantContext.call(TENANT, () -> conversations.find(ana)).orElseThrow();
        assertThat(known.lastWamid()).isEqualTo("wamid.text");
        assertThat(known.window().lastMessageAt()).isEqualTo(then.plusSeconds(5));
    }

    private static List<Heard> heard(String number, long seed) {
        Random random = new Random(seed);
        List<Heard> heard = new ArrayList<>();
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            heard.add(new Heard(
                    address(number, random),
                    "wamid." + random.nextInt(1_000),
                    Instant.ofEpochSecond(1_780_000_000 + random.nextInt(4)),
                    random.nextInt(3) == 0));
        }
        return heard;
    }

    private static List<Arrival> arrivals(String number, long seed) {
        Random random = new Random(seed);
        List<Arrival> arrivals = new ArrayList<>();
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            arrivals.add(new Arrival(
                    address(number, random),
                    random.nextBoolean() ? null : "name " + random.nextInt(9),
                    Instant.ofEpochSecond(1_780_000_000 + random.nextInt(4)),
                    random.nextBoolean() ? null : "chat " + random.nextInt(9),
                    random.nextBoolean() ? null : "contact " + random.nextInt(9)));
        }
        return arrivals;
    }

    private static ChatAddress address(String number, Random random) {
        return new ChatAddress(number, CUSTOMERS.get(random.nextInt(CUSTOMERS.size())));
    }

    private List<String> known(String number) {
        return TenantContext.call(TENANT, () -> conversations.find(number, CUSTOMERS)).stream()
                .map(known -> known.toString().replace(number, "number"))
                .sorted()
                .toList();
    }
}
