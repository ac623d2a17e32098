/* lab/join.c: joining a connection as an attacker does: knock, prove, answer, write. */
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

static void join_hmac(struct plait_attack *a, const struct plait_intruder *intruder,
                      uint8_t hmac[PLAIT_JOIN_HMAC_OCTETS])
{
    enum plait_side victim = intruder->victim, peer = plait_other(victim);
    const struct plait_mechanism *mechanism = a->known.mechanism;
    mechanism->join_proof(plait_key_of(a, peer), plait_key_of(a, victim), intruder->own_nonce,
                          intruder->peer_nonce, hmac);
    if (a->scenario->wrong_mac)
        hmac[0] ^= 1;
}

static void become_established(struct plait_attack *a, struct plait_intruder *intruder)
{
    intruder->established = true;
    intruder->stale_ack = plait_facts_first_dsn(&a->known, intruder->victim);
}

struct plait_intruder *plait_knock(struct plait_attack *a, const struct plait_place *place,
                                   uint16_t own_port, uint32_t token, uint8_t addr_id)
{
    struct plait_intruder *intruder = plait_intruder_new(a, plait_victim(a), own_port, place);
    if (!intruder)
        return NULL;
    struct plait_segment syn = plait_intruder_segment(intruder, PLAIT_SYN);
    syn.options = (struct plait_tcp_options){.has_mss = true, .mss = 1400};
    plait_add_option(&syn, PLAIT_MP_JOIN)->join = (struct plait_mp_join){
        .form = PLAIT_JOIN_SYN, .addr_id = addr_id, .token = token, .nonce = intruder->own_nonce};
    plait_send(a, &syn);
    intruder->nxt++;
    return intruder;
}

struct plait_intruder *plait_join(struct plait_attack *a, const struct plait_place *place,
                                  uint8_t addr_id)
{
    uint16_t port = (uint16_t)(JOIN_PORT_BASE + plait_own_draw(a, "port", 0) % 10000);
    struct plait_intruder *intruder =
        plait_knock(a, place, port, plait_token_of(a, plait_victim(a)), addr_id);
    PLAIT_CHECK(intruder);
    if (!await_answer(a, intruder, "the MP_JOIN SYN"))
        return NULL;
    if (!plait_segment_option(&a->seen.segment, PLAIT_MP_JOIN)) {
        plait_refused(a, "the MP_JOIN SYN was answered as plain TCP");
        return NULL;
    }

    struct plait_segment ack = plait_intruder_segment(intruder, PLAIT_ACK);
    struct plait_mp_join *proof = &plait_add_option(&ack, PLAIT_MP_JOIN)->join;
    *proof = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
    join_hmac(a, intruder, proof->hmac);
    become_established(a, intruder);
    plait_send(a, &ack);
    return await_answer(a, intruder, "the proof in the third ACK") ? intruder : NULL;
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
    join_hmac(a, intruder, proof->hmac);
    plait_send(a, &answer);
    intruder->nxt++;
    become_established(a, intruder);
    if (!await_answer(a, intruder, "the SYN/ACK with the proof"))
        return NULL;

    /* The joiner waits for an ACK of its third ACK before it sends data (RFC 8684 §3.2, N18). */
    struct plait_segment fourth = plait_intruder_segment(intruder, PLAIT_ACK);
    plait_add_option(&fourth, PLAIT_DSS)->dss =
        (struct plait_dss){.has_ack = true, .ack_is_64 = true, .data_ack = intruder->stale_ack};
    plait_send(a, &fourth);
    return intruder;
}

void plait_intrude(struct plait_attack *a, struct plait_intruder *intruder, const void *payload,
                   size_t payload_octets)
{
    enum plait_side peer = plait_other(intruder->victim);
    uint64_t dsn = intruder->has_expected_dsn ? intruder->expected_dsn : a->known.dsn_nxt[peer];
    struct plait_segment data = plait_intruder_segment(intruder, PLAIT_ACK | PLAIT_PSH);
    plait_add_option(&data, PLAIT_DSS)->dss =
        (struct plait_dss){.has_ack = true,
                           .ack_is_64 = true,
                           .data_ack = intruder->stale_ack,
                           .has_map = true,
                           .dsn_is_64 = true,
                           .dsn = dsn,
                           .ssn = intruder->nxt - intruder->isn,
                           .data_length = (uint16_t)payload_octets};
    data.payload = payload;
    data.payload_octets = payload_octets;
    plait_send(a, &data);
    intruder->nxt += (uint32_t)payload_octets;
}
