package io.zaptrix.admin;

import io.zaptrix.platform.ZaptrixProperties;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Who runs this service, as its pages for everybody say it. */
@Component
class About {

    private final String operator;
    private final @Nullable String support;

    /**
     * @param operator {@code ZAPTRIX_OPERATOR_NAME}; where nothing is set, the host of the public address
     * @param support {@code ZAPTRIX_SUPPORT_EMAIL}
     */
    About(
            ZaptrixProperties properties,
            @Value("${zaptrix.operator-name:}") String operator,
            @Value("${zaptrix.support-email:}") String support) {
        this.operator = operator.isBlank() ? properties.publicUrl().getHost() : operator.strip();
        this.support = support.isBlank() ? null : support.strip();
    }

    public String operator() {
        return operator;
    }

    /** An address for mail; null: none was set. */
    public @Nullable String support() {
        return support;
    }
}
