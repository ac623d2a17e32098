/* lab/claim.c: what an attacker says in a peer's name to get a path of his own: messages of Basic
 * MPTCP (docs/mechanisms/basic.md), and a join where paths have a handshake.
 *
 * A message needs the connection's identifier, which follows from the first pair: whoever did not
 * overhear it guesses the client's port.  M2 also wants the cookie of whom he speaks for.  A join
 * needs a token: M1h's follows from the identifier, those of v0 and v1 are guessed whole, and their
 * proofs too. */
#include <math.h>

#include "base/panic.h"
#include "lab/attack.h"
#include "lab/intruder.h"
#include "lab/trial.h"
#include "mechanism/basic.h"

enum {
    WRONG_GUESSES = 1024,
    AT_ONCE = 32,
    OWN_PORT = 21000,
    GUESS_PORT = 22000,
    COOKIE_BITS = 64,
    CHECK_LIMIT_S = 1,
    ANSWER_LIMIT_MS = 1500,
    ADD_ID = 77,
    OTHER_ID = 80,
    REMOVE_ID = 78
};

struct plait_place plait_claim_home(const struct plait_attack *a, enum plait_side side)
{
    return (struct plait_place){plait_own_addr(a), (uint16_t)(OWN_PORT + (side == PLAIT_CLIENT))};
}

struct plait_place plait_home(const struct plait_attack *a)
{
    return plait_claim_home(a, plait_victim(a));
}

/* ---- what it takes ------------------------------------------------------------------------ */

static bool is_explicit(const struct plait_attack *a)
{
    return plait_spoken(a)->messages == PLAIT_MESSAGES_EXPLICIT;
}

/* Pairs of one sequence space share the first one's port; a join's is another. */
static uint16_t first_port(const struct plait_attack *a)
{
    bool is_join = plait_knows_subflow(a) && a->known.subflows[0].is_join;
    return !is_join && plait_client_port(a) ? plait_client_port(a) : a->claims_made.port;
}

static uint64_t identifier_of_port(const struct plait_attack *a, uint16_t client_port)
{
    const struct plait_flow_key first = {.src = {plait_addr_of(a, PLAIT_CLIENT), client_port},
                                         .dst = plait_service(a)};
    return plait_basic_identifier(&first);
}

/* Shown, or followed from a port that was shown. */
static bool knows_identifier(const struct plait_attack *a)
{
    return a->known.has_key[PLAIT_SERVER] || first_port(a) != 0;
}

static uint64_t identifier(const struct plait_attack *a)
{
    if (a->known.has_key[PLAIT_SERVER])
        return a->known.key[PLAIT_SERVER];
    return identifier_of_port(a, first_port(a));
}

static bool needs_cookie(const struct plait_attack *a, enum plait_side speaker)
{
    struct plait_mp_control message = {0};
    if (!plait_has_messages(a))
        return false;
    plait_spoken(a)->seal_message(0, &message);
    return message.has_proof && !a->known.has_cookie[speaker];
}

/* Where SIDE is spoken to.  A message counts whatever port of it it comes to, and so does a join.
 */
static struct plait_place door_of(const struct plait_attack *a, enum plait_side side)
{
    if (side == PLAIT_SERVER)
        return plait_service(a);
    uint16_t port = first_port(a);
    return (struct plait_place){plait_addr_of(a, PLAIT_CLIENT),
                                port ? port : plait_ports_of(a).first};
}

/* Where a message needs one: bought for the victim; what the victim said tells what its peer
 * expects. */
static uint32_t number_of_message(const struct plait_attack *a, const struct plait_flow_key *way)
{
    const struct plait_segment *home = &a->claims_made.home;
    bool is_of_victim = plait_addr_equal(&home->ip.src, &way->dst.addr);
    return a->claims_made.has_home && !is_of_victim ? home->seq : a->message_number;
}

static void say_as(struct plait_attack *a, const struct plait_flow_key *way, uint64_t connection,
                   uint64_t cookie, struct plait_mp_control message)
{
    struct plait_numbers numbers = {.flow = *way, .seq = number_of_message(a, way)};
    if (message.what == PLAIT_CONTROL_ANSWER) {
        numbers.seq = plait_pair_isn(a, way);
        if (plait_pair_is_numbered(a))
            plait_pair_begin(a, &way->src, &way->dst)->has_told_isn = true;
    }
    struct plait_segment segment = plait_forged(&numbers, PLAIT_ACK);
    message.connection = connection;
    segment.mptcp[segment.mptcp_count++] = plait_basic_message(plait_spoken(a), cookie, &message);
    plait_send(a, &segment);
}

