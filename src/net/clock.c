/* net/clock.c: the virtual clock and the wall clock.
 * May touch: the system's monotonic clock, and the descriptors it is handed, by polling. */
#include "net/clock.h"

#include <errno.h>
#include <time.h>

#include "base/panic.h"

static plait_time_ns virtual_now(struct plait_clock *clock)
{
    return clock->at_ns;
}

/* Descriptors are asked, never waited for: in virtual time nothing else moves meanwhile. */
static void virtual_wait(struct plait_clock *clock, plait_time_ns until, struct pollfd *fds,
                         size_t count)
{
    if (count && poll(fds, count, 0) > 0)
        return;
    if (until > clock->at_ns && until != PLAIT_NEVER)
        clock->at_ns = until;
}

struct plait_clock plait_clock_virtual(void)
{
    return (struct plait_clock){.now = virtual_now, .wait = virtual_wait, .jumps = true};
}

static plait_time_ns monotonic_ns(void)
{
    struct timespec t;
    PLAIT_CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return t.tv_sec * PLAIT_S + t.tv_nsec;
}

static plait_time_ns wall_now(struct plait_clock *clock)
{
    return monotonic_ns() - clock->at_ns;
}

static struct timespec time_left(struct plait_clock *clock, plait_time_ns until)
{
    plait_time_ns left_ns = until - wall_now(clock);
    if (left_ns < 0)
        left_ns = 0;
    return (struct timespec){left_ns / PLAIT_S, left_ns % PLAIT_S};
}

/* ppoll, because poll rounds to milliseconds, which is longer than many a link. */
static void wall_wait(struct plait_clock *clock, plait_time_ns until, struct pollfd *fds,
                      size_t count)
{
    int ready;
    do {
        struct timespec left = time_left(clock, until);
        ready = ppoll(fds, count, until == PLAIT_NEVER ? NULL : &left, NULL);
    } while (ready < 0 && errno == EINTR);
    PLAIT_CHECK(ready >= 0);
}

struct plait_clock plait_clock_wall(void)
{
    return (struct plait_clock){.now = wall_now, .wait = wall_wait, .at_ns = monotonic_ns()};
}
