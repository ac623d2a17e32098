/* capture/networks.h: numbers for networks in which the same addresses mean other hosts.
 *
 * What a tunnel carries is another network than what it runs over: VXLAN and Geneve one for each
 * VNI, every other kind one.  So nobody can put a segment into a connection of the outer network by
 * wrapping it.  Identifiers that differ by direction (TEID, label, session, key) part nothing.
 * May touch: its arena. */
#ifndef PLAIT_CAPTURE_NETWORKS_H
#define PLAIT_CAPTURE_NETWORKS_H

#include "base/draw.h"
#include "base/table.h"
#include "capture/outer.h"

#define PLAIT_NETWORKS_MAX 4096u
/* All networks beyond the limit share this number. */
#define PLAIT_NETWORK_OTHER UINT16_MAX

struct plait_networks {
    struct plait_table table;
    struct plait_draw_key key;
    uint32_t count;
    uint64_t last_name; /* the one asked for last, and its number */
    uint16_t last;
};

struct plait_networks plait_networks(struct plait_arena *arena, const struct plait_draw_key *key);
/* The network inside a tunnel of KIND and ID that runs over network AROUND (0: outermost);
 * PLAIT_NETWORK_OTHER at the limit. */
uint16_t plait_network_within(struct plait_networks *n, uint16_t around, enum plait_layer_kind kind,
                              uint32_t id);

#endif
