/* sensor/lags.h: what pairs of cause and effect say of each two clocks, and which of it is
 * believed.
 *
 * A *lag* from i to j is the time of an effect in input j less that of its cause in input i, each
 * by its own clock: the least one bounds how far j's clock can be behind.  A capture that lacks a
 * packet makes a later copy of it look like the cause, so a few lags are too small.  Where the
 * least ones of two inputs contradict each other, the same small share of both sides' is left out,
 * as small as it can be.  Memory is bounded: lags beyond it are left out.  May touch: the heap. */
#ifndef PLAIT_SENSOR_LAGS_H
#define PLAIT_SENSOR_LAGS_H

#include "sensor/clocks.h"

struct plait_lags;

struct plait_lags *plait_lags_new(void);
void plait_lags_free(struct plait_lags *lags);
/* CAUSE was seen in input I at CAUSE_NS, its effect in J at EFFECT_NS. */
void plait_lags_saw(struct plait_lags *lags, unsigned i, plait_time_ns cause_ns, unsigned j,
                    plait_time_ns effect_ns);
/* The least that are believed, into CLOCKS. */
void plait_lags_tell(struct plait_lags *lags, struct plait_clocks *clocks);

#endif
