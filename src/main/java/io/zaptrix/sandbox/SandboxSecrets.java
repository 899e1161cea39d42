package io.zaptrix.sandbox;

import io.zaptrix.platform.StartRefused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import tools.jackson.core.JacksonException;

/**
 * What the application and the stand-ins must agree on. Made once and kept in the data directory, because the
 * application's database keeps some of it too.
 */
record SandboxSecrets(
        String metaAppId,
        String metaAppSecret,
        String metaVerifyToken,
        String metaNumberToken,
        String bitrix24ClientId,
        String bitrix24ClientSecret) {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** The directory's secrets, made when there are none yet. */
    static SandboxSecrets in(Path dataDirectory) {
        Path file = dataDirectory.toAbsolutePath().resolve("sandbox").resolve("secrets.json");
        try {
            if (Files.exists(file)) {
                return SandboxJson.MAPPER.readValue(Files.readAllBytes(file), SandboxSecrets.class);
            }
            Files.createDirectories(file.getParent());
            SandboxSecrets fresh = new SandboxSecrets(
                    "100000000000001",
                    random(16),
                    random(16),
                    "EAA" + random(32),
                    "app." + random(7) + ".00000001",
                    random(24));
            writePrivately(file, SandboxJson.MAPPER.writeValueAsBytes(fresh));
            return fresh;
        } catch (IOException | JacksonException e) {
            throw new StartRefused("the sandbox cannot keep its secrets in " + file, e);
        }
    }

    /** Writes a file that only its owner may read. */
    static void writePrivately(Path file, byte[] content) throws IOException {
        Files.deleteIfExists(file);
        if (Files.getFileStore(file.getParent()).supportsFileAttributeView("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.write(file, content, StandardOpenOption.CREATE);
    }

    private static String random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** Names no secret. */
    @Override
    public String toString() {
        return "SandboxSecrets[metaAppId=" + metaAppId + "]";
    }
}
