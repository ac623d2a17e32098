/* sensor/community_id.h: the community ID (version 1) of a flow, by which other tools' records of
 * the same flow are found.  May touch: nothing but its arguments. */
#ifndef PLAIT_SENSOR_COMMUNITY_ID_H
#define PLAIT_SENSOR_COMMUNITY_ID_H

#include "wire/addr.h"

#define PLAIT_COMMUNITY_ID_OCTETS 32

/* "1:LQU9qZlK+B5F3KDmev6m5PMibrg="; the same for both directions of a TCP flow.  Seed 0. */
const char *plait_community_id(const struct plait_place *a, const struct plait_place *b,
                               char text[PLAIT_COMMUNITY_ID_OCTETS]);

#endif
