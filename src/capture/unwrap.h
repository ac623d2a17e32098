/* capture/unwrap.h: from a frame of any link type to its innermost IP packet.
 *
 * Followed: Ethernet (II, 802.3 with SNAP), VLAN tags, MPLS, PPPoE, PPP, Cisco HDLC, Linux cooked
 * v1 and v2, BSD loopback, raw IP; then tunnels: IP in IP, GRE (v0, v1), ERSPAN (I, II, III),
 * VXLAN, VXLAN-GPE, Geneve, GTP-U, MPLS in IP and in UDP.  IP fragments are put together at each
 * depth. A packet captured in part comes through with what is there, if its addresses are. May
 * touch: its arena, the counts. */
#ifndef PLAIT_CAPTURE_UNWRAP_H
#define PLAIT_CAPTURE_UNWRAP_H

#include "capture/file.h"
#include "capture/fragments.h"
#include "capture/outer.h"

struct plait_unwrap;

struct plait_unwrapped {
    struct plait_ip_octets packet; /* valid until the next call or as long as the frame */
    uint16_t network;              /* see capture/networks.h; 0: not in a tunnel */
    bool was_fragmented;           /* it, or what it came in; PACKET is not of this frame alone */
    struct plait_outer outer;      /* of was_fragmented: of the fragment that came last */
};

/* Memory as plait_fragments_new; NULL if ARENA is too small.  COUNTS outlives it. */
struct plait_unwrap *plait_unwrap_new(struct plait_arena *arena,
                                      const struct plait_fragment_limits *limits,
                                      const struct plait_draw_key *key,
                                      struct plait_capture_counts *counts);
/* False: no packet for now (a fragment that is kept), or none at all, which has been counted.
 * What is inside PACKET.ip has not been checked but for lengths: captured_octets hold the fixed IP
 * header, wire_octets is what its length field says (or the frame, where the field is 0). */
bool plait_unwrap(struct plait_unwrap *unwrap, const struct plait_frame *frame,
                  struct plait_unwrapped *out);
/* At the end of the input: incomplete fragments are counted. */
void plait_unwrap_end(struct plait_unwrap *unwrap);

#endif
