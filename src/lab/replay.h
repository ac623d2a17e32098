/* lab/replay.h: the schedule of an earlier attack run once more, with option 30 removed.
 *
 * Shown beside a cell, not judged (DESIGN §1).  Addresses and ports agree because the seed does;
 * sequence numbers are moved to this run's ISNs. */
#ifndef PLAIT_LAB_REPLAY_H
#define PLAIT_LAB_REPLAY_H

#include "lab/attack.h"

/* The schedule of a run that has ended; its octets are the caller's to free. */
struct plait_schedule plait_replay_schedule(const struct plait_attack *a);
void plait_replay(struct plait_attack *a, const struct plait_schedule *schedule);

#endif
