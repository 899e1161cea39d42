package io.zaptrix.inbound;

import io.zaptrix.platform.Shortcut;
import jakarta.servlet.Filter;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class InboundConfiguration {

    @Bean
    FilterRegistrationBean<Filter> metaWebhookShortcut(MetaWebhookController controller) {
        return Shortcut.to("/webhooks/meta", controller::take);
    }
}
