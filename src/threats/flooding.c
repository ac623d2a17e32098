/* threats/flooding.c: see flooding.h. */
#include "threats/flooding.h"

enum { TARGET_PORT = 33000 };

static bool is_download(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->of_connection && seen->by == PLAIT_SERVER && seen->segment.payload_octets > 0;
}

struct plait_intruder *plait_begin_flood(struct plait_attack *a)
{
    const struct plait_place target = {plait_stranger(a, 0), TARGET_PORT};
    (void)plait_await(a, is_download, NULL, 2 * PLAIT_S); /* an idle connection has none */
    plait_step(a, "joins in the target's name, and answers the check that goes there");
    return plait_knock_as(a, &target);
}
