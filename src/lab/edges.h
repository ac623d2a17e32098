/* lab/edges.h: how much of a sequence space a target really accepts, found by probing its edges.
 *
 * Guessed bits are log2(space / acceptable set), and the acceptable set is measured, not taken from
 * an RFC's promise (DESIGN §1).  One run for each protocol and family; all other runs use its
 * result relative to what the victim advertises there. */
#ifndef PLAIT_LAB_EDGES_H
#define PLAIT_LAB_EDGES_H

#include "lab/attack.h"

/* The script of the measuring run; it leaves its result in attack->edges. */
void plait_edges_script(struct plait_attack *a);
/* The same for data sequence numbers, on a connection of Multipath TCP. */
void plait_edges_data_script(struct plait_attack *a);
/* Draws of the client's connect(), as part of a measuring run. */
void plait_edges_probe_ports(struct plait_attack *a);
/* Takes what that script found into what the other did. */
void plait_edges_add_data(struct plait_edges *edges, const struct plait_edges *data);
/* The largest distance up to LIMIT at which TAKEN holds, if it holds from LOW up to some edge. */
int64_t plait_search_edge(struct plait_attack *a, int64_t low, int64_t limit,
                          bool (*taken)(struct plait_attack *a, int64_t distance));
json_t *plait_edges_json(const struct plait_edges *edges);
/* From the report of a measuring run; false if it failed. */
bool plait_edges_of(const json_t *run, struct plait_edges *edges);

#endif
