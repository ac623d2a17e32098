/* lab/machine_absent.c: stands in for lab/machine_own.c while the endpoint does not link. */
#include "lab/machine_own.h"

struct plait_end_host *plait_machine_own_new(const struct plait_end_config *config)
{
    (void)config;
    return NULL;
}
