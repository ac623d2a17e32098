/* bench/endpoint/pair.c: two hosts face to face. */
#include "bench/endpoint/pair.h"

#include <string.h>

#include "base/panic.h"

plait_time_ns plait_bench_processor_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * PLAIT_S + t.tv_nsec;
}

struct plait_place plait_bench_place(unsigned end, unsigned addr, uint16_t port)
{
    uint8_t net = (uint8_t)(end == BENCH_CLIENT ? 1 + addr : 3);
    return (struct plait_place){{.octets = {198, 18, net, 1}, .family = PLAIT_IPV4}, port};
}

static void accepted(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct bench_pair *p = user;
    (void)now;
    PLAIT_CHECK(p->accepted_count < sizeof p->accepted / sizeof *p->accepted);
    p->accepted[p->accepted_count++] = c;
}

static void host_open(struct bench_pair *p, unsigned end, const struct plait_host_config *config)
{
    struct plait_host_config own = *config;
    p->memory_octets[end] = (plait_host_memory(&own.limits) + 15) & ~(size_t)15;
    p->memory[end] = aligned_alloc(16, p->memory_octets[end]);
    PLAIT_CHECK(p->memory[end]);
    own.environment = (struct plait_environment){.memory = p->memory[end],
                                                 .memory_octets = p->memory_octets[end],
                                                 .seed = {1, 2},
                                                 .name = end == BENCH_CLIENT ? "client" : "server"};
    p->hosts[end] = plait_host_new(&own);
    PLAIT_CHECK(p->hosts[end]);
    for (unsigned i = 0; i < (end == BENCH_CLIENT ? BENCH_ADDRS : 1); i++) {
        struct plait_place place = plait_bench_place(end, i, 0);
        PLAIT_CHECK(plait_ok(plait_host_add_addr(p->hosts[end], p->now, &place.addr)));
    }
}

void plait_bench_pair_open(struct bench_pair *p, const struct plait_host_config *config)
{
    static const struct plait_callbacks callbacks = {.accepted = accepted};
    memset(p, 0, sizeof *p);
    p->now = PLAIT_S;
    p->offload = config->super_octets != 0;
    host_open(p, BENCH_CLIENT, config);
    host_open(p, BENCH_SERVER, config);
    PLAIT_CHECK(plait_ok(plait_listen(p->hosts[BENCH_SERVER], p->now, NULL, BENCH_PORT, NULL, 1024,
                                      &callbacks, p, NULL)));
}

void plait_bench_pair_close(struct bench_pair *p)
{
    for (unsigned end = 0; end < BENCH_ENDS; end++)
        free(p->memory[end]);
}

static bool move_one_way(struct bench_pair *p, unsigned from)
{
    struct plait_host *receiver = p->hosts[!from];
    bool any = false;
    for (;; any = true) {
        struct plait_out out = {
            .octets = p->buffer, .room_octets = sizeof p->buffer, .offload_allowed = p->offload};
        if (!plait_host_output(p->hosts[from], p->now, &out))
            return any;
        p->packets[from]++;
        plait_host_input(receiver, p->now, out.octets, out.length_octets, &out.offload);
    }
}

/* The same, with packets kept apart so that the server's calls can be timed alone. */
static bool move_timed(struct bench_pair *p, unsigned from)
{
    enum { BATCH = 256, ROOM = 256 };
    static uint8_t octets[BATCH][ROOM];
    static uint32_t lengths[BATCH];
    unsigned count = 0;
    plait_time_ns start = plait_bench_processor_ns();
    for (; count < BATCH; count++) {
        struct plait_out out = {.octets = octets[count], .room_octets = ROOM};
        if (!plait_host_output(p->hosts[from], p->now, &out))
            break;
        lengths[count] = out.length_octets;
    }
    plait_time_ns between = plait_bench_processor_ns();
    for (unsigned i = 0; i < count; i++)
        plait_host_input(p->hosts[!from], p->now, octets[i], lengths[i], NULL);
    p->server_ns += from == BENCH_SERVER ? between - start : plait_bench_processor_ns() - between;
    p->packets[from] += count;
    return count > 0;
}

