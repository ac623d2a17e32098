/* bench/endpoint/handshake.c: connections with two subflows that are opened and ended at once.
 *
 * A pair is MP_CAPABLE, the first octets (which show the client that the server knows the
 * connection, RFC 8684 §3.1), MP_JOIN, and an end by MP_FASTCLOSE.  TCP's is SYN, octets, RST.
 * May touch: standard output, clocks. */
#include "base/panic.h"
#include "bench/endpoint/endpoint.h"
#include "bench/endpoint/pair.h"

enum { BATCH = 64, BATCHES = 300, ROUNDS = 5 };

struct result {
    double seconds, server_seconds; /* both for all pairs */
    unsigned failed;
};

static void open_batch(struct bench_pair *p, struct plait_connection *clients[BATCH])
{
    const struct plait_place local = plait_bench_place(BENCH_CLIENT, 0, 0);
    const struct plait_place remote = plait_bench_place(BENCH_SERVER, 0, BENCH_PORT);
    for (unsigned i = 0; i < BATCH; i++)
        PLAIT_CHECK(plait_ok(plait_connect(p->hosts[BENCH_CLIENT], p->now, &local, &remote, NULL,
                                           NULL, NULL, &clients[i])));
    plait_bench_pair_move(p);
    for (unsigned i = 0; i < BATCH; i++)
        (void)plait_connection_write(clients[i], p->now, "octets", 6);
    plait_bench_pair_move(p);
    plait_bench_pair_pass(p, 50 * PLAIT_MS); /* delayed acknowledgments */
}

static void join_batch(struct bench_pair *p, struct plait_connection *clients[BATCH])
{
    const struct plait_place local = plait_bench_place(BENCH_CLIENT, 1, 0);
    const struct plait_place remote = plait_bench_place(BENCH_SERVER, 0, BENCH_PORT);
    for (unsigned i = 0; i < BATCH; i++) /* what is refused is missed by the server */
        (void)!plait_ok(plait_connection_add_path(clients[i], p->now, &local, &remote, false));
    plait_bench_pair_pass(p, PLAIT_MS);
}

/* How many did not come about. */
static unsigned end_batch(struct bench_pair *p, struct plait_connection *clients[BATCH],
                          unsigned paths)
{
    unsigned failed = BATCH;
    for (unsigned i = 0; i < p->accepted_count; i++)
        failed -= plait_connection_status(p->accepted[i]).path_count == paths;
    for (unsigned i = 0; i < BATCH; i++)
        plait_connection_free(clients[i], p->now);
    plait_bench_pair_move(p);
    plait_time_ns start = plait_bench_processor_ns();
    for (unsigned i = 0; i < p->accepted_count; i++)
        plait_connection_free(p->accepted[i], p->now);
    p->server_ns += plait_bench_processor_ns() - start;
    p->accepted_count = 0;
    plait_bench_pair_pass(p, PLAIT_MS);
    return failed;
}

static struct result measure(bool tcp_only, bool times_server)
{
    static struct bench_pair pair;
    struct plait_connection *clients[BATCH];
    const struct plait_host_config config = {.options = {.tcp_only = tcp_only}};
    struct result result = {0};
    plait_bench_pair_open(&pair, &config);
    pair.times_server = times_server;
    plait_time_ns start = plait_bench_processor_ns();
    for (unsigned batch = 0; batch < BATCHES; batch++) {
        open_batch(&pair, clients);
        if (!tcp_only)
            join_batch(&pair, clients);
        result.failed += end_batch(&pair, clients, tcp_only ? 1 : 2);
    }
    result.seconds = (double)(plait_bench_processor_ns() - start) / 1e9;
    result.server_seconds = (double)pair.server_ns / 1e9;
    plait_bench_pair_close(&pair);
    return result;
}

static double best_of(double a, double b)
{
    return a == 0 || b < a ? b : a;
}

static struct result best_measure(bool tcp_only)
{
    struct result best = {0};
    for (int round = 0; round < ROUNDS; round++) {
        struct result both = measure(tcp_only, false), server = measure(tcp_only, true);
        best.seconds = best_of(best.seconds, both.seconds);
        best.server_seconds = best_of(best.server_seconds, server.server_seconds);
        best.failed += both.failed + server.failed;
    }
    return best;
}

bool plait_bench_handshakes(void)
{
    static const char *const columns[] = {"both ends", "the server", NULL};
    const double pairs = (double)BATCH * BATCHES;
    struct result tcp = best_measure(true), mptcp = best_measure(false);
    bench_head("endpoint: 1000 connections/s, x TCP", columns);
    bench_name("TCP");
    bench_cell(pairs * 1e-3 / tcp.seconds, 1);
    bench_cell(pairs * 1e-3 / tcp.server_seconds, 1);
    bench_end();
    bench_name("MP_CAPABLE and MP_JOIN");
    bench_cell(pairs * 1e-3 / mptcp.seconds, tcp.seconds / mptcp.seconds);
    bench_cell(pairs * 1e-3 / mptcp.server_seconds, tcp.server_seconds / mptcp.server_seconds);
    bench_end();
    unsigned failed = tcp.failed + mptcp.failed;
    if (failed)
        printf("  WRONG: %u connections did not come about\n", failed);
    return failed == 0;
}
