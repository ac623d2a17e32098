/* net/box_coalesce.c: joins two segments that follow each other into one, with the options of the
 * first alone (C-MB-2): what those of the second said is lost (RFC 8684 §6).
 *
 * A segment that says that more follows (no PSH) waits for the next that comes the same way, for as
 * long as that takes: the box has no clock.  May touch: the packets it was handed. */
#include <stdlib.h>
#include <string.h>

#include "base/octets.h"
#include "net/net_internal.h"
#include "wire/tcp.h"

struct coalescer {
    struct plait_packet *waiting[2]; /* that came in at side n */
};

static bool is_data(struct plait_packet *packet, struct tcp_view *view)
{
    return plait_tcp_view(packet, view) && plait_tcp_payload_octets(view) > 0 &&
           (view->tcp[PLAIT_TCP_FLAGS_AT] & ~PLAIT_PSH) == PLAIT_ACK;
}

static bool may_wait(struct plait_packet *packet)
{
    struct tcp_view view;
    return is_data(packet, &view) && !(view.tcp[PLAIT_TCP_FLAGS_AT] & PLAIT_PSH);
}

static bool follows(struct tcp_view *first, struct tcp_view *second, int side)
{
    struct box_flow a = plait_box_flow(first, side), b = plait_box_flow(second, side);
    uint32_t end =
        plait_load_u32(first->tcp + PLAIT_TCP_SEQ_AT) + (uint32_t)plait_tcp_payload_octets(first);
    return plait_box_flow_equal(&a, &b) && end == plait_load_u32(second->tcp + PLAIT_TCP_SEQ_AT);
}

/* The second's acknowledgment and window are the newer ones. */
static struct plait_packet *joined(const struct plait_packet *a, const struct tcp_view *first,
                                   const struct tcp_view *second)
{
    size_t tcp_at = (size_t)(first->tcp - a->octets), more = plait_tcp_payload_octets(second);
    size_t whole = tcp_at + first->ip.payload_octets; /* octets behind the IP length are dropped */
    struct plait_packet *packet = plait_packet_new((uint32_t)(whole + more));
    memcpy(packet->octets, a->octets, whole);
    memcpy(packet->octets + whole, second->tcp + plait_tcp_header_octets(second), more);
    packet->length_octets = packet->room_octets;
    packet->forged = a->forged;
    uint8_t *tcp = packet->octets + tcp_at;
    memcpy(tcp + PLAIT_TCP_ACK_AT, second->tcp + PLAIT_TCP_ACK_AT, 4);
    memcpy(tcp + PLAIT_TCP_WINDOW_AT, second->tcp + PLAIT_TCP_WINDOW_AT, 2);
    tcp[PLAIT_TCP_FLAGS_AT] |= second->tcp[PLAIT_TCP_FLAGS_AT];
    plait_box_seal(packet, tcp_at, &first->ip);
    return packet;
}

/* Both as one, or NULL if they do not belong together. */
static struct plait_packet *join(struct plait_packet *a, struct plait_packet *b, int side)
{
    struct tcp_view first, second;
    if (!is_data(a, &first) || !is_data(b, &second) || !follows(&first, &second, side) ||
        a->length_octets + b->length_octets > PLAIT_PACKET_MAX_OCTETS || a->forged != b->forged)
        return NULL;
    return joined(a, &first, &second);
}

static struct plait_packet *pass(void *self, plait_time_ns now, int side,
                                 struct plait_packet *packet)
{
    (void)now;
    struct coalescer *c = self;
    struct plait_packet *first = c->waiting[side];
    c->waiting[side] = NULL;
    if (!first) {
        if (!may_wait(packet))
            return packet;
        c->waiting[side] = packet;
        return NULL;
    }
    struct plait_packet *one = join(first, packet, side);
    if (!one) {
        first->next = packet;
        return first;
    }
    plait_packet_free(first);
    plait_packet_free(packet);
    return one;
}

static void free_coalescer(void *self)
{
    struct coalescer *c = self;
    plait_packet_free(c->waiting[0]);
    plait_packet_free(c->waiting[1]);
    free(c);
}

struct plait_box plait_box_coalesce(void)
{
    struct coalescer *c = plait_net_alloc(1, sizeof *c);
    return (struct plait_box){.pass = pass, .free = free_coalescer, .self = c};
}
