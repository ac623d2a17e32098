/* Timers against a list that is searched from end to end. */
#include "tests/unit/test.h"

#include "base/timers.h"
#include "tests/unit/dice.h"

enum { TIMERS = 60, STEPS = 6000, SEEDS = 30 };

struct model {
    struct plait_timers timers;
    struct plait_timer timer[TIMERS];
    plait_time_ns at_ns[TIMERS]; /* PLAIT_NEVER: stopped */
    uint64_t set_as[TIMERS];     /* the how-many-th setting */
    uint64_t settings;
    plait_time_ns now;
    struct dice dice;
};

static void prepare(struct model *m, uint64_t seed)
{
    *m = (struct model){.dice = dice(seed)};
    for (int i = 0; i < TIMERS; i++) {
        plait_timer_init(&m->timer[i], (uint8_t)i);
        m->at_ns[i] = PLAIT_NEVER;
    }
}

/* Index of the earliest; -1 if none is set. */
static int earliest(const struct model *m)
{
    int best = -1;
    for (int i = 0; i < TIMERS; i++) {
        if (m->at_ns[i] == PLAIT_NEVER)
            continue;
        if (best < 0 || m->at_ns[i] < m->at_ns[best] ||
            (m->at_ns[i] == m->at_ns[best] && m->set_as[i] < m->set_as[best]))
            best = i;
    }
    return best;
}

static void set(struct model *m, int which, plait_time_ns at_ns)
{
    plait_timer_set(&m->timers, &m->timer[which], at_ns);
    m->at_ns[which] = at_ns;
    m->set_as[which] = ++m->settings;
}

static void fire(struct model *m)
{
    for (;;) {
        int which = earliest(m);
        if (which >= 0 && m->at_ns[which] > m->now)
            which = -1;
        struct plait_timer *timer = plait_timers_due(&m->timers, m->now);
        if (which < 0) {
            assert_null(timer);
            return;
        }
        assert_non_null(timer);
        assert_int_equal(timer->kind, which);
        assert_ptr_equal(timer, &m->timer[which]);
        assert_true(timer->at_ns == PLAIT_NEVER);
        m->at_ns[which] = PLAIT_NEVER;
        if (throw_below(&m->dice, 3) == 0)
            set(m, which, m->now + 1 + (plait_time_ns)throw_below(&m->dice, 20));
    }
}

static void assert_deadline(struct model *m)
{
    int which = earliest(m);
    plait_time_ns expected = which < 0 ? PLAIT_NEVER : m->at_ns[which];
    assert_true(plait_timers_deadline(&m->timers) == expected);
}

static void step(struct model *m)
{
    int which = (int)throw_below(&m->dice, TIMERS);
    switch (throw_below(&m->dice, 12)) {
    case 0:
        set(m, which, PLAIT_NEVER);
        break;
    case 1:
        plait_timer_forget(&m->timers, &m->timer[which]);
        m->at_ns[which] = PLAIT_NEVER;
        memset(&m->timer[which], 0xa5, sizeof m->timer[which]); /* its owner's memory goes */
        plait_timer_init(&m->timer[which], (uint8_t)which);
        break;
    case 2:
        assert_deadline(m);
        break;
    case 3:
    case 4:
        m->now += (plait_time_ns)throw_below(&m->dice, 6);
        fire(m);
        break;
    default: /* few different times, so that many are equal; some of them past */
        set(m, which, m->now - 2 + (plait_time_ns)throw_below(&m->dice, 30));
    }
}

static void they_fire_in_order_of_time_and_setting(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        static struct model m;
        prepare(&m, seed);
        for (int i = 0; i < STEPS; i++)
            step(&m);
        assert_deadline(&m);
        m.now += 1000;
        for (int i = 0; i < 2 * TIMERS; i++) {
            fire(&m);
            m.now += 20;
        }
        assert_deadline(&m);
    }
}

static void the_deadline_is_exact_after_every_step(void **state)
{
    (void)state;
    static struct model m;
    prepare(&m, 4711);
    for (int i = 0; i < STEPS; i++) {
        step(&m);
        assert_deadline(&m);
    }
}

static void moving_later_touches_no_heap(void **state)
{
    (void)state;
    static struct model m;
    prepare(&m, 0);
    set(&m, 0, 10);
    set(&m, 1, 20);
    set(&m, 0, 30);
    assert_ptr_equal(m.timers.root, &m.timer[0]);
    assert_true(m.timer[0].queued_ns == 10);
    assert_true(plait_timers_deadline(&m.timers) == 20);
    assert_ptr_equal(m.timers.root, &m.timer[1]);
}

static void the_ends_of_time_are_times(void **state)
{
    (void)state;
    static struct model m;
    prepare(&m, 0);
    set(&m, 0, PLAIT_NEVER - 1);
    set(&m, 1, INT64_MIN);
    assert_true(plait_timers_deadline(&m.timers) == INT64_MIN);
    assert_ptr_equal(plait_timers_due(&m.timers, INT64_MIN), &m.timer[1]);
    assert_null(plait_timers_due(&m.timers, PLAIT_NEVER - 2));
    assert_ptr_equal(plait_timers_due(&m.timers, PLAIT_NEVER - 1), &m.timer[0]);
    set(&m, 0, PLAIT_NEVER);
    assert_null(plait_timers_due(&m.timers, PLAIT_NEVER));
    assert_true(plait_timers_deadline(&m.timers) == PLAIT_NEVER);
}

/* A long chain would overflow the stack of a heap that recurses. */
static void many_are_merged_without_recursion(void **state)
{
    (void)state;
    enum { MANY = 200000 };
    struct plait_timer *many = test_malloc(MANY * sizeof *many);
    struct plait_timers timers = {0};
    for (int i = 0; i < MANY; i++) {
        plait_timer_init(&many[i], 0);
        plait_timer_set(&timers, &many[i], MANY - i);
    }
    for (int i = MANY - 1; i >= 0; i--)
        assert_ptr_equal(plait_timers_due(&timers, MANY), &many[i]);
    assert_null(plait_timers_due(&timers, MANY));
    test_free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_fire_in_order_of_time_and_setting),
        cmocka_unit_test(the_deadline_is_exact_after_every_step),
        cmocka_unit_test(moving_later_touches_no_heap),
        cmocka_unit_test(the_ends_of_time_are_times),
        cmocka_unit_test(many_are_merged_without_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
