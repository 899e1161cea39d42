package io.zaptrix.operations;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** {@code database} in the readiness group: a replica that cannot accept durably should get no webhooks. */
@Component
class DatabaseHealthIndicator implements HealthIndicator {

    private final DatabaseProbe database;

    DatabaseHealthIndicator(DatabaseProbe database) {
        this.database = database;
    }

    @Override
    public Health health() {
        return (database.answers() ? Health.up() : Health.down()).build();
    }
}
