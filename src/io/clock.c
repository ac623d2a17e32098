/* io/clock.c: the real clock.  May touch: CLOCK_MONOTONIC. */
#include <time.h>

#include "plait/io.h"

static plait_time_ns monotonic_ns(void)
{
    struct timespec t = {0}; /* the call cannot fail for this clock and place */
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * PLAIT_S + t.tv_nsec;
}

struct plait_io_clock plait_io_clock(void)
{
    return (struct plait_io_clock){monotonic_ns()};
}

plait_time_ns plait_io_now(const struct plait_io_clock *clock)
{
    return monotonic_ns() - clock->origin_ns;
}
