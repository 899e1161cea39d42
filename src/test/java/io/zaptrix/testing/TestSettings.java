package io.zaptrix.testing;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The settings that the application requires, with values for tests. */
public final class TestSettings {

    public static final String META_APP_ID = "1234567890";
    public static final String META_APP_SECRET = "test-app-secret";
    public static final String META_VERIFY_TOKEN = "test-verify-token";
    public static final String BITRIX24_CLIENT_ID = "local.test";
    public static final String BITRIX24_CLIENT_SECRET = "test-client-secret";
    public static final String OPERATOR_PASSWORD = "test-operator-password";

    /** Any AEAD keyset will do, as long as two processes of one test have the same. */
    public static final String KEYSET = """
            {"primaryKeyId":1,"key":[{"keyData":{"typeUrl":"type.googleapis.com/google.crypto.tink.AesGcmKey",\
            "value":"GiAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw==","keyMaterialType":"SYMMETRIC"},\
            "status":"ENABLED","keyId":1,"outputPrefixType":"TINK"}]}""";

    private TestSettings() {}

    /** By property name; every test may put its own on top. */
    public static Map<String, String> properties() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("zaptrix.public-url", "http://localhost:8080");
        settings.put("zaptrix.encryption-keyset", KEYSET);
        settings.put("zaptrix.operator-password", OPERATOR_PASSWORD);
        settings.put("zaptrix.meta.app-id", META_APP_ID);
        settings.put("zaptrix.meta.app-secret", META_APP_SECRET);
        settings.put("zaptrix.meta.verify-token", META_VERIFY_TOKEN);
        settings.put("zaptrix.bitrix24.client-id", BITRIX24_CLIENT_ID);
        settings.put("zaptrix.bitrix24.client-secret", BITRIX24_CLIENT_SECRET);
        settings.put("zaptrix.bitrix24.allow-private-hosts", "true");
        return settings;
    }

    /** By the names of environment variables. */
    public static Map<String, String> environment() {
        return properties().entrySet().stream()
                .collect(Collectors.toMap(
                        setting -> setting.getKey().toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"),
                        Map.Entry::getValue));
    }
}
