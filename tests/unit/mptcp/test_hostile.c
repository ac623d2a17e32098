/* A peer that says anything: no assertion, no loop, no memory kept; and the digest of what is left
 * is the one of never having heard it. */
#include "mptcp/inside.h"
#include "tests/unit/mptcp/pair.h"

static struct plait_mptcp *connection(struct pair *pair, unsigned side)
{
    return pair->ends[side].app.connection;
}

static uint64_t near_number(struct dice *dice, uint64_t base)
{
    static const int64_t off[] = {0,     1,         -1,        100,       -100,      5000,
                                  70000, 1ll << 31, 1ll << 32, 1ll << 40, INT64_MIN, INT64_MAX};
    return base + (uint64_t)off[throw_below(dice, sizeof off / sizeof *off)];
}

static struct plait_mptcp_option any_dss(struct dice *dice, struct plait_mptcp *c,
                                         struct plait_flow *flow)
{
    uint64_t edge = plait_receive_queue_edge(&c->receive);
    struct plait_mptcp_option o = {.subtype = PLAIT_DSS};
    o.dss.data_fin = throw_below(dice, 6) == 0;
    o.dss.has_ack = throw_below(dice, 3) > 0;
    o.dss.ack_is_64 = throw_below(dice, 2);
    o.dss.has_map = throw_below(dice, 4) > 0;
    o.dss.dsn_is_64 = throw_below(dice, 2);
    o.dss.has_checksum = o.dss.has_map && throw_below(dice, 8) == 0 ? !c->checksum : c->checksum;
    o.dss.data_ack = near_number(dice, c->own_idsn + c->data_acked);
    o.dss.dsn = near_number(dice, c->peer_idsn + edge);
    o.dss.ssn = (uint32_t)near_number(dice, plait_flow_received(flow));
    o.dss.data_length =
        (uint16_t)(throw_below(dice, 3) ? throw_below(dice, 200) : throw_below(dice, 65536));
    if (throw_below(dice, 12) && o.dss.data_length == 0)
        o.dss.data_length = 1; /* an infinite mapping ends it all */
    o.dss.checksum = (uint16_t)throw_u64(dice);
    if (!o.dss.ack_is_64)
        o.dss.data_ack = (uint32_t)o.dss.data_ack;
    if (!o.dss.dsn_is_64)
        o.dss.dsn = (uint32_t)o.dss.dsn;
    if (!o.dss.has_ack)
        o.dss.ack_is_64 = false;
    if (!o.dss.has_map)
        o.dss.dsn_is_64 = o.dss.has_checksum = false;
    return o;
}

static struct plait_mptcp_option any_octets(struct dice *dice)
{
    uint8_t octets[40];
    size_t length = 3 + throw_below(dice, 34);
    struct plait_mptcp_option o;
    for (size_t i = 0; i < length; i++)
        octets[i] = (uint8_t)throw_u64(dice);
    octets[0] = PLAIT_OPTION_MPTCP;
    octets[1] = (uint8_t)length;
    (void)plait_mptcp_parse(octets, length, &o); /* mostly raw */
    return o;
}

static struct plait_mptcp_option any_option(struct dice *dice, struct plait_mptcp *c,
                                            struct plait_flow *flow)
{
    struct plait_mptcp_option o = {0};
    struct plait_addr addr = {.family = PLAIT_IPV4, .octets = {198, 18, 1}};
    switch (throw_below(dice, 9)) {
    case 0:
        o.subtype = PLAIT_ADD_ADDR;
        addr.octets[3] = (uint8_t)throw_u64(dice);
        o.add_addr = (struct plait_add_addr){.addr_id = (uint8_t)throw_below(dice, 12),
                                             .addr = addr,
                                             .echo = throw_below(dice, 3) == 0,
                                             .has_port = throw_below(dice, 2)};
        if (c->mechanism)
            c->mechanism->seal(c->peer_key, c->own_key, &o); /* it has the keys */
        return o;
    case 1:
        o.subtype = PLAIT_REMOVE_ADDR;
        o.remove_addr.count = (uint8_t)(1 + throw_below(dice, 5));
        for (unsigned i = 0; i < o.remove_addr.count; i++)
            o.remove_addr.addr_ids[i] = (uint8_t)throw_below(dice, 12);
        return o;
    case 2:
        o.subtype = PLAIT_MP_PRIO;
        o.prio.backup = throw_below(dice, 2);
        return o;
    case 3:
        o.subtype = PLAIT_MP_FAIL;
        o.fail.dsn = throw_u64(dice);
        return o;
    case 4:
        return any_octets(dice);
    case 5:
        o.subtype = PLAIT_MP_CAPABLE;
        o.capable = (struct plait_mp_capable){.version = 1,
                                              .flags = 1,
                                              .has_sender_key = true,
                                              .has_receiver_key = true,
                                              .sender_key = c->peer_key,
                                              .receiver_key = c->own_key,
                                              .has_data_length = throw_below(dice, 2),
                                              .data_length = (uint16_t)throw_u64(dice)};
        return o;
    default:
        return any_dss(dice, c, flow);
    }
}

