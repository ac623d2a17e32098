/* lab/claim_use.c: what an attacker does with a path that he had in a peer's name: the peer's
 * address is removed, he acknowledges, writes, or stands between the two ends (T-HIJ-2 to T-HIJ-6).
 */
#include "base/panic.h"
#include "lab/claim.h"
#include "lab/intruder.h"

enum { REMOVE_ID = 78 };

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
    struct plait_place peer = plait_claim_door(a, plait_other(victim));
    struct plait_claim_attempt remove = {
        victim, plait_claim_home(a, victim), {.what = PLAIT_CONTROL_REMOVE, .id = REMOVE_ID}};
    plait_step(a, "removes the peer's address");
    if (plait_claim_is_explicit(a)) {
        remove.message.addr = peer.addr;
        plait_claim_speak(a, &remove);
        return;
    }
    plait_claim_buy(a, &remove); /* with his own source, so that guesses are answered to him */
    remove.own = plait_claim_door(a, plait_other(victim));
    plait_claim_speak(a, &remove);
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
    plait_claim_speak(a, &(struct plait_claim_attempt){plait_victim(a), *from, *message});
}

static void say_to_peer(struct plait_attack *a, const struct plait_place *from,
                        const struct plait_mp_control *message)
{
    plait_claim_speak(a, &(struct plait_claim_attempt){plait_peer(a), *from, *message});
}

/* A subflow that he joined with acknowledges by itself. */
void plait_acknowledge(struct plait_attack *a)
{
    struct plait_place home = plait_home(a), door = plait_claim_door(a, plait_victim(a));
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
        .flow = {plait_claim_own_place(a, plait_victim(a)), plait_claim_door(a, plait_victim(a))}};
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
    const struct plait_flow_key way = {plait_claim_own_place(a, plait_victim(a)),
                                       plait_claim_door(a, plait_victim(a))};
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
    struct plait_place home = plait_claim_home(a, side), door = plait_claim_door(a, side);
    struct plait_intruder *pair = plait_pair_begin(a, &home, &door);
    a->claims_made.joined[side] = pair;
    return plait_pair_tell(a, pair, side == plait_victim(a) ? say_to_victim : say_to_peer);
}

bool plait_stand_between(struct plait_attack *a, bool alters)
{
    enum plait_side victim = plait_victim(a), peer = plait_peer(a);
    a->claims_made.passes_on = true;
    if (!plait_claim_path_of(a, victim) || !plait_claim_path_of(a, peer))
        return false;
    if (plait_pair_is_numbered(a) && (!number_pair(a, victim) || !number_pair(a, peer)))
        return false;
    a->relay = (struct plait_relay){.on = true,
                                    .alters = alters,
                                    .near = plait_claim_door(a, victim),
                                    .far = plait_claim_door(a, peer),
                                    .near_port = plait_claim_home(a, victim).port,
                                    .far_port = plait_claim_home(a, peer).port};
    if (a->claims_made.joined[victim])
        relay_joins(a);
    plait_step(a, alters ? "passes on what comes from either, and alters it"
                         : "passes on what comes from either");
    return true;
}
