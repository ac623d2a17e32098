/* Random scenarios in two phases.  Safety: whatever was read is a prefix of what was written.
 * Liveness: once the path is good again, everything arrives and both ends close.
 *
 * A failure prints the seed; PLAIT_TCP_SEED=N runs that one alone, PLAIT_TCP_SEEDS=N so many. */
#include <stdlib.h>

#include "tests/unit/test.h"
#include "world.h"

#ifdef __SANITIZE_ADDRESS__
enum { SEEDS = 60 };
#else
enum { SEEDS = 600 };
#endif

struct dice {
    struct plait_draw_key key;
    uint64_t n;
};

static uint64_t roll(struct dice *d, uint64_t bound)
{
    return plait_draw_below(&d->key, "scenario", "roll", d->n++, bound);
}

static bool often(struct dice *d, unsigned one_in)
{
    return roll(d, one_in) == 0;
}

static void draw_link(struct dice *d, struct world_link *l)
{
    static const uint32_t losses[] = {0, 0, 1000, 10000, 50000, 200000};
    *l = (struct world_link){.delay_ns = (plait_time_ns)(1 + roll(d, 100)) * PLAIT_MS,
                             .loss_ppm = losses[roll(d, 6)],
                             .reorder_ppm = often(d, 3) ? (uint32_t)roll(d, 300000) : 0,
                             .duplicate_ppm = often(d, 4) ? (uint32_t)roll(d, 200000) : 0,
                             .rate_bits_per_s = often(d, 2) ? 0 : 200000 + roll(d, 20000000),
                             .queue_octets = 10000 + (uint32_t)roll(d, 200000),
                             .is_cut = often(d, 12)};
}

static struct world_config draw_config(struct dice *d, uint64_t seed)
{
    static const uint16_t mtus[] = {576, 1280, 1500, 9000};
    static const uint32_t windows[] = {3000, 4096, 20000, 100000, 1 << 20, 4 << 20};
    struct world_config config = {
        .seed = seed,
        .isn = {(uint32_t)roll(d, UINT32_MAX), 0u - (uint32_t)roll(d, 3000)},
        .chunk_octets = 512u << roll(d, 6),
        .records_limit = often(d, 4) ? 40 : 4096};
    config.is_ipv6 = often(d, 3);
    config.offload = often(d, 3);
    uint16_t mtu = mtus[roll(d, 4)];
    for (int i = 0; i < 2; i++) {
        struct plait_tcp_config *c = &config.tcp[i];
        c->mtu_octets = config.is_ipv6 && mtu < 1280 ? 1280 : mtu;
        c->send_limit_octets = windows[roll(d, 6)];
        c->receive_limit_octets = windows[roll(d, 6)];
        c->super_octets = often(d, 2) ? 64000 : 0;
        c->records_limit = often(d, 4) ? 24 : 0;
        c->ranges_limit = often(d, 4) ? 4 : 0;
        c->no_sack = often(d, 5);
        c->no_timestamps = often(d, 5);
        c->no_window_scale = often(d, 5);
        c->congestion = often(d, 2) ? &plait_newreno : &plait_cubic;
        c->rto_max_ns = 4 * PLAIT_S;
        c->syn_retries = c->data_retries = 1000000;
    }
    return config;
}

/* What happens in a while of the first phase. */
static void disturb(struct dice *d, struct world *w)
{
    unsigned path = (unsigned)roll(d, 2);
    if (often(d, 2))
        draw_link(d, &w->link[path][roll(d, 2)]);
    for (int i = 0; i < 2; i++) {
        if (often(d, 3))
            w->end[i].is_deaf = !w->end[i].is_deaf;
        if (often(d, 3) && !w->end[i].closes)
            w->end[i].to_write += roll(d, 2) ? roll(d, 3000) : roll(d, 300000);
        if (often(d, 12))
            w->end[i].closes = true;
        struct plait_flow *f = w->end[i].flow;
        if (f && often(d, 12))
            plait_flow_path_mtu(f, f->paths, (uint16_t)(600 + roll(d, 1000)));
        if (f && often(d, 12))
            plait_flow_probe(f, w->now);
        if (f && often(d, 12))
            plait_flow_ack_now(f);
    }
    if (world_is_open(w) && !w->end[A].flow->paths->next && !w->end[B].flow->paths->next &&
        often(d, 15))
        world_add_path(w);
}

