/* Nothing is allocated, neither for a packet nor for a connection nor for a join: every malloc of
 * the process is counted, libcrypto's too. */
#include "tests/unit/host/world.h"

#include <stdio.h>
#include <stdlib.h>

#if !defined(__SANITIZE_ADDRESS__) && defined(__GLIBC__)

#define SEEN __attribute__((visibility("default"))) /* by every library of the process */

void *__libc_malloc(size_t octets);
void *__libc_calloc(size_t count, size_t octets);
void *__libc_realloc(void *old, size_t octets);

/* volatile: a compiler knows that its malloc changes nothing of ours. */
static volatile unsigned long allocations;

SEEN void *malloc(size_t octets)
{
    allocations++;
    return __libc_malloc(octets);
}

SEEN void *calloc(size_t count, size_t octets)
{
    allocations++;
    return __libc_calloc(count, octets);
}

SEEN void *realloc(void *old, size_t octets)
{
    allocations++;
    return __libc_realloc(old, octets);
}

/* ---- a world in which the tests' own parts allocate nothing either ---- */

static unsigned long during(struct world *w, plait_time_ns duration_ns)
{
    unsigned long before = allocations;
    world_run_for(w, duration_ns);
    return allocations - before;
}

static void counting_works(void **state)
{
    (void)state;
    unsigned long before = allocations;
    void *volatile room = malloc(10);
    free(room);
    assert_int_equal(allocations - before, 1);
}

/* A join's packets, or a pair's messages (docs/mechanisms/basic.md). */
static const struct {
    enum plait_mechanism_name name;
    enum plait_counter_name added;
} mechanisms[] = {
    {PLAIT_MECHANISM_V1, PLAIT_COUNT_JOIN_IN},
    {PLAIT_MECHANISM_V0, PLAIT_COUNT_JOIN_IN},
    {PLAIT_MECHANISM_M0E, PLAIT_COUNT_PAIR_IN},
    {PLAIT_MECHANISM_M0I, PLAIT_COUNT_PAIR_IN},
    {PLAIT_MECHANISM_M1N, PLAIT_COUNT_PAIR_IN},
    {PLAIT_MECHANISM_M1H, PLAIT_COUNT_JOIN_IN},
    {PLAIT_MECHANISM_M2, PLAIT_COUNT_PAIR_IN},
    {PLAIT_MECHANISM_M0E_MAPPED, PLAIT_COUNT_PAIR_IN},
    {PLAIT_MECHANISM_M2_MAPPED, PLAIT_COUNT_PAIR_IN},
    {PLAIT_MECHANISM_M4, PLAIT_COUNT_JOIN_IN},
};

static void no_packet_and_no_path_allocates(void **state)
{
    (void)state;
    for (size_t m = 0; m < sizeof mechanisms / sizeof mechanisms[0]; m++) {
        struct plait_options options = {.mechanisms = {mechanisms[m].name}, .checksum = true};
        struct world *w = world_new(NULL);
        struct app apps[2] = {{.to_send = 3000000}, {.to_send = 3000000}};
        unsigned long before = allocations;
        world_connect(w, apps, &options);
        assert_int_equal(during(w, PLAIT_S), 0);
        struct plait_place here = place("198.18.1.2", 0), to = place("198.18.2.2", 80);
        for (int add = 0; add < 20; add++) {
            assert_ok(plait_connection_add_path(apps[0].c, w->now_ns, &here, &to, false));
            assert_int_equal(during(w, 300 * PLAIT_MS), 0);
            assert_ok(plait_connection_remove_path(apps[0].c, w->now_ns, 1));
            assert_int_equal(during(w, 70 * PLAIT_S), 0); /* until TIME-WAIT is over */
        }
        assert_int_equal(count_of(w, 1, mechanisms[m].added), 20);
        assert_int_equal(apps[0].read + apps[1].read, 6000000);
        assert_int_equal(allocations - before, 0);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counting_works),
        cmocka_unit_test(no_packet_and_no_path_allocates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    puts("the allocator is not ours to count");
    return 77;
}

#endif
