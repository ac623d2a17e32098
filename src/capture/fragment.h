/* capture/fragment.h: internal: one fragment of either family, as it says it is.
 *
 * May touch: nothing but its arguments. */
#ifndef PLAIT_CAPTURE_FRAGMENT_H
#define PLAIT_CAPTURE_FRAGMENT_H

#include "capture/fragments.h"

enum {
    /* of IPv6; of IPv4 with its header */
    PLAIT_FRAGMENT_PAYLOAD_MAX_OCTETS = 65535,
    PLAIT_FRAGMENT_HEADER_MAX_OCTETS = 1536
};

/* Hashed as octets, so it has no gaps. */
struct plait_fragment_name {
    uint8_t src[16], dst[16];
    uint32_t identification;
    uint16_t network;
    uint8_t version, protocol; /* the latter of IPv4 only */
};

/* One fragment as it says it is. */
struct plait_fragment {
    struct plait_fragment_name name;
    uint32_t offset, length;
    bool more;
    const uint8_t *payload;
    const uint8_t *header; /* of HEADER octets, the fragment header of IPv6 left out */
    uint32_t header_octets;
    uint32_t named_at; /* IPv6: the octet that names what follows, and its new value */
    uint8_t protocol;
};

/* PACKET is a fragment and was captured whole.  False if it contradicts itself, or an IPv4 header
 * its checksum, or what is in front of the payload is longer than PLAIT_FRAGMENT_HEADER_MAX_OCTETS.
 * name.network is left 0. */
bool plait_fragment_read(const struct plait_ip_octets *packet, struct plait_fragment *f);
/* Whether a length field can say it: HEADER octets, fixed header included, and PAYLOAD. */
bool plait_fragment_is_possible(uint8_t version, uint32_t header_octets, uint32_t payload_octets);

#endif
