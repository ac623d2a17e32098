/* net/segment.c: does in software what an offloading device was asked to do: completes a checksum,
 * cuts a super-segment.  The offload record comes from a guest and is believed only where the
 * octets agree: header_octets is a mere hint of the virtio-net header and is not read. May touch:
 * the packet it was handed. */
#include <string.h>

#include "base/octets.h"
#include "net/net_internal.h"
#include "wire/checksum.h"
#include "wire/ip.h"
#include "wire/tcp.h"

#define TCP_SEQ_AT      4
#define TCP_LENGTH_AT   12
#define TCP_FLAGS_AT    13
#define TCP_CHECKSUM_AT 16

bool plait_packet_is_undone(const struct plait_packet *packet)
{
    return packet->offload.segment_octets || packet->offload.needs_checksum;
}

/* ---- checksum ------------------------------------------------------------------------------ */

/* RFC 1624 §3, equation 3, over all words that change. */
void plait_checksum_mend(uint8_t *field, const uint8_t *old, const uint8_t *new,
                         size_t length_octets)
{
    plait_sum sum = plait_sum_u16(0, (uint16_t)~plait_load_u16(field));
    for (size_t i = 0; i + 1 < length_octets; i += 2)
        sum = plait_sum_u16(sum, (uint16_t)~plait_load_u16(old + i));
    sum = plait_sum_add(sum, new, length_octets);
    plait_store_u16(field, plait_sum_finish(sum));
}

static bool is_sum_in_reach(const struct plait_packet *packet)
{
    const struct plait_offload *o = &packet->offload;
    return o->checksum_start + o->checksum_offset + 2u <= packet->length_octets;
}

/* The field holds the pseudo-header's sum, so summing over it completes the checksum. */
static void complete_checksum(struct plait_packet *packet)
{
    const struct plait_offload *o = &packet->offload;
    uint8_t *start = packet->octets + o->checksum_start;
    plait_sum sum = plait_sum_add(0, start, packet->length_octets - o->checksum_start);
    uint16_t checksum = plait_sum_finish(sum);
    /* 0 would tell UDP that there is none (RFC 768); for TCP both are the same number. */
    plait_store_u16(start + o->checksum_offset, checksum ? checksum : 0xffff);
}

void plait_packet_sum(struct plait_packet *packet)
{
    if (!packet->offload.needs_checksum || !is_sum_in_reach(packet))
        return;
    complete_checksum(packet);
    packet->offload.needs_checksum = false;
}

/* ---- super-segments ------------------------------------------------------------------------ */

struct super { /* a parsed super-segment */
    const struct plait_packet *packet;
    struct plait_ip ip;
    uint32_t tcp_at;     /* where its TCP header starts */
    uint32_t payload_at; /* and its payload */
    uint32_t segment_octets;
};

static bool read_super(const struct plait_packet *packet, struct super *super)
{
    *super = (struct super){.packet = packet, .segment_octets = packet->offload.segment_octets};
    struct plait_ip *ip = &super->ip;
    if (!plait_ok(plait_ip_parse(packet->octets, packet->length_octets, ip)) ||
        ip->protocol != PLAIT_PROTOCOL_TCP || ip->payload_octets < 20)
        return false;
    super->tcp_at = (uint32_t)(ip->payload - packet->octets);
    uint32_t tcp_octets = (ip->payload[TCP_LENGTH_AT] >> 4) * 4u;
    super->payload_at = super->tcp_at + tcp_octets;
    return tcp_octets >= 20 && tcp_octets <= ip->payload_octets &&
           super->tcp_at + ip->payload_octets == packet->length_octets;
}

bool plait_packet_segments_fit(const struct plait_packet *packet, uint32_t mtu_octets)
{
    struct super super;
    if (!packet->offload.segment_octets || !read_super(packet, &super))
        return packet->length_octets <= mtu_octets;
    return super.payload_at + super.segment_octets <= mtu_octets;
}

