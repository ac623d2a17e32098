/* lab/target.h: what an end of a run is. */
#ifndef PLAIT_LAB_TARGET_H
#define PLAIT_LAB_TARGET_H

enum plait_target {
    PLAIT_TARGET_LINUX, /* a namespace of this machine's kernel */
    PLAIT_TARGET_PLAIT  /* our own endpoint */
};

/* "linux", "plait": as options and documents call it. */
const char *plait_target_name(enum plait_target target);

#endif
