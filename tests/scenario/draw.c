/* What a seed decides: paths, hosts, applications, acts. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/scenario/scenario.h"

static uint64_t below(struct scenario *s, uint64_t bound)
{
    return plait_draw_below(&s->key, "scenario", "", s->drawn++, bound);
}

static bool one_in(struct scenario *s, uint64_t n)
{
    return below(s, n) == 0;
}

static plait_time_ns some_ms(struct scenario *s, uint64_t bound)
{
    return (plait_time_ns)below(s, bound) * PLAIT_MS;
}

static struct plait_place place_of(unsigned end, unsigned path, uint16_t port, bool is_v6)
{
    char text[48];
    snprintf(text, sizeof text, is_v6 ? "2001:db8:%u:%u::1" : "198.18.%u.%u", end + 1, path + 1);
    struct plait_place p = {.port = port};
    if (!plait_ok(plait_addr_parse(text, &p.addr)))
        abort();
    return p;
}

struct plait_place scenario_place(const struct scenario *s, unsigned end, unsigned path,
                                  uint16_t port)
{
    bool is_v6 = (s->seed + path) % 3 == 0 && !s->has_nat[path];
    return place_of(end, path, port, is_v6);
}

/* ---- hosts ---- */

static void draw_options(struct scenario *s, struct plait_options *o)
{
    o->checksum = one_in(s, 4);
    o->subflows_limit = 1 + (uint32_t)below(s, 4);
    o->add_addr_accepted = (uint32_t)below(s, 3);
    o->scheduler = (enum plait_scheduler_name)below(s, 3);
    o->paths = one_in(s, 3) ? PLAIT_PATHS_FULL_MESH : PLAIT_PATHS_BY_HAND;
    o->congestion = (enum plait_congestion_name)below(s, 2);
    o->coupling = (enum plait_coupling_name)below(s, 4);
    o->send_limit_octets = 16384u << below(s, 5);
    o->receive_limit_octets = 8192u << below(s, 6);
    if (one_in(s, 8)) {
        o->mechanisms[0] = PLAIT_MECHANISM_V0;
    } else if (one_in(s, 4)) {
        o->mechanisms[0] = PLAIT_MECHANISM_V1;
        o->mechanisms[1] = PLAIT_MECHANISM_V0;
    }
    o->tcp_only = one_in(s, 10);
}

/* Drawn apart, so that what else a seed decides is the same with and without. */
static void draw_basic(struct scenario *s)
{
    static const enum plait_mechanism_name columns[] = {
        PLAIT_MECHANISM_M0E,        PLAIT_MECHANISM_M0I,        PLAIT_MECHANISM_M1N,
        PLAIT_MECHANISM_M1H,        PLAIT_MECHANISM_M2,         PLAIT_MECHANISM_M0E_MAPPED,
        PLAIT_MECHANISM_M0I_MAPPED, PLAIT_MECHANISM_M1N_MAPPED, PLAIT_MECHANISM_M2_MAPPED};
    const uint64_t count = sizeof columns / sizeof columns[0];
    uint64_t draw = plait_draw(&s->key, "scenario", "column", 0);
    for (unsigned end = 0; end < 2; end++) {
        struct plait_options *o = &s->options[end];
        memset(o->mechanisms, 0, sizeof o->mechanisms);
        o->mechanisms[0] = columns[draw % count];
        o->basic.inherit_window = draw >> 32 & 1;
        o->basic.nonce_zero_bits = draw >> 33 & 1 ? 32 : 0;
    }
}

static void hear(void *self, const struct plait_trace_event *e)
{
    struct scenario *s = self;
    uint64_t who = (uint64_t)e->kind << 48 | (uint64_t)e->connection << 24 | e->flow;
    const uint64_t words[] = {(uint64_t)e->at_ns, who, e->a, e->b, e->c};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        plait_hash_u64(&s->events, words[i]);
    if (!s->prints)
        return;
    char line[200];
    plait_trace_text(e, line, sizeof line);
    printf("%s\n", line);
}

static void hear_client(void *self, const struct plait_trace_event *event)
{
    if (((struct scenario *)self)->prints)
        printf("client ");
    hear(self, event);
}

