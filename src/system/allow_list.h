/* system/allow_list.h: a process that may make only the system calls of a list.
 *
 * The filter (seccomp) is a plain list of comparisons; what is not on it is refused with EPERM, and
 * calls by the numbers of another architecture's table are.  May touch: the calling process. */
#ifndef PLAIT_SYSTEM_ALLOW_LIST_H
#define PLAIT_SYSTEM_ALLOW_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* A call, and if MASK is not 0, only with (argument & MASK) == VALUE. */
struct plait_allowed_call {
    int call;
    unsigned argument; /* 0 to 5; its lower 32 bits */
    uint32_t mask, value;
};

#define PLAIT_ALLOWED_CALLS_MAX 96

/* No new privileges, and from now on only CALLS; this cannot be taken back.  TOO_MANY, UNSUPPORTED
 * (the kernel has no filters) or SYSTEM. */
plait_result plait_allow_only(const struct plait_allowed_call *calls, size_t count);

#endif
