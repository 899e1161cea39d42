package io.zaptrix.channel;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;

/** The bound tenant's numbers. */
interface LinkedNumberRepository extends JpaRepository<LinkedNumber, String> {

    List<LinkedNumber> findByLineId(String lineId);

    boolean existsByLineId(String lineId);
}
