/* lab/script.c: steps, waiting, taking position, forging. */
#include "lab/attack.h"
#include "lab/intruder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/panic.h"

const uint8_t plait_marker[] = "<<octets of the attacker>>";
const size_t plait_marker_octets = sizeof plait_marker - 1;

enum { ANSWER_LIMIT_S = 2, TTL = 64, WINDOW = 65535, JOIN_PORT_BASE = 20000 };

void plait_step(struct plait_attack *a, const char *text)
{
    json_array_append_new(a->steps, json_pack("{s:I,s:s}", "at_ns",
                                              (json_int_t)plait_world_now(a->world), "text", text));
}

static bool has_matched(void *self)
{
    struct plait_attack *a = self;
    return a->matched;
}

bool plait_await(struct plait_attack *a, plait_match match, const void *argument,
                 plait_time_ns timeout_ns)
{
    a->match = match;
    a->match_argument = argument;
    a->matched = false;
    plait_world_run(a->world, plait_world_now(a->world) + timeout_ns, has_matched, a);
    a->match = NULL;
    return a->matched;
}

const struct plait_segment *plait_answer(const struct plait_attack *a)
{
    return &a->seen.segment;
}

void plait_pause(struct plait_attack *a, plait_time_ns duration_ns)
{
    plait_world_run(a->world, plait_world_now(a->world) + duration_ns, NULL, NULL);
}

static void grant_facts(struct plait_attack *a)
{
    const struct plait_facts *truth = &a->world->truth;
    if ((a->scenario->grants & PLAIT_GRANT_KEYS) && truth->mechanism)
        for (int side = 0; side < 2; side++)
            if (truth->has_key[side])
                plait_facts_learn_key(&a->known, (enum plait_side)side, truth->key[side]);
    if (a->scenario->grants & PLAIT_GRANT_TOKEN)
        for (int side = 0; side < 2; side++) {
            a->known.has_token[side] = truth->has_token[side];
            a->known.token[side] = truth->token[side];
        }
    if (a->scenario->grants & PLAIT_GRANT_NUMBERS) {
        a->known.has_connection = true;
        a->known.subflow_count = truth->subflow_count;
        memcpy(a->known.subflows, truth->subflows, sizeof truth->subflows);
    }
}

void plait_take_position(struct plait_attack *a)
{
    const struct plait_position *position = a->scenario->position;
    if (!plait_ok(plait_world_until_ready(a->world)))
        return;
    plait_goals_mark(a->goals);
    grant_facts(a);
    if (position->presence == PLAIT_ALWAYS_THERE)
        return;
    for (unsigned path = 0; path < PLAIT_PATHS_MAX; path++)
        if (a->has_path_tap[path])
            plait_net_end_tap(a->world->net, a->path_taps[path]);
    a->left = true;
    a->left_ns = plait_world_now(a->world);
    plait_goals_left(a->goals);
    if (position->presence != PLAIT_NEVER_THERE) {
        plait_step(a, "leaves the path");
        plait_pause(a, a->scenario->away_ns);
    }
}

void plait_refused(struct plait_attack *a, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(a->refused, sizeof a->refused, format, arguments);
    va_end(arguments);
    plait_step(a, a->refused);
}

void plait_fault(struct plait_attack *a, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(a->fault, sizeof a->fault, format, arguments);
    va_end(arguments);
    plait_step(a, a->fault);
}

void plait_mark(struct plait_attack *a)
{
    plait_goals_mark(a->goals);
}

/* ---- who, where, what --------------------------------------------------------------------- */

enum plait_side plait_victim(const struct plait_attack *a)
{
    return a->scenario->victim;
}

enum plait_side plait_peer(const struct plait_attack *a)
{
    return plait_other(a->scenario->victim);
}

struct plait_addr plait_own_addr(const struct plait_attack *a)
{
    return a->world->attacker_addr;
}

struct plait_addr plait_stranger(const struct plait_attack *a, unsigned i)
{
    return a->world->stranger_addrs[i % PLAIT_STRANGERS];
}

uint64_t plait_own_draw(const struct plait_attack *a, const char *purpose, uint64_t n)
{
    return plait_draw(&a->world->draw, "attacker", purpose, n);
}

uint16_t plait_client_port(const struct plait_attack *a)
{
    return plait_knows_subflow(a) ? a->known.subflows[0].half[PLAIT_CLIENT].place.port : 0;
}

void plait_guess(struct plait_attack *a, const char *value, double bits)
{
    plait_price_guess(&a->price, value, bits);
}

void plait_wrong_guesses(struct plait_attack *a, bool on)
{
    a->guessing = on;
}

struct plait_place plait_service(const struct plait_attack *a)
{
    return (struct plait_place){a->world->server_addr, a->world->server_port};
}

struct plait_addr plait_addr_of(const struct plait_attack *a, enum plait_side side)
{
    return side == PLAIT_SERVER ? a->world->server_addr
                                : a->world->client_addrs[a->scenario->dialled];
}

bool plait_knows_keys(const struct plait_attack *a)
{
    return a->known.has_key[0] && a->known.has_key[1];
}

bool plait_knows_subflow(const struct plait_attack *a)
{
    return a->known.subflow_count > 0;
}

