/* sensor/confine.h: a process that has what it was given, and can get nothing more (DESIGN §9).
 *
 * What opens (files, directories, interfaces) and what reads octets of strangers are two processes;
 * the latter is confined before it reads the first.  May touch: the calling process. */
#ifndef PLAIT_SENSOR_CONFINE_H
#define PLAIT_SENSOR_CONFINE_H

#include "base/result.h"

enum plait_role {
    PLAIT_ROLE_PARSER, /* reads and writes descriptors that it has; waits; memory, clock, end */
    PLAIT_ROLE_PUMP,   /* the same, and what libpcap asks of a packet socket that is open */
    PLAIT_ROLE_WRITER  /* the same as a parser, and new files beneath one directory */
};

/* No new privileges, no capabilities, no rights by Landlock, not dumpable, no core file, and only
 * the system calls of ROLE.  DIRECTORY is the writer's, -1 for others.  Whatever the kernel lacks
 * of this is UNSUPPORTED, but Landlock: without it the filter alone holds (plait_has_landlock). */
plait_result plait_confine(enum plait_role role, int directory);
/* Version of Landlock's interface; 0 where the kernel has none. */
int plait_landlock_version(void);

#endif
