/* net/box_isn.c: a firewall that hides initial sequence numbers (C-NAT-4): each end's are moved by
 * an amount of their own, acknowledgments and SACK blocks moved back.
 *
 * It learns of a connection by its SYN; what it saw no SYN of passes as it is.  May touch: the
 * packet it was handed, and its own table. */
#include <stdlib.h>

#include "base/draw.h"
#include "base/octets.h"
#include "net/net_internal.h"
#include "wire/tcp.h"

enum { FLOWS_MAX = 64 /* further SYNs get nothing */ };

struct moved { /* a connection */
    struct box_flow flow;
    uint32_t by[2]; /* what comes in at side n */
};

struct firewall {
    struct plait_draw_key key;
    unsigned count;
    struct moved flows[FLOWS_MAX];
};

static struct moved *find(struct firewall *f, const struct box_flow *flow)
{
    for (unsigned i = 0; i < f->count; i++)
        if (plait_box_flow_equal(&f->flows[i].flow, flow))
            return &f->flows[i];
    return NULL;
}

static struct moved *learn(struct firewall *f, const struct box_flow *flow)
{
    if (f->count == FLOWS_MAX)
        return NULL;
    uint64_t by = plait_draw(&f->key, "firewall", "isn", f->count);
    struct moved *moved = &f->flows[f->count++];
    *moved = (struct moved){*flow, {(uint32_t)by, (uint32_t)(by >> 32)}};
    return moved;
}

static void move(struct tcp_view *view, size_t at, uint32_t by)
{
    plait_tcp_write_u32(view, at, plait_load_u32(view->tcp + at) + by);
}

static uint32_t moved_edge(const void *by, uint32_t edge)
{
    return edge + *(const uint32_t *)by;
}

/* False if there is no room for a connection that begins. */
static bool rewrite(struct firewall *f, struct tcp_view *view, int side)
{
    struct box_flow flow = plait_box_flow(view, side);
    struct moved *moved = find(f, &flow);
    uint8_t flags = view->tcp[PLAIT_TCP_FLAGS_AT];
    if (!moved && (flags & (PLAIT_SYN | PLAIT_ACK)) == PLAIT_SYN) {
        moved = learn(f, &flow);
        if (!moved)
            return false;
    }
    if (!moved)
        return true;
    move(view, PLAIT_TCP_SEQ_AT, moved->by[side]);
    if (flags & PLAIT_ACK) {
        uint32_t back = 0 - moved->by[1 - side];
        move(view, PLAIT_TCP_ACK_AT, back);
        plait_tcp_map_sack(view, moved_edge, &back);
    }
    return true;
}

static struct plait_packet *pass(void *self, plait_time_ns now, int side,
                                 struct plait_packet *packet)
{
    (void)now;
    struct tcp_view view;
    if (!plait_tcp_view(packet, &view) || rewrite(self, &view, side))
        return packet;
    plait_packet_free(packet);
    return NULL;
}

struct plait_box plait_box_isn(uint64_t seed)
{
    struct firewall *f = plait_net_alloc(1, sizeof *f);
    f->key = plait_draw_key(seed);
    return (struct plait_box){.pass = pass, .free = free, .self = f};
}
