/* lab/script.c: steps, waiting, taking position, what is known, forging. */
#include "lab/attack.h"
#include "lab/intruder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/panic.h"

const uint8_t plait_marker[] = "<<octets of the attacker>>";
const size_t plait_marker_octets = sizeof plait_marker - 1;

const uint8_t *plait_full_payload(void)
{
    static uint8_t payload[PLAIT_FULL_OCTETS];
    static bool is_filled; /* a thousand guesses ask for it */
    for (size_t i = 0; !is_filled && i < sizeof payload; i++)
        payload[i] = plait_marker[i % plait_marker_octets];
    is_filled = true;
    return payload;
}

enum { TTL = 64, WINDOW = 65535 };

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
    plait_world_run(a->world, plait_world_now(a->world) + timeout_ns + a->world->slack_ns,
                    has_matched, a);
    a->match = NULL;
    return a->matched;
}

const struct plait_segment *plait_answer(const struct plait_attack *a)
{
    return &a->seen.segment;
}

/* A millisecond paces what is sent; what is longer also lets it arrive and be answered. */
void plait_pause(struct plait_attack *a, plait_time_ns duration_ns)
{
    plait_time_ns slack_ns = duration_ns > PLAIT_MS ? a->world->slack_ns : 0;
    plait_world_run(a->world, plait_world_now(a->world) + duration_ns + slack_ns, NULL, NULL);
}

/* Nobody waits for an answer meanwhile: a machine that is late by tenths of a second is late for
 * nothing, where a run of minutes meets one sooner or later.  Half of what counts as a stall
 * (lab/goals.c) counts; and all does where a path of his stays, because what is not acknowledged
 * within a retransmission timeout is sent again on it (docs/FINDINGS.md, F-7).  Where he is in the
 * way of a subflow, all of it is played packet by packet. */
static void rest(struct plait_attack *a, plait_time_ns duration_ns)
{
    struct plait_net *net = a->world->net;
    bool is_left_behind = a->gone || a->masquerade.own;
    (void)plait_attack_lateness(a); /* until now */
    plait_net_time_lateness(net);
    if (a->masquerade.own)
        plait_world_run(a->world, plait_world_now(a->world) + duration_ns, NULL, NULL);
    else
        plait_world_rest(a->world, duration_ns);
    if (!is_left_behind && plait_net_lateness(net) <= PLAIT_REST_LATENESS_NS)
        plait_net_time_lateness(net);
}

void plait_let_pass(struct plait_attack *a, plait_time_ns duration_ns)
{
    struct plait_world *world = a->world;
    bool is_short = duration_ns <= 2 * PLAIT_SHOWN_AWAY_NS;
    if (is_short) {
        plait_pause(a, duration_ns);
        return;
    }
    world->away_from_ns = plait_world_now(world);
    world->away_until_ns = world->away_from_ns + duration_ns;
    plait_pause(a, PLAIT_SHOWN_AWAY_NS);
    rest(a, duration_ns - 2 * PLAIT_SHOWN_AWAY_NS);
    plait_pause(a, PLAIT_SHOWN_AWAY_NS);
}

static void grant_facts(struct plait_attack *a)
{
    const struct plait_facts *truth = &a->world->truth;
    if (!a->known.mechanism && a->scenario->grants)
        a->known.mechanism = truth->mechanism; /* which version is spoken is no secret */
    if ((a->scenario->grants & PLAIT_GRANT_KEYS) && truth->mechanism)
        for (int side = 0; side < 2; side++)
            if (truth->has_key[side])
                plait_facts_learn_key(&a->known, (enum plait_side)side, truth->key[side]);
    if (a->scenario->grants & PLAIT_GRANT_KEYS)
        a->known.secret = plait_world_secret(a->world);
    if ((a->scenario->grants & PLAIT_GRANT_KEYS) && truth->has_cookie[plait_peer(a)]) {
        a->known.has_cookie[plait_peer(a)] = true;
        a->known.cookie[plait_peer(a)] = truth->cookie[plait_peer(a)];
    }
    if ((a->scenario->grants & PLAIT_GRANT_KEYS) && truth->has_connection)
        a->claims_made.port = truth->subflows[0].half[PLAIT_CLIENT].place.port;
    if (a->scenario->grants & PLAIT_GRANT_TOKEN)
        for (int side = 0; side < 2; side++) {
            a->known.has_token[side] = truth->has_token[side];
            a->known.token[side] = truth->token[side];
        }
    if (a->scenario->grants & PLAIT_GRANT_NUMBERS) {
        a->known.has_connection = true;
        a->known.subflow_count = truth->subflow_count;
        memcpy(a->known.subflows, truth->subflows, sizeof truth->subflows);
        memcpy(a->known.has_dsn, truth->has_dsn, sizeof truth->has_dsn);
        memcpy(a->known.dsn_nxt, truth->dsn_nxt, sizeof truth->dsn_nxt);
    }
}

