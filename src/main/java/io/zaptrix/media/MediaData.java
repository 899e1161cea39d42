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
                // Meta has forgotten it by then, whether or not anybody uploads anything again.
                .expired("uploaded_at < now() - make_interval(days => least(:days, 29))"));
    }
}
