/* bench/endpoint/endpoint.h: the parts of bench-endpoint; each prints its section, and is false if
 * something was wrong. */
#ifndef PLAIT_BENCH_ENDPOINT_ENDPOINT_H
#define PLAIT_BENCH_ENDPOINT_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

bool plait_bench_streams(void);    /* stream.c */
bool plait_bench_handshakes(void); /* handshake.c */
bool plait_bench_memory(void);     /* memory.c */
/* flood.c; PACKETS of each kind. */
bool plait_bench_floods(uint64_t packets);
bool plait_bench_kernel(void); /* kernel.c */

#endif
