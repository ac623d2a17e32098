/* The attacker's position: what a tap sees and may do, and that a breach is a panic by name. */
#include "tests/unit/net/fixture.h"

struct watcher {
    unsigned count;
    uint32_t seqs[16];
    enum plait_tap_verdict verdict;
    bool flips; /* an octet of the payload */
    bool grows; /* by one octet */
};

static enum plait_tap_verdict watch(void *self, plait_time_ns now UNUSED, enum plait_way way UNUSED,
                                    struct plait_packet *packet)
{
    struct watcher *w = self;
    assert_true(w->count < 16);
    w->seqs[w->count++] = parsed(packet).seq;
    if (w->flips)
        packet->octets[packet->length_octets - 1] ^= 1;
    if (w->grows)
        packet->octets[packet->length_octets++] = 0;
    return w->verdict;
}

struct scene {
    struct pair *pair;
    struct watcher watcher;
    struct plait_tap_config config;
    plait_tap tap;
    enum plait_way way; /* of injecting */
    const char *source;
};

/* A tap with RIGHTS in both directions of a pair for all time, and 198.18.9.9 as its own. */
static struct scene scene(unsigned rights)
{
    return (struct scene){
        .pair = pair_new(&(struct plait_link_config){.delay_ns = 10}),
        .config = {.ways = PLAIT_BOTH_WAYS,
                   .rights = rights,
                   .until_ns = PLAIT_NEVER,
                   .own = {addr("198.18.9.9"), addr("2001:db8:9::9")},
                   .own_count = 2,
                   .see = watch},
        .way = PLAIT_A_TO_B,
        .source = "198.18.9.9",
    };
}

static void place(struct scene *s)
{
    s->config.link = s->pair->link;
    s->config.self = &s->watcher;
    s->tap = plait_net_add_tap(s->pair->net, &s->config);
}

static void run_pair(struct pair *p)
{
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
}

static void inject(void *self)
{
    struct scene *s = self;
    plait_net_inject(s->pair->net, s->tap, s->way, packet(s->source, "198.18.2.1", 99, 1));
}

static void send_one(void *self)
{
    struct scene *s = self;
    send_a(s->pair, plait_net_now(s->pair->net), 1, 1);
    run_pair(s->pair);
}

/* ---- seeing ------------------------------------------------------------------------------- */

static void sees_only_its_direction(void **state)
{
    (void)state;
    struct scene s = scene(PLAIT_MAY_SEE);
    s.config.ways = PLAIT_B_TO_A;
    place(&s);
    send_a(s.pair, 0, 1, 0);
    send_b(s.pair, 0, 2, 0);
    run_pair(s.pair);
    assert_int_equal(s.watcher.count, 1);
    assert_int_equal(s.watcher.seqs[0], 2);
    pair_free(s.pair);
}

static void sees_only_in_its_interval(void **state)
{
    (void)state;
    struct scene s = scene(PLAIT_MAY_SEE);
    s.config.from_ns = 5;
    s.config.until_ns = 7;
    place(&s);
    for (uint32_t at = 4; at < 9; at++)
        send_a(s.pair, at, at, 0);
    run_pair(s.pair);
    assert_int_equal(s.watcher.count, 2);
    assert_int_equal(s.watcher.seqs[0], 5);
    assert_int_equal(s.watcher.seqs[1], 6);
    pair_free(s.pair);
}

static void is_deaf_when_ended_and_without_the_right_to_see(void **state)
{
    (void)state;
    struct scene s = scene(PLAIT_MAY_SEE | PLAIT_MAY_INJECT);
    struct watcher blind = {0};
    place(&s);
    struct plait_tap_config config = s.config;
    config.rights = PLAIT_MAY_INJECT;
    config.self = &blind;
    plait_net_add_tap(s.pair->net, &config);
    send_one(&s);
    plait_net_end_tap(s.pair->net, s.tap);
    send_one(&s);
    assert_int_equal(s.watcher.count, 1);
    assert_int_equal(blind.count, 0);
    expect_panic("tap: used outside its interval", inject, &s);
    pair_free(s.pair);
}

/* ---- acting --------------------------------------------------------------------------------- */

static void drops_with_the_right(void **state)
{
    (void)state;
    struct scene s = scene(PLAIT_MAY_SEE | PLAIT_MAY_DROP);
    s.watcher.verdict = PLAIT_TAP_DROP;
    place(&s);
    send_one(&s);
    assert_int_equal(s.watcher.count, 1);
    expect_nothing(s.pair->b);
    pair_free(s.pair);
}

static void alters_octets_and_length_with_the_right(void **state)
{
    (void)state;
    struct scene s = scene(PLAIT_MAY_SEE | PLAIT_MAY_ALTER);
    s.watcher = (struct watcher){.verdict = PLAIT_TAP_ALTERED, .flips = true, .grows = true};
    place(&s);
    struct plait_packet *sent = packet("198.18.1.1", "198.18.2.1", 1, 4);
    struct plait_packet *copy = plait_packet_copy(sent);
    plait_stub_send(s.pair->a, 0, sent);
    run_pair(s.pair);
    struct plait_packet *got = plait_stub_take(s.pair->b, NULL);
    assert_non_null(got);
    assert_int_equal(got->length_octets, copy->length_octets + 1);
    assert_int_equal(got->octets[copy->length_octets - 1],
                     copy->octets[copy->length_octets - 1] ^ 1);
    plait_packet_free(got);
    plait_packet_free(copy);
    pair_free(s.pair);
}

