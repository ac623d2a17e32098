/* capture/fragments.h: IPv4 (RFC 791, RFC 5722's rule for both) and IPv6 fragments put together.
 *
 * Memory, packets at once and time are limited; what happens at a limit is counted.  A packet whose
 * fragments overlap with other octets, or disagree about its length, is refused with all its
 * further fragments until its time is over; a fragment seen twice is passed over.
 * May touch: its arena, the counts. */
#ifndef PLAIT_CAPTURE_FRAGMENTS_H
#define PLAIT_CAPTURE_FRAGMENTS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/draw.h"
#include "base/time.h"
#include "capture/counts.h"

/* Fragments of one packet; a packet with more is refused (FRAGMENT_ROOM). */
#define PLAIT_FRAGMENTS_PER_PACKET_MAX 256u

struct plait_fragment_limits {
    uint32_t packets;      /* incomplete at once; the oldest is evicted */
    uint32_t room_octets;  /* of their payload, in pieces of 1,536; the oldest is evicted */
    plait_time_ns hold_ns; /* from a packet's first fragment on */
};

/* 1,024 packets, 4 MB, 30 s (which is how long Linux waits). */
extern const struct plait_fragment_limits plait_fragment_limits;

struct plait_fragments;

/* A packet from its IP header on, which may still be captured in part only. */
struct plait_ip_octets {
    const uint8_t *ip;
    uint32_t captured_octets, wire_octets;
};

/* Takes some 64 KB and all within the limits from ARENA as it is needed; NULL if ARENA has not even
 * the former.  KEY keys the table, which outsiders fill. */
struct plait_fragments *plait_fragments_new(struct plait_arena *arena,
                                            const struct plait_fragment_limits *limits,
                                            const struct plait_draw_key *key,
                                            struct plait_capture_counts *counts);
/* An IPv4 packet with more fragments or an offset, or an IPv6 packet whose extension headers lead
 * to a fragment header; headers are whole.  NETWORK parts what has the same addresses. */
bool plait_is_fragment(const struct plait_ip_octets *packet);
/* Takes such a packet.  True: *WHOLE is the packet that it completed, with a header as if it had
 * never been fragmented, valid until the next call; it may be a fragment itself (of the next
 * fragment header).  PACKET may lie in what the last call gave out. */
bool plait_fragments_add(struct plait_fragments *f, plait_time_ns now, uint16_t network,
                         const struct plait_ip_octets *packet, struct plait_ip_octets *whole);
/* Gives up what is incomplete (FRAGMENT_LATE). */
void plait_fragments_end(struct plait_fragments *f);

#endif
