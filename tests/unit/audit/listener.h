/* Who hears what flatten writes: each packet must be a valid one, its flows are put together as a
 * receiver does, and what no receiver would see is held against the writer. */
#ifndef PLAIT_TESTS_AUDIT_LISTENER_H
#define PLAIT_TESTS_AUDIT_LISTENER_H

#include <stdlib.h>

#include "audit/flatten.h"
#include "tests/unit/test.h"
#include "wire/tcp.h"

#define HEARD_FLOWS_MAX   80
#define HEARD_PACKETS_MAX 256 /* the first ones, for tests that look closely */

struct flow_side {
    bool has_isn, has_fin;
    uint32_t isn;    /* of the SYN, or one before the first number seen */
    uint64_t next;   /* offset behind the last octet in order; the SYN is before 0 */
    uint64_t acked;  /* by the peer */
    uint64_t gaps;   /* octets that were skipped */
    uint8_t *octets; /* gaps are zeros */
    size_t room;
};

struct heard_flow {
    struct plait_place place[2]; /* 0 sent the first packet */
    struct flow_side stream[2];
    bool has_reset;
    unsigned packets, acks_alone;
};

struct heard_packet {
    enum plait_flat_kind kind;
    plait_time_ns at_ns;
    uint16_t ports[2]; /* source, destination */
    uint8_t flags;
    bool has_mptcp;
    uint32_t seq, ack, length;
    unsigned from_count;
    uint64_t frame[PLAIT_FLAT_FROM_MAX];
};

struct listener {
    struct heard_flow flows[HEARD_FLOWS_MAX];
    unsigned flow_count;
    struct heard_packet packets[HEARD_PACKETS_MAX];
    unsigned packet_count;
    plait_time_ns last_ns;
    bool keeps_no_octets; /* streams beyond memory: only their numbers are followed */
};

static inline struct heard_flow *heard_flow(struct listener *l, const struct plait_segment *s,
                                            unsigned *sender)
{
    struct plait_flow_key key = plait_segment_flow(s);
    for (unsigned i = 0; i < l->flow_count; i++)
        for (unsigned end = 0; end < 2; end++)
            if (plait_place_equal(&l->flows[i].place[end], &key.src) &&
                plait_place_equal(&l->flows[i].place[!end], &key.dst)) {
                *sender = end;
                return &l->flows[i];
            }
    assert_true(l->flow_count < HEARD_FLOWS_MAX);
    struct heard_flow *flow = &l->flows[l->flow_count++];
    flow->place[0] = key.src;
    flow->place[1] = key.dst;
    *sender = 0;
    return flow;
}

static inline void hear_octets(const struct listener *l, struct flow_side *stream, uint64_t at,
                               const uint8_t *octets, size_t length)
{
    if (l->keeps_no_octets || !length)
        return;
    if (at + length > stream->room) {
        stream->room = 2 * (at + length);
        stream->octets = realloc(stream->octets, stream->room);
        assert_non_null(stream->octets);
    }
    memcpy(stream->octets + at, octets, length);
}

/* In order, nothing twice; a jump ahead is a gap. */
static inline void hear_segment(struct listener *l, struct heard_flow *flow, unsigned sender,
                                const struct plait_segment *s)
{
    struct flow_side *own = &flow->stream[sender], *peer = &flow->stream[!sender];
    bool is_syn = s->flags & PLAIT_SYN;
    if (!own->has_isn)
        own->isn = s->seq - !is_syn;
    own->has_isn = true;
    uint32_t ahead = s->seq + is_syn - (own->isn + 1 + (uint32_t)own->next);
    assert_true(ahead < 1u << 31); /* nothing is sent again */
    if (ahead && !l->keeps_no_octets) {
        static const uint8_t zeros[1 << 16];
        assert_true(ahead <= sizeof zeros);
        hear_octets(l, own, own->next, zeros, ahead);
    }
    own->gaps += ahead;
    own->next += ahead;
    hear_octets(l, own, own->next, s->payload, s->payload_octets);
    own->next += s->payload_octets;
    if (s->flags & PLAIT_FIN) {
        assert_false(own->has_fin);
        own->has_fin = true;
        own->next++;
    }
    flow->has_reset |= (s->flags & PLAIT_RST) != 0;
    if (!(s->flags & PLAIT_ACK))
        return;
    if (!peer->has_isn) {
        peer->isn = s->ack - 1;
        peer->has_isn = true;
    }
    uint32_t news = s->ack - (peer->isn + 1 + (uint32_t)peer->acked);
    assert_true(news <= peer->next - peer->acked); /* neither back nor beyond what was sent */
    peer->acked += news;
}

static inline void listen_to(void *owner, const struct plait_flat_packet *packet)
{
    struct listener *l = owner;
    struct plait_segment s;
    assert_true(packet->at_ns >= l->last_ns);
    l->last_ns = packet->at_ns;
    assert_ok(plait_segment_parse(packet->octets, packet->length, &s));
    if (l->packet_count < HEARD_PACKETS_MAX) {
        struct heard_packet *p = &l->packets[l->packet_count++];
        *p = (struct heard_packet){.kind = packet->kind,
                                   .at_ns = packet->at_ns,
                                   .ports = {s.src_port, s.dst_port},
                                   .flags = s.flags,
                                   .has_mptcp = s.mptcp_count != 0,
                                   .seq = s.seq,
                                   .ack = s.ack,
                                   .length = (uint32_t)s.payload_octets,
                                   .from_count = packet->from_count};
        for (unsigned i = 0; i < packet->from_count; i++)
            p->frame[i] = packet->from[i].frame;
    }
    unsigned sender;
    struct heard_flow *flow = heard_flow(l, &s, &sender);
    flow->packets++;
    flow->acks_alone += s.flags == PLAIT_ACK && !s.payload_octets;
    if (packet->kind == PLAIT_FLAT_OWN || packet->kind == PLAIT_FLAT_OTHER ||
        (s.flags & PLAIT_SYN && !flow->stream[sender].has_isn))
        hear_segment(l, flow, sender, &s);
}

static inline void forget_heard(struct listener *l)
{
    for (unsigned i = 0; i < l->flow_count; i++)
        for (unsigned end = 0; end < 2; end++)
            free(l->flows[i].stream[end].octets);
    memset(l, 0, sizeof *l);
}

#endif
