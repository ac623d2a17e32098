/* net/packet.h: one IP packet on the lab's net.
 *
 * Owned by exactly one holder at a time (port, link queue, script); freed by its last holder.
 * May touch: memory it allocated itself. */
#ifndef PLAIT_NET_PACKET_H
#define PLAIT_NET_PACKET_H

#include "plait/packet.h"

struct plait_packet {
    uint32_t length_octets;
    uint32_t room_octets;
    uint64_t forged; /* 0 = a genuine host's; else the serial number of an attacker's packet */
    bool edited;     /* a gateway changed its payload */
    struct plait_offload offload;
    struct plait_packet *next; /* for the holder's queue */
    uint8_t octets[];
};

/* A packet with room for ROOM_OCTETS, length 0.  Panics when memory is exhausted. */
struct plait_packet *plait_packet_new(uint32_t room_octets);
struct plait_packet *plait_packet_of(const void *octets, uint32_t length_octets);
struct plait_packet *plait_packet_copy(const struct plait_packet *packet);
void plait_packet_free(struct plait_packet *packet);

/* Completes the checksum, and leaves a super-segment whole. */
void plait_packet_sum(struct plait_packet *packet);
/* Completes the checksum and cuts a super-segment into MTU-sized packets, in place for a packet
 * that needs neither; the result is a list linked by next.  Takes ownership.  RFC 8684 §3.3: the
 * options, DSS included, are copied to each segment, FIN and PSH stay on the last, CWR on the first
 * (RFC 3168 §6.1.2).  NULL, and PACKET is freed, if the offload record contradicts the octets. */
struct plait_packet *plait_packet_segment(struct plait_packet *packet);

#endif
