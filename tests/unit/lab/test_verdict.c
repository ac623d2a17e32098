/* From the reports of runs to verdicts: each row of DESIGN §1's table, and its edges. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>

#include "lab/verdict.h"

/* ---- against TCP ------------------------------------------------------------------------------
 */

#define NO                                                                                         \
    {                                                                                              \
        false, false, 0, NULL, NULL                                                                \
    }
#define AT(p)                                                                                      \
    {                                                                                              \
        true, true, p, NULL, NULL                                                                  \
    }
#define TOO_DEAR(p)                                                                                \
    {                                                                                              \
        true, false, p, NULL, NULL                                                                 \
    }

static void versus_tcp(void **state)
{
    (void)state;
    static const struct {
        struct plait_achievement here, tcp[2];
        unsigned paths;
        enum plait_versus versus;
    } rows[] = {
        /* reached here and not on TCP */
        {AT(5), {NO}, 1, PLAIT_WORSE},
        {AT(5), {TOO_DEAR(1e15)}, 1, PLAIT_WORSE},
        /* at most a quarter of TCP's price */
        {AT(25), {AT(100)}, 1, PLAIT_WORSE},
        {AT(26), {AT(100)}, 1, PLAIT_SAME},
        {AT(1), {AT(4)}, 1, PLAIT_WORSE},
        {AT(1), {AT(3)}, 1, PLAIT_SAME},
        {AT(100), {AT(100)}, 1, PLAIT_SAME},
        /* TCP's price is at most a quarter of ours */
        {AT(100), {AT(26)}, 1, PLAIT_SAME},
        {AT(100), {AT(25)}, 1, PLAIT_BETTER},
        {AT(4), {AT(1)}, 1, PLAIT_BETTER},
        {AT(3), {AT(1)}, 1, PLAIT_SAME},
        /* reached on TCP and not here */
        {NO, {AT(1)}, 1, PLAIT_BETTER},
        {TOO_DEAR(1e15), {AT(1e9)}, 1, PLAIT_BETTER},
        /* on neither, whatever the purchase would have cost */
        {NO, {NO}, 1, PLAIT_SAME},
        {TOO_DEAR(1e13), {NO}, 1, PLAIT_SAME},
        {NO, {TOO_DEAR(1e13)}, 1, PLAIT_SAME},
        {TOO_DEAR(1e13), {TOO_DEAR(1e25)}, 1, PLAIT_SAME},
        {TOO_DEAR(1e25), {TOO_DEAR(1e13)}, 1, PLAIT_SAME},
        /* on both paths */
        {AT(5), {NO, NO}, 2, PLAIT_WORSE},
        {AT(5), {AT(20), NO}, 2, PLAIT_WORSE},
        {AT(5), {NO, AT(20)}, 2, PLAIT_WORSE},
        /* only against the dialled one: the attacker of the other gained */
        {AT(5), {NO, AT(5)}, 2, PLAIT_WIDER},
        {AT(5), {NO, AT(19)}, 2, PLAIT_WIDER},
        {AT(5), {AT(20), AT(19)}, 2, PLAIT_WIDER},
        {AT(5), {AT(20), AT(1)}, 2, PLAIT_WIDER},
        /* only against the other one: the dialled one is what TCP would have used */
        {AT(5), {AT(5), NO}, 2, PLAIT_SAME},
        {AT(5), {AT(1), NO}, 2, PLAIT_BETTER},
        {NO, {AT(1), NO}, 2, PLAIT_BETTER},
        {NO, {AT(1), AT(1)}, 2, PLAIT_BETTER},
        {NO, {NO, AT(1)}, 2, PLAIT_SAME},
        {NO, {NO, NO}, 2, PLAIT_SAME},
        /* what stands behind the last path is not looked at */
        {AT(5), {AT(5), NO}, 1, PLAIT_SAME},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum plait_versus versus = plait_compare(&rows[i].here, rows[i].tcp, rows[i].paths);
        if (versus != rows[i].versus)
            fail_msg("row %zu: %s, not %s", i, plait_versus_name(versus),
                     plait_versus_name(rows[i].versus));
    }
}

