/* base/timers.c: a pairing heap (Fredman, Sedgewick, Sleator, Tarjan 1986) of lazy timers.
 *
 * `child` is a node's first child, `sibling` the next of its parent's children, `back` the sibling
 * before it or, of a first child, the parent.  No function recurses: the depth is the outsiders'.
 */
#include "base/timers.h"

#include <stdbool.h>
#include <stddef.h>

/* ---- the heap ---- */

static bool is_before(const struct plait_timer *a, const struct plait_timer *b)
{
    return a->queued_ns < b->queued_ns ||
           (a->queued_ns == b->queued_ns && a->queued_serial < b->queued_serial);
}

/* Two roots become one; either may be NULL. */
static struct plait_timer *merge(struct plait_timer *a, struct plait_timer *b)
{
    if (!a || !b)
        return a ? a : b;
    struct plait_timer *parent = is_before(a, b) ? a : b;
    struct plait_timer *child = parent == a ? b : a;
    child->sibling = parent->child;
    if (child->sibling)
        child->sibling->back = child;
    child->back = parent;
    parent->child = child;
    parent->sibling = parent->back = NULL;
    return parent;
}

/* The siblings from FIRST on become one heap: in pairs from the left, then from the right. */
static struct plait_timer *merge_all(struct plait_timer *first)
{
    struct plait_timer *pairs = NULL;
    while (first) {
        struct plait_timer *second = first->sibling;
        struct plait_timer *rest = second ? second->sibling : NULL;
        first->sibling = first->back = NULL;
        if (second)
            second->sibling = second->back = NULL;
        struct plait_timer *pair = merge(first, second);
        pair->sibling = pairs;
        pairs = pair;
        first = rest;
    }
    struct plait_timer *root = NULL;
    while (pairs) {
        struct plait_timer *next = pairs->sibling;
        pairs->sibling = NULL;
        root = merge(root, pairs);
        pairs = next;
    }
    return root;
}

/* Takes TIMER and what hangs under it off its place. */
static void cut(struct plait_timers *timers, struct plait_timer *timer)
{
    if (timer == timers->root) {
        timers->root = NULL;
    } else {
        if (timer->back->child == timer)
            timer->back->child = timer->sibling;
        else
            timer->back->sibling = timer->sibling;
        if (timer->sibling)
            timer->sibling->back = timer->back;
    }
    timer->sibling = timer->back = NULL;
}

static void take_out(struct plait_timers *timers, struct plait_timer *timer)
{
    cut(timers, timer);
    struct plait_timer *children = merge_all(timer->child);
    timer->child = NULL;
    timer->is_queued = false;
    timers->root = merge(timers->root, children);
}

static void put_in(struct plait_timers *timers, struct plait_timer *timer)
{
    timer->queued_ns = timer->at_ns;
    timer->queued_serial = timer->serial;
    timer->is_queued = true;
    timers->root = merge(timers->root, timer);
}

/* ---- laziness ---- */

static bool is_in_place(const struct plait_timer *timer)
{
    return timer->queued_ns == timer->at_ns && timer->queued_serial == timer->serial;
}

/* The root, which is not where it should be, goes there. */
static void move_root(struct plait_timers *timers)
{
    struct plait_timer *timer = timers->root;
    take_out(timers, timer);
    if (timer->at_ns != PLAIT_NEVER)
        put_in(timers, timer);
}

void plait_timer_init(struct plait_timer *timer, uint8_t kind)
{
    *timer = (struct plait_timer){.at_ns = PLAIT_NEVER, .kind = kind};
}

void plait_timer_set(struct plait_timers *timers, struct plait_timer *timer, plait_time_ns at_ns)
{
    timer->at_ns = at_ns;
    timer->serial = ++timers->serial;
    if (timer->is_queued && at_ns >= timer->queued_ns)
        return; /* its old time comes first */
    if (at_ns == PLAIT_NEVER)
        return;
    if (timer->is_queued)
        cut(timers, timer); /* what hangs under it is later still */
    put_in(timers, timer);
}

void plait_timer_forget(struct plait_timers *timers, struct plait_timer *timer)
{
    if (timer->is_queued)
        take_out(timers, timer);
    timer->at_ns = PLAIT_NEVER;
}

struct plait_timer *plait_timers_due(struct plait_timers *timers, plait_time_ns now)
{
    struct plait_timer *timer;
    while ((timer = timers->root) && timer->queued_ns <= now) {
        if (is_in_place(timer)) {
            take_out(timers, timer);
            timer->at_ns = PLAIT_NEVER;
            return timer;
        }
        move_root(timers);
    }
    return NULL;
}

plait_time_ns plait_timers_deadline(struct plait_timers *timers)
{
    while (timers->root && !is_in_place(timers->root))
        move_root(timers);
    return timers->root ? timers->root->at_ns : PLAIT_NEVER;
}