bool plait_packet_is_segmentable(const struct plait_packet *packet)
{
    struct super super;
    return packet->offload.segment_octets ? read_super(packet, &super) : is_sum_in_reach(packet);
}

/* Each segment but the first takes the next identification, so that a receiver which looks at them
 * sees what the device's own segmentation would have sent (RFC 6864 §4 leaves it free). */
static void write_ip(const struct super *super, struct plait_packet *segment, uint32_t index)
{
    uint8_t *octets = segment->octets;
    if (super->ip.src.family == PLAIT_IPV6) {
        plait_store_u16(octets + 4, (uint16_t)(segment->length_octets - 40));
        return;
    }
    plait_store_u16(octets + 2, (uint16_t)segment->length_octets);
    plait_store_u16(octets + 4, (uint16_t)(super->ip.identification + index));
    plait_store_u16(octets + 10, 0);
    plait_store_u16(octets + 10, plait_sum_finish(plait_sum_add(0, octets, (octets[0] & 15) * 4u)));
}

static void write_tcp(uint8_t *tcp, uint32_t offset_octets, bool is_last)
{
    plait_store_u32(tcp + TCP_SEQ_AT, plait_load_u32(tcp + TCP_SEQ_AT) + offset_octets);
    if (offset_octets)
        tcp[TCP_FLAGS_AT] &= (uint8_t)~PLAIT_CWR;
    if (!is_last)
        tcp[TCP_FLAGS_AT] &= (uint8_t) ~(PLAIT_FIN | PLAIT_PSH);
    plait_store_u16(tcp + TCP_CHECKSUM_AT, 0);
}

static struct plait_packet *cut(const struct super *super, uint32_t index)
{
    const uint8_t *from = super->packet->octets;
    uint32_t offset_octets = index * super->segment_octets;
    uint32_t left_octets = super->packet->length_octets - super->payload_at - offset_octets;
    uint32_t payload_octets =
        left_octets < super->segment_octets ? left_octets : super->segment_octets;
    struct plait_packet *segment = plait_packet_new(super->payload_at + payload_octets);
    segment->length_octets = segment->room_octets;
    segment->forged = super->packet->forged;
    memcpy(segment->octets, from, super->payload_at);
    uint8_t *tcp = segment->octets + super->tcp_at;
    uint32_t tcp_octets = super->payload_at - super->tcp_at;
    write_ip(super, segment, index);
    write_tcp(tcp, offset_octets, payload_octets == left_octets);
    plait_sum sum = plait_sum_pseudo(0, &super->ip.src, &super->ip.dst, PLAIT_PROTOCOL_TCP,
                                     tcp_octets + payload_octets);
    sum = plait_sum_add(sum, tcp, tcp_octets);
    sum = plait_sum_copy(sum, tcp + tcp_octets, from + super->payload_at + offset_octets,
                         payload_octets);
    plait_store_u16(tcp + TCP_CHECKSUM_AT, plait_sum_finish(sum));
    return segment;
}

static struct plait_packet *cut_all(const struct super *super)
{
    struct plait_packet *first = NULL, **end = &first;
    uint32_t payload_octets = super->packet->length_octets - super->payload_at;
    uint32_t index = 0;
    do {
        *end = cut(super, index++);
        end = &(*end)->next;
    } while (index * super->segment_octets < payload_octets);
    return first;
}

struct plait_packet *plait_packet_segment(struct plait_packet *packet)
{
    if (!plait_packet_is_undone(packet))
        return packet;
    struct plait_packet *result = NULL;
    struct super super;
    if (packet->offload.segment_octets && read_super(packet, &super)) {
        result = cut_all(&super);
    } else if (!packet->offload.segment_octets && is_sum_in_reach(packet)) {
        complete_checksum(packet);
        packet->offload = (struct plait_offload){0};
        return packet;
    }
    plait_packet_free(packet);
    return result;
}
