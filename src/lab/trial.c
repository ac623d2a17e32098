/* lab/trial.c: joins and calls of the attacker's own, from which he learns how the victim checks.
 */
#include "lab/trial.h"

#include <string.h>

#include "lab/intruder.h"

enum {
    TICK_NS = 4000, /* of the clock that RFC 6528 §3 has */
    KNOCKS = 3,
    KNOCK_PORT = 36000,
    CALL_PORT = 36100,
    GUESS_PORT = 37000,
    ANSWER_LIMIT_MS = 200,
    REFUSAL_LIMIT_MS = 100,
    FORGOTTEN_S = 16,
    PROOF_GUESSES = 1024,
    JOINS_AT_ONCE = 4 /* half of what a connection keeps half-open (DESIGN §1) */
};

/* What nobody pays for: it may as well be left out. */
static void take_back(struct plait_attack *a, const struct plait_intruder *intruder)
{
    struct plait_segment reset = plait_intruder_segment(intruder, PLAIT_RST);
    bool guessing = a->guessing;
    a->guessing = true;
    plait_send(a, &reset);
    a->guessing = guessing;
}

/* ---- from his own address ------------------------------------------------------------------- */

static void await_tick(struct plait_attack *a)
{
    plait_time_ns past = plait_world_now(a->world) % TICK_NS;
    if (past)
        plait_pause(a, TICK_NS - past);
}

struct knock {
    struct plait_intruder *intruder;
    plait_time_ns at_ns;
    uint32_t isn, nonce;
};

static bool knock(struct plait_attack *a, unsigned n, struct knock *k)
{
    const struct plait_place own = {plait_own_addr(a), (uint16_t)(KNOCK_PORT + n)};
    await_tick(a);
    k->at_ns = plait_world_now(a->world);
    k->intruder = plait_knock_as(a, &own);
    if (!plait_await(a, plait_is_answer, k->intruder, ANSWER_LIMIT_MS * PLAIT_MS) ||
        !(plait_answer(a)->flags & PLAIT_SYN))
        return false;
    k->isn = plait_answer(a)->seq;
    k->nonce = k->intruder->peer_nonce;
    return true;
}

/* A clock that all answers share: from two he foretells the third. */
static void look_at_numbers(struct plait_trial *trial, const struct knock k[KNOCKS])
{
    uint32_t ticks[2];
    for (int i = 0; i < 2; i++)
        ticks[i] = (uint32_t)((k[i + 1].at_ns - k[i].at_ns) / TICK_NS);
    trial->per_tick = (k[1].isn - k[0].isn) / ticks[0];
    trial->predicts_isn = k[1].isn - k[0].isn == trial->per_tick * ticks[0] &&
                          k[2].isn - k[1].isn == trial->per_tick * ticks[1];
    trial->isn = k[2].isn;
    trial->at_ns = k[2].at_ns;
    trial->repeats_nonce = k[0].nonce == k[1].nonce && k[1].nonce == k[2].nonce;
    trial->nonce = k[2].nonce;
}

static bool is_refusal(const struct plait_seen *seen, const void *intruder)
{
    return plait_is_answer(seen, intruder) && (seen->segment.flags & PLAIT_RST);
}

/* Whatever he sends as a proof is taken. */
static bool is_taken(struct plait_attack *a, const struct plait_intruder *intruder)
{
    struct plait_segment ack = plait_intruder_segment(intruder, PLAIT_ACK);
    struct plait_mp_join *proof = &plait_add_option(&ack, PLAIT_MP_JOIN)->join;
    *proof = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
    for (unsigned i = 0; i < PLAIT_JOIN_HMAC_OCTETS; i++)
        proof->hmac[i] = (uint8_t)plait_own_draw(a, "wrong proof", i);
    plait_send(a, &ack);
    return !plait_await(a, is_refusal, intruder, REFUSAL_LIMIT_MS * PLAIT_MS);
}

