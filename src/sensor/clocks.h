/* sensor/clocks.h: how far the clocks of several inputs are apart, from causes and effects.
 *
 * What caused something was on the wire before it: if one input saw a cause at t and another its
 * effect at u, then t + offset <= u + offset' whatever the clocks say.  Many such pairs, in both
 * directions, leave an interval for each offset: a system of difference constraints, solved by
 * shortest paths.  Where no offset at all contradicts nothing, none is assumed.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_SENSOR_CLOCKS_H
#define PLAIT_SENSOR_CLOCKS_H

#include <stdbool.h>

#include "base/time.h"

#define PLAIT_CLOCKS_MAX 32

/* LAG[i][j]: the least (time of an effect in j) - (time of its cause in i) that was seen; place
 * `count` is true time. */
struct plait_clocks {
    unsigned count;
    plait_time_ns lag_ns[PLAIT_CLOCKS_MAX + 1][PLAIT_CLOCKS_MAX + 1];
    bool is_given[PLAIT_CLOCKS_MAX];
    plait_time_ns given_ns[PLAIT_CLOCKS_MAX];
};

/* The error of a clock that cannot be told: more than anything that is compared. */
#define PLAIT_CLOCK_UNTOLD_NS (INT64_MAX / 4)

struct plait_clock {
    plait_time_ns offset_ns; /* to be added to its times; of one that cannot be told, the nearest to
                                as it is that contradicts nothing */
    plait_time_ns error_ns;  /* the offset may be off by so much; 0 where nothing is compared */
    bool is_told;            /* given, or bounded from both sides; or it has nothing in common with
                                others, and is as right as any */
    bool is_given;           /* by the user */
    bool is_bounded[2];      /* something says that the offset is not smaller, not greater */
    bool is_contradictory;   /* no offsets fit what was seen: a clock drifted or jumped */
};

/* COUNT of at most PLAIT_CLOCKS_MAX. */
struct plait_clocks plait_clocks(unsigned count);
/* CAUSE was seen in input I at CAUSE_NS, its effect in J at EFFECT_NS; I and J may be the same. */
void plait_clocks_saw(struct plait_clocks *clocks, unsigned i, plait_time_ns cause_ns, unsigned j,
                      plait_time_ns effect_ns);
/* Input I's offset is known. */
void plait_clocks_give(struct plait_clocks *clocks, unsigned i, plait_time_ns offset_ns);
/* One estimate for each input.  Input 0 is right, unless what was given moves it. */
void plait_clocks_settle(struct plait_clocks *clocks, struct plait_clock *estimates);
/* How it came to be, in words: "by causes and effects", "cannot be told: ...". */
const char *plait_clock_how(const struct plait_clock *clock);

#endif
