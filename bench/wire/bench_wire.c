/* bench-wire: ns per packet parsed and built, per checksum and per proof.
 *
 * Each number is the best of several rounds, so that a busy machine disturbs little.  Peers: a copy
 * of the packet's octets; the checksum 16 bits at a time, the plain way of RFC 1071; libcrypto's
 * HMAC in one call.  May touch: standard output and the monotonic clock. */
#include <openssl/hmac.h>
#include <string.h>

#include "base/panic.h"
#include "bench/table.h"
#include "crypto/digest.h"
#include "mechanism/mechanism.h"
#include "wire/checksum.h"
#include "wire/tcp.h"

enum { PAYLOAD_OCTETS = 1400, SUM_OCTETS = 1456, ROUNDS = 7, CALLS = 100000 };

static uint8_t data[2048], room[2048];

struct packet {
    const char *name;
    struct plait_segment segment;
    uint8_t octets[2048];
    size_t length;
};

/* ---- packets ---- */

static struct plait_segment bare(void)
{
    struct plait_segment s = {
        .ip = {.ttl = 64},
        .src_port = 40000,
        .dst_port = 80,
        .flags = PLAIT_ACK,
        .window = 512,
        .options = {.has_timestamps = true, .timestamp = 1, .timestamp_echo = 2},
    };
    PLAIT_CHECK(plait_ok(plait_addr_parse("198.18.1.1", &s.ip.src)));
    PLAIT_CHECK(plait_ok(plait_addr_parse("198.18.2.1", &s.ip.dst)));
    return s;
}

static struct plait_segment with_option(const struct plait_mptcp_option *option,
                                        size_t payload_octets)
{
    struct plait_segment s = bare();
    s.mptcp_count = 1;
    s.mptcp[0] = *option;
    s.payload = data;
    s.payload_octets = payload_octets;
    return s;
}

static void set_packets(struct packet packets[4])
{
    struct plait_mptcp_option ack = {.subtype = PLAIT_DSS,
                                     .dss = {.has_ack = true, .ack_is_64 = true}};
    struct plait_mptcp_option map = {
        .subtype = PLAIT_DSS,
        .dss = {
            .has_ack = true, .has_map = true, .dsn_is_64 = true, .data_length = PAYLOAD_OCTETS}};
    struct plait_mptcp_option join = {.subtype = PLAIT_MP_JOIN, .join = {.form = PLAIT_JOIN_SYN}};
    packets[0] = (struct packet){.name = "ACK", .segment = bare()};
    packets[1] = (struct packet){.name = "ACK, DSS", .segment = with_option(&ack, 0)};
    packets[2] =
        (struct packet){.name = "1400 octets, DSS", .segment = with_option(&map, PAYLOAD_OCTETS)};
    packets[3] = (struct packet){.name = "SYN, MP_JOIN", .segment = with_option(&join, 0)};
    packets[3].segment.flags = PLAIT_SYN;
    for (size_t i = 0; i < 4; i++)
        PLAIT_CHECK(plait_ok(plait_segment_build(&packets[i].segment, packets[i].octets,
                                                 sizeof packets[i].octets, &packets[i].length)));
}

/* ---- what is measured ---- */

static volatile uint64_t sink; /* results go here so that no call is dropped */

static void parse(const void *context)
{
    const struct packet *p = context;
    struct plait_segment s;
    sink += plait_segment_parse(p->octets, p->length, &s).reason + s.seq;
}

static void parse_unsummed(const void *context)
{
    const struct packet *p = context;
    struct plait_segment s;
    sink += plait_segment_parse_unsummed(p->octets, p->length, &s).reason + s.seq;
}

static void build(const void *context)
{
    const struct packet *p = context;
    size_t length = 0;
    sink += plait_segment_build(&p->segment, room, sizeof room, &length).reason + length;
}

static void sum(const void *context)
{
    sink += plait_sum_finish(plait_sum_add(0, context, SUM_OCTETS));
}

