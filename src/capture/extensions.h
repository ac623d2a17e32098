/* capture/extensions.h: the chain of IPv6 extension headers (RFC 8200 §4), as far as it was
 * captured.  May touch: nothing but its arguments. */
#ifndef PLAIT_CAPTURE_EXTENSIONS_H
#define PLAIT_CAPTURE_EXTENSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLAIT_IPV6_HEADER_OCTETS = 40, PLAIT_IPV6_FRAGMENT = 44 };

struct plait_extensions {
    uint8_t protocol;  /* what follows at AT: a transport, or PLAIT_IPV6_FRAGMENT */
    uint32_t at;       /* octets from the start of the IPv6 header */
    uint32_t named_at; /* where the octet is that names it */
    bool is_cut;       /* the chain was not captured to its end; the rest is unset */
    bool is_too_long;  /* more than PLAIT_IPV6_EXTENSIONS_MAX */
};

/* IP: an IPv6 header whose 40 octets are there. */
struct plait_extensions plait_extensions(const uint8_t *ip, uint32_t captured_octets);

#endif