static void hear_server(void *self, const struct plait_trace_event *event)
{
    if (((struct scenario *)self)->prints)
        printf("server ");
    hear(self, event);
}

static void make_host(struct scenario *s, unsigned end, uint16_t mtu)
{
    static const char *const names[] = {"client", "server"};
    struct plait_host_config config = {.limits = {.connections = 4,
                                                  .flows = 16,
                                                  .listeners = 2,
                                                  .requests = 8,
                                                  .segments = 1024,
                                                  .chunk_octets = 2048u << below(s, 3),
                                                  .payload_octets = 1 << 20},
                                       .options = s->options[end],
                                       .mtu_octets = mtu,
                                       .environment = {.seed = {s->seed, 1},
                                                       .name = names[end],
                                                       .trace = end ? hear_server : hear_client,
                                                       .trace_self = s}};
    struct plait_environment *e = &config.environment;
    e->memory_octets = (plait_host_memory(&config.limits) + 15) & ~(size_t)15;
    e->memory = s->memory[end] = aligned_alloc(16, e->memory_octets);
    s->memory_octets[end] = e->memory_octets;
    struct plait_host *h = s->hosts[end] = plait_host_new(&config);
    if (!h)
        abort();
    h->has_fixed_isn = one_in(s, 4); /* sequence numbers that pass 2^32 soon */
    h->fixed_isn = (uint32_t) - (int32_t)below(s, 100000);
    for (unsigned path = 0; path < s->path_count; path++) {
        struct plait_place p = scenario_place(s, end, path, 0);
        if (!plait_ok(plait_host_add_addr(h, 0, &p.addr)))
            abort();
    }
}

/* ---- the net ---- */

static void draw_path(struct scenario *s, unsigned path)
{
    static const uint32_t losses[] = {0, 0, 1000, 10000, 50000, 100000};
    struct plait_link_config *c = &s->configs[path];
    struct disorder *d = &s->disorders[path];
    c->delay_ns = PLAIT_MS + some_ms(s, 100);
    c->rate_bits_per_s = one_in(s, 2) ? 0 : (1 + below(s, 50)) * 1000000;
    c->queue_octets = c->rate_bits_per_s ? 20000 + (uint32_t)below(s, 200000) : 0;
    c->loss_per_million = losses[below(s, 6)];
    c->seed = below(s, UINT64_MAX);
    d->key = plait_draw_key(c->seed);
    d->until_ns = PHASE_1_S * PLAIT_S;
    d->swapped = one_in(s, 3) ? (uint32_t)below(s, 100000) : 0;
    d->doubled = one_in(s, 4) ? (uint32_t)below(s, 50000) : 0;
    s->has_nat[path] = one_in(s, 8);
}

static void draw_stripper(struct scenario *s)
{
    if (!one_in(s, 6))
        return;
    s->stripper.ways = (uint8_t)(1 + below(s, 3));
    s->stripper.from_ns = one_in(s, 2) ? 0 : some_ms(s, 3000);
    s->stripper.until_ns = one_in(s, 2) ? PLAIT_NEVER : s->stripper.from_ns + PLAIT_S;
}

static void hash_sight(void *self, const struct plait_sight *sight)
{
    struct scenario *s = self;
    if (sight->fate == PLAIT_ENTERED)
        plait_hash_octets(&s->packets, sight->packet->octets, sight->packet->length_octets);
}

static plait_node behind_box(struct scenario *s, plait_node node, const char *name,
                             struct plait_box box, plait_link *link)
{
    const struct plait_link_config free_link = {0};
    plait_node next = plait_net_add_box(s->net, name, &box);
    *link = plait_net_add_link(s->net, name, node, next, &free_link);
    return next;
}

