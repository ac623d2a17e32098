/* What happens to option 30, and to octets, on the way (RFC 8684 §3.7; rows of docs/INTEROP.md).
 * May touch: the packet it was handed. */
#include "tests/interop/box.h"

#include <string.h>

#include "base/octets.h"
#include "wire/checksum.h"
#include "wire/tcp.h"

enum { TCP_CHECKSUM_AT = 16, SSN_SHIFT = 1 };

/* ---- which segments ----------------------------------------------------------------------------
 */

static bool is_way(const struct interop_box *box, int side)
{
    return box->c->change_ways & (side == 0 ? INTEROP_TO_SERVER : INTEROP_TO_CLIENT);
}

static bool has(const struct plait_segment *s, enum plait_mptcp_subtype subtype)
{
    return plait_segment_option(s, subtype) != NULL;
}

/* A second path carries what the scheduler gives it: of 10 MB 0.3 to 9.8 in 40 runs. */
static bool in_second_half(const struct interop_box *box, int side)
{
    return box->seen_octets[side] >= box->c->octets[side] / (box->c->change_path ? 200 : 2);
}

static bool is_syn(struct interop_box *box, int side, const struct plait_segment *s)
{
    (void)box, (void)side;
    return (s->flags & (PLAIT_SYN | PLAIT_ACK)) == PLAIT_SYN;
}

static bool is_syn_ack(struct interop_box *box, int side, const struct plait_segment *s)
{
    (void)box, (void)side;
    return (s->flags & (PLAIT_SYN | PLAIT_ACK)) == (PLAIT_SYN | PLAIT_ACK);
}

static bool is_third_ack(struct interop_box *box, int side, const struct plait_segment *s)
{
    if (side != 0 || box->third_ack_seen || s->flags & PLAIT_SYN)
        return false;
    return box->third_ack_seen = true;
}

static bool is_non_syn(struct interop_box *box, int side, const struct plait_segment *s)
{
    return is_way(box, side) && !(s->flags & PLAIT_SYN);
}

/* Also when it is sent again, whole or in part. */
static bool is_first_data(struct interop_box *box, int side, const struct plait_segment *s)
{
    if (!is_way(box, side) || !s->payload_octets)
        return false;
    if (!box->has_first[side]) {
        box->has_first[side] = true;
        box->first_seq[side] = s->seq;
    }
    return s->seq == box->first_seq[side];
}

static bool is_late(struct interop_box *box, int side, const struct plait_segment *s)
{
    return is_way(box, side) && !(s->flags & PLAIT_SYN) && in_second_half(box, side);
}

/* Each retransmission passes. */
static bool is_one_in_the_middle(struct interop_box *box, int side, const struct plait_segment *s)
{
    if (!is_way(box, side) || box->done[side] || s->payload_octets < 200 ||
        !in_second_half(box, side))
        return false;
    return box->done[side] = true;
}

/* Linux repeats one mapping on many segments.  Not the first of them is hurt: a shifted mapping
 * that nothing contradicts yet cannot be told from a true one without checksums (RFC 8684 §3.3.1).
 */
static bool has_map_in_the_middle(struct interop_box *box, int side, const struct plait_segment *s)
{
    const struct plait_mptcp_option *dss = plait_segment_option(s, PLAIT_DSS);
    if (!dss || !dss->dss.has_map)
        return false;
    bool is_repeated = dss->dss.dsn == box->last_dsn[side];
    bool is_of_plait = box->c->roles == (side == 0 ? INTEROP_PLAIT_DIALS : INTEROP_KERNEL_DIALS);
    box->last_dsn[side] = dss->dss.dsn;
    return (is_repeated || is_of_plait) && is_one_in_the_middle(box, side, s);
}

static bool is_capable_syn(struct interop_box *box, int side, const struct plait_segment *s)
{
    return is_syn(box, side, s) && has(s, PLAIT_MP_CAPABLE);
}

static bool is_large_data(struct interop_box *box, int side, const struct plait_segment *s)
{
    return is_way(box, side) && s->payload_octets >= 2;
}

/* ---- what happens to them ----------------------------------------------------------------------
 */

static struct plait_packet *strip(struct plait_packet *packet, const struct plait_segment *s)
{
    (void)s;
    (void)plait_packet_strip_mptcp(packet->octets, packet->length_octets);
    return packet;
}

static struct plait_packet *drop(struct plait_packet *packet, const struct plait_segment *s)
{
    (void)s;
    plait_packet_free(packet);
    return NULL;
}

static uint8_t *tcp_of(struct plait_packet *packet, const struct plait_segment *s)
{
    return packet->octets + (s->ip.payload - packet->octets);
}

