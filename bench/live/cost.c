/* bench/live/cost.c: sandboxes that are set up, locked in, and end.  May touch: these sandboxes. */
#include "bench/live/cost.h"

#include <stdio.h>
#include <unistd.h>

#include "bench/table.h"
#include "live/sandbox.h"

/* Reports an empty text when ready, or what failed. */
static int body(void *medium, int report_fd)
{
    static struct bench_hosts b;
    char error[200] = "";
    if (medium != NULL && !plait_ok(plait_bench_hosts_open(&b, medium)))
        snprintf(error, sizeof error, "%s", plait_live_error(b.live));
    else if (medium != NULL && !plait_ok(plait_sandbox_lock()))
        snprintf(error, sizeof error, "the run could not be locked in");
    return write(report_fd, error, sizeof error) == sizeof error ? 0 : 1;
}

static void await_ready(struct plait_sandbox *sandbox, struct bench_cost *cost)
{
    char error[sizeof cost->error];
    if (read(sandbox->report_fd, error, sizeof error) != sizeof error)
        snprintf(cost->error, sizeof cost->error, "the run died");
    else if (error[0] != '\0')
        snprintf(cost->error, sizeof cost->error, "%s", error);
    close(sandbox->report_fd);
}

void plait_bench_cost(const struct bench_medium *medium, unsigned runs, struct bench_cost *cost)
{
    struct plait_sandbox sandboxes[BENCH_RUNS_MAX];
    unsigned started = 0;
    *cost = (struct bench_cost){0};
    plait_time_ns start_ns = bench_now_ns();
    for (; started < runs; started++)
        if (!plait_ok(plait_sandbox_start(&sandboxes[started], body, (void *)medium)))
            break;
    if (started < runs)
        snprintf(cost->error, sizeof cost->error, "no sandbox");
    for (unsigned i = 0; i < started; i++)
        await_ready(&sandboxes[i], cost);
    plait_time_ns ready_ns = bench_now_ns();
    for (unsigned i = 0; i < started; i++)
        plait_sandbox_wait(&sandboxes[i]);
    plait_time_ns gone_ns = bench_now_ns();
    cost->ready_ms = (double)(ready_ns - start_ns) / 1e6;
    cost->gone_ms = (double)(gone_ns - ready_ns) / 1e6;
}
