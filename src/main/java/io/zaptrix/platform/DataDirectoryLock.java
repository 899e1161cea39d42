package io.zaptrix.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes a data directory one process's own. The operating system lets go of it when the process ends in any way, so it
 * is never left behind.
 */
final class DataDirectoryLock implements AutoCloseable {

    /** Of this process; asked before a file is opened, as on POSIX systems closing it again would release the lock. */
    private static final Set<Path> TAKEN = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;

    private DataDirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /**
     * @param directory its real path
     * @throws StartRefused when another process, or another context of this one, has it
     */
    static DataDirectoryLock take(Path directory) throws IOException {
        if (!TAKEN.add(directory)) {
            throw inUse(directory, Long.toString(ProcessHandle.current().pid()));
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    directory.resolve("zaptrix.lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            // Far behind the content, which others may read where locks are mandatory.
            if (channel.tryLock(Long.MAX_VALUE - 1, 1, false) == null) {
                throw inUse(directory, read(channel));
            }
            channel.truncate(0);
            String pid = Long.toString(ProcessHandle.current().pid());
            channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
            return new DataDirectoryLock(directory, channel);
        } catch (IOException | StartRefused refused) {
            if (channel != null) {
                channel.close();
            }
            TAKEN.remove(directory);
            throw refused;
        }
    }

    private static StartRefused inUse(Path directory, String process) {
        return new StartRefused("the data directory " + directory + " is in use by another Zaptrix (process " + process
                + "); stop that one, or set ZAPTRIX_DATA_DIR to another directory");
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(20);
        channel.read(content, 0);
        String pid = new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII).strip();
        return pid.isEmpty() ? "unknown" : pid;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        TAKEN.remove(directory);
    }
}
