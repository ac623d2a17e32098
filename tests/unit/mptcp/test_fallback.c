/* Leaving Multipath TCP: N10, N40 to N42, and a path that takes options away or changes payload at
 * each point (threats.md §7.4). */
#include "mptcp/hello.h"
#include "mptcp/inside.h"
#include "tests/unit/mptcp/pair.h"

static struct plait_mptcp *connection(struct pair *pair, unsigned side)
{
    return pair->ends[side].app.connection;
}

static struct pair_setup standard(const struct plait_mechanism *mechanism, bool checksum)
{
    struct pair_setup setup = {.addrs = {2, 1}, .seed = 17};
    for (unsigned side = 0; side < 2; side++) {
        setup.config[side].mechanisms[0] = mechanism;
        setup.config[side].checksum = checksum;
        setup.config[side].subflows_limit = 3;
    }
    return setup;
}

/* ---- a path that takes options away ---- */

static enum strip {
    STRIP_SYN,
    STRIP_SYN_ACK,
    STRIP_THIRD_ACK,
    STRIP_CLIENT,      /* everything of the client but its SYN */
    STRIP_SERVER,      /* everything of the server but its SYN/ACK */
    STRIP_CLIENT_DATA, /* what has payload */
    STRIP_SERVER_DATA,
    STRIP_BOTH_LATER, /* from some moment on */
    STRIP_CLIENT_LATER,
    STRIP_SERVER_LATER,
    STRIPS
} strip;
static bool is_later;
static unsigned third_acks;

static bool is_stripped(unsigned from, const struct plait_segment *s)
{
    bool is_syn = s->flags & PLAIT_SYN, is_ack = s->flags & PLAIT_ACK;
    switch (strip) {
    case STRIP_SYN:
        return is_syn && !is_ack;
    case STRIP_SYN_ACK:
        return is_syn && is_ack;
    case STRIP_THIRD_ACK:
        return from == 0 && !is_syn && third_acks++ == 0;
    case STRIP_CLIENT:
        return from == 0 && !is_syn;
    case STRIP_SERVER:
        return from == 1 && !is_syn;
    case STRIP_CLIENT_DATA:
        return from == 0 && s->payload_octets > 0;
    case STRIP_SERVER_DATA:
        return from == 1 && s->payload_octets > 0;
    case STRIP_BOTH_LATER:
        return is_later;
    case STRIP_CLIENT_LATER:
        return is_later && from == 0;
    case STRIP_SERVER_LATER:
        return is_later && from == 1;
    default:
        return false;
    }
}

static bool strip_options(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair;
    if (is_stripped(from, s))
        s->mptcp_count = 0;
    return true;
}

static void transfer_stripped(const struct plait_mechanism *mechanism, uint64_t up, uint64_t down)
{
    for (unsigned i = 0; i < STRIPS; i++) {
        struct pair pair;
        struct pair_setup setup = standard(mechanism, false);
        strip = (enum strip)i;
        is_later = false;
        third_acks = 0;
        pair_make(&pair, &setup);
        pair.box = strip_options;
        pair_dial(&pair);
        pair_transfer(&pair, up, down, 60 * PLAIT_S);
        is_later = true;
        pair_transfer(&pair, up * 20, down * 20, 60 * PLAIT_S);
        pair_transfer(&pair, 3000, 3000, 60 * PLAIT_S);
        pair_wait(&pair, 100 * PLAIT_MS);
        struct plait_mptcp_info info = plait_mptcp_info(connection(&pair, 0));
        if (!info.is_fallen_back)
            fail_msg("%s, strip %u: the client still speaks it", mechanism->name, i);
        if (!pair.ends[1].plain && !plait_mptcp_info(connection(&pair, 1)).is_fallen_back)
            fail_msg("%s, strip %u: the server still speaks it", mechanism->name, i);
        pair_free(&pair);
    }
}

