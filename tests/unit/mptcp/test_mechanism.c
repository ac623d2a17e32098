/* The mechanism's table is enough: a mechanism without keys and handshakes, and one that protects
 * records, carry a transfer. */
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

/* ---- Basic MPTCP ---- */

static void use_second_pair(struct pair *pair)
{
    struct plait_place local = pair_place(pair, 0, 1, 0), remote = pair_place(pair, 1, 0, PORT);
    assert_ok(
        plait_mptcp_add_subflow(pair->ends[0].app.connection, pair->now, &local, &remote, false));
    pair_wait(pair, 200 * PLAIT_MS);
}

static unsigned syns_seen, second_pair_seen;

static bool watch(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)from;
    bool is_second = plait_addr_equal(&s->ip.src, &pair->ends[0].addrs[1]) ||
                     plait_addr_equal(&s->ip.dst, &pair->ends[0].addrs[1]);
    syns_seen += (s->flags & PLAIT_SYN) && !(s->flags & PLAIT_ACK);
    second_pair_seen += is_second && s->payload_octets > 0;
    assert_null(plait_segment_option(s, PLAIT_DSS));
    return true;
}

static void basic_uses_a_second_pair_without_a_handshake(void **state)
{
    struct pair pair;
    struct pair_setup setup = setup_of(&mechanism_basic);
    (void)state;
    syns_seen = second_pair_seen = 0;
    pair_make(&pair, &setup);
    pair.box = watch;
    pair_open(&pair);
    use_second_pair(&pair);
    pair_transfer(&pair, 400000, 400000, 60 * PLAIT_S);
    assert_int_equal(syns_seen, 1);
    assert_true(second_pair_seen > 20);
    assert_int_equal(pair_subflows(&pair, 0), 1); /* one flow, two paths */
    for (unsigned side = 0; side < 2; side++) {
        const struct plait_path *path = plait_flow_first_path(pair_subflow(&pair, side, 0).flow);
        assert_non_null(path->next);
        assert_true(path->sent_octets > 0 && path->next->sent_octets > 0);
    }
    close_both(&pair);
    pair_free(&pair);
}

static void basic_survives_the_loss_of_a_pair(void **state)
{
    struct pair pair;
    struct pair_setup setup = setup_of(&mechanism_basic);
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    use_second_pair(&pair);
    pair.ends[0].app.to_write += 300000;
    pair_wait(&pair, 30 * PLAIT_MS);
    pair.lines[0].is_cut = true;
    pair_transfer(&pair, 0, 100000, 120 * PLAIT_S);
    pair_free(&pair);
}

static void basic_with_loss_and_reordering(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 5; seed++) {
        struct pair pair;
        struct pair_setup setup = setup_of(&mechanism_basic);
        setup.seed = seed;
        pair_make(&pair, &setup);
        pair_open(&pair);
        use_second_pair(&pair);
        pair.lines[0].loss_percent = pair.lines[1].loss_percent = 2;
        pair.lines[1].reorder_percent = 20;
        pair_transfer(&pair, 150000, 150000, 300 * PLAIT_S);
        close_both(&pair);
        pair_free(&pair);
    }
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
    cmocka_unit_test(basic_uses_a_second_pair_without_a_handshake),
    cmocka_unit_test(basic_survives_the_loss_of_a_pair),
    cmocka_unit_test(basic_with_loss_and_reordering),
    cmocka_unit_test(tagged_records_carry_a_stream),
    cmocka_unit_test(a_bad_tag_delivers_nothing_and_ends_the_connection),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
