/* tcp/segment.c: a segment is written into the caller's buffer: headers through wire/, payload
 * copied once, with its sum.
 *
 * Option space (40 octets): timestamps first, then the owner's options, then as many SACK blocks
 * as remain (RFC 2018 §3). */
#include <string.h>

#include "base/octets.h"
#include "tcp/inside.h"

enum { TIMESTAMPS_OCTETS = 12, SACK_OCTETS = 4, BLOCK_OCTETS = 8, TTL = 64, CHECKSUM_AT = 16 };

/* ---- options ---- */

static uint32_t mptcp_octets(const struct plait_segment *s)
{
    uint32_t total = 0;
    for (unsigned i = 0; i < s->mptcp_count; i++)
        total += (uint32_t)(plait_mptcp_octets(&s->mptcp[i]) + 3) / 4 * 4;
    return total;
}

static uint32_t add_syn_options(const struct plait_flow *flow, const struct plait_path *path,
                                struct plait_tcp_options *o)
{
    const struct plait_tcp_config *config = &flow->stack->config;
    bool is_answer = flow->state == PLAIT_FLOW_SYN_RECEIVED;
    uint32_t headers = path->key.dst.addr.family == PLAIT_IPV6 ? 60 : 40;
    o->has_mss = true;
    o->mss = (uint16_t)(path->mtu_octets - headers);
    o->has_window_scale = is_answer ? flow->receive.shift : !config->no_window_scale;
    o->window_scale = plait_window_shift(flow->stack);
    o->sack_permitted = is_answer ? flow->has_sack : !config->no_sack;
    o->has_timestamps = is_answer ? flow->stamps.is_used : !config->no_timestamps;
    uint32_t own = o->has_timestamps ? TIMESTAMPS_OCTETS : o->sack_permitted ? 4 : 0;
    return 4 + (o->has_window_scale ? 4 : 0) + own;
}

/* The owner's, or as many of them as fit; returns their octets. */
static uint32_t add_owner_options(struct plait_flow *flow, const struct plait_draft *draft,
                                  uint32_t room_octets, struct plait_segment *s)
{
    struct plait_option_request request = {.kind = draft->kind,
                                           .from = draft->from,
                                           .length = draft->length,
                                           .is_retransmission = draft->is_retransmission,
                                           .attempt = draft->attempt,
                                           .room_octets = room_octets};
    s->mptcp_count = (uint8_t)flow->owner->options(flow->owner_self, flow, &request, s->mptcp);
    uint32_t octets = mptcp_octets(s);
    while (octets > room_octets) {
        s->mptcp_count--;
        octets = mptcp_octets(s);
    }
    return octets;
}

static uint32_t sack_room(uint32_t used_octets)
{
    uint32_t left = PLAIT_TCP_OPTIONS_MAX_OCTETS - used_octets;
    return left < SACK_OCTETS + BLOCK_OCTETS ? 0 : (left - SACK_OCTETS) / BLOCK_OCTETS;
}

/* All options; returns their octets. */
static uint32_t add_options(struct plait_flow *flow, const struct plait_path *path,
                            plait_time_ns now, struct plait_draft *draft, struct plait_segment *s)
{
    struct plait_tcp_options *o = &s->options;
    bool is_syn = draft->flags & PLAIT_SYN;
    uint32_t own = 0;
    if (is_syn) {
        own = add_syn_options(flow, path, o);
    } else if (flow->stamps.is_used) {
        o->has_timestamps = true;
        own = TIMESTAMPS_OCTETS;
    }
    o->timestamp = (uint32_t)(now / PLAIT_MS) + flow->stamps.offset;
    o->timestamp_echo = draft->flags & PLAIT_ACK ? (uint32_t)flow->stamps.recent : 0;
    uint32_t owners = add_owner_options(flow, draft, PLAIT_TCP_OPTIONS_MAX_OCTETS - own, s);
    if (draft->kind == PLAIT_SEGMENT_DATA)
        flow->send.option_octets = owners;
    if (!is_syn && draft->kind != PLAIT_SEGMENT_RST)
        o->sack_count = (uint8_t)plait_sack_blocks(flow, o->sack, sack_room(own + owners));
    return own + owners + (o->sack_count ? SACK_OCTETS + BLOCK_OCTETS * o->sack_count : 0);
}

/* ---- size ---- */

static uint32_t fixed_octets(const struct plait_path *path)
{
    return path->key.dst.addr.family == PLAIT_IPV6 ? 60 : 40;
}

uint32_t plait_segment_room(const struct plait_flow *flow, const struct plait_path *path)
{
    struct plait_sack_block blocks[PLAIT_SACK_BLOCKS_MAX];
    uint32_t options = flow->send.option_octets;
    uint32_t used = options + (flow->stamps.is_used ? TIMESTAMPS_OCTETS : 0);
    if (!flow->receive.ranges.count && flow->receive.duplicate.from == flow->receive.duplicate.to)
        return plait_flow_mss(flow, path, options);
    unsigned count = plait_sack_blocks(flow, blocks, sack_room(used));
    return plait_flow_mss(flow, path, options + (count ? SACK_OCTETS + BLOCK_OCTETS * count : 0));
}