static void n10_n40_without_options_at_any_point_the_stream_goes_on(void **state)
{
    (void)state;
    transfer_stripped(&plait_mechanism_v1, 3000, 3000);
    transfer_stripped(&plait_mechanism_v0, 3000, 3000);
}

static void n40_also_when_only_one_side_sends(void **state)
{
    (void)state;
    transfer_stripped(&plait_mechanism_v1, 3000, 0);
    transfer_stripped(&plait_mechanism_v1, 0, 3000);
}

/* What DATA_FIN's acknowledgment would have said says that of the FIN (RFC 8684 §3.7). */
static bool end_is_acked(struct pair *pair)
{
    struct plait_mptcp_info info = plait_mptcp_info(connection(pair, 0));
    return info.peer_done && info.data_acked > info.data_written;
}

static void after_fallback_the_fin_ends_the_stream(void **state)
{
    (void)state;
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    strip = STRIP_BOTH_LATER;
    is_later = true;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.box = strip_options;
    pair_transfer(&pair, 3000, 3000, 10 * PLAIT_S);
    assert_true(plait_mptcp_info(connection(&pair, 0)).is_fallen_back);
    pair.ends[0].app.closes = true; /* so TIME-WAIT is the client's */
    pair_wait(&pair, PLAIT_S);
    assert_false(end_is_acked(&pair));
    pair.ends[1].app.closes = true;
    assert_true(pair_run(&pair, pair.now + PLAIT_S, end_is_acked));
    assert_true(pair_run(&pair, pair.now + 200 * PLAIT_S, pair_is_closed));
    pair_free(&pair);
}

static bool strip_second(struct pair *pair, unsigned from, struct plait_segment *s)
{
    bool is_second = plait_addr_equal(&s->ip.src, &pair->ends[0].addrs[1]) ||
                     plait_addr_equal(&s->ip.dst, &pair->ends[0].addrs[1]);
    if (is_later && is_second && (s->payload_octets > 0 || from == 1) && !(s->flags & PLAIT_RST))
        s->mptcp_count = 0;
    return true;
}

static void n40_on_a_joined_subflow_it_is_reset(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 2; v++) {
        struct pair pair;
        struct pair_setup setup = standard(v ? &plait_mechanism_v0 : &plait_mechanism_v1, false);
        setup.config[0].scheduler = setup.config[1].scheduler = &plait_round_robin;
        is_later = false;
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_join(&pair, 1, 0);
        pair.box = strip_second;
        is_later = true;
        pair_transfer(&pair, 4000000, 0, 120 * PLAIT_S);
        pair_wait(&pair, PLAIT_S);
        assert_int_equal(pair_subflows(&pair, 0), 1);
        assert_false(plait_mptcp_info(connection(&pair, 0)).is_fallen_back);
        pair_free(&pair);
    }
}

static unsigned told_reason; /* by the client, of a reset */

static bool note_reason(struct pair *pair, unsigned from, struct plait_segment *s)
{
    const struct plait_mptcp_option *o = plait_segment_option(s, PLAIT_MP_TCPRST);
    (void)pair;
    if (from == 0 && o && (s->flags & PLAIT_RST))
        told_reason = o->tcprst.reason;
    return true;
}

/* On the joined subflow, and on the first one once there was another. */
static void n40_an_ack_of_data_without_data_ack_is_reset_with_reason_6(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct pair pair;
        struct pair_setup setup = standard(&plait_mechanism_v1, false);
        setup.config[0].scheduler = &plait_redundant;
        told_reason = 0xff;
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_join(&pair, 1, 0);
        pair.box = note_reason;
        pair.ends[0].app.to_write += 1000;
        pair_step_output(&pair, 0); /* in flight on both */
        struct plait_segment s = pair_forge(&pair, 0, i);
        assert_true(plait_flow_next(pair_subflow(&pair, 0, i).flow) > 1);
        pair_inject(&pair, 0, &s);
        assert_int_equal(pair_subflows(&pair, 0), 1);
        assert_int_equal(told_reason, PLAIT_RESET_MIDDLEBOX);
        pair_transfer(&pair, 1000, 1000, 10 * PLAIT_S);
        pair_free(&pair);
    }
}