/* The peer's host loses the connection without a word, as after a crash (RFC 5961 §4.2): its reset
 * does not arrive. */
static void forget_at_peer(struct plait_attack *a)
{
    char answer[64];
    const struct plait_end *peer = &a->world->ends[plait_peer(a)];
    plait_link link = plait_peer(a) == PLAIT_CLIENT ? a->world->path_links[a->scenario->dialled]
                                                    : a->world->server_link;
    plait_net_set_link_up(a->world->net, link, false);
    if (!plait_ok(plait_end_ask(peer->host, answer, sizeof answer, "abort %s", peer->socket)))
        plait_fault(a, "the peer could not forget the connection: %s", answer);
    plait_pause(a, 100 * PLAIT_MS);
    plait_net_set_link_up(a->world->net, link, true);
}

void plait_stand(struct plait_attack *a)
{
    if (!plait_ok(plait_world_until_ready(a->world)))
        return;
    plait_goals_mark(a->goals);
    grant_facts(a);
    if ((a->scenario->grants & PLAIT_GRANT_SLOW_SECOND) && a->world->topology->path_count > 1) {
        struct plait_link_config slow =
            plait_world_way(a->world, &a->world->topology->paths[1].stretch, PLAIT_UP);
        slow.rate_bits_per_s = 100000;
        plait_net_set_link(a->world->net, a->world->path_links[1], &slow);
    }
    if (a->scenario->grants & PLAIT_GRANT_FORGOTTEN)
        forget_at_peer(a);
}

/* He hears no path any more. */
static void leave_paths(struct plait_attack *a)
{
    for (unsigned path = 0; path < PLAIT_PATHS_MAX; path++)
        if (a->has_path_tap[path])
            plait_net_end_tap(a->world->net, a->path_taps[path]);
    a->left = true;
    a->left_ns = plait_world_now(a->world);
    plait_goals_left(a->goals);
    plait_masquerade_left(a);
}

void plait_take_position(struct plait_attack *a)
{
    const struct plait_position *position = a->scenario->position;
    plait_stand(a);
    if (a->world->phase != PLAIT_READY || position->presence == PLAIT_ALWAYS_THERE)
        return;
    leave_paths(a);
    if (position->presence != PLAIT_NEVER_THERE) {
        plait_step(a, "leaves the path");
        plait_let_pass(a, a->scenario->away_ns);
        grant_facts(a); /* numbers that were granted have aged as well */
    }
}

void plait_vanish(struct plait_attack *a)
{
    leave_paths(a);
    plait_pause(a, 10 * PLAIT_MS); /* what he said is still under way */
    plait_step(a, "leaves for good: nothing comes from him, and nothing reaches him");
    plait_attack_vanish(a);
    plait_let_pass(a, a->scenario->away_ns);
}

void plait_count_from_here(struct plait_attack *a)
{
    plait_goals_restart(a->goals);
}

static void note(struct plait_attack *a, char *text, size_t room_octets, const char *format,
                 va_list arguments)
{
    vsnprintf(text, room_octets, format, arguments);
    plait_step(a, text);
}

void plait_refused(struct plait_attack *a, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    note(a, a->refused, sizeof a->refused, format, arguments);
    va_end(arguments);
}

void plait_fault(struct plait_attack *a, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    note(a, a->fault, sizeof a->fault, format, arguments);
    va_end(arguments);
}

void plait_not_deployable(struct plait_attack *a, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    note(a, a->undeployable, sizeof a->undeployable, format, arguments);
    va_end(arguments);
}