void plait_claim_say(struct plait_attack *a, enum plait_side victim, const struct plait_place *own,
                     const struct plait_mp_control *message)
{
    const struct plait_flow_key way = {*own, door_of(a, victim)};
    say_as(a, &way, identifier(a), a->known.cookie[plait_other(victim)], *message);
}

/* Where his path with SIDE ends: a rewritten one keeps its port. */
static struct plait_place own_place(const struct plait_attack *a, enum plait_side side)
{
    const struct plait_intruder *rewritten = plait_rewritten(a);
    return rewritten ? rewritten->own : plait_claim_home(a, side);
}

/* ---- hearing ------------------------------------------------------------------------------ */

static void learn_identifier(struct plait_attack *a, uint64_t name)
{
    if (!a->known.mechanism)
        a->known.mechanism = plait_spoken(a); /* which one is spoken is no secret */
    for (int side = 0; side < 2; side++)
        plait_facts_learn_key(&a->known, (enum plait_side)side, name);
}

static enum plait_side sender_of(const struct plait_attack *a, const struct plait_segment *segment)
{
    return plait_addr_equal(&segment->ip.src, &a->world->server_addr) ? PLAIT_SERVER : PLAIT_CLIENT;
}

void plait_claim_hear(struct plait_attack *a, const struct plait_seen *seen)
{
    const struct plait_mp_control *control = plait_segment_control(&seen->segment);
    enum plait_side by = sender_of(a, &seen->segment);
    if (seen->at_home && seen->segment.dst_port == own_place(a, by).port &&
        !(seen->segment.flags & PLAIT_RST)) {
        a->claims_made.home = seen->segment;
        a->claims_made.has_home = true;
    }
    if (!control || !plait_has_messages(a))
        return;
    if (!a->known.has_key[PLAIT_SERVER])
        learn_identifier(a, control->connection);
    if (control->has_proof && !a->known.has_cookie[by]) {
        a->known.has_cookie[by] = true;
        a->known.cookie[by] = control->proof;
    }
}

/* ---- buying ------------------------------------------------------------------------------- */

/* What is tried with wrong guesses, and said once they are right. */
struct attempt {
    enum plait_side victim;
    struct plait_place own;
    struct plait_mp_control message; /* nothing where paths are joined */
};

static uint16_t knock_wrong(struct plait_attack *a, enum plait_side victim, uint32_t token)
{
    struct plait_place door = door_of(a, victim);
    uint16_t port = (uint16_t)(GUESS_PORT + token % 8192);
    struct plait_intruder *guess = plait_knock_at(a, victim, &door, port, token, ADD_ID);
    if (guess)
        plait_forget(guess);
    return port;
}

static uint16_t try_token(struct plait_attack *a, uint32_t token)
{
    return knock_wrong(a, plait_victim(a), token);
}

static void try_wrong(struct plait_attack *a, const struct attempt *t, uint64_t name,
                      uint64_t cookie)
{
    const struct plait_flow_key way = {t->own, door_of(a, t->victim)};
    if (plait_has_messages(a))
        say_as(a, &way, name, cookie, t->message);
    else
        (void)knock_wrong(a, t->victim, plait_spoken(a)->token(name));
}

/* Wrong in the port, or, once that is known, in the cookie. */
static void guess_wrong(struct plait_attack *a, const struct attempt *t)
{
    const struct plait_ports ports = plait_ports_of(a);
    uint16_t true_port = a->world->truth.subflows[0].half[PLAIT_CLIENT].place.port;
    bool needs = needs_cookie(a, plait_other(t->victim));
    plait_wrong_guesses(a, true);
    for (unsigned i = 0; i < WRONG_GUESSES; i++) {
        uint64_t draw = plait_own_draw(a, "identifier", i);
        uint16_t port = (uint16_t)(ports.first + ports.step * (draw % ports.count));
        bool known = knows_identifier(a);
        if (!known && port == true_port && !needs)
            continue;
        try_wrong(a, t, known ? identifier(a) : identifier_of_port(a, port),
                  plait_own_draw(a, "cookie", i));
        if (i % AT_ONCE == AT_ONCE - 1)
            plait_pause(a, PLAIT_MS);
    }
    plait_wrong_guesses(a, false);
}

/* An answer to what he says from his own place. */
static bool is_answer_home(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->at_home && plait_segment_control(&seen->segment);
}

static void buy_port(struct plait_attack *a, const struct attempt *t)
{
    plait_step(a, "makes 1024 wrong guesses at the client's port, then buys it");
    guess_wrong(a, t);
    plait_price_guess(&a->price, "client port", log2(plait_ports_of(a).count));
    a->claims_made.port = a->world->truth.subflows[0].half[PLAIT_CLIENT].place.port;
    learn_identifier(a, a->world->truth.key[PLAIT_SERVER]);
}

