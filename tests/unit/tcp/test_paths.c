/* Path MTU, super-segments as a device gets them, and one sequence space on two paths. */
#include "base/octets.h"
#include "tests/unit/test.h"
#include "world.h"

static const struct world_config plain = {
    .seed = 4, .isn = {7, 8}, .link = {.delay_ns = 10 * PLAIT_MS}};

static struct world *open_with(const struct world_config *config)
{
    struct world *w = world_new(config);
    assert_true(world_run(w, world_is_open, 10 * PLAIT_S));
    world_pass(w, 100 * PLAIT_MS);
    return w;
}

/* ---- path MTU (RFC 1191, RFC 8201) ---- */

static void a_smaller_mtu_is_obeyed_at_once(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    struct plait_path *path = w->end[A].flow->paths;
    w->link[0][A].mtu_octets = 1300;
    w->end[A].to_write = 500000;
    world_pass(w, 5 * PLAIT_MS);
    uint32_t window = path->window_octets;
    plait_flow_path_mtu(w->end[A].flow, path, 1300);
    assert_int_equal(plait_flow_mss(w->end[A].flow, path, 0), 1248);
    plait_time_ns start = w->now;
    assert_true(world_run(w, world_all_arrived, 10 * PLAIT_S));
    assert_true(w->now - start < PLAIT_S);
    assert_int_equal(world_count(w, A, PLAIT_COUNT_TIMEOUTS), 0);
    assert_true(path->window_octets >= window); /* not congestion */
    assert_false(w->end[B].is_corrupt);
    world_free(w);
}

static void an_mtu_is_neither_raised_nor_absurd(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    struct plait_path *path = w->end[A].flow->paths;
    plait_flow_path_mtu(w->end[A].flow, path, 9000);
    assert_int_equal(path->mtu_octets, 1500);
    plait_flow_path_mtu(w->end[A].flow, path, 68);
    assert_int_equal(path->mtu_octets, PLAIT_IPV4_MTU_MIN);
    w->end[A].stack.config.heeds_any_mtu = true; /* a weakness, to be attacked */
    plait_flow_path_mtu(w->end[A].flow, path, 68);
    assert_int_equal(path->mtu_octets, 68);
    world_free(w);
    struct world_config config = plain;
    config.is_ipv6 = true;
    w = open_with(&config);
    path = w->end[A].flow->paths;
    plait_flow_path_mtu(w->end[A].flow, path, 600);
    assert_int_equal(path->mtu_octets, PLAIT_IPV6_MTU_MIN);
    world_free(w);
}

/* ---- super-segments ---- */

struct super_seen {
    unsigned count;
    uint32_t largest;
};

static bool measure(struct world *w, int from, const struct plait_segment *s)
{
    struct super_seen *seen = w->filter_self;
    if (from == A && s->payload_octets > 1448) {
        seen->count++;
        seen->largest =
            s->payload_octets > seen->largest ? (uint32_t)s->payload_octets : seen->largest;
    }
    return true;
}

static void super_segments_are_large_and_whole(void **state)
{
    (void)state;
    struct world_config config = plain;
    config.offload = true;
    config.tcp[A].super_octets = config.tcp[B].super_octets = 65160;
    struct world *w = open_with(&config);
    struct super_seen seen = {0};
    w->filter = measure;
    w->filter_self = &seen;
    w->end[A].to_write = 8 << 20;
    assert_true(world_run(w, world_all_arrived, 10 * PLAIT_S));
    assert_false(w->end[B].is_corrupt);
    assert_true(seen.count > 20);
    assert_int_equal(seen.largest, 65160);
    assert_int_equal(world_count(w, A, PLAIT_COUNT_RETRANSMITTED), 0);
    world_free(w);
}