/* ---- a path that changes payload ---- */

static unsigned changes_left, fails[2], infinites[2], fail_resets, fails_with_payload;
static unsigned mapped_after[2];
static uint64_t changed_dsn, fail_dsn;
static uint8_t reset_reason;

static bool change_payload(struct pair *pair, unsigned from, struct plait_segment *s)
{
    static uint8_t payload[2048];
    bool is_second = s->src_port == 40001;
    (void)pair;
    for (unsigned i = 0; i < s->mptcp_count; i++) {
        const struct plait_mptcp_option *o = &s->mptcp[i];
        if (o->subtype == PLAIT_MP_FAIL) {
            if (from == 1 && fails[1] == 0)
                fail_dsn = o->fail.dsn;
            fails[from]++;
            fail_resets += (s->flags & PLAIT_RST) != 0;
            fails_with_payload += s->payload_octets > 0;
        }
        if (o->subtype == PLAIT_MP_TCPRST)
            reset_reason = o->tcprst.reason;
        if (o->subtype != PLAIT_DSS || !o->dss.has_map)
            continue;
        infinites[from] += o->dss.data_length == 0;
        mapped_after[from] += o->dss.data_length > 0;
    }
    if (from == 0 && s->payload_octets > 20 && changes_left &&
        (changes_left == 1 || is_second == (changes_left == 2))) {
        changes_left = 0;
        changed_dsn = plait_segment_option(s, PLAIT_DSS)->dss.dsn;
        memcpy(payload, s->payload, s->payload_octets);
        payload[10] ^= 0xff;
        s->payload = payload;
    }
    return true;
}

static void start_counting(void)
{
    memset(fails, 0, sizeof fails);
    memset(infinites, 0, sizeof infinites);
    memset(mapped_after, 0, sizeof mapped_after);
    changes_left = fail_resets = fails_with_payload = 0;
}

static void n41_n42_a_wrong_checksum_on_the_only_subflow_ends_multipath(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 2; v++) {
        struct pair pair;
        struct pair_setup setup = standard(v ? &plait_mechanism_v0 : &plait_mechanism_v1, true);
        pair_make(&pair, &setup);
        pair_open(&pair);
        start_counting();
        pair.box = change_payload;
        changes_left = 1;
        pair.ends[0].app.to_write += 100000;
        pair.ends[1].app.to_write += 100000;
        assert_true(pair_run(&pair, pair.now + 60 * PLAIT_S, pair_is_transferred));
        assert_int_equal(fails[1], 1);  /* from the receiver */
        assert_int_equal(fails[0], !v); /* the answer; not in v0 */
        assert_true(fail_dsn == changed_dsn);
        assert_int_equal(fail_resets, 0);
        assert_int_equal(fails_with_payload, 0); /* a super-segment would say it many times */
        assert_true(infinites[0] >= 1);
        for (unsigned side = 0; side < 2; side++) {
            assert_true(plait_mptcp_info(connection(&pair, side)).is_fallen_back);
            assert_int_equal(pair.ends[side].app.events[PLAIT_MPTCP_IS_FALLEN_BACK], 1);
        }
        assert_true(pair.ends[1].app.is_wrong); /* as plain TCP would have delivered it */
        assert_false(pair.ends[0].app.is_wrong);
        /* N42: no way back, and subflow acknowledgments alone empty the queues. */
        start_counting();
        pair.ends[0].app.to_write += 50000;
        pair.ends[1].app.to_write += 50000;
        assert_true(pair_run(&pair, pair.now + 60 * PLAIT_S, pair_is_transferred));
        pair_wait(&pair, PLAIT_S);
        assert_int_equal(mapped_after[0] + mapped_after[1], 0);
        for (unsigned side = 0; side < 2; side++)
            assert_true(connection(&pair, side)->send.start == connection(&pair, side)->send.end);
        struct plait_place local = pair_place(&pair, 0, 1, 0), remote = pair_place(&pair, 1, 0, 0);
        assert_reason(plait_mptcp_add_subflow(connection(&pair, 0), pair.now, &local, &remote, 0),
                      NOT_FOUND);
        pair.ends[0].app.closes = pair.ends[1].app.closes = true;
        assert_true(pair_run(&pair, pair.now + 200 * PLAIT_S, pair_is_closed));
        pair_free(&pair);
    }
}

