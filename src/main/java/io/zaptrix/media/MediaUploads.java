package io.zaptrix.media;

import io.zaptrix.meta.MediaKind;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.portal.PortalUninstalled;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** What Meta still keeps of the bound tenant's files: 30 days, of which the last one is not relied upon. */
@Repository
@Transactional
class MediaUploads {

    private static final String FRESH = " and uploaded_at > now() - interval '29 days'";

    private final JdbcClient jdbc;

    MediaUploads(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param source the message part that it was uploaded for */
    record Upload(
            String phoneNumberId,
            String sha256,
            String mimeType,
            MediaKind kind,
            long size,
            String headSha256,
            String mediaId,
            String source) {}

    /** Notes an upload, in the place of an earlier one of the same content; and forgets what Meta has forgotten. */
    void keep(Upload upload) {
        jdbc.sql("""
                        insert into media_upload (tenant_id, phone_number_id, sha256, mime_type, kind, size,
                            head_sha256, media_id, source)
                        values (:tenant, :number, :hash, :type, :kind, :size, :head, :media, :source)
                        on conflict (tenant_id, phone_number_id, sha256, mime_type) do update set
                            kind = excluded.kind, media_id = excluded.media_id, source = excluded.source,
                            uploaded_at = now()
                        """)
                .param("tenant", TenantContext.require().value())
                .param("number", upload.phoneNumberId())
                .param("hash", upload.sha256())
                .param("type", upload.mimeType())
                .param("kind", upload.kind().wireName())
                .param("size", upload.size())
                .param("head", upload.headSha256())
                .param("media", upload.mediaId())
                .param("source", upload.source())
                .update();
        jdbc.sql("delete from media_upload where tenant_id = :tenant and uploaded_at < now() - interval '29 days'")
                .param("tenant", TenantContext.require().value())
                .update();
    }

    /** Meta does not know it any more. */
    void forget(String mediaId) {
        jdbc.sql("delete from media_upload where tenant_id = :tenant and media_id = :media")
                .param("tenant", TenantContext.require().value())
                .param("media", mediaId)
                .update();
    }

    @Transactional(readOnly = true)
    Optional<Upload> bySource(String phoneNumberId, String source) {
        return jdbc.sql(SELECT + "where tenant_id = :tenant and phone_number_id = :number and source = :source" + FRESH
                        + " limit 1")
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .param("source", source)
                .query(MediaUploads::read)
                .optional();
    }

    @Transactional(readOnly = true)
    Optional<Upload> byContent(String phoneNumberId, String sha256, String mimeType) {
        return jdbc.sql(SELECT + """
                        where tenant_id = :tenant and phone_number_id = :number and sha256 = :hash
                            and mime_type = :type""" + FRESH)
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .param("hash", sha256)
                .param("type", mimeType)
                .query(MediaUploads::read)
                .optional();
    }

    /** Whether there is one that begins alike and is as long: it may well be the same. */
    @Transactional(readOnly = true)
    boolean hasSimilar(String phoneNumberId, long size, String headSha256, String mimeType) {
        return jdbc.sql("select exists (" + SELECT + """
                        where tenant_id = :tenant and phone_number_id = :number and size = :size
                            and head_sha256 = :head and mime_type = :type""" + FRESH + ")")
                .param("tenant", TenantContext.require().value())
                .param("number", phoneNumberId)
                .param("size", size)
                .param("head", headSha256)
                .param("type", mimeType)
                .query(Boolean.class)
                .single();
    }

    @EventListener
    void on(PortalUninstalled portal) {
        jdbc.sql("delete from media_upload where tenant_id = :tenant")
                .param("tenant", portal.tenant().value())
                .update();
    }

    private static final String SELECT =
            "select phone_number_id, sha256, mime_type, kind, size, head_sha256, media_id, source from media_upload ";

    private static Upload read(ResultSet row, int n) throws SQLException {
        return new Upload(
                row.getString("phone_number_id"),
                row.getString("sha256"),
                row.getString("mime_type"),
                MediaKind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                row.getLong("size"),
                row.getString("head_sha256"),
                row.getString("media_id"),
                row.getString("source"));
    }
}
