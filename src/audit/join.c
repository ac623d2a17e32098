/* audit/join.c: MP_JOIN: three messages, two MACs, and a token that may be of several connections.
 *
 * Tokens are unique on one host only (RFC 8684 §3.1).  A SYN is taken for the connection whose
 * addresses fit, and moved when a MAC shows another one of the same token. */
#include "audit/join.h"

#include <string.h>

#include "audit/address.h"
#include "audit/data.h"
#include "audit/memory.h"
#include "audit/rules.h"
#include "crypto/digest.h"

#define MAC_SYN_ACK_OCTETS 8

/* ---- which connection ----------------------------------------------------------------------- */

static struct plait_addr addr_of(const struct plait_packet *p, const uint8_t *octets)
{
    struct plait_addr addr = {.family = p->family};
    memcpy(addr.octets, octets, p->addr_octets);
    return addr;
}

/* How well P, sent by END, fits connection C: a point for each address that is known there. */
static unsigned fit(const struct plait_audit *a, uint32_t connection, const struct plait_packet *p,
                    unsigned end)
{
    struct plait_addr src = addr_of(p, p->src), dst = addr_of(p, p->dst);
    return 2u * plait_address_is_known(a, connection, !end, &dst) +
           plait_address_is_known(a, connection, end, &src);
}

uint32_t plait_join_target(struct plait_audit *a, const struct plait_packet *p,
                           const struct plait_mp_join *option, unsigned *end, bool *is_ambiguous)
{
    uint32_t best = 0;
    unsigned best_fit = 0, equals = 0;
    if (option->form != PLAIT_JOIN_SYN)
        return 0;
    struct plait_index_walk walk = plait_store_walk_token(a, option->token);
    for (uint32_t node; (node = plait_store_by_token(a, option->token, &walk));) {
        uint32_t connection = plait_token_connection(node);
        unsigned sender = !plait_token_end(node), points = fit(a, connection, p, sender) + 1;
        equals = points == best_fit ? equals + 1 : points > best_fit ? 0 : equals;
        if (points > best_fit) {
            best = connection;
            best_fit = points;
            *end = sender;
        }
    }
    if (!best)
        plait_count(a, PLAIT_COUNT_JOINS_UNKNOWN);
    *is_ambiguous = equals;
    return best;
}

/* ---- the SYN -------------------------------------------------------------------------------- */

static void say_join(struct plait_at *at, const struct plait_mp_join *o, bool is_known)
{
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, PLAIT_SAW_JOIN);
    event.token = o->token;
    event.nonce = o->nonce;
    event.addr_id = o->addr_id;
    event.has_addr_id = true;
    event.backup = o->backup;
    event.from = plait_store_place(at->a, at->s, at->end);
    event.to = plait_store_place(at->a, at->s, !at->end);
    event.judgement = is_known ? PLAIT_VALID : PLAIT_CANNOT_TELL;
    event.cause = is_known ? NULL : "token of no connection in this capture";
    plait_say(at, &event);
}

static void take_syn(struct plait_at *at, const struct plait_mp_join *o)
{
    struct plait_join *join = plait_store_join(at->a, at->subflow_number, true);
    if (join->has_token && join->has_nonce[0] && join->nonce[0] == o->nonce) {
        plait_rule_join_again(at);
        return;
    }
    bool is_orphan = at->c->flags & PLAIT_CON_ORPHAN;
    join->token = o->token;
    join->nonce[0] = o->nonce;
    join->has_token = join->has_nonce[0] = true;
    join->syn = at->ref;
    join->is_ambiguous = at->is_ambiguous;
    if (join->is_ambiguous)
        plait_count(at->a, PLAIT_COUNT_JOINS_AMBIGUOUS);
    at->s->addr_id[at->end] = o->addr_id;
    if (o->backup)
        at->s->flags |= PLAIT_SUB_BACKUP;
    say_join(at, o, !is_orphan);
    plait_rule_join_syn(at, o, !is_orphan);
}

/* ---- MACs ----------------------------------------------------------------------------------- */

