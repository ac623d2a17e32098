/* bench/live/hosts.h: a client with two paths and a server, joined through net's router, or by
 * plain veth pairs with no lab in between: the yardstick.  To be called inside a sandbox. */
#ifndef PLAIT_BENCH_LIVE_HOSTS_H
#define PLAIT_BENCH_LIVE_HOSTS_H

#include "live/live.h"

enum { BENCH_CLIENT, BENCH_SERVER, BENCH_HOSTS };
enum { BENCH_PATHS = 2, BENCH_ANSWER_OCTETS = 1024 };

struct bench_medium {
    const char *name;
    enum plait_device device;
    bool offload;
    bool is_direct;
};

struct bench_hosts {
    struct plait_clock clock;
    struct plait_net *net;
    struct plait_live *live;
    struct plait_live_host *hosts[BENCH_HOSTS];
    bool connected, accepted, failed; /* what the agents have said */
};

/* Client: 198.18.1.1 and 198.18.2.1; cubic, and agents that have answered.  The error is in
 * plait_live_error. */
plait_result plait_bench_hosts_open(struct bench_hosts *b, const struct bench_medium *medium);
/* The server's address that the client dials. */
const char *plait_bench_server(const struct bench_medium *medium);
struct plait_addr plait_bench_addr(const char *text);

#endif
