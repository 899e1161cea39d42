package io.zaptrix.relay;

import io.zaptrix.platform.Sha256;
import io.zaptrix.platform.TenantId;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something to be carried once and in order.
 *
 * @param tenant whose it is
 * @param lane the unit of order, {@code flow:rest}; what stands before the first colon chooses the {@link LaneHandler}
 * @param key what makes it the same thing when it comes again, unique within tenant, flow and the day of
 *     {@code writtenAt}
 * @param position where it stands among those that wait in its lane: any number from 0 that grows as its sender writes
 *     (a time, a message id), or {@link #BEHIND}; where it is equal, acceptance decides
 * @param writtenAt when its sender wrote it: the same each time that it comes, since the memory of what was accepted is
 *     kept by this day
 * @param payload what the handler needs
 * @param correlationId follows it through the logs
 * @param subject whom people look for it by, in one spelling; null for what nobody looks for
 * @param kind one short word that says what it is, for those people; null where there is none
 */
public record RelayItem(
        TenantId tenant,
        String lane,
        String key,
        long position,
        Instant writtenAt,
        byte[] payload,
        String correlationId,
        @Nullable String subject,
        @Nullable String kind) {

    /**
     * The {@link #position} of what comes after all that waits in its lane when it is accepted, and before what is
     * written later: for senders that share a lane with others and have none of their numbers.
     */
    public static final long BEHIND = Long.MIN_VALUE;

    private static final LocalDate FIRST_DAY = LocalDate.of(2000, 1, 1);
    private static final LocalDate LAST_DAY = LocalDate.of(2999, 12, 31);

    public RelayItem {
        if (lane.indexOf(':') < 1) {
            throw new IllegalArgumentException("a lane is named flow:rest, not " + lane);
        }
    }

    /** What nobody will look for. */
    public RelayItem(
            TenantId tenant,
            String lane,
            String key,
            long position,
            Instant writtenAt,
            byte[] payload,
            String correlationId) {
        this(tenant, lane, key, position, writtenAt, payload, correlationId, null, null);
    }

    /** Which handler carries it. */
    public String flow() {
        return flowOf(lane);
    }

    static String flowOf(String lane) {
        return lane.substring(0, lane.indexOf(':'));
    }

    /** By which, and by the tenant, a repetition is known. */
    Identity identity() {
        LocalDate day = LocalDate.ofInstant(writtenAt, ZoneOffset.UTC);
        // A sender's nonsense must still be a date to the database, and the same one each time.
        LocalDate kept = day.isBefore(FIRST_DAY) ? FIRST_DAY : day.isAfter(LAST_DAY) ? LAST_DAY : day;
        return new Identity(tenant, Math.toIntExact(kept.toEpochDay()), digest(flow(), key));
    }

    static UUID digest(String flow, String key) {
        return Sha256.uuid(flow + ':' + key);
    }

    /** @param day since 1970-01-01 */
    record Identity(TenantId tenant, int day, UUID digest) {}
}
