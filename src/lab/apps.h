/* lab/apps.h: the genuine applications of a run and their workload. */
#ifndef PLAIT_LAB_APPS_H
#define PLAIT_LAB_APPS_H

#include "lab/world.h"

/* Starts listeners and the client's connection; from now on they move with plait_world_run. */
plait_result plait_apps_start(struct plait_world *world);
/* Handles what the agents said; starts the first exchange and then the workload when it is time. */
void plait_apps_move(struct plait_world *world);

#endif
