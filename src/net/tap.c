/* net/tap.c: the attacker's place, and what he may not do from there (DESIGN §4).
 *
 * A breach of the position is a bug of the script, not a stronger attacker, so it panics; tests
 * look for the names.  May touch: the net. */
#include <string.h>

#include "base/panic.h"
#include "net/net_internal.h"
#include "wire/ip.h"

static struct tap *tap_of(const struct plait_net *net, plait_tap tap)
{
    PLAIT_CHECK(tap >= 0 && (size_t)tap < net->tap_count);
    return net->taps[tap];
}

static bool has(const struct tap *tap, enum plait_right right)
{
    return tap->config.rights & right;
}

static bool is_within(const struct tap *tap, plait_time_ns now)
{
    return tap->config.from_ns <= now && now < tap->config.until_ns;
}

plait_tap plait_net_add_tap(struct plait_net *net, const struct plait_tap_config *config)
{
    PLAIT_CHECK(config->own_count <= PLAIT_TAP_ADDRS_MAX);
    PLAIT_CHECK(config->see || !(config->rights & PLAIT_MAY_SEE));
    struct tap *tap = plait_net_alloc(1, sizeof *tap);
    tap->number = (plait_tap)net->tap_count;
    tap->config = *config;
    tap->link = plait_net_link(net, config->link);
    struct tap **end = &tap->link->taps;
    while (*end)
        end = &(*end)->next_on_link;
    *end = tap;
    net->taps = plait_net_grow(net->taps, net->tap_count, &net->tap_room, sizeof *net->taps);
    net->taps[net->tap_count++] = tap;
    return tap->number;
}

void plait_net_end_tap(struct plait_net *net, plait_tap tap)
{
    struct tap *t = tap_of(net, tap);
    t->config.until_ns = plait_earlier(t->config.until_ns, plait_net_now(net));
}

/* ---- seeing, dropping, altering -------------------------------------------------------------- */

static bool is_same(const struct plait_packet *a, const struct plait_packet *b)
{
    return a->length_octets == b->length_octets &&
           memcmp(a->octets, b->octets, a->length_octets) == 0;
}

static void panic_altered(const struct tap *tap)
{
    plait_panic("tap: altered without the right", "tap %d on link %s", tap->number,
                tap->link->name);
}

static enum plait_tap_verdict ask(const struct tap *tap, plait_time_ns now, enum plait_way way,
                                  struct plait_packet *packet)
{
    enum plait_tap_verdict verdict = tap->config.see(tap->config.self, now, way, packet);
    if (verdict == PLAIT_TAP_DROP && !has(tap, PLAIT_MAY_DROP))
        plait_panic("tap: dropped without the right", "tap %d on link %s", tap->number,
                    tap->link->name);
    PLAIT_CHECK(packet->length_octets <= packet->room_octets);
    return verdict;
}

/* A tap without the right to alter is not trusted to leave the octets alone. */
static enum plait_tap_verdict ask_watched(const struct tap *tap, plait_time_ns now,
                                          enum plait_way way, struct plait_packet *packet)
{
    struct plait_packet *before = plait_packet_copy(packet);
    enum plait_tap_verdict verdict = ask(tap, now, way, packet);
    if (verdict == PLAIT_TAP_ALTERED || !is_same(before, packet))
        panic_altered(tap);
    plait_packet_free(before);
    return verdict;
}

/* Room for the options that an altering tap may want to add. */
static struct plait_packet *with_slack(struct plait_packet *packet)
{
    uint32_t room_octets = packet->length_octets + PLAIT_TAP_SLACK_OCTETS;
    if (room_octets > PLAIT_PACKET_MAX_OCTETS)
        room_octets = PLAIT_PACKET_MAX_OCTETS;
    if (packet->room_octets >= room_octets)
        return packet;
    struct plait_packet *roomy = plait_packet_new(room_octets);
    memcpy(roomy->octets, packet->octets, packet->length_octets);
    roomy->length_octets = packet->length_octets;
    roomy->forged = packet->forged;
    plait_packet_free(packet);
    return roomy;
}

static bool sees(const struct tap *tap, const struct direction *d, plait_time_ns now)
{
    return has(tap, PLAIT_MAY_SEE) && (tap->config.ways & d->way) && is_within(tap, now);
}

bool plait_taps_see(struct plait_net *net, const struct direction *d)
{
    for (const struct tap *tap = d->link->taps; tap; tap = tap->next_on_link)
        if (sees(tap, d, plait_net_now(net)))
            return true;
    return false;
}

bool plait_taps_pass(struct plait_net *net, const struct direction *d, struct plait_packet **packet,
                     const struct tap *injector)
{
    for (const struct tap *tap = d->link->taps; tap; tap = tap->next_on_link) {
        plait_time_ns now = plait_net_now(net);
        if (tap == injector || !sees(tap, d, now))
            continue;
        enum plait_tap_verdict verdict;
        if (has(tap, PLAIT_MAY_ALTER)) {
            *packet = with_slack(*packet);
            verdict = ask(tap, now, d->way, *packet);
        } else {
            verdict = ask_watched(tap, now, d->way, *packet);
        }
        if (verdict == PLAIT_TAP_DROP) {
            plait_net_tell(net, d, PLAIT_TAPPED, *packet);
            plait_packet_free(*packet);
            return false;
        }
    }
    return true;
}

/* ---- injecting ----------------------------------------------------------------------------- */

/* The source in the fixed header, whatever else is wrong with the packet: forged ones may be
 * malformed on purpose. */
static bool source_of(const struct plait_packet *packet, struct plait_addr *src)
{
    *src = (struct plait_addr){0};
    if (packet->length_octets < 20)
        return false;
    src->family = packet->octets[0] >> 4;
    if (src->family == PLAIT_IPV4) {
        memcpy(src->octets, packet->octets + 12, 4);
        return true;
    }
    if (src->family != PLAIT_IPV6 || packet->length_octets < 40)
        return false;
    memcpy(src->octets, packet->octets + 8, 16);
    return true;
}

static bool is_own_source(const struct tap *tap, const struct plait_packet *packet)
{
    struct plait_addr src;
    if (!source_of(packet, &src))
        return false;
    for (unsigned i = 0; i < tap->config.own_count; i++)
        if (plait_addr_equal(&tap->config.own[i], &src))
            return true;
    return false;
}

void plait_net_inject(struct plait_net *net, plait_tap tap, enum plait_way way,
                      struct plait_packet *packet)
{
    struct tap *t = tap_of(net, tap);
    PLAIT_CHECK(way == PLAIT_A_TO_B || way == PLAIT_B_TO_A);
    PLAIT_CHECK(!plait_packet_is_undone(packet));
    plait_time_ns now = plait_net_now(net);
    if (!has(t, PLAIT_MAY_INJECT) || !(t->config.ways & way))
        plait_panic("tap: injected without the right", "tap %d on link %s, way %d", tap,
                    t->link->name, way);
    if (!is_within(t, now))
        plait_panic("tap: used outside its interval", "tap %d on link %s at %lld ns", tap,
                    t->link->name, (long long)now);
    if (!has(t, PLAIT_MAY_SPOOF) && !is_own_source(t, packet))
        plait_panic("tap: spoofed without the right", "tap %d on link %s", tap, t->link->name);
    plait_link_enter(net, &t->link->ways[way == PLAIT_B_TO_A], packet, t);
}
