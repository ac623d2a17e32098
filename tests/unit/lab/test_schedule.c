/* The forged packets of a run, as octets, come back as they were. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "lab/schedule.h"

static const struct plait_isn isns[] = {
    {{{{{198, 18, 0, 1}, PLAIT_IPV4}, 40000}, {{{198, 19, 0, 2}, PLAIT_IPV4}, 80}}, 0xdeadbeef},
    {{{{{0x20, 1, [15] = 1}, PLAIT_IPV6}, 1}, {{{0x20, 1, [15] = 2}, PLAIT_IPV6}, 2}}, 7},
};

static struct plait_schedule two_packets(plait_time_ns second_ns)
{
    struct plait_schedule_log log = {0};
    plait_schedule_add(&log, -5, "abc", 3);
    plait_schedule_add(&log, second_ns, "defg", 4);
    struct plait_schedule schedule = plait_schedule_end(&log, isns, 2);
    plait_schedule_log_free(&log);
    return schedule;
}

static void discard(struct plait_schedule *schedule)
{
    free((void *)(uintptr_t)schedule->octets);
}

static void packets_come_back_in_their_order(void **state)
{
    (void)state;
    struct plait_schedule schedule = two_packets(INT64_MAX);
    struct plait_schedule_reader reader = plait_schedule_reader(&schedule);
    struct plait_schedule_packet packet;
    assert_true(plait_schedule_next(&reader, &packet));
    assert_true(packet.at_ns == -5 && packet.length_octets == 3);
    assert_memory_equal(packet.octets, "abc", 3);
    assert_true(plait_schedule_next(&reader, &packet));
    assert_true(packet.at_ns == INT64_MAX && packet.length_octets == 4);
    assert_memory_equal(packet.octets, "defg", 4);
    assert_false(plait_schedule_next(&reader, &packet));
    assert_true(plait_schedule_end_ns(&schedule) == INT64_MAX);
    discard(&schedule);
}

static void a_flow_has_the_isn_of_its_direction(void **state)
{
    (void)state;
    struct plait_schedule schedule = two_packets(1);
    const struct plait_schedule_reader reader = plait_schedule_reader(&schedule);
    const struct plait_flow_key reversed = plait_flow_reversed(&isns[0].flow);
    uint32_t isn = 0;
    assert_true(plait_schedule_isn(&reader, &isns[0].flow, &isn) && isn == 0xdeadbeef);
    assert_true(plait_schedule_isn(&reader, &isns[1].flow, &isn) && isn == 7);
    assert_false(plait_schedule_isn(&reader, &reversed, &isn));
    struct plait_flow_key other = isns[0].flow;
    other.dst.port++;
    assert_false(plait_schedule_isn(&reader, &other, &isn));
    discard(&schedule);
}

static void equal_ones_have_equal_digests(void **state)
{
    (void)state;
    struct plait_schedule one = two_packets(1), same = two_packets(1), other = two_packets(2);
    assert_true(plait_schedule_digest(&one) == plait_schedule_digest(&same));
    assert_true(plait_schedule_digest(&one) != plait_schedule_digest(&other));
    assert_true(plait_schedule_digest(&(struct plait_schedule){0}) == 0);
    discard(&one);
    discard(&same);
    discard(&other);
}

/* Cut anywhere, it gives what is whole, and nothing behind its end is read (the copy's end is that
 * of its memory). */
static void a_schedule_that_is_cut_gives_what_is_whole(void **state)
{
    (void)state;
    struct plait_schedule whole = two_packets(1);
    for (size_t length = 0; length < whole.length_octets; length++) {
        uint8_t *octets = malloc(length ? length : 1);
        assert_non_null(octets);
        memcpy(octets, whole.octets, length);
        const struct plait_schedule part = {octets, length};
        struct plait_schedule_reader reader = plait_schedule_reader(&part);
        struct plait_schedule_packet packet;
        unsigned count = 0;
        while (plait_schedule_next(&reader, &packet))
            count++;
        assert_true(count < 2);
        free(octets);
    }
    discard(&whole);
}

static void only_so_many_packets_are_kept(void **state)
{
    (void)state;
    struct plait_schedule_log log = {0};
    for (unsigned i = 0; i < PLAIT_SCHEDULE_PACKETS_MAX; i++)
        plait_schedule_add(&log, i, "x", 1);
    size_t length_octets = log.length_octets;
    plait_schedule_add(&log, 0, "y", 1);
    assert_int_equal(log.length_octets, length_octets);
    plait_schedule_log_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_come_back_in_their_order),
        cmocka_unit_test(a_flow_has_the_isn_of_its_direction),
        cmocka_unit_test(equal_ones_have_equal_digests),
        cmocka_unit_test(a_schedule_that_is_cut_gives_what_is_whole),
        cmocka_unit_test(only_so_many_packets_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
