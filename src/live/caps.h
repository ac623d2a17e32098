/* live/caps.h: giving capabilities up, for good.  May touch: the calling process. */
#ifndef PLAIT_LIVE_CAPS_H
#define PLAIT_LIVE_CAPS_H

#include <stdint.h>

#include "base/result.h"

/* Keeps the capabilities in the mask KEPT (1 << CAP_...), drops all others from every set, and
 * forbids new privileges by execve. */
plait_result plait_caps_keep(uint64_t kept);

#endif
