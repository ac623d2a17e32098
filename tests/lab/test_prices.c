/* A price is what a guess really takes (issue 4, "Must show" 6): a space of 2^12 is searched to the
 * end a hundred times, in virtual time, and the mean of tries is set against the price.
 *
 * The space is that of tokens, of which a mechanism of the tests looks at 12 bits.  Tries that are
 * drawn independently are geometric: mean 2^12, and as large a deviation; the mean of 100 has a
 * tenth of it, 409.6, and lies within 2.58 of these with 99 %.  Who does not try a value twice
 * needs (2^12 + 1) / 2, with a deviation of 2^12 / sqrt(12): half the price, as RFC 7430 §2 counts
 * ports (tests/unit/lab/test_price.c). */
#include "tests/lab/variants.h"

#include <math.h>
#include <stdio.h>

#include "lab/attack.h"
#include "lab/columns.h"

enum {
    BITS = 12,
    SPACE = 1 << BITS,
    TRIALS = 100,
    AT_ONCE = 64,
    GUESSES_MAX = 1 << 17, /* 32 times the mean: e^-32 of all trials need more */
    PORT_BASE = 10000,
    PORTS = 40000
};
#define WITHIN 2.58

static uint32_t short_token(uint64_t key)
{
    return plait_mechanism_v1.token(key) >> (32 - BITS) << (32 - BITS);
}

static void shorten(struct plait_mechanism *table)
{
    table->token = short_token;
    table->token_free_bits = 32 - BITS;
}

static const struct variant variants[] = {{"token-12", "v1", shorten}};
static const enum plait_protocol column = PLAIT_PROTOCOL_COUNT; /* the first that is added */

/* ---- the search --------------------------------------------------------------------------------
 */

static bool is_open_door(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->at_home && (seen->segment.flags & PLAIT_SYN) &&
           plait_segment_option(&seen->segment, PLAIT_MP_JOIN);
}

static uint32_t drawn_token(struct plait_attack *a, unsigned i)
{
    return (uint32_t)plait_own_draw(a, "token", i);
}

/* Each value once, from a place that is drawn. */
static uint32_t next_token(struct plait_attack *a, unsigned i)
{
    uint32_t first = (uint32_t)plait_own_draw(a, "first token", 0);
    return (first + (i << (32 - BITS))) & ~((UINT32_C(1) << (32 - BITS)) - 1);
}

/* Until a SYN is answered by SYN/ACK; the port of the answer tells which. */
static void search(struct plait_attack *a, uint32_t (*guess)(struct plait_attack *a, unsigned i))
{
    plait_take_position(a);
    struct plait_place door = plait_service(a);
    plait_wrong_guesses(a, true);
    a->match = is_open_door;
    a->matched = false;
    for (unsigned i = 0; i < GUESSES_MAX && !a->matched; i++) {
        struct plait_intruder *join =
            plait_knock(a, &door, (uint16_t)(PORT_BASE + i % PORTS), guess(a, i), 9);
        plait_forget(join);
        if (i % AT_ONCE == AT_ONCE - 1 || i + 1 == GUESSES_MAX)
            plait_pause(a, 10 * PLAIT_MS); /* longer than an answer is under way */
    }
    a->match = NULL;
    plait_wrong_guesses(a, false);
    if (a->matched)
        plait_claim_port(a, plait_answer(a)->dst_port, true); /* the report's way to tell it */
}

static void search_drawn(struct plait_attack *a)
{
    search(a, drawn_token);
}

static void search_in_turn(struct plait_attack *a)
{
    search(a, next_token);
}

static uint16_t ask(struct plait_attack *a, uint32_t token)
{
    struct plait_place door = plait_service(a);
    uint16_t port = (uint16_t)(PORT_BASE + token % PORTS);
    plait_forget(plait_knock(a, &door, port, token, 9));
    return port;
}

/* The join that is bought is the one packet of its stage. */
static void buy(struct plait_attack *a)
{
    plait_take_position(a);
    uint32_t token = plait_get_token(a, PLAIT_SERVER, ask);
    (void)ask(a, token);
}

