package io.zaptrix.portal;

import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The portal itself, and who is signed in from it. */
@Component
class PortalData implements PersonalData {

    private final PortalStore store;

    PortalData(PortalStore store) {
        this.store = store;
    }

    @Override
    public List<Holding> holdings() {
        return List.of(
                Holding.of("spring_session_attributes", "session_primary_id", "attribute_name")
                        .ofTenant("""
                                session_primary_id in (select primary_id from spring_session
                                    where split_part(principal_name, '/', 1) = any(:references))"""),
                // A PortalUser's name begins with the portal's.
                Holding.of("spring_session", "primary_id")
                        .ofTenant("split_part(principal_name, '/', 1) = any(:references)"),
                Holding.of("portal_config", "member_id"));
    }

    @Override
    public Set<String> references() {
        Optional<Portal> portal = store.find();
        return portal.map(Portal::memberId).map(Set::of).orElse(Set.of());
    }
}