static void injected_is_shown_to_others_only(void **state)
{
    (void)state;
    struct scene s = scene(PLAIT_MAY_SEE | PLAIT_MAY_INJECT);
    struct watcher other = {0};
    place(&s);
    struct plait_tap_config config = s.config;
    config.self = &other;
    plait_net_add_tap(s.pair->net, &config);
    inject(&s);
    s.way = PLAIT_B_TO_A;
    inject(&s);
    run_pair(s.pair);
    assert_int_equal(s.watcher.count, 0);
    assert_int_equal(other.count, 2);
    expect(s.pair->b, 10, 99);
    expect(s.pair->a, 10, 99);
    pair_free(s.pair);
}

static void spoofs_with_the_right(void **state)
{
    (void)state;
    struct scene s = scene(PLAIT_MAY_INJECT | PLAIT_MAY_SPOOF);
    s.source = "198.18.1.1";
    place(&s);
    inject(&s);
    run_pair(s.pair);
    expect(s.pair->b, 10, 99);
    pair_free(s.pair);
}

static void own_ipv6_source_is_no_spoofing(void **state)
{
    (void)state;
    struct scene s = scene(PLAIT_MAY_INJECT);
    place(&s);
    plait_net_inject(s.pair->net, s.tap, PLAIT_A_TO_B,
                     packet("2001:db8:9::9", "2001:db8:2::1", 99, 1));
    run_pair(s.pair);
    expect(s.pair->b, 10, 99);
    pair_free(s.pair);
}

/* ---- breaches ------------------------------------------------------------------------------- */

static void altering_without_the_right_panics(void **state)
{
    (void)state;
    const struct watcher ways[] = {{.verdict = PLAIT_TAP_ALTERED},
                                   {.verdict = PLAIT_TAP_PASS, .flips = true}};
    for (size_t i = 0; i < 2; i++) {
        struct scene s = scene(PLAIT_MAY_SEE | PLAIT_MAY_DROP | PLAIT_MAY_INJECT);
        s.watcher = ways[i];
        place(&s);
        expect_panic("tap: altered without the right", send_one, &s);
        pair_free(s.pair);
    }
}

static void dropping_without_the_right_panics(void **state)
{
    (void)state;
    const unsigned rights[] = {PLAIT_MAY_SEE, PLAIT_MAY_SEE | PLAIT_MAY_ALTER};
    for (size_t i = 0; i < 2; i++) {
        struct scene s = scene(rights[i]);
        s.watcher.verdict = PLAIT_TAP_DROP;
        place(&s);
        expect_panic("tap: dropped without the right", send_one, &s);
        pair_free(s.pair);
    }
}

static void injecting_without_the_right_panics(void **state)
{
    (void)state;
    struct scene s = scene(PLAIT_MAY_SEE | PLAIT_MAY_SPOOF);
    place(&s);
    expect_panic("tap: injected without the right", inject, &s);
    pair_free(s.pair);

    s = scene(PLAIT_MAY_INJECT);
    s.config.ways = PLAIT_B_TO_A; /* but it injects a to b */
    place(&s);
    expect_panic("tap: injected without the right", inject, &s);
    pair_free(s.pair);
}

static void inject_runt(void *self)
{
    struct scene *s = self;
    plait_net_inject(s->pair->net, s->tap, PLAIT_A_TO_B, plait_packet_of("\x45", 1));
}

static void spoofing_without_the_right_panics(void **state)
{
    (void)state;
    struct scene s = scene(PLAIT_MAY_SEE | PLAIT_MAY_INJECT);
    s.source = "198.18.1.1";
    place(&s);
    expect_panic("tap: spoofed without the right", inject, &s);
    expect_panic("tap: spoofed without the right", inject_runt, &s);
    pair_free(s.pair);
}

static void use_outside_the_interval_panics(void **state)
{
    (void)state;
    struct scene s = scene(PLAIT_MAY_INJECT);
    s.config.from_ns = 5;
    s.config.until_ns = 7;
    place(&s);
    expect_panic("tap: used outside its interval", inject, &s);
    plait_net_run(s.pair->net, 7, NULL, NULL);
    expect_panic("tap: used outside its interval", inject, &s);
    pair_free(s.pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_only_its_direction),
        cmocka_unit_test(sees_only_in_its_interval),
        cmocka_unit_test(is_deaf_when_ended_and_without_the_right_to_see),
        cmocka_unit_test(drops_with_the_right),
        cmocka_unit_test(alters_octets_and_length_with_the_right),
        cmocka_unit_test(injected_is_shown_to_others_only),
        cmocka_unit_test(spoofs_with_the_right),
        cmocka_unit_test(own_ipv6_source_is_no_spoofing),
        cmocka_unit_test(altering_without_the_right_panics),
        cmocka_unit_test(dropping_without_the_right_panics),
        cmocka_unit_test(injecting_without_the_right_panics),
        cmocka_unit_test(spoofing_without_the_right_panics),
        cmocka_unit_test(use_outside_the_interval_panics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
