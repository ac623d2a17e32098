/* lab/attack.c: the attacker's taps, his port, what he learns and what he sends. */
#include "lab/attack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "lab/intruder.h"
#include "wire/icmp.h"

/* ---- seeing ------------------------------------------------------------------------------- */

/* What he waited for is kept, and the packet with it. */
static void keep(struct plait_attack *attack, const struct plait_packet *packet,
                 const struct plait_seen *seen)
{
    attack->matched = true;
    attack->seen = *seen;
    memcpy(attack->seen_octets, packet->octets, packet->length_octets);
    /* The payload pointers must follow the copy. */
    PLAIT_CHECK(plait_ok(
        plait_segment_parse(attack->seen_octets, packet->length_octets, &attack->seen.segment)));
}

static void show(struct plait_attack *attack, const struct plait_packet *packet, bool at_home,
                 unsigned path)
{
    struct plait_seen seen = {
        .at_home = at_home, .path = path, .at_ns = plait_world_now(attack->world)};
    if (packet->length_octets > sizeof attack->seen_octets ||
        !plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &seen.segment)))
        return;
    seen.of_connection = plait_facts_see(&attack->known, &seen.segment, &seen.by, &seen.subflow);
    plait_claim_hear(attack, &seen);
    plait_again_hear(attack, &seen);
    if (!attack->match || attack->matched || !attack->match(&seen, attack->match_argument))
        return;
    keep(attack, packet, &seen);
    if (at_home)
        plait_price_feedback(&attack->price);
}

static unsigned path_of_tap(const struct plait_attack *attack, const struct plait_addr *src,
                            const struct plait_addr *dst)
{
    for (unsigned path = 1; path < attack->world->topology->path_count; path++) {
        const struct plait_addr *addr = plait_world_public_addr(attack->world, path);
        if (plait_addr_equal(src, addr) || plait_addr_equal(dst, addr))
            return path;
    }
    return 0;
}

/* Who came in the middle follows what he hears from there; which end serves is public. */
static void take_up(struct plait_attack *attack, const struct plait_packet *packet)
{
    struct plait_segment segment;
    const struct plait_place service = plait_service(attack);
    if (attack->known.has_connection ||
        attack->scenario->position->presence != PLAIT_LATER_HANDSHAKE ||
        !plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment)) ||
        (segment.flags & PLAIT_SYN))
        return;
    struct plait_flow_key flow = plait_segment_flow(&segment);
    if (plait_place_equal(&flow.dst, &service))
        plait_facts_take_up(&attack->known, &flow, PLAIT_CLIENT);
    else if (plait_place_equal(&flow.src, &service))
        plait_facts_take_up(&attack->known, &flow, PLAIT_SERVER);
}

static enum plait_tap_verdict on_path(void *self, plait_time_ns now, enum plait_way way,
                                      struct plait_packet *packet)
{
    (void)now;
    (void)way;
    struct plait_attack *attack = self;
    struct plait_ip ip;
    if ((attack->scenario->position->beside & PLAIT_CAME_LATE) &&
        attack->world->phase == PLAIT_STARTING)
        return PLAIT_TAP_PASS;
    unsigned path = plait_ok(plait_ip_parse(packet->octets, packet->length_octets, &ip))
                        ? path_of_tap(attack, &ip.src, &ip.dst)
                        : 0;
    if (packet->forged == 0)
        take_up(attack, packet);
    if (packet->forged == 0)
        show(attack, packet, false, path);
    attack->alter_verdict = PLAIT_TAP_PASS;
    if (attack->alter && packet->forged == 0)
        attack->alter(attack, path, packet);
    return attack->alter_verdict;
}

