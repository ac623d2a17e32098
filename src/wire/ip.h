/* wire/ip.h: IPv4 (RFC 791) and IPv6 (RFC 8200) with extension headers, parse and build.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_WIRE_IP_H
#define PLAIT_WIRE_IP_H

#include "base/cursor.h"
#include "wire/addr.h"

enum {
    PLAIT_PROTOCOL_ICMP = 1,
    PLAIT_PROTOCOL_TCP = 6,
    PLAIT_PROTOCOL_UDP = 17,
    PLAIT_PROTOCOL_ICMPV6 = 58
};

/* Limit on a chain of IPv6 extension headers; a longer chain is TOO_MANY. */
#define PLAIT_IPV6_EXTENSIONS_MAX 8

struct plait_ip {
    struct plait_addr src;
    struct plait_addr dst;
    uint8_t protocol; /* of the payload, after extension headers */
    uint8_t ttl;
    uint8_t traffic_class;
    uint32_t flow_label;      /* IPv6 */
    uint16_t identification;  /* IPv4 */
    bool dont_fragment;       /* IPv4 */
    const uint8_t *payload;   /* into the parsed octets */
    size_t payload_octets;
};

/* Parses one packet; octets behind its length field are ignored.  FRAGMENT for any fragment,
 * BAD_CHECKSUM for an IPv4 header whose sum is wrong, BAD_VERSION, BAD_LENGTH, TRUNCATED, TOO_MANY.
 * SRC and DST are set whenever the fixed header was whole, also if the result is a failure. */
plait_result plait_ip_parse(const void *octets, size_t length_octets, struct plait_ip *ip);
/* Writes the header (no options, no extension headers) for PAYLOAD_OCTETS that the caller writes
 * next; fields payload and payload_octets of IP are not read. */
void plait_ip_write_header(struct plait_writer *w, const struct plait_ip *ip,
                           size_t payload_octets);
/* Only the destination of a packet, for routers: cheap, no checks beyond the fixed header. */
plait_result plait_ip_destination(const void *octets, size_t length_octets,
                                  struct plait_addr *dst);

#endif
