/* All memory is the arena's: it suffices when every limit is reached at once, is a snapshot, and is
 * small for small worlds. */
#include "tests/unit/host/world.h"

#include <stdlib.h>

/* ---- every limit at once ---- */

static void fill_connections(struct world *w, struct app *apps, unsigned count)
{
    struct plait_place server = place("198.18.2.1", 80);
    for (unsigned i = 0; i < count; i++)
        assert_ok(
            plait_connect(w->host[0], w->now_ns, NULL, &server, NULL, NULL, NULL, &apps[i].c));
    world_run_for(w, PLAIT_S);
}

/* Every second packet of a flow is lost: queues of holes, and nothing is read. */
static bool loses_every_second(void *self, struct wire_packet *p)
{
    unsigned *n = self;
    return p->length_octets > 500 && (*n)++ % 2;
}

static void memory_suffices_for_the_limits(void **state)
{
    (void)state;
    struct plait_host_config config = small_config();
    config.limits.flows = 16;
    config.limits.segments = 256;
    config.limits.payload_octets = 256 << 10;
    const struct plait_host_config *configs[2] = {&config, &config};
    struct world *w = world_new(configs);
    static struct app apps[16];
    unsigned n = 0;
    memset(apps, 0, sizeof apps);
    struct plait_listener *l;
    assert_ok(plait_listen(w->host[1], 0, NULL, 80, NULL, 16, NULL, NULL, &l));
    for (unsigned i = 0; i < 3; i++)
        assert_ok(plait_listen(w->host[1], 0, NULL, (uint16_t)(90 + i), NULL, 0, NULL, NULL, NULL));
    fill_connections(w, apps, 16);
    struct plait_connection *taken[16];
    for (unsigned i = 0; i < 16; i++)
        assert_non_null(taken[i] = plait_listener_take(l));
    assert_null(plait_listener_take(l));
    w->loses = loses_every_second;
    w->loses_self = &n;
    uint8_t junk[4096];
    memset(junk, 1, sizeof junk);
    for (unsigned round = 0; round < 300; round++) {
        for (unsigned i = 0; i < 16; i++) {
            while (plait_connection_write(taken[i], w->now_ns, junk, sizeof junk) > 0)
                continue;
            while (plait_connection_write(apps[i].c, w->now_ns, junk, sizeof junk) > 0)
                continue;
        }
        world_run_for(w, 10 * PLAIT_MS);
    }
    struct plait_place to = place("198.18.2.1", 90);
    for (uint16_t port = 1; port < 40; port++) {
        struct plait_place from = place("198.18.9.9", port);
        struct plait_segment s = segment(&from, &to, PLAIT_SYN, 1, 0);
        world_inject(w, 1, &s);
    }
    for (int i = 0; i < 2; i++) {
        struct plait_host_usage u = plait_host_usage(w->host[i]);
        assert_int_equal(u.connections[1], 16);
        assert_int_equal(u.flows[1], 16);
        assert_true(u.payload_octets[1] > u.payload_octets[2] / 2);
        assert_true(u.segments[1] > 20);
        /* No pool was refused because of the arena. */
        struct plait_host *h = w->host[i];
        const struct plait_pool *pools[] = {&h->stack.flows,    &h->stack.records,
                                            &h->stack.ranges,   &h->stack.chunks.pool,
                                            &h->world.mappings, &h->connection_pool};
        for (size_t p = 0; p < sizeof pools / sizeof pools[0]; p++)
            assert_true(pools[p]->refused == 0 || pools[p]->alive == pools[p]->limit ||
                        pools[p]->made == pools[p]->limit);
    }
    world_free(w);
}

