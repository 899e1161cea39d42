package io.zaptrix.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that secrets are sealed with at rest, and how they are changed while the service runs.
 *
 * <p>A key goes through these steps. It is <b>added</b>: it opens, and nothing is sealed with it. It is
 * <b>promoted</b>: the keyset says that it shall seal. What is stored is <b>sealed anew</b> ({@link KeyRotation}). Then
 * the old key can be <b>removed</b>. Between the first two lies the only danger: a replica that does not know the new
 * key could not open what others seal with it. So a replica seals with the keyset's primary key only when every replica
 * that lives has said that it knows it ({@link Replicas}), and until then with the one it sealed with before; a keyset
 * that adds and promotes in one step is safe, too.
 *
 * <p>Who keeps the keyset does the steps. That of the data directory is rewritten here, whole or not at all. One that
 * the operator gave as a file is read again when the file changes; one that was given as a value, at the next start.
 */
public final class KeyRing {

    private static final Logger log = LoggerFactory.getLogger(KeyRing.class);

    static final String FILE_SCHEME = "file:";

    /** Where the keyset is kept. */
    public enum Custody {
        /** In the data directory; rotated by the application itself. */
        DATA_DIRECTORY,
        /** In a file that the operator puts there, and that is read again when it changes. */
        GIVEN_FILE,
        /** In a variable of the environment. */
        GIVEN_VALUE
    }

    /**
     * A key of the keyset.
     *
     * @param primary whether the keyset says that it seals
     * @param sealing whether this replica seals with it
     */
    public record Key(long id, boolean primary, boolean sealing) {}

    private final Custody custody;
    private final @Nullable Path file;
    private final TinkSecrets secrets;

    /** As its keeper has it; {@link #secrets} may still seal with another of its keys. */
    private Keyset given;

    /** What could not be used, so that it is said once. */
    private @Nullable String refused;

    private final VaultTransit vault;

    /** What the file held when it was last taken: what has not changed, nobody is asked to open. */
    private @Nullable String read;

    private KeyRing(Custody custody, @Nullable Path file, VaultTransit vault, @Nullable String read, Keyset given) {
        this.custody = custody;
        this.file = file;
        this.vault = vault;
        this.read = read;
        this.given = given;
        this.secrets = new TinkSecrets(given);
    }

    static KeyRing of(ZaptrixProperties properties, VaultProperties wrapping) {
        VaultTransit vault = new VaultTransit(wrapping);
        String configured = properties.encryptionKeyset();
        if (configured == null) {
            Path directory = properties.dataDir().toAbsolutePath();
            return new KeyRing(
                    Custody.DATA_DIRECTORY,
                    KeysetFile.in(directory),
                    vault,
                    null,
                    Keyset.parse(KeysetFile.read(directory)));
        }
        Path file = file(configured);
        if (file == null) {
            return new KeyRing(Custody.GIVEN_VALUE, null, vault, null, Keyset.parse(vault.open(configured)));
        }
        String text = read(file);
        return new KeyRing(Custody.GIVEN_FILE, file, vault, text, Keyset.parse(vault.open(text)));
    }

    /** The file that a configured keyset names; null: it is the keyset itself. */
    static @Nullable Path file(String configured) {
        String text = configured.strip();
        return text.startsWith(FILE_SCHEME) ? Path.of(text.substring(FILE_SCHEME.length())) : null;
    }

    /** @throws IllegalArgumentException when it cannot be read; says no more than that */
    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException | RuntimeException unreadable) {
            throw new IllegalArgumentException("cannot be read");
        }
    }

    public Custody custody() {
        return custody;
    }

    public synchronized List<Key> keys() {
        long sealing = sealing();
        return given.ids().stream()
                .map(id -> new Key(id, id == given.primary(), id == sealing))
                .toList();
    }

    /** The key that this replica seals with. */
    public long sealing() {
        return secrets.keyset().primary();
    }

    /**
     * Adds a random key, which opens and does not seal yet.
     *
     * @return its id
     * @throws IllegalStateException when the operator keeps the keyset
     */
    public synchronized long add() {
        List<Long> before = given.ids();
        keep(given.withAnother());
        return given.ids().stream()
                .filter(id -> !before.contains(id))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Lets a key seal, as soon as all replicas know it.
     *
     * @throws IllegalStateException when the operator keeps the keyset
     */
    public synchronized void promote(long id) {
        keep(given.sealingWith(id));
    }

    /**
     * Takes a key away; what it sealed can never be opened again.
     *
     * @throws IllegalStateException when the operator keeps the keyset
     */
    public synchronized void remove(long id) {
        keep(given.without(id));
    }

    Secrets secrets() {
        return secrets;
    }

    /** What opens only with a key that is not to seal. */
    synchronized List<byte[]> otherPrefixes() {
        return given.ids().stream()
                .filter(id -> id != given.primary())
                .map(Keyset::prefix)
                .toList();
    }

    synchronized long primary() {
        return given.primary();
    }

    /** Reads the operator's file again. */
    synchronized void refresh() {
        if (custody != Custody.GIVEN_FILE || file == null) {
            return;
        }
        try {
            String text = read(file);
            if (text.equals(read)) {
                refused = null;
                return;
            }
            Keyset fresh = Keyset.parse(vault.open(text));
            if (fresh.ids().equals(given.ids()) && fresh.primary() == given.primary()) {
                read = text;
                refused = null;
                return;
            }
            if (!fresh.ids().contains(sealing())) {
                throw new IllegalArgumentException("lacks the key " + sealing() + ", which is sealed with");
            }
            take(fresh);
            read = text;
            refused = null;
        } catch (IllegalArgumentException unusable) {
            String why = String.valueOf(unusable.getMessage());
            if (!why.equals(refused)) {
                refused = why;
                log.error("the keyset in {} is left aside: {}", file, why);
            }
        }
    }

    /**
     * Seals with the primary key once everybody knows it, and before that with one that everybody knows.
     *
     * @param known for each other replica that lives, the keys it has
     * @return whether another key seals now
     */
    synchronized boolean agree(Collection<List<Long>> known) {
        long before = sealing();
        long chosen = given.primary();
        if (!known.stream().allMatch(keys -> keys.contains(given.primary()))) {
            chosen = given.ids().stream()
                    .filter(id -> known.stream().allMatch(keys -> keys.contains(id)))
                    .min((one, other) -> Boolean.compare(other == before, one == before))
                    .orElse(given.primary());
        }
        if (chosen == before) {
            return false;
        }
        secrets.use(given.sealingWith(chosen));
        log.info("secrets are sealed with the key {} from now on", chosen);
        return true;
    }

    private void keep(Keyset next) {
        if (custody != Custody.DATA_DIRECTORY || file == null) {
            throw new IllegalStateException("the keyset is kept by the operator");
        }
        try {
            PrivateFile.write(file, next.json());
        } catch (IOException failed) {
            throw new IllegalStateException("cannot write " + file, failed);
        }
        take(next);
    }

    private void take(Keyset next) {
        long sealing = sealing();
        given = next;
        secrets.use(next.ids().contains(sealing) ? next.sealingWith(sealing) : next);
        log.info("the keyset has the keys {}, of which {} is to seal", next.ids(), next.primary());
    }
}
