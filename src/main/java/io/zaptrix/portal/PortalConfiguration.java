package io.zaptrix.portal;

import io.zaptrix.platform.Shortcut;
import jakarta.servlet.Filter;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class PortalConfiguration {

    @Bean
    FilterRegistrationBean<Filter> portalEventShortcut(PortalEventController controller) {
        return Shortcut.to("/webhooks/bitrix24/outbound", controller::take);
    }
}
