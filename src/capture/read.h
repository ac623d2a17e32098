/* capture/read.h: reading pcap and pcapng, as octets that may be hostile.
 *
 * Link types: Ethernet, raw IP, Linux cooked v1 and v2, BSD loopback, IPv4, IPv6.
 * May touch: the octets it was given. */
#ifndef PLAIT_CAPTURE_READ_H
#define PLAIT_CAPTURE_READ_H

#include "base/cursor.h"
#include "base/time.h"

#define PLAIT_CAPTURE_INTERFACES_MAX 64

struct plait_capture_packet {
    plait_time_ns at_ns;
    unsigned interface;
    unsigned link_type;
    const uint8_t *ip; /* first octet of the IP header, or NULL if the frame carries none */
    size_t ip_octets;  /* captured */
    const uint8_t *frame;
    size_t frame_octets; /* captured */
    size_t wire_octets;  /* original */
};

struct plait_capture_interface {
    uint16_t link_type;
    uint64_t ticks_per_second;
    int64_t offset_s; /* added to every time */
};

struct plait_capture {
    struct plait_reader reader;
    bool is_pcapng, little_endian;
    unsigned interface_count;
    struct plait_capture_interface interfaces[PLAIT_CAPTURE_INTERFACES_MAX];
};

/* BAD_VALUE if the octets are neither format. */
plait_result plait_capture_open(struct plait_capture *c, const void *octets, size_t length_octets);
/* The next packet; NOT_FOUND at the clean end, TRUNCATED or BAD_LENGTH where the file breaks off
 * (and NOT_FOUND from then on), BAD_VALUE for a block that is skipped: reading may go on behind it.
 */
plait_result plait_capture_next(struct plait_capture *c, struct plait_capture_packet *packet);

#endif
