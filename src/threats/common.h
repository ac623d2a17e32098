/* threats/common.h: words that several scripts share. */
#ifndef PLAIT_THREATS_COMMON_H
#define PLAIT_THREATS_COMMON_H

#include "lab/script.h"

/* Where the victim may accept a join: the server's port or, of a client, the port it dialled from. */
struct plait_place plait_victim_door(const struct plait_attack *a);
struct plait_addr plait_own_addr(const struct plait_attack *a);
/* An address where nobody lives, of a network that never spoke. */
struct plait_addr plait_stranger(const struct plait_attack *a, unsigned i);

#endif
