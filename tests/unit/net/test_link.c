/* A link's delay, rate, queue and losses; the order of events; what observers are told. */
#include "tests/unit/net/fixture.h"

#include "base/draw.h"

static void delays_each_packet(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.delay_ns = 10 * PLAIT_MS});
    send_a(p, 0, 1, 0);
    send_a(p, 3 * PLAIT_MS, 2, 0);
    send_b(p, 5 * PLAIT_MS, 3, 0);
    assert_false(plait_net_run(p->net, PLAIT_NEVER, NULL, NULL));
    expect(p->b, 10 * PLAIT_MS, 1);
    expect(p->b, 13 * PLAIT_MS, 2);
    expect(p->a, 15 * PLAIT_MS, 3);
    assert_int_equal(plait_net_now(p->net), 15 * PLAIT_MS);
    pair_free(p);
}

/* 8 Mbit/s: one octet each microsecond. */
static void sends_at_its_rate(void **state)
{
    (void)state;
    struct pair *p =
        pair_new(&(struct plait_link_config){.delay_ns = PLAIT_MS, .rate_bits_per_s = 8000000});
    for (uint32_t seq = 1; seq <= 3; seq++)
        send_a(p, 0, seq, 1000 - HEADERS);
    send_a(p, 10 * PLAIT_MS, 4, 500 - HEADERS);
    send_b(p, 0, 5, 1000 - HEADERS); /* the other direction has a rate of its own */
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    expect(p->b, 2 * PLAIT_MS, 1);
    expect(p->b, 3 * PLAIT_MS, 2);
    expect(p->b, 4 * PLAIT_MS, 3);
    expect(p->b, 11500000, 4);
    expect(p->a, 2 * PLAIT_MS, 5);
    pair_free(p);
}

static void drops_at_the_queues_tail(void **state)
{
    (void)state;
    struct pair *p =
        pair_new(&(struct plait_link_config){.rate_bits_per_s = 8000000, .queue_octets = 2000});
    for (uint32_t seq = 1; seq <= 4; seq++)
        send_a(p, 0, seq, 1000 - HEADERS);
    send_a(p, PLAIT_MS, 5, 1000 - HEADERS); /* the first has left: there is room again */
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    expect(p->b, 1 * PLAIT_MS, 1);
    expect(p->b, 2 * PLAIT_MS, 2);
    expect(p->b, 3 * PLAIT_MS, 5);
    expect_nothing(p->b);
    assert_int_equal(plait_net_counts(p->net).lost, 2);
    pair_free(p);
}

static void idle_link_takes_what_its_queue_cannot_hold(void **state)
{
    (void)state;
    struct pair *p =
        pair_new(&(struct plait_link_config){.rate_bits_per_s = 8000000, .queue_octets = 10});
    send_a(p, 0, 1, 0);
    send_a(p, 0, 2, 0);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    assert_int_equal(take_seq(p->b), 1);
    expect_nothing(p->b);
    pair_free(p);
}

static void mask_loses_the_nth_of_each_64_and_direction(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.loss_mask = 1u << 1 | 1ull << 63});
    for (uint32_t seq = 0; seq < 130; seq++)
        send_a(p, seq, seq, 0);
    send_b(p, 0, 500, 0);
    send_b(p, 0, 501, 0);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    for (uint32_t seq = 0; seq < 130; seq++)
        if (seq % 64 != 1 && seq % 64 != 63)
            assert_int_equal(take_seq(p->b), seq);
    expect_nothing(p->b);
    assert_int_equal(take_seq(p->a), 500);
    expect_nothing(p->a);
    pair_free(p);
}

static void one_direction_is_set_alone(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){0});
    plait_net_set_link_way(p->net, p->link, PLAIT_B_TO_A,
                           &(struct plait_link_config){.delay_ns = 5, .loss_mask = 1});
    send_a(p, 0, 1, 0);
    send_b(p, 0, 2, 0);
    send_b(p, 0, 3, 0);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    expect(p->b, 0, 1);
    expect(p->a, 5, 3);
    expect_nothing(p->a);
    pair_free(p);
}

