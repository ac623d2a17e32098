/* The auditor: packets a second on bulk data and on handshakes, octets for an idle connection, and
 * how time grows with connections.
 *
 * Usage: bench-audit [CONNECTIONS]
 *
 * Packets are built beforehand, a ring of them: what is measured is plait_audit_packet, TCP
 * checksum, reassembly and MACs included, in processor time.  Keys repeat in no two connections. */
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "audit/audit.h"
#include "bench/audit/talk.h"
#include "bench/table.h"

#define BULK_PACKETS 4000000u
#define MARGIN_NS    1000

struct bench {
    void *memory;
    size_t octets;
    struct plait_arena arena;
    struct plait_audit *audit;
    plait_time_ns now_ns;
    uint64_t frame, streamed, alerts;
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

static struct bench bench_new(void)
{
    struct plait_audit_limits limits = plait_audit_limits();
    struct bench b = {.octets = plait_audit_arena_octets(&limits), .now_ns = PLAIT_S};
    b.memory = mmap(NULL, b.octets, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (b.memory == MAP_FAILED)
        exit(1);
    b.arena = plait_arena(b.memory, b.octets);
    return b;
}

static void start(struct bench *b)
{
    const struct plait_audit_sink sink = {.octets = take_octets, .alert = take_alert};
    const struct plait_audit_limits limits = plait_audit_limits();
    const struct plait_draw_key key = plait_draw_key(1);
    b->audit = plait_audit_new(&b->arena, &limits, &key, &sink, b);
    if (!b->audit)
        exit(1);
}

static void give(struct bench *b, const uint8_t *ip, size_t octets)
{
    struct plait_seen seen = {.at_ns = b->now_ns += MARGIN_NS,
                              .frame = ++b->frame,
                              .ip = ip,
                              .ip_octets = (uint32_t)octets,
                              .wire_octets = (uint32_t)octets};
    plait_audit_packet(b->audit, &seen);
}

/* ---- bulk ----------------------------------------------------------------------------------- */

/* One connection sends on two subflows in turn; RING packets are built, then given, then built
 * again, so that caches are as a capture leaves them. */
#define RING 4096u

static void bench_bulk(void)
{
    struct bench b = bench_new();
    struct made opening[PACKETS_OF_ONE];
    struct made *ring = malloc(RING * sizeof *ring);
    uint8_t payload[SEGMENT_OCTETS];
    struct stream s = make_stream(1);
    static double rounds[BULK_PACKETS / RING + 1];
    unsigned round = 0;
    if (!ring)
        exit(1);
    start(&b);
    make_connection(1, opening);
    for (unsigned i = 0; i < PACKETS_OF_ONE; i++)
        give(&b, opening[i].octets, opening[i].length);
    for (unsigned done = 0; done < BULK_PACKETS; done += RING) {
        for (unsigned i = 0; i < RING; i++) {
            memset(payload, (int)(done + i), sizeof payload);
            make_data(&s, &ring[i], done + i, payload);
        }
        plait_time_ns begin = cpu_ns();
        for (unsigned i = 0; i < RING; i++)
            give(&b, ring[i].octets, ring[i].length);
        rounds[round++] = (double)(cpu_ns() - begin) / RING;
    }
    double median_ns = bench_median(rounds, round); /* sorted now */
    printf("  bulk data, 2 subflows, %u octets  %8.2f M packets/s  %6.0f ns each  %5.1f Gbit/s\n",
           SEGMENT_OCTETS, 1e3 / median_ns, median_ns, SEGMENT_OCTETS * 8 / median_ns);
    printf("  the same, fastest tenth of rounds %8.2f M packets/s  %6.0f ns each\n",
           1e3 / rounds[round / 10], rounds[round / 10]);
    printf("  of the stream delivered           %8.4f; alerts %" PRIu64 "\n",
           (double)b.streamed / (double)s.offset, b.alerts);
    free(ring);
    munmap(b.memory, b.octets);
}

/* ---- handshakes ----------------------------------------------------------------------------- */

#define BATCH 512u

struct grown {
    double ns_each;
    double octets_each;
    uint64_t evicted, macs;
};

static struct grown open_many(uint32_t connections)
{
    struct bench b = bench_new();
    struct made(*batch)[PACKETS_OF_ONE] = malloc(BATCH * sizeof *batch);
    plait_time_ns spent = 0;
    if (!batch)
        exit(1);
    start(&b);
    size_t before = plait_audit_used_octets(b.audit);
    for (uint32_t n = 0; n < connections; n += BATCH) {
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
    struct grown grown = {.ns_each = (double)spent / connections,
                          .octets_each =
                              (double)(plait_audit_used_octets(b.audit) - before) / connections,
                          .evicted = counts->count[PLAIT_COUNT_EVICTED],
                          .macs = counts->count[PLAIT_COUNT_MACS_VALID]};
    free(batch);
    munmap(b.memory, b.octets);
    return grown;
}

static void bench_handshakes(uint32_t connections)
{
    struct grown half = open_many(connections / 2), whole = open_many(connections);
    printf(
        "  handshakes with a join            %8.2f M packets/s  %6.0f ns a packet, 2 of 7 with a "
        "MAC\n",
        PACKETS_OF_ONE / whole.ns_each * 1e3, whole.ns_each / PACKETS_OF_ONE);
    printf("  %" PRIu32 " connections: %.0f octets each (idle, two IPv4 subflows), evicted %" PRIu64
           ", valid MACs %" PRIu64 "\n",
           connections, whole.octets_each, whole.evicted, whole.macs);
    printf("  twice the connections take        %8.2f times as long\n",
           whole.ns_each * 2 / half.ns_each);
}

int main(int argc, char **argv)
{
    uint32_t connections = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    printf("\nauditor\n");
    bench_bulk();
    bench_handshakes(connections);
    return 0;
}
