/* bench/endpoint/forge.c: builds the SYNs through wire/ and hands them over. */
#include "bench/endpoint/forge.h"

#include "base/panic.h"
#include "wire/tcp.h"

static struct plait_segment segment_of(uint32_t n)
{
    struct plait_place to = plait_bench_place(BENCH_SERVER, 0, BENCH_PORT);
    return (struct plait_segment){
        .ip = {.src = {.octets = {198, 19, (uint8_t)(n >> 8), (uint8_t)n}, .family = PLAIT_IPV4},
               .dst = to.addr,
               .protocol = PLAIT_PROTOCOL_TCP,
               .ttl = 64},
        .src_port = (uint16_t)(1024 + (n >> 16) % 60000),
        .dst_port = to.port,
        .flags = PLAIT_SYN,
        .seq = n * 2654435761u,
        .window = 65535,
        .options = {.has_mss = true, .mss = 1460}};
}

static void hand_over(struct bench_pair *p, const struct plait_segment *segment)
{
    uint8_t octets[128];
    size_t length;
    PLAIT_CHECK(plait_ok(plait_segment_build(segment, octets, sizeof octets, &length)));
    plait_host_input(p->hosts[BENCH_SERVER], p->now, octets, length, NULL);
}

void plait_bench_syn(struct bench_pair *p, uint32_t n)
{
    struct plait_segment segment = segment_of(n);
    hand_over(p, &segment);
}

void plait_bench_join_syn(struct bench_pair *p, uint32_t n, uint32_t token)
{
    struct plait_segment segment = segment_of(n);
    segment.mptcp_count = 1;
    segment.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_JOIN,
        .join = {.form = PLAIT_JOIN_SYN, .addr_id = 9, .token = token, .nonce = n}};
    hand_over(p, &segment);
}
