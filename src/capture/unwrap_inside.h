/* capture/unwrap_inside.h: internal: the walk from header to header, and its steps. */
#ifndef PLAIT_CAPTURE_UNWRAP_INSIDE_H
#define PLAIT_CAPTURE_UNWRAP_INSIDE_H

#include "base/cursor.h"
#include "capture/link.h"
#include "capture/networks.h"
#include "capture/unwrap.h"

struct plait_unwrap {
    struct plait_fragments *fragments;
    struct plait_networks networks;
    struct plait_capture_counts *counts;
};

/* Where a walk is: R is at a header, of which there were more octets than were captured. */
struct plait_walk {
    struct plait_reader r;
    const uint8_t *start; /* of what R reads */
    uint32_t wire_octets; /* from START on */
    uint16_t ethertype;   /* of what R is at, for STEP_ETHERTYPE */
    unsigned whole_count; /* packets that were put together on the way */
    plait_time_ns now;
    struct plait_unwrap *u;
    struct plait_unwrapped *out;
};

/* What R is at; each is a row of the table in unwrap.c. */
enum plait_step {
    PLAIT_STEP_FOUND,   /* the innermost packet is in OUT */
    PLAIT_STEP_NOTHING, /* there is none; why has been counted */
    PLAIT_STEP_IP,
    PLAIT_STEP_ETHERNET,
    PLAIT_STEP_ETHERTYPE, /* behind an Ethernet type, which is in the walk */
    PLAIT_STEP_LLC,
    PLAIT_STEP_VLAN,
    PLAIT_STEP_MPLS,
    PLAIT_STEP_PPPOE,
    PLAIT_STEP_PPP,
    PLAIT_STEP_COOKED,
    PLAIT_STEP_COOKED_2,
    PLAIT_STEP_BSD,
    PLAIT_STEP_CISCO_HDLC,
    PLAIT_STEP_COUNT
};

static inline enum plait_step plait_walk_stop(struct plait_walk *w,
                                              enum plait_capture_reason reason)
{
    plait_capture_count(w->u->counts, reason);
    return PLAIT_STEP_NOTHING;
}

/* NEXT, or the end if the header was not captured whole. */
static inline enum plait_step plait_walk_on(struct plait_walk *w, enum plait_step next)
{
    return w->r.failed ? plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP) : next;
}

/* False (TOO_DEEP has been counted) at the limits. */
bool plait_walk_push(struct plait_walk *w, enum plait_layer_kind kind, uint32_t id);
/* The same for a tunnel, whose outer IP header is OUT's packet: with its addresses, and into the
 * network inside. */
bool plait_walk_push_tunnel(struct plait_walk *w, enum plait_layer_kind kind, uint32_t id);
/* The step for an Ethernet type, wherever it is named. */
enum plait_step plait_step_ethertype(struct plait_walk *w);
enum plait_step plait_step_ip(struct plait_walk *w);
/* At the header of GRE, behind the IP header. */
enum plait_step plait_step_gre(struct plait_walk *w);
/* At UDP's; PLAIT_STEP_FOUND if it is no tunnel that is known. */
enum plait_step plait_step_udp(struct plait_walk *w);

#endif
