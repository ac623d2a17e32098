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
#include "base/octets.h"
#include "bench/table.h"
#include "mechanism/mechanism.h"
#include "wire/tcp.h"

#define SEGMENT_OCTETS 1400
#define BULK_PACKETS   4000000u
#define MARGIN_NS      1000

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

/* ---- packets -------------------------------------------------------------------------------- */

struct made {
    uint8_t octets[1600];
    size_t length;
};

struct flow { /* one subflow of connection N */
    struct plait_place place[2];
    uint32_t isn[2];
    uint64_t key[2];
};

static struct flow flow(uint32_t n, unsigned subflow)
{
    struct flow f = {.isn = {n * 2654435761u, n * 2246822519u + 1}};
    for (unsigned end = 0; end < 2; end++) {
        f.place[end].addr.family = PLAIT_IPV4;
        plait_store_u32(f.place[end].addr.octets, 0x0a000000u + (end ? 1 : n + (subflow << 23)));
        f.place[end].port = end ? 443 : (uint16_t)(40000 + subflow);
        f.key[end] = (uint64_t)(n + 1) * 0x9e3779b97f4a7c15u + end;
    }
    return f;
}

static void build(struct made *made, const struct flow *f, unsigned end, uint8_t flags,
                  uint32_t seq, uint32_t ack, const struct plait_mptcp_option *option,
                  const void *payload, size_t octets)
{
    struct plait_segment s = {.ip = {.src = f->place[end].addr,
                                     .dst = f->place[!end].addr,
                                     .ttl = 64,
                                     .identification = (uint16_t)seq},
                              .src_port = f->place[end].port,
                              .dst_port = f->place[!end].port,
                              .seq = f->isn[end] + seq,
                              .ack = f->isn[!end] + ack,
                              .flags = flags,
                              .window = 500,
                              .options = {.has_timestamps = true, .timestamp = seq},
                              .mptcp_count = option != NULL,
                              .payload = payload,
                              .payload_octets = octets};
    if (option)
        s.mptcp[0] = *option;
    if (!plait_ok(plait_segment_build(&s, made->octets, sizeof made->octets, &made->length)))
        exit(1);
}

static struct plait_mptcp_option hello_of(const struct flow *f, enum plait_hello_step step,
                                          unsigned end)
{
    struct plait_hello_values values = {.sender_key = f->key[end], .receiver_key = f->key[!end]};
    struct plait_mptcp_option option;
    plait_mechanism_v1.write_hello(step, &values, &option);
    return option;
}

/* Seven packets: the first handshake, a join with its two MACs, and a first DATA_ACK. */
#define PACKETS_OF_ONE 7
static void make_connection(uint32_t n, struct made made[PACKETS_OF_ONE])
{
    const struct plait_mechanism *m = &plait_mechanism_v1;
    struct flow first = flow(n, 0), second = flow(n, 1);
    struct plait_mptcp_option o = hello_of(&first, PLAIT_STEP_SYN, 0);
    build(&made[0], &first, 0, PLAIT_SYN, 0, 0, &o, NULL, 0);
    o = hello_of(&first, PLAIT_STEP_SYN_ACK, 1);
    build(&made[1], &first, 1, PLAIT_SYN | PLAIT_ACK, 0, 1, &o, NULL, 0);
    o = hello_of(&first, PLAIT_STEP_THIRD_ACK, 0);
    build(&made[2], &first, 0, PLAIT_ACK, 1, 1, &o, NULL, 0);
    o = (struct plait_mptcp_option){
        .subtype = PLAIT_DSS,
        .dss = {.has_ack = true, .ack_is_64 = true, .data_ack = m->idsn(first.key[0]) + 1}};
    build(&made[3], &first, 1, PLAIT_ACK, 1, 1, &o, NULL, 0);
    uint32_t nonce[2] = {n * 40503u + 7, n * 48271u + 11};
    o = (struct plait_mptcp_option){.subtype = PLAIT_MP_JOIN,
                                    .join = {.form = PLAIT_JOIN_SYN,
                                             .addr_id = 1,
                                             .token = m->token(first.key[1]),
                                             .nonce = nonce[0]}};
    build(&made[4], &second, 0, PLAIT_SYN, 0, 0, &o, NULL, 0);
    o.join = (struct plait_mp_join){.form = PLAIT_JOIN_SYN_ACK, .nonce = nonce[1]};
    m->join_proof(first.key[1], first.key[0], nonce[1], nonce[0], o.join.hmac);
    build(&made[5], &second, 1, PLAIT_SYN | PLAIT_ACK, 0, 1, &o, NULL, 0);
    o.join = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
    m->join_proof(first.key[0], first.key[1], nonce[0], nonce[1], o.join.hmac);
    build(&made[6], &second, 0, PLAIT_ACK, 1, 1, &o, NULL, 0);
}

/* ---- bulk ----------------------------------------------------------------------------------- */

/* One connection sends on two subflows in turn; RING packets are built, then given, then built
 * again, so that caches are as a capture leaves them. */
#define RING 4096u

struct stream {
    struct flow flow[2];
    uint32_t seq[2];
    uint64_t offset;
};

static void make_data(struct stream *s, struct made *made, unsigned n, const uint8_t *payload)
{
    unsigned subflow = n / 8 % 2;
    const struct flow *f = &s->flow[subflow];
    struct plait_mptcp_option o = {
        .subtype = PLAIT_DSS,
        .dss = {.has_ack = true,
                .data_ack = (uint32_t)plait_mechanism_v1.idsn(s->flow[0].key[0]) + 1,
                .has_map = true,
                .dsn_is_64 = true,
                .dsn = plait_mechanism_v1.idsn(s->flow[0].key[1]) + 1 + s->offset,
                .ssn = s->seq[subflow],
                .data_length = SEGMENT_OCTETS}};
    build(made, f, 1, PLAIT_ACK, s->seq[subflow], 1, &o, payload, SEGMENT_OCTETS);
    s->seq[subflow] += SEGMENT_OCTETS;
    s->offset += SEGMENT_OCTETS;
}

static void bench_bulk(void)
{
    struct bench b = bench_new();
    struct made opening[PACKETS_OF_ONE];
    struct made *ring = malloc(RING * sizeof *ring);
    uint8_t payload[SEGMENT_OCTETS];
    struct stream s = {.flow = {flow(1, 0), flow(1, 1)}, .seq = {1, 1}};
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
