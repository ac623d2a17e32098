/* capture/unwrap_ip.c: an IP packet: the innermost, a fragment, or a tunnel. */
#include <string.h>

#include "base/octets.h"
#include "capture/extensions.h"
#include "capture/unwrap_inside.h"
#include "wire/ip.h"

enum {
    IPV4_HEADER_OCTETS = 20,
    PROTOCOL_IPV4 = 4,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_GRE = 47,
    PROTOCOL_MPLS = 137
};

/* What the header says there was; less may have been captured, more is padding. */
static void set_packet(struct plait_walk *w, uint32_t said_octets)
{
    uint32_t passed = (uint32_t)(w->r.at - w->start);
    uint32_t there = w->wire_octets - passed, wire = said_octets ? said_octets : there;
    size_t left = plait_reader_left(&w->r);
    if (wire > there)
        plait_capture_count(w->u->counts, PLAIT_CAPTURE_IP_LONG);
    w->out->packet = (struct plait_ip_octets){w->r.at, left < wire ? (uint32_t)left : wire, wire};
    w->r.end = w->r.at + w->out->packet.captured_octets;
    w->wire_octets = passed + wire;
}

/* A length of 0 is that of a super-segment, or of a jumbogram: then it is the frame's. */
static enum plait_step read_ipv4(struct plait_walk *w, uint32_t *header, uint8_t *protocol)
{
    const uint8_t *ip = w->r.at;
    if (plait_reader_left(&w->r) < IPV4_HEADER_OCTETS)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    uint32_t total = plait_load_u16(ip + 2);
    *header = (ip[0] & 15u) * 4;
    *protocol = ip[9];
    if (*header < IPV4_HEADER_OCTETS || (total && total < *header))
        return plait_walk_stop(w, PLAIT_CAPTURE_IP_HEADER);
    set_packet(w, total);
    return PLAIT_STEP_FOUND;
}

static enum plait_step read_ipv6(struct plait_walk *w, uint32_t *header, uint8_t *protocol)
{
    const uint8_t *ip = w->r.at;
    if (plait_reader_left(&w->r) < PLAIT_IPV6_HEADER_OCTETS)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    uint32_t payload = plait_load_u16(ip + 4);
    *header = PLAIT_IPV6_HEADER_OCTETS;
    *protocol = ip[6];
    set_packet(w, payload ? PLAIT_IPV6_HEADER_OCTETS + payload : 0);
    if (*protocol == PLAIT_PROTOCOL_TCP)
        return PLAIT_STEP_FOUND;
    struct plait_extensions e = plait_extensions(ip, w->out->packet.captured_octets);
    if (e.is_too_long)
        return plait_walk_stop(w, PLAIT_CAPTURE_IP_EXTENSIONS);
    *header = e.is_cut ? w->out->packet.captured_octets : e.at;
    *protocol = e.is_cut ? PLAIT_PROTOCOL_TCP : e.protocol; /* it comes through as it is */
    return PLAIT_STEP_FOUND;
}

/* The walk goes on with the packet that a fragment completed, at the same depth. */
static enum plait_step put_together(struct plait_walk *w)
{
    struct plait_ip_octets whole;
    if (w->whole_count++ > PLAIT_TUNNELS_MAX)
        return plait_walk_stop(w, PLAIT_CAPTURE_TOO_DEEP);
    if (!plait_fragments_add(w->u->fragments, w->now, w->out->network, &w->out->packet, &whole))
        return PLAIT_STEP_NOTHING;
    w->out->was_fragmented = true;
    w->start = whole.ip;
    w->r = plait_reader(whole.ip, whole.captured_octets);
    w->wire_octets = whole.wire_octets;
    return PLAIT_STEP_IP;
}

bool plait_walk_push_tunnel(struct plait_walk *w, enum plait_layer_kind kind, uint32_t id)
{
    const uint8_t *ip = w->out->packet.ip;
    struct plait_outer *outer = &w->out->outer;
    if (outer->tunnel_count == PLAIT_TUNNELS_MAX) {
        plait_capture_count(w->u->counts, PLAIT_CAPTURE_TOO_DEEP);
        return false;
    }
    if (!plait_walk_push(w, kind, id))
        return false;
    struct plait_layer *layer = &outer->layers[outer->count - 1];
    bool is_ipv4 = ip[0] >> 4 == 4;
    size_t octets = is_ipv4 ? 4 : 16;
    layer->src = layer->dst = (struct plait_addr){.family = is_ipv4 ? PLAIT_IPV4 : PLAIT_IPV6};
    memcpy(layer->src.octets, ip + (is_ipv4 ? 12 : 8), octets);
    memcpy(layer->dst.octets, ip + (is_ipv4 ? 16 : 24), octets);
    outer->tunnel_count++;
    w->out->network = plait_network_within(&w->u->networks, w->out->network, kind, id);
    if (w->out->network == PLAIT_NETWORK_OTHER)
        plait_capture_count(w->u->counts, PLAIT_CAPTURE_NETWORK_MANY);
    return true;
}

static enum plait_step enter(struct plait_walk *w, uint8_t protocol)
{
    switch (protocol) {
    case PROTOCOL_IPV4:
    case PROTOCOL_IPV6:
        return plait_walk_push_tunnel(w, PLAIT_LAYER_IP, 0) ? PLAIT_STEP_IP : PLAIT_STEP_NOTHING;
    case PROTOCOL_GRE:
        return plait_step_gre(w);
    case PLAIT_PROTOCOL_UDP:
        return plait_step_udp(w);
    case PROTOCOL_MPLS:
        return plait_walk_push_tunnel(w, PLAIT_LAYER_IP, 0) ? PLAIT_STEP_MPLS : PLAIT_STEP_NOTHING;
    }
    return PLAIT_STEP_FOUND;
}

enum plait_step plait_step_ip(struct plait_walk *w)
{
    struct plait_reader peek = w->r;
    uint8_t version = plait_read_u8(&peek) >> 4, protocol;
    uint32_t header;
    if (peek.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    if (version != 4 && version != 6)
        return plait_walk_stop(w, PLAIT_CAPTURE_IP_VERSION);
    enum plait_step read =
        version == 4 ? read_ipv4(w, &header, &protocol) : read_ipv6(w, &header, &protocol);
    if (read != PLAIT_STEP_FOUND)
        return read;
    if (w->out->packet.captured_octets < header)
        return PLAIT_STEP_FOUND; /* options cut: it comes through as it is */
    if (version == 4 ? plait_load_u16(w->r.at + 6) & 0x3fff : protocol == PLAIT_IPV6_FRAGMENT)
        return put_together(w);
    if (protocol == PLAIT_PROTOCOL_TCP)
        return PLAIT_STEP_FOUND;
    plait_read_octets(&w->r, header);
    return enter(w, protocol);
}
