/* lab/claim.c: what an attacker says in a peer's name: messages of Basic MPTCP
 * (docs/mechanisms/basic.md), what they need, and what he learns of them.
 *
 * A message needs the connection's identifier, which follows from the first pair: whoever did not
 * overhear it guesses the client's port.  M2 also wants the cookie of whom he speaks for. */
#include "lab/claim.h"

#include "mechanism/basic.h"

enum { OWN_PORT = 21000 };

struct plait_place plait_claim_home(const struct plait_attack *a, enum plait_side side)
{
    return (struct plait_place){plait_own_addr(a), (uint16_t)(OWN_PORT + (side == PLAIT_CLIENT))};
}

struct plait_place plait_home(const struct plait_attack *a)
{
    return plait_claim_home(a, plait_victim(a));
}

/* ---- what it takes ------------------------------------------------------------------------ */

bool plait_claim_is_explicit(const struct plait_attack *a)
{
    return plait_spoken(a)->messages == PLAIT_MESSAGES_EXPLICIT;
}

/* Pairs of one sequence space share the first one's port; a join's is another. */
static uint16_t first_port(const struct plait_attack *a)
{
    bool is_join = plait_knows_subflow(a) && a->known.subflows[0].is_join;
    return !is_join && plait_client_port(a) ? plait_client_port(a) : a->claims_made.port;
}

uint64_t plait_claim_identifier_of(const struct plait_attack *a, uint16_t client_port)
{
    const struct plait_flow_key first = {.src = {plait_addr_of(a, PLAIT_CLIENT), client_port},
                                         .dst = plait_service(a)};
    return plait_basic_identifier(&first);
}

/* Shown, or followed from a port that was shown. */
bool plait_claim_knows_identifier(const struct plait_attack *a)
{
    return a->known.has_key[PLAIT_SERVER] || first_port(a) != 0;
}

uint64_t plait_claim_identifier(const struct plait_attack *a)
{
    if (a->known.has_key[PLAIT_SERVER])
        return a->known.key[PLAIT_SERVER];
    return plait_claim_identifier_of(a, first_port(a));
}

bool plait_claim_needs_cookie(const struct plait_attack *a, enum plait_side speaker)
{
    struct plait_mp_control message = {0};
    if (!plait_has_messages(a))
        return false;
    plait_spoken(a)->seal_message(0, &message);
    return message.has_proof && !a->known.has_cookie[speaker];
}

/* Where SIDE is spoken to.  A message counts whatever port of it it comes to, and so does a join.
 */
struct plait_place plait_claim_door(const struct plait_attack *a, enum plait_side side)
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

void plait_claim_say_as(struct plait_attack *a, const struct plait_flow_key *way,
                        uint64_t connection, uint64_t cookie, struct plait_mp_control message)
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
    const struct plait_flow_key way = {*own, plait_claim_door(a, victim)};
    plait_claim_say_as(a, &way, plait_claim_identifier(a), a->known.cookie[plait_other(victim)],
                       *message);
}

/* Where his path with SIDE ends: a rewritten one keeps its port. */
struct plait_place plait_claim_own_place(const struct plait_attack *a, enum plait_side side)
{
    const struct plait_intruder *rewritten = plait_rewritten(a);
    return rewritten ? rewritten->own : plait_claim_home(a, side);
}

/* ---- hearing ------------------------------------------------------------------------------ */

void plait_claim_learn(struct plait_attack *a, uint64_t name)
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
    if (seen->at_home && seen->segment.dst_port == plait_claim_own_place(a, by).port &&
        !(seen->segment.flags & PLAIT_RST)) {
        a->claims_made.home = seen->segment;
        a->claims_made.has_home = true;
    }
    if (!control || !plait_has_messages(a))
        return;
    if (!a->known.has_key[PLAIT_SERVER])
        plait_claim_learn(a, control->connection);
    if (control->has_proof && !a->known.has_cookie[by]) {
        a->known.has_cookie[by] = true;
        a->known.cookie[by] = control->proof;
    }
}
