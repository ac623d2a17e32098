/* net/box_stretch.c: a gateway that makes payload longer, as one for FTP does when it writes
 * another address (T-CSUM-1): two octets stand in front of each n-th octet of a stream, and
 * sequence numbers, acknowledgments and SACK blocks are moved by what was added up to there.
 *
 * Where it adds follows from the number alone, so what is sent again is edited again in the same
 * way, however it is cut.  It learns of a connection by its SYN; what it saw no SYN of passes as it
 * is.  Options it does not know.  May touch: the packet it was handed, and its own table. */
#include <stdlib.h>
#include <string.h>

#include "base/octets.h"
#include "net/net_internal.h"
#include "wire/tcp.h"

enum { FLOWS_MAX = 64 /* further connections get nothing */, ADDED_OCTETS = 2 };

static const uint8_t added[ADDED_OCTETS] = {'+', '+'};

struct stretched { /* a connection */
    struct box_flow flow;
    bool has_isn[2], has_fin[2]; /* of what comes in at side n */
    uint32_t isn[2], fin[2];     /* fin: octets in front of it */
};

struct gateway {
    uint32_t every_octets;
    unsigned count;
    struct stretched flows[FLOWS_MAX];
};

/* ---- places ------------------------------------------------------------------------------- */

/* Octets of the stream are counted from 0; something is added in front of number every, 2 * every,
 * ...: so many times in front of octets below AT. */
static uint32_t times_below(const struct gateway *g, uint32_t at)
{
    return at ? (at - 1) / g->every_octets : 0;
}

static uint32_t outside_of(const struct gateway *g, uint32_t at)
{
    return at + ADDED_OCTETS * times_below(g, at);
}

/* In the midst of what was added stands the octet behind it. */
static uint32_t inside_of(const struct gateway *g, uint32_t at)
{
    if (at <= g->every_octets)
        return at;
    uint32_t block = (at - g->every_octets) / (g->every_octets + ADDED_OCTETS);
    uint32_t in = (at - g->every_octets) % (g->every_octets + ADDED_OCTETS);
    return g->every_octets * (block + 1) + (in < ADDED_OCTETS ? 0 : in - ADDED_OCTETS);
}

/* ---- numbers ------------------------------------------------------------------------------ */

/* What the sender at SIDE calls SEQ, as the other end knows it. */
static uint32_t seq_outside(const struct gateway *g, const struct stretched *s, int side,
                            uint32_t seq)
{
    uint32_t at = seq - s->isn[side] - 1;
    bool is_old = at > UINT32_MAX / 2; /* the SYN, or a probe in front of the stream */
    if (is_old)
        return seq;
    bool is_behind_fin = s->has_fin[side] && at == s->fin[side] + 1;
    return s->isn[side] + 1 + outside_of(g, at - is_behind_fin) + is_behind_fin;
}

/* The way back, of a number that whoever hears the sender at SIDE says. */
static uint32_t seq_inside(const struct gateway *g, const struct stretched *s, int side,
                           uint32_t seq)
{
    uint32_t at = seq - s->isn[side] - 1;
    if (at > UINT32_MAX / 2)
        return seq;
    bool is_behind_fin = s->has_fin[side] && at == outside_of(g, s->fin[side]) + 1;
    return s->isn[side] + 1 + inside_of(g, at - is_behind_fin) + is_behind_fin;
}

struct way_back {
    const struct gateway *gateway;
    const struct stretched *stretched;
    int side;
};

static uint32_t edge_inside(const void *self, uint32_t edge)
{
    const struct way_back *way = self;
    return seq_inside(way->gateway, way->stretched, way->side, edge);
}

/* ---- connections -------------------------------------------------------------------------- */

static struct stretched *find(struct gateway *g, const struct box_flow *flow)
{
    for (unsigned i = 0; i < g->count; i++)
        if (plait_box_flow_equal(&g->flows[i].flow, flow))
            return &g->flows[i];
    return NULL;
}