static uint64_t count_draw_losses(uint64_t seed)
{
    struct pair *p =
        pair_new(&(struct plait_link_config){.loss_per_million = 100000, .seed = seed});
    for (uint32_t seq = 0; seq < 2000; seq++)
        send_a(p, 0, seq, 0);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    uint64_t lost = plait_net_counts(p->net).lost;
    pair_free(p);
    return lost;
}

static void draws_lose_their_share(void **state)
{
    (void)state;
    assert_in_range(count_draw_losses(1), 140, 260); /* 200 expected; 4.5 standard deviations */
    assert_int_equal(count_draw_losses(1), count_draw_losses(1));
}

static void draws_differ_by_direction(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.loss_per_million = 500000});
    for (uint32_t seq = 0; seq < 64; seq++) {
        send_a(p, seq, seq, 0);
        send_b(p, seq, seq, 0);
    }
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    bool differ = false;
    int64_t at_b;
    do {
        at_b = take_seq(p->b);
        differ = differ || take_seq(p->a) != at_b;
    } while (at_b >= 0);
    assert_true(differ);
    pair_free(p);
}

static void a_duplicated_packet_comes_twice(void **state)
{
    (void)state;
    struct pair *p =
        pair_new(&(struct plait_link_config){.delay_ns = 7, .duplicate_per_million = 1000000});
    send_a(p, 0, 1, 100);
    send_a(p, 1, 2, 0);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    expect(p->b, 7, 1);
    expect(p->b, 7, 1);
    expect(p->b, 8, 2);
    expect(p->b, 8, 2);
    expect_nothing(p->b);
    assert_int_equal(plait_net_counts(p->net).entered, 4);
    pair_free(p);
}

/* Each packet, as long as the rate says, also the copy. */
static void a_copy_takes_its_share_of_the_rate(void **state)
{
    (void)state;
    struct pair *p = pair_new(
        &(struct plait_link_config){.rate_bits_per_s = 8000000, .duplicate_per_million = 1000000});
    send_a(p, 0, 1, 1000 - HEADERS);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    expect(p->b, PLAIT_MS, 1);
    expect(p->b, 2 * PLAIT_MS, 1);
    pair_free(p);
}

static void a_laggard_is_passed(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){
        .delay_ns = 10, .reorder_per_million = 300000, .reorder_ns = 25, .seed = 3});
    for (uint32_t seq = 0; seq < 1000; seq++)
        send_a(p, 10 * seq, seq, 0);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    unsigned laggards = 0;
    int64_t seq;
    plait_time_ns at_ns;
    for (unsigned n = 0; n < 1000; n++) {
        struct plait_packet *packet = plait_stub_take(p->b, &at_ns);
        assert_non_null(packet);
        seq = parsed(packet).seq;
        plait_packet_free(packet);
        laggards += at_ns == 10 * seq + 35;
        assert_true(at_ns == 10 * seq + 10 || at_ns == 10 * seq + 35);
    }
    expect_nothing(p->b);
    assert_in_range(laggards, 230, 370); /* 300 expected; 4.8 standard deviations */
    pair_free(p);
}

/* Draws have names, so an impairment more does not move another one's. */
static void losses_stay_where_they_are_when_copies_are_made(void **state)
{
    (void)state;
    struct plait_link_config config = {.loss_per_million = 500000};
    struct pair *p = pair_new(&config);
    config.duplicate_per_million = config.reorder_per_million = 1000000;
    struct pair *q = pair_new(&config);
    for (uint32_t seq = 0; seq < 200; seq++) {
        send_a(p, seq, seq, 0);
        send_a(q, seq, seq, 0);
    }
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    plait_net_run(q->net, PLAIT_NEVER, NULL, NULL);
    int64_t seq;
    while ((seq = take_seq(p->b)) >= 0) {
        assert_int_equal(take_seq(q->b), seq);
        assert_int_equal(take_seq(q->b), seq);
    }
    expect_nothing(q->b);
    pair_free(p);
    pair_free(q);
}

