/* bench/live/bench_live.c: what it costs to set up, lock in and end a live run.
 *
 * A run has two hosts with two interfaces and an agent each; beside it, in the same run, a sandbox
 * that does nothing.  Medians.  May touch: sandboxes of its own, standard output, the clock. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "live/live.h"
#include "live/sandbox.h"

#define RUNS    15
#define AT_ONCE 16

enum stage { START, HOSTS, AGENTS, ANSWERS, LOCK, CHECK, END, STAGES };
static const char *const names[STAGES] = {
    "sandbox", "2 hosts, 4 links", "2 agents started", "2 answers",
    "lock",    "2 checks",         "end, awaited"};

struct run {
    enum plait_device device;
    bool is_empty;
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool add_links(struct plait_live_host *host)
{
    struct plait_port port;
    struct plait_live_interface link = {.name = "path1", .addr_count = 1, .prefix_bits = {24}};
    link.addrs[0] = (struct plait_addr){{198, 18, 1, 1}, PLAIT_IPV4};
    if (!plait_ok(plait_live_add_interface(host, &link, &port)))
        return false;
    link.name = "path2";
    link.addrs[0].octets[2] = 2;
    return plait_ok(plait_live_add_interface(host, &link, &port));
}

static bool is_good(enum stage stage, struct plait_live *live, struct plait_live_host **host)
{
    char answer[4096];
    switch (stage) {
    case HOSTS:
        return plait_ok(plait_live_host_new(live, "host", host)) && add_links(*host);
    case AGENTS:
        return plait_ok(plait_live_agent_start(*host));
    case ANSWERS:
        return plait_ok(plait_live_agent_ask(*host, answer, sizeof answer, "read net/sockstat"));
    default:
        return plait_ok(plait_live_check(*host));
    }
}

static int body(void *argument, int report_fd)
{
    const struct run *run = argument;
    double at_ms[STAGES] = {0};
    struct plait_live_host *hosts[2];
    struct plait_live *live = run->is_empty ? NULL : plait_live_new(run->device, false, NULL);
    for (enum stage stage = HOSTS; live != NULL && stage <= CHECK; stage++) {
        double before_ms = now_ms();
        bool good = stage == LOCK
                        ? plait_ok(plait_sandbox_lock())
                        : is_good(stage, live, &hosts[0]) && is_good(stage, live, &hosts[1]);
        if (!good) {
            fprintf(stderr, "bench-live: %s: %s\n", names[stage], plait_live_error(live));
            return 1;
        }
        at_ms[stage] = now_ms() - before_ms;
    }
    return write(report_fd, at_ms, sizeof at_ms) == sizeof at_ms ? 0 : 1;
}

static bool measure(struct run *run, double taken_ms[STAGES])
{
    struct plait_sandbox sandbox;
    double before_ms = now_ms();
    if (!plait_ok(plait_sandbox_start(&sandbox, body, run)))
        return false;
    double started_ms = now_ms();
    bool good = read(sandbox.report_fd, taken_ms, STAGES * sizeof *taken_ms) ==
                (ssize_t)(STAGES * sizeof *taken_ms);
    double ended_ms = now_ms();
    plait_sandbox_kill(&sandbox);
    close(sandbox.report_fd);
    taken_ms[START] = started_ms - before_ms;
    taken_ms[END] = now_ms() - ended_ms;
    return good;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool print_medians(const char *title, struct run *run)
{
    double taken_ms[STAGES][RUNS], one[STAGES];
    for (int i = 0; i < RUNS; i++) {
        if (!measure(run, one))
            return false;
        for (int stage = 0; stage < STAGES; stage++)
            taken_ms[stage][i] = one[stage];
    }
    printf("%s\n", title);
    for (int stage = 0; stage < STAGES; stage++) {
        qsort(taken_ms[stage], RUNS, sizeof taken_ms[stage][0], compare);
        if (taken_ms[stage][RUNS / 2] > 0)
            printf("  %-18s %8.2f ms\n", names[stage], taken_ms[stage][RUNS / 2]);
    }
    return true;
}

static bool print_at_once(struct run *run)
{
    struct plait_sandbox sandboxes[AT_ONCE];
    double before_ms = now_ms();
    for (int i = 0; i < AT_ONCE; i++)
        if (!plait_ok(plait_sandbox_start(&sandboxes[i], body, run)))
            return false;
    for (int i = 0; i < AT_ONCE; i++) {
        (void)plait_sandbox_wait(&sandboxes[i]);
        close(sandboxes[i].report_fd);
    }
    printf("  %d at once, ends awaited: %.2f ms a run\n", AT_ONCE,
           (now_ms() - before_ms) / AT_ONCE);
    return true;
}

int main(void)
{
    struct run empty = {PLAIT_DEVICE_VETH, true}, tun = {PLAIT_DEVICE_TUN, false},
               veth = {PLAIT_DEVICE_VETH, false};
    bool has_tun = access("/dev/net/tun", R_OK | W_OK) == 0;
    bool good = print_medians("empty", &empty) && print_at_once(&empty) &&
                (!has_tun || (print_medians("TUN", &tun) && print_at_once(&tun))) &&
                print_medians("veth", &veth) && print_at_once(&veth);
    return good ? 0 : 1;
}