/* The same, without playing: take everything there is from each pool. */
static void every_pool_can_be_emptied(void **state)
{
    (void)state;
    static const struct plait_limits limits[] = {{.connections = 1,
                                                  .flows = 1,
                                                  .listeners = 1,
                                                  .requests = 1,
                                                  .segments = 1,
                                                  .chunk_octets = 1024,
                                                  .payload_octets = 1024},
                                                 {.connections = 5,
                                                  .flows = 7,
                                                  .listeners = 3,
                                                  .requests = 100,
                                                  .segments = 33,
                                                  .chunk_octets = 2048,
                                                  .payload_octets = 99999},
                                                 {.connections = 100,
                                                  .flows = 300,
                                                  .requests = 1000,
                                                  .segments = 1000,
                                                  .payload_octets = 1 << 20}};
    for (size_t n = 0; n < sizeof limits / sizeof limits[0]; n++) {
        struct plait_host_config config = {.limits = limits[n]};
        size_t octets = plait_host_memory(&limits[n]);
        config.environment.memory = aligned_alloc(16, (octets + 15) & ~(size_t)15);
        config.environment.memory_octets = octets;
        struct plait_host *h = plait_host_new(&config);
        assert_non_null(h);
        struct plait_pool *pools[] = {
            &h->stack.flows,     &h->stack.paths,       &h->stack.records,     &h->stack.ranges,
            &h->stack.plains,    &h->stack.chunks.pool, &h->world.connections, &h->world.subflows,
            &h->world.mappings,  &h->requests.pool,     &h->replies.pool,      &h->listener_pool,
            &h->connection_pool, &h->token_pool};
        for (size_t p = 0; p < sizeof pools / sizeof pools[0]; p++)
            for (uint32_t i = 0; i < pools[p]->limit; i++)
                assert_non_null(plait_pool_take(pools[p]));
        struct plait_table *tables[] = {&h->paths, &h->requests.table, &h->tokens.table};
        uint32_t counts[] = {h->stack.paths.limit, h->requests.pool.limit, h->token_pool.limit};
        struct plait_table_node *nodes = calloc(3 * 4096, sizeof *nodes);
        for (size_t t = 0; t < 3; t++) {
            for (uint32_t i = 0; i < counts[t]; i++)
                assert_true(plait_table_insert(tables[t], &nodes[t * 4096 + i], i * 977));
            assert_true(tables[t]->bucket_count >= counts[t]);
        }
        assert_true(plait_host_used(h) <= octets);
        free(nodes);
        free(h);
    }
}

/* ---- a hole, and memory full of what lies behind it ---- */

/* Three packets are lost, once, when so much is in flight that what follows them does not fit the
 * receiver's memory. */
static bool loses_three(void *self, struct wire_packet *p)
{
    unsigned *n = self;
    bool is_lost = p->to == 1 && p->length_octets > 1000 && *n >= 100 && *n < 103;
    *n += p->to == 1 && p->length_octets > 1000;
    return is_lost;
}

static void a_hole_is_filled_whatever_lies_behind_it(void **state)
{
    (void)state;
    static const struct plait_options options[] = {
        {.tcp_only = true}, {.subflows_limit = 1}, {.subflows_limit = 1, .checksum = true}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct plait_host_config client = small_config(), server = small_config();
        server.limits.payload_octets = 32 << 10; /* less than the window: sixteen chunks */
        const struct plait_host_config *configs[2] = {&client, &server};
        struct world *w = world_new(configs);
        struct app apps[2] = {{.to_send = 400000, .close_when_sent = true}, {0}};
        unsigned n = 0;
        world_connect(w, apps, &options[i]);
        w->loses = loses_three;
        w->loses_self = &n;
        world_run_for(w, 60 * PLAIT_S);
        assert_int_equal(apps[1].read, 400000);
        assert_false(apps[1].is_wrong);
        assert_true(count_of(w, 1, PLAIT_COUNT_NO_MEMORY_AHEAD) > 0);
        world_free(w);
    }
}

/* ---- small worlds ---- */

static struct plait_host_config tiny_config(void)
{
    struct plait_host_config config = {
        .limits = {.connections = 2,
                   .flows = 4,
                   .listeners = 1,
                   .requests = 4,
                   .segments = 32,
                   .chunk_octets = 1024,
                   .payload_octets = 16384},
        .options = {.send_limit_octets = 4096, .receive_limit_octets = 4096}};
    config.environment.memory_octets = 32 << 10;
    return config;
}

