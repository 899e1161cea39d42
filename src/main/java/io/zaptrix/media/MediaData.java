package io.zaptrix.media;

import io.zaptrix.platform.Holding;
import io.zaptrix.platform.PersonalData;
import java.util.List;
import org.springframework.stereotype.Component;

/** Digests of what agents sent, by the message that it was sent with. */
@Component
class MediaData implements PersonalData {

    @Override
    public List<Holding> holdings() {
        return List.of(Holding.of("media_upload", "phone_number_id", "sha256", "mime_type")
                // The message, and the file's number in it.
                .ofPerson("regexp_replace(source, '[.][0-9]+$', '') = any(:messages)")
                .expired("uploaded_at < now() - make_interval(days => :days)"));
    }
}