/* A cookie that was told in a connection of his own may be as good as the peer's.  True if it is:
 * then the message has been taken. */
static bool try_own_cookie(struct plait_attack *a, const struct attempt *t, uint64_t own)
{
    enum plait_side speaker = plait_other(t->victim);
    const struct plait_flow_key way = {t->own, door_of(a, t->victim)};
    plait_step(a, "says in the peer's name the cookie that it told the victim of its own");
    say_as(a, &way, identifier(a), own, t->message);
    if (!plait_await(a, is_answer_home, NULL, ANSWER_LIMIT_MS * PLAIT_MS)) {
        plait_price_played(&a->price, -1); /* a wrong guess */
        return false;
    }
    a->known.has_cookie[speaker] = true;
    a->known.cookie[speaker] = own;
    return true;
}

/* Whoever is answered to a wrong cookie needs none: a PROBE is repeated after a second. */
static void buy_cookie(struct plait_attack *a, const struct attempt *t)
{
    enum plait_side speaker = plait_other(t->victim);
    plait_step(a, "makes 1024 wrong guesses at the peer's cookie, then buys it");
    guess_wrong(a, t);
    a->known.has_cookie[speaker] = true;
    if (plait_await(a, is_answer_home, NULL, ANSWER_LIMIT_MS * PLAIT_MS))
        return;
    plait_price_guess(&a->price, "cookie", COOKIE_BITS);
    a->known.cookie[speaker] = a->world->truth.cookie[speaker];
}

/* As far as he knows neither port nor cookie better. */
static void try_number(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    const struct attempt *t = argument;
    const struct plait_flow_key way = {t->own, door_of(a, t->victim)};
    const struct plait_place *client =
        t->victim == PLAIT_SERVER ? &numbers->flow.src : &numbers->flow.dst;
    a->message_number = numbers->seq;
    say_as(a, &way, identifier_of_port(a, client->port), a->known.cookie[plait_other(t->victim)],
           t->message);
}

/* The switch `needs_number`: a message must lie in the window of the connection that it names, and
 * only one that does is answered, so port and number are guessed together. */
static void buy_number(struct plait_attack *a, const struct attempt *t)
{
    struct attempt tried = *t;
    struct plait_numbers right =
        plait_get_numbers(a, 0, PLAIT_ACCEPT_SEQ_IN_WINDOW, try_number, &tried);
    const struct plait_place *client =
        t->victim == PLAIT_SERVER ? &right.flow.src : &right.flow.dst;
    a->message_number = right.seq;
    a->has_message_number = true;
    a->claims_made.port = client->port;
    learn_identifier(a, identifier_of_port(a, client->port));
}

static void buy(struct plait_attack *a, const struct attempt *t)
{
    uint64_t own = 0;
    bool has_own =
        t->victim == PLAIT_SERVER && needs_cookie(a, PLAIT_CLIENT) && plait_call(a, &own);
    if (a->scenario->basic.needs_number && !a->has_message_number)
        buy_number(a, t);
    if (!knows_identifier(a))
        buy_port(a, t);
    bool is_taken = has_own && try_own_cookie(a, t, own);
    if (!is_taken && needs_cookie(a, plait_other(t->victim)))
        buy_cookie(a, t);
    if (has_own)
        plait_hang_up(a);
}

static void say(struct plait_attack *a, const struct attempt *t)
{
    buy(a, t);
    plait_claim_say(a, t->victim, &t->own, &t->message);
}

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
    struct attempt answer = {victim, *own, *plait_segment_control(plait_answer(a))};
    answer.message.what = PLAIT_CONTROL_ANSWER;
    plait_step(a, "answers the reachability check, for he can be reached");
    say(a, &answer);
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
    if (is_explicit(a)) {
        add.addr = own->addr;
        add.port = own->port;
    }
    return add;
}

static bool add_home(struct plait_attack *a, enum plait_side victim)
{
    struct plait_place home = plait_claim_home(a, victim);
    const struct attempt add = {victim, home, add_of(a, &home, ADD_ID)};
    plait_step(a, "adds its own address in the peer's name");
    buy(a, &add);
    struct plait_place door = door_of(a, victim);
    if (plait_pair_is_numbered(a))
        (void)plait_pair_begin(a, &home, &door); /* hears the victim's number */
    say(a, &add);
    return await_pair(a, victim, &home);
}

/* ---- a path with a handshake -------------------------------------------------------------- */