/* Where the link spares them, chance and want of room befall the others alone. */
static void forged_packets_are_spared(void **state)
{
    (void)state;
    struct plait_link_config config = {.rate_bits_per_s = 8000000,
                                       .queue_octets = 1000,
                                       .duplicate_per_million = 1000000,
                                       .reorder_per_million = 1000000,
                                       .reorder_ns = 5 * PLAIT_MS,
                                       .spares_forged = true};
    struct pair *p = pair_new(&config);
    for (uint32_t seq = 1; seq <= 3; seq++) {
        struct plait_packet *forged = packet("198.18.0.1", "198.18.0.2", seq, 1000 - HEADERS);
        forged->forged = seq;
        plait_stub_send(p->a, 0, forged);
    }
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    for (uint32_t seq = 1; seq <= 3; seq++)
        expect(p->b, seq * PLAIT_MS, seq); /* it takes its time all the same */
    expect_nothing(p->b);
    config = (struct plait_link_config){.loss_per_million = 1000000, .spares_forged = true};
    plait_net_set_link(p->net, p->link, &config);
    send_a(p, plait_net_now(p->net), 4, 0);
    struct plait_packet *forged = packet("198.18.0.1", "198.18.0.2", 5, 0);
    forged->forged = 4;
    plait_stub_send(p->a, plait_net_now(p->net), forged);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    assert_int_equal(take_seq(p->b), 5);
    expect_nothing(p->b);
    pair_free(p);
}

static void too_long_is_lost(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.mtu_octets = 1000});
    send_a(p, 0, 1, 1000 - HEADERS);
    send_a(p, 0, 2, 1001 - HEADERS);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    assert_int_equal(take_seq(p->b), 1);
    expect_nothing(p->b);
    assert_int_equal(plait_net_counts(p->net).lost, 1);
    pair_free(p);
}

static void equal_times_keep_the_order_of_making(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct plait_net *net = plait_net_new(&clock);
    struct plait_stub *from[3], *to = plait_stub_new();
    struct plait_port port = plait_stub_port(to);
    plait_node router = plait_net_add_router(net, "r"), end = plait_net_add_port(net, "t", &port);
    plait_link out = plait_net_add_link(net, "out", router, end, &(struct plait_link_config){0});
    struct plait_addr any = addr("0.0.0.0");
    plait_net_add_route(net, router, &any, 0, out);
    /* The packet of the last is made first: it is the longest under way. */
    for (int i = 0; i < 3; i++) {
        from[i] = plait_stub_new();
        port = plait_stub_port(from[i]);
        plait_net_add_link(net, "in", plait_net_add_port(net, "f", &port), router,
                           &(struct plait_link_config){.delay_ns = 10 + i});
        plait_stub_send(from[i], 5 - i, packet("198.18.1.1", "198.18.2.1", (uint32_t)i, 0));
    }
    plait_net_run(net, PLAIT_NEVER, NULL, NULL);
    for (uint32_t i = 0; i < 3; i++)
        expect(to, 15, 2 - i);
    plait_net_free(net);
    plait_stub_free(to);
    for (int i = 0; i < 3; i++)
        plait_stub_free(from[i]);
}

static void faster_link_overtakes(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.delay_ns = 100});
    for (uint32_t seq = 1; seq <= 20; seq++)
        send_a(p, 0, seq, 0);
    plait_net_run(p->net, 10, NULL, NULL);
    plait_net_set_link(p->net, p->link, &(struct plait_link_config){.delay_ns = 5});
    send_a(p, 10, 21, 0);
    send_a(p, 10, 22, 0);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    expect(p->b, 15, 21);
    expect(p->b, 15, 22);
    for (uint32_t seq = 1; seq <= 20; seq++)
        expect(p->b, 100, seq);
    pair_free(p);
}