struct plait_trial plait_try_joining(struct plait_attack *a)
{
    struct plait_trial trial = {0};
    struct knock knocks[KNOCKS] = {0};
    bool answered = true;
    plait_step(a, "joins three times from its own address, and looks at the answers");
    for (unsigned n = 0; n < KNOCKS && answered; n++)
        answered = knock(a, n, &knocks[n]);
    if (answered) {
        look_at_numbers(&trial, knocks);
        trial.ignores_proof = is_taken(a, knocks[KNOCKS - 1].intruder);
    }
    for (unsigned n = 0; n < KNOCKS; n++)
        if (knocks[n].intruder) {
            take_back(a, knocks[n].intruder);
            plait_forget(knocks[n].intruder);
        }
    plait_price_feedback(&a->price); /* he knows what he wanted to know */
    return trial;
}

static bool is_question(const struct plait_seen *seen, const void *place)
{
    const struct plait_mp_control *control = plait_segment_control(&seen->segment);
    const struct plait_flow_key flow = plait_segment_flow(&seen->segment);
    return seen->at_home && control && control->what == PLAIT_CONTROL_PROBE &&
           plait_place_equal(&flow.dst, place);
}

/* False if nobody asked.  A connection asks few places at a time, and forgets in 15 s who does not
 * answer (docs/mechanisms/basic.md). */
static bool ask_for_nonce(struct plait_attack *a, unsigned n, uint64_t *nonce)
{
    const struct plait_place own = {plait_own_addr(a), (uint16_t)(KNOCK_PORT + n)};
    struct plait_intruder *named = plait_bring_in(a, &own);
    bool asked = named && plait_await(a, is_question, &own, ANSWER_LIMIT_MS * PLAIT_MS);
    if (asked)
        *nonce = plait_segment_control(plait_answer(a))->nonce;
    if (named)
        plait_forget(named);
    plait_pause(a, FORGOTTEN_S * PLAIT_S);
    return asked;
}

struct plait_trial plait_try_asking(struct plait_attack *a)
{
    struct plait_trial trial = {0};
    uint64_t first;
    plait_step(a, "names two addresses of its own, and looks at what is asked there");
    if (ask_for_nonce(a, 0, &first) && ask_for_nonce(a, 1, &trial.nonce))
        trial.repeats_nonce = trial.nonce == first;
    plait_price_feedback(&a->price);
    return trial;
}

uint32_t plait_predicted_isn(struct plait_attack *a, const struct plait_trial *trial)
{
    await_tick(a);
    plait_time_ns since_ns = plait_world_now(a->world) - trial->at_ns;
    return trial->isn + trial->per_tick * (uint32_t)(since_ns / TICK_NS);
}

/* ---- a connection of his own ---------------------------------------------------------------- */

bool plait_call(struct plait_attack *a, uint64_t *cookie)
{
    const struct plait_mechanism *m = plait_spoken(a);
    struct plait_place door = plait_service(a);
    struct plait_intruder *call = plait_intruder_new(a, plait_victim(a), CALL_PORT, &door);
    if (!call)
        return false;
    uint64_t drawn = plait_own_draw(a, "cookie of his own", 0);
    *cookie = m->cookie ? m->cookie(drawn) : drawn;
    struct plait_hello_values values = {.cookie = *cookie};
    struct plait_segment syn = plait_intruder_segment(call, PLAIT_SYN);
    m->write_hello(PLAIT_STEP_SYN, &values, plait_add_option(&syn, PLAIT_MP_CAPABLE));
    plait_send(a, &syn);
    call->nxt++;
    bool answered = plait_await(a, plait_is_answer, call, ANSWER_LIMIT_MS * PLAIT_MS) &&
                    (plait_answer(a)->flags & PLAIT_SYN);
    if (answered) {
        struct plait_segment ack = plait_intruder_segment(call, PLAIT_ACK);
        m->write_hello(PLAIT_STEP_THIRD_ACK, &values, plait_add_option(&ack, PLAIT_MP_CAPABLE));
        plait_send(a, &ack);
    } else {
        plait_forget(call);
    }
    plait_price_feedback(&a->price);
    return answered;
}