/* Passes a segment on between the two hosts of a relay, with the attacker in the middle. */
static void relay(struct plait_attack *attack, const struct plait_packet *packet,
                  const struct plait_segment *segment)
{
    const struct plait_relay *r = &attack->relay;
    struct plait_flow_key flow = plait_segment_flow(segment);
    bool from_near = r->on && plait_place_equal(&flow.src, &r->near);
    bool from_far = r->on && plait_place_equal(&flow.src, &r->far) && flow.dst.port == r->far_port;
    if (packet->forged || (!from_near && !from_far))
        return;
    struct plait_segment onward = *segment;
    onward.ip.src = attack->world->attacker_addr;
    onward.src_port = from_near ? r->far_port : r->near_port;
    onward.ip.dst = from_near ? r->far.addr : r->near.addr;
    onward.dst_port = from_near ? r->far.port : r->near.port;
    onward.seq += from_near ? r->near_shift : r->far_shift;
    if (onward.flags & PLAIT_ACK)
        onward.ack -= from_near ? r->far_shift : r->near_shift;
    uint8_t altered[PLAIT_FRAME_OCTETS];
    if (r->alters && onward.payload_octets >= plait_marker_octets) {
        memcpy(altered, onward.payload, onward.payload_octets);
        memcpy(altered, plait_marker, plait_marker_octets);
        onward.payload = altered;
    }
    /* Options that came packed may not fit when they are aligned again: then the packet is not
     * passed on. */
    uint8_t octets[PLAIT_FRAME_OCTETS];
    size_t length_octets;
    if (plait_ok(plait_segment_build(&onward, octets, sizeof octets, &length_octets)))
        plait_attack_send_octets(attack, octets, (uint32_t)length_octets);
}

static void at_home(void *self, plait_time_ns now, struct plait_packet *packet)
{
    (void)now;
    struct plait_attack *attack = self;
    struct plait_segment segment;
    if (attack->gone) { /* the lab has his place back, for its probe */
        show(attack, packet, true, 0);
    } else if (plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment))) {
        if (packet->forged == 0)
            plait_goals_at_attacker(attack->goals, &segment);
        plait_intruder_hear(attack, &segment);
        relay(attack, packet, &segment);
        if (packet->forged == 0)
            plait_masquerade_hear(attack, &segment);
        show(attack, packet, true, 0);
        plait_graft_hear(attack, &segment);
    }
    plait_packet_free(packet);
}

static struct plait_packet *no_output(void *self, plait_time_ns now)
{
    (void)self;
    (void)now;
    return NULL;
}

static plait_time_ns no_deadline(void *self)
{
    (void)self;
    return PLAIT_NEVER;
}

static void no_advance(void *self, plait_time_ns now)
{
    (void)self;
    (void)now;
}

struct plait_port plait_attack_port(struct plait_attack *attack)
{
    static const struct plait_port_ops ops = {at_home, no_output, no_deadline, no_advance};
    return (struct plait_port){&ops, attack, -1, false};
}

/* ---- sending ------------------------------------------------------------------------------ */

/* Only an attack on Multipath TCP without any grant is replayed on plain TCP (lab/plan.c). */
static bool is_replayed(const struct plait_scenario *scenario)
{
    return scenario->protocol != PLAIT_TCP && !scenario->grants;
}

static void record(struct plait_attack *attack, const uint8_t *octets, uint32_t length_octets)
{
    if (!attack->guessing && is_replayed(attack->scenario))
        plait_schedule_add(&attack->schedule,
                           plait_world_now(attack->world) - attack->world->ready_ns, octets,
                           (uint16_t)length_octets);
}

void plait_attack_send_octets(struct plait_attack *attack, const uint8_t *octets,
                              uint32_t length_octets)
{
    struct plait_packet *packet = plait_packet_of(octets, length_octets);
    packet->forged = ++attack->sent;
    plait_time_ns now = plait_world_now(attack->world);
    if (attack->guessing)
        plait_price_wrong_guess(&attack->price, now, length_octets);
    else
        plait_price_packet(&attack->price, now, length_octets);
    record(attack, octets, length_octets);
    plait_net_inject(attack->world->net, attack->home_tap, PLAIT_A_TO_B, packet);
}

/* Arming: an attack packet counts when somebody other than the attacker got it, and it was valid.
 * A box before a host got it for the host: what a NAT then drops, a wrong guess, was heard. */
