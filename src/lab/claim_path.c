/* lab/claim_path.c: a path of an attacker's own, had in a peer's name: by messages of Basic MPTCP,
 * or a join where paths have a handshake; and one of an address that is nobody's (T-HIJ-8, T-TS-7).
 *
 * A join needs a token: M1h's follows from the identifier, those of v0 and v1 are guessed whole,
 * and their proofs too. */
#include "base/panic.h"
#include "lab/claim.h"
#include "lab/intruder.h"

enum { CHECK_LIMIT_S = 1, OTHER_ID = 80, OTHER_PORT = 21100 };

/* ---- a path with messages ----------------------------------------------------------------- */

static bool is_probe_home(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    const struct plait_mp_control *control = plait_segment_control(&seen->segment);
    return seen->at_home && control && control->what == PLAIT_CONTROL_PROBE;
}

static bool is_echo_home(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    const struct plait_mp_control *control = plait_segment_control(&seen->segment);
    return seen->at_home && control && control->what == PLAIT_CONTROL_ECHO;
}

/* At OWN, which is his. */
static bool answer_check(struct plait_attack *a, enum plait_side victim,
                         const struct plait_place *own)
{
    if (!plait_await(a, is_probe_home, NULL, CHECK_LIMIT_S * PLAIT_S)) {
        plait_refused(a, "nothing asked whether he can be reached");
        return false;
    }
    struct plait_claim_attempt answer = {victim, *own, *plait_segment_control(plait_answer(a))};
    answer.message.what = PLAIT_CONTROL_ANSWER;
    plait_step(a, "answers the reachability check, for he can be reached");
    plait_claim_speak(a, &answer);
    return true;
}

/* After an ADD that names, or came from, OWN: true once the victim has said that it is a pair. */
static bool await_pair(struct plait_attack *a, enum plait_side victim,
                       const struct plait_place *own)
{
    if (plait_spoken(a)->reach == PLAIT_REACH_NONCE && !answer_check(a, victim, own))
        return false;
    if (plait_await(a, is_echo_home, NULL, CHECK_LIMIT_S * PLAIT_S))
        return true;
    plait_refused(a, "the address was not taken");
    return false;
}

static struct plait_mp_control add_of(const struct plait_attack *a, const struct plait_place *own,
                                      uint8_t id)
{
    struct plait_mp_control add = {.what = PLAIT_CONTROL_ADD, .id = id};
    if (plait_claim_is_explicit(a)) {
        add.addr = own->addr;
        add.port = own->port;
    }
    return add;
}

static bool add_home(struct plait_attack *a, enum plait_side victim)
{
    struct plait_place home = plait_claim_home(a, victim);
    const struct plait_claim_attempt add = {victim, home, add_of(a, &home, PLAIT_CLAIM_ADD_ID)};
    plait_step(a, "adds its own address in the peer's name");
    plait_claim_buy(a, &add);
    struct plait_place door = plait_claim_door(a, victim);
    if (plait_pair_is_numbered(a))
        (void)plait_pair_begin(a, &home, &door); /* hears the victim's number */
    plait_claim_speak(a, &add);
    return await_pair(a, victim, &home);
}

/* ---- a path with a handshake -------------------------------------------------------------- */

static void learn_token(struct plait_attack *a, enum plait_side victim)
{
    const struct plait_claim_attempt join = {victim, plait_claim_home(a, victim), {0}};
    if (a->known.has_token[victim])
        return;
    if (plait_spoken(a)->key != PLAIT_KEY_FIRST_PAIR) {
        plait_step(a, "guesses tokens until a SYN is answered");
        (void)plait_get_token(a, victim, plait_claim_try_token);
    } else if (plait_claim_knows_identifier(a)) {
        plait_claim_learn(a, plait_claim_identifier(a));
    } else {
        plait_claim_buy_port(a, &join);
    }
}

