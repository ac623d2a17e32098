/* bench-live: what the lab's net costs a transfer between two namespaces of this kernel, and what a
 * run costs that transfers nothing.
 *
 * The yardstick of a transfer is the same one over a plain veth pair, with no lab in between; media
 * take turns, round by round, and a ratio is the median of the ratios within the rounds.  What this
 * machine lacks is skipped with one line.  Octets that the sender never wrote are an error, times
 * are not.  May touch: sandboxes, standard output. */
#include <string.h>

#include "bench/live/cost.h"
#include "bench/live/transfer.h"
#include "bench/table.h"

enum { ROUNDS = 5 };
#define TRANSFERS_MAX_NS (27 * PLAIT_S) /* no round begins later */

enum { VETH_PAIR, TUN, TUN_OFFLOAD, VETH, VETH_OFFLOAD, MEDIA };

static const struct bench_medium media[MEDIA] = {
    [VETH_PAIR] = {"veth pair, no lab", PLAIT_DEVICE_VETH, false, true},
    [TUN] = {"TUN", PLAIT_DEVICE_TUN, false, false},
    [TUN_OFFLOAD] = {"TUN, offload", PLAIT_DEVICE_TUN, true, false},
    [VETH] = {"veth + AF_PACKET", PLAIT_DEVICE_VETH, false, false},
    [VETH_OFFLOAD] = {"veth + AF_PACKET, offload", PLAIT_DEVICE_VETH, true, false},
};

/* ---- transfers ------------------------------------------------------------------------------- */

static struct bench_transfer transfers[MEDIA][ROUNDS];
static int rounds; /* done so far */

typedef double (*aspect_fn)(const struct bench_transfer *transfer, int protocol);

static double gigabits_per_s(const struct bench_transfer *transfer, int protocol)
{
    return transfer->of[protocol].octets_per_s * 8 / 1e9;
}

static double kiloframes_per_s(const struct bench_transfer *transfer, int protocol)
{
    return transfer->of[protocol].frames_per_s / 1e3;
}

/* Both medians are over the rounds in which MEDIUM and PEER got through. */
static void print_cell(aspect_fn aspect, int medium, int peer, int protocol)
{
    double values[ROUNDS], ratios[ROUNDS];
    size_t count = 0;
    for (int round = 0; round < rounds; round++) {
        const struct bench_transfer *t = &transfers[medium][round], *p = &transfers[peer][round];
        if (!t->of[protocol].done || !p->of[protocol].done)
            continue;
        values[count] = aspect(t, protocol);
        ratios[count++] = aspect(t, protocol) / aspect(p, protocol);
    }
    if (count > 0)
        bench_cell(bench_median(values, count), bench_median(ratios, count));
    else
        bench_none();
}

static void print_media(const char *title, aspect_fn aspect, int peer)
{
    const char *columns[BENCH_PROTOCOLS + 1] = {NULL};
    for (int i = 0; i < BENCH_PROTOCOLS; i++)
        columns[i] = plait_bench_protocols[i].name;
    bench_head(title, columns);
    for (int medium = peer; medium < MEDIA; medium++) {
        bench_name(media[medium].name);
        for (int protocol = 0; protocol < BENCH_PROTOCOLS; protocol++)
            print_cell(aspect, medium, peer, protocol);
        bench_end();
    }
}

/* Why rounds of MEDIUM are missing, and what disturbed others; counts foreign octets. */
static void print_notes(int medium, uint64_t *foreign)
{
    const char *error = NULL;
    unsigned missing = 0;
    uint64_t dropped = 0;
    for (int round = 0; round < rounds; round++) {
        const struct bench_transfer *t = &transfers[medium][round];
        if (t->error[0] != '\0') {
            error = t->error;
            missing++;
        }
        dropped += t->dropped;
        *foreign += t->foreign;
    }
    if (error != NULL)
        printf("  %s: skipped in %u of %d rounds: %s\n", media[medium].name, missing, rounds,
               error);
    if (dropped > 0)
        printf("  %s: the lab was too slow for %llu frames\n", media[medium].name,
               (unsigned long long)dropped);
}

/* False if octets arrived that nobody wrote. */
static bool bench_transfers(void)
{
    uint64_t foreign = 0;
    plait_time_ns until_ns = bench_now_ns() + TRANSFERS_MAX_NS;
    for (; rounds < ROUNDS && bench_now_ns() < until_ns; rounds++)
        for (int medium = 0; medium < MEDIA; medium++)
            plait_bench_transfer(&media[medium], &transfers[medium][rounds]);
    bool has_tun = transfers[TUN][0].of[0].done;
    print_media("live: Gbit/s, x the veth pair", gigabits_per_s, VETH_PAIR);
    print_media(has_tun ? "live: 1000 frames/s, x TUN" : "live: 1000 frames/s, x AF_PACKET",
                kiloframes_per_s, has_tun ? TUN : VETH);
    for (int medium = 0; medium < MEDIA; medium++)
        print_notes(medium, &foreign);
    if (foreign > 0)
        printf("  WRONG: %llu octets arrived that the sender never wrote\n",
               (unsigned long long)foreign);
    return foreign == 0;
}

/* ---- costs ----------------------------------------------------------------------------------- */

enum { EMPTY, COSTS = 5 };
enum part { SET_UP, REMOVAL, BOTH, PARTS };

static const struct {
    const char *name;
    const struct bench_medium *medium;
    unsigned runs;
} costs[COSTS] = {
    [EMPTY] = {"an empty sandbox", NULL, 1},
    {"TUN", &media[TUN], 1},
    {"veth + AF_PACKET", &media[VETH], 1},
    {"TUN, 16 at once", &media[TUN], 16},
    {"veth + AF_PACKET, 16 at once", &media[VETH], 16},
};

static double ms_a_run[COSTS][PARTS][ROUNDS];
static char cost_errors[COSTS][200];

static void measure_costs(int round)
{
    for (int i = 0; i < COSTS; i++) {
        struct bench_cost cost;
        plait_bench_cost(costs[i].medium, costs[i].runs, &cost);
        ms_a_run[i][SET_UP][round] = cost.ready_ms / costs[i].runs;
        ms_a_run[i][REMOVAL][round] = cost.gone_ms / costs[i].runs;
        ms_a_run[i][BOTH][round] = (cost.ready_ms + cost.gone_ms) / costs[i].runs;
        if (cost.error[0] != '\0')
            memcpy(cost_errors[i], cost.error, sizeof cost.error);
    }
}

static void bench_costs(void)
{
    static const char *const columns[] = {"set-up", "removal", "both", NULL};
    for (int round = 0; round < ROUNDS; round++)
        measure_costs(round);
    double empty_ms = bench_median(ms_a_run[EMPTY][BOTH], ROUNDS);
    bench_head("live: ms a run, x an empty sandbox", columns);
    for (int i = 0; i < COSTS; i++) {
        if (cost_errors[i][0] != '\0') {
            printf("  skipped: %s: %s\n", costs[i].name, cost_errors[i]);
            continue;
        }
        bench_name(costs[i].name);
        for (int part = 0; part < PARTS; part++) {
            double median_ms = bench_median(ms_a_run[i][part], ROUNDS);
            bench_cell(median_ms, median_ms / empty_ms);
        }
        bench_end();
    }
}

int main(void)
{
    bool right = bench_transfers();
    bench_costs();
    return right ? 0 : 1;
}
