/* lab/stranger.h: whoever lives at an address that never agreed to anything: the target of a flood.
 *
 * Live: a TCP without a connection, which answers every segment as RFC 9293 §3.10.7.1 says, by a
 * reset.  Silent: the packet is taken and nothing is said, as behind a filter.  Absent: no route
 * leads there (lab/world.c).  May touch: its own queue. */
#ifndef PLAIT_LAB_STRANGER_H
#define PLAIT_LAB_STRANGER_H

#include "net/net.h"

enum plait_stranger_kind { PLAIT_STRANGER_SILENT, PLAIT_STRANGER_LIVE, PLAIT_STRANGER_ABSENT };

struct plait_stranger {
    enum plait_stranger_kind kind;
    struct plait_packet *first, *last; /* answers */
};

/* STRANGER outlives the port. */
struct plait_port plait_stranger_port(struct plait_stranger *stranger);
void plait_stranger_free(struct plait_stranger *stranger);

#endif
