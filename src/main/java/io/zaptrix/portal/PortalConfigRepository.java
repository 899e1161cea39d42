package io.zaptrix.portal;

import jakarta.persistence.LockModeType;
import java.util.Optional;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;

/** The bound tenant's row, which is the only one there is to see. */
interface PortalConfigRepository extends JpaRepository<PortalConfig, String> {

    @Query("select p from PortalConfig p")
    Optional<PortalConfig> findBound();

    /** The row, held against every other transaction that asks in this way, on whatever replica. */
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select p from PortalConfig p")
    Optional<PortalConfig> lockBound();
}
