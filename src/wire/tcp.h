/* wire/tcp.h: TCP segments inside IP packets (RFC 9293), with their options as values.
 *
 * plait_segment is what tests, scripts and the lab's ground truth read and forge.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_WIRE_TCP_H
#define PLAIT_WIRE_TCP_H

#include "wire/ip.h"
#include "wire/mptcp.h"

enum {
    PLAIT_FIN = 0x01,
    PLAIT_SYN = 0x02,
    PLAIT_RST = 0x04,
    PLAIT_PSH = 0x08,
    PLAIT_ACK = 0x10,
    PLAIT_URG = 0x20,
    PLAIT_ECE = 0x40,
    PLAIT_CWR = 0x80
};

#define PLAIT_SACK_BLOCKS_MAX   4
#define PLAIT_MPTCP_OPTIONS_MAX 8
#define PLAIT_TCP_OPTIONS_MAX_OCTETS 40

struct plait_sack_block {
    uint32_t left, right;
};

/* Options of TCP itself; RFC 9293 §3.1, RFC 7323, RFC 2018. */
struct plait_tcp_options {
    bool has_mss, has_window_scale, sack_permitted, has_timestamps;
    uint16_t mss;
    uint8_t window_scale;
    uint32_t timestamp, timestamp_echo;
    uint8_t sack_count;
    struct plait_sack_block sack[PLAIT_SACK_BLOCKS_MAX];
    uint8_t unknown_count; /* options of other kinds, not kept */
};

struct plait_segment {
    struct plait_ip ip; /* protocol is TCP; payload pointers are those of the IP payload */
    uint16_t src_port, dst_port;
    uint32_t seq, ack;
    uint8_t flags;
    uint16_t window; /* as on the wire, unscaled */
    uint16_t urgent;
    struct plait_tcp_options options;
    uint8_t mptcp_count;
    struct plait_mptcp_option mptcp[PLAIT_MPTCP_OPTIONS_MAX];
    const uint8_t *payload; /* TCP payload; into the parsed octets, or the builder's */
    size_t payload_octets;
};

/* Parses a whole IP packet.  Strict on lengths and checksums (BAD_CHECKSUM); a TCP option list that
 * breaks off is BAD_LENGTH; an MPTCP option that is not understood is kept raw and is no failure
 * (count them through mptcp[i].is_raw).  NOT_TCP for other protocols. */
plait_result plait_segment_parse(const void *packet, size_t length_octets,
                                 struct plait_segment *segment);
/* The same without verifying the TCP checksum (packets of an offloading device). */
plait_result plait_segment_parse_unsummed(const void *packet, size_t length_octets,
                                          struct plait_segment *segment);
/* Writes the whole IP packet, checksums included, options padded with NOPs in front so that each
 * stays aligned as common stacks do; *LENGTH_OCTETS is set.  NO_ROOM if the buffer or the 40 octets
 * of option space do not suffice. */
plait_result plait_segment_build(const struct plait_segment *segment, void *packet,
                                 size_t room_octets, size_t *length_octets);

/* The same in two steps, for a payload that is copied straight into the packet (SEGMENT's own
 * payload is not read): _begin writes TCP header and options and says where the payload goes,
 * _end the IP header and the checksum, given the payload's SUM.  With LEAVE_CHECKSUM the field
 * holds only the pseudo-header's sum, for a device to complete. */
struct plait_segment_head {
    size_t ip_octets, header_octets; /* the latter of both headers */
};
plait_result plait_segment_begin(const struct plait_segment *segment, void *packet,
                                 size_t room_octets, struct plait_segment_head *head);
void plait_segment_end(const struct plait_segment *segment, const struct plait_segment_head *head,
                       uint32_t payload_octets, uint64_t sum, bool leave_checksum, void *packet);

/* Sequence space the segment occupies: payload, SYN and FIN. */
uint32_t plait_segment_sequence_octets(const struct plait_segment *segment);
struct plait_flow_key plait_segment_flow(const struct plait_segment *segment);
/* First option of SUBTYPE that was understood, or NULL. */
const struct plait_mptcp_option *plait_segment_option(const struct plait_segment *segment,
                                                      enum plait_mptcp_subtype subtype);
/* The control message that the segment is, or NULL: flags ACK, no payload, one option of subtype
 * 0xf and no other (docs/mechanisms/basic.md). */
const struct plait_mp_control *plait_segment_control(const struct plait_segment *segment);
/* One line, as in a ladder: "SYN seq=1 win=64240 mss=1460 | MP_CAPABLE v1 ...". */
void plait_segment_print(struct plait_text *t, const struct plait_segment *segment);

/* Removes every option of kind 30 from a packet in place (NOPs take its room, so that no length
 * changes) and mends the TCP checksum.  True if something was removed.  Packets that are not TCP
 * are left alone. */
bool plait_packet_strip_mptcp(uint8_t *packet, size_t length_octets);

#endif
