/* lab/replay.h: the schedule of an earlier attack run once more, with option 30 removed.
 *
 * Shown beside a cell, not judged (DESIGN §1).  Addresses and ports agree because the seed does;
 * sequence numbers are moved to this run's ISNs. */
#ifndef PLAIT_LAB_REPLAY_H
#define PLAIT_LAB_REPLAY_H

#include "lab/attack.h"

/* ISNs of a run, to be kept with its schedule: [{"from","to","isn"}]. */
json_t *plait_replay_isns(const struct plait_facts *truth, const struct plait_goals *goals);
/* SCHEDULE is {"packets": [{at_ns, packet}], "isns": [...]} of an attack run. */
void plait_replay(struct plait_attack *a, const json_t *schedule);

#endif
