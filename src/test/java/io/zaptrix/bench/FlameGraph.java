package io.zaptrix.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Pattern;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/**
 * Draws a recording of Java Flight Recorder as a flame graph: who called whom, and how much of the processor's time
 * each took, with what native code took for it (JEP 509). It is how the pictures in {@code docs/benchmarks} were made:
 *
 * <pre>
 * jcmd PID JFR.configure stackdepth=256                   (while a benchmark runs)
 * jcmd PID JFR.start duration=9s settings=profile filename=accept.jfr +jdk.CPUTimeSample#enabled=true
 * java -cp target/test-classes io.zaptrix.bench.FlameGraph accept.jfr accept.svg "Webhooks at 64 clients"
 * </pre>
 */
final class FlameGraph {

    private static final int WIDTH = 1_200;
    private static final int ROW = 16;
    private static final int TOP = 30;

    /** What is narrower cannot be seen, and would make the picture large. */
    private static final double NARROWEST = 4;

    private static final double CHARACTER = 6.4;

    private static final Pattern JDK = Pattern.compile("(java|javax|jdk|sun|com\\.sun)\\.");

    private static final Pattern HIDDEN = Pattern.compile("[+/.]0x[0-9a-f]+.*");

    private static final class Node {
        final TreeMap<String, Node> callees = new TreeMap<>();
        long samples;
    }

    private FlameGraph() {}

    /** @param args recording, picture, title */
    public static void main(String[] args) throws IOException {
        if (args.length != 3) {
            System.err.println("usage: FlameGraph recording.jfr picture.svg title");
            System.exit(2);
        }
        Files.writeString(Path.of(args[1]), draw(read(Path.of(args[0])), args[2]));
    }

    private static Node read(Path recording) throws IOException {
        Node root = new Node();
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals("jdk.CPUTimeSample") && event.getStackTrace() != null) {
                    add(root, event.getStackTrace().getFrames());
                }
            }
        }
        return root;
    }

    private static void add(Node root, List<RecordedFrame> stack) {
        root.samples++;
        Node node = root;
        for (RecordedFrame frame : stack.reversed()) {
            node = node.callees.computeIfAbsent(name(frame), name -> new Node());
            node.samples++;
        }
    }

    private static String name(RecordedFrame frame) {
        String type = frame.getMethod().getType().getName();
        // The name of a hidden class differs from run to run.
        return HIDDEN.matcher(type).replaceFirst("") + "." + frame.getMethod().getName();
    }

    private static String draw(Node root, String title) {
        int height = TOP + ROW * (depth(root) + 1);
        StringBuilder svg = new StringBuilder("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="monospace" font-size="11">
                <style>rect{stroke:#fff;stroke-width:.4}</style>
                <rect width="100%%" height="100%%" fill="#fff"/>
                <text x="6" y="19" font-size="14">%s (%d samples)</text>
                """.formatted(WIDTH, height, escape(title), root.samples));
        draw(svg, root, null, 0, height - ROW, WIDTH / (double) Math.max(1, root.samples), root.samples);
        return svg.append("</svg>\n").toString();
    }

    private static int depth(Node node) {
        return 1
                + node.callees.values().stream()
                        .mapToInt(FlameGraph::depth)
                        .max()
                        .orElse(0);
    }

    private static void draw(
            StringBuilder svg, Node node, @Nullable String name, double x, int y, double scale, long all) {
        double width = node.samples * scale;
        if (width < NARROWEST) {
            return;
        }
        if (name != null) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<g><title>%s %.1f %%</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
                    escape(name),
                    100.0 * node.samples / all,
                    x,
                    y,
                    width,
                    ROW,
                    colour(name)));
            int room = (int) ((width - 4) / CHARACTER);
            if (room >= 4) {
                String shortName = shorten(name);
                svg.append(String.format(
                        Locale.ROOT,
                        "<text x=\"%.1f\" y=\"%d\">%s</text>",
                        x + 2,
                        y + 12,
                        escape(shortName.length() <= room ? shortName : shortName.substring(0, room))));
            }
            svg.append("</g>\n");
        }
        double at = x;
        for (var callee : node.callees.entrySet()) {
            draw(svg, callee.getValue(), callee.getKey(), at, y - ROW, scale, all);
            at += callee.getValue().samples * scale;
        }
    }

    /** Class and method, without the package. */
    private static String shorten(String name) {
        int method = name.lastIndexOf('.');
        return name.substring(name.lastIndexOf('.', method - 1) + 1);
    }

    /** Whose code it is: ours, the database's driver, the web server, the framework, or the JDK. */
    private static String colour(String name) {
        return name.startsWith("io.zaptrix")
                ? "#f2a65a"
                : name.startsWith("org.postgresql") || name.startsWith("com.zaxxer")
                        ? "#8fb8de"
                        : name.startsWith("org.apache")
                                ? "#b7d7a8"
                                : JDK.matcher(name).lookingAt() ? "#e0e0e0" : "#e6c1e0";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
