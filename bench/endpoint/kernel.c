/* bench/endpoint/kernel.c: our own endpoint beside the kernel's: a client with two paths sends to a
 * server, through the same net, over TUN devices with offload.
 *
 * The yardstick is the transfer between two namespaces of this kernel; then either end is replaced
 * by a host of ours, which lives in the process that moves the packets.  Every octet is judged by
 * the one that reads it.  Ends take turns, round by round; ratios are medians of the rounds' own.
 * May touch: sandboxes, standard output, clocks. */
#include <string.h>
#include <unistd.h>

#include "agent/pattern.h"
#include "base/panic.h"
#include "bench/endpoint/endpoint.h"
#include "bench/table.h"
#include "lab/endpoint.h"
#include "live/live.h"
#include "live/sandbox.h"
#include "plait/connection.h"

enum { CLIENT, SERVER, ENDS, PATHS = 2, ROUNDS = 5, KEY = 0x5eed };
enum { PORT = 4000, ANSWER_OCTETS = 1024, SUPER_OCTETS = 65160 };
#define SLOT_NS   (20 * PLAIT_MS)
#define WINDOW_NS (250 * PLAIT_MS)
enum { SLOTS_MAX = 150, FLOWING_SLOTS = 5 };

static const struct {
    const char *name;
    bool is_ours[ENDS];
} pairs[] = {
    {"kernel to kernel", {false, false}},
    {"plait to kernel", {true, false}},
    {"kernel to plait", {false, true}},
    {"plait to plait", {true, true}},
};
enum { PAIRS = sizeof pairs / sizeof pairs[0] };

static const struct {
    const char *name, *word;
    unsigned subflows;
} protocols[] = {
    {"TCP", "tcp", 1}, {"MPTCP, 1 subflow", "mptcp", 1}, {"MPTCP, 2 subflows", "mptcp", 2}};
enum { PROTOCOLS = sizeof protocols / sizeof protocols[0] };

struct job {
    int pair, protocol;
};

struct outcome { /* what a sandbox reports, in one write */
    double octets_per_s;
    uint64_t foreign;
    char error[160]; /* "" = it was measured */
};

struct end {
    struct plait_live_host *kernel; /* or ours: */
    void *memory;
    struct plait_host *host;
    struct plait_endpoint *endpoint;
    struct plait_connection *connection;
    uint64_t octets; /* written */
    struct plait_pattern_reader reader;
};

struct run {
    const struct job *job;
    struct plait_clock clock;
    struct plait_net *net;
    struct plait_live *live;
    plait_node router;
    struct end ends[ENDS];
};

static struct plait_addr addr_of(int end, unsigned path)
{
    uint8_t net = (uint8_t)(end == CLIENT ? 1 + path : 3);
    return (struct plait_addr){.octets = {198, 18, net, 1}, .family = PLAIT_IPV4};
}

static bool is_tcp(const struct run *r)
{
    return strcmp(protocols[r->job->protocol].word, "tcp") == 0;
}

/* ---- our end ----------------------------------------------------------------------------------
 */

static void write_all(struct end *e, plait_time_ns now)
{
    uint32_t room;
    for (uint8_t *to; (to = plait_connection_reserve(e->connection, &room)) && room;) {
        plait_pattern_fill(to, KEY, e->octets, room);
        if (!plait_ok(plait_connection_commit(e->connection, now, room)))
            return;
        e->octets += room;
    }
}

static void read_all(struct end *e, plait_time_ns now)
{
    const uint8_t *octets;
    for (uint32_t length; (octets = plait_connection_peek(e->connection, &length)) && length;) {
        (void)plait_pattern_read_piece(&e->reader, octets, length); /* counted there */
        if (!plait_ok(plait_connection_consume(e->connection, now, length)))
            return;
    }
}

static void client_changed(void *user, struct plait_connection *c, plait_time_ns now)
{
    if (plait_connection_status(c).stage == PLAIT_STAGE_OPEN)
        write_all(user, now);
}

static void server_changed(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct end *e = user;
    e->connection = c;
    read_all(e, now);
}

