/* Minutes in which nobody does anything, on a clock that is late once: tenths of a second are late
 * for nothing there but where he left a path, and count everywhere else (lab/script.c). */
#include "tests/unit/lab/stage.h"

#include "tests/unit/net/fixture.h"

enum { MINUTES_S = 300 };

static struct {
    plait_time_ns at_ns, by_ns; /* when it oversleeps, and by how much */
} late;

static void wait_and_oversleep(struct plait_clock *clock, plait_time_ns until,
                               struct pollfd *fds UNUSED, size_t count UNUSED)
{
    if (until <= clock->at_ns)
        return;
    bool is_late = clock->at_ns < late.at_ns && until >= late.at_ns;
    clock->at_ns = until + (is_late ? late.by_ns : 0);
}

/* How late a script was whose attacker is away for minutes, if the clock is late AFTER he left. */
static plait_time_ns lateness_of(bool is_gone, plait_time_ns after_ns, plait_time_ns by_ns)
{
    struct stage *stage = stage_new("PE-H", false);
    struct plait_world *world = &stage->world;
    stage->scenario.target[PLAIT_CLIENT] = stage->scenario.target[PLAIT_SERVER] =
        PLAIT_TARGET_LINUX;
    stage_connect(stage);
    stage->attack.gone = is_gone;
    world->clock.wait = wait_and_oversleep;
    world->clock.jumps = false;
    plait_net_time_lateness(world->net);
    late.at_ns = plait_world_now(world) + after_ns;
    late.by_ns = by_ns;
    plait_let_pass(&stage->attack, MINUTES_S * PLAIT_S);
    plait_time_ns found_ns = plait_attack_lateness(&stage->attack);
    stage_free(stage);
    return found_ns;
}

static plait_time_ns lateness(plait_time_ns after_ns, plait_time_ns by_ns)
{
    return lateness_of(false, after_ns, by_ns);
}

static void tenths_of_a_second_are_late_for_nothing(void **state)
{
    (void)state;
    assert_int_equal(lateness(100 * PLAIT_S, 300 * PLAIT_MS), 0);
    assert_int_equal(lateness(298 * PLAIT_S, 300 * PLAIT_MS), 0);
}

static void a_stall_counts_at_any_time(void **state)
{
    (void)state;
    assert_int_equal(lateness(100 * PLAIT_S, 600 * PLAIT_MS), 600 * PLAIT_MS);
}

/* T-TS-7: whether an octet of a trickle takes the path that he left behind. */
static void all_counts_where_he_left_a_path(void **state)
{
    (void)state;
    assert_int_equal(lateness_of(true, 100 * PLAIT_S, 300 * PLAIT_MS), 300 * PLAIT_MS);
}

static void the_first_and_the_last_second_are_timed(void **state)
{
    (void)state;
    const plait_time_ns late_ns = 300 * PLAIT_MS;
    assert_int_equal(lateness(PLAIT_S / 2, late_ns), late_ns);
    assert_int_equal(lateness(2 * MINUTES_S * PLAIT_S, late_ns), 0);
    assert_int_equal(lateness(299 * PLAIT_S + PLAIT_S / 2, late_ns), late_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tenths_of_a_second_are_late_for_nothing),
        cmocka_unit_test(a_stall_counts_at_any_time),
        cmocka_unit_test(all_counts_where_he_left_a_path),
        cmocka_unit_test(the_first_and_the_last_second_are_timed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