static bool knows_keys(const struct plait_connection *c)
{
    const uint32_t both = PLAIT_CON_KEY_0 | PLAIT_CON_KEY_1;
    return (c->flags & both) == both && c->version <= PLAIT_AUDIT_V1;
}

/* Whether OCTETS of MAC are what END of C, with these nonces, sends. */
static bool is_mac(const struct plait_connection *c, unsigned end, uint32_t own_nonce,
                   uint32_t peer_nonce, const uint8_t *mac, size_t octets)
{
    uint8_t proof[PLAIT_JOIN_HMAC_OCTETS];
    if (!knows_keys(c))
        return false;
    plait_mechanism_of(c)->join_proof(c->key[end], c->key[!end], own_nonce, peer_nonce, proof);
    return plait_mac_equal(proof, mac, octets);
}

/* Another connection of the same token, whose keys give MAC; its end that has the token is who was
 * joined. */
static uint32_t other_with_mac(const struct plait_at *at, const struct plait_join *join,
                               bool by_joined, const uint8_t *mac, size_t octets, unsigned *joined)
{
    struct plait_index_walk walk = plait_store_walk_token(at->a, join->token);
    for (uint32_t node; (node = plait_store_by_token(at->a, join->token, &walk));) {
        uint32_t connection = plait_token_connection(node);
        *joined = plait_token_end(node);
        if (is_mac(plait_con(at->a, connection), by_joined ? *joined : !*joined,
                   join->nonce[by_joined], join->nonce[!by_joined], mac, octets))
            return connection;
    }
    return 0;
}

static void move(struct plait_at *at, uint32_t connection, unsigned joined)
{
    unsigned joined_now = at->s->flags & PLAIT_SUB_OPENER_1 ? 0 : 1;
    uint64_t before = at->c->number;
    bool swap = joined != joined_now;
    plait_store_move(at->a, at->subflow_number, connection, swap);
    at->connection_number = connection;
    at->c = plait_con(at->a, connection);
    at->end ^= swap;
    plait_count(at->a, PLAIT_COUNT_JOINS_REBOUND);
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, PLAIT_SAW_JOIN_BOUND);
    event.value = before;
    event.cause = "its MAC is valid here";
    plait_say(at, &event);
}

/* An invalid MAC says something only where the connection must be the right one: the address that
 * was joined is one of its own. */
static bool must_be_valid(const struct plait_at *at)
{
    unsigned joined = at->s->flags & PLAIT_SUB_OPENER_1 ? 0 : 1;
    struct plait_place place = plait_store_place(at->a, at->s, joined);
    return plait_address_is_known_elsewhere(at->a, at->connection_number, at->subflow_number,
                                            joined, &place.addr);
}

static enum plait_judgement judge(struct plait_at *at, const struct plait_join *join,
                                  bool by_joined, const uint8_t *mac, size_t octets)
{
    if (!join || !join->has_nonce[0] || !join->has_nonce[1])
        return PLAIT_CANNOT_TELL;
    if (is_mac(at->c, at->end, join->nonce[by_joined], join->nonce[!by_joined], mac, octets))
        return PLAIT_VALID;
    unsigned joined;
    uint32_t other = other_with_mac(at, join, by_joined, mac, octets, &joined);
    if (other) {
        move(at, other, joined);
        return PLAIT_VALID;
    }
    return knows_keys(at->c) && must_be_valid(at) ? PLAIT_INVALID : PLAIT_CANNOT_TELL;
}

static void say_proof(struct plait_at *at, const struct plait_mp_join *o, uint8_t step,
                      enum plait_judgement judgement)
{
    static const enum plait_audit_count counts[] = {[PLAIT_CANNOT_TELL] =
                                                        PLAIT_COUNT_MACS_CANNOT_TELL,
                                                    [PLAIT_VALID] = PLAIT_COUNT_MACS_VALID,
                                                    [PLAIT_INVALID] = PLAIT_COUNT_MACS_INVALID,
                                                    [PLAIT_PRE_RFC] = PLAIT_COUNT_MACS_PRE_RFC};
    plait_count(at->a, counts[judgement]);
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, PLAIT_SAW_JOIN_PROOF);
    event.step = step;
    event.judgement = judgement;
    event.nonce = o->nonce;
    event.addr_id = o->addr_id;
    event.has_addr_id = step == 1;
    plait_say(at, &event);
}

