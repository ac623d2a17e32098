/* wire/checksum.h: the Internet checksum (RFC 1071), accumulated 64 bits at a time.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_WIRE_CHECKSUM_H
#define PLAIT_WIRE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

/* A partial sum; add parts of even length in any order, one odd part last. */
typedef uint64_t plait_sum;

plait_sum plait_sum_add(plait_sum sum, const void *octets, size_t length_octets);
/* Copies and adds in one pass. */
plait_sum plait_sum_copy(plait_sum sum, void *to, const void *from, size_t length_octets);
/* PART as it counts when it begins at an odd octet of the whole (RFC 1071 §2). */
plait_sum plait_sum_odd(plait_sum part);
plait_sum plait_sum_u16(plait_sum sum, uint16_t value);
/* The pseudo-header of RFC 9293 §3.1 (IPv4) or RFC 8200 §8.1 (IPv6). */
plait_sum plait_sum_pseudo(plait_sum sum, const struct plait_addr *src,
                           const struct plait_addr *dst, uint8_t protocol, uint32_t length_octets);
/* Folded and complemented: the value for the wire, in host order.  A packet whose sum includes its
 * checksum field folds to 0. */
uint16_t plait_sum_finish(plait_sum sum);

#endif
