package io.zaptrix.platform;

import java.util.UUID;
import org.hibernate.context.spi.CurrentTenantIdentifierResolver;

/** Tells Hibernate whose rows a session is for, which it asks when the session opens: at the transaction's begin. */
final class CurrentTenant implements CurrentTenantIdentifierResolver<UUID> {

    /** The tenant of {@link DirectoryScope}: Hibernate adds no condition for it; row-level security still does. */
    private static final UUID DIRECTORY = new UUID(0, 1);

    @Override
    public UUID resolveCurrentTenantIdentifier() {
        if (DirectoryScope.isOpen()) {
            return DIRECTORY;
        }
        return TenantContext.current().orElse(TenantId.NOBODY).value();
    }

    @Override
    public boolean isRoot(UUID tenant) {
        return tenant.equals(DIRECTORY);
    }

    @Override
    public boolean validateExistingCurrentSessions() {
        return true;
    }
}