static void note_judgement(struct plait_at *at, uint32_t proof, enum plait_judgement judgement,
                           struct plait_join *join)
{
    if (judgement == PLAIT_VALID && join && join->is_ambiguous) { /* now it is told */
        join->is_ambiguous = false;
        at->a->counts.count[PLAIT_COUNT_JOINS_AMBIGUOUS]--;
    }
    at->s->flags |= judgement == PLAIT_VALID     ? proof
                    : judgement == PLAIT_INVALID ? PLAIT_SUB_PROOF_BAD
                                                 : 0;
    if (judgement == PLAIT_VALID)
        plait_store_revive(at->c);
    if (judgement == PLAIT_INVALID)
        plait_rule_join_mac(at, join ? &join->syn : NULL);
}

static void take_syn_ack(struct plait_at *at, const struct plait_mp_join *o)
{
    struct plait_join *join = plait_store_join(at->a, at->subflow_number, true);
    if (join->has_nonce[1] && join->nonce[1] == o->nonce) {
        plait_rule_join_again(at);
        return;
    }
    plait_rule_join_answered(at);
    join->nonce[1] = o->nonce;
    join->has_nonce[1] = true;
    join->syn_ack = at->ref;
    at->s->addr_id[at->end] = o->addr_id;
    if (o->backup)
        at->s->flags |= PLAIT_SUB_BACKUP;
    enum plait_judgement judgement = judge(at, join, true, o->hmac, MAC_SYN_ACK_OCTETS);
    note_judgement(at, PLAIT_SUB_PROOF_SYN_ACK, judgement, join);
    say_proof(at, o, 1, judgement);
    plait_rule_nonce(at, o->nonce);
}

/* It is sent until it is acknowledged (N18). */
static void take_ack(struct plait_at *at, const struct plait_mp_join *o)
{
    if (at->s->flags & (PLAIT_SUB_PROOF_ACK | PLAIT_SUB_PROOF_ACK_SEEN))
        return;
    at->s->flags |= PLAIT_SUB_PROOF_ACK_SEEN;
    plait_rule_join_answered(at);
    struct plait_join *join = plait_store_join(at->a, at->subflow_number, false);
    enum plait_judgement judgement = judge(at, join, false, o->hmac, PLAIT_JOIN_HMAC_OCTETS);
    note_judgement(at, PLAIT_SUB_PROOF_ACK, judgement, join);
    say_proof(at, o, 2, judgement);
    if (judgement == PLAIT_VALID && at->s->flags & PLAIT_SUB_PROOF_SYN_ACK)
        plait_fallback_joined(at->a, at->connection_number);
    plait_rule_joined(at, judgement);
    plait_store_give_join(at->a, at->subflow_number);
}

void plait_join_option(struct plait_at *at, const struct plait_mp_join *option)
{
    bool is_syn = plait_packet_is(at->p, PLAIT_SYN), is_ack = plait_packet_is(at->p, PLAIT_ACK);
    if (!(at->s->flags & PLAIT_SUB_JOIN))
        return; /* not a join's flow: R-02 */
    enum plait_join_form form =
        is_syn ? is_ack ? PLAIT_JOIN_SYN_ACK : PLAIT_JOIN_SYN : PLAIT_JOIN_ACK;
    if (option->form != form)
        return; /* another step's form: as if it were not there */
    if (is_syn && at->s->flags & PLAIT_SUB_PROOF_ACK)
        return; /* sent again, or late: nothing is left to prove, and the nonces are forgotten */
    static void (*const take[])(struct plait_at *, const struct plait_mp_join *) = {
        [PLAIT_JOIN_SYN] = take_syn,
        [PLAIT_JOIN_SYN_ACK] = take_syn_ack,
        [PLAIT_JOIN_ACK] = take_ack};
    take[form](at, option);
}
