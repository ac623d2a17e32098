/* sensor/merge.h: which of several inputs has the earliest packet: a heap of their heads.
 *
 * Each input is in it at most once.  Among equal times the lower input comes first, so the same
 * inputs give the same order.  May touch: its room. */
#ifndef PLAIT_SENSOR_MERGE_H
#define PLAIT_SENSOR_MERGE_H

#include <stdbool.h>

#include "base/time.h"

struct plait_head {
    plait_time_ns at_ns;
    unsigned input;
};

struct plait_merge {
    struct plait_head *heads; /* from malloc; freed by plait_merge_free */
    unsigned count, room;
};

void plait_merge_put(struct plait_merge *merge, plait_time_ns at_ns, unsigned input);
/* The earliest head, which leaves; false if there is none. */
bool plait_merge_take(struct plait_merge *merge, struct plait_head *head);
void plait_merge_free(struct plait_merge *merge);

#endif
