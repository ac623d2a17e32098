/* base/timers.h: what is to come, for one host; lazy, so that moving a deadline later costs
 * nothing.
 *
 * A heap of the timers themselves (no array: the room is in the nodes).  A timer that is moved
 * later or stopped stays where it is until its old time comes; only then it is put in its new
 * place.  At equal times the one that was set first fires first.  May touch: its timers. */
#ifndef PLAIT_BASE_TIMERS_H
#define PLAIT_BASE_TIMERS_H

#include "base/time.h"

struct plait_timer {
    plait_time_ns at_ns;     /* wanted; PLAIT_NEVER = stopped */
    plait_time_ns queued_ns; /* where the heap has it; meaningful while queued */
    uint64_t serial;         /* of the last setting */
    uint64_t queued_serial;  /* of the setting that the heap knows */
    struct plait_timer *child, *sibling, *back;
    uint8_t kind; /* the owner's: which of its timers this is */
    uint8_t is_queued;
};

struct plait_timers {
    struct plait_timer *root;
    uint64_t serial;
};

/* Sets, moves or (AT_NS = PLAIT_NEVER) stops.  A zeroed timer is a stopped one once
 * plait_timer_init has set at_ns. */
void plait_timer_init(struct plait_timer *timer, uint8_t kind);
void plait_timer_set(struct plait_timers *timers, struct plait_timer *timer, plait_time_ns at_ns);
/* Takes TIMER out for good, before its owner's memory goes. */
void plait_timer_forget(struct plait_timers *timers, struct plait_timer *timer);
/* The next timer that is due at NOW, stopped and taken out; NULL if none is. */
struct plait_timer *plait_timers_due(struct plait_timers *timers, plait_time_ns now);
/* The earliest wanted time, exact; PLAIT_NEVER if nothing is to come.  May tidy the heap. */
plait_time_ns plait_timers_deadline(struct plait_timers *timers);

#endif