static const struct plait_callbacks callbacks[ENDS] = {
    [CLIENT] = {.changed = client_changed},
    [SERVER] = {.accepted = server_changed, .changed = server_changed}};

static plait_result open_ours(struct run *r, int which, struct plait_port ports[PATHS])
{
    struct end *e = &r->ends[which];
    e->reader.key = KEY;
    struct plait_host_config config = {
        .options = {.tcp_only = is_tcp(r),
                    .subflows_limit = PATHS,
                    .paths = which == CLIENT && protocols[r->job->protocol].subflows > 1
                                 ? PLAIT_PATHS_FULL_MESH
                                 : PLAIT_PATHS_BY_HAND},
        .limits = {.chunk_octets = 1 << 16},
        .super_octets = SUPER_OCTETS};
    size_t octets = (plait_host_memory(&config.limits) + 15) & ~(size_t)15;
    e->memory = aligned_alloc(16, octets);
    PLAIT_CHECK(e->memory);
    config.environment = (struct plait_environment){
        .memory = e->memory, .memory_octets = octets, .seed = {1, 2}, .name = "plait"};
    e->host = plait_host_new(&config);
    PLAIT_CHECK(e->host);
    e->endpoint = plait_endpoint_new(e->host, true);
    for (unsigned path = 0; path < (which == CLIENT ? PATHS : 1); path++) {
        struct plait_addr addr = addr_of(which, path);
        PLAIT_TRY(plait_host_add_addr(e->host, plait_net_now(r->net), &addr));
        ports[path] = plait_endpoint_port(e->endpoint, &addr);
    }
    return PLAIT_OK;
}

static plait_result start_ours(struct run *r, int which)
{
    struct end *e = &r->ends[which];
    const struct plait_place to = {addr_of(SERVER, 0), PORT};
    plait_time_ns now = plait_net_now(r->net);
    if (which == SERVER)
        return plait_listen(e->host, now, NULL, PORT, NULL, 0, &callbacks[which], e, NULL);
    return plait_connect(e->host, now, NULL, &to, NULL, &callbacks[which], e, &e->connection);
}

/* ---- the kernel's end -------------------------------------------------------------------------
 */

/* Buffers as the kernel compiles them in. */
static const struct {
    const char *name, *value;
} settings[] = {
    {"net/ipv4/tcp_rmem", "4096 131072 6291456"}, {"net/ipv4/tcp_wmem", "4096 16384 4194304"},
    {"net/ipv4/tcp_no_metrics_save", "1"},        {"net/ipv4/conf/all/rp_filter", "0"},
    {"net/ipv4/conf/default/rp_filter", "0"},
};

static plait_result open_kernel(struct run *r, int which, struct plait_port ports[PATHS])
{
    static const char *const names[PATHS] = {"path1", "path2"};
    struct end *e = &r->ends[which];
    unsigned subflows = protocols[r->job->protocol].subflows;
    char read_back[64];
    PLAIT_TRY(plait_live_host_new(r->live, which == CLIENT ? "client" : "server", &e->kernel));
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        PLAIT_TRY(plait_live_set(e->kernel, settings[i].name, settings[i].value, read_back));
    PLAIT_TRY(plait_live_mptcp_limits(e->kernel, subflows - 1, 0));
    for (unsigned path = 0; path < (which == CLIENT ? PATHS : 1); path++) {
        const struct plait_live_interface interface = {.name = names[path],
                                                       .addr_count = 1,
                                                       .addrs = {addr_of(which, path)},
                                                       .prefix_bits = {24}};
        PLAIT_TRY(plait_live_add_interface(e->kernel, &interface, &ports[path]));
        if (path > 0 && subflows > 1)
            PLAIT_TRY(plait_live_mptcp_endpoint_add(e->kernel, &interface.addrs[0], path + 1,
                                                    PLAIT_ENDPOINT_SUBFLOW, NULL));
    }
    return plait_live_agent_start(e->kernel);
}

static void hear(void *self)
{
    while (plait_live_agent_event(self)) /* stat tells all that is asked for */
        ;
}