static void n41_a_wrong_checksum_among_others_resets_that_subflow_only(void **state)
{
    (void)state;
    for (unsigned where = 2; where <= 3; where++) { /* on the second path, on the first */
        struct pair pair;
        struct pair_setup setup = standard(&plait_mechanism_v1, true);
        setup.config[0].scheduler = &plait_round_robin;
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_join(&pair, 1, 0);
        start_counting();
        reset_reason = 0xff;
        pair.box = change_payload;
        changes_left = where;
        pair_transfer(&pair, 300000, 300000, 60 * PLAIT_S); /* exact: the bad copy is gone */
        assert_int_equal(changes_left, 0);
        assert_int_equal(fails[1], 1);
        assert_true(fail_dsn == changed_dsn);
        assert_int_equal(fail_resets, 1);
        assert_int_equal(reset_reason, PLAIT_RESET_MIDDLEBOX);
        assert_int_equal(pair_subflows(&pair, 0), 1);
        assert_int_equal(pair_subflow(&pair, 0, 0).local_id, where == 3);
        assert_false(plait_mptcp_info(connection(&pair, 1)).is_fallen_back);
        pair_free(&pair);
    }
}

static void inject_option(struct pair *pair, unsigned side, unsigned index,
                          struct plait_mptcp_option o)
{
    struct plait_segment s = pair_forge(pair, side, index);
    s.mptcp_count = 1;
    s.mptcp[0] = o;
    pair_inject(pair, side, &s);
}

static void n41_mp_fail_is_answered_and_both_go_on_as_tcp(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, true);
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    start_counting();
    pair.box = change_payload;
    inject_option(&pair, 1, 0,
                  (struct plait_mptcp_option){.subtype = PLAIT_MP_FAIL,
                                              .fail = {.dsn = connection(&pair, 1)->own_idsn +
                                                              connection(&pair, 1)->data_acked}});
    assert_int_equal(fails[1], 1);
    assert_int_equal(infinites[1], 1);
    pair_transfer(&pair, 20000, 20000, 20 * PLAIT_S);
    assert_true(plait_mptcp_info(connection(&pair, 0)).is_fallen_back);
    pair_free(&pair);
}

/* Of the server's segments without payload and FIN: all but DATA_ACK is lost, or is not looked at,
 * as in Linux. */
static bool leave_data_ack(struct pair *pair, unsigned from, struct plait_segment *s)
{
    unsigned count = s->mptcp_count;
    (void)pair;
    if (from == 0 || s->payload_octets > 0 || s->flags & (PLAIT_SYN | PLAIT_FIN))
        return true;
    s->mptcp_count = 0;
    for (unsigned i = 0; i < count; i++) {
        if (s->mptcp[i].subtype != PLAIT_DSS || !s->mptcp[i].dss.has_ack)
            continue;
        s->mptcp[s->mptcp_count] = s->mptcp[i];
        s->mptcp[s->mptcp_count++].dss.has_map = false;
    }
    return true;
}

