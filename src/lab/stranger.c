/* lab/stranger.c: resets, or silence. */
#include "lab/stranger.h"

#include "wire/tcp.h"

enum { TTL = 64, RESET_ROOM_OCTETS = 80 };

/* RFC 9293 §3.10.7.1: a segment to a connection that does not exist. */
static struct plait_segment reset_for(const struct plait_segment *in)
{
    bool has_ack = in->flags & PLAIT_ACK;
    return (struct plait_segment){
        .ip = {.src = in->ip.dst, .dst = in->ip.src, .protocol = PLAIT_PROTOCOL_TCP, .ttl = TTL},
        .src_port = in->dst_port,
        .dst_port = in->src_port,
        .seq = has_ack ? in->ack : 0,
        .ack = has_ack ? 0 : in->seq + plait_segment_sequence_octets(in),
        .flags = has_ack ? PLAIT_RST : PLAIT_RST | PLAIT_ACK,
    };
}

static void answer(struct plait_stranger *stranger, const struct plait_packet *packet)
{
    struct plait_segment in;
    uint8_t octets[RESET_ROOM_OCTETS];
    size_t length_octets;
    if (!plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &in)) ||
        (in.flags & PLAIT_RST))
        return;
    struct plait_segment reset = reset_for(&in);
    if (!plait_ok(plait_segment_build(&reset, octets, sizeof octets, &length_octets)))
        return;
    struct plait_packet *out = plait_packet_of(octets, (uint32_t)length_octets);
    out->next = NULL;
    if (stranger->first)
        stranger->last->next = out;
    else
        stranger->first = out;
    stranger->last = out;
}

static void input(void *self, plait_time_ns now, struct plait_packet *packet)
{
    (void)now;
    struct plait_stranger *stranger = self;
    if (stranger->kind == PLAIT_STRANGER_LIVE)
        answer(stranger, packet);
    plait_packet_free(packet);
}

static struct plait_packet *output(void *self, plait_time_ns now)
{
    (void)now;
    struct plait_stranger *stranger = self;
    struct plait_packet *out = stranger->first;
    if (out) {
        stranger->first = out->next;
        out->next = NULL;
    }
    return out;
}

static plait_time_ns deadline(void *self)
{
    (void)self;
    return PLAIT_NEVER;
}

static void advance(void *self, plait_time_ns now)
{
    (void)self;
    (void)now;
}

struct plait_port plait_stranger_port(struct plait_stranger *stranger)
{
    static const struct plait_port_ops ops = {input, output, deadline, advance};
    return (struct plait_port){&ops, stranger, -1, false};
}

void plait_stranger_free(struct plait_stranger *stranger)
{
    struct plait_packet *out;
    while ((out = output(stranger, 0)))
        plait_packet_free(out);
}