/* ---- trials -------------------------------------------------------------------------------------
 */

static struct plait_scenario scenario(const char *id, plait_script script, uint64_t seed)
{
    struct plait_scenario s = ts_2_scenario();
    s.target[0] = s.target[1] = PLAIT_TARGET_PLAIT;
    s.script_id = id;
    s.form = "-";
    s.script = script;
    s.position = plait_position("OFF-NS");
    s.spoofing = false;
    s.workload = PLAIT_IDLE;
    s.protocol = column;
    s.paths = 1;
    s.watch_ns = PLAIT_MS;
    s.away_ns = 0;
    s.seed = seed;
    s.brief = true;
    return s;
}

/* Tries of one trial: the guesses before the batch that was answered, and the place in it. */
static double tries_of(const json_t *report)
{
    const json_t *claim = json_array_get(at(report, "claims"), 0);
    json_int_t port = json_integer_value(json_object_get(claim, "value"));
    json_int_t sent = json_integer_value(at(report, "cost.packets")), i = port - PORT_BASE;
    assert_whole(report);
    assert_non_null(claim);
    while (i + PORTS < sent)
        i += PORTS;
    assert_true(i < sent && sent - i <= AT_ONCE);
    return (double)i + 1;
}

static double mean_of_trials(const char *id, plait_script script)
{
    struct plait_runner *runner = plait_runner_new(4, NULL);
    const json_t *reports[TRIALS] = {0};
    unsigned ended = 0;
    double sum = 0;
    while (ended < TRIALS) {
        ended = 0;
        for (unsigned i = 0; i < TRIALS; i++) {
            struct plait_scenario s = scenario(id, script, 1 + i);
            if (!reports[i])
                reports[i] = plait_runner_need(runner, &s, 0, id);
            ended += reports[i] != NULL;
        }
        if (ended < TRIALS)
            plait_runner_wait(runner, 1000);
    }
    for (unsigned i = 0; i < TRIALS; i++)
        sum += tries_of(reports[i]);
    plait_runner_free(runner);
    return sum / TRIALS;
}

static void assert_near(const char *what, double mean, double expected, double deviation)
{
    double width = WITHIN * deviation / sqrt(TRIALS);
    print_message("%s: %.1f tries in the mean of %d trials, expected %.1f, 99 %% within %.0f to "
                  "%.0f\n",
                  what, mean, TRIALS, expected, expected - width, expected + width);
    assert_true(fabs(mean - expected) <= width);
}

/* What the lab asks for such a token: bought, in a run whose wrong guesses were all wrong. */
static double price_of_the_lab(void)
{
    for (uint64_t seed = 1; seed < 32; seed++) {
        struct plait_scenario s = scenario("buy", buy, seed);
        json_t *report = report_of(&s);
        assert_whole(report);
        double bits = json_number_value(at(report, "cost.guessed_bits"));
        double price_log2 = json_number_value(at(report, "cost.price_log2"));
        json_decref(report);
        if (bits == 0)
            continue; /* one of the guesses hit: 1024 in 4096 */
        assert_true(fabs(price_log2 - bits) < 1e-9);
        return exp2(bits);
    }
    fail_msg("no seed had to buy");
    return 0;
}

static void the_price_is_the_mean_of_tries(void **state)
{
    (void)state;
    double price = price_of_the_lab();
    assert_true(fabs(price - SPACE) < 1e-6);
    assert_near("drawn", mean_of_trials("drawn", search_drawn), price, price);
}

static void half_of_it_where_no_value_is_tried_twice(void **state)
{
    (void)state;
    assert_near("in turn", mean_of_trials("in turn", search_in_turn), (SPACE + 1) / 2.0,
                SPACE / sqrt(12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_price_is_the_mean_of_tries),
        cmocka_unit_test(half_of_it_where_no_value_is_tried_twice),
    };
    add_variants(variants, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
