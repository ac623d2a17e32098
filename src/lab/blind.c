/* lab/blind.c: the reachability check of RFC 6181 §5, a handshake, answered in the name of a
 * stranger by somebody who does not see what comes to him; and ACKs in that name afterwards. */
#include <string.h>

#include "base/panic.h"
#include "lab/attack.h"
#include "lab/intruder.h"
#include "lab/trial.h"

enum {
    CHECK_LIMIT_MS = 100,
    WRONG_GUESSES = 1024,
    GUESSES_AT_ONCE = 32,
    SEGMENT_OCTETS = 1400,
    ROUNDS = 5,
    FIRST_ROUND_ACKS = 16,
    MOST_ACKS = 64,
    ROUND_MS = 20,
    STRANGER_ID = 99
};

static bool is_tcp(const struct plait_attack *a)
{
    return a->scenario->protocol == PLAIT_TCP;
}

struct plait_intruder *plait_knock_as(struct plait_attack *a, const struct plait_place *own)
{
    struct plait_place door = plait_service(a);
    struct plait_intruder *intruder = plait_intruder_new(a, PLAIT_SERVER, own->port, &door);
    PLAIT_CHECK(intruder);
    intruder->own = *own;
    intruder->is_plain = is_tcp(a);
    struct plait_segment syn = plait_intruder_segment(intruder, PLAIT_SYN);
    syn.options = (struct plait_tcp_options){.has_mss = true, .mss = SEGMENT_OCTETS};
    if (!is_tcp(a))
        plait_add_option(&syn, PLAIT_MP_JOIN)->join =
            (struct plait_mp_join){.form = PLAIT_JOIN_SYN,
                                   .addr_id = STRANGER_ID,
                                   .token = plait_token_of(a, PLAIT_SERVER),
                                   .nonce = intruder->own_nonce};
    plait_send(a, &syn);
    intruder->nxt++;
    return intruder;
}

/* ---- what the answer says ----------------------------------------------------------------- */

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

/* The third ACK with what he takes for the secrets of the check. */
static void answer_check(struct plait_attack *a, struct plait_intruder *intruder, uint32_t isn,
                         uint32_t nonce)
{
    intruder->rcv_nxt = isn + 1;
    intruder->peer_nonce = nonce;
    struct plait_segment ack = plait_intruder_segment(intruder, PLAIT_ACK);
    if (!intruder->is_plain) {
        struct plait_mp_join *proof = &plait_add_option(&ack, PLAIT_MP_JOIN)->join;
        *proof = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
        plait_prove_join(a, intruder, proof->hmac);
        intruder->stale_ack = plait_facts_first_dsn(&a->known, PLAIT_SERVER);
    }
    plait_send(a, &ack);
}

static void guess_check(struct plait_attack *a, struct plait_intruder *intruder)
{
    plait_wrong_guesses(a, true);
    for (uint64_t i = 0; i < WRONG_GUESSES; i++) {
        uint64_t guess = plait_own_draw(a, "answer of a check", i);
        answer_check(a, intruder, (uint32_t)guess, (uint32_t)(guess >> 32));
        if (i % GUESSES_AT_ONCE == GUESSES_AT_ONCE - 1)
            plait_pause(a, PLAIT_MS);
    }
    plait_wrong_guesses(a, false);
    plait_forget(intruder);
}

/* What he could not foretell in trials of his own he buys. */
static void settle_check(struct plait_attack *a, struct plait_intruder *intruder,
                         const struct plait_trial *trial, uint32_t predicted)
{
    const struct plait_check *check = &a->world->check;
    if (!trial->predicts_isn)
        plait_price_guess(&a->price, "initial sequence number of the check", 32);
    if (!is_tcp(a) && !trial->repeats_nonce && !trial->ignores_proof)
        plait_price_guess(&a->price, "nonce of the check", 32);
    answer_check(a, intruder, trial->predicts_isn ? predicted : check->isn,
                 trial->repeats_nonce ? trial->nonce : check->nonce);
}

struct plait_intruder *plait_buy_check(struct plait_attack *a, const struct plait_place *own)
{
    if (a->scenario->position->beside & PLAIT_HEARS_STRANGERS) {
        struct plait_intruder *shown = plait_knock_as(a, own);
        plait_answer_check(a, shown);
        return shown;
    }
    plait_step(a, "makes 1024 wrong guesses at what the check said, then buys it");
    struct plait_place other = {own->addr, (uint16_t)(own->port + 1)};
    guess_check(a, plait_knock_as(a, &other));
    /* In TCP the numbers are the host's, whatever the mechanism (RFC 6528): nothing to find out. */
    struct plait_trial trial = {0};
    uint32_t predicted = 0;
    if (!is_tcp(a))
        trial = plait_try_joining(a);
    if (trial.predicts_isn)
        predicted = plait_predicted_isn(a, &trial);
    struct plait_intruder *intruder = plait_knock_as(a, own);
    if (!await_check(a, &a->world->check, own)) {
        plait_refused(a, "the check was not made");
        return NULL;
    }
    settle_check(a, intruder, &trial, predicted);
    return intruder;
}

