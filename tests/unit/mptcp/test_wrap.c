/* Streams whose numbers wrap: IDSN 2^64 - k and 2^32 - k, chosen by a mechanism of the test's own.
 */
#include "mptcp/inside.h"
#include "tests/unit/mptcp/pair.h"

static uint64_t start;

/* Sooner on one side than on the other. */
static uint64_t idsn(uint64_t key)
{
    return start - (key & 0xffff);
}

static bool shorten(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair, (void)from;
    for (unsigned i = 0; i < s->mptcp_count; i++) {
        struct plait_dss *dss = &s->mptcp[i].dss;
        if (s->mptcp[i].subtype != PLAIT_DSS)
            continue;
        dss->ack_is_64 = dss->dsn_is_64 = false;
        dss->data_ack = (uint32_t)dss->data_ack;
        dss->dsn = (uint32_t)dss->dsn;
    }
    return true;
}

static void transfer_over(uint64_t from, bool in_short, bool checksum)
{
    struct plait_mechanism mechanism = plait_mechanism_v1;
    struct pair pair;
    struct pair_setup setup = {.addrs = {2, 1}, .seed = 31};
    mechanism.idsn = idsn;
    start = from;
    for (unsigned side = 0; side < 2; side++) {
        setup.config[side].mechanisms[0] = &mechanism;
        setup.config[side].checksum = checksum;
    }
    pair_make(&pair, &setup);
    if (in_short)
        pair.box = shorten;
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    pair.lines[0].loss_percent = 1;
    pair_transfer(&pair, 300000, 300000, 60 * PLAIT_S);
    for (unsigned side = 0; side < 2; side++) { /* none was taken for another and sent again */
        assert_int_equal(pair_counter(&pair, side, PLAIT_COUNT_DSN_OUT_OF_WINDOW), 0);
        assert_int_equal(pair_counter(&pair, side, PLAIT_COUNT_DATA_ACK_BAD), 0);
    }
    struct plait_mptcp_info info = plait_mptcp_info(pair.ends[0].app.connection);
    assert_true(info.own_idsn == idsn(info.own_key)); /* and it was passed: */
    assert_true((uint32_t)(info.own_idsn + info.data_sent) < (uint32_t)info.own_idsn);
    pair.ends[0].app.closes = pair.ends[1].app.closes = true;
    assert_true(pair_run(&pair, pair.now + 300 * PLAIT_S, pair_is_closed));
    pair_free(&pair);
}

static void n22_streams_pass_2_to_the_64(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        transfer_over(0, i & 1, i & 2);
}

static void n22_streams_pass_2_to_the_32(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        transfer_over(0x1234567800000000, i & 1, i & 2);
}

static void a_data_fin_on_the_last_number(void **state)
{
    struct plait_mechanism mechanism = plait_mechanism_v1;
    struct pair pair;
    struct pair_setup setup = {.seed = 31};
    (void)state;
    mechanism.idsn = idsn;
    setup.config[0].mechanisms[0] = setup.config[1].mechanisms[0] = &mechanism;
    start = 0;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_mptcp_info info = plait_mptcp_info(pair.ends[0].app.connection);
    uint64_t left = 0 - (info.own_idsn + info.data_written); /* the FIN has 2^64 - 1, then 0 */
    pair_transfer(&pair, left - 1, 10, 60 * PLAIT_S);
    pair.ends[0].app.closes = pair.ends[1].app.closes = true;
    assert_true(pair_run(&pair, pair.now + 300 * PLAIT_S, pair_is_closed));
    pair_free(&pair);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(n22_streams_pass_2_to_the_64),
    cmocka_unit_test(n22_streams_pass_2_to_the_32),
    cmocka_unit_test(a_data_fin_on_the_last_number),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
