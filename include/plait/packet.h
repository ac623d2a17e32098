/* plait/packet.h: what crosses the edge of a host: whole IP packets, and what an offloading device
 * may leave undone in them. */
#ifndef PLAIT_PACKET_H
#define PLAIT_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#define PLAIT_PACKET_MAX_OCTETS 65535

/* What an offloading device left undone (the virtio-net header's content); all zero = nothing. */
struct plait_offload {
    uint16_t segment_octets;  /* payload of each segment; 0 = not a super-segment */
    bool needs_checksum;      /* the TCP checksum holds only the pseudo-header's sum */
    uint16_t checksum_start;  /* octet where summing starts */
    uint16_t checksum_offset; /* from checksum_start to the field */
    uint16_t header_octets;   /* IP and TCP headers */
};

/* The caller's buffer for one outgoing packet, filled in place: payload is copied once. */
struct plait_out {
    uint8_t *octets;              /* the caller's */
    uint32_t room_octets;         /* at least the path's MTU; 65,535 for super-segments */
    bool offload_allowed;         /* the device completes checksums and cuts super-segments */
    uint32_t length_octets;       /* set: the packet's length */
    struct plait_offload offload; /* set: all zero unless offload_allowed */
};

#endif
