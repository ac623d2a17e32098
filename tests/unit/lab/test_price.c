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

/* Guesses that were sent as wrong ones until one hit, and one that was no hit after all. */
static void played_tries_cost_what_they_were(void **state)
{
    (void)state;
    struct plait_price price = {0};
    send_packets(&price, 2);
    plait_price_guess(&price, "port", 3);
    plait_price_feedback(&price);
    plait_price_played(&price, 300);
    assert_expected(&price, 2 * 8 + 300);
    send_packets(&price, 1);
    plait_price_played(&price, -1);
    assert_expected(&price, 2 * 8 + 300);
    assert_int_equal(price.packets, 3); /* what was really sent is counted where it is sent */
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

/* ---- RFC 7430 §2: what the ADD_ADDR attack costs
 * --------------------------------------------------
 *
 * The RFC's formulas (T-RES-1), for P ports, a window of W octets and segments of 1500:
 *     without RFC 5961:  2^32 / W  x  2              x  P / 2  x  1 / 1500
 *     with it:           2^32 / W  x  2^32 / (2 W)   x  P / 2  x  1 / 1500
 * Its table gives whole packets, cut off below. */

enum { KB = 1024, MSS = 1500 };

struct residual {
    double ports, window_octets;
    bool has_5961;
    double packets; /* of the RFC's table */
};

static const struct residual table_of_rfc_7430[] = {
    {4000, 16 * KB, false, 699050},      {4000, 128 * KB, false, 87381},
    {4000, 256 * KB, false, 43690},      {4000, 2048 * KB, false, 5461},
    {10000, 16 * KB, false, 1747626},    {10000, 128 * KB, false, 218453},
    {10000, 256 * KB, false, 109226},    {10000, 2048 * KB, false, 13653},
    {50000, 16 * KB, false, 8738133},    {50000, 128 * KB, false, 1092266},
    {50000, 256 * KB, false, 546133},    {50000, 2048 * KB, false, 68266},
    {4000, 16 * KB, true, 45812984490.}, {4000, 128 * KB, true, 715827882},
    {4000, 256 * KB, true, 178956970},   {4000, 2048 * KB, true, 2796202},
};
#define RESIDUALS (sizeof table_of_rfc_7430 / sizeof table_of_rfc_7430[0])

/* The same unknowns in our words: one packet, whose guesses' bits add up. */
static double priced(const struct residual *r, double tried_ports, double acceptable_acks,
                     double numbers_in_a_guess)
{
    struct plait_price price = {0};
    send_packets(&price, 1);
    plait_price_guess(&price, "client port", plait_price_bits(tried_ports, 1));
    plait_price_guess(&price, "sequence number",
                      plait_price_bits(exp2(32), r->window_octets * numbers_in_a_guess));
    plait_price_guess(&price, "acknowledgment number", plait_price_bits(exp2(32), acceptable_acks));
    return plait_price_expected(&price);
}

/* Half the space of ACKs is acceptable without RFC 5961 (RFC 9293 §3.10.7.4), twice the largest
 * window with it; ports are tried in turn and hit after half of them; a guess that carries 1500
 * octets stands for as many numbers. */
static void the_table_of_rfc_7430_follows_from_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < RESIDUALS; i++) {
        const struct residual *r = &table_of_rfc_7430[i];
        double acks = r->has_5961 ? 2 * r->window_octets : exp2(31);
        double packets = floor(priced(r, r->ports / 2, acks, MSS) + 1e-4);
        if (packets != r->packets)
            fail_msg("%.0f ports, %.0f octets: %.0f packets, RFC 7430 has %.0f", r->ports,
                     r->window_octets, packets, r->packets);
    }
}

/* Where the lab differs from the RFC (lab/numbers.c), and by how much: its guesses are drawn, so
 * all ports count (x 2: tests/lab/test_prices.c); it takes the victim as idle, where one window of
 * ACKs is acceptable (x 2, as the RFC says itself); and its ADD_ADDRs are pure ACKs, each of which
 * stands for one number (x 1500): with payload they would be one octet of the stream's, or unmapped
 * data. */
static void the_lab_s_own_price_differs_by_known_factors(void **state)
{
    (void)state;
    for (size_t i = 0; i < RESIDUALS; i++) {
        const struct residual *r = &table_of_rfc_7430[i];
        if (!r->has_5961)
            continue; /* what the lab attacks has it (N29) */
        double ours = priced(r, r->ports, r->window_octets, 1);
        double theirs = priced(r, r->ports / 2, 2 * r->window_octets, MSS);
        assert_true(fabs(ours / theirs - 2. * 2. * MSS) < 1e-6);
    }
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
        cmocka_unit_test(played_tries_cost_what_they_were),
        cmocka_unit_test(the_table_of_rfc_7430_follows_from_bits),
        cmocka_unit_test(the_lab_s_own_price_differs_by_known_factors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