static void cheaper(void **state)
{
    (void)state;
    static const struct {
        struct plait_achievement a, b;
        bool forth, back;
    } rows[] = {
        {AT(1), AT(2), true, false},
        {AT(2), AT(2), false, false},
        {AT(1), NO, true, false},
        {AT(1e9), TOO_DEAR(1e13), true, false},
        {AT(1e9), TOO_DEAR(1), true, false}, /* affordable first, whatever the number */
        {TOO_DEAR(1e13), TOO_DEAR(1e14), true, false},
        {TOO_DEAR(1e13), NO, true, false},
        {NO, NO, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(plait_cheaper(&rows[i].a, &rows[i].b), rows[i].forth);
        assert_int_equal(plait_cheaper(&rows[i].b, &rows[i].a), rows[i].back);
    }
}

static void names(void **state)
{
    (void)state;
    static const char *const versus[] = {"worse", "wider", "same", "better", "none"};
    for (int i = 0; i < 5; i++)
        assert_string_equal(plait_versus_name((enum plait_versus)i), versus[i]);
    static const char *const outcomes[] = {"broken", "partial", "stopped", "stopped by policy",
                                           "n/a",    "skipped", "error"};
    for (int i = 0; i < 7; i++)
        assert_string_equal(plait_outcome_name((enum plait_outcome)i), outcomes[i]);
}

/* ---- one run's achievement
 * ----------------------------------------------------------------------- */

static json_t *run_with(const char *goal, bool reached, double measure, double price_log2)
{
    return json_pack("{s:{s:{s:b,s:f,s:{s:f}}}}", "goals", goal, "reached", reached, "measure",
                     measure, "cost", "price_log2", price_log2);
}

static void achievements(void **state)
{
    (void)state;
    double life_idle = log2(86400e6), life_busy = log2(600e6);
    const struct {
        bool reached;
        double price_log2;
        enum plait_workload workload;
        bool feasible;
    } rows[] = {
        {false, 3, PLAIT_IDLE, false},
        {true, 0, PLAIT_IDLE, true},
        {true, 3, PLAIT_BULK, true},
        {true, life_busy - 1e-6, PLAIT_BULK, true},
        {true, life_busy + 1e-6, PLAIT_BULK, false},
        {true, life_busy + 1e-6, PLAIT_REQUEST_RESPONSE, false},
        {true, life_busy + 1e-6, PLAIT_IDLE, true},
        {true, life_idle - 1e-6, PLAIT_IDLE, true},
        {true, life_idle - 1e-6, PLAIT_TRICKLE, true},
        {true, life_idle + 1e-6, PLAIT_IDLE, false},
        {true, life_idle + 1e-6, PLAIT_TRICKLE, false},
        {true, 84.8, PLAIT_IDLE, false},
        {true, 1e9, PLAIT_IDLE, false}, /* 2^bits beyond any number */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *run = run_with("inject", rows[i].reached, 1, rows[i].price_log2);
        struct plait_achievement a = plait_achievement(run, PLAIT_GOAL_INJECT, rows[i].workload);
        if (a.reached != rows[i].reached || a.feasible != rows[i].feasible ||
            (a.cost != NULL) != rows[i].reached ||
            a.packets != (rows[i].reached ? exp2(rows[i].price_log2) : 0))
            fail_msg("row %zu", i);
        a = plait_achievement(run, PLAIT_GOAL_READ, rows[i].workload); /* another goal */
        assert_false(a.reached || a.feasible || a.cost);
        json_decref(run);
    }
    struct plait_achievement a = plait_achievement(NULL, PLAIT_GOAL_READ, PLAIT_IDLE);
    assert_false(a.reached || a.feasible);
}

/* Prices travel as logarithms; the quarter must survive the journey. */
static void quarters_are_exact_after_a_report(void **state)
{
    (void)state;
    for (int packets = 1; packets <= 2000; packets++) {
        json_t *cheap = run_with("inject", true, 1, log2(packets));
        json_t *dear = run_with("inject", true, 1, log2(4.0 * packets));
        json_t *less = run_with("inject", true, 1, log2(4.0 * packets - 1));
        struct plait_achievement a = plait_achievement(cheap, PLAIT_GOAL_INJECT, PLAIT_IDLE);
        struct plait_achievement b = plait_achievement(dear, PLAIT_GOAL_INJECT, PLAIT_IDLE);
        struct plait_achievement c = plait_achievement(less, PLAIT_GOAL_INJECT, PLAIT_IDLE);
        if (plait_compare(&a, &b, 1) != PLAIT_WORSE || plait_compare(&b, &a, 1) != PLAIT_BETTER ||
            plait_compare(&a, &c, 1) != PLAIT_SAME || plait_compare(&c, &a, 1) != PLAIT_SAME)
            fail_msg("%d packets", packets);
        json_decref(cheap);
        json_decref(dear);
        json_decref(less);
    }
}

static void lives(void **state)
{
    (void)state;
    assert_true(plait_life_s(PLAIT_IDLE) == 86400 && plait_life_s(PLAIT_TRICKLE) == 86400);
    assert_true(plait_life_s(PLAIT_BULK) == 600 && plait_life_s(PLAIT_REQUEST_RESPONSE) == 600);
}

static json_t *run_of_stream(double goodput, double stall_s, double price_log2)
{
    json_t *run = run_with("degrade", false, goodput, price_log2);
    json_object_set_new(run, "longest_stall_ns", json_integer((json_int_t)(stall_s * 1e9)));
    return run;
}

/* Goodput below half of the control run's, or a stall longer than its longest plus a second. */
static void degrading(void **state)
{
    (void)state;
    static const struct {
        double control, attack, control_stall_s, attack_stall_s, price_log2;
        bool reached, feasible;
    } rows[] = {
        {100000, 100000, 1, 1, 2, false, false},
        {100000, 50000, 1, 1, 2, false, false},
        {100000, 49999, 1, 1, 2, true, true},
        {100000, 0, 1, 1, 2, true, true},
        {100000, 0, 1, 1, 60, true, false},
        {100000, 100000, 0.5, 1.5, 2, false, false},
        {100000, 100000, 0.5, 1.500001, 2, true, true},
        {100000, 100000, 5, 0.1, 2, false, false},
        {0, 0, 1, 1, 2, false, false}, /* nothing moved anyhow */
        {0, 0, 0, 9, 2, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *run = run_of_stream(rows[i].attack, rows[i].attack_stall_s, rows[i].price_log2);
        json_t *control = run_of_stream(rows[i].control, rows[i].control_stall_s, 0);
        struct plait_achievement a = plait_degraded(run, control, PLAIT_BULK);
        if (a.reached != rows[i].reached || a.feasible != rows[i].feasible ||
            (a.cost != NULL) != rows[i].reached)
            fail_msg("row %zu", i);
        json_decref(run);
        json_decref(control);
    }
}

/* Degrading is judged only where control runs spread less than a fifth. */
static void steadiness(void **state)
{
    (void)state;
    static const struct {
        double one, again;
        bool steady;
    } rows[] = {
        {100000, 100000, true}, {100000, 80001, true}, {100000, 80000, false},
        {80000, 100000, false}, {0, 0, true},          {100000, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *one = run_of_stream(rows[i].one, 0, 0), *again = run_of_stream(rows[i].again, 0, 0);
        assert_int_equal(plait_steady(one, again), rows[i].steady);
        assert_int_equal(plait_steady(again, one), rows[i].steady);
        json_decref(one);
        json_decref(again);
    }
}

/* ---- armed
 * ---------------------------------------------------------------------------------------- */

static void arming(void **state)
{
    (void)state;
    static const struct {
        bool finished;
        int sent, delivered, invalid, not_taken;
        const char *why; /* NULL: armed */
    } rows[] = {
        {true, 3, 3, 0, 0, NULL},
        {true, 1, 1, 0, 0, NULL},
        {true, 2, 3, 0, 0, NULL}, /* an answer of a port may repeat one */
        {false, 3, 3, 0, 0, "not armed: the probe after the script got no answer"},
        {true, 0, 0, 0, 0, "not armed: the script sent nothing"},
        {true, 3, 2, 0, 0, "not armed: 2 of 3 attack packets were delivered"},
        {true, 3, 0, 0, 0, "not armed: 0 of 3 attack packets were delivered"},
        {true, 3, 2, 1, 0, "not armed: 1 of 3 attack packets were invalid"},
        {true, 3, 3, 0, 1, "not armed: a host's device did not take what the net delivered"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *run = json_pack("{s:b,s:i,s:i,s:i,s:i}", "finished", rows[i].finished, "sent",
                                rows[i].sent, "delivered", rows[i].delivered, "invalid",
                                rows[i].invalid, "not_taken", rows[i].not_taken);
        char why[160] = "";
        assert_int_equal(plait_armed(run, why, sizeof why), rows[i].why == NULL);
        assert_string_equal(why, rows[i].why ? rows[i].why : "");
        char little[8];
        plait_armed(run, little, sizeof little); /* cut, not overrun */
        json_decref(run);
    }
    char why[160];
    assert_false(plait_armed(NULL, why, sizeof why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versus_tcp),
        cmocka_unit_test(cheaper),
        cmocka_unit_test(names),
        cmocka_unit_test(achievements),
        cmocka_unit_test(lives),
        cmocka_unit_test(degrading),
        cmocka_unit_test(steadiness),
        cmocka_unit_test(arming),
        cmocka_unit_test(quarters_are_exact_after_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
