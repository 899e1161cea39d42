package io.zaptrix.operations;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** One look at the service, for people and for monitors that read a body. */
@RestController
@Tag(name = "Operations")
class HealthController {

    /**
     * The service's health.
     *
     * @param service {@code UP}, or {@code DEGRADED} when it runs but can accept nothing
     * @param database {@code UP}, or {@code DOWN} when it does not answer within two seconds
     * @param timestamp when this was found, UTC
     * @param version the running version of Zaptrix
     */
    record HealthReport(
            @Schema(allowableValues = {"UP", "DEGRADED"}) String service,
            @Schema(allowableValues = {"UP", "DOWN"}) String database,
            Instant timestamp,
            String version) {}

    private final DatabaseProbe database;
    private final String version;

    HealthController(DatabaseProbe database, @Value("${spring.application.version:unknown}") String version) {
        this.database = database;
        this.version = version;
    }

    @Operation(summary = "Whether the service and its database are up")
    @ApiResponse(responseCode = "200", description = "Both are up", useReturnTypeSchema = true)
    @ApiResponse(
            responseCode = "503",
            description = "The database does not answer: nothing can be accepted",
            useReturnTypeSchema = true)
    @GetMapping(path = "/health", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<HealthReport> health() {
        boolean answers = database.answers();
        HealthReport report = new HealthReport(
                answers ? "UP" : "DEGRADED",
                answers ? "UP" : "DOWN",
                Instant.now().truncatedTo(ChronoUnit.MILLIS),
                version);
        return ResponseEntity.status(answers ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
                .cacheControl(CacheControl.noStore())
                .body(report);
    }
}