static void watch_forged(void *self, const struct plait_sight *sight)
{
    struct plait_attack *attack = self;
    if (sight->packet->forged && (sight->fate == PLAIT_LOST || sight->fate == PLAIT_TAPPED))
        attack->lost++;
    if (sight->fate != PLAIT_DELIVERED || (!sight->packet->forged && !sight->packet->edited))
        return;
    struct plait_net *net = attack->world->net;
    plait_node end = plait_net_link_end(net, sight->link, sight->way);
    attack->edited += sight->packet->edited && end != attack->world->router;
    if (sight->packet->forged == 0)
        return;
    bool at_edge = plait_net_link_end(net, sight->link, PLAIT_A_TO_B) == attack->world->router;
    if (!at_edge || end == attack->world->router || end == attack->world->attacker_node)
        return;
    const struct plait_packet *packet = sight->packet;
    if (plait_sight_segment(sight) || plait_icmp_is_valid(packet->octets, packet->length_octets))
        attack->delivered++;
    else
        attack->invalid++;
}

/* ---- taking place ------------------------------------------------------------------------- */

static void tap_path(struct plait_attack *attack, unsigned path, plait_link link)
{
    const struct plait_position *position = attack->scenario->position;
    const struct plait_tap_config config = {.link = link,
                                            .ways = (enum plait_way)position->ways,
                                            .rights = position->tap_rights,
                                            .from_ns = 0,
                                            .until_ns = PLAIT_NEVER,
                                            .see = on_path,
                                            .self = attack};
    attack->path_taps[path] = plait_net_add_tap(attack->world->net, &config);
    attack->has_path_tap[path] = true;
}

static enum plait_tap_verdict on_way_to_stranger(void *self, plait_time_ns now, enum plait_way way,
                                                 struct plait_packet *packet)
{
    (void)now;
    (void)way;
    struct plait_attack *attack = self;
    struct plait_segment segment;
    if (plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment)))
        plait_check_see(&attack->check, attack->world, &segment);
    return PLAIT_TAP_PASS;
}

static void tap_stranger(struct plait_attack *attack)
{
    const struct plait_tap_config config = {.link = attack->world->stranger_links[0],
                                            .ways = PLAIT_BOTH_WAYS,
                                            .rights = PLAIT_MAY_SEE,
                                            .until_ns = PLAIT_NEVER,
                                            .see = on_way_to_stranger,
                                            .self = attack};
    if (attack->world->stranger_nodes[0] < 0)
        return; /* nobody is there */
    attack->stranger_tap = plait_net_add_tap(attack->world->net, &config);
    attack->has_stranger_tap = true;
}

bool plait_may_spoof(const struct plait_attack *attack)
{
    const struct plait_scenario *scenario = attack->scenario;
    bool unfiltered = scenario->spoofing || (scenario->grants & PLAIT_GRANT_SPOOFING);
    return unfiltered && scenario->position && scenario->position->may_spoof;
}

/* Behind a NAT it is the NAT's address that the other end knows. */
static void own_path(const struct plait_world *world, unsigned path,
                     struct plait_tap_config *config)
{
    config->own[config->own_count++] = world->client_addrs[path];
    if (world->has_nat[path])
        config->own[config->own_count++] = world->nat_addrs[path];
}

/* The address that his genuine host dialled from is a participant's own; whoever leaves that one to
 * somebody else has a second. */
static void own_host(const struct plait_attack *attack, struct plait_tap_config *config)
{
    const struct plait_world *world = attack->world;
    if (attack->scenario->victim == PLAIT_CLIENT) {
        config->own[config->own_count++] = world->server_addr;
        return;
    }
    bool has_second = attack->scenario->position->beside & PLAIT_LEAVES_ADDRESS;
    for (unsigned path = 0; path < PLAIT_PATHS_MAX; path++)
        if (!world->is_given_away[path] && (path == attack->scenario->dialled || has_second))
            own_path(world, path, config);
}

