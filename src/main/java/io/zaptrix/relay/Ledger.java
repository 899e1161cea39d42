package io.zaptrix.relay;

/**
 * What is remembered of items that were accepted, and of the bound tenant's only: the table {@code item_ledger}.
 * Nothing of their content is.
 */
public interface Ledger {

    /**
     * Notes that something which was done has turned out not to have arrived; its state is {@code failed} from then on.
     * Without effect on what is not done, or not known any more.
     *
     * @param reason one word, as in {@link Outcome.Refused}
     */
    void failed(String flow, String key, String reason);
}
