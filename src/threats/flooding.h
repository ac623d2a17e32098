/* threats/flooding.h: what the floods of RFC 6181 §5 have in common: a download, and a target. */
#ifndef PLAIT_THREATS_FLOODING_H
#define PLAIT_THREATS_FLOODING_H

#include "threats/record.h"

/* Waits until a burst of his download comes, and begins a path in the target's name. */
struct plait_intruder *plait_begin_flood(struct plait_attack *a);

/* The target as a form, the server as the source. */
#define PLAIT_FLOOD(name, who, load, play, ...)                                                    \
    {                                                                                              \
        .form = name, .position = "PART", .spoofing = true, .victim = PLAIT_SERVER,                \
        .workload = load, .paths = 1, .goals = PLAIT_GOAL_BIT(FLOOD_DATA), .script = play,         \
        .strangers = who, .witnesses = {                                                           \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
/* The smallest grant that floods a target that says nothing, and one that resets. */
#define PLAIT_FLOODS(play)                                                                         \
    PLAIT_FLOOD("silent", PLAIT_STRANGER_SILENT, PLAIT_BULK, play, PLAIT_GRANT_CHECK),             \
        PLAIT_FLOOD("absent", PLAIT_STRANGER_ABSENT, PLAIT_BULK, play, PLAIT_GRANT_CHECK),         \
        PLAIT_FLOOD("live", PLAIT_STRANGER_LIVE, PLAIT_BULK, play, PLAIT_GRANT_CHECK,              \
                    PLAIT_GRANT_CHECK | PLAIT_GRANT_SILENCE)

#endif