static void a_search_world_fits_64_kb(void **state)
{
    (void)state;
    struct plait_host_config tiny = tiny_config();
    const struct plait_host_config *configs[2] = {&tiny, &tiny};
    struct world *w = world_new(configs);
    struct app apps[2] = {{.to_send = 60000, .close_when_sent = true},
                          {.to_send = 60000, .close_when_sent = true}};
    world_connect(w, apps, NULL);
    world_run_for(w, 100 * PLAIT_MS); /* before everything is delivered */
    struct plait_place from = place("198.18.1.2", 0), to = place("198.18.2.2", 80);
    assert_ok(plait_connection_add_path(apps[0].c, w->now_ns, &from, &to, false));
    world_run_for(w, 20 * PLAIT_S);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(apps[i].read, 60000);
        assert_false(apps[i].is_wrong);
        assert_int_equal(plait_connection_status(apps[i].c).stage, PLAIT_STAGE_CLOSED);
    }
    size_t used = plait_host_used(w->host[0]) + plait_host_used(w->host[1]);
    print_message("two hosts with two paths used %zu octets\n", used);
    assert_true(used <= 64 << 10);
    world_free(w);
}

/* ---- snapshots ---- */

struct snapshot {
    void *octets[2];
    size_t used[2];
    struct world world;
    struct wire_packet *wire;
    struct app apps[2];
};

static struct snapshot keep(const struct world *w, const struct app apps[2])
{
    struct snapshot s = {.world = *w, .apps = {apps[0], apps[1]}};
    s.wire = malloc(WIRE_PACKETS * sizeof *s.wire);
    memcpy(s.wire, w->wire, WIRE_PACKETS * sizeof *s.wire);
    for (int i = 0; i < 2; i++) {
        s.used[i] = plait_host_used(w->host[i]);
        s.octets[i] = malloc(s.used[i]);
        memcpy(s.octets[i], w->host[i], s.used[i]);
    }
    return s;
}

static void restore(struct world *w, struct app apps[2], const struct snapshot *s)
{
    struct wire_packet *wire = w->wire;
    *w = s->world;
    memcpy(wire, s->wire, WIRE_PACKETS * sizeof *wire);
    for (int i = 0; i < 2; i++) {
        memcpy(w->host[i], s->octets[i], s->used[i]);
        apps[i] = s->apps[i];
    }
}

static bool loses_some(void *self, struct wire_packet *p)
{
    static const struct plait_draw_key key = {{3, 4}};
    const struct world *w = self;
    return p->length_octets > 0 && plait_draw_below(&key, "loss", "", w->packet_count, 25) == 0;
}

static void a_snapshot_goes_on_as_if_nothing_had_been(void **state)
{
    (void)state;
    static const struct plait_draw_key key = {{1, 2}};
    struct plait_host_config tiny = tiny_config();
    const struct plait_host_config *configs[2] = {&tiny, &tiny};
    const uint64_t last = PLAIT_MECHANISM_M4 - PLAIT_MECHANISM_V1;
    for (uint64_t n = 0; n < 4 * (last + 1); n++) {
        struct plait_options options = {
            .mechanisms = {(enum plait_mechanism_name)(PLAIT_MECHANISM_V1 + n % (last + 1))}};
        struct world *w = world_new(configs);
        w->loses = loses_some;
        w->loses_self = w;
        static struct app apps[2];
        apps[0] = apps[1] = (struct app){.to_send = 40000, .close_when_sent = true};
        world_connect(w, apps, &options);
        world_run_for(w, 300 * PLAIT_MS);
        struct plait_place from = place("198.18.1.2", 0), to = place("198.18.2.2", 80);
        (void)plait_connection_add_path(apps[0].c, w->now_ns, &from, &to, false);
        world_run(w, (plait_time_ns)plait_draw_below(&key, "moment", "", n, 1500) * PLAIT_MS);
        struct snapshot s = keep(w, apps);
        uint64_t digests[2], traces[2], packets[2];
        for (int again = 0; again < 2; again++) {
            world_run(w, 40 * PLAIT_S);
            traces[again] = plait_hash_end(&w->traces);
            packets[again] = plait_hash_end(&w->packets);
            digests[again] = plait_host_digest(w->host[0], w->now_ns);
            assert_int_equal(apps[1].read, 40000);
            if (!again)
                restore(w, apps, &s);
        }
        assert_true(traces[0] == traces[1] && packets[0] == packets[1]);
        assert_true(digests[0] == digests[1]);
        free(s.wire);
        free(s.octets[0]);
        free(s.octets[1]);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_suffices_for_the_limits),
        cmocka_unit_test(every_pool_can_be_emptied),
        cmocka_unit_test(a_hole_is_filled_whatever_lies_behind_it),
        cmocka_unit_test(a_search_world_fits_64_kb),
        cmocka_unit_test(a_snapshot_goes_on_as_if_nothing_had_been),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