static void sum_and_copy(const void *context)
{
    sink += plait_sum_finish(plait_sum_copy(0, room, context, SUM_OCTETS));
}

static void copy(const void *context)
{
    memcpy(room, context, SUM_OCTETS);
    sink += room[sink % SUM_OCTETS];
}

static void copy_packet(const void *context)
{
    const struct packet *p = context;
    memcpy(room, p->octets, p->length);
    sink += room[sink % p->length];
}

static void sum_plainly(const void *context)
{
    const uint8_t *octets = context;
    uint32_t total = 0;
    for (size_t i = 0; i < SUM_OCTETS; i += 2)
        total += (uint32_t)(octets[i] << 8 | octets[i + 1]);
    sink += total;
}

static void join_proof(const void *context)
{
    const struct plait_mechanism *mechanism = context;
    uint8_t proof[PLAIT_JOIN_HMAC_OCTETS];
    mechanism->join_proof(sink, 2, 3, 4, proof);
    sink += proof[0];
}

static void hmac_in_one_call(const void *context)
{
    uint8_t key[16] = {0}, nonces[8] = {0}, mac[EVP_MAX_MD_SIZE];
    key[0] = (uint8_t)sink;
    PLAIT_CHECK(HMAC(context, key, sizeof key, nonces, sizeof nonces, mac, NULL) != NULL);
    sink += mac[0];
}

/* ---- measuring ---- */

static double ns_per_call(void (*call)(const void *), const void *context)
{
    plait_time_ns best = PLAIT_NEVER;
    for (int round = 0; round < ROUNDS; round++) {
        plait_time_ns start = bench_now_ns();
        for (int i = 0; i < CALLS; i++)
            call(context);
        best = plait_earlier(best, bench_now_ns() - start);
    }
    return (double)best / CALLS;
}

static void bench_packets(void)
{
    static const char *const columns[] = {"parse", "without sum", "build", NULL};
    static struct packet packets[4];
    set_packets(packets);
    bench_head("wire: ns a packet, x copying it", columns);
    for (size_t i = 0; i < 4; i++) {
        double copied_ns = ns_per_call(copy_packet, &packets[i]);
        double parsed_ns = ns_per_call(parse, &packets[i]);
        double unsummed_ns = ns_per_call(parse_unsummed, &packets[i]);
        double built_ns = ns_per_call(build, &packets[i]);
        bench_name(packets[i].name);
        bench_cell(parsed_ns, parsed_ns / copied_ns);
        bench_cell(unsummed_ns, unsummed_ns / copied_ns);
        bench_cell(built_ns, built_ns / copied_ns);
        bench_end();
    }
}

static void bench_sums(void)
{
    static const char *const columns[] = {"sum", "sum and copy", "copy alone", NULL};
    double plain_ns = ns_per_call(sum_plainly, data), sum_ns = ns_per_call(sum, data);
    double fused_ns = ns_per_call(sum_and_copy, data), copied_ns = ns_per_call(copy, data);
    bench_head("wire: ns, x summing 16 bits a time", columns);
    bench_name("1456 octets");
    bench_cell(sum_ns, sum_ns / plain_ns);
    bench_cell(fused_ns, fused_ns / plain_ns);
    bench_cell(copied_ns, copied_ns / plain_ns);
    bench_end();
}

static void bench_proofs(void)
{
    static const char *const columns[] = {"v0, SHA-1", "v1, SHA-256", NULL};
    double v0_ns = ns_per_call(join_proof, &plait_mechanism_v0);
    double v1_ns = ns_per_call(join_proof, &plait_mechanism_v1);
    bench_head("mechanism: ns, x HMAC in one call", columns);
    bench_name("proof of a join");
    bench_cell(v0_ns, v0_ns / ns_per_call(hmac_in_one_call, EVP_sha1()));
    bench_cell(v1_ns, v1_ns / ns_per_call(hmac_in_one_call, EVP_sha256()));
    bench_end();
}

int main(void)
{
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 31);
    bench_packets();
    bench_sums();
    bench_proofs();
    return 0;
}
