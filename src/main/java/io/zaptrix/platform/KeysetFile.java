package io.zaptrix.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The encryption keyset of those who use the embedded database and give none: made once, beside it. */
final class KeysetFile {

    private static final String NAME = "encryption-keyset.json";

    private KeysetFile() {}

    static Path in(Path dataDirectory) {
        return dataDirectory.resolve(NAME);
    }

    /**
     * Makes the keyset if there is neither one nor a database; the caller holds the directory's lock.
     *
     * @throws StartRefused when there is a database without its keyset: what it holds would be lost behind a new one
     */
    static void ensure(Path dataDirectory) {
        Path file = dataDirectory.resolve(NAME);
        if (Files.exists(file)) {
            return;
        }
        if (EmbeddedDatabase.existsIn(dataDirectory)) {
            throw new StartRefused("the data directory " + dataDirectory + " holds a database but not the keyset that"
                    + " opens its secrets; put " + NAME + " back, or set ZAPTRIX_ENCRYPTION_KEYSET");
        }
        try {
            PrivateFile.write(file, TinkSecrets.newKeyset());
        } catch (IOException failed) {
            throw new StartRefused("cannot write " + file + ": " + failed.getMessage(), failed);
        }
    }

    /** @throws StartRefused when it cannot be read, or is no keyset */
    static String read(Path dataDirectory) {
        Path file = dataDirectory.resolve(NAME);
        try {
            String keyset = Files.readString(file);
            if (!TinkSecrets.isUsable(keyset)) {
                throw new StartRefused(file + " is not a Tink AEAD keyset in JSON");
            }
            return keyset;
        } catch (IOException failed) {
            throw new StartRefused("cannot read " + file + ": " + failed.getMessage(), failed);
        }
    }
}
