/* The heap of timers: always the earliest, then the oldest, whatever was armed and disarmed. */
#include "tests/unit/net/fixture.h"

#include <stdlib.h>

#include "net/net_internal.h"

enum { TIMERS = 50, STEPS = 20000 };

/* By looking at every one. */
static const struct timer *earliest(const struct timer *all)
{
    const struct timer *first = NULL;
    for (int i = 0; i < TIMERS; i++)
        if (all[i].slot && (!first || all[i].at_ns < first->at_ns ||
                            (all[i].at_ns == first->at_ns && all[i].serial < first->serial)))
            first = &all[i];
    return first;
}

static bool is_after(const struct timer *a, const struct timer *b)
{
    return a->at_ns != b->at_ns ? a->at_ns > b->at_ns : a->serial > b->serial;
}

static void check_heap(const struct timers *timers)
{
    for (size_t slot = 1; slot <= timers->count; slot++) {
        assert_int_equal(timers->heap[slot - 1]->slot, slot);
        if (slot > 1)
            assert_true(is_after(timers->heap[slot - 1], timers->heap[slot / 2 - 1]));
    }
}

static void first_is_the_earliest_then_the_oldest(void **state)
{
    (void)state;
    struct timer all[TIMERS] = {0};
    struct timers timers = {0};
    struct plait_draw_key key = plait_draw_key(1);
    for (uint64_t n = 0; n < STEPS; n++) {
        struct timer *timer = &all[plait_draw_below(&key, "test", "which", n, TIMERS)];
        if (plait_draw_below(&key, "test", "arm", n, 3))
            plait_timer_arm(&timers, timer,
                            (plait_time_ns)plait_draw_below(&key, "test", "time", n, 20), n);
        else
            plait_timer_disarm(&timers, timer);
        assert_ptr_equal(plait_timer_first(&timers), earliest(all));
        check_heap(&timers);
    }
    for (int i = 0; i < TIMERS; i++)
        plait_timer_disarm(&timers, &all[i]);
    assert_null(plait_timer_first(&timers));
    free(timers.heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_is_the_earliest_then_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
