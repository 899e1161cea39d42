package io.zaptrix.console;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Who may sign in by an identity provider: {@code ZAPTRIX_OPERATOR_OIDC_ISSUER} and its neighbours, which are set all
 * together or not at all (the configuration's check sees to it).
 *
 * @param issuer where the provider's {@code /.well-known/openid-configuration} is
 * @param allowed subjects and e-mail addresses by commas; an address counts only when the provider has verified it
 */
@ConfigurationProperties("zaptrix.operator.oidc")
record OidcProperties(
        @Nullable String issuer,
        @Nullable String clientId,
        @Nullable String clientSecret,
        @Nullable String allowed) {

    boolean isSet() {
        return issuer != null && !issuer.isBlank();
    }

    boolean allows(String subject, @Nullable String verifiedAddress) {
        List<String> names = allowed == null
                ? List.of()
                : Arrays.stream(allowed.split(","))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .toList();
        return names.contains(subject)
                || verifiedAddress != null
                        && names.stream()
                                .map(name -> name.toLowerCase(Locale.ROOT))
                                .anyMatch(verifiedAddress.toLowerCase(Locale.ROOT)::equals);
    }

    @Override
    public String toString() {
        return "OidcProperties[issuer=" + issuer + ", clientId=" + clientId + "]";
    }
}
