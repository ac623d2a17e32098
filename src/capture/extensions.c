/* capture/extensions.c: from one extension header to the next. */
#include "capture/extensions.h"

#include "wire/ip.h"

enum { HOP_BY_HOP = 0, ROUTING = 43, AUTHENTICATION = 51, DESTINATION = 60, MOBILITY = 135 };

/* Length in octets of the header of PROTOCOL whose second octet is LENGTH; 0 if it is none.  That
 * of AH counts units of four, less two (RFC 4302 §2.2). */
static uint32_t extension_octets(uint8_t protocol, uint8_t length)
{
    switch (protocol) {
    case HOP_BY_HOP:
    case ROUTING:
    case DESTINATION:
    case MOBILITY:
        return 8 + 8u * length;
    case AUTHENTICATION:
        return 8 + 4u * length;
    }
    return 0;
}

struct plait_extensions plait_extensions(const uint8_t *ip, uint32_t captured_octets)
{
    struct plait_extensions e = {.protocol = ip[6], .at = PLAIT_IPV6_HEADER_OCTETS, .named_at = 6};
    for (unsigned n = 0; extension_octets(e.protocol, 0); n++) {
        e.is_too_long = n == PLAIT_IPV6_EXTENSIONS_MAX;
        e.is_cut = captured_octets < e.at + 2;
        if (e.is_too_long || e.is_cut)
            return e;
        uint32_t octets = extension_octets(e.protocol, ip[e.at + 1]);
        e.protocol = ip[e.at];
        e.named_at = e.at;
        e.at += octets;
    }
    e.is_cut = captured_octets < e.at;
    return e;
}
