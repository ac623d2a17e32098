/* net/clock.h: the two clocks of a net behind one interface.
 *
 * The virtual clock jumps to the next deadline; the wall clock sleeps until then or until a
 * descriptor is ready.  Nothing above net/ knows which one runs. */
#ifndef PLAIT_NET_CLOCK_H
#define PLAIT_NET_CLOCK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

struct plait_clock {
    plait_time_ns (*now)(struct plait_clock *clock);
    /* Returns at UNTIL or earlier if one of FDS is ready (revents are set). */
    void (*wait)(struct plait_clock *clock, plait_time_ns until, struct pollfd *fds, size_t count);
    plait_time_ns at_ns; /* virtual: the present; wall: the origin, so that time starts near 0 */
    bool jumps;          /* virtual: waiting takes no time, descriptors are only asked */
};

struct plait_clock plait_clock_virtual(void); /* starts at 0 */
struct plait_clock plait_clock_wall(void);    /* CLOCK_MONOTONIC from 0 at this call */

#endif