static void learn_token(struct plait_attack *a, enum plait_side victim)
{
    const struct attempt join = {victim, plait_claim_home(a, victim), {0}};
    if (a->known.has_token[victim])
        return;
    if (plait_spoken(a)->key != PLAIT_KEY_FIRST_PAIR) {
        plait_step(a, "guesses tokens until a SYN is answered");
        (void)plait_get_token(a, victim, try_token);
    } else if (knows_identifier(a)) {
        learn_identifier(a, identifier(a));
    } else {
        buy_port(a, &join);
    }
}

static bool join_home(struct plait_attack *a, enum plait_side victim)
{
    learn_token(a, victim);
    struct plait_place door = door_of(a, victim);
    bool can = plait_can_join(a);
    plait_step(a, can ? "joins from its own address in the peer's name"
                      : "guesses the 160 bits of the proof, a join for each guess");
    a->claims_made.joined[victim] =
        can ? plait_join_at(a, victim, &door, plait_claim_home(a, victim).port, ADD_ID)
            : plait_guess_proof(a, &door, plait_token_of(a, victim), ADD_ID);
    return a->claims_made.joined[victim] != NULL;
}

static bool claim_path_of(struct plait_attack *a, enum plait_side victim)
{
    return plait_has_messages(a) ? add_home(a, victim) : join_home(a, victim);
}

bool plait_claim_path(struct plait_attack *a)
{
    return claim_path_of(a, plait_victim(a));
}

/* ---- what he does with it ----------------------------------------------------------------- */

static void try_reset(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    (void)argument;
    struct plait_segment reset = plait_forged(numbers, PLAIT_RST);
    plait_send(a, &reset);
}

/* No message does it: the peer's path ends as a TCP connection does. */
static void reset_peer(struct plait_attack *a)
{
    struct plait_numbers numbers = plait_get_numbers(a, 0, PLAIT_ACCEPT_EXACT_SEQ, try_reset, NULL);
    plait_step(a, "resets the peer's path");
    try_reset(a, &numbers, NULL);
}

static void remove_peer_of(struct plait_attack *a, enum plait_side victim)
{
    if (!plait_has_messages(a)) {
        PLAIT_CHECK(victim == plait_victim(a));
        reset_peer(a);
        return;
    }
    struct plait_place peer = door_of(a, plait_other(victim));
    struct attempt remove = {
        victim, plait_claim_home(a, victim), {.what = PLAIT_CONTROL_REMOVE, .id = REMOVE_ID}};
    plait_step(a, "removes the peer's address");
    if (is_explicit(a)) {
        remove.message.addr = peer.addr;
        say(a, &remove);
        return;
    }
    buy(a, &remove); /* with his own source, so that guesses are answered to him */
    remove.own = door_of(a, plait_other(victim));
    say(a, &remove);
}

void plait_remove_peer(struct plait_attack *a)
{
    remove_peer_of(a, plait_victim(a));
}

void plait_remove_both(struct plait_attack *a)
{
    remove_peer_of(a, plait_victim(a));
    remove_peer_of(a, plait_peer(a));
}

static void say_to_victim(struct plait_attack *a, const struct plait_place *from,
                          const struct plait_mp_control *message)
{
    say(a, &(struct attempt){plait_victim(a), *from, *message});
}

static void say_to_peer(struct plait_attack *a, const struct plait_place *from,
                        const struct plait_mp_control *message)
{
    say(a, &(struct attempt){plait_peer(a), *from, *message});
}

/* A subflow that he joined with acknowledges by itself. */
void plait_acknowledge(struct plait_attack *a)
{
    struct plait_place home = plait_home(a), door = door_of(a, plait_victim(a));
    if (plait_pair_is_numbered(a)) {
        struct plait_intruder *pair = plait_pair_begin(a, &home, &door);
        pair->mute = !plait_pair_tell(a, pair, say_to_victim);
    } else if (plait_has_messages(a) && a->claims_made.has_home) {
        struct plait_intruder *intruder = plait_continue(a, &a->claims_made.home);
        intruder->is_plain = true;
    }
}

/* The one sequence space: whatever he heard last tells what is next. */
static bool next_numbers(const struct plait_attack *a, struct plait_numbers *numbers)
{
    const struct plait_segment *home = &a->claims_made.home;
    const struct plait_half *peer = &a->known.subflows[0].half[plait_peer(a)];
    *numbers = (struct plait_numbers){
        .flow = {own_place(a, plait_victim(a)), door_of(a, plait_victim(a))}};
    if (a->claims_made.has_home) {
        numbers->seq = home->ack;
        numbers->ack = home->seq + (uint32_t)home->payload_octets;
    } else {
        numbers->seq = peer->nxt;
        numbers->ack = peer->ack;
    }
    return a->claims_made.has_home || (plait_knows_subflow(a) && peer->has_nxt && peer->has_ack);
}

