/* wire/icmp.h: ICMP errors about a TCP segment (RFC 792, RFC 4443), built; host/icmp.c reads them.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_WIRE_ICMP_H
#define PLAIT_WIRE_ICMP_H

#include "wire/tcp.h"

enum { /* types */
       PLAIT_ICMP_UNREACHABLE = 3,
       PLAIT_ICMPV6_UNREACHABLE = 1,
       PLAIT_ICMPV6_TOO_BIG = 2
};

enum { /* codes of "unreachable" */
       PLAIT_ICMP_PROTOCOL = 2,
       PLAIT_ICMP_PORT = 3,
       PLAIT_ICMP_FRAGMENTATION = 4,
       PLAIT_ICMPV6_PORT = 4
};

/* Writes the whole IP packet: FROM tells QUOTED's sender that its port is unreachable, a hard error
 * (RFC 1122 §4.2.3.9), or, if MTU_OCTETS is not 0, that no more than that goes through (RFC 1191
 * §4, RFC 8201 §4).  NO_ROOM if the buffer does not suffice. */
plait_result plait_icmp_build(const struct plait_addr *from, const struct plait_segment *quoted,
                              uint16_t mtu_octets, void *packet, size_t room_octets,
                              size_t *length_octets);
/* True if OCTETS are one packet with an ICMP message whose checksum is right. */
bool plait_icmp_is_valid(const void *octets, size_t length_octets);
bool plait_icmp_is_summed(const struct plait_ip *ip);

#endif