void plait_hang_up(struct plait_attack *a)
{
    for (unsigned i = 0; i < PLAIT_INTRUDERS_MAX; i++)
        if (a->intruders[i].used && a->intruders[i].own.port == CALL_PORT) {
            take_back(a, &a->intruders[i]);
            plait_forget(&a->intruders[i]);
        }
}

/* ---- proofs that are guessed ---------------------------------------------------------------- */

struct round {
    struct plait_intruder *join[JOINS_AT_ONCE];
};

static bool are_answered(void *self)
{
    const struct round *round = self;
    for (unsigned i = 0; i < JOINS_AT_ONCE; i++)
        if (!round->join[i]->is_answered && !round->join[i]->is_reset)
            return false;
    return true;
}

static bool are_refused(void *self)
{
    const struct round *round = self;
    for (unsigned i = 0; i < JOINS_AT_ONCE; i++)
        if (!round->join[i]->is_reset)
            return false;
    return true;
}

static void send_guess(struct plait_attack *a, struct plait_intruder *join, uint64_t n)
{
    uint64_t words[3];
    for (unsigned i = 0; i < 3; i++)
        words[i] = plait_own_draw(a, "proof", 3 * n + i);
    struct plait_segment ack = plait_intruder_segment(join, PLAIT_ACK);
    struct plait_mp_join *proof = &plait_add_option(&ack, PLAIT_MP_JOIN)->join;
    *proof = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
    memcpy(proof->hmac, words, sizeof proof->hmac);
    plait_send(a, &ack);
}

static void limit(struct plait_attack *a, bool (*is_done)(void *self), struct round *round)
{
    plait_world_run(a->world, plait_world_now(a->world) + REFUSAL_LIMIT_MS * PLAIT_MS, is_done,
                    round);
}

/* The first that is not refused; *ANSWERED tells whether the token was taken at all. */
static struct plait_intruder *play_round(struct plait_attack *a, const struct plait_place *place,
                                         uint32_t token, uint8_t addr_id, uint64_t n,
                                         bool *answered)
{
    struct round round;
    struct plait_intruder *found = NULL;
    for (unsigned i = 0; i < JOINS_AT_ONCE; i++)
        round.join[i] = plait_knock(a, place, (uint16_t)(GUESS_PORT + n + i), token, addr_id);
    limit(a, are_answered, &round);
    for (unsigned i = 0; i < JOINS_AT_ONCE; i++) {
        *answered |= round.join[i]->is_answered;
        if (round.join[i]->is_answered)
            send_guess(a, round.join[i], n + i);
    }
    limit(a, are_refused, &round);
    for (unsigned i = 0; i < JOINS_AT_ONCE; i++) {
        if (!found && round.join[i]->is_answered && !round.join[i]->is_reset) {
            found = round.join[i];
            continue;
        }
        take_back(a, round.join[i]);
        plait_forget(round.join[i]);
    }
    return found;
}

struct plait_intruder *plait_guess_proof(struct plait_attack *a, const struct plait_place *place,
                                         uint32_t token, uint8_t addr_id)
{
    struct plait_intruder *found = NULL;
    bool answered = false;
    uint64_t n = 0;
    plait_wrong_guesses(a, true);
    for (; n < PROOF_GUESSES && !found && (answered || n == 0); n += JOINS_AT_ONCE)
        found = play_round(a, place, token, addr_id, n, &answered);
    plait_wrong_guesses(a, false);
    if (answered) { /* a SYN/ACK came to him: the token is settled */
        plait_price_played(&a->price, 1);
        plait_price_feedback(&a->price);
    }
    if (!found) {
        plait_refused(a,
                      answered ? "%u guessed proofs were answered by RST"
                               : "the live token was not answered",
                      PROOF_GUESSES);
        return NULL;
    }
    plait_price_played(&a->price, 2 * (double)n); /* a SYN and a proof for each */
    found->established = true;
    return found;
}
