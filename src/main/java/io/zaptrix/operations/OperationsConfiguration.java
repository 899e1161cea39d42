package io.zaptrix.operations;

import io.micrometer.observation.ObservationRegistry;
import jakarta.servlet.DispatcherType;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.filter.ServerHttpObservationFilter;

@Configuration(proxyBeanMethods = false)
class OperationsConfiguration {

    /** Spring Boot's own, but after {@link io.zaptrix.platform.Shortcut}, whose posts are measured by their rooms. */
    @Bean
    FilterRegistrationBean<ServerHttpObservationFilter> observation(ObservationRegistry registry) {
        FilterRegistrationBean<ServerHttpObservationFilter> filter =
                new FilterRegistrationBean<>(new ServerHttpObservationFilter(registry));
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 3);
        filter.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
        return filter;
    }
}
