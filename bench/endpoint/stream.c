/* bench/endpoint/stream.c: what a stream through two hosts reaches, in memory and on one core.
 *
 * The sender's application copies in, the receiver's copies out: with the copies into the packet
 * and into the receive queue each octet is copied four times.  May touch: standard output, clocks.
 */
#include <string.h>

#include "base/panic.h"
#include "bench/endpoint/endpoint.h"
#include "bench/endpoint/pair.h"

enum { ROUNDS = 5, PIECE = 1 << 16, KINDS = 3 };

struct load {
    const char *name;
    uint64_t octets;
    uint32_t super_octets;
    uint16_t mtu_octets;
    bool checksum;
};

static const struct load loads[] = {
    {"super-segments of 64,000", (uint64_t)1 << 30, 64000, 1500, false},
    {"... DSS checksums", (uint64_t)1 << 30, 64000, 1500, true},
    {"segments of 1460 (MTU 1512)", (uint64_t)256 << 20, 0, 1512, false},
};
enum { LOADS = sizeof loads / sizeof loads[0] };

static const struct {
    const char *name;
    bool tcp_only;
    unsigned subflows;
} kinds[KINDS] = {
    {"TCP", true, 1}, {"MPTCP, 1 subflow", false, 1}, {"MPTCP, 2 subflows", false, 2}};

struct result {
    double seconds, segments;
    uint64_t wrong; /* octets that are not what was written there */
};

static void carry(struct bench_pair *p, struct plait_connection *ends[], uint64_t octets,
                  uint64_t *wrong)
{
    struct bench_carried carried = {.octets = octets, .is_judged = wrong != NULL};
    while (plait_bench_pair_carry(p, ends, &carried))
        ;
    if (wrong)
        *wrong += carried.wrong;
}

static struct result transfer(const struct load *load, int kind)
{
    static struct bench_pair pair;
    struct plait_connection *ends[BENCH_ENDS];
    struct result result = {0};
    const struct plait_host_config config = {.options = {.tcp_only = kinds[kind].tcp_only,
                                                         .checksum = load->checksum,
                                                         .send_limit_octets = 1 << 19,
                                                         .receive_limit_octets = 1 << 19},
                                             .limits = {.chunk_octets = 1 << 16},
                                             .mtu_octets = load->mtu_octets,
                                             .super_octets = load->super_octets};
    plait_bench_pair_open(&pair, &config);
    plait_bench_pair_connect(&pair, kinds[kind].subflows, ends);
    carry(&pair, ends, 64 << 20, &result.wrong); /* windows open, pages come */
    uint64_t packets = pair.packets[BENCH_CLIENT];
    plait_time_ns start = plait_bench_processor_ns();
    carry(&pair, ends, load->octets, NULL);
    result.seconds = (double)(plait_bench_processor_ns() - start) / 1e9;
    result.segments = (double)(pair.packets[BENCH_CLIENT] - packets);
    plait_bench_pair_close(&pair);
    return result;
}

static double copies(uint64_t octets)
{
    static uint8_t one[PIECE], other[PIECE];
    plait_time_ns start = plait_bench_processor_ns();
    for (uint64_t done = 0; done < octets; done += PIECE)
        for (int i = 0; i < 4; i++) {
            memcpy(i % 2 ? one : other, i % 2 ? other : one, PIECE);
            __asm__ volatile("" ::: "memory");
        }
    return (double)(plait_bench_processor_ns() - start) / 1e9;
}

static void print(const char *title, struct result best[LOADS][KINDS], const double *yardstick,
                  bool segments)
{
    const char *columns[KINDS + 1] = {kinds[0].name, kinds[1].name, kinds[2].name, NULL};
    bench_head(title, columns);
    for (size_t l = 0; l < LOADS; l++) {
        bench_name(loads[l].name);
        for (int k = 0; k < KINDS; k++) {
            const struct result *r = &best[l][k], *tcp = &best[l][0];
            if (segments)
                bench_cell(r->segments * 1e-3 / r->seconds,
                           r->segments / r->seconds * tcp->seconds / tcp->segments);
            else
                bench_cell((double)loads[l].octets * 8e-9 / r->seconds, yardstick[l] / r->seconds);
        }
        bench_end();
    }
}

bool plait_bench_streams(void)
{
    static struct result best[LOADS][KINDS];
    double yardstick[LOADS];
    uint64_t wrong = 0;
    for (size_t l = 0; l < LOADS; l++) {
        yardstick[l] = 1e9;
        for (int round = 0; round < ROUNDS; round++) {
            double copied = copies(loads[l].octets);
            yardstick[l] = copied < yardstick[l] ? copied : yardstick[l];
            for (int k = 0; k < KINDS; k++) {
                struct result r = transfer(&loads[l], k);
                wrong += r.wrong;
                if (round == 0 || r.seconds < best[l][k].seconds)
                    best[l][k] = r;
            }
        }
    }
    print("endpoint: Gbit/s, x copying 4 times", best, yardstick, false);
    print("endpoint: 1000 segments/s, x TCP", best, yardstick, true);
    if (wrong)
        printf("  WRONG: %llu octets are not what was written\n", (unsigned long long)wrong);
    return wrong == 0;
}
