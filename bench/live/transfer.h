/* bench/live/transfer.h: what a transfer between the hosts of a medium reaches. */
#ifndef PLAIT_BENCH_LIVE_TRANSFER_H
#define PLAIT_BENCH_LIVE_TRANSFER_H

#include "bench/live/hosts.h"

struct bench_protocol {
    const char *name; /* over the column */
    const char *word; /* for the agent */
    unsigned subflows;
};

enum { BENCH_PROTOCOLS = 3 };
extern const struct bench_protocol plait_bench_protocols[BENCH_PROTOCOLS];

/* What one sandbox reports, in one write. */
struct bench_transfer {
    struct {
        double octets_per_s;
        double frames_per_s; /* through the router, both ways; 0 = there is none */
        bool done;
    } of[BENCH_PROTOCOLS];
    uint64_t foreign; /* octets that the sender never wrote there */
    uint64_t dropped; /* frames that the lab was too slow for */
    char error[200];  /* why a protocol is not done */
};

/* One sandbox: the transfer over MEDIUM, protocol by protocol. */
void plait_bench_transfer(const struct bench_medium *medium, struct bench_transfer *transfer);

#endif