static plait_result start_kernel(struct run *r, int which)
{
    struct plait_live_host *host = r->ends[which].kernel;
    const char *word = protocols[r->job->protocol].word;
    char answer[ANSWER_OCTETS];
    plait_net_watch(r->net, plait_live_agent_fd(host), hear, host);
    if (which == SERVER) {
        PLAIT_TRY(plait_live_agent_ask(host, answer, sizeof answer, "listen s %s any4 %d 4 cubic",
                                       word, PORT));
        return plait_live_agent_ask(host, answer, sizeof answer, "keys s 1 %x", KEY);
    }
    PLAIT_TRY(plait_live_agent_ask(host, answer, sizeof answer,
                                   "connect c %s 198.18.1.1 0 198.18.3.1 %d cubic", word, PORT));
    PLAIT_TRY(plait_live_agent_ask(host, answer, sizeof answer, "keys c %x 1", KEY));
    return plait_live_agent_ask(host, answer, sizeof answer, "send c 1000000000000");
}

/* ---- a run ------------------------------------------------------------------------------------
 */

static plait_result open_end(struct run *r, int which)
{
    struct plait_port ports[PATHS];
    PLAIT_TRY(pairs[r->job->pair].is_ours[which] ? open_ours(r, which, ports)
                                                 : open_kernel(r, which, ports));
    for (unsigned path = 0; path < (which == CLIENT ? PATHS : 1); path++) {
        struct plait_addr addr = addr_of(which, path);
        plait_node node = plait_net_add_port(r->net, "port", &ports[path]);
        plait_link link =
            plait_net_add_link(r->net, "link", node, r->router, &(struct plait_link_config){0});
        plait_net_add_route(r->net, r->router, &addr, 32, link);
    }
    return PLAIT_OK;
}

static uint64_t field(const char *answer, const char *name)
{
    const char *at = strstr(answer, name);
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

struct count {
    plait_time_ns at_ns;
    uint64_t received, foreign;
};

/* As the receiver says, on its own clock. */
static struct count count(struct run *r)
{
    struct end *e = &r->ends[SERVER];
    char answer[ANSWER_OCTETS];
    if (e->host)
        return (struct count){plait_net_now(r->net), e->reader.received, e->reader.foreign};
    if (!plait_ok(plait_live_agent_ask(e->kernel, answer, sizeof answer, "stat s.0")))
        return (struct count){0};
    return (struct count){(plait_time_ns)field(answer, "now_ns="), field(answer, " received="),
                          field(answer, " foreign=")};
}

static unsigned subflows_of(struct run *r)
{
    struct end *e = &r->ends[SERVER];
    char answer[ANSWER_OCTETS];
    if (e->host)
        return e->connection ? plait_connection_status(e->connection).path_count : 0;
    if (!plait_ok(plait_live_agent_ask(e->kernel, answer, sizeof answer, "info s.0")))
        return 0;
    return (unsigned)field(answer, "subflows=");
}

static void run_for(struct run *r, plait_time_ns duration_ns)
{
    plait_net_run(r->net, plait_net_now(r->net) + duration_ns, NULL, NULL);
}

/* Slow start may close MPTCP's window until its retransmission timer fires (seen on Linux 6.18), so
 * what is measured begins when octets have come in FLOWING_SLOTS slots in a row. */
static bool await_flow(struct run *r)
{
    uint64_t received = 0;
    for (int i = 0, flowing = 0; i < SLOTS_MAX; i++) {
        run_for(r, SLOT_NS);
        struct count c = count(r);
        flowing = c.received > received ? flowing + 1 : 0;
        received = c.received;
        if (flowing >= FLOWING_SLOTS && subflows_of(r) == protocols[r->job->protocol].subflows)
            return true;
    }
    return false;
}

static plait_result open_run(struct run *r)
{
    PLAIT_TRY(open_end(r, SERVER));
    PLAIT_TRY(open_end(r, CLIENT));
    for (int which = SERVER; which >= CLIENT; which--)
        PLAIT_TRY(pairs[r->job->pair].is_ours[which] ? start_ours(r, which)
                                                     : start_kernel(r, which));
    return PLAIT_OK;
}

static int body(void *job, int report_fd)
{
    static struct run r;
    struct outcome outcome = {0};
    r.job = job;
    r.clock = plait_clock_wall();
    r.net = plait_net_new(&r.clock);
    r.router = plait_net_add_router(r.net, "router");
    r.live = plait_live_new(PLAIT_DEVICE_TUN, true, NULL);
    if (!plait_ok(open_run(&r))) {
        snprintf(outcome.error, sizeof outcome.error, "%s", plait_live_error(r.live));
    } else if (!await_flow(&r)) {
        snprintf(outcome.error, sizeof outcome.error, "nothing flows, or over %u subflows",
                 subflows_of(&r));
    } else {
        struct count from = count(&r);
        run_for(&r, WINDOW_NS);
        struct count to = count(&r);
        outcome.octets_per_s =
            (double)(to.received - from.received) / ((double)(to.at_ns - from.at_ns) / 1e9);
        outcome.foreign = to.foreign;
    }
    return write(report_fd, &outcome, sizeof outcome) == sizeof outcome ? 0 : 1;
}

static struct outcome play(struct job job)
{
    struct plait_sandbox sandbox;
    struct outcome outcome = {.error = "the run died"};
    if (!plait_ok(plait_sandbox_start(&sandbox, body, &job)))
        return (struct outcome){.error = "no sandbox"};
    if (read(sandbox.report_fd, &outcome, sizeof outcome) != sizeof outcome)
        outcome = (struct outcome){.error = "the run died"};
    close(sandbox.report_fd);
    plait_sandbox_wait(&sandbox);
    return outcome;
}

/* ---- the table --------------------------------------------------------------------------------
 */

static struct outcome outcomes[PAIRS][PROTOCOLS][ROUNDS];

static void print_cell(int pair, int protocol)
{
    double values[ROUNDS], ratios[ROUNDS];
    size_t measured = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const struct outcome *own = &outcomes[pair][protocol][round];
        const struct outcome *peer = &outcomes[0][protocol][round];
        if (own->error[0] || peer->error[0])
            continue;
        values[measured] = own->octets_per_s * 8e-9;
        ratios[measured++] = own->octets_per_s / peer->octets_per_s;
    }
    if (measured)
        bench_cell(bench_median(values, measured), bench_median(ratios, measured));
    else
        bench_none();
}

