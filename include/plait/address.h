/* plait/address.h: an address is one 16-octet type with a family; IPv4 uses the first four octets
 * and keeps the others zero, so addresses compare as octets.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_ADDRESS_H
#define PLAIT_ADDRESS_H

#include "plait/result.h"

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

#define PLAIT_ADDR_TEXT_OCTETS  48
#define PLAIT_PLACE_TEXT_OCTETS 56

/* "198.18.1.1" or RFC 5952 text; BAD_VALUE if TEXT is neither.  TEXT is NUL-terminated. */
PLAIT_API plait_result plait_addr_parse(const char *text, struct plait_addr *addr);
/* Writes the text into TEXT and returns it.  RFC 5952 for IPv6. */
PLAIT_API const char *plait_addr_text(const struct plait_addr *addr,
                                      char text[PLAIT_ADDR_TEXT_OCTETS]);
/* "198.18.1.1:80" or "[2001:db8::1]:80". */
PLAIT_API const char *plait_place_text(const struct plait_place *place,
                                       char text[PLAIT_PLACE_TEXT_OCTETS]);

#endif
