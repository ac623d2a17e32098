/* lab/blind.c: the reachability check of RFC 6181 §5, answered in the name of a stranger by
 * somebody who does not see what comes to him: a handshake, whose ISN and nonce must come back, or
 * a nonce that is sent to the pair (docs/mechanisms/basic.md). */
#include "lab/attack.h"
#include "lab/intruder.h"
#include "lab/trial.h"

enum {
    CHECK_LIMIT_MS = 100,
    WRONG_GUESSES = 1024,
    GUESSES_AT_ONCE = 32,
    HALF_BITS = 32,
    NONCE_BITS = 64
};

/* ---- each kind of check -------------------------------------------------------------------- */

/* The third ACK. */
static void answer_handshake(struct plait_attack *a, struct plait_intruder *intruder,
                             const struct plait_check *with)
{
    intruder->rcv_nxt = with->isn + 1;
    intruder->peer_nonce = (uint32_t)with->nonce;
    struct plait_segment ack = plait_intruder_segment(intruder, PLAIT_ACK);
    if (!intruder->is_plain) {
        struct plait_mp_join *proof = &plait_add_option(&ack, PLAIT_MP_JOIN)->join;
        *proof = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
        plait_prove_join(a, intruder, proof->hmac);
        intruder->stale_ack = plait_facts_first_dsn(&a->known, PLAIT_SERVER);
    }
    plait_send(a, &ack);
}

/* What he could not foretell in trials of his own he buys.  M1h looks at no proof, so its nonce
 * need not be known. */
static void settle_handshake(struct plait_attack *a, struct plait_intruder *intruder,
                             const struct plait_trial *trial, uint32_t predicted)
{
    struct plait_check check = a->world->check;
    bool needs_nonce = !plait_attack_is_tcp(a) && plait_spoken(a)->join_proof;
    if (!trial->predicts_isn)
        plait_price_guess(&a->price, "initial sequence number of the check", HALF_BITS);
    if (needs_nonce && !trial->repeats_nonce && !trial->ignores_proof)
        plait_price_guess(&a->price, "nonce of the check", HALF_BITS);
    if (trial->predicts_isn)
        check.isn = predicted;
    if (trial->repeats_nonce)
        check.nonce = trial->nonce;
    answer_handshake(a, intruder, &check);
}

/* It counts from the pair that it was sent to alone; who may not speak from there says it from
 * where he is. */
static void answer_nonce(struct plait_attack *a, struct plait_intruder *intruder,
                         const struct plait_check *with)
{
    struct plait_place from = plait_may_spoof(a) ? intruder->own : plait_attack_own_place(a);
    plait_attack_say(a, &from,
                     (struct plait_mp_control){.what = PLAIT_CONTROL_ANSWER, .nonce = with->nonce});
    if (!plait_is_mapped(a))
        return;
    intruder->rcv_nxt = with->isn + 1; /* of the pair's own numbers */
    intruder->stale_ack = plait_facts_first_dsn(&a->known, PLAIT_SERVER);
}

/* Without a check a pair with numbers of its own is asked for them all the same. */
static void tell_number(struct plait_attack *a, struct plait_intruder *intruder)
{
    if (plait_has_messages(a) && plait_is_mapped(a) && plait_may_spoof(a))
        plait_attack_say(a, &intruder->own,
                         (struct plait_mp_control){.what = PLAIT_CONTROL_ANSWER});
}

/* The nonce is enough, and all that is paid for: where the pair counts he does not know. */
static void settle_nonce(struct plait_attack *a, struct plait_intruder *intruder,
                         const struct plait_trial *trial, uint32_t predicted)
{
    struct plait_check check = a->world->check;
    (void)predicted;
    check.isn = UINT32_MAX;
    if (trial->repeats_nonce)
        check.nonce = trial->nonce;
    else
        plait_price_guess(&a->price, "nonce of the check",
                          NONCE_BITS - a->scenario->basic.nonce_zero_bits);
    answer_nonce(a, intruder, &check);
}

static const struct kind {
    void (*answer)(struct plait_attack *a, struct plait_intruder *intruder,
                   const struct plait_check *with);
    /* Buys what the check said, but for what TRIAL tells. */
    void (*settle)(struct plait_attack *a, struct plait_intruder *intruder,
                   const struct plait_trial *trial, uint32_t predicted);
} kinds[] = {
    [PLAIT_REACH_NONE] = {NULL, NULL},
    [PLAIT_REACH_NONCE] = {answer_nonce, settle_nonce},
    [PLAIT_REACH_HANDSHAKE] = {answer_handshake, settle_handshake},
};