void plait_answer_check(struct plait_attack *a, struct plait_intruder *intruder)
{
    bool granted = a->scenario->grants & PLAIT_GRANT_CHECK;
    const struct plait_check *check = granted ? &a->world->check : &a->check;
    if (await_check(a, check, &intruder->own)) {
        answer_check(a, intruder, check->isn, (uint32_t)check->nonce);
        return;
    }
    answer_check(a, intruder, (uint32_t)plait_own_draw(a, "check ISN", 0),
                 (uint32_t)plait_own_draw(a, "check nonce", 0));
    plait_refused(a, "the check went to the stranger, and its answer could only be guessed");
}

/* ---- afterwards --------------------------------------------------------------------------- */

static void send_ack(struct plait_attack *a, const struct plait_intruder *intruder, uint32_t ahead)
{
    struct plait_segment ack = plait_intruder_segment(intruder, PLAIT_ACK);
    ack.ack += ahead;
    plait_intruder_add_dss(intruder, &ack);
    plait_send(a, &ack);
}

/* He does not see what was sent: an ACK beyond it is ignored (RFC 9293 §3.10.7.4), one below is
 * old. */
void plait_sustain(struct plait_attack *a, const struct plait_intruder *intruder)
{
    uint32_t acks = FIRST_ROUND_ACKS;
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 1; i <= acks; i++)
            send_ack(a, intruder, i * SEGMENT_OCTETS);
        plait_pause(a, ROUND_MS * PLAIT_MS);
        acks = 2 * acks > MOST_ACKS ? MOST_ACKS : 2 * acks;
    }
}

void plait_say_as(struct plait_attack *a, struct plait_intruder *intruder, const void *payload,
                  size_t payload_octets)
{
    struct plait_segment data = plait_intruder_segment(intruder, PLAIT_ACK | PLAIT_PSH);
    data.payload = payload;
    data.payload_octets = payload_octets;
    plait_send(a, &data);
    intruder->nxt += (uint32_t)payload_octets;
}

void plait_hush(struct plait_attack *a)
{
    if (!a->scenario->position->participant)
        plait_panic("position: no host of his own", "%s is no participant",
                    a->scenario->position->name);
    for (unsigned path = 0; path < a->world->topology->path_count; path++)
        plait_net_set_link_up(a->world->net, a->world->path_links[path], false);
}

void plait_dismiss_accomplice(struct plait_attack *a)
{
    if (a->has_stranger_tap)
        plait_net_end_tap(a->world->net, a->stranger_tap);
}

/* ---- addresses that change hands ---------------------------------------------------------- */

bool plait_may_leave_address(const struct plait_attack *a)
{
    return (a->scenario->position->beside & PLAIT_LEAVES_ADDRESS) ||
           (a->scenario->grants & PLAIT_GRANT_MOVED);
}

void plait_leave_address(struct plait_attack *a)
{
    if (!plait_may_leave_address(a))
        plait_panic("position: no address to leave", "%s keeps its addresses",
                    a->scenario->position->name);
    struct plait_world *world = a->world;
    unsigned path = a->scenario->dialled;
    bool somebody = world->stranger_nodes[0] >= 0;
    plait_world_reassign(world, path, somebody ? world->stranger_links[0] : world->path_links[path],
                         true);
}

static unsigned inherited_path(const struct plait_attack *a)
{
    const struct plait_position *position = a->scenario->position;
    if (!(position->beside & PLAIT_INHERITS))
        plait_panic("position: no address to inherit", "%s gets no address by lease",
                    position->name);
    return position->paths >> 1 & 1;
}

void plait_inherit_address(struct plait_attack *a)
{
    plait_attack_inherit(a, inherited_path(a));
}

struct plait_addr plait_inherited_addr(const struct plait_attack *a)
{
    return a->world->client_addrs[inherited_path(a)];
}

struct plait_intruder *plait_speak_on(struct plait_attack *a, const struct plait_numbers *numbers)
{
    struct plait_intruder *intruder =
        plait_intruder_new(a, plait_victim(a), numbers->flow.src.port, &numbers->flow.dst);
    PLAIT_CHECK(intruder);
    intruder->own = numbers->flow.src;
    intruder->is_plain = is_tcp(a);
    intruder->nxt = intruder->isn = numbers->seq;
    intruder->rcv_nxt = numbers->ack;
    if (!is_tcp(a))
        intruder->stale_ack = plait_facts_first_dsn(&a->known, plait_victim(a));
    return intruder;
}

struct plait_intruder *plait_continue(struct plait_attack *a, const struct plait_segment *segment)
{
    const struct plait_place peer = {segment->ip.src, segment->src_port};
    struct plait_intruder *intruder =
        plait_intruder_new(a, plait_victim(a), segment->dst_port, &peer);
    PLAIT_CHECK(intruder);
    intruder->own.addr = segment->ip.dst;
    intruder->is_plain = segment->mptcp_count == 0;
    intruder->nxt = intruder->isn = segment->ack;
    intruder->rcv_nxt = segment->seq;
    intruder->established = true;
    return intruder;
}
