/* net/timers.c: a binary heap of timers that know their place, so that re-arming moves one instead
 * of leaving a stale entry behind.  May touch: the timers it was handed. */
#include "base/panic.h"
#include "net/net_internal.h"

static bool is_before(const struct timer *a, const struct timer *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->serial < b->serial;
}

static struct timer *at(const struct timers *timers, size_t slot)
{
    return timers->heap[slot - 1];
}

static void put(struct timers *timers, struct timer *timer, size_t slot)
{
    timers->heap[slot - 1] = timer;
    timer->slot = slot;
}

static void rise(struct timers *timers, struct timer *timer)
{
    size_t slot = timer->slot;
    for (; slot > 1 && is_before(timer, at(timers, slot / 2)); slot /= 2)
        put(timers, at(timers, slot / 2), slot);
    put(timers, timer, slot);
}

static void sink(struct timers *timers, struct timer *timer)
{
    size_t slot = timer->slot;
    for (size_t child; (child = 2 * slot) <= timers->count; slot = child) {
        if (child < timers->count && is_before(at(timers, child + 1), at(timers, child)))
            child++;
        if (!is_before(at(timers, child), timer))
            break;
        put(timers, at(timers, child), slot);
    }
    put(timers, timer, slot);
}

void plait_timer_arm(struct timers *timers, struct timer *timer, plait_time_ns at_ns,
                     uint64_t serial)
{
    if (!timer->slot) {
        timers->heap =
            plait_net_grow(timers->heap, timers->count, &timers->room, sizeof *timers->heap);
        put(timers, timer, ++timers->count);
    }
    timer->at_ns = at_ns;
    timer->serial = serial;
    rise(timers, timer);
    sink(timers, timer);
}

void plait_timer_disarm(struct timers *timers, struct timer *timer)
{
    if (!timer->slot)
        return;
    struct timer *last = at(timers, timers->count--);
    if (last != timer) {
        put(timers, last, timer->slot);
        rise(timers, last);
        sink(timers, last);
    }
    timer->slot = 0;
}

struct timer *plait_timer_first(const struct timers *timers)
{
    return timers->count ? timers->heap[0] : NULL;
}
