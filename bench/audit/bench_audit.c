/* The auditor: packets a second on bulk data, with and without flatten behind it, and on
 * handshakes; octets for an idle connection, and how time grows with connections.
 *
 * Usage: bench-audit [CONNECTIONS [BULK_PACKETS]]
 *
 * Packets are built beforehand, a ring of them: what is measured is plait_audit_packet, TCP
 * checksum, reassembly and MACs included, in processor time.  Keys repeat in no two connections. */
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "audit/flatten.h"
#include "bench/audit/talk.h"
#include "bench/table.h"
#include "mechanism/mechanism.h"

#define BULK_PACKETS_MAX 4000000u
#define MARGIN_NS        1000

struct bench {
    void *memory;
    size_t octets;
    struct plait_arena arena;
    struct plait_audit *audit;
    struct plait_flatten *flatten; /* NULL: nobody flattens */
    plait_time_ns now_ns;
    uint64_t frame, streamed, alerts, flat;
};

/* Of this process alone: neighbours on the machine take no part in it. */
static plait_time_ns cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * PLAIT_S + t.tv_nsec;
}

static void take_octets(void *owner, const struct plait_audit_octets *piece)
{
    ((struct bench *)owner)->streamed += piece->length;
}

static void take_alert(void *owner, const struct plait_alert *alert)
{
    ((struct bench *)owner)->alerts += alert->rule->severity > PLAIT_NOTE;
}

static void take_flat(void *owner, const struct plait_flat_packet *packet)
{
    ((struct bench *)owner)->flat += packet->kind == PLAIT_FLAT_OWN;
}

