package io.zaptrix.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/**
 * Less of the machine's processors for some processes, and for what they start from then on: as if they had a smaller
 * machine for themselves. By control groups, of Linux's first version or its second, where whoever runs the benchmark
 * may make some.
 */
final class CpuShare implements AutoCloseable {

    private static final Path GROUPS = Path.of("/sys/fs/cgroup");
    private static final int PERIOD_MICROS = 100_000;

    private final Path group;
    private final Path parent;
    private final Collection<Long> processes;

    private CpuShare(Path parent, Path group, Collection<Long> processes) {
        this.parent = parent;
        this.group = group;
        this.processes = processes;
    }

    /** @param cores how many, or what part of one; empty where this machine does not let us */
    static Optional<CpuShare> of(Collection<Long> processes, double cores) {
        Path first = GROUPS.resolve("cpu");
        Path parent = Files.isDirectory(first) ? first : GROUPS;
        Path group = parent.resolve("zaptrix-bench-" + ProcessHandle.current().pid());
        int quota = (int) (cores * PERIOD_MICROS);
        try {
            Files.createDirectory(group);
            if (parent.equals(first)) {
                Files.writeString(group.resolve("cpu.cfs_period_us"), String.valueOf(PERIOD_MICROS));
                Files.writeString(group.resolve("cpu.cfs_quota_us"), String.valueOf(quota));
            } else {
                Files.writeString(group.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
            }
            move(processes, group);
            return Optional.of(new CpuShare(parent, group, processes));
        } catch (IOException notAllowed) {
            group.toFile().delete();
            return Optional.empty();
        }
    }

    private static void move(Collection<Long> processes, Path to) throws IOException {
        for (long process : processes) {
            if (Files.exists(Path.of("/proc/" + process))) {
                Files.writeString(to.resolve("cgroup.procs"), String.valueOf(process));
            }
        }
    }

    @Override
    public void close() throws IOException {
        move(processes, parent);
        for (String started : Files.readAllLines(group.resolve("cgroup.procs"))) {
            Files.writeString(parent.resolve("cgroup.procs"), started);
        }
        group.toFile().delete();
    }
}
