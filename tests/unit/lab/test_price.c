/* What an attack costs: packets x 2^bits of each stage, stages added up (DESIGN §1). */
#include "tests/unit/test.h"

#include <math.h>

#include "lab/price.h"

#define MILLION 1e6

static void send_packets(struct plait_price *price, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        plait_price_packet(price, PLAIT_MS * (plait_time_ns)(price->packets + 1), 60);
}

static void assert_expected(const struct plait_price *price, double packets)
{
    double expected = plait_price_expected(price);
    if (expected != packets)
        fail_msg("expected %g packets, wanted %g", expected, packets);
}

static void nothing_costs_nothing(void **state)
{
    (void)state;
    struct plait_price price = {0};
    assert_expected(&price, 0);
    plait_price_feedback(&price);
    assert_expected(&price, 0);
    plait_price_guess(&price, "key", 64); /* a guess without a packet is none yet */
    assert_expected(&price, 0);
}

static void packets_without_guesses_cost_themselves(void **state)
{
    (void)state;
    struct plait_price price = {0};
    send_packets(&price, 5);
    assert_expected(&price, 5);
    plait_price_feedback(&price);
    send_packets(&price, 2);
    assert_expected(&price, 7);
}

/* Unknowns that must be right at the same time multiply. */
static void bits_of_a_stage_add_up(void **state)
{
    (void)state;
    struct plait_price price = {0};
    send_packets(&price, 3);
    plait_price_guess(&price, "port", 2);
    plait_price_guess(&price, "sequence number", 5);
    assert_expected(&price, 3 * 128);
    send_packets(&price, 1); /* each try takes all the packets of the stage */
    assert_expected(&price, 4 * 128);
}

/* Feedback on his own taps separates them: 2^10 + 2^10, not 2^20. */
static void feedback_ends_a_stage(void **state)
{
    (void)state;
    struct plait_price price = {0};
    send_packets(&price, 1);
    plait_price_guess(&price, "token", 10);
    plait_price_feedback(&price);
    assert_expected(&price, 1024);
    send_packets(&price, 2);
    plait_price_guess(&price, "proof", 10);
    assert_expected(&price, 1024 + 2 * 1024);
    plait_price_feedback(&price);
    plait_price_feedback(&price);
    assert_expected(&price, 3 * 1024);
}

static void largest_guess_has_a_name(void **state)
{
    (void)state;
    struct plait_price price = {0};
    plait_price_guess(&price, "client port", 14.8);
    plait_price_guess(&price, "sequence number", 15.9);
    plait_price_feedback(&price);
    plait_price_guess(&price, "acknowledgment number", 15.9); /* the first of equals stays */
    assert_string_equal(price.largest, "sequence number");
    assert_true(price.largest_bits == 15.9);
    assert_true(fabs(price.bits - 46.6) < 1e-9); /* in all, stages or not */
}

static void wrong_guesses_are_counted_not_priced(void **state)
{
    (void)state;
    struct plait_price price = {0};
    for (int i = 0; i < 1024; i++)
        plait_price_wrong_guess(&price, i, 40);
    assert_expected(&price, 0);
    plait_price_packet(&price, 5000, 60);
    plait_price_guess(&price, "token", 32);
    assert_expected(&price, exp2(32));
    assert_true(price.packets == 1025);
    assert_true(price.octets == 1024 * 40 + 60);
    assert_true(price.first_ns == 0 && price.last_ns == 5000);
}

/* At most 2^40 packets, however long the connection lives. */
static void two_to_the_forty_is_the_bound(void **state)
{
    (void)state;
    double ages = 1e9;
    assert_true(plait_price_feasible(exp2(40), ages));
    assert_false(plait_price_feasible(nextafter(exp2(40), INFINITY), ages));
    assert_false(plait_price_feasible(INFINITY, ages));
}

/* And at 1 Mpps within the connection's life. */
static void life_is_the_other_bound(void **state)
{
    (void)state;
    assert_true(plait_price_feasible(600 * MILLION, 600));
    assert_false(plait_price_feasible(600 * MILLION + 1, 600));
    assert_true(plait_price_feasible(86400 * MILLION, 86400));
    assert_false(plait_price_feasible(86400 * MILLION + 1, 86400));
    assert_true(plait_price_feasible(0, 0));
    assert_false(plait_price_feasible(1, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_costs_nothing),
        cmocka_unit_test(packets_without_guesses_cost_themselves),
        cmocka_unit_test(bits_of_a_stage_add_up),
        cmocka_unit_test(feedback_ends_a_stage),
        cmocka_unit_test(largest_guess_has_a_name),
        cmocka_unit_test(wrong_guesses_are_counted_not_priced),
        cmocka_unit_test(two_to_the_forty_is_the_bound),
        cmocka_unit_test(life_is_the_other_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
