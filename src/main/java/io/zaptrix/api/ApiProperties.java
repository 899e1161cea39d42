package io.zaptrix.api;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The API's limits.
 *
 * @param requestsPerMinute of one key on one replica, and how many may come at once
 */
@ConfigurationProperties("zaptrix.api")
record ApiProperties(@DefaultValue("600") int requestsPerMinute) {}
