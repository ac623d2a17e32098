/* lab/join.c: joining a connection as an attacker does: knock, prove, answer, write. */
#include <string.h>

#include "base/panic.h"
#include "lab/attack.h"
#include "lab/intruder.h"

enum { ANSWER_LIMIT_S = 2, JOIN_PORT_BASE = 20000 };

bool plait_is_answer(const struct plait_seen *seen, const void *intruder)
{
    const struct plait_intruder *i = intruder;
    struct plait_flow_key flow = plait_segment_flow(&seen->segment);
    return seen->at_home && plait_place_equal(&flow.dst, &i->own) &&
           plait_place_equal(&flow.src, &i->peer);
}

bool plait_is_join_syn_home(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->at_home && (seen->segment.flags & PLAIT_SYN) &&
           plait_segment_option(&seen->segment, PLAIT_MP_JOIN);
}

static void explain_reset(struct plait_attack *a, const char *what)
{
    const struct plait_mptcp_option *reset =
        plait_segment_option(&a->seen.segment, PLAIT_MP_TCPRST);
    if (reset)
        plait_refused(a, "%s was answered by RST with MP_TCPRST reason %u", what,
                      reset->tcprst.reason);
    else
        plait_refused(a, "%s was answered by RST", what);
}

static bool await_answer(struct plait_attack *a, const struct plait_intruder *intruder,
                         const char *what)
{
    if (!plait_await(a, plait_is_answer, intruder, ANSWER_LIMIT_S * PLAIT_S)) {
        plait_refused(a, "%s got no answer", what);
        return false;
    }
    if (a->seen.segment.flags & PLAIT_RST) {
        explain_reset(a, what);
        return false;
    }
    return true;
}

bool plait_can_join(const struct plait_attack *a)
{
    return plait_knows_keys(a) || !plait_spoken(a)->join_proof;
}

void plait_prove_join(const struct plait_attack *a, const struct plait_intruder *intruder,
                      uint8_t hmac[PLAIT_JOIN_HMAC_OCTETS])
{
    enum plait_side victim = intruder->victim, peer = plait_other(victim);
    const struct plait_mechanism *mechanism =
        a->known.mechanism ? a->known.mechanism : plait_spoken(a);
    memset(hmac, 0, PLAIT_JOIN_HMAC_OCTETS);
    if (!mechanism->join_proof)
        return;
    if (!plait_knows_keys(a)) {
        for (unsigned i = 0; i < PLAIT_JOIN_HMAC_OCTETS; i++)
            hmac[i] = (uint8_t)plait_own_draw(a, "proof", i);
        return;
    }
    mechanism->join_proof(plait_proof_key_of(a, peer), plait_proof_key_of(a, victim),
                          intruder->own_nonce, intruder->peer_nonce, hmac);
    if (a->scenario->wrong_mac)
        hmac[0] ^= 1;
}

static void become_established(struct plait_attack *a, struct plait_intruder *intruder)
{
    intruder->established = true;
    intruder->mute |= a->claims_made.passes_on; /* whoever is behind him acknowledges */
    if (!a->known.has_key[intruder->victim] || !plait_facts_is_mapped(&a->known))
        return;
    intruder->has_stale_ack = true;
    intruder->stale_ack = plait_facts_first_dsn(&a->known, intruder->victim);
    intruder->stale_ack_is_low = false;
}

static void knock(struct plait_attack *a, struct plait_intruder *intruder, uint32_t token,
                  uint8_t addr_id)
{
    struct plait_segment syn = plait_intruder_segment(intruder, PLAIT_SYN);
    syn.options = (struct plait_tcp_options){.has_mss = true, .mss = 1400};
    plait_add_option(&syn, PLAIT_MP_JOIN)->join = (struct plait_mp_join){
        .form = PLAIT_JOIN_SYN, .addr_id = addr_id, .token = token, .nonce = intruder->own_nonce};
    plait_send(a, &syn);
    intruder->nxt++;
}

