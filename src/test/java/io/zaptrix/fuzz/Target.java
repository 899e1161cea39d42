package io.zaptrix.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.function.Consumer;

/**
 * Something that reads input of anybody's.
 *
 * @param seeds honest input, from which the dishonest is made
 * @param words what its language is made of
 * @param reader reads one case; catches what is documented, and throws whatever else happens, an {@link AssertionError}
 *     for a promise that was broken
 */
public record Target(String name, List<byte[]> seeds, List<String> words, Consumer<byte[]> reader) {

    public static Target ofText(String name, List<String> seeds, List<String> words, Consumer<String> reader) {
        return new Target(
                name,
                seeds.stream().map(seed -> seed.getBytes(UTF_8)).toList(),
                words,
                bytes -> reader.accept(new String(bytes, UTF_8)));
    }

    /** What is promised beside that nothing else is thrown. */
    public static void promised(boolean kept, String what) {
        if (!kept) {
            throw new AssertionError(what);
        }
    }
}