static void n42_an_infinite_mapping_is_told_until_it_is_acknowledged(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, true);
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.box = leave_data_ack;
    inject_option(&pair, 1, 0, (struct plait_mptcp_option){.subtype = PLAIT_MP_FAIL});
    assert_true(plait_mptcp_info(connection(&pair, 1)).is_fallen_back);
    pair_transfer(&pair, 20000, 0, 20 * PLAIT_S);
    pair_wait(&pair, PLAIT_S);
    struct plait_mptcp_info info = plait_mptcp_info(connection(&pair, 0));
    assert_false(info.is_fallen_back); /* it has DATA_ACK, and was told of nothing else */
    assert_true(info.data_acked == info.data_written);
    pair.ends[1].app.closes = true; /* the FIN tells */
    pair_wait(&pair, PLAIT_S);
    assert_true(plait_mptcp_info(connection(&pair, 0)).is_fallen_back);
    assert_true(plait_mptcp_info(connection(&pair, 0)).peer_done);
    pair.ends[0].app.closes = true;
    assert_true(pair_run(&pair, pair.now + 200 * PLAIT_S, pair_is_closed));
    pair_free(&pair);
}

/* Who has not heard ends its stream with a DATA_FIN, and waits until that is acknowledged. */
static void n42_a_data_fin_of_who_has_not_heard_ends_its_stream(void **state)
{
    (void)state;
    for (unsigned with_payload = 0; with_payload < 2; with_payload++) {
        struct pair pair;
        struct pair_setup setup = standard(&plait_mechanism_v1, true);
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair.box = leave_data_ack;
        inject_option(&pair, 1, 0, (struct plait_mptcp_option){.subtype = PLAIT_MP_FAIL});
        pair.ends[0].app.closes = with_payload;
        pair_transfer(&pair, 20000, 0, 20 * PLAIT_S);
        pair.ends[0].app.closes = true;
        pair_wait(&pair, PLAIT_S);
        struct plait_mptcp_info info = plait_mptcp_info(connection(&pair, 0));
        assert_false(info.is_fallen_back);
        assert_true(plait_mptcp_info(connection(&pair, 1)).peer_done);
        assert_true(connection(&pair, 0)->data_acked == connection(&pair, 0)->send.end + 1);
        pair_transfer(&pair, 0, 20000, 20 * PLAIT_S); /* the other direction goes on */
        pair.ends[1].app.closes = true;
        assert_true(pair_run(&pair, pair.now + 200 * PLAIT_S, pair_is_closed));
        pair_free(&pair);
    }
}

static void mp_fail_with_other_subflows_is_only_counted(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, true);
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    inject_option(&pair, 1, 0, (struct plait_mptcp_option){.subtype = PLAIT_MP_FAIL});
    inject_option(&pair, 1, 1, (struct plait_mptcp_option){.subtype = PLAIT_MP_FAIL});
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_FAIL_IN), 2);
    assert_false(plait_mptcp_info(connection(&pair, 1)).is_fallen_back);
    pair_transfer(&pair, 20000, 20000, 20 * PLAIT_S);
    pair_free(&pair);
}

static void n42_an_infinite_mapping_is_obeyed_once_and_for_all(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_mptcp *c = connection(&pair, 1);
    struct plait_mptcp_option o = {
        .subtype = PLAIT_DSS,
        .dss = {.has_map = true, .dsn_is_64 = true, .dsn = c->peer_idsn + 2, .ssn = 2}};
    inject_option(&pair, 1, 0, o);
    inject_option(&pair, 1, 0, o); /* decided already */
    assert_true(plait_mptcp_info(c).is_fallen_back);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_INFINITE_IN), 1);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_FALLBACK), 1);
    pair_transfer(&pair, 20000, 20000, 20 * PLAIT_S);
    pair_free(&pair);
}

