/* wire/addr.h: an address is one 16-octet type with a family; IPv4 uses the first four octets and
 * keeps the others zero, so addresses compare as octets.  May touch: nothing but its arguments. */
#ifndef PLAIT_WIRE_ADDR_H
#define PLAIT_WIRE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

enum plait_family { PLAIT_NO_FAMILY = 0, PLAIT_IPV4 = 4, PLAIT_IPV6 = 6 };

struct plait_addr {
    uint8_t octets[16];
    uint8_t family; /* enum plait_family; its number is the IP version */
};

/* An address and a TCP port in host order. */
struct plait_place {
    struct plait_addr addr;
    uint16_t port;
};

/* One direction of a subflow. */
struct plait_flow_key {
    struct plait_place src;
    struct plait_place dst;
};

#define PLAIT_ADDR_TEXT_OCTETS  48
#define PLAIT_PLACE_TEXT_OCTETS 56

/* Octets of an address of FAMILY on the wire: 4 or 16; 0 for no family. */
size_t plait_addr_octets(enum plait_family family);
bool plait_addr_equal(const struct plait_addr *a, const struct plait_addr *b);
bool plait_place_equal(const struct plait_place *a, const struct plait_place *b);
bool plait_flow_equal(const struct plait_flow_key *a, const struct plait_flow_key *b);
struct plait_flow_key plait_flow_reversed(const struct plait_flow_key *flow);
/* True if the first PREFIX_BITS bits agree and the families do. */
bool plait_addr_in(const struct plait_addr *addr, const struct plait_addr *net,
                   unsigned prefix_bits);
/* "198.18.1.1" or RFC 5952 text; BAD_VALUE if TEXT is neither. */
plait_result plait_addr_parse(const char *text, struct plait_addr *addr);
const char *plait_addr_text(const struct plait_addr *addr, char text[PLAIT_ADDR_TEXT_OCTETS]);
/* "198.18.1.1:80" or "[2001:db8::1]:80". */
const char *plait_place_text(const struct plait_place *place, char text[PLAIT_PLACE_TEXT_OCTETS]);

#endif