/* NULL: nobody is asked. */
static const struct kind *kind_of(const struct plait_attack *a)
{
    const struct kind *kind =
        &kinds[plait_attack_is_tcp(a) ? PLAIT_REACH_HANDSHAKE : plait_spoken(a)->reach];
    return kind->answer ? kind : NULL;
}

/* ---- what was asked ------------------------------------------------------------------------ */

struct check_wait {
    const struct plait_check *check;
    const struct plait_place *to;
};

static bool is_asked(void *self)
{
    const struct check_wait *wait = self;
    return wait->check->seen && plait_place_equal(&wait->check->to, wait->to);
}

static bool await_check(struct plait_attack *a, const struct plait_check *check,
                        const struct plait_place *to)
{
    struct check_wait wait = {check, to};
    return plait_world_run(a->world, plait_world_now(a->world) + CHECK_LIMIT_MS * PLAIT_MS,
                           is_asked, &wait);
}

static bool is_granted(const struct plait_attack *a)
{
    return a->scenario->grants & PLAIT_GRANT_CHECK;
}

/* ---- guessing ------------------------------------------------------------------------------ */

static struct plait_check guess_of(const struct plait_attack *a, const char *purpose, uint64_t n)
{
    uint64_t draw = plait_own_draw(a, purpose, n);
    unsigned zero_bits = a->scenario->basic.nonce_zero_bits;
    return (struct plait_check){.isn = (uint32_t)plait_own_draw(a, "ISN of a check", n),
                                .nonce = zero_bits < NONCE_BITS ? draw >> zero_bits : 0};
}

static bool is_right(const struct plait_attack *a, const struct plait_check *guess)
{
    const struct plait_check *asked = &a->world->check;
    bool is_nonce = !plait_attack_is_tcp(a) && plait_spoken(a)->reach == PLAIT_REACH_NONCE;
    return is_nonce ? guess->nonce == asked->nonce : guess->isn == asked->isn;
}

static void guess_check(struct plait_attack *a, const struct kind *kind,
                        struct plait_intruder *intruder)
{
    (void)await_check(a, &a->world->check, &intruder->own);
    plait_wrong_guesses(a, true);
    for (uint64_t i = 0; i < WRONG_GUESSES; i++) {
        struct plait_check guess = guess_of(a, "answer of a check", i);
        if (!is_right(a, &guess))
            kind->answer(a, intruder, &guess);
        if (i % GUESSES_AT_ONCE == GUESSES_AT_ONCE - 1)
            plait_pause(a, PLAIT_MS);
    }
    plait_wrong_guesses(a, false);
    plait_forget(intruder);
}

/* ---- answering ----------------------------------------------------------------------------- */

void plait_answer_check(struct plait_attack *a, struct plait_intruder *intruder)
{
    const struct kind *kind = kind_of(a);
    if (!kind) {
        tell_number(a, intruder);
        return;
    }
    const struct plait_check *check = is_granted(a) ? &a->world->check : &a->check;
    if (await_check(a, check, &intruder->own)) {
        kind->answer(a, intruder, check);
        return;
    }
    struct plait_check guess = guess_of(a, "check", 0);
    kind->answer(a, intruder, &guess);
    plait_refused(a, "the check went to the stranger, and its answer could only be guessed");
}

struct plait_intruder *plait_buy_check(struct plait_attack *a, const struct plait_place *own)
{
    const struct kind *kind = kind_of(a);
    bool is_shown = a->scenario->position->beside & PLAIT_HEARS_STRANGERS;
    if (!kind || is_shown || is_granted(a)) {
        struct plait_intruder *shown = plait_bring_in(a, own);
        if (shown)
            plait_answer_check(a, shown);
        return shown;
    }
    plait_step(a, "makes 1024 wrong guesses at what the check said, then buys it");
    struct plait_place other = {own->addr, (uint16_t)(own->port + 1)};
    struct plait_intruder *wrong = plait_bring_in(a, &other);
    if (!wrong)
        return NULL;
    guess_check(a, kind, wrong);
    /* In TCP the numbers are the host's, whatever the mechanism (RFC 6528): nothing to find out. */
    struct plait_trial trial = {0};
    if (!plait_attack_is_tcp(a))
        trial = plait_has_messages(a) ? plait_try_asking(a) : plait_try_joining(a);
    uint32_t predicted = trial.predicts_isn ? plait_predicted_isn(a, &trial) : 0;
    struct plait_intruder *intruder = plait_bring_in(a, own);
    if (!await_check(a, &a->world->check, own)) {
        plait_refused(a, "the check was not made");
        return NULL;
    }
    kind->settle(a, intruder, &trial, predicted);
    return intruder;
}
