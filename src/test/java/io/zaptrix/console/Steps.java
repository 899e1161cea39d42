package io.zaptrix.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.sandbox.StandInPortal;
import io.zaptrix.story.Browser;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** What the console's stories do before it is their turn. */
final class Steps {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private Steps() {}

    /** The portal's admin installs the app, and links a number; their browser. */
    static Browser link(String app, StandInPortal portal, String number, String waba, String token) {
        Browser admin = new Browser(app);
        assertThat(admin.open("/bitrix24/install", portal.installPage(StandInPortal.ADMIN))
                        .statusCode())
                .isEqualTo(200);
        portal.finishInstall();
        assertThat(admin.submit(
                                "/admin/phone-numbers",
                                Map.of(
                                        "phoneNumberId", number,
                                        "wabaId", waba,
                                        "accessToken", token,
                                        "displayName", "Vendas",
                                        "lineId", "new"))
                        .statusCode())
                .isEqualTo(303);
        return admin;
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("not in time: " + what).isBefore(end);
            Thread.sleep(50);
        }
    }
}
