/* threats/common.c: words that several scripts share. */
#include "threats/common.h"

struct plait_place plait_victim_door(const struct plait_attack *a)
{
    if (plait_victim(a) == PLAIT_SERVER)
        return plait_service(a);
    return (struct plait_place){plait_addr_of(a, PLAIT_CLIENT), a->world->client_port};
}

struct plait_addr plait_own_addr(const struct plait_attack *a)
{
    return a->world->attacker_addr;
}

struct plait_addr plait_stranger(const struct plait_attack *a, unsigned i)
{
    return a->world->stranger_addrs[i % PLAIT_STRANGERS];
}
