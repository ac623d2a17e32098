/* threats/common.h: words that several scripts share. */
#ifndef PLAIT_THREATS_COMMON_H
#define PLAIT_THREATS_COMMON_H

#include "lab/script.h"

/* Where the victim may accept a join: the server's port or, of a client, the port it dialled from.
 */
struct plait_place plait_victim_door(const struct plait_attack *a);

#endif
