package io.zaptrix.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.zaptrix.platform.Phrases;
import java.util.Locale;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** Meta tells of an account, and somebody may have to act. */
class AccountNewsTest {

    private static final JsonMapper JSON = new JsonMapper();

    private static Optional<AccountNews> news(String field, String value) {
        return AccountNews.of(new AccountChanged("1", null, field, JSON.readTree(value)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            account_update | {"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"SCHEDULE_FOR_DISABLE","waba_ban_date":"May 1"}} | account_ban_scheduled | true  | May 1
            account_update | {"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE"}}                      | account_banned      | true  |
            account_update | {"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"REINSTATE"}}                    | account_reinstated  | false |
            account_update | {"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"A"},{"restriction_type":"B"}]} | account_restricted | true | A; B
            account_update | {"event":"ACCOUNT_VIOLATION","violation_info":{"violation_type":"SPAM"}}                 | account_violation   | true  | SPAM
            account_update | {"event":"ACCOUNT_DELETED"}                                                              | account_deleted     | true  |
            account_update | {"event":"ACCOUNT_RECONNECTED"}                                                          | account_reconnected | false |
            account_update | {"event":"PARTNER_APP_UNINSTALLED"}                                                      | access_removed      | true  |
            account_update | {"event":"AD_ACCOUNT_LINKED"}                                                            | account_update      | false | AD_ACCOUNT_LINKED
            account_review_update | {"decision":"APPROVED"}                                                           | review_approved     | false |
            account_alerts | {"alert_severity":"CRITICAL","alert_status":"ACTIVE","alert_type":"T","alert_description":"D"} | alert          | true  | T; D
            account_alerts | {"alert_info":{"alert_severity":"WARNING","alert_status":"NONE","alert_type":"T"}}       | alert               | false | T
            account_alerts | {"alert_info":{"alert_severity":"INFORMATIONAL","alert_type":"OBA_APPROVED"}}            | alert               | false | OBA_APPROVED
            business_capability_update | {"max_phone_numbers_per_business":25}                                        | capability          | false | max_phone_numbers_per_business = 25
            template_category_update | {"previous_category":"UTILITY","new_category":"MARKETING"}                     | template_category   | false | UTILITY → MARKETING
            message_template_quality_update | {"previous_quality_score":"GREEN","new_quality_score":"YELLOW"}         | template_quality    | false | GREEN → YELLOW
            message_template_status_update | {"event":"PAUSED","other_info":{"title":"FIRST_PAUSE"}}                  | template_paused     | true  | FIRST_PAUSE
            message_template_status_update | {"event":"A_NEW_ONE","reason":"NONE"}                                    | template_status     | false | A_NEW_ONE
            phone_number_quality_update | {"event":"THROUGHPUT_UPGRADE","current_limit":"TIER_UNLIMITED"}             | number_upgraded     | false | THROUGHPUT_UPGRADE; TIER_UNLIMITED
            phone_number_quality_update | {"event":"DOWNGRADE","current_limit":"TIER_1K","max_daily_conversations_per_business":"TIER_2K"} | number_downgraded | true | TIER_2K
            phone_number_name_update | {"decision":"DEFERRED","requested_verified_name":"Acme"}                       | name_pending        | false | Acme
            """)
    void eachComesToAWordAndSaysWhetherSomebodyMustAct(
            String field, String value, String what, boolean needsAction, String reason) {
        assertThat(news(field, value)).hasValueSatisfying(news -> {
            assertThat(news.what()).isEqualTo(what);
            assertThat(news.needsAction()).isEqualTo(needsAction);
            assertThat(news.reason()).isEqualTo(reason == null ? "" : reason);
        });
        for (String language : new String[] {"en", "pt", "es", "ru"}) {
            assertThat(new Phrases("messages/account").say(Locale.of(language), what, "SUBJECT"))
                    .contains("SUBJECT");
        }
    }

    @Test
    void whatAPartnerIsToldIsAboutTheCustomersAccount() {
        assertThat(news("account_update", "{\"event\":\"PARTNER_REMOVED\",\"waba_info\":{\"waba_id\":\"77\"}}"))
                .hasValueSatisfying(news -> assertThat(news.wabaId()).isEqualTo("77"));
    }

    @Test
    void numbersAndTemplatesAreNamed() {
        assertThat(news(
                        "phone_number_quality_update",
                        "{\"event\":\"FLAGGED\",\"display_phone_number\":\"+1 555 01\"}"))
                .hasValueSatisfying(
                        news -> assertThat(news.displayPhoneNumber()).isEqualTo("155501"));
        assertThat(
                        news(
                                "message_template_status_update",
                                "{\"event\":\"REJECTED\",\"message_template_name\":\"promo\",\"message_template_language\":\"es\"}"))
                .hasValueSatisfying(news -> assertThat(news.template()).isEqualTo("promo (es)"));
    }

    @Test
    void theRestIsNoNews() {
        assertThat(news("messages", "{}")).isEmpty();
        assertThat(news("group_lifecycle_update", "{}")).isEmpty();
        assertThat(news("user_preferences", "{}")).isEmpty();
        assertThat(news("account_update", "[1]")).isEmpty();
    }

    @Property
    void noShapeOfAnEventIsTooOdd(@ForAll String word) {
        for (String field : new String[] {
            "account_update",
            "account_alerts",
            "account_review_update",
            "business_capability_update",
            "security",
            "message_template_status_update",
            "phone_number_name_update",
            "template_category_update"
        }) {
            var value = JSON.createObjectNode()
                    .put("event", word)
                    .put("decision", 5)
                    .put("reason", word);
            value.putArray("restriction_info").add(word).addNull();
            value.putArray("ban_info");
            assertThat(AccountNews.of(new AccountChanged("1", null, field, value)))
                    .hasValueSatisfying(news -> assertThat(news.what()).isNotBlank());
        }
    }
}
