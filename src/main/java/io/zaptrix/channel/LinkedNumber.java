package io.zaptrix.channel;

import io.zaptrix.platform.TenantId;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.hibernate.annotations.DynamicUpdate;
import org.hibernate.annotations.UpdateTimestamp;
import org.jspecify.annotations.Nullable;

/** A linked number's row; the token is as {@link LinkedChannels} has sealed it. */
@Entity
// What is not changed is not written, or it would undo the sealing anew of a token by another key.
@DynamicUpdate
@Table(name = "phone_number")
class LinkedNumber {

    @Id
    @Column(name = "phone_number_id")
    private String phoneNumberId;

    @org.hibernate.annotations.TenantId
    @Column(name = "tenant_id")
    private @Nullable UUID tenantId;

    @Column(name = "waba_id")
    String wabaId;

    @Column(name = "display_phone_number")
    String displayPhoneNumber;

    @Column(name = "display_name")
    String displayName;

    @Column(name = "quality_rating")
    @Nullable
    String qualityRating;

    @Column(name = "line_id")
    String lineId;

    @Column(name = "access_token")
    byte[] accessToken;

    @Enumerated(EnumType.STRING)
    @Column(name = "status")
    private PhoneNumber.Status status;

    @Column(name = "problem")
    private @Nullable String problem;

    @UpdateTimestamp
    @Column(name = "updated_at")
    private @Nullable Instant updatedAt;

    LinkedNumber(
            String phoneNumberId,
            String wabaId,
            String displayPhoneNumber,
            String displayName,
            String lineId,
            byte[] accessToken) {
        this.phoneNumberId = phoneNumberId;
        this.wabaId = wabaId;
        this.displayPhoneNumber = displayPhoneNumber;
        this.displayName = displayName;
        this.lineId = lineId;
        this.accessToken = accessToken;
        this.status = PhoneNumber.Status.ACTIVE;
    }

    @SuppressWarnings("NullAway.Init") // Hibernate fills it.
    protected LinkedNumber() {}

    String phoneNumberId() {
        return phoneNumberId;
    }

    void activate() {
        status = PhoneNumber.Status.ACTIVE;
        problem = null;
    }

    void suspend(String why) {
        status = PhoneNumber.Status.SUSPENDED;
        problem = why;
    }

    PhoneNumber toPhoneNumber() {
        return new PhoneNumber(
                new TenantId(Objects.requireNonNull(tenantId)),
                phoneNumberId,
                wabaId,
                displayPhoneNumber,
                displayName,
                lineId,
                status,
                problem);
    }
}
