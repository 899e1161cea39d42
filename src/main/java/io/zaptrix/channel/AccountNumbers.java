package io.zaptrix.channel;

import io.zaptrix.channel.LinkRefused.Reason;
import io.zaptrix.meta.GraphClient;
import io.zaptrix.meta.GraphClient.AppData;
import io.zaptrix.meta.GraphException;
import io.zaptrix.meta.NumberState;
import io.zaptrix.meta.TokenInfo;
import io.zaptrix.platform.Masked;
import io.zaptrix.platform.Secrets;
import io.zaptrix.platform.TenantContext;
import io.zaptrix.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/**
 * Linking numbers by their account: from an access token, or from what Embedded Signup gave, to the list of the
 * account's numbers, and from that to several linked numbers. The bound tenant's.
 */
@Service
public class AccountNumbers {

    private static final Logger log = LoggerFactory.getLogger(AccountNumbers.class);

    private static final String OFFER = "account_numbers.offer";

    /** How long a list may be chosen from; an access token must not lie about for ever, sealed or not. */
    private static final Duration OFFER_LIFE = Duration.ofHours(1);

    private final GraphClient graph;
    private final Channels channels;
    private final NumberPins pins;
    private final Secrets secrets;

    AccountNumbers(GraphClient graph, Channels channels, NumberPins pins, Secrets secrets) {
        this.graph = graph;
        this.channels = channels;
        this.pins = pins;
        this.secrets = secrets;
    }

    /**
     * What Embedded Signup told the browser.
     *
     * @param code proves it all; lives for half a minute
     * @param wabaId the account; null where the browser was not told
     * @param businessApp whether the numbers stay in the WhatsApp Business app: then none is registered
     */
    public record SignUp(String code, @Nullable String wabaId, boolean businessApp) {

        @Override
        public String toString() {
            return "SignUp[wabaId=" + wabaId + "]";
        }
    }

    /**
     * An account whose numbers may be listed and linked.
     *
     * @param sealed the account and its access token, for {@link #offer}; nothing else can read it
     */
    public record Offer(String wabaId, String sealed) {}

    /** A number of an account. */
    public record Candidate(NumberState state, Standing standing) {}

    /** What can become of it. */
    public enum Standing {
        /** It can be linked. */
        FREE,
        /** It is linked in this portal already; linking it again gives it the new token. */
        LINKED,
        /** Another portal has it. */
        TAKEN,
        /** Its owner has not confirmed it at Meta yet, without which it cannot be registered. */
        NOT_VERIFIED
    }

    /**
     * What became of one number; either it is linked or it was refused.
     *
     * @param behind whether Meta could not be asked to synchronise it with the WhatsApp Business app in which it stays,
     *     so that it has to be linked again within 24 hours
     */
    public record Result(
            String phoneNumberId,
            String name,
            @Nullable PhoneNumber linked,
            @Nullable LinkRefused refused,
            boolean behind) {

        static Result linked(String name, PhoneNumber linked, boolean behind) {
            return new Result(linked.phoneNumberId(), name, linked, null, behind);
        }

        static Result refused(String phoneNumberId, String name, LinkRefused refused) {
            return new Result(phoneNumberId, name, null, refused, false);
        }
    }

    /**
     * An account by its id and a token.
     *
     * @throws LinkRefused {@code INVALID} with the field's name, when they cannot be meant
     */
    public Offer offer(@Nullable String wabaId, @Nullable String accessToken) {
        LinkForm.requireAccount(wabaId, accessToken);
        return seal(String.valueOf(wabaId).strip(), String.valueOf(accessToken).strip(), false);
    }

    /**
     * Exchanges a sign-up for the access token of the business.
     *
     * @throws LinkRefused {@code SIGN_UP_REFUSED} when Meta does not take the code or names no account
     */
    public Offer signUp(SignUp signUp) {
        String token;
        try {
            token = graph.exchangeCode(signUp.code());
        } catch (GraphException e) {
            throw refused(e, Reason.SIGN_UP_REFUSED);
        }
        String wabaId = Optional.ofNullable(signUp.wabaId())
                .filter(id -> id.matches("[0-9]{1,32}"))
                .or(() -> onlyAccount(token))
                .orElseThrow(() -> new LinkRefused(Reason.SIGN_UP_REFUSED, null, null));
        log.info("portal {} signed up with the account {}", TenantContext.require(), wabaId);
        return seal(wabaId, token, signUp.businessApp());
    }

    /** Where the browser was told of no account, the token says for which it is. */
    private Optional<String> onlyAccount(String token) {
        try {
            TokenInfo info = graph.inspectToken(token);
            return info.wabaIds().stream().findFirst();
        } catch (GraphException notSaid) {
            log.info("the account of a sign-up is not known: {}", notSaid.getMessage());
            return Optional.empty();
        }
    }

    /** An offer that was kept by its {@link Offer#sealed}; empty when it is not this tenant's, or too old. */
    public Optional<Offer> offer(String sealed) {
        return open(sealed).map(account -> new Offer(account.wabaId(), sealed));
    }

    /**
     * The account's numbers, as Meta lists them now.
     *
     * @throws LinkRefused when it does not
     */
    public List<Candidate> list(Offer offer) {
        String token = require(offer).token();
        try {
            return graph.numbers(token, offer.wabaId()).stream()
                    .map(state -> new Candidate(state, standing(state)))
                    .sorted(Comparator.comparing(candidate -> candidate.state().displayPhoneNumber()))
                    .toList();
        } catch (GraphException e) {
            throw refused(e, Reason.ACCOUNT_UNKNOWN);
        }
    }