static void sum_again(struct plait_packet *packet, const struct plait_segment *s)
{
    uint8_t *tcp = tcp_of(packet, s);
    plait_store_u16(tcp + TCP_CHECKSUM_AT, 0);
    plait_sum sum = plait_sum_pseudo(0, &s->ip.src, &s->ip.dst, PLAIT_PROTOCOL_TCP,
                                     (uint32_t)s->ip.payload_octets);
    plait_store_u16(tcp + TCP_CHECKSUM_AT,
                    plait_sum_finish(plait_sum_add(sum, tcp, s->ip.payload_octets)));
}

static struct plait_packet *corrupt(struct plait_packet *packet, const struct plait_segment *s)
{
    packet->octets[s->payload - packet->octets + 100] ^= 0x40;
    sum_again(packet, s);
    return packet;
}

/* Finds the mapping's subflow sequence number in the options: behind the DATA_ACK and the DSN. */
static struct plait_packet *shift_ssn(struct plait_packet *packet, const struct plait_segment *s)
{
    const struct plait_dss *dss = &plait_segment_option(s, PLAIT_DSS)->dss;
    uint8_t *tcp = tcp_of(packet, s), *end = packet->octets + (s->payload - packet->octets);
    size_t skip = 4 + (dss->has_ack ? dss->ack_is_64 ? 8 : 4 : 0) + (dss->dsn_is_64 ? 8 : 4);
    for (uint8_t *at = tcp + 20; at + 4 < end;) {
        if (at[0] == PLAIT_OPTION_MPTCP && at[2] >> 4 == PLAIT_DSS)
            plait_store_u32(at + skip, plait_load_u32(at + skip) + SSN_SHIFT);
        at += at[0] <= 1 ? 1 : at[1];
    }
    sum_again(packet, s);
    return packet;
}

/* The options go on both halves, as an offloading device does it. */
static struct plait_packet *split(struct plait_packet *packet, const struct plait_segment *s)
{
    packet->offload = (struct plait_offload){
        .segment_octets = (uint16_t)((s->payload_octets + 1) / 2),
        .needs_checksum = true,
        .checksum_start = (uint16_t)(s->ip.payload - packet->octets),
        .checksum_offset = TCP_CHECKSUM_AT,
        .header_octets = (uint16_t)(s->payload - packet->octets),
    };
    uint8_t *tcp = tcp_of(packet, s);
    plait_sum pseudo = plait_sum_pseudo(0, &s->ip.src, &s->ip.dst, PLAIT_PROTOCOL_TCP,
                                        (uint32_t)s->ip.payload_octets);
    plait_store_u16(tcp + TCP_CHECKSUM_AT, (uint16_t)~plait_sum_finish(pseudo));
    return plait_packet_segment(packet);
}

/* ---- the table ---------------------------------------------------------------------------------
 */

static const struct {
    bool (*is_meant)(struct interop_box *box, int side, const struct plait_segment *s);
    struct plait_packet *(*change)(struct plait_packet *packet, const struct plait_segment *s);
} changes[INTEROP_CHANGES] = {
    [INTEROP_STRIP_SYN] = {is_syn, strip},
    [INTEROP_STRIP_SYN_ACK] = {is_syn_ack, strip},
    [INTEROP_STRIP_THIRD_ACK] = {is_third_ack, strip},
    [INTEROP_STRIP_NON_SYN] = {is_non_syn, strip},
    [INTEROP_STRIP_FIRST_DATA] = {is_first_data, strip},
    [INTEROP_STRIP_LATER_HALF] = {is_late, strip},
    [INTEROP_DROP_SYN] = {is_capable_syn, drop},
    [INTEROP_CORRUPT] = {is_one_in_the_middle, corrupt},
    [INTEROP_SHIFT_SSN] = {has_map_in_the_middle, shift_ssn},
    [INTEROP_SPLIT] = {is_large_data, split},
};

static struct plait_packet *pass(void *self, plait_time_ns now, int side,
                                 struct plait_packet *packet)
{
    struct interop_box *box = self;
    struct plait_segment s;
    (void)now;
    if (!plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &s)) ||
        !changes[box->c->change].is_meant)
        return packet;
    box->seen_octets[side] += s.payload_octets;
    if (!changes[box->c->change].is_meant(box, side, &s))
        return packet;
    box->changed++;
    return changes[box->c->change].change(packet, &s);
}

struct plait_box interop_box(struct interop_box *box)
{
    return (struct plait_box){.pass = pass, .self = box};
}