struct plait_intruder *plait_knock_at(struct plait_attack *a, enum plait_side victim,
                                      const struct plait_place *place, uint16_t own_port,
                                      uint32_t token, uint8_t addr_id)
{
    struct plait_intruder *intruder = plait_intruder_new(a, victim, own_port, place);
    if (intruder)
        knock(a, intruder, token, addr_id);
    return intruder;
}

struct plait_intruder *plait_knock_as_at(struct plait_attack *a, enum plait_side victim,
                                         const struct plait_place *place,
                                         const struct plait_place *own, uint32_t token,
                                         uint8_t addr_id)
{
    struct plait_intruder *intruder = plait_intruder_new(a, victim, own->port, place);
    if (!intruder)
        return NULL;
    intruder->own = *own;
    knock(a, intruder, token, addr_id);
    return intruder;
}

struct plait_intruder *plait_knock(struct plait_attack *a, const struct plait_place *place,
                                   uint16_t own_port, uint32_t token, uint8_t addr_id)
{
    return plait_knock_at(a, plait_victim(a), place, own_port, token, addr_id);
}

/* Sends HMAC in the third ACK; NULL after plait_refused. */
static struct plait_intruder *prove(struct plait_attack *a, struct plait_intruder *intruder,
                                    const uint8_t hmac[PLAIT_JOIN_HMAC_OCTETS])
{
    struct plait_segment ack = plait_intruder_segment(intruder, PLAIT_ACK);
    struct plait_mp_join *proof = &plait_add_option(&ack, PLAIT_MP_JOIN)->join;
    *proof = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
    memcpy(proof->hmac, hmac, PLAIT_JOIN_HMAC_OCTETS);
    become_established(a, intruder);
    plait_send(a, &ack);
    return await_answer(a, intruder, "the proof in the third ACK") ? intruder : NULL;
}

/* The SYN/ACK to a knock is that of a subflow. */
static bool await_door(struct plait_attack *a, const struct plait_intruder *intruder)
{
    PLAIT_CHECK(intruder);
    if (!await_answer(a, intruder, "the MP_JOIN SYN"))
        return false;
    if (plait_segment_option(&a->seen.segment, PLAIT_MP_JOIN))
        return true;
    plait_refused(a, "the MP_JOIN SYN was answered as plain TCP");
    return false;
}

/* NULL if none was overheard whole. */
static const struct plait_half *overheard_joiner(const struct plait_attack *a)
{
    for (unsigned i = 0; i < a->known.subflow_count; i++) {
        const struct plait_half *joiner = &a->known.subflows[i].half[PLAIT_CLIENT];
        if (joiner->has_nonce && joiner->has_proof)
            return joiner;
    }
    return NULL;
}

struct plait_intruder *plait_replay_join(struct plait_attack *a, const struct plait_place *place)
{
    const struct plait_half *joiner = overheard_joiner(a);
    if (!joiner) {
        plait_refused(a, "no join was overheard");
        return NULL;
    }
    struct plait_intruder *intruder =
        plait_intruder_new(a, plait_victim(a), joiner->place.port, place);
    PLAIT_CHECK(intruder);
    if (a->scenario->position->beside & PLAIT_INHERITS) /* from where it came then */
        intruder->own.addr = joiner->place.addr;
    intruder->own_nonce = joiner->nonce;
    knock(a, intruder, plait_token_of(a, plait_victim(a)), joiner->addr_id);
    if (!await_door(a, intruder))
        return NULL;
    uint8_t hmac[PLAIT_JOIN_HMAC_OCTETS];
    memcpy(hmac, joiner->proof, sizeof hmac);
    if (a->scenario->grants & PLAIT_GRANT_FRESH_PROOF) {
        const struct plait_facts *truth = &a->world->truth;
        if (truth->mechanism->join_proof)
            truth->mechanism->join_proof(plait_facts_proof_key(truth, plait_peer(a)),
                                         plait_facts_proof_key(truth, plait_victim(a)),
                                         intruder->own_nonce, intruder->peer_nonce, hmac);
    }
    return prove(a, intruder, hmac);
}

