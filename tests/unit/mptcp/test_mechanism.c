/* The mechanism's table is enough: one that no RFC has, which protects records, carries a transfer
 * without a line changed elsewhere.  Those without keys and handshakes are in test_basic.c. */
#include "tests/unit/mptcp/mechanisms.h"
#include "tests/unit/mptcp/pair.h"

static struct pair_setup setup_of(const struct plait_mechanism *mechanism)
{
    struct pair_setup setup = {.addrs = {2, 1}, .seed = 5};
    for (unsigned side = 0; side < 2; side++)
        setup.config[side] = (struct plait_mptcp_config){
            .mechanisms = {mechanism}, .subflows_limit = 4, .add_addr_accepted = 4};
    return setup;
}

static void close_both(struct pair *pair)
{
    pair->ends[0].app.closes = pair->ends[1].app.closes = true;
    assert_true(pair_run(pair, pair->now + 300 * PLAIT_S, pair_is_closed));
}

/* ---- tagged records ---- */

static void tagged_records_carry_a_stream(void **state)
{
    struct plait_mechanism tagged = mechanism_tag();
    (void)state;
    for (unsigned seed = 0; seed < 4; seed++) {
        struct pair pair;
        struct pair_setup setup = setup_of(&tagged);
        setup.seed = seed;
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_join(&pair, 1, 0);
        pair.lines[0].loss_percent = pair.lines[1].loss_percent = seed;
        pair_transfer(&pair, 200000, 100000, 120 * PLAIT_S);
        /* 16 octets and a length on 512 */
        struct plait_mptcp_info info = plait_mptcp_info(pair.ends[0].app.connection);
        assert_true(info.data_written > 200001 + 18 * (200000 / 512));
        close_both(&pair);
        pair_free(&pair);
    }
}

static unsigned altered;

static bool alter_one(struct pair *pair, unsigned from, struct plait_segment *s)
{
    static uint8_t payload[2048];
    (void)pair;
    if (from == 0 && s->payload_octets > 100 && !altered) {
        altered++;
        memcpy(payload, s->payload, s->payload_octets);
        payload[50] ^= 1;
        s->payload = payload;
    }
    return true;
}

static void a_bad_tag_delivers_nothing_and_ends_the_connection(void **state)
{
    struct pair pair;
    struct plait_mechanism tagged = mechanism_tag();
    struct pair_setup setup = setup_of(&tagged);
    (void)state;
    altered = 0;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.box = alter_one;
    pair.ends[0].app.to_write += 5000;
    pair_wait(&pair, 5 * PLAIT_S);
    assert_int_equal(altered, 1);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_RECORD_BAD), 1);
    assert_int_equal(pair.ends[1].app.events[PLAIT_MPTCP_IS_RESET], 1);
    assert_false(pair.ends[1].app.is_wrong);
    assert_int_equal(pair.ends[1].app.read, 1); /* what was there before */
    assert_true(pair.ends[1].app.is_closed);
    pair_free(&pair);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(tagged_records_carry_a_stream),
    cmocka_unit_test(a_bad_tag_delivers_nothing_and_ends_the_connection),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