/* What the device finds: the sum of the pseudo-header in the field, and where to put the rest. */
static void a_device_can_complete_the_checksum(void **state)
{
    (void)state;
    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
        struct world_config config = plain;
        config.is_ipv6 = is_ipv6;
        config.chunk_octets = 1024; /* odd pieces: offsets begin at 1 */
        struct world *w = open_with(&config);
        struct plait_flow *f = w->end[A].flow;
        uint8_t octets[3001], packet[2000];
        world_pattern(A, 0, octets, sizeof octets);
        plait_send_queue_write(plait_flow_send_queue(f), octets, sizeof octets);
        plait_flow_wake(f);
        for (int i = 0; i < 3; i++) {
            struct plait_out out = {
                .octets = packet, .room_octets = sizeof packet, .offload_allowed = i != 1};
            assert_true(plait_flow_output(f, f->paths, w->now, &out));
            struct plait_segment s;
            if (!out.offload_allowed) {
                assert_false(out.offload.needs_checksum);
            } else {
                uint8_t *start = packet + out.offload.checksum_start;
                size_t length = out.length_octets - out.offload.checksum_start;
                assert_int_equal(out.offload.checksum_start, is_ipv6 ? 40 : 20);
                uint16_t sum = plait_sum_finish(plait_sum_add(0, start, length));
                plait_store_u16(start + out.offload.checksum_offset, sum);
            }
            assert_ok(plait_segment_parse(packet, out.length_octets, &s));
            assert_memory_equal(s.payload, octets + 1448 * i - (is_ipv6 ? 20 * i : 0),
                                s.payload_octets);
            assert_int_equal(out.offload.segment_octets, 0);
        }
        world_free(w);
    }
}

static void a_super_segment_that_loses_its_middle_is_mended_there(void **state)
{
    (void)state;
    struct world_config config = plain;
    config.offload = true;
    config.tcp[A].super_octets = 60000;
    struct world *w = open_with(&config);
    w->end[A].to_write = 14480;
    w->link[0][A].is_cut = true; /* ten segments, of which the device's cuts arrive in part */
    world_pass(w, 0);
    w->link[0][A].is_cut = false;
    uint8_t octets[14480];
    world_pattern(A, 0, octets, sizeof octets);
    struct plait_segment s = world_forge(w, A, PLAIT_ACK);
    s.seq = w->config.isn[A] + 1;
    s.payload = octets;
    s.payload_octets = 4 * 1448;
    world_inject(w, A, &s);
    s.seq += 6 * 1448;
    s.payload += 6 * 1448;
    world_inject(w, A, &s);
    assert_true(world_run(w, world_all_arrived, 10 * PLAIT_S));
    assert_int_equal(world_count(w, A, PLAIT_COUNT_RETRANSMITTED), 1); /* one piece of 2896 */
    assert_int_equal(w->end[A].flow->paths->lost_octets, 2 * 1448);
    assert_false(w->end[B].is_corrupt);
    world_free(w);
}

/* ---- two paths, one sequence space (RFC 6181 §4) ---- */

static struct world *on_two_paths(const struct world_config *config)
{
    struct world *w = open_with(config);
    world_add_path(w);
    w->link[1][A].delay_ns = w->link[1][B].delay_ns = 30 * PLAIT_MS;
    return w;
}

static struct plait_path *second(const struct world *w)
{
    return w->end[A].flow->paths->next;
}

static void both_paths_carry_and_keep_their_own_round_trip(void **state)
{
    (void)state;
    struct world *w = on_two_paths(&plain);
    w->link[0][A].rate_bits_per_s = w->link[1][A].rate_bits_per_s = 20000000;
    w->link[0][A].queue_octets = w->link[1][A].queue_octets = 60000;
    w->end[A].to_write = 10000000;
    w->end[B].to_write = 1000000;
    assert_true(world_run(w, world_all_arrived, 60 * PLAIT_S));
    assert_false(w->end[B].is_corrupt || w->end[A].is_corrupt);
    assert_true(w->end[A].flow->paths->delivered_octets > 2000000);
    assert_true(second(w)->delivered_octets > 2000000);
    assert_true(second(w)->least_rtt_ns >= w->end[A].flow->paths->least_rtt_ns + 10 * PLAIT_MS);
    world_free(w);
}

static void a_stream_survives_the_death_of_a_path(void **state)
{
    (void)state;
    for (unsigned dead = 0; dead < 2; dead++) {
        struct world *w = on_two_paths(&plain);
        w->end[A].to_write = w->end[B].to_write = 4000000;
        w->link[0][A].rate_bits_per_s = w->link[1][A].rate_bits_per_s = 20000000;
        world_pass(w, 200 * PLAIT_MS);
        w->link[dead][A].is_cut = w->link[dead][B].is_cut = true;
        plait_time_ns start = w->now;
        assert_true(world_run(w, world_all_arrived, 60 * PLAIT_S));
        assert_true(w->now - start < 20 * PLAIT_S);
        assert_false(w->end[B].is_corrupt || w->end[A].is_corrupt);
        w->link[dead][A].is_cut = w->link[dead][B].is_cut = false;
        world_pass(w, 130 * PLAIT_S); /* a probe finds it alive again */
        assert_int_equal(w->end[A].flow->paths->timeouts, 0);
        assert_int_equal(second(w)->timeouts, 0);
        w->end[A].to_write += 1000000;
        w->end[A].closes = w->end[B].closes = true;
        assert_true(world_run(w, world_both_closed, 60 * PLAIT_S));
        assert_true(world_all_arrived(w));
        world_free(w);
    }
}