static void heal(struct world *w)
{
    for (int path = 0; path < WORLD_PATHS_MAX; path++)
        for (int i = 0; i < 2; i++)
            w->link[path][i] = (struct world_link){.delay_ns = 5 * PLAIT_MS};
    for (int i = 0; i < 2; i++) {
        w->end[i].is_deaf = false;
        w->end[i].closes = true;
    }
}

static const char *state_of(const struct world *w, int i)
{
    return w->end[i].flow ? plait_flow_state_name(plait_flow_state(w->end[i].flow)) : "none";
}

static void play(uint64_t seed)
{
    struct dice d = {.key = plait_draw_key(seed)};
    struct world_config config = draw_config(&d, seed);
    draw_link(&d, &config.link);
    struct world *w = world_new(&config);
    w->end[A].to_write = roll(&d, 500000);
    w->end[B].to_write = roll(&d, 100000);
    for (uint64_t whiles = 1 + roll(&d, 30); whiles; whiles--) {
        world_pass(w, (plait_time_ns)roll(&d, 1000) * PLAIT_MS);
        disturb(&d, w);
    }
    bool is_safe = !w->end[A].is_corrupt && !w->end[B].is_corrupt;
    heal(w);
    bool is_live = world_run(w, world_both_closed, 600 * PLAIT_S) && world_all_arrived(w);
    is_safe &= !w->end[A].is_corrupt && !w->end[B].is_corrupt;
    if (!is_safe || !is_live)
        fail_msg("PLAIT_TCP_SEED=%llu: %s; %s and %s; %llu of %llu and %llu of %llu",
                 (unsigned long long)seed, is_safe ? "stuck" : "corrupt", state_of(w, A),
                 state_of(w, B), (unsigned long long)w->end[B].read,
                 (unsigned long long)w->end[A].to_write, (unsigned long long)w->end[A].read,
                 (unsigned long long)w->end[B].to_write);
    world_free(w);
}

static void random_scenarios_are_safe_and_live(void **state)
{
    (void)state;
    const char *one = getenv("PLAIT_TCP_SEED"), *many = getenv("PLAIT_TCP_SEEDS");
    uint64_t first = one ? strtoull(one, NULL, 10) : 1;
    uint64_t last = one ? first : many ? strtoull(many, NULL, 10) : SEEDS;
    for (uint64_t seed = first; seed <= last; seed++)
        play(seed);
}

/* The same seed gives the same packets. */
static uint64_t fingerprint(uint64_t seed)
{
    struct dice d = {.key = plait_draw_key(seed)};
    struct world_config config = draw_config(&d, seed);
    draw_link(&d, &config.link);
    config.link.is_cut = false;
    struct world *w = world_new(&config);
    w->end[A].to_write = w->end[B].to_write = 50000;
    world_pass(w, 5 * PLAIT_S);
    struct plait_hasher h = plait_hasher(1);
    for (int i = 0; i < 2; i++) {
        plait_hash_u64(&h, w->end[i].packets);
        plait_hash_u64(&h, w->end[i].octets);
        if (w->end[i].flow)
            plait_flow_digest(w->end[i].flow, w->now, &h);
    }
    world_free(w);
    return plait_hash_end(&h);
}

static void a_seed_is_a_run(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++)
        assert_true(fingerprint(seed) == fingerprint(seed));
    assert_false(fingerprint(1) == fingerprint(2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_scenarios_are_safe_and_live),
        cmocka_unit_test(a_seed_is_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
