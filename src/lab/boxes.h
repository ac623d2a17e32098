/* lab/boxes.h: the middleboxes that a scenario may place on a path, by name.
 *
 * A box stands between the client's interface and the router: side 0 is the client.  What the lab
 * calls ground truth is what the server's side of it sees. */
#ifndef PLAIT_LAB_BOXES_H
#define PLAIT_LAB_BOXES_H

#include "net/net.h"

enum plait_box_kind {
    PLAIT_NO_BOX,
    PLAIT_BOX_NAT,
    PLAIT_BOX_ISN,             /* a firewall that moves sequence numbers */
    PLAIT_BOX_STRIP,           /* option 30 is removed from all that passes, */
    PLAIT_BOX_STRIP_SYN,       /* ... from SYNs, */
    PLAIT_BOX_STRIP_SYN_ACK,   /* ... from SYN/ACKs, */
    PLAIT_BOX_STRIP_THIRD_ACK, /* ... from the first segment behind each SYN, */
    PLAIT_BOX_STRIP_DATA,      /* ... from whatever has payload */
    PLAIT_BOX_SPLIT,
    PLAIT_BOX_COALESCE,
    PLAIT_BOX_ACK,     /* a proxy that acknowledges data by itself */
    PLAIT_BOX_WINDOW,  /* lowers windows */
    PLAIT_BOX_EDIT,    /* edits payload */
    PLAIT_BOX_STRETCH, /* makes it longer */
    PLAIT_BOX_KINDS
};

/* "nat", as a node's name; "none" without a box. */
const char *plait_box_name(enum plait_box_kind kind);
/* Of a kind other than PLAIT_NO_BOX.  PUBLIC is where a NAT's inside appears outside. */
struct plait_box plait_box_of(enum plait_box_kind kind, const struct plait_addr *public_addr,
                              uint64_t seed);
/* True if what leaves it may be larger than what a link carries otherwise. */
bool plait_box_enlarges(enum plait_box_kind kind);

#endif