static void down_link_loses_what_is_under_way_and_what_enters(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.delay_ns = 10});
    send_a(p, 0, 1, 0);
    send_b(p, 0, 2, 0);
    plait_net_run(p->net, 5, NULL, NULL);
    plait_net_set_link_up(p->net, p->link, false);
    assert_int_equal(plait_net_counts(p->net).lost, 2);
    send_a(p, 6, 3, 0);
    plait_net_run(p->net, 8, NULL, NULL);
    plait_net_set_link_up(p->net, p->link, true);
    send_a(p, 9, 4, 0);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    expect(p->b, 19, 4);
    expect_nothing(p->b);
    expect_nothing(p->a);
    assert_int_equal(plait_net_counts(p->net).lost, 3);
    pair_free(p);
}

/* ---- observers ------------------------------------------------------------------------------ */

struct seen {
    unsigned count;
    struct plait_sight sights[16];
    uint32_t seqs[16];
};

static void note(void *self, const struct plait_sight *sight)
{
    struct seen *seen = self;
    assert_true(seen->count < 16);
    seen->sights[seen->count] = *sight;
    seen->seqs[seen->count++] = parsed(sight->packet).seq;
}

static void expect_sight(const struct seen *seen, unsigned n, plait_time_ns at_ns,
                         enum plait_way way, enum plait_fate fate, uint32_t seq)
{
    assert_true(n < seen->count);
    assert_int_equal(seen->sights[n].at_ns, at_ns);
    assert_int_equal(seen->sights[n].way, way);
    assert_int_equal(seen->sights[n].fate, fate);
    assert_int_equal(seen->seqs[n], seq);
}

static enum plait_tap_verdict drop_seq_3(void *self UNUSED, plait_time_ns now UNUSED,
                                         enum plait_way way UNUSED, struct plait_packet *packet)
{
    return parsed(packet).seq == 3 ? PLAIT_TAP_DROP : PLAIT_TAP_PASS;
}

static void observers_are_told_every_fate(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.delay_ns = 10, .loss_mask = 2});
    struct seen seen = {0}, also = {0};
    plait_net_observe(p->net, note, &seen);
    plait_net_observe(p->net, note, &also);
    plait_net_add_tap(p->net, &(struct plait_tap_config){
                                  .link = p->link,
                                  .ways = PLAIT_BOTH_WAYS,
                                  .rights = PLAIT_MAY_SEE | PLAIT_MAY_DROP,
                                  .until_ns = PLAIT_NEVER,
                                  .see = drop_seq_3,
                              });
    send_a(p, 1, 1, 0);
    send_a(p, 2, 2, 0);
    send_a(p, 3, 3, 0);
    send_b(p, 4, 4, 0);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    expect_sight(&seen, 0, 1, PLAIT_A_TO_B, PLAIT_ENTERED, 1);
    expect_sight(&seen, 1, 2, PLAIT_A_TO_B, PLAIT_LOST, 2);
    expect_sight(&seen, 2, 3, PLAIT_A_TO_B, PLAIT_TAPPED, 3);
    expect_sight(&seen, 3, 4, PLAIT_B_TO_A, PLAIT_ENTERED, 4);
    expect_sight(&seen, 4, 11, PLAIT_A_TO_B, PLAIT_DELIVERED, 1);
    expect_sight(&seen, 5, 14, PLAIT_B_TO_A, PLAIT_DELIVERED, 4);
    assert_int_equal(seen.count, 6);
    assert_int_equal(also.count, 6);
    struct plait_net_counts counts = plait_net_counts(p->net);
    assert_int_equal(counts.entered, 2);
    assert_int_equal(counts.delivered, 2);
    assert_int_equal(counts.lost, 1);
    pair_free(p);
}

/* The second observer is shown what the first one read. */
static void read_first(void *self, const struct plait_sight *sight)
{
    *(const struct plait_segment **)self = plait_sight_segment(sight);
}

