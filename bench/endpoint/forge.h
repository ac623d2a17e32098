/* bench/endpoint/forge.h: SYNs of hosts that do not exist. */
#ifndef PLAIT_BENCH_ENDPOINT_FORGE_H
#define PLAIT_BENCH_ENDPOINT_FORGE_H

#include "bench/endpoint/pair.h"

/* Hands the server a SYN from source number N (an address of 198.19.0.0/16 and a port). */
void plait_bench_syn(struct bench_pair *p, uint32_t n);
/* The same with MP_JOIN for TOKEN. */
void plait_bench_join_syn(struct bench_pair *p, uint32_t n, uint32_t token);

#endif
