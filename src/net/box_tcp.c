/* net/box_tcp.c: what boxes that look into TCP share: a view of a packet, and writing that mends
 * the checksum.  May touch: the packet it was handed. */
#include <string.h>

#include "base/octets.h"
#include "base/panic.h"
#include "net/net_internal.h"
#include "wire/checksum.h"

enum { WRITE_MAX = 8, OPTION_END = 0, OPTION_NOP = 1, OPTION_SACK = 5, IPV6_OCTETS = 40 };

bool plait_tcp_view(struct plait_packet *packet, struct tcp_view *view)
{
    view->octets = packet->octets;
    if (!plait_ok(plait_ip_parse(packet->octets, packet->length_octets, &view->ip)) ||
        view->ip.protocol != PLAIT_PROTOCOL_TCP || view->ip.payload_octets < PLAIT_TCP_LEAST)
        return false;
    view->tcp = packet->octets + (view->ip.payload - packet->octets);
    return true;
}

size_t plait_tcp_header_octets(const struct tcp_view *view)
{
    size_t octets = (view->tcp[PLAIT_TCP_LENGTH_AT] >> 4) * 4u;
    return octets >= PLAIT_TCP_LEAST && octets <= view->ip.payload_octets ? octets : 0;
}

size_t plait_tcp_payload_octets(const struct tcp_view *view)
{
    size_t header_octets = plait_tcp_header_octets(view);
    return header_octets ? view->ip.payload_octets - header_octets : 0;
}

/* The sum is over words that begin at even offsets, and an octet of zero follows an odd end
 * (RFC 1071). */
void plait_tcp_write(struct tcp_view *view, size_t at, const void *octets, size_t length_octets)
{
    uint8_t old[WRITE_MAX + 2] = {0}, new[WRITE_MAX + 2] = {0};
    size_t from = at & ~(size_t)1, to = (at + length_octets + 1) & ~(size_t)1;
    size_t end = view->ip.payload_octets;
    PLAIT_CHECK(length_octets <= WRITE_MAX && at + length_octets <= end);
    size_t known_octets = (to < end ? to : end) - from;
    memcpy(old, view->tcp + from, known_octets);
    memcpy(view->tcp + at, octets, length_octets);
    memcpy(new, view->tcp + from, known_octets);
    plait_checksum_mend(view->tcp + PLAIT_TCP_CHECKSUM_AT, old, new, to - from);
}

void plait_tcp_write_u32(struct tcp_view *view, size_t at, uint32_t value)
{
    uint8_t octets[4];
    plait_store_u32(octets, value);
    plait_tcp_write(view, at, octets, sizeof octets);
}

void plait_tcp_map_sack(struct tcp_view *view, uint32_t (*map)(const void *self, uint32_t edge),
                        const void *self)
{
    size_t end = plait_tcp_header_octets(view), length;
    for (size_t at = PLAIT_TCP_LEAST; at < end && view->tcp[at] != OPTION_END; at += length) {
        length = view->tcp[at] == OPTION_NOP ? 1 : at + 1 < end ? view->tcp[at + 1] : 0;
        if (length == 0 || at + length > end)
            return;
        for (size_t edge = at + 2; view->tcp[at] == OPTION_SACK && edge + 4 <= at + length;
             edge += 4)
            plait_tcp_write_u32(view, edge, map(self, plait_load_u32(view->tcp + edge)));
    }
}

static void write_lengths(struct plait_packet *packet)
{
    uint8_t *octets = packet->octets;
    if (octets[0] >> 4 == 6) {
        plait_store_u16(octets + 4, (uint16_t)(packet->length_octets - IPV6_OCTETS));
        return;
    }
    plait_store_u16(octets + 2, (uint16_t)packet->length_octets);
    plait_store_u16(octets + 10, 0);
    plait_store_u16(octets + 10, plait_sum_finish(plait_sum_add(0, octets, (octets[0] & 15) * 4u)));
}

void plait_box_seal(struct plait_packet *packet, size_t tcp_at, const struct plait_ip *ip)
{
    uint8_t *tcp = packet->octets + tcp_at;
    uint32_t tcp_octets = (uint32_t)(packet->length_octets - tcp_at);
    write_lengths(packet);
    plait_store_u16(tcp + PLAIT_TCP_CHECKSUM_AT, 0);
    plait_sum sum = plait_sum_pseudo(0, &ip->src, &ip->dst, PLAIT_PROTOCOL_TCP, tcp_octets);
    plait_store_u16(tcp + PLAIT_TCP_CHECKSUM_AT,
                    plait_sum_finish(plait_sum_add(sum, tcp, tcp_octets)));
}

struct box_flow plait_box_flow(const struct tcp_view *view, int side)
{
    struct box_flow flow;
    flow.end[side] =
        (struct plait_place){view->ip.src, plait_load_u16(view->tcp + PLAIT_TCP_SRC_PORT_AT)};
    flow.end[1 - side] =
        (struct plait_place){view->ip.dst, plait_load_u16(view->tcp + PLAIT_TCP_DST_PORT_AT)};
    return flow;
}

bool plait_box_flow_equal(const struct box_flow *a, const struct box_flow *b)
{
    return plait_place_equal(&a->end[0], &b->end[0]) && plait_place_equal(&a->end[1], &b->end[1]);
}