/* Full, so that it reaches beyond what the peer may write meanwhile. */
void plait_write_as_peer(struct plait_attack *a)
{
    struct plait_intruder *joined = a->claims_made.joined[plait_victim(a)];
    const struct plait_flow_key way = {own_place(a, plait_victim(a)), door_of(a, plait_victim(a))};
    if (plait_pair_is_numbered(a)) {
        plait_pair_write(a, &way, say_to_victim);
        return;
    }
    plait_step(a, "writes as the peer");
    if (joined) {
        plait_intrude(a, joined, plait_full_payload(), PLAIT_FULL_OCTETS);
        return;
    }
    struct plait_numbers numbers;
    if (!next_numbers(a, &numbers)) {
        plait_refused(a, "he has heard of no number of the connection");
        return;
    }
    struct plait_segment data = plait_forged(&numbers, PLAIT_ACK | PLAIT_PSH);
    data.payload = plait_full_payload();
    data.payload_octets = PLAIT_FULL_OCTETS;
    plait_send(a, &data);
}

/* ---- in the middle (T-HIJ-5) -------------------------------------------------------------- */

/* Where paths have numbers of their own, each end counts from the start of its own handshake. */
static void relay_joins(struct plait_attack *a)
{
    const struct plait_intruder *near = a->claims_made.joined[plait_victim(a)];
    const struct plait_intruder *far = a->claims_made.joined[plait_peer(a)];
    a->relay.near_shift = far->isn - near->peer_isn;
    a->relay.far_shift = near->isn - far->peer_isn;
}

/* Whoever counts by himself on his pair must have been told, and have told, from where. */
static bool number_pair(struct plait_attack *a, enum plait_side side)
{
    struct plait_place home = plait_claim_home(a, side), door = door_of(a, side);
    struct plait_intruder *pair = plait_pair_begin(a, &home, &door);
    a->claims_made.joined[side] = pair;
    return plait_pair_tell(a, pair, side == plait_victim(a) ? say_to_victim : say_to_peer);
}

bool plait_stand_between(struct plait_attack *a, bool alters)
{
    enum plait_side victim = plait_victim(a), peer = plait_peer(a);
    a->claims_made.passes_on = true;
    if (!claim_path_of(a, victim) || !claim_path_of(a, peer))
        return false;
    if (plait_pair_is_numbered(a) && (!number_pair(a, victim) || !number_pair(a, peer)))
        return false;
    a->relay = (struct plait_relay){.on = true,
                                    .alters = alters,
                                    .near = door_of(a, victim),
                                    .far = door_of(a, peer),
                                    .near_port = plait_claim_home(a, victim).port,
                                    .far_port = plait_claim_home(a, peer).port};
    if (a->claims_made.joined[victim])
        relay_joins(a);
    plait_step(a, alters ? "passes on what comes from either, and alters it"
                         : "passes on what comes from either");
    return true;
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
    struct attempt answer = {
        plait_victim(a), *other, {.what = PLAIT_CONTROL_ANSWER, .id = OTHER_ID}};
    bool known = is_check_known(a);
    answer.message.nonce = known ? a->world->check.nonce : plait_own_draw(a, "nonce of a check", 0);
    if (known || plait_may_spoof(a))
        say(a, &answer);
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
    struct plait_place door = door_of(a, victim);
    plait_step(a, "joins in the name of another address");
    struct plait_intruder *intruder =
        plait_knock_as_at(a, victim, &door, other, plait_token_of(a, victim), OTHER_ID);
    PLAIT_CHECK(intruder);
    return answer_handshake(a, intruder);
}

bool plait_add_other(struct plait_attack *a, unsigned i)
{
    const struct plait_place other = {plait_stranger(a, i), (uint16_t)(OWN_PORT + 100 + i)};
    if (!plait_has_messages(a))
        return join_other(a, &other);
    struct attempt add = {plait_victim(a), plait_home(a),
                          add_of(a, &other, (uint8_t)(OTHER_ID + i))};
    buy(a, &add); /* with his own source, so that guesses are answered to him */
    if (!is_explicit(a))
        add.own = other;
    plait_step(a, "adds another address in the peer's name");
    say(a, &add);
    if (plait_spoken(a)->reach == PLAIT_REACH_NONCE)
        return answer_nonce(a, &other);
    plait_pause(a, 10 * PLAIT_MS);
    return true;
}
