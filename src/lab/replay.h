/* lab/replay.h: the schedule of an earlier attack run once more, with option 30 removed.
 *
 * Shown beside a cell, not judged (DESIGN §1).  Addresses and ports agree because the seed does;
 * sequence numbers are moved to this run's ISNs. */
#ifndef PLAIT_LAB_REPLAY_H
#define PLAIT_LAB_REPLAY_H

#include "lab/attack.h"

/* The schedule of a run that has ended: {"packets": [{at_ns, packet}], "isns": [{from, to, isn}],
 * "digest"}; equal ones have equal digests. */
json_t *plait_replay_schedule(const struct plait_attack *a);
void plait_replay(struct plait_attack *a, const json_t *schedule);

#endif