static struct plait_segment any_segment(struct pair *pair, unsigned side, struct dice *dice)
{
    static const uint8_t payload[1400];
    struct plait_mptcp *c = connection(pair, side);
    unsigned index = (unsigned)throw_below(dice, pair_subflows(pair, side));
    struct plait_segment s = pair_forge(pair, side, index);
    struct plait_flow *flow = pair_subflow(pair, side, index).flow;
    unsigned options = (unsigned)throw_below(dice, 3);
    uint32_t room = 40;
    for (unsigned i = 0; i < options; i++) {
        s.mptcp[s.mptcp_count] = any_option(dice, c, flow);
        uint32_t octets = (uint32_t)(plait_mptcp_octets(&s.mptcp[s.mptcp_count]) + 3) & ~3u;
        if (octets > room)
            continue;
        room -= octets;
        s.mptcp_count++;
    }
    if (throw_below(dice, 4) == 0)
        s.seq += (uint32_t)throw_below(dice, 3000);
    if (throw_below(dice, 3) == 0) {
        s.payload = payload;
        s.payload_octets = throw_below(dice, sizeof payload);
    }
    s.flags |= throw_below(dice, 200) == 0 ? PLAIT_FIN : 0;
    return s;
}

static void a_peer_that_says_anything_breaks_nothing(void **state)
{
    uint64_t segments = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 150; seed++) {
        struct pair pair;
        struct pair_setup setup = {.addrs = {2, 1}, .seed = seed};
        struct dice dice = {.key = plait_draw_key(seed + 1000)};
        for (unsigned side = 0; side < 2; side++) {
            setup.config[side].checksum = seed & 1;
            setup.config[side].add_addr_accepted = 3;
            setup.config[side].subflows_limit = 3;
            setup.config[side].path_manager = seed & 2 ? &plait_pm_full_mesh : NULL;
        }
        setup.tcp.receive_limit_octets = 16384;
        setup.records_limit = 256;
        pair_make(&pair, &setup);
        pair_open(&pair);
        if (!(seed & 2))
            pair_join(&pair, 1, 0);
        pair.ends[0].app.to_write += 100000;
        pair.ends[1].app.to_write += 100000;
        for (unsigned i = 0; i < 60 && !pair.ends[1].app.is_closed && pair_subflows(&pair, 1);
             i++) {
            struct plait_segment s = any_segment(&pair, 1, &dice);
            pair_inject(&pair, 1, &s);
            segments++;
        }
        plait_mptcp_fastclose(connection(&pair, 0), pair.now, false);
        pair_wait(&pair, 5 * PLAIT_S);
        pair_free(&pair); /* checks that nothing is left of it */
    }
    assert_true(segments > 3000);
}

static uint64_t digest(struct pair *pair, unsigned side)
{
    struct plait_hasher h = plait_hasher(1);
    plait_mptcp_digest(connection(pair, side), pair->now, &h);
    return plait_hash_end(&h);
}

static void equal_behaviour_has_equal_digests(void **state)
{
    struct pair pairs[2];
    struct pair_setup setup = {.addrs = {2, 1}, .seed = 5};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        pair_make(&pairs[i], &setup);
        pairs[i].now = i * 1000 * PLAIT_S; /* another time of day: nothing depends on it */
        pair_open(&pairs[i]);
        pair_join(&pairs[i], 1, 0);
        pair_transfer(&pairs[i], 50000, 50000, 10 * PLAIT_S);
        pair_wait(&pairs[i], PLAIT_S);
        pairs[i].ends[0].app.to_write += 100000;
        pairs[i].lines[1].is_cut = true;
        pair_wait(&pairs[i], 35 * PLAIT_MS); /* in the middle: timers run */
        assert_true(connection(&pairs[i], 0)->data_timer.at_ns != PLAIT_NEVER);
    }
    for (unsigned side = 0; side < 2; side++)
        assert_true(digest(&pairs[0], side) == digest(&pairs[1], side));
    uint64_t before = digest(&pairs[0], 1);
    pair_transfer(&pairs[0], 1, 0, 10 * PLAIT_S);
    assert_true(digest(&pairs[0], 1) != before);
    pair_free(&pairs[0]);
    pair_free(&pairs[1]);
}

static void a_dropped_forgery_changes_no_digest(void **state)
{
    struct pair pair;
    struct pair_setup setup = {.addrs = {2, 1}, .seed = 5};
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    pair_wait(&pair, 2 * PLAIT_S);
    uint64_t before = digest(&pair, 1);
    struct plait_mptcp_option forgeries[] = {
        {.subtype = PLAIT_ADD_ADDR,
         .add_addr = {.addr_id = 9, .addr = pair.ends[0].addrs[0], .has_hmac = true}},
        {.subtype = PLAIT_MP_FASTCLOSE, .fastclose = {.receiver_key = 1}},
        {.subtype = PLAIT_REMOVE_ADDR, .remove_addr = {.count = 1, .addr_ids = {200}}},
        {.subtype = PLAIT_DSS,
         .dss = {.has_map = true, .dsn_is_64 = true, .dsn = 1, .ssn = 50, .data_length = 9}},
        {.subtype = PLAIT_MP_PRIO, .prio = {.has_addr_id = true, .backup = true}},
    };
    for (unsigned i = 0; i < sizeof forgeries / sizeof *forgeries; i++) {
        struct plait_segment s = pair_forge(&pair, 1, 0);
        s.mptcp_count = 1;
        s.mptcp[0] = forgeries[i];
        pair_inject(&pair, 1, &s);
        pair_wait(&pair, 100 * PLAIT_MS);
        if (digest(&pair, 1) != before)
            fail_msg("forgery %u left a trace", i);
    }
    pair_free(&pair);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_peer_that_says_anything_breaks_nothing),
    cmocka_unit_test(equal_behaviour_has_equal_digests),
    cmocka_unit_test(a_dropped_forgery_changes_no_digest),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
