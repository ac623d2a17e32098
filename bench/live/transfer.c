/* bench/live/transfer.c: an application sends as fast as its socket takes, the other reads and
 * verifies, and their own counts and clock say what was reached.  May touch: a sandbox. */
#include "bench/live/transfer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live/inside.h"
#include "live/sandbox.h"

#define SLOT_NS   (20 * PLAIT_MS)
#define WINDOW_NS (250 * PLAIT_MS)
#define LIMIT_NS  (2 * PLAIT_S)
enum { FLOWING_SLOTS = 5, SLOTS_MAX = 100 };

const struct bench_protocol plait_bench_protocols[BENCH_PROTOCOLS] = {
    {"TCP", "tcp", 1},
    {"MPTCP, 1 subflow", "mptcp", 1},
    {"MPTCP, 2 subflows", "mptcp", 2},
};

struct count {
    plait_time_ns at_ns; /* the receiver's clock */
    uint64_t received, foreign, delivered;
};

static plait_result ask(struct bench_hosts *b, int which, char answer[BENCH_ANSWER_OCTETS],
                        const char *format, ...) __attribute__((format(printf, 4, 5)));

static plait_result ask(struct bench_hosts *b, int which, char answer[BENCH_ANSWER_OCTETS],
                        const char *format, ...)
{
    char command[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    return plait_live_agent_ask(b->hosts[which], answer, BENCH_ANSWER_OCTETS, "%s", command);
}

static void run_for(struct bench_hosts *b, plait_time_ns duration_ns)
{
    plait_net_run(b->net, plait_net_now(b->net) + duration_ns, NULL, NULL);
}

/* ---- a connection ---------------------------------------------------------------------------- */

static bool is_connected(void *self)
{
    const struct bench_hosts *b = self;
    return (b->connected && b->accepted) || b->failed;
}

static bool has_failed(void *self)
{
    return ((const struct bench_hosts *)self)->failed;
}

/* With cubic, because the machine's default may pace (bbr); a namespace of an ordinary user may not
 * set it for all, but an application may choose. */
static plait_result connect_hosts(struct bench_hosts *b, const struct bench_medium *medium,
                                  unsigned which)
{
    const char *word = plait_bench_protocols[which].word;
    char answer[BENCH_ANSWER_OCTETS];
    unsigned port = 4000 + which;
    b->connected = b->accepted = b->failed = false;
    PLAIT_TRY(ask(b, BENCH_SERVER, answer, "listen s%u %s any4 %u 4 cubic", which, word, port));
    PLAIT_TRY(ask(b, BENCH_SERVER, answer, "keys s%u 1111 2222", which));
    PLAIT_TRY(ask(b, BENCH_CLIENT, answer, "connect c%u %s 198.18.1.1 0 %s %u cubic", which, word,
                  plait_bench_server(medium), port));
    PLAIT_TRY(ask(b, BENCH_CLIENT, answer, "keys c%u 2222 1111", which));
    plait_net_run(b->net, plait_net_now(b->net) + LIMIT_NS, is_connected, b);
    if (b->connected && b->accepted)
        return PLAIT_OK;
    return plait_live_fail(b->live, ETIMEDOUT, "%s: no connection", word);
}

/* The kernel joins by itself once the first data was acknowledged. */
static plait_result await_subflows(struct bench_hosts *b, unsigned which)
{
    const struct bench_protocol *protocol = &plait_bench_protocols[which];
    char answer[BENCH_ANSWER_OCTETS], wanted[64];
    snprintf(wanted, sizeof wanted, "mptcp=%d subflows=%u ", strcmp(protocol->word, "mptcp") == 0,
             protocol->subflows);
    PLAIT_TRY(ask(b, BENCH_CLIENT, answer, "send c%u 1000", which));
    for (int i = 0; i < 200; i++) {
        run_for(b, 10 * PLAIT_MS);
        PLAIT_TRY(ask(b, BENCH_SERVER, answer, "info s%u.0", which));
        if (strstr(answer, wanted) != NULL)
            return PLAIT_OK;
    }
    return plait_live_fail(b->live, ETIMEDOUT, "not %s but %.60s", wanted, answer);
}

static uint64_t field(const char *answer, const char *name)
{
    const char *at = strstr(answer, name);
    return at != NULL ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* Only the receiver is asked: a sender that never has to wait would not listen. */
static plait_result count(struct bench_hosts *b, unsigned which, struct count *c)
{
    char answer[BENCH_ANSWER_OCTETS];
    PLAIT_TRY(ask(b, BENCH_SERVER, answer, "stat s%u.0", which));
    *c = (struct count){.at_ns = (plait_time_ns)field(answer, "now_ns="),
                        .received = field(answer, " received="),
                        .foreign = field(answer, " foreign="),
                        .delivered = plait_net_counts(b->net).delivered};
    return PLAIT_OK;
}

/* Slow start may close MPTCP's window until its retransmission timer fires (seen on Linux 6.18), so
 * what is measured begins when octets have come in FLOWING_SLOTS slots in a row. */
static plait_result await_flow(struct bench_hosts *b, unsigned which, struct count *c)
{
    int flowing = 0;
    uint64_t received = 0;
    for (int i = 0; i < SLOTS_MAX && flowing < FLOWING_SLOTS; i++) {
        run_for(b, SLOT_NS);
        PLAIT_TRY(count(b, which, c));
        flowing = c->received > received ? flowing + 1 : 0;
        received = c->received;
    }
    if (flowing == FLOWING_SLOTS)
        return PLAIT_OK;
    return plait_live_fail(b->live, ETIMEDOUT, "the transfer stands still");
}

static plait_result measure(struct bench_hosts *b, unsigned which, struct bench_transfer *transfer)
{
    struct count from, to;
    char answer[BENCH_ANSWER_OCTETS];
    PLAIT_TRY(ask(b, BENCH_CLIENT, answer, "send c%u 1000000000000", which));
    PLAIT_TRY(await_flow(b, which, &from));
    run_for(b, WINDOW_NS);
    PLAIT_TRY(count(b, which, &to));
    double took_s = (double)(to.at_ns - from.at_ns) / 1e9;
    transfer->of[which].octets_per_s = (double)(to.received - from.received) / took_s;
    transfer->of[which].frames_per_s = (double)(to.delivered - from.delivered) / 2 / took_s;
    transfer->foreign += to.foreign;
    return PLAIT_OK;
}

/* The reset that the receiver's abort sends is what ends the sender. */
static plait_result disconnect(struct bench_hosts *b, unsigned which)
{
    char answer[BENCH_ANSWER_OCTETS];
    b->failed = false;
    PLAIT_TRY(ask(b, BENCH_SERVER, answer, "abort s%u.0", which));
    plait_net_run(b->net, plait_net_now(b->net) + LIMIT_NS, has_failed, b);
    PLAIT_TRY(ask(b, BENCH_CLIENT, answer, "abort c%u", which));
    return ask(b, BENCH_SERVER, answer, "close s%u", which);
}

/* ---- a run ----------------------------------------------------------------------------------- */

static plait_result set_subflows(struct bench_hosts *b, unsigned subflows)
{
    const struct plait_addr second = plait_bench_addr("198.18.2.1");
    for (int which = 0; which < BENCH_HOSTS; which++)
        PLAIT_TRY(plait_live_mptcp_limits(b->hosts[which], subflows - 1, 0));
    if (subflows == 1)
        return PLAIT_OK;
    return plait_live_mptcp_endpoint_add(b->hosts[BENCH_CLIENT], &second, 2, PLAIT_ENDPOINT_SUBFLOW,
                                         NULL);
}

static plait_result transfer_one(struct bench_hosts *b, const struct bench_medium *medium,
                                 unsigned which, struct bench_transfer *transfer)
{
    const struct bench_protocol *protocol = &plait_bench_protocols[which];
    if (strcmp(protocol->word, "mptcp") == 0)
        PLAIT_TRY(set_subflows(b, protocol->subflows));
    PLAIT_TRY(connect_hosts(b, medium, which));
    plait_result result = await_subflows(b, which);
    if (plait_ok(result))
        result = measure(b, which, transfer);
    plait_result ended = disconnect(b, which); /* or it would disturb the next */
    return plait_ok(result) ? ended : result;
}

static void note_error(struct bench_transfer *transfer, const char *protocol,
                       const struct bench_hosts *b)
{
    if (transfer->error[0] == '\0')
        snprintf(transfer->error, sizeof transfer->error, "%s%s", protocol,
                 plait_live_error(b->live));
}

static int body(void *medium, int report_fd)
{
    struct bench_hosts b;
    struct bench_transfer transfer = {0};
    bool is_open = plait_ok(plait_bench_hosts_open(&b, medium));
    if (!is_open)
        note_error(&transfer, "", &b);
    for (unsigned i = 0; is_open && i < BENCH_PROTOCOLS; i++) {
        transfer.of[i].done = plait_ok(transfer_one(&b, medium, i, &transfer));
        if (!transfer.of[i].done)
            note_error(&transfer, i == 0 ? "TCP: " : "MPTCP: ", &b);
    }
    for (int i = 0; i < BENCH_HOSTS; i++)
        if (b.hosts[i] != NULL)
            transfer.dropped += plait_live_host_dropped(b.hosts[i]);
    return write(report_fd, &transfer, sizeof transfer) == sizeof transfer ? 0 : 1;
}

void plait_bench_transfer(const struct bench_medium *medium, struct bench_transfer *transfer)
{
    struct plait_sandbox sandbox;
    *transfer = (struct bench_transfer){0};
    plait_result started = plait_sandbox_start(&sandbox, body, (void *)medium);
    if (!plait_ok(started)) {
        snprintf(transfer->error, sizeof transfer->error, "no sandbox: %s",
                 plait_reason_name(started.reason));
        return;
    }
    if (read(sandbox.report_fd, transfer, sizeof *transfer) != sizeof *transfer)
        *transfer = (struct bench_transfer){.error = "the run died"};
    close(sandbox.report_fd);
    plait_sandbox_wait(&sandbox);
}