/* left -- disorder -- (stripper) -- (NAT) == right */
static void make_path(struct scenario *s, unsigned path, plait_node left, plait_node right,
                      plait_link to_client, plait_link to_server)
{
    struct plait_place here = scenario_place(s, 0, path, 0), there = scenario_place(s, 1, path, 0);
    struct plait_addr seen = here.addr; /* by the server */
    unsigned bits = here.addr.family == PLAIT_IPV4 ? 32 : 128;
    plait_link first, other;
    plait_node node = behind_box(s, left, "disorder", disorder_box(&s->disorders[path]), &first);
    if (path == 0 && s->stripper.ways)
        node = behind_box(s, node, "stripper", stripper_box(&s->stripper), &other);
    if (s->has_nat[path]) {
        seen = place_of(6, path, 0, false).addr;
        node = behind_box(s, node, "nat", plait_box_nat(&seen, s->seed), &other);
    }
    s->links[path] = plait_net_add_link(s->net, "path", node, right, &s->configs[path]);
    plait_net_add_route(s->net, left, &there.addr, bits, first);
    plait_net_add_route(s->net, left, &here.addr, bits, to_client);
    plait_net_add_route(s->net, right, &there.addr, bits, to_server);
    plait_net_add_route(s->net, right, &seen, bits, s->links[path]);
}

static void make_net(struct scenario *s)
{
    const struct plait_link_config free_link = {0};
    s->clock = plait_clock_virtual();
    s->net = plait_net_new(&s->clock);
    struct plait_port ports[2] = {scenario_port(s->hosts[0]), scenario_port(s->hosts[1])};
    plait_node client = plait_net_add_port(s->net, "client", &ports[0]);
    plait_node server = plait_net_add_port(s->net, "server", &ports[1]);
    plait_node left = plait_net_add_router(s->net, "left");
    plait_node right = plait_net_add_router(s->net, "right");
    plait_link to_client = plait_net_add_link(s->net, "client", client, left, &free_link);
    plait_link to_server = plait_net_add_link(s->net, "server", right, server, &free_link);
    for (unsigned path = 0; path < s->path_count; path++)
        make_path(s, path, left, right, to_client, to_server);
    plait_net_observe(s->net, hash_sight, s);
}

/* ---- what is done ---- */

static void draw_apps(struct scenario *s)
{
    static const uint64_t sizes[] = {0, 1, 1000, 30000, 200000, 1000000};
    for (unsigned end = 0; end < 2; end++) {
        struct app *a = &s->apps[end];
        a->to_send = below(s, sizes[below(s, 6)] + 1);
        a->salt = 2 + end;
        a->bite_octets = UINT32_MAX;
        if (one_in(s, 4)) { /* a slow reader */
            a->bite_octets = 500 + (uint32_t)below(s, 5000);
            a->pause_ns = PLAIT_MS + some_ms(s, 20);
        }
    }
}

static void draw_acts(struct scenario *s)
{
    s->act_count = (unsigned)below(s, ACTS_MAX + 1);
    plait_time_ns at_ns = 0;
    for (unsigned i = 0; i < s->act_count; i++) {
        struct act *a = &s->acts[i];
        at_ns += some_ms(s, one_in(s, 2) ? 300 : PHASE_1_S * 1000 / ACTS_MAX);
        a->at_ns = at_ns;
        a->kind = (enum act_kind)below(s, ACT_KINDS);
        if (a->kind == ACT_ABORT && !one_in(s, 4))
            a->kind = ACT_ADD_PATH;
        a->path = (unsigned)below(s, s->path_count);
        a->end = (unsigned)below(s, 2);
        a->flag = one_in(s, 2);
    }
}

void scenario_draw(struct scenario *s, uint64_t seed, bool is_basic, bool prints)
{
    static const uint16_t mtus[] = {576, 1280, 1400, 1500, 1500, 9000};
    *s = (struct scenario){.seed = seed,
                           .key = plait_draw_key(seed),
                           .packets = plait_hasher(0),
                           .events = plait_hasher(0),
                           .prints = prints};
    s->path_count = 1 + (unsigned)below(s, PATHS_MAX);
    draw_options(s, &s->options[0]);
    draw_options(s, &s->options[1]);
    if (is_basic)
        draw_basic(s);
    for (unsigned path = 0; path < s->path_count; path++)
        draw_path(s, path);
    draw_stripper(s);
    draw_apps(s);
    draw_acts(s);
    uint16_t mtu = mtus[below(s, 6)];
    make_host(s, 0, mtu);
    make_host(s, 1, mtu);
    make_net(s);
}

void scenario_free(struct scenario *s)
{
    plait_net_free(s->net);
    free(s->memory[0]);
    free(s->memory[1]);
}