void plait_remark(struct plait_attack *a, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    note(a, a->remark, sizeof a->remark, format, arguments);
    va_end(arguments);
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

bool plait_is_granted(const struct plait_attack *a, enum plait_grant grant)
{
    return a->scenario->grants & (unsigned)grant;
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
                                : *plait_world_public_addr(a->world, a->scenario->dialled);
}

unsigned plait_subflow_here(const struct plait_attack *a)
{
    bool only_second = a->scenario->position->paths == 2;
    const struct plait_facts *truth = &a->world->truth;
    for (unsigned i = 1; only_second && i < truth->subflow_count; i++)
        if (plait_addr_equal(&truth->subflows[i].half[PLAIT_CLIENT].place.addr,
                             plait_world_public_addr(a->world, 1)))
            return i;
    return 0;
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

uint64_t plait_proof_key_of(const struct plait_attack *a, enum plait_side side)
{
    (void)plait_key_of(a, side); /* it was shown */
    return plait_facts_proof_key(&a->known, side);
}

uint32_t plait_isn_of(const struct plait_attack *a, unsigned subflow, enum plait_side side)
{
    if (subflow >= a->known.subflow_count || !a->known.subflows[subflow].half[side].has_isn)
        plait_panic("position: ISN not shown", "no tap of %s showed the %s's SYN",
                    a->scenario->position->name, plait_side_name(side));
    return a->known.subflows[subflow].half[side].isn;
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

void plait_claim_client_port(struct plait_attack *a, uint16_t port, bool in_use)
{
    json_array_append_new(a->claims, json_pack("{s:s,s:I,s:b}", "fact", "client port", "value",
                                               (json_int_t)port, "live", in_use));
}

void plait_claim_next_port(struct plait_attack *a, uint16_t port)
{
    json_array_append_new(a->claims, json_pack("{s:s,s:I,s:b}", "fact", "next port", "value",
                                               (json_int_t)port, "live", 1));
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

/* Where a smaller MTU is, a full segment is smaller, and what it maps. */
static struct plait_segment shortened(const struct plait_segment *segment, size_t by_octets)
{
    struct plait_segment shorter = *segment;
    shorter.payload_octets -= by_octets;
    for (unsigned i = 0; i < shorter.mptcp_count; i++) {
        struct plait_mptcp_option *option = &shorter.mptcp[i];
        if (option->subtype == PLAIT_DSS && !option->is_raw && option->dss.has_map &&
            option->dss.data_length > by_octets)
            option->dss.data_length = (uint16_t)(option->dss.data_length - by_octets);
    }
    return shorter;
}

void plait_send(struct plait_attack *a, const struct plait_segment *segment)
{
    uint8_t octets[PLAIT_FRAME_OCTETS];
    size_t length_octets = 0;
    size_t room_octets = plait_topology_mtu_octets(a->world->topology);
    PLAIT_CHECK(plait_ok(plait_segment_build(segment, octets, sizeof octets, &length_octets)));
    if (length_octets > room_octets && length_octets - room_octets < segment->payload_octets) {
        struct plait_segment shorter = shortened(segment, length_octets - room_octets);
        PLAIT_CHECK(plait_ok(plait_segment_build(&shorter, octets, sizeof octets, &length_octets)));
    }
    plait_attack_send_octets(a, octets, (uint32_t)length_octets);
}

/* Which version is spoken is no secret. */
const struct plait_mechanism *plait_spoken(const struct plait_attack *a)
{
    const struct plait_mechanism *mechanism = plait_protocol_mechanism(a->scenario->protocol);
    return mechanism ? mechanism : &plait_mechanism_v1;
}

bool plait_add_addr_is_proven(const struct plait_attack *a)
{
    struct plait_add_addr option = {.addr.family = PLAIT_IPV4};
    plait_spoken(a)->seal_add_addr(0, 0, &option);
    return option.has_hmac;
}

void plait_seal(struct plait_attack *a, struct plait_add_addr *option)
{
    if (!plait_add_addr_is_proven(a)) {
        plait_spoken(a)->seal_add_addr(0, 0, option);
        return;
    }
    plait_spoken(a)->seal_add_addr(plait_proof_key_of(a, plait_peer(a)),
                                   plait_proof_key_of(a, plait_victim(a)), option);
    if (a->scenario->wrong_mac)
        option->hmac[0] ^= 1;
}
