package io.zaptrix.bitrix24;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/** What became of each call of a batch, by its key and in the order of the calls. */
public record BatchResult(SequencedMap<String, Outcome> outcomes) {

    public BatchResult {
        outcomes = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(outcomes));
    }

    /** What became of one call. */
    public sealed interface Outcome {

        /** @param result the method's own {@code result} */
        record Success(JsonNode result) implements Outcome {

            /** Leaves the result out: it is whatever the portal holds. */
            @Override
            public String toString() {
                return "Success[]";
            }
        }

        /** @param error as {@link Bitrix24Rest#call} would have thrown it */
        record Failure(Bitrix24Exception error) implements Outcome {}
    }

    /**
     * A call's result.
     *
     * @throws Bitrix24Exception its error, if it failed
     * @throws IllegalArgumentException when the batch had no such call
     */
    public JsonNode result(String key) {
        return switch (outcome(key)) {
            case Outcome.Success success -> success.result();
            case Outcome.Failure failure -> throw failure.error();
        };
    }

    /** A call's error, if it failed. */
    public Optional<Bitrix24Exception> error(String key) {
        return outcome(key) instanceof Outcome.Failure failure ? Optional.of(failure.error()) : Optional.empty();
    }

    private Outcome outcome(String key) {
        Outcome outcome = outcomes.get(key);
        if (outcome == null) {
            throw new IllegalArgumentException("The batch had no call " + key + ".");
        }
        return outcome;
    }
}
