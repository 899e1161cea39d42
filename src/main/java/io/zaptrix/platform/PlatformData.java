package io.zaptrix.platform;

import java.util.List;
import org.springframework.stereotype.Component;

/** The service's own replicas and keys; nobody is in here. */
@Component
class PlatformData implements PersonalData {

    @Override
    public List<Holding> holdings() {
        return List.of(
                Holding.of("replica", "id").ofTenant("false"),
                Holding.of("key_rotation", "id").ofTenant("false"));
    }
}
