package io.zaptrix.bitrix24;

import io.micrometer.core.instrument.MeterRegistry;
import io.zaptrix.platform.ZaptrixProperties;
import java.net.URI;
import java.time.InstantSource;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class Bitrix24Configuration {

    @Bean
    ExternalAddressGuard externalAddressGuard(ZaptrixProperties properties) {
        return new ExternalAddressGuard(properties.bitrix24().allowPrivateHosts());
    }

    @Bean
    Bitrix24Rest bitrix24Rest(ZaptrixProperties properties, ExternalAddressGuard guard, MeterRegistry registry) {
        InstantSource clock = InstantSource.system();
        return new HttpBitrix24Rest(
                new Http(guard, Http.Limits.DEFAULT, clock),
                guard,
                new Pacer(
                        properties.bitrix24().ratePerSecond(),
                        // One in reserve: the portal's bucket began to leak later than ours, when the call arrived.
                        Math.max(1, properties.bitrix24().burst() - 1),
                        clock,
                        System::nanoTime),
                new RequestMetrics(registry));
    }

    @Bean
    PortalFiles portalFiles(ExternalAddressGuard guard) {
        return new HttpPortalFiles(guard, HttpPortalFiles.Limits.DEFAULT);
    }

    /** Not behind the guard: where the authorization server is, the operator says, not a tenant. */
    @Bean
    Bitrix24OAuth bitrix24OAuth(ZaptrixProperties properties, MeterRegistry registry) {
        return oauth(properties.bitrix24().oauthUrl(), registry);
    }

    static HttpBitrix24OAuth oauth(URI url, MeterRegistry registry) {
        InstantSource clock = InstantSource.system();
        return new HttpBitrix24OAuth(
                new Http(SystemDefaultDnsResolver.INSTANCE, Http.Limits.DEFAULT, clock),
                new Http(SystemDefaultDnsResolver.INSTANCE, Http.Limits.DEFAULT, clock),
                url,
                new RequestMetrics(registry),
                clock);
    }
}
