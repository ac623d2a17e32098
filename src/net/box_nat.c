/* net/box_nat.c: a NAT for TCP over IPv4 and IPv6 (C-NAT-1, C-NAT-2).  A place inside keeps its
 * port outside for the life of the box.  May touch: the packet it was handed, and its own table. */
#include <stdlib.h>
#include <string.h>

#include "base/draw.h"
#include "base/octets.h"
#include "net/net_internal.h"

#define PORTS            65536u
#define FIRST_PORT       1024u
#define MAPPINGS_MAX     32768u /* further places inside get nothing; half the ports stay free */
#define SLOTS            65536u /* at most half full, so that probing ends soon */
#define IPV4_CHECKSUM_AT 10

struct nat {
    struct plait_addr public_addr;
    struct plait_draw_key key;
    uint64_t draws;
    uint32_t mappings;
    struct plait_place inside[PORTS]; /* by port outside; no family = free */
    uint16_t port_of[SLOTS];          /* by hash of the place inside; 0 = free */
};

/* ---- mappings ------------------------------------------------------------------------------ */

/* The slot that holds PLACE's port, or the free one where it belongs. */
static uint16_t *find_slot(struct nat *nat, const struct plait_place *place)
{
    uint8_t octets[19];
    memcpy(octets, place->addr.octets, 16);
    octets[16] = place->addr.family;
    plait_store_u16(octets + 17, place->port);
    uint64_t slot = plait_siphash(&nat->key, octets, sizeof octets) % SLOTS;
    while (nat->port_of[slot] && !plait_place_equal(&nat->inside[nat->port_of[slot]], place))
        slot = (slot + 1) % SLOTS;
    return &nat->port_of[slot];
}

static uint16_t draw_port(struct nat *nat)
{
    uint64_t port;
    do
        port = FIRST_PORT +
               plait_draw_below(&nat->key, "nat", "port", nat->draws++, PORTS - FIRST_PORT);
    while (nat->inside[port].addr.family);
    return (uint16_t)port;
}

/* The port outside of PLACE, or 0 if all mappings are taken. */
static uint16_t outside_port(struct nat *nat, const struct plait_place *place)
{
    uint16_t *slot = find_slot(nat, place);
    if (!*slot && nat->mappings < MAPPINGS_MAX) {
        *slot = draw_port(nat);
        nat->inside[*slot] = *place;
        nat->mappings++;
    }
    return *slot;
}

/* ---- rewriting ------------------------------------------------------------------------------ */

/* Source or destination becomes PLACE; both checksums keep whatever error they had. */
static void rewrite(struct tcp_view *view, bool is_source, const struct plait_place *place)
{
    bool is_ipv4 = view->ip.src.family == PLAIT_IPV4;
    size_t addr_octets = is_ipv4 ? 4 : 16;
    uint8_t *addr = view->octets + (is_ipv4 ? 12 : 8) + (is_source ? 0 : addr_octets);
    uint8_t *port = view->tcp + (is_source ? PLAIT_TCP_SRC_PORT_AT : PLAIT_TCP_DST_PORT_AT);
    uint8_t new_port[2];
    plait_store_u16(new_port, place->port);
    if (is_ipv4)
        plait_checksum_mend(view->octets + IPV4_CHECKSUM_AT, addr, place->addr.octets, 4);
    plait_checksum_mend(view->tcp + PLAIT_TCP_CHECKSUM_AT, addr, place->addr.octets, addr_octets);
    plait_checksum_mend(view->tcp + PLAIT_TCP_CHECKSUM_AT, port, new_port, 2);
    memcpy(addr, place->addr.octets, addr_octets);
    memcpy(port, new_port, 2);
}

static bool pass_out(struct nat *nat, struct tcp_view *view)
{
    struct plait_place inside = {view->ip.src, plait_load_u16(view->tcp + PLAIT_TCP_SRC_PORT_AT)};
    if (inside.addr.family != nat->public_addr.family)
        return false;
    struct plait_place outside = {nat->public_addr, outside_port(nat, &inside)};
    if (!outside.port)
        return false;
    rewrite(view, true, &outside);
    return true;
}

static bool pass_in(struct nat *nat, struct tcp_view *view)
{
    const struct plait_place *inside =
        &nat->inside[plait_load_u16(view->tcp + PLAIT_TCP_DST_PORT_AT)];
    if (!plait_addr_equal(&view->ip.dst, &nat->public_addr) || !inside->addr.family)
        return false;
    rewrite(view, false, inside);
    return true;
}

static struct plait_packet *pass(void *self, plait_time_ns now, int side,
                                 struct plait_packet *packet)
{
    (void)now;
    struct tcp_view view;
    if (plait_tcp_view(packet, &view) && (side == 0 ? pass_out(self, &view) : pass_in(self, &view)))
        return packet;
    plait_packet_free(packet);
    return NULL;
}

struct plait_box plait_box_nat(const struct plait_addr *public_addr, uint64_t seed)
{
    struct nat *nat = plait_net_alloc(1, sizeof *nat);
    nat->public_addr = *public_addr;
    nat->key = plait_draw_key(seed);
    return (struct plait_box){.pass = pass, .free = free, .self = nat};
}
