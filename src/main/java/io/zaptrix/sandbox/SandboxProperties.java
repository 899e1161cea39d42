package io.zaptrix.sandbox;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the stand-ins listen, on 127.0.0.1.
 *
 * @param enabled whether they run at all; {@link SandboxEnvironment} decides
 */
@ConfigurationProperties("zaptrix.sandbox")
record SandboxProperties(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("8181") int metaPort,
        @DefaultValue("8182") int bitrix24Port) {}
