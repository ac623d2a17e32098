/* lab/on_path.c: acts of an attacker who may alter what passes, and the relay of one who is in the
 * middle of a subflow. */
#include <string.h>

#include "lab/attack.h"

void plait_on_path(struct plait_attack *a, plait_act act)
{
    a->alter = act;
}

void plait_strip_mptcp(struct plait_attack *a, unsigned path, struct plait_packet *packet)
{
    (void)path;
    if (!plait_packet_strip_mptcp(packet->octets, packet->length_octets))
        return;
    a->alter_verdict = PLAIT_TAP_ALTERED;
    plait_price_packet(&a->price, plait_world_now(a->world), packet->length_octets);
}

void plait_alter_payload(struct plait_attack *a, unsigned path, struct plait_packet *packet)
{
    (void)path;
    struct plait_segment segment;
    if (!plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment)) ||
        segment.payload_octets < plait_marker_octets)
        return;
    struct plait_addr peer = plait_addr_of(a, plait_peer(a));
    if (!plait_addr_equal(&segment.ip.src, &peer))
        return;
    uint8_t octets[PLAIT_FRAME_OCTETS], payload[PLAIT_FRAME_OCTETS];
    size_t length_octets = 0;
    memcpy(payload, segment.payload, segment.payload_octets);
    memcpy(payload, plait_marker, plait_marker_octets);
    segment.payload = payload;
    if (!plait_ok(plait_segment_build(&segment, octets, sizeof octets, &length_octets)) ||
        length_octets > packet->room_octets)
        return;
    memcpy(packet->octets, octets, length_octets);
    packet->length_octets = (uint32_t)length_octets;
    a->alter_verdict = PLAIT_TAP_ALTERED;
    plait_price_packet(&a->price, plait_world_now(a->world), packet->length_octets);
}

enum { RELAY_PORT = 21000 };

void plait_relay(struct plait_attack *a, const struct plait_place *far)
{
    const struct plait_segment *first = &a->seen.segment;
    a->relay = (struct plait_relay){.on = true,
                                    .near = {first->ip.src, first->src_port},
                                    .far = *far,
                                    .near_port = first->dst_port,
                                    .far_port = RELAY_PORT};
    struct plait_segment onward = *first;
    onward.ip.src = a->world->attacker_addr;
    onward.src_port = RELAY_PORT;
    onward.ip.dst = far->addr;
    onward.dst_port = far->port;
    uint8_t octets[PLAIT_FRAME_OCTETS];
    size_t length_octets;
    if (plait_ok(plait_segment_build(&onward, octets, sizeof octets, &length_octets)))
        plait_attack_send_octets(a, octets, (uint32_t)length_octets);
}
