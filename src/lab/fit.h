/* lab/fit.h: does a case make sense on the net and with the traffic that were asked for?  What does
 * not is `n/a`, with a reason of one list (DESIGN §1; docs/RECORDS.md), never a silent success.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_LAB_FIT_H
#define PLAIT_LAB_FIT_H

#include "lab/cell.h"

enum plait_misfit {
    PLAIT_FITS,
    PLAIT_MISFIT_FAMILY,    /* the topology has the other address family only */
    PLAIT_MISFIT_POSITION,  /* the attacker would stand on a path that there is not */
    PLAIT_MISFIT_ONE_PATH,  /* the case needs a second path */
    PLAIT_MISFIT_STRIPPED,  /* the dialled path strips the mechanism's option */
    PLAIT_MISFIT_LEASE,     /* an address would pass on that only a NAT knows */
    PLAIT_MISFIT_NO_TRAFFIC /* its goals or its script need octets that nobody writes */
};

/* "position excluded: the topology has no second path"; "" if it fits. */
void plait_misfit_text(enum plait_misfit misfit, char *text, size_t room_octets);
/* CELL's case, column, family, paths and goals on TOPOLOGY with TRAFFIC. */
enum plait_misfit plait_cell_fit(const struct plait_cell *cell,
                                 const struct plait_topology *topology,
                                 const struct plait_traffic *traffic);
/* Of GOALS those that are defined with TRAFFIC against VICTIM: what nobody writes is not read, held
 * up or sent elsewhere. */
unsigned plait_goals_with(unsigned goals, const struct plait_traffic *traffic,
                          enum plait_side victim);
/* The paths that a connection of the case uses. */
unsigned plait_paths_of(const struct plait_case *played, const struct plait_topology *topology);
/* Cases that differ in their workload alone are one where a file says what is written: the one of
 * the file's kind, else the first. */
bool plait_stands_for_twins(const struct plait_threat *threat, const struct plait_case *played,
                            enum plait_workload kind);

#endif