/* Data is freed by the subflow's acknowledgments, and its FIN ends the stream. */
static void n42_after_a_fallback_no_dss_means_anything(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_mptcp *c = connection(&pair, 1);
    inject_option(&pair, 1, 0, (struct plait_mptcp_option){.subtype = PLAIT_MP_FAIL});
    pair_wait(&pair, PLAIT_S);
    assert_true(c->has_fallen_back);
    pair_transfer(&pair, 0, 1000, 20 * PLAIT_S);
    pair_wait(&pair, PLAIT_S); /* both know */
    pair.ends[1].app.to_write += 1000;
    pair_step_output(&pair, 1); /* in flight */
    uint64_t acked = c->data_acked;
    assert_true(acked < c->data_next);
    struct plait_segment s = pair_forge(&pair, 1, 0);
    struct plait_flow *flow = pair_subflow(&pair, 1, 0).flow;
    s.ack = (uint32_t)plait_flow_unacked(flow) + plait_flow_isn(flow);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_DSS,
                                             .dss = {.has_ack = true,
                                                     .ack_is_64 = true,
                                                     .data_ack = c->own_idsn + c->data_next,
                                                     .has_map = true,
                                                     .dsn_is_64 = true,
                                                     .dsn = c->peer_idsn + 2,
                                                     .data_length = 1,
                                                     .data_fin = true}};
    pair_inject(&pair, 1, &s);
    assert_true(c->data_acked == acked);
    assert_false(plait_mptcp_info(c).peer_done);
    pair_transfer(&pair, 5000, 5000, 10 * PLAIT_S);
    pair_free(&pair);
}

/* A subflow among others cannot carry the rest of the stream by itself. */
static void n42_with_other_subflows_an_infinite_mapping_is_reset(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct pair pair;
        struct pair_setup setup = standard(&plait_mechanism_v1, false);
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_join(&pair, 1, 0);
        struct plait_mptcp *c = connection(&pair, 1);
        inject_option(&pair, 1, i,
                      (struct plait_mptcp_option){.subtype = PLAIT_DSS,
                                                  .dss = {.has_map = true,
                                                          .dsn_is_64 = true,
                                                          .dsn = c->peer_idsn + 2,
                                                          .ssn = 2 - i}});
        pair_wait(&pair, PLAIT_S);
        assert_int_equal(pair_subflows(&pair, 1), 1);
        assert_false(plait_mptcp_info(c).is_fallen_back);
        pair_transfer(&pair, 5000, 5000, 10 * PLAIT_S);
        pair_free(&pair);
    }
}

/* Nobody but the peer can make it so: one segment without mapping in an established connection is
 * not taken (linux.md, row x: where the kernel delivers it). */
static void one_injected_segment_without_mapping_changes_nothing(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_segment s = pair_forge(&pair, 1, 0);
    s.payload = (const uint8_t *)"evil";
    s.payload_octets = 4;
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_UNMAPPED), 1);
    assert_int_equal(pair.ends[1].app.read, 1);
    pair_transfer(&pair, 20000, 20000, 20 * PLAIT_S);
    assert_false(plait_mptcp_info(connection(&pair, 1)).is_fallen_back);
    pair_free(&pair);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(n10_n40_without_options_at_any_point_the_stream_goes_on),
    cmocka_unit_test(n40_also_when_only_one_side_sends),
    cmocka_unit_test(after_fallback_the_fin_ends_the_stream),
    cmocka_unit_test(n40_on_a_joined_subflow_it_is_reset),
    cmocka_unit_test(n40_an_ack_of_data_without_data_ack_is_reset_with_reason_6),
    cmocka_unit_test(n41_n42_a_wrong_checksum_on_the_only_subflow_ends_multipath),
    cmocka_unit_test(n41_a_wrong_checksum_among_others_resets_that_subflow_only),
    cmocka_unit_test(n41_mp_fail_is_answered_and_both_go_on_as_tcp),
    cmocka_unit_test(n42_an_infinite_mapping_is_told_until_it_is_acknowledged),
    cmocka_unit_test(n42_a_data_fin_of_who_has_not_heard_ends_its_stream),
    cmocka_unit_test(mp_fail_with_other_subflows_is_only_counted),
    cmocka_unit_test(n42_with_other_subflows_an_infinite_mapping_is_reset),
    cmocka_unit_test(n42_after_a_fallback_no_dss_means_anything),
    cmocka_unit_test(n42_an_infinite_mapping_is_obeyed_once_and_for_all),
    cmocka_unit_test(one_injected_segment_without_mapping_changes_nothing),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