uint64_t plait_key_of(const struct plait_attack *a, enum plait_side side)
{
    if (!a->known.has_key[side])
        plait_panic("position: key not shown", "no tap of %s showed the %s's key",
                    a->scenario->position->name, plait_side_name(side));
    return a->known.key[side];
}

uint32_t plait_token_of(const struct plait_attack *a, enum plait_side side)
{
    if (!a->known.has_token[side])
        plait_panic("position: token not shown", "no tap of %s showed the %s's token",
                    a->scenario->position->name, plait_side_name(side));
    return a->known.token[side];
}

void plait_claim_token(struct plait_attack *a, uint32_t token, bool live)
{
    json_array_append_new(a->claims, json_pack("{s:s,s:I,s:b}", "fact", "token", "value",
                                               (json_int_t)token, "live", live));
}

void plait_claim_port(struct plait_attack *a, uint16_t port, bool open)
{
    json_array_append_new(a->claims, json_pack("{s:s,s:I,s:b}", "fact", "port", "value",
                                               (json_int_t)port, "live", open));
}

/* ---- forging ------------------------------------------------------------------------------ */

struct plait_segment plait_forged(const struct plait_numbers *numbers, uint8_t flags)
{
    return (struct plait_segment){
        .ip = {.src = numbers->flow.src.addr,
               .dst = numbers->flow.dst.addr,
               .protocol = PLAIT_PROTOCOL_TCP,
               .ttl = TTL,
               .dont_fragment = true},
        .src_port = numbers->flow.src.port,
        .dst_port = numbers->flow.dst.port,
        .seq = numbers->seq,
        .ack = flags & PLAIT_ACK ? numbers->ack : 0,
        .flags = flags,
        .window = WINDOW,
    };
}

struct plait_mptcp_option *plait_add_option(struct plait_segment *segment,
                                            enum plait_mptcp_subtype subtype)
{
    PLAIT_CHECK(segment->mptcp_count < PLAIT_MPTCP_OPTIONS_MAX);
    struct plait_mptcp_option *option = &segment->mptcp[segment->mptcp_count++];
    *option = (struct plait_mptcp_option){.subtype = (uint8_t)subtype};
    return option;
}

void plait_send(struct plait_attack *a, const struct plait_segment *segment)
{
    uint8_t octets[PLAIT_FRAME_OCTETS];
    size_t length_octets = 0;
    PLAIT_CHECK(plait_ok(plait_segment_build(segment, octets, sizeof octets, &length_octets)));
    plait_attack_send_octets(a, octets, (uint32_t)length_octets);
}

void plait_seal(struct plait_attack *a, struct plait_add_addr *option)
{
    a->known.mechanism->seal_add_addr(plait_key_of(a, plait_peer(a)),
                                      plait_key_of(a, plait_victim(a)), option);
    if (a->scenario->wrong_mac)
        option->hmac[0] ^= 1;
}

/* ---- on the path -------------------------------------------------------------------------- */

void plait_on_path(struct plait_attack *a, plait_act act)
{
    a->alter = act;
}

void plait_strip_mptcp(struct plait_attack *a, unsigned path, struct plait_packet *packet)
{
    (void)path;
    if (!plait_packet_strip_mptcp(packet->octets, packet->length_octets))
        return;
    a->alter_verdict = PLAIT_TAP_ALTERED;
    plait_price_packet(&a->price, plait_world_now(a->world), packet->length_octets);
}

void plait_alter_payload(struct plait_attack *a, unsigned path, struct plait_packet *packet)
{
    (void)path;
    struct plait_segment segment;
    if (!plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment)) ||
        segment.payload_octets < plait_marker_octets)
        return;
    struct plait_addr peer = plait_addr_of(a, plait_peer(a));
    if (!plait_addr_equal(&segment.ip.src, &peer))
        return;
    uint8_t octets[PLAIT_FRAME_OCTETS], payload[PLAIT_FRAME_OCTETS];
    size_t length_octets = 0;
    memcpy(payload, segment.payload, segment.payload_octets);
    memcpy(payload, plait_marker, plait_marker_octets);
    segment.payload = payload;
    if (!plait_ok(plait_segment_build(&segment, octets, sizeof octets, &length_octets)) ||
        length_octets > packet->room_octets)
        return;
    memcpy(packet->octets, octets, length_octets);
    packet->length_octets = (uint32_t)length_octets;
    a->alter_verdict = PLAIT_TAP_ALTERED;
    plait_price_packet(&a->price, plait_world_now(a->world), packet->length_octets);
}

enum { RELAY_PORT = 21000 };

void plait_relay(struct plait_attack *a, const struct plait_place *far)
{
    const struct plait_segment *first = &a->seen.segment;
    a->relay = (struct plait_relay){.on = true,
                                    .near = {first->ip.src, first->src_port},
                                    .far = *far,
                                    .near_port = first->dst_port,
                                    .far_port = RELAY_PORT};
    struct plait_segment onward = *first;
    onward.ip.src = a->world->attacker_addr;
    onward.src_port = RELAY_PORT;
    onward.ip.dst = far->addr;
    onward.dst_port = far->port;
    plait_send(a, &onward);
}

/* ---- joining ------------------------------------------------------------------------------ */

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