static struct bench bench_new(void)
{
    struct plait_audit_limits limits = plait_audit_limits();
    struct plait_flatten_limits flat = plait_flatten_limits();
    struct bench b = {.octets = plait_audit_arena_octets(&limits) +
                                plait_flatten_arena_octets(&flat) + 64,
                      .now_ns = PLAIT_S};
    b.memory = mmap(NULL, b.octets, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (b.memory == MAP_FAILED)
        exit(1);
    b.arena = plait_arena(b.memory, b.octets);
    return b;
}

static void start_with(struct bench *b, const struct plait_audit_sink *sink, void *owner)
{
    const struct plait_audit_limits limits = plait_audit_limits();
    const struct plait_draw_key key = plait_draw_key(1);
    b->audit = plait_audit_new(&b->arena, &limits, &key, sink, owner);
    if (!b->audit)
        exit(1);
}

static void start(struct bench *b)
{
    const struct plait_audit_sink sink = {.octets = take_octets, .alert = take_alert};
    start_with(b, &sink, b);
}

static void start_flatten(struct bench *b)
{
    const struct plait_flatten_limits limits = plait_flatten_limits();
    const struct plait_audit_sink sink = plait_flatten_sink();
    b->flatten = plait_flatten_new(&b->arena, &limits, take_flat, b);
    if (!b->flatten)
        exit(1);
    start_with(b, &sink, b->flatten);
}

static void give(struct bench *b, const uint8_t *ip, size_t octets)
{
    struct plait_seen seen = {.at_ns = b->now_ns += MARGIN_NS,
                              .frame = ++b->frame,
                              .ip = ip,
                              .ip_octets = (uint32_t)octets,
                              .wire_octets = (uint32_t)octets};
    if (b->flatten)
        plait_flatten_begin(b->flatten, &seen);
    struct plait_audit_place place = plait_audit_packet(b->audit, &seen);
    if (b->flatten)
        plait_flatten_end(b->flatten, &place);
}

/* ---- bulk ----------------------------------------------------------------------------------- */

/* One connection sends on two subflows in turn; RING packets are built, then given, then built
 * again, so that caches are as a capture leaves them. */
#define RING 4096u

struct rounds { /* nanoseconds for each packet, of each round */
    double ns[BULK_PACKETS_MAX / RING + 1];
    unsigned count;
    uint64_t stream_octets;
};

static void run_bulk(struct bench *b, uint32_t packets, struct rounds *rounds)
{
    struct made opening[PACKETS_OF_ONE];
    struct made *ring = malloc(RING * sizeof *ring);
    uint8_t payload[SEGMENT_OCTETS];
    struct stream s = make_stream(1);
    rounds->count = 0;
    if (!ring)
        exit(1);
    make_connection(1, opening);
    for (unsigned i = 0; i < PACKETS_OF_ONE; i++)
        give(b, opening[i].octets, opening[i].length);
    for (unsigned done = 0; done < packets; done += RING) {
        for (unsigned i = 0; i < RING; i++) {
            memset(payload, (int)(done + i), sizeof payload);
            make_data(&s, &ring[i], done + i, payload);
        }
        plait_time_ns begin = cpu_ns();
        for (unsigned i = 0; i < RING; i++)
            give(b, ring[i].octets, ring[i].length);
        rounds->ns[rounds->count++] = (double)(cpu_ns() - begin) / RING;
    }
    rounds->stream_octets = s.offset;
    free(ring);
}

static struct rounds rounds;

static void bench_bulk(uint32_t packets)
{
    struct bench b = bench_new();
    start(&b);
    run_bulk(&b, packets, &rounds);
    double median_ns = bench_median(rounds.ns, rounds.count); /* sorted now */
    printf("  bulk data, 2 subflows, %u octets  %8.2f M packets/s  %6.0f ns each  %5.1f Gbit/s\n",
           SEGMENT_OCTETS, 1e3 / median_ns, median_ns, SEGMENT_OCTETS * 8 / median_ns);
    printf("  the same, fastest tenth of rounds %8.2f M packets/s  %6.0f ns each\n",
           1e3 / rounds.ns[rounds.count / 10], rounds.ns[rounds.count / 10]);
    printf("  of the stream delivered           %8.4f; alerts %" PRIu64 "\n",
           (double)b.streamed / (double)rounds.stream_octets, b.alerts);
    munmap(b.memory, b.octets);
}

/* The same packets, and plain TCP written for them. */
static void bench_flatten(uint32_t packets)
{
    struct bench b = bench_new();
    start_flatten(&b);
    run_bulk(&b, packets, &rounds);
    plait_audit_end(b.audit);
    const struct plait_flat_counts *counts = plait_flatten_counts(b.flatten);
    double median_ns = bench_median(rounds.ns, rounds.count);
    printf("  the same, flattened               %8.2f M packets/s  %6.0f ns each; of the stream "
           "written %.4f, in %" PRIu64 " packets\n",
           1e3 / median_ns, median_ns,
           (double)counts->count[PLAIT_FLAT_COUNT_OCTETS] / (double)rounds.stream_octets, b.flat);
    munmap(b.memory, b.octets);
}

/* ---- handshakes ----------------------------------------------------------------------------- */

#define BATCH 512u

struct grown {
    double half_ns, whole_ns; /* for the first half of the connections, and for all */
    double octets_each;
    uint64_t evicted, macs;
};

static struct grown open_many(uint32_t connections)
{
    struct bench b = bench_new();
    struct made(*batch)[PACKETS_OF_ONE] = malloc(BATCH * sizeof *batch);
    plait_time_ns spent = 0, half = 0;
    if (!batch)
        exit(1);
    start(&b);
    size_t before = plait_audit_used_octets(b.audit);
    for (uint32_t n = 0; n < connections; n += BATCH) {
        if (n <= connections / 2)
            half = spent;
        uint32_t many = connections - n < BATCH ? connections - n : BATCH;
        for (uint32_t i = 0; i < many; i++)
            make_connection(n + i, batch[i]);
        plait_time_ns begin = cpu_ns();
        for (uint32_t i = 0; i < many; i++)
            for (unsigned k = 0; k < PACKETS_OF_ONE; k++)
                give(&b, batch[i][k].octets, batch[i][k].length);
        spent += cpu_ns() - begin;
    }
    const struct plait_audit_counts *counts = plait_audit_counts(b.audit);
    struct grown grown = {.half_ns = (double)half,
                          .whole_ns = (double)spent,
                          .octets_each =
                              (double)(plait_audit_used_octets(b.audit) - before) / connections,
                          .evicted = counts->count[PLAIT_COUNT_EVICTED],
                          .macs = counts->count[PLAIT_COUNT_MACS_VALID]};
    free(batch);
    munmap(b.memory, b.octets);
    return grown;
}

/* What two keys and a join cost in libcrypto alone: two tokens, two first numbers, two proofs. */
static double crypto_ns(void)
{
    enum { ROUNDS = 20000 };
    const struct plait_mechanism *m = &plait_mechanism_v1;
    uint8_t proof[PLAIT_JOIN_HMAC_OCTETS];
    uint64_t sum = 0;
    plait_time_ns begin = cpu_ns();
    for (uint32_t n = 0; n < ROUNDS; n++)
        for (uint64_t end = 0; end < 2; end++) {
            sum += m->token(n + end) + m->idsn(n + end);
            m->join_proof(n + end, sum, n, (uint32_t)end, proof);
            sum += proof[0];
        }
    return (double)(cpu_ns() - begin) / ROUNDS;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* The fastest of four runs: neighbours take caches too. */
static void bench_handshakes(uint32_t connections)
{
    struct grown whole = open_many(connections);
    for (unsigned again = 0; again < 3; again++) {
        struct grown other = open_many(connections);
        whole.half_ns = least(whole.half_ns, other.half_ns);
        whole.whole_ns = least(whole.whole_ns, other.whole_ns);
    }
    double crypto = crypto_ns(), packet_ns = whole.whole_ns / connections / PACKETS_OF_ONE;
    printf(
        "  handshakes with a join            %8.2f M packets/s  %6.0f ns a packet, 2 of 7 with a "
        "MAC\n",
        1e3 / packet_ns, packet_ns);
    printf("  of that digests and MACs          %8.2f of the time\n",
           crypto / PACKETS_OF_ONE / packet_ns);
    printf("  %" PRIu32 " connections: %.0f octets each (idle, two IPv4 subflows), evicted %" PRIu64
           ", valid MACs %" PRIu64 "\n",
           connections, whole.octets_each, whole.evicted, whole.macs);
    printf("  twice the connections take        %8.2f times as long\n",
           whole.whole_ns / whole.half_ns);
}

int main(int argc, char **argv)
{
    uint32_t connections = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    uint32_t bulk = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : BULK_PACKETS_MAX;
    printf("\nauditor\n");
    bulk = bulk < BULK_PACKETS_MAX ? bulk : BULK_PACKETS_MAX;
    bench_bulk(bulk);
    bench_flatten(bulk / 4);
    bench_handshakes(connections);
    return 0;
}