static void a_path_that_is_removed_leaves_its_segments_to_the_other(void **state)
{
    (void)state;
    struct world *w = on_two_paths(&plain);
    w->end[A].to_write = 3000000;
    world_pass(w, 65 * PLAIT_MS);
    w->link[0][A].is_cut = w->link[0][B].is_cut = true;
    plait_flow_remove_path(w->end[A].flow, w->end[A].flow->paths);
    assert_true(world_run(w, world_all_arrived, 60 * PLAIT_S));
    assert_false(w->end[B].is_corrupt);
    world_free(w);
}

/* The last path gone, nothing is said any more, until there is another. */
static void a_flow_without_a_path_waits_for_one(void **state)
{
    (void)state;
    struct world *w = on_two_paths(&plain);
    struct plait_flow *flow = w->end[A].flow;
    struct plait_flow_key key = flow->paths->next->key;
    w->end[A].to_write = 3000000;
    world_pass(w, 65 * PLAIT_MS);
    w->link[0][A].is_cut = w->link[0][B].is_cut = true;
    plait_flow_remove_path(flow, flow->paths);
    plait_flow_remove_path(flow, flow->paths);
    assert_true(flow->paths && flow->paths->is_detached);
    uint64_t packets = w->end[A].packets;
    plait_flow_wake(flow);
    plait_flow_ack_now(flow);
    world_pass(w, 20 * PLAIT_S);
    assert_int_equal(w->end[A].packets, packets);
    assert_non_null(plait_flow_add_path(flow, &key, w->now));
    assert_true(!flow->paths->next && !flow->paths->is_detached);
    assert_true(world_run(w, world_all_arrived, 60 * PLAIT_S));
    assert_false(w->end[B].is_corrupt);
    world_free(w);
}

static void an_abort_is_told_on_each_path(void **state)
{
    (void)state;
    for (int is_detached = 0; is_detached < 2; is_detached++) {
        struct world *w = on_two_paths(&plain);
        struct plait_flow *flow = w->end[A].flow;
        for (int i = 0; i < 2 && is_detached; i++)
            plait_flow_remove_path(flow, flow->paths);
        uint64_t packets = w->end[A].packets;
        plait_flow_abort(flow, w->now);
        world_flush(w);
        assert_int_equal(w->end[A].packets - packets, is_detached ? 0 : 2);
        assert_int_equal(plait_flow_state(flow), PLAIT_FLOW_CLOSED);
        world_free(w);
    }
}

static void two_bad_paths_lose_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct world_config config = plain;
        config.seed = seed;
        config.link.loss_ppm = 30000;
        config.link.reorder_ppm = 50000;
        config.link.duplicate_ppm = 20000;
        config.tcp[A].no_sack = seed % 5 == 0;
        struct world *w = on_two_paths(&config);
        w->end[A].to_write = 300000;
        w->end[B].to_write = 100000;
        w->end[A].closes = w->end[B].closes = true;
        bool is_done = world_run(w, world_both_closed, 1000 * PLAIT_S);
        if (!is_done || !world_all_arrived(w) || w->end[A].is_corrupt || w->end[B].is_corrupt)
            fail_msg("two bad paths, seed %u", (unsigned)seed);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_smaller_mtu_is_obeyed_at_once),
        cmocka_unit_test(an_mtu_is_neither_raised_nor_absurd),
        cmocka_unit_test(super_segments_are_large_and_whole),
        cmocka_unit_test(a_device_can_complete_the_checksum),
        cmocka_unit_test(a_super_segment_that_loses_its_middle_is_mended_there),
        cmocka_unit_test(both_paths_carry_and_keep_their_own_round_trip),
        cmocka_unit_test(a_stream_survives_the_death_of_a_path),
        cmocka_unit_test(a_path_that_is_removed_leaves_its_segments_to_the_other),
        cmocka_unit_test(a_flow_without_a_path_waits_for_one),
        cmocka_unit_test(an_abort_is_told_on_each_path),
        cmocka_unit_test(two_bad_paths_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
