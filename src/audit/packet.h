/* audit/packet.h: what the auditor needs of a packet, and no more: pointers into its octets.
 *
 * Unlike wire/tcp.h this takes packets as captures have them: cut, with checksums that a device was
 * to complete, longer than any link (TSO, GRO).  May touch: nothing but its arguments. */
#ifndef PLAIT_AUDIT_PACKET_H
#define PLAIT_AUDIT_PACKET_H

#include "audit/audit.h"
#include "base/result.h"
#include "plait/mptcp.h"
#include "wire/tcp.h"

#define PLAIT_PACKET_OPTIONS_MAX 8 /* MPTCP options of one segment; the rest is not read */

enum plait_packet_verify {
    PLAIT_SUM_GOOD,
    PLAIT_SUM_OFFLOADED, /* the pseudo-header's sum only: a device was to complete it */
    PLAIT_SUM_UNKNOWN,   /* octets are missing, or the segment is longer than any link */
    PLAIT_SUM_BAD
};

struct plait_packet_option {
    const uint8_t *at;
    uint8_t octets, subtype;
};

struct plait_packet {
    const struct plait_seen *seen;
    const uint8_t *src, *dst; /* addresses; 4 or 16 octets */
    uint16_t src_port, dst_port;
    uint8_t family, ttl, flags, addr_octets;
    uint16_t ip_id; /* IPv4 */
    uint16_t window;
    uint32_t seq, ack;
    const uint8_t *options; /* captured octets of TCP's options */
    uint8_t options_octets;
    const uint8_t *tcp; /* TCP's header */
    bool header_cut;
    bool options_cut; /* some were not captured, or the list breaks off: what is not there may
                         have been */
    bool has_timestamp;
    uint32_t timestamp, timestamp_echo;
    uint8_t option_count;
    enum plait_packet_verify sum;
    const uint8_t *payload;
    uint32_t payload_octets; /* that were there */
    uint32_t kept_octets;    /* of them captured */
    /* The first option_count are set; the last member, so that the others are not cleared. */
    struct plait_packet_option mptcp[PLAIT_PACKET_OPTIONS_MAX];
};

/* All but `sum`.  NOT_TCP, FRAGMENT, BAD_VERSION, BAD_LENGTH; TRUNCATED if the
 * capture cut headers.
 */
plait_result plait_packet_read(const struct plait_seen *seen, struct plait_packet *packet);
enum plait_packet_verify plait_packet_verify(const struct plait_packet *packet);
/* The first option of SUBTYPE, or NULL. */
const struct plait_packet_option *plait_packet_option(const struct plait_packet *packet,
                                                      enum plait_mptcp_subtype subtype);

static inline bool plait_packet_is(const struct plait_packet *packet, uint8_t flags)
{
    return (packet->flags & flags) == flags;
}

#endif