static bool join_home(struct plait_attack *a, enum plait_side victim)
{
    learn_token(a, victim);
    struct plait_place door = plait_claim_door(a, victim);
    bool can = plait_can_join(a);
    plait_step(a, can ? "joins from its own address in the peer's name"
                      : "guesses the 160 bits of the proof, a join for each guess");
    a->claims_made.joined[victim] =
        can ? plait_join_at(a, victim, &door, plait_claim_home(a, victim).port, PLAIT_CLAIM_ADD_ID)
            : plait_guess_proof(a, &door, plait_token_of(a, victim), PLAIT_CLAIM_ADD_ID);
    return a->claims_made.joined[victim] != NULL;
}

bool plait_claim_path_of(struct plait_attack *a, enum plait_side victim)
{
    return plait_has_messages(a) ? add_home(a, victim) : join_home(a, victim);
}

bool plait_claim_path(struct plait_attack *a)
{
    return plait_claim_path_of(a, plait_victim(a));
}

/* ---- a third address (T-HIJ-8, T-TS-7) ---------------------------------------------------- */

/* The check went where nobody answers, or somebody who denies it. */
static bool is_check_known(struct plait_attack *a)
{
    plait_pause(a, 10 * PLAIT_MS);
    if (plait_is_granted(a, PLAIT_GRANT_CHECK)) {
        plait_step(a, "answers the reachability check for it");
        return true;
    }
    plait_refused(a, "the reachability check went to that address, and nobody answered it");
    return false;
}

static bool answer_nonce(struct plait_attack *a, const struct plait_place *other)
{
    struct plait_claim_attempt answer = {
        plait_victim(a), *other, {.what = PLAIT_CONTROL_ANSWER, .id = OTHER_ID}};
    bool known = is_check_known(a);
    answer.message.nonce = known ? a->world->check.nonce : plait_own_draw(a, "nonce of a check", 0);
    if (known || plait_may_spoof(a))
        plait_claim_speak(a, &answer);
    return known;
}

/* The third ACK, with one guess at what he lacks. */
static bool answer_handshake(struct plait_attack *a, struct plait_intruder *intruder)
{
    bool known = is_check_known(a);
    const struct plait_check *check = &a->world->check;
    intruder->rcv_nxt = 1 + (known ? check->isn : (uint32_t)plait_own_draw(a, "ISN of a check", 0));
    intruder->peer_nonce =
        (uint32_t)(known ? check->nonce : plait_own_draw(a, "nonce of a check", 0));
    struct plait_segment ack = plait_intruder_segment(intruder, PLAIT_ACK);
    struct plait_mp_join *proof = &plait_add_option(&ack, PLAIT_MP_JOIN)->join;
    *proof = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
    plait_prove_join(a, intruder, proof->hmac);
    plait_send(a, &ack);
    return known;
}

static bool join_other(struct plait_attack *a, const struct plait_place *other)
{
    enum plait_side victim = plait_victim(a);
    learn_token(a, victim);
    struct plait_place door = plait_claim_door(a, victim);
    plait_step(a, "joins in the name of another address");
    struct plait_intruder *intruder =
        plait_knock_as_at(a, victim, &door, other, plait_token_of(a, victim), OTHER_ID);
    PLAIT_CHECK(intruder);
    return answer_handshake(a, intruder);
}

bool plait_add_other(struct plait_attack *a, unsigned i)
{
    const struct plait_place other = {plait_stranger(a, i), (uint16_t)(OTHER_PORT + i)};
    if (!plait_has_messages(a))
        return join_other(a, &other);
    struct plait_claim_attempt add = {plait_victim(a), plait_home(a),
                                      add_of(a, &other, (uint8_t)(OTHER_ID + i))};
    plait_claim_buy(a, &add); /* with his own source, so that guesses are answered to him */
    if (!plait_claim_is_explicit(a))
        add.own = other;
    plait_step(a, "adds another address in the peer's name");
    plait_claim_speak(a, &add);
    if (plait_spoken(a)->reach == PLAIT_REACH_NONCE)
        return answer_nonce(a, &other);
    plait_pause(a, 10 * PLAIT_MS);
    return true;
}