    private Standing standing(NumberState state) {
        TenantId tenant = TenantContext.require();
        Optional<TenantId> owner = channels.route(state.id());
        if (owner.isPresent()) {
            return owner.get().equals(tenant) ? Standing.LINKED : Standing.TAKEN;
        }
        return state.needsRegistration() && "NOT_VERIFIED".equals(state.codeVerificationStatus())
                ? Standing.NOT_VERIFIED
                : Standing.FREE;
    }

    /**
     * Links numbers of the account, one after the other; what fails with one keeps no other from being linked. A number
     * that is not registered yet is registered first, with a PIN of its own; one that stays in the WhatsApp Business
     * app is not, but is synchronised with it.
     *
     * @param phoneNumberIds which; those that are not in the account are refused
     * @param lineId an open line for all of them, or {@link LinkRequest#NEW_LINE}
     * @param together whether a new line is one for all; else each gets its own
     * @return what became of each, in their order
     * @throws LinkRefused when the account's numbers cannot be listed
     */
    public List<Result> link(Offer offer, List<String> phoneNumberIds, String lineId, boolean together) {
        Account account = require(offer);
        Map<String, Candidate> listed = list(offer).stream()
                .collect(Collectors.toMap(candidate -> candidate.state().id(), Function.identity(), (a, b) -> a));
        List<Result> results = new ArrayList<>();
        String line = lineId;
        for (String id : phoneNumberIds) {
            Candidate candidate = listed.get(id);
            Result result = candidate == null
                    ? Result.refused(id, id, new LinkRefused(Reason.NUMBER_UNKNOWN, null, null))
                    : link(candidate, account, line);
            if (together && result.linked() != null) {
                line = result.linked().lineId();
            }
            results.add(result);
        }
        return results;
    }

    private Result link(Candidate candidate, Account account, String lineId) {
        NumberState state = candidate.state();
        String name = Optional.ofNullable(state.verifiedName())
                .map(verified -> verified + " " + state.displayPhoneNumber())
                .orElse(state.displayPhoneNumber());
        try {
            if (candidate.standing() == Standing.TAKEN) {
                throw new LinkRefused(Reason.TAKEN, null, null);
            }
            if (state.needsRegistration() && !account.businessApp()) {
                register(state, account.token());
            }
            // Its name in the portal stays what the admin called it.
            String displayName =
                    channels.find(state.id()).map(PhoneNumber::displayName).orElse("");
            PhoneNumber linked =
                    channels.link(new LinkRequest(state.id(), account.wabaId(), account.token(), displayName, lineId));
            return Result.linked(name, linked, account.businessApp() && !synchronise(state, account.token()));
        } catch (LinkRefused refusal) {
            return Result.refused(state.id(), name, refusal);
        }
    }

    /**
     * Begins what Meta demands within a day for a number that stays in the WhatsApp Business app. What comes of it is
     * counted and not kept.
     *
     * @return whether nothing is left to be done: also where Meta refuses, as it does when it was done before
     */
    private boolean synchronise(NumberState state, String token) {
        boolean done = true;
        for (AppData what : AppData.values()) {
            try {
                graph.synchronise(token, state.id(), what);
            } catch (GraphException e) {
                log.warn(
                        "number {} is not synchronised with its app ({}): {}",
                        Masked.phone(state.displayPhoneNumber()),
                        what,
                        e.getMessage());
                done &= e.kind() == GraphException.Kind.REFUSE;
            }
        }
        return done;
    }

    private void register(NumberState state, String token) {
        boolean known = pins.of(state.id()).isPresent();
        String pin = pins.ofOrNew(state.id());
        try {
            graph.register(token, state.id(), pin);
            log.info("number {} is registered", Masked.phone(state.displayPhoneNumber()));
        } catch (GraphException e) {
            if (!known && e.kind() != GraphException.Kind.UNCERTAIN && e.kind() != GraphException.Kind.RETRY) {
                pins.forget(state.id());
            }
            throw refused(e, Reason.REGISTRATION_REFUSED);
        }
    }

    private static LinkRefused refused(GraphException e, Reason reason) {
        return new LinkRefused(
                switch (e.kind()) {
                    case RETRY, LIMIT, UNCERTAIN -> Reason.META_FAILED;
                    case SUSPEND -> LinkedChannels.isAboutToken(e) ? Reason.TOKEN_REFUSED : reason;
                    case REFUSE -> reason;
                },
                LinkedChannels.said(e),
                e);
    }

    // ---------------------------------------------------------------- offers

    private record Account(Instant until, boolean businessApp, String wabaId, String token) {

        @Override
        public String toString() {
            return "Account[wabaId=" + wabaId + "]";
        }
    }

    private Offer seal(String wabaId, String token, boolean businessApp) {
        String text = Instant.now().plus(OFFER_LIFE).getEpochSecond() + " " + businessApp + " " + wabaId + " " + token;
        byte[] sealed = secrets.seal(TenantContext.require(), OFFER, text);
        return new Offer(wabaId, Base64.getUrlEncoder().withoutPadding().encodeToString(sealed));
    }

    private Optional<Account> open(String sealed) {
        try {
            String[] parts = secrets.open(
                            TenantContext.require(),
                            OFFER,
                            Base64.getUrlDecoder().decode(sealed))
                    .split(" ", 4);
            return Optional.of(new Account(
                            Instant.ofEpochSecond(Long.parseLong(parts[0])),
                            Boolean.parseBoolean(parts[1]),
                            parts[2],
                            parts[3]))
                    .filter(account -> account.until().isAfter(Instant.now()));
        } catch (RuntimeException forged) {
            // Whatever is wrong with it: it is not one of this tenant's.
            return Optional.empty();
        }
    }

    private Account require(Offer offer) {
        return open(offer.sealed()).orElseThrow(() -> new LinkRefused(Reason.SIGN_UP_REFUSED, null, null));
    }
}