static uint64_t print_notes(int pair)
{
    uint64_t foreign = 0;
    for (int protocol = 0; protocol < PROTOCOLS; protocol++) {
        unsigned missing = 0;
        const char *error = NULL;
        for (int round = 0; round < ROUNDS; round++) {
            const struct outcome *o = &outcomes[pair][protocol][round];
            foreign += o->foreign;
            missing += o->error[0] != '\0';
            error = o->error[0] ? o->error : error;
        }
        if (error)
            printf("  %s, %s: skipped in %u of %d rounds: %s\n", pairs[pair].name,
                   protocols[protocol].name, missing, ROUNDS, error);
    }
    return foreign;
}

bool plait_bench_kernel(void)
{
    const char *columns[PROTOCOLS + 1] = {NULL};
    uint64_t foreign = 0;
    for (int round = 0; round < ROUNDS; round++)
        for (int protocol = 0; protocol < PROTOCOLS; protocol++)
            for (int pair = 0; pair < PAIRS; pair++)
                outcomes[pair][protocol][round] = play((struct job){pair, protocol});
    for (int protocol = 0; protocol < PROTOCOLS; protocol++)
        columns[protocol] = protocols[protocol].name;
    bench_head("endpoint: Gbit/s, x kernel to kernel", columns);
    for (int pair = 0; pair < PAIRS; pair++) {
        bench_name(pairs[pair].name);
        for (int protocol = 0; protocol < PROTOCOLS; protocol++)
            print_cell(pair, protocol);
        bench_end();
    }
    for (int pair = 0; pair < PAIRS; pair++)
        foreign += print_notes(pair);
    if (foreign)
        printf("  WRONG: %llu octets arrived that the sender never wrote\n",
               (unsigned long long)foreign);
    return foreign == 0;
}