/* An address that he inherits is his own from then on. */
static void tap_home(struct plait_attack *attack, const struct plait_addr *inherited)
{
    unsigned rights = PLAIT_MAY_INJECT;
    if (plait_may_spoof(attack))
        rights |= PLAIT_MAY_SPOOF;
    struct plait_tap_config config = {.link = attack->world->attacker_link,
                                      .ways = PLAIT_BOTH_WAYS,
                                      .rights = rights,
                                      .from_ns = 0,
                                      .until_ns = PLAIT_NEVER,
                                      .own = {attack->world->attacker_addr},
                                      .own_count = 1};
    const struct plait_position *position = attack->scenario->position;
    if (position && position->participant)
        own_host(attack, &config);
    if (inherited)
        config.own[config.own_count++] = *inherited;
    attack->home_tap = plait_net_add_tap(attack->world->net, &config);
}

bool plait_attack_is_tcp(const struct plait_attack *attack)
{
    return attack->scenario->protocol == PLAIT_TCP;
}

void plait_attack_install(struct plait_attack *attack, struct plait_world *world,
                          const struct plait_scenario *scenario, struct plait_goals *goals)
{
    attack->scenario = scenario;
    attack->world = world;
    attack->goals = goals;
    goals->price = &attack->price;
    attack->steps = json_array();
    attack->claims = json_array();
    const struct plait_position *position = scenario->position;
    attack->known.expected = plait_protocol_mechanism(scenario->protocol);
    if (position && position->participant) /* his genuine host was given it */
        attack->known.secret = plait_world_secret(world);
    for (unsigned path = 0; position && path < world->topology->path_count; path++)
        if (position->presence != PLAIT_NEVER_THERE && (position->paths >> path & 1))
            tap_path(attack, path, world->path_links[path]);
    if (position && (position->beside & PLAIT_HEARS_STRANGERS))
        tap_stranger(attack);
    tap_home(attack, NULL);
    plait_net_observe(world->net, watch_forged, attack);
    if (scenario->drop_attack) {
        const struct plait_link_config dead = {.loss_mask = UINT64_MAX};
        plait_net_set_link(world->net, world->attacker_link, &dead);
    }
}

void plait_attack_inherit(struct plait_attack *attack, unsigned path)
{
    struct plait_world *world = attack->world;
    plait_net_end_tap(world->net, attack->home_tap);
    plait_world_reassign(world, path, world->attacker_link, false);
    tap_home(attack, &world->client_addrs[path]);
}

void plait_attack_leave(struct plait_attack *attack, unsigned path, plait_link link)
{
    plait_net_end_tap(attack->world->net, attack->home_tap);
    plait_world_reassign(attack->world, path, link, true);
    tap_home(attack, NULL);
}

void plait_attack_vanish(struct plait_attack *attack)
{
    plait_net_end_tap(attack->world->net, attack->home_tap);
    plait_net_set_link_up(attack->world->net, attack->world->attacker_link, false);
    attack->gone = attack->world->attacker_is_gone = true;
}

void plait_attack_return(struct plait_attack *attack)
{
    plait_net_set_link_up(attack->world->net, attack->world->attacker_link, true);
    tap_home(attack, NULL);
}

plait_time_ns plait_attack_lateness(struct plait_attack *attack)
{
    plait_time_ns now_ns = plait_net_lateness(attack->world->net);
    if (now_ns > attack->lateness_ns)
        attack->lateness_ns = now_ns;
    return attack->lateness_ns;
}

bool plait_await_untimed(struct plait_attack *attack, bool (*stop)(void *self), void *self,
                         plait_time_ns timeout_ns)
{
    (void)plait_attack_lateness(attack);
    bool stopped =
        plait_world_run(attack->world, plait_world_now(attack->world) + timeout_ns, stop, self);
    plait_net_time_lateness(attack->world->net);
    return stopped;
}

void plait_attack_free(struct plait_attack *attack)
{
    json_decref(attack->steps);
    plait_schedule_log_free(&attack->schedule);
    json_decref(attack->claims);
}
