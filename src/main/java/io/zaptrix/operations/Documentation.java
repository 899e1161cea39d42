package io.zaptrix.operations;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.servers.Server;
import io.swagger.v3.oas.models.tags.Tag;
import io.zaptrix.platform.ZaptrixProperties;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.CacheControl;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.webjars.WebJarVersionLocator;

/**
 * What {@code /v3/api-docs} says of the whole, and where Swagger UI's files lie. Which operations it lists is set by
 * {@code springdoc.paths-to-match}: what programs call, and no pages.
 */
@Configuration(proxyBeanMethods = false)
class Documentation implements WebMvcConfigurer {

    @Bean
    OpenAPI openApi(ZaptrixProperties properties, @Value("${spring.application.version:unknown}") String version) {
        return new OpenAPI()
                .info(new Info()
                        .title("Zaptrix")
                        .version(version)
                        .description("Joins WhatsApp Business numbers to Bitrix24 Open Channels.")
                        .license(new License().name("Apache-2.0").identifier("Apache-2.0")))
                .servers(List.of(new Server().url(properties.publicUrl().toString())))
                .tags(List.of(
                        new Tag()
                                .name("Webhooks")
                                .description("What Meta and Bitrix24 call. Each proves its sender, is answered 200 only"
                                        + " when its content is durable, and may be repeated without harm."),
                        new Tag().name("Operations").description("What the operator of the service looks at.")));
    }

    @Override
    public void addResourceHandlers(ResourceHandlerRegistry registry) {
        String version = Objects.requireNonNull(new WebJarVersionLocator().version("swagger-ui"));
        CacheControl aDay = CacheControl.maxAge(Duration.ofDays(1));
        registry.addResourceHandler("/documentation/swagger-ui/**")
                .addResourceLocations("classpath:/META-INF/resources/webjars/swagger-ui/" + version + "/")
                .setCacheControl(aDay);
        registry.addResourceHandler("/documentation/assets/**")
                .addResourceLocations("classpath:/documentation/")
                .setCacheControl(aDay);
    }
}
