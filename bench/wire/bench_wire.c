/* bench-wire: ns per packet parsed, built and stripped, per checksum and per proof.
 *
 * Each row is the best of several rounds, so that a busy machine disturbs little.  The checksums
 * are also computed 16 bits at a time, the plain way of RFC 1071, and printed as a ratio.  Numbers
 * are for reading; no test asserts them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/panic.h"
#include "base/time.h"
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

static void sum_plainly(const void *context)
{
    const uint8_t *octets = context;
    uint32_t total = 0;
    for (size_t i = 0; i < SUM_OCTETS; i += 2)
        total += (uint32_t)(octets[i] << 8 | octets[i + 1]);
    sink += total;
}

static void join_proof_v0(const void *context)
{
    uint8_t proof[PLAIT_JOIN_HMAC_OCTETS];
    (void)context;
    plait_mechanism_v0.join_proof(sink, 2, 3, 4, proof);
    sink += proof[0];
}

static void join_proof_v1(const void *context)
{
    uint8_t proof[PLAIT_JOIN_HMAC_OCTETS];
    (void)context;
    plait_mechanism_v1.join_proof(sink, 2, 3, 4, proof);
    sink += proof[0];
}

/* ---- measuring ---- */

static plait_time_ns now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * PLAIT_S + t.tv_nsec;
}

static double ns_per_call(void (*call)(const void *), const void *context)
{
    plait_time_ns best = PLAIT_NEVER;
    for (int round = 0; round < ROUNDS; round++) {
        plait_time_ns start = now_ns();
        for (int i = 0; i < CALLS; i++)
            call(context);
        best = plait_earlier(best, now_ns() - start);
    }
    return (double)best / CALLS;
}

int main(void)
{
    static struct packet packets[4];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 31);
    set_packets(packets);
    printf("%-22s %8s %14s %8s   ns per packet\n", "", "parse", "without sum", "build");
    for (size_t i = 0; i < 4; i++)
        printf("%-22s %8.1f %14.1f %8.1f\n", packets[i].name, ns_per_call(parse, &packets[i]),
               ns_per_call(parse_unsummed, &packets[i]), ns_per_call(build, &packets[i]));

    double plain = ns_per_call(sum_plainly, data), ours = ns_per_call(sum, data);
    double fused = ns_per_call(sum_and_copy, data), copied = ns_per_call(copy, data);
    printf("\n%d octets               ns    of the plain sum\n", SUM_OCTETS);
    printf("%-22s %8.1f\n", "sum, 16 bits a time", plain);
    printf("%-22s %8.1f %8.2f\n", "sum", ours, ours / plain);
    printf("%-22s %8.1f %8.2f\n", "sum and copy", fused, fused / plain);
    printf("%-22s %8.1f %8.2f\n", "copy alone", copied, copied / plain);
    printf("\nproof of a join, ns    v0 %.1f, v1 %.1f\n", ns_per_call(join_proof_v0, NULL),
           ns_per_call(join_proof_v1, NULL));
    return 0;
}
