package io.zaptrix.platform;

import org.hibernate.cfg.MultiTenancySettings;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({ZaptrixProperties.class, VaultProperties.class})
class PlatformConfiguration {

    @Bean
    TenantTransactionManager transactionManager() {
        return new TenantTransactionManager();
    }

    @Bean
    DirectoryScope directoryScope(TenantTransactionManager transactions) {
        return new DirectoryScope(transactions);
    }

    @Bean
    OperatorScope operatorScope(TenantTransactionManager transactions) {
        return new OperatorScope(transactions);
    }

    @Bean
    HibernatePropertiesCustomizer tenantResolver() {
        return properties -> properties.put(MultiTenancySettings.MULTI_TENANT_IDENTIFIER_RESOLVER, new CurrentTenant());
    }

    @Bean
    static MigrationLock migrationLock(ObjectProvider<JdbcConnectionDetails> database) {
        return new MigrationLock(database);
    }

    @Bean
    KeyRing keyRing(ZaptrixProperties properties, VaultProperties vault) {
        return KeyRing.of(properties, vault);
    }

    @Bean
    Secrets secrets(KeyRing keys) {
        return keys.secrets();
    }
}