static struct stretched *learn(struct gateway *g, const struct tcp_view *view, int side)
{
    struct box_flow flow = plait_box_flow(view, side);
    struct stretched *s = find(g, &flow);
    if (!(view->tcp[PLAIT_TCP_FLAGS_AT] & PLAIT_SYN))
        return s;
    if (!s && g->count < FLOWS_MAX) {
        s = &g->flows[g->count++];
        *s = (struct stretched){.flow = flow};
    }
    if (s) {
        s->isn[side] = plait_load_u32(view->tcp + PLAIT_TCP_SEQ_AT);
        s->has_isn[side] = true;
    }
    return s;
}

/* ---- one packet --------------------------------------------------------------------------- */

/* PACKET with what is added to its payload, whose first octet is number AT of the stream. */
static struct plait_packet *stretch(const struct gateway *g, struct plait_packet *packet,
                                    const struct tcp_view *view, uint32_t at)
{
    size_t tcp_at = (size_t)(view->tcp - packet->octets);
    size_t from = tcp_at + plait_tcp_header_octets(view), octets = plait_tcp_payload_octets(view);
    uint32_t times = times_below(g, at + (uint32_t)octets) - times_below(g, at);
    size_t room = from + octets + times * ADDED_OCTETS;
    if (times == 0 || room > PLAIT_PACKET_MAX_OCTETS)
        return packet;
    struct plait_packet *longer = plait_packet_new((uint32_t)room);
    uint8_t *to = longer->octets;
    memcpy(to, packet->octets, from);
    to += from;
    for (size_t i = 0; i < octets; i++) {
        if (at + i > 0 && (at + i) % g->every_octets == 0) {
            memcpy(to, added, ADDED_OCTETS);
            to += ADDED_OCTETS;
        }
        *to++ = packet->octets[from + i];
    }
    longer->length_octets = (uint32_t)room;
    longer->forged = packet->forged;
    longer->edited = true;
    plait_box_seal(longer, tcp_at, &view->ip);
    plait_packet_free(packet);
    return longer;
}

static struct plait_packet *edit(struct gateway *g, struct stretched *s, int side,
                                 struct plait_packet *packet, struct tcp_view *view)
{
    uint8_t flags = view->tcp[PLAIT_TCP_FLAGS_AT];
    uint32_t seq = plait_load_u32(view->tcp + PLAIT_TCP_SEQ_AT), at = seq - s->isn[side] - 1;
    size_t octets = plait_tcp_payload_octets(view);
    if ((flags & PLAIT_ACK) && s->has_isn[1 - side]) {
        uint32_t ack = plait_load_u32(view->tcp + PLAIT_TCP_ACK_AT);
        const struct way_back way = {g, s, 1 - side};
        plait_tcp_write_u32(view, PLAIT_TCP_ACK_AT, seq_inside(g, s, 1 - side, ack));
        plait_tcp_map_sack(view, edge_inside, &way);
    }
    if (flags & PLAIT_SYN)
        return packet;
    if (flags & PLAIT_FIN) {
        s->has_fin[side] = true;
        s->fin[side] = at + (uint32_t)octets;
    }
    plait_tcp_write_u32(view, PLAIT_TCP_SEQ_AT, seq_outside(g, s, side, seq));
    return octets && at <= UINT32_MAX / 2 ? stretch(g, packet, view, at) : packet;
}

static struct plait_packet *pass(void *self, plait_time_ns now, int side,
                                 struct plait_packet *packet)
{
    (void)now;
    struct gateway *g = self;
    struct tcp_view view;
    if (!plait_tcp_view(packet, &view) || !plait_tcp_header_octets(&view))
        return packet;
    struct stretched *s = learn(g, &view, side);
    return s && s->has_isn[side] ? edit(g, s, side, packet, &view) : packet;
}

struct plait_box plait_box_stretch(uint32_t every_octets)
{
    struct gateway *g = plait_net_alloc(1, sizeof *g);
    g->every_octets = every_octets;
    return (struct plait_box){.pass = pass, .free = free, .self = g};
}
