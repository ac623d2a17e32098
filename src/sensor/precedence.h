/* sensor/precedence.h: in one space of numbers, what was sent where before what acknowledged it.
 *
 * A number may be sent several times, in several inputs: again on the same path, on another one
 * (reinjected, by a redundant scheduler, where routes change), or one packet passes two taps.  What
 * acknowledges it comes after the first time it was sent, and which time that was is not asked of
 * clocks that are not known yet: a lag is told only where it holds whatever the clocks say.
 * May touch: the facts it is given, which it sorts; the heap. */
#ifndef PLAIT_SENSOR_PRECEDENCE_H
#define PLAIT_SENSOR_PRECEDENCE_H

#include <stddef.h>

#include "sensor/lags.h"

struct plait_precedence {
    uint32_t space;
    uint8_t input;
    bool is_effect;   /* else numbers FROM .. TO (not TO itself) were sent */
    int64_t from, to; /* of an effect: which of them it shows to have come */
    plait_time_ns at_ns;
};

/* Of a number that was sent in several inputs ... */
enum plait_copies {
    PLAIT_COPIES_ANY, /* ... one at least came before what shows it: data, sent again elsewhere */
    PLAIT_COPIES_ALL, /* ... all did */
    PLAIT_COPIES_PATH /* ... as of data; but where most numbers have several, these are taps of one
                         path, and all did */
};

/* COUNT facts of one space.  Of effects each input has only such as show more than its earlier ones
 * do.  IS_CUT[i]: input i has more that is not among the facts. */
void plait_precedence_tell(struct plait_precedence *facts, size_t count, enum plait_copies copies,
                           const bool *is_cut, struct plait_lags *lags);

#endif