struct plait_intruder *plait_join_at(struct plait_attack *a, enum plait_side victim,
                                     const struct plait_place *place, uint16_t own_port,
                                     uint8_t addr_id)
{
    struct plait_intruder *intruder =
        plait_knock_at(a, victim, place, own_port, plait_token_of(a, victim), addr_id);
    uint8_t hmac[PLAIT_JOIN_HMAC_OCTETS];
    if (!await_door(a, intruder))
        return NULL;
    plait_prove_join(a, intruder, hmac);
    return prove(a, intruder, hmac);
}

struct plait_intruder *plait_join(struct plait_attack *a, const struct plait_place *place,
                                  uint8_t addr_id)
{
    uint16_t port = (uint16_t)(JOIN_PORT_BASE + plait_own_draw(a, "port", 0) % 10000);
    return plait_join_at(a, plait_victim(a), place, port, addr_id);
}

struct plait_intruder *plait_answer_join(struct plait_attack *a)
{
    const struct plait_segment *syn = &a->seen.segment;
    struct plait_place peer = {syn->ip.src, syn->src_port};
    struct plait_intruder *intruder = plait_intruder_new(a, plait_victim(a), syn->dst_port, &peer);
    PLAIT_CHECK(intruder);
    intruder->rcv_nxt = syn->seq + 1;
    intruder->peer_nonce = plait_segment_option(syn, PLAIT_MP_JOIN)->join.nonce;

    struct plait_segment answer = plait_intruder_segment(intruder, PLAIT_SYN | PLAIT_ACK);
    answer.options = (struct plait_tcp_options){.has_mss = true, .mss = 1400};
    struct plait_mp_join *proof = &plait_add_option(&answer, PLAIT_MP_JOIN)->join;
    *proof = (struct plait_mp_join){.form = PLAIT_JOIN_SYN_ACK, .nonce = intruder->own_nonce};
    plait_prove_join(a, intruder, proof->hmac);
    plait_send(a, &answer);
    intruder->nxt++;
    become_established(a, intruder);
    if (!await_answer(a, intruder, "the SYN/ACK with the proof"))
        return NULL;

    /* The joiner waits for an ACK of its third ACK before it sends data (RFC 8684 §3.2, N18). */
    struct plait_segment fourth = plait_intruder_segment(intruder, PLAIT_ACK);
    plait_intruder_add_dss(intruder, &fourth);
    plait_send(a, &fourth);
    return intruder;
}

/* The octets stand where the victim expects its peer's next: by its own DATA_ACK, of either form,
 * or by what was heard of the peer. */
static void map_next(const struct plait_attack *a, const struct plait_intruder *intruder,
                     uint16_t length_octets, struct plait_dss *dss)
{
    enum plait_side peer = plait_other(intruder->victim);
    bool low = !intruder->has_expected_dsn && !a->known.has_key[peer] && intruder->has_low_expected;
    dss->has_map = true;
    dss->dsn_is_64 = !low;
    dss->dsn = low                          ? intruder->low_expected
               : intruder->has_expected_dsn ? intruder->expected_dsn
                                            : a->known.dsn_nxt[peer];
    dss->ssn = intruder->nxt - intruder->isn;
    dss->data_length = length_octets;
}

void plait_intrude(struct plait_attack *a, struct plait_intruder *intruder, const void *payload,
                   size_t payload_octets)
{
    struct plait_segment data = plait_intruder_segment(intruder, PLAIT_ACK | PLAIT_PSH);
    struct plait_dss *dss = plait_intruder_add_dss(intruder, &data);
    if (dss)
        map_next(a, intruder, (uint16_t)payload_octets, dss);
    data.payload = payload;
    data.payload_octets = payload_octets;
    plait_send(a, &data);
    intruder->nxt += (uint32_t)payload_octets;
}
