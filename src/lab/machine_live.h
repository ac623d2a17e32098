/* lab/machine_live.h: a namespace of this kernel, with an agent in it, as an end of a run. */
#ifndef PLAIT_LAB_MACHINE_LIVE_H
#define PLAIT_LAB_MACHINE_LIVE_H

#include "lab/machine.h"

/* Makes the namespace, sets every setting that matters and reads it back.  LIVE stays the caller's
 * and owns the namespace; plait_live_error says why it failed. */
plait_result plait_machine_live_new(struct plait_live *live, const struct plait_end_config *config,
                                    struct plait_end_host **host);
/* The namespace, for tests that look at a kernel; NULL if HOST is none. */
struct plait_live_host *plait_machine_live_host(struct plait_end_host *host);

#endif
