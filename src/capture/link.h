/* capture/link.h: internal: where the IP header is in a frame of each link type. */
#ifndef PLAIT_CAPTURE_LINK_H
#define PLAIT_CAPTURE_LINK_H

#include "base/cursor.h"

enum { PLAIT_ETHERTYPE_IPV4 = 0x0800, PLAIT_ETHERTYPE_IPV6 = 0x86dd };

enum plait_link_type { /* tcpdump.org/linktypes.html */
                       PLAIT_LINK_BSD = 0,
                       PLAIT_LINK_ETHERNET = 1,
                       PLAIT_LINK_RAW = 101,
                       PLAIT_LINK_BSD_NETWORK_ORDER = 108,
                       PLAIT_LINK_COOKED = 113,
                       PLAIT_LINK_IPV4 = 228,
                       PLAIT_LINK_IPV6 = 229,
                       PLAIT_LINK_COOKED_2 = 276
};

/* Octets from the IP header on; failed if the frame carries none or its link type is not known. */
struct plait_reader plait_link_ip(unsigned link_type, struct plait_reader frame);

#endif
