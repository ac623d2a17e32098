/* sensor/process.h: the processes of a job: children that die with their parent and have nothing of
 * it but the descriptors they were given.  May touch: processes, signals, descriptors. */
#ifndef PLAIT_SENSOR_PROCESS_H
#define PLAIT_SENSOR_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "sensor/confine.h"

/* What a child does, confined; its result is its exit status.  DESCRIPTORS are open in it, and 0, 1
 * and 2. */
struct plait_child {
    enum plait_role role;
    const int *descriptors;
    unsigned descriptor_count;
    int directory; /* of a writer, one of DESCRIPTORS; else -1 */
    int (*body)(void *self);
    void *self;
};

/* Its process ID, or -1: there can be no further process.  A child that cannot be confined says so
 * and ends with status 2, before BODY. */
pid_t plait_child_start(const struct plait_child *child);
/* Waits for the end of CHILD.  Its exit status, or minus the number of the signal that ended it. */
int plait_child_wait(pid_t child);
/* True once the user wants an end (SIGINT, SIGTERM); the second time ends the process. */
bool plait_is_interrupted(void);
void plait_catch_interrupts(void);

#endif
