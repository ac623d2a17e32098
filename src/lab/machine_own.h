/* lab/machine_own.h: a host of libplait, with its applications, as an end of a run.
 *
 * It lives in this process and in the net's time, whichever that is. */
#ifndef PLAIT_LAB_MACHINE_OWN_H
#define PLAIT_LAB_MACHINE_OWN_H

#include "lab/machine.h"

/* NULL if there is no memory for it. */
struct plait_end_host *plait_machine_own_new(const struct plait_end_config *config);

#endif
