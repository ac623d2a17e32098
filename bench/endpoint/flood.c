/* bench/endpoint/flood.c: a host under a flood of SYNs and of MP_JOIN SYNs while it receives a
 * stream (N03, N17, N45).
 *
 * Sources are spoofed and never answer; half of the joins know the connection's token.  What must
 * hold is judged, not timed: the stream arrives whole, and the host's memory does not grow with the
 * flood.  May touch: standard output. */
#include "base/panic.h"
#include "bench/endpoint/endpoint.h"
#include "bench/endpoint/forge.h"

enum { BURST = 32 };
#define STREAM_OCTETS 1000 /* for each packet of the flood */

struct flood {
    const char *name;
    bool joins;
    double seconds;    /* of the processor, for flood and stream */
    size_t used_early; /* after a tenth of it */
    size_t used_at_end;
    size_t limit;
    struct bench_carried carried;
    uint64_t limited, cookies; /* refused at the limit; answered without state */
};

static void send_burst(struct bench_pair *p, const struct flood *f, uint32_t token, uint64_t from)
{
    for (uint32_t n = (uint32_t)from; n < from + BURST; n++) {
        if (f->joins)
            plait_bench_join_syn(p, n, n % 2 ? token : token ^ n);
        else
            plait_bench_syn(p, n);
    }
    plait_bench_pair_move(p);
}

static void play(struct flood *f, uint64_t packets)
{
    static struct bench_pair pair;
    struct plait_connection *ends[BENCH_ENDS];
    const struct plait_host_config config = {0};
    plait_bench_pair_open(&pair, &config);
    plait_bench_pair_connect(&pair, 2, ends);
    uint32_t token = plait_connection_status(ends[BENCH_SERVER]).own_token;
    f->carried = (struct bench_carried){.octets = packets * STREAM_OCTETS, .is_judged = true};
    f->limit = pair.memory_octets[BENCH_SERVER];
    plait_time_ns start = plait_bench_processor_ns();
    for (uint64_t sent = 0; sent < packets; sent += BURST) {
        send_burst(&pair, f, token, sent);
        /* The stream lasts as long as the flood. */
        if (f->carried.received <= sent * STREAM_OCTETS)
            (void)plait_bench_pair_carry(&pair, ends, &f->carried);
        else
            plait_bench_pair_pass(&pair, 10000);
        if (sent < packets / 10)
            f->used_early = plait_host_used(pair.hosts[BENCH_SERVER]);
    }
    while (plait_bench_pair_carry(&pair, ends, &f->carried))
        ;
    f->seconds = (double)(plait_bench_processor_ns() - start) / 1e9;
    f->used_at_end = plait_host_used(pair.hosts[BENCH_SERVER]);
    const struct plait_host_counters *counters = plait_host_counters(pair.hosts[BENCH_SERVER]);
    f->limited = counters->count[PLAIT_COUNT_REQUESTS_LIMIT] +
                 counters->count[PLAIT_COUNT_JOIN_LIMIT] +
                 counters->count[PLAIT_COUNT_JOIN_NO_TOKEN];
    f->cookies = counters->count[PLAIT_COUNT_COOKIES_SENT];
    plait_bench_pair_close(&pair);
}

static bool judge(const struct flood *f, uint64_t packets)
{
    bool grew = f->used_at_end > f->used_early, wrong = f->carried.wrong != 0;
    /* Nearly all of it must have met a limit, or the flood was none. */
    bool missed = f->limited + f->cookies < packets / 2;
    if (grew)
        printf("  WRONG: %s: memory grew from %zu to %zu octets\n", f->name, f->used_early,
               f->used_at_end);
    if (f->used_at_end > f->limit)
        printf("  WRONG: %s: %zu octets of %zu\n", f->name, f->used_at_end, f->limit);
    if (wrong)
        printf("  WRONG: %s: octets that are not what was written\n", f->name);
    if (missed)
        printf("  WRONG: %s: of %llu packets %llu met a limit\n", f->name,
               (unsigned long long)packets, (unsigned long long)(f->limited + f->cookies));
    return !grew && f->used_at_end <= f->limit && !wrong && !missed;
}

bool plait_bench_floods(uint64_t packets)
{
    static const char *const columns[] = {"1000 packets/s", "MB of memory", NULL};
    struct flood floods[] = {{.name = "SYNs"}, {.name = "MP_JOIN SYNs", .joins = true}};
    bool right = true;
    bench_head("endpoint: under a flood, x the limit", columns);
    for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
        struct flood *f = &floods[i];
        play(f, packets);
        bench_name(f->name);
        printf(" %9.0f %-7s", (double)packets * 1e-3 / f->seconds, "");
        bench_cell((double)f->used_at_end / 1e6, (double)f->used_at_end / (double)f->limit);
        bench_end();
        right = judge(f, packets) && right;
    }
    return right;
}