void plait_bench_pair_move(struct bench_pair *p)
{
    bool (*move)(struct bench_pair *, unsigned) = p->times_server ? move_timed : move_one_way;
    for (bool any = true; any;) {
        any = move(p, BENCH_CLIENT);
        any = move(p, BENCH_SERVER) || any;
    }
}

void plait_bench_pair_pass(struct bench_pair *p, plait_time_ns duration_ns)
{
    p->now += duration_ns;
    for (unsigned end = 0; end < BENCH_ENDS; end++)
        if (plait_host_deadline(p->hosts[end]) <= p->now)
            plait_host_advance(p->hosts[end], p->now);
    plait_bench_pair_move(p);
}

/* A subflow may be added once the server has shown that it knows the connection. */
static void add_subflow(struct bench_pair *p, struct plait_connection *ends[BENCH_ENDS])
{
    const struct plait_place local = plait_bench_place(BENCH_CLIENT, 1, 0);
    const struct plait_place remote = plait_bench_place(BENCH_SERVER, 0, BENCH_PORT);
    uint8_t word[64] = {0};
    PLAIT_CHECK(plait_connection_write(ends[BENCH_CLIENT], p->now, word, sizeof word));
    plait_bench_pair_move(p);
    plait_bench_pair_pass(p, PLAIT_S); /* a delayed acknowledgment */
    PLAIT_CHECK(plait_connection_read(ends[BENCH_SERVER], p->now, word, sizeof word));
    PLAIT_CHECK(
        plait_ok(plait_connection_add_path(ends[BENCH_CLIENT], p->now, &local, &remote, false)));
    plait_bench_pair_pass(p, PLAIT_MS);
    PLAIT_CHECK(plait_connection_status(ends[BENCH_SERVER]).path_count == 2);
}

void plait_bench_pair_connect(struct bench_pair *p, unsigned subflows,
                              struct plait_connection *ends[BENCH_ENDS])
{
    const struct plait_place local = plait_bench_place(BENCH_CLIENT, 0, 0);
    const struct plait_place remote = plait_bench_place(BENCH_SERVER, 0, BENCH_PORT);
    unsigned before = p->accepted_count;
    PLAIT_CHECK(plait_ok(plait_connect(p->hosts[BENCH_CLIENT], p->now, &local, &remote, NULL, NULL,
                                       NULL, &ends[BENCH_CLIENT])));
    plait_bench_pair_move(p);
    PLAIT_CHECK(p->accepted_count == before + 1);
    ends[BENCH_SERVER] = p->accepted[before];
    if (subflows > 1)
        add_subflow(p, ends);
}

/* ---- a stream ---------------------------------------------------------------------------------
 */

enum { PIECE = 1 << 16, STEP_NS = 50000 };

/* Octet n of the stream is octet n % PIECE of it. */
static const uint8_t *pattern(void)
{
    static uint8_t octets[PIECE];
    for (unsigned i = 0; octets[1] == 0 && i < PIECE; i++)
        octets[i] = (uint8_t)(i * 2654435761u >> 24);
    return octets;
}

static void write_all(struct bench_pair *p, struct plait_connection *c,
                      struct bench_carried *carried)
{
    for (uint32_t took = 1; carried->sent < carried->octets && took;) {
        uint32_t at = (uint32_t)(carried->sent % PIECE), piece = PIECE - at;
        uint64_t left = carried->octets - carried->sent;
        took = plait_connection_write(c, p->now, pattern() + at,
                                      left < piece ? (uint32_t)left : piece);
        carried->sent += took;
    }
}

static void read_all(struct bench_pair *p, struct plait_connection *c,
                     struct bench_carried *carried)
{
    static uint8_t got[PIECE];
    for (uint32_t took = 1; took;) {
        uint32_t at = (uint32_t)(carried->received % PIECE);
        took = plait_connection_read(c, p->now, got, PIECE - at);
        if (carried->is_judged && memcmp(got, pattern() + at, took) != 0)
            carried->wrong += took;
        carried->received += took;
    }
}

bool plait_bench_pair_carry(struct bench_pair *p, struct plait_connection *ends[BENCH_ENDS],
                            struct bench_carried *carried)
{
    write_all(p, ends[BENCH_CLIENT], carried);
    plait_bench_pair_pass(p, STEP_NS);
    read_all(p, ends[BENCH_SERVER], carried);
    return carried->received < carried->octets;
}