static void read_again(void *self, const struct plait_sight *sight)
{
    const struct plait_segment *const *first = self;
    const struct plait_segment *segment = plait_sight_segment(sight);
    assert_ptr_equal(segment, *first);
    if (segment)
        assert_int_equal(segment->seq, parsed(sight->packet).seq);
}

static void observers_share_one_reading(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.delay_ns = 10});
    const struct plait_segment *segment = NULL;
    plait_net_observe(p->net, read_first, &segment);
    plait_net_observe(p->net, read_again, &segment);
    send_a(p, 1, 1, 0);
    plait_net_run(p->net, 1, NULL, NULL);
    assert_non_null(segment);
    struct plait_packet *spoilt = packet("10.0.0.1", "10.0.0.2", 2, 4);
    spoilt->octets[spoilt->length_octets - 1] ^= 1; /* and the checksum is wrong */
    plait_stub_send(p->a, 20, spoilt);
    plait_net_run(p->net, 20, NULL, NULL);
    assert_null(segment);
    pair_free(p);
}

/* ---- determinism ----------------------------------------------------------------------------- */

static void hash_sight(void *self, const struct plait_sight *sight)
{
    struct plait_draw_key *key = self;
    const uint64_t words[] = {(uint64_t)sight->at_ns, (uint64_t)sight->link, sight->way,
                              sight->fate};
    key->word[0] = plait_siphash(key, words, sizeof words);
    key->word[1] = plait_siphash(key, sight->packet->octets, sight->packet->length_octets);
}

static uint64_t trace_hash(uint64_t seed)
{
    struct pair *p = pair_new(&(struct plait_link_config){.delay_ns = 7 * PLAIT_MS,
                                                          .rate_bits_per_s = 3333333,
                                                          .queue_octets = 20000,
                                                          .loss_per_million = 50000,
                                                          .seed = seed});
    struct plait_draw_key hash = {{0, 0}};
    plait_net_observe(p->net, hash_sight, &hash);
    struct plait_draw_key key = plait_draw_key(1);
    for (uint32_t seq = 0; seq < 500; seq++) {
        plait_time_ns at_ns = (plait_time_ns)plait_draw_below(&key, "test", "time", seq, PLAIT_S);
        send_a(p, at_ns, seq, seq);
        send_b(p, at_ns, seq, 500 - seq);
    }
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    pair_free(p);
    return hash.word[0] ^ hash.word[1];
}

static void same_seed_gives_the_same_trace(void **state)
{
    (void)state;
    assert_true(trace_hash(1) == trace_hash(1));
    assert_false(trace_hash(1) == trace_hash(2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_each_packet),
        cmocka_unit_test(sends_at_its_rate),
        cmocka_unit_test(drops_at_the_queues_tail),
        cmocka_unit_test(idle_link_takes_what_its_queue_cannot_hold),
        cmocka_unit_test(mask_loses_the_nth_of_each_64_and_direction),
        cmocka_unit_test(one_direction_is_set_alone),
        cmocka_unit_test(draws_lose_their_share),
        cmocka_unit_test(draws_differ_by_direction),
        cmocka_unit_test(a_duplicated_packet_comes_twice),
        cmocka_unit_test(a_copy_takes_its_share_of_the_rate),
        cmocka_unit_test(a_laggard_is_passed),
        cmocka_unit_test(losses_stay_where_they_are_when_copies_are_made),
        cmocka_unit_test(forged_packets_are_spared),
        cmocka_unit_test(too_long_is_lost),
        cmocka_unit_test(equal_times_keep_the_order_of_making),
        cmocka_unit_test(faster_link_overtakes),
        cmocka_unit_test(down_link_loses_what_is_under_way_and_what_enters),
        cmocka_unit_test(observers_are_told_every_fate),
        cmocka_unit_test(observers_share_one_reading),
        cmocka_unit_test(same_seed_gives_the_same_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
