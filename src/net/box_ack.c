/* net/box_ack.c: a proxy that acknowledges data by itself, before the receiver does (C-MB-3;
 * RFC 8684 §6, RFC 3135).
 *
 * It acknowledges what follows without a gap what it saw or heard acknowledged, knows no options of
 * Multipath TCP, and passes on everything.  May touch: the packets it was handed, and its own
 * table. */
#include <stdlib.h>

#include "net/net_internal.h"
#include "wire/tcp.h"

enum { FLOWS_MAX = 64 /* further connections are only passed on */, TTL = 64, ACK_OCTETS = 100 };

struct half { /* what one end sends */
    bool is_known;
    uint32_t next;   /* all before it is acknowledged */
    uint16_t window; /* that this end last advertised */
};

struct flow {
    struct box_flow ends;
    struct half half[2]; /* by side */
};

struct proxy {
    unsigned count;
    struct flow flows[FLOWS_MAX];
    struct plait_packet *says; /* what it says itself to whoever sent the last packet */
};

static struct flow *flow_of(struct proxy *proxy, const struct box_flow *ends)
{
    for (unsigned i = 0; i < proxy->count; i++)
        if (plait_box_flow_equal(&proxy->flows[i].ends, ends))
            return &proxy->flows[i];
    if (proxy->count == FLOWS_MAX)
        return NULL;
    struct flow *flow = &proxy->flows[proxy->count++];
    *flow = (struct flow){.ends = *ends};
    return flow;
}

/* In the receiver's name, with the numbers that the sender believes. */
static struct plait_packet *acknowledgment(const struct plait_segment *data,
                                           const struct half *sender, const struct half *receiver)
{
    struct plait_segment ack = {
        .ip = {.src = data->ip.dst,
               .dst = data->ip.src,
               .protocol = PLAIT_PROTOCOL_TCP,
               .ttl = TTL},
        .src_port = data->dst_port,
        .dst_port = data->src_port,
        .seq = data->ack,
        .ack = sender->next,
        .flags = PLAIT_ACK,
        .window = receiver->window,
        .options = {.has_timestamps = data->options.has_timestamps,
                    .timestamp = data->options.timestamp_echo,
                    .timestamp_echo = data->options.timestamp},
    };
    uint8_t octets[ACK_OCTETS];
    size_t length_octets;
    if (!plait_ok(plait_segment_build(&ack, octets, sizeof octets, &length_octets)))
        return NULL;
    return plait_packet_of(octets, (uint32_t)length_octets);
}

static bool is_after(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

/* What the other end acknowledged needs no acknowledgment of the proxy's. */
static void hear_ack(struct half *acknowledged, const struct plait_segment *segment)
{
    if ((segment->flags & PLAIT_ACK) &&
        (!acknowledged->is_known || is_after(segment->ack, acknowledged->next)))
        *acknowledged = (struct half){true, segment->ack, acknowledged->window};
}

static void see(struct proxy *proxy, const struct plait_segment *segment,
                const struct tcp_view *view, int side)
{
    struct box_flow ends = plait_box_flow(view, side);
    struct flow *flow = flow_of(proxy, &ends);
    if (!flow || (segment->flags & PLAIT_RST))
        return;
    struct half *sender = &flow->half[side], *receiver = &flow->half[1 - side];
    uint32_t end = segment->seq + (uint32_t)segment->payload_octets;
    hear_ack(receiver, segment);
    if (segment->flags & PLAIT_SYN) {
        *sender = (struct half){true, segment->seq + 1, segment->window};
        return;
    }
    sender->window = segment->window;
    if (segment->payload_octets && sender->is_known && receiver->is_known &&
        !is_after(segment->seq, sender->next) && is_after(end, sender->next)) {
        sender->next = end;
        proxy->says = acknowledgment(segment, sender, receiver);
    }
}

static struct plait_packet *pass(void *self, plait_time_ns now, int side,
                                 struct plait_packet *packet)
{
    (void)now;
    struct tcp_view view;
    struct plait_segment segment;
    if (plait_tcp_view(packet, &view) &&
        plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment)))
        see(self, &segment, &view, side);
    return packet;
}

static struct plait_packet *back(void *self)
{
    struct proxy *proxy = self;
    struct plait_packet *says = proxy->says;
    proxy->says = NULL;
    return says;
}

static void free_proxy(void *self)
{
    struct proxy *proxy = self;
    plait_packet_free(proxy->says);
    free(proxy);
}

struct plait_box plait_box_ack(void)
{
    struct proxy *proxy = plait_net_alloc(1, sizeof *proxy);
    return (struct plait_box){.pass = pass, .back = back, .free = free_proxy, .self = proxy};
}
