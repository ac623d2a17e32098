/* bench/endpoint/memory.c: octets of a host's memory that an idle connection and a half-open one
 * hold.  May touch: standard output. */
#include "base/panic.h"
#include "bench/endpoint/endpoint.h"
#include "bench/endpoint/forge.h"

enum { COUNT = 200 };

static void open_pair(struct bench_pair *p, bool tcp_only)
{
    const struct plait_host_config config = {.options = {.tcp_only = tcp_only}};
    plait_bench_pair_open(p, &config);
}

/* What the first of anything costs is the host's. */
static double per_connection(bool tcp_only, unsigned subflows, unsigned end)
{
    static struct bench_pair pair;
    struct plait_connection *ends[BENCH_ENDS];
    open_pair(&pair, tcp_only);
    plait_bench_pair_connect(&pair, subflows, ends);
    size_t before = plait_host_used(pair.hosts[end]);
    for (unsigned i = 0; i < COUNT; i++)
        plait_bench_pair_connect(&pair, subflows, ends);
    plait_bench_pair_pass(&pair, PLAIT_S);
    double octets = (double)(plait_host_used(pair.hosts[end]) - before) / COUNT;
    plait_bench_pair_close(&pair);
    return octets;
}

static double per_request(bool is_join)
{
    static struct bench_pair pair;
    struct plait_connection *ends[BENCH_ENDS];
    open_pair(&pair, false);
    plait_bench_pair_connect(&pair, 1, ends);
    uint32_t token = plait_connection_status(ends[BENCH_SERVER]).own_token;
    size_t before = 0;
    uint32_t open_before = 0;
    for (unsigned i = 0; i <= COUNT; i++) {
        if (is_join)
            plait_bench_join_syn(&pair, i, token);
        else
            plait_bench_syn(&pair, i);
        plait_bench_pair_move(&pair);
        if (i == 0) {
            before = plait_host_used(pair.hosts[BENCH_SERVER]);
            open_before = plait_host_usage(pair.hosts[BENCH_SERVER]).requests[0];
        }
    }
    uint32_t more = plait_host_usage(pair.hosts[BENCH_SERVER]).requests[0] - open_before;
    double octets = (double)(plait_host_used(pair.hosts[BENCH_SERVER]) - before);
    plait_bench_pair_close(&pair);
    return more ? octets / more : 0;
}

static void row(const char *name, double client, double server, double tcp_client,
                double tcp_server)
{
    bench_name(name);
    if (client > 0)
        bench_cell(client, client / tcp_client);
    else
        bench_none();
    bench_cell(server, server / tcp_server);
    bench_end();
}

bool plait_bench_memory(void)
{
    static const char *const columns[] = {"client", "server", NULL};
    const double client = per_connection(true, 1, BENCH_CLIENT);
    const double server = per_connection(true, 1, BENCH_SERVER);
    bench_head("endpoint: octets of memory, x TCP", columns);
    row("idle TCP", client, server, client, server);
    row("idle MPTCP, 1 subflow", per_connection(false, 1, BENCH_CLIENT),
        per_connection(false, 1, BENCH_SERVER), client, server);
    row("idle MPTCP, 2 subflows", per_connection(false, 2, BENCH_CLIENT),
        per_connection(false, 2, BENCH_SERVER), client, server);
    row("half-open TCP", 0, per_request(false), client, server);
    row("half-open join", 0, per_request(true), client, server);
    return true;
}