/* Cuts the payload to one segment, or to one super-segment. */
static void fit(const struct plait_flow *flow, const struct plait_path *path,
                const struct plait_out *out, uint32_t option_octets, struct plait_draft *draft)
{
    uint32_t header = fixed_octets(path) + option_octets;
    uint32_t own = flow->stamps.is_used ? TIMESTAMPS_OCTETS : 0;
    uint32_t limit = plait_flow_mss(flow, path, option_octets - own);
    draft->segment_octets = limit;
    uint32_t super = flow->stack->config.super_octets;
    if (out->offload_allowed && super > limit)
        limit = super;
    uint32_t room = out->room_octets < UINT16_MAX ? out->room_octets : UINT16_MAX;
    if (limit > room - header)
        limit = room - header;
    if (draft->length <= limit)
        return;
    draft->length = limit;
    draft->flags &= (uint8_t) ~(PLAIT_FIN | PLAIT_PSH);
}

/* ---- writing ---- */

static void set_head(struct plait_flow *flow, const struct plait_path *path,
                     const struct plait_draft *draft, struct plait_segment *s)
{
    memset(s, 0, offsetof(struct plait_segment, mptcp)); /* options are written when counted */
    s->ip.src = path->key.src.addr;
    s->ip.dst = path->key.dst.addr;
    s->ip.protocol = PLAIT_PROTOCOL_TCP;
    s->ip.ttl = TTL;
    s->ip.dont_fragment = true; /* path MTU discovery; an atomic datagram needs no ID (RFC 6864) */
    s->src_port = path->key.src.port;
    s->dst_port = path->key.dst.port;
    s->flags = draft->flags;
    s->seq = draft->has_seq ? draft->seq : (uint32_t)draft->from + flow->isn;
    if (draft->flags & PLAIT_ACK)
        s->ack = (uint32_t)flow->receive.edge + flow->peer_isn;
    if (!(draft->flags & PLAIT_RST))
        s->window = plait_window_announce(flow, draft->flags & PLAIT_SYN);
}

void plait_flow_set_numbers(const struct plait_flow *flow, struct plait_segment *segment)
{
    const struct plait_receiving *r = &flow->receive;
    uint64_t window = r->announced_edge > r->edge ? (r->announced_edge - r->edge) >> r->shift : 0;
    segment->seq = (uint32_t)flow->send.next + flow->isn;
    segment->ack = (uint32_t)r->edge + flow->peer_isn;
    segment->window = (uint16_t)(window < UINT16_MAX ? window : UINT16_MAX);
}

static void set_offload(struct plait_out *out, const struct plait_segment_head *head,
                        const struct plait_draft *draft)
{
    out->offload = (struct plait_offload){.needs_checksum = true,
                                          .checksum_start = (uint16_t)head->ip_octets,
                                          .checksum_offset = CHECKSUM_AT,
                                          .header_octets = (uint16_t)head->header_octets,
                                          .segment_octets = draft->length > draft->segment_octets
                                                                ? (uint16_t)draft->segment_octets
                                                                : 0};
}

bool plait_segment_write(struct plait_flow *flow, struct plait_path *path, plait_time_ns now,
                         struct plait_out *out, struct plait_draft *draft)
{
    struct plait_segment s;
    struct plait_segment_head head;
    if (out->room_octets < fixed_octets(path) + PLAIT_TCP_OPTIONS_MAX_OCTETS + !!draft->length)
        return false;
    if (flow->lacks_isn)
        draft->flags &= (uint8_t)~PLAIT_ACK; /* as in a first SYN */
    set_head(flow, path, draft, &s);
    uint32_t options = add_options(flow, path, now, draft, &s);
    fit(flow, path, out, options, draft);
    s.flags = draft->flags;
    if (!plait_ok(plait_segment_begin(&s, out->octets, out->room_octets, &head)))
        return false; /* cannot be: room was asked */
    plait_sum sum = 0;
    if (draft->length)
        sum = flow->owner->copy(flow->owner_self, flow, draft->from, draft->length,
                                out->octets + head.header_octets, !out->offload_allowed);
    plait_segment_end(&s, &head, draft->length, sum, out->offload_allowed, out->octets);
    out->length_octets = (uint32_t)head.header_octets + draft->length;
    out->offload = (struct plait_offload){0};
    if (out->offload_allowed)
        set_offload(out, &head, draft);
    plait_trace(flow->stack, now, PLAIT_TRACE_SENT_EVENT, flow->connection, flow->number,
                draft->from, draft->length, draft->flags);
    if (draft->flags & PLAIT_ACK && !(draft->flags & PLAIT_RST))
        plait_ack_sent(flow);
    return true;
}
