/* bench-endpoint: our own endpoint, in memory and beside the kernel's.
 *
 * bench-endpoint [SECTION [PACKETS]]: streams, handshakes, memory, floods (of so many packets
 * each), kernel; all without one.  Only what is wrong makes it fail: octets that nobody wrote,
 * connections that do not come about, memory above its limit. May touch: standard output, clocks,
 * sandboxes. */
#include <stdlib.h>
#include <string.h>

#include "bench/endpoint/endpoint.h"

static uint64_t flood_packets = 1000000;

static bool floods(void)
{
    return plait_bench_floods(flood_packets);
}

static const struct {
    const char *name;
    bool (*run)(void);
} sections[] = {
    {"streams", plait_bench_streams}, {"handshakes", plait_bench_handshakes},
    {"memory", plait_bench_memory},   {"floods", floods},
    {"kernel", plait_bench_kernel},
};

int main(int count, char **arguments)
{
    bool right = true;
    if (count > 2)
        flood_packets = strtoull(arguments[2], NULL, 10);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (count < 2 || strcmp(arguments[1], sections[i].name) == 0)
            right = sections[i].run() && right;
    return right ? 0 : 1;
}
