/* plait/time.h: time is an argument, in integer nanoseconds of a clock that the caller owns. */
#ifndef PLAIT_TIME_H
#define PLAIT_TIME_H

#include <stdint.h>

typedef int64_t plait_time_ns;

#define PLAIT_NEVER INT64_MAX
#define PLAIT_MS    ((plait_time_ns)1000000)
#define PLAIT_S     ((plait_time_ns)1000000000)

static inline plait_time_ns plait_earlier(plait_time_ns a, plait_time_ns b)
{
    return a < b ? a : b;
}

#endif
