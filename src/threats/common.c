/* threats/common.c: words that several scripts share. */
#include "threats/common.h"

struct plait_place plait_victim_door(const struct plait_attack *a)
{
    if (plait_victim(a) == PLAIT_SERVER)
        return plait_service(a);
    return (struct plait_place){plait_addr_of(a, PLAIT_CLIENT), plait_client_port(a)};
}

bool plait_overhear_keys(struct plait_attack *a)
{
    plait_step(a, "listens to the first handshake");
    plait_take_position(a);
    if (plait_knows_keys(a))
        return true;
    plait_refused(a, "no keys were shown");
    return false;
}
