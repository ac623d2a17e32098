/* bench/net/bench_net.c: ns a packet through port, link, router, link, port, in memory.
 *
 * Prints each case beside the least that any of them must do (allocate, copy and free a packet),
 * measured in the same run; both are the best of several rounds, so that a busy machine disturbs
 * little.  May touch: standard output and the monotonic clock. */
#include "base/panic.h"
#include "bench/table.h"
#include "net/net.h"
#include "wire/tcp.h"

#define PACKETS 200000u
enum { ROUNDS = 5 };

struct load {
    const char *name;
    uint32_t payload_octets;
    uint32_t burst;  /* packets at one instant */
    bool is_watched; /* an observer and a tap that only sees */
    bool is_limited; /* rate and queue on both links */
    uint32_t loss_per_million;
};

/* ---- the two ports --------------------------------------------------------------------------- */

struct end {
    const struct load *load;
    const struct plait_packet *model;
    plait_time_ns next_ns;
    uint32_t in_burst, sent, received;
};

static void input(void *self, plait_time_ns now, struct plait_packet *packet)
{
    (void)now;
    ((struct end *)self)->received++;
    plait_packet_free(packet);
}

static plait_time_ns deadline(void *self)
{
    const struct end *e = self;
    return e->model && e->sent < PACKETS ? e->next_ns : PLAIT_NEVER;
}

static struct plait_packet *output(void *self, plait_time_ns now)
{
    struct end *e = self;
    if (now < deadline(self))
        return NULL;
    e->sent++;
    if (++e->in_burst == e->load->burst) {
        e->in_burst = 0;
        e->next_ns += 10000 * e->load->burst; /* 10^5 packets a second */
    }
    return plait_packet_copy(e->model);
}

static void advance(void *self, plait_time_ns now)
{
    (void)self, (void)now;
}

/* ---- one case -------------------------------------------------------------------------------- */

static struct plait_addr addr(const char *text)
{
    struct plait_addr a;
    PLAIT_CHECK(plait_ok(plait_addr_parse(text, &a)));
    return a;
}

static struct plait_packet *model_of(const struct load *load)
{
    static const uint8_t payload[1460];
    const struct plait_segment s = {.ip = {.src = addr("198.18.1.1"),
                                           .dst = addr("198.18.2.1"),
                                           .protocol = PLAIT_PROTOCOL_TCP,
                                           .ttl = 64},
                                    .flags = PLAIT_ACK,
                                    .payload = payload,
                                    .payload_octets = load->payload_octets};
    uint8_t octets[1500];
    size_t length_octets;
    PLAIT_CHECK(plait_ok(plait_segment_build(&s, octets, sizeof octets, &length_octets)));
    return plait_packet_of(octets, (uint32_t)length_octets);
}

static enum plait_tap_verdict see(void *self, plait_time_ns now, enum plait_way way,
                                  struct plait_packet *packet)
{
    (void)now, (void)way, (void)packet;
    ++*(uint64_t *)self;
    return PLAIT_TAP_PASS;
}

static void observe(void *self, const struct plait_sight *sight)
{
    (void)sight;
    ++*(uint64_t *)self;
}

static void watch(struct plait_net *net, plait_link link, uint64_t *seen)
{
    plait_net_observe(net, observe, seen);
    plait_net_add_tap(net, &(struct plait_tap_config){.link = link,
                                                      .ways = PLAIT_BOTH_WAYS,
                                                      .rights = PLAIT_MAY_SEE,
                                                      .until_ns = PLAIT_NEVER,
                                                      .see = see,
                                                      .self = seen});
}

/* Nanoseconds a packet. */
static double measure(const struct load *load)
{
    static const struct plait_port_ops ops = {input, output, deadline, advance};
    struct plait_packet *model = model_of(load);
    struct end from = {.load = load, .model = model}, to = {.load = load};
    struct plait_clock clock = plait_clock_virtual();
    struct plait_net *net = plait_net_new(&clock);
    struct plait_link_config config = {.delay_ns = PLAIT_MS,
                                       .loss_per_million = load->loss_per_million,
                                       .rate_bits_per_s = load->is_limited ? 10000000000u : 0,
                                       .queue_octets = load->is_limited ? 1000000 : 0};
    plait_node a = plait_net_add_port(net, "a", &(struct plait_port){&ops, &from, -1, false});
    plait_node b = plait_net_add_port(net, "b", &(struct plait_port){&ops, &to, -1, false});
    plait_node r = plait_net_add_router(net, "r");
    plait_net_add_link(net, "ar", a, r, &config);
    plait_link rb = plait_net_add_link(net, "rb", r, b, &config);
    struct plait_addr any = {.family = PLAIT_IPV4};
    plait_net_add_route(net, r, &any, 0, rb);
    uint64_t seen = 0;
    if (load->is_watched)
        watch(net, rb, &seen);

    plait_time_ns start_ns = bench_now_ns();
    plait_net_run(net, PLAIT_NEVER, NULL, NULL);
    plait_time_ns took_ns = bench_now_ns() - start_ns;
    PLAIT_CHECK(load->loss_per_million || to.received == PACKETS);
    plait_net_free(net);
    plait_packet_free(model);
    return (double)took_ns / PACKETS;
}

static double measure_least(const struct load *load)
{
    struct plait_packet *model = model_of(load);
    plait_time_ns start_ns = bench_now_ns();
    for (uint32_t i = 0; i < PACKETS; i++) {
        struct plait_packet *volatile copy = plait_packet_copy(model);
        plait_packet_free(copy);
    }
    plait_time_ns took_ns = bench_now_ns() - start_ns;
    plait_packet_free(model);
    return (double)took_ns / PACKETS;
}

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

int main(void)
{
    static const struct load loads[] = {
        {"empty segments, one at a time", 0, 1, false, false, 0},
        {"full segments, one at a time", 1460, 1, false, false, 0},
        {"full segments, bursts of 64", 1460, 64, false, false, 0},
        {"... rate and queue", 1460, 64, false, true, 0},
        {"... 1 % drawn losses", 1460, 64, false, false, 10000},
        {"... an observer and a tap", 1460, 64, true, false, 0},
    };
    static const char *const columns[] = {"ns", NULL};
    bench_head("net: ns a packet, x copying it", columns);
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        double least_ns = 1e9, ns = 1e9;
        for (int round = 0; round < ROUNDS; round++) {
            least_ns = lesser(least_ns, measure_least(&loads[i]));
            ns = lesser(ns, measure(&loads[i]));
        }
        bench_name(loads[i].name);
        bench_cell(ns, ns / least_ns);
        bench_end();
    }
    return 0;
}
