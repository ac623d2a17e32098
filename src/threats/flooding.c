/* threats/flooding.c: see flooding.h. */
#include "threats/flooding.h"

enum { TARGET_PORT = 33000 };

static bool is_download(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->of_connection && seen->by == PLAIT_SERVER && seen->segment.payload_octets > 0;
}

struct plait_intruder *plait_begin_flood(struct plait_attack *a, plait_time_ns into_burst_ns)
{
    const struct plait_place target = {plait_stranger(a, 0), TARGET_PORT};
    (void)plait_await(a, is_download, NULL, 2 * PLAIT_S); /* an idle connection has none */
    plait_pause(a, into_burst_ns);
    plait_step(a, "adds the target's address to its download");
    return plait_bring_in(a, &target);
}
