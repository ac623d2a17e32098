/* threats/flooding.h: what the floods of RFC 6181 §5 have in common: a download, and a target. */
#ifndef PLAIT_THREATS_FLOODING_H
#define PLAIT_THREATS_FLOODING_H

#include "threats/record.h"

/* Waits until a burst of his download comes, and INTO_BURST_NS longer, and adds the target's
 * address to it; NULL after plait_refused. */
struct plait_intruder *plait_begin_flood(struct plait_attack *a, plait_time_ns into_burst_ns);

/* A little more than a round trip between the newcomer and the server (T-CAMP-1): what his reset
 * takes away stands again at once. */
#define PLAIT_CAMP_BEAT_NS (81 * PLAIT_MS / 10)
/* How often he has done it when the newcomer dials. */
#define PLAIT_CAMP_BEFORE 10

/* The target as a form, the server as the source; SPOOF is false behind a filter (BCP 38). */
#define PLAIT_FLOOD(name, who, spoof, load, play, ...)                                             \
    {                                                                                              \
        .form = name, .position = "PART", .spoofing = spoof, .victim = PLAIT_SERVER,               \
        .workload = load, .paths = 1, .goals = PLAIT_GOAL_BIT(FLOOD_DATA), .script = play,         \
        .strangers = who, .witnesses = {                                                           \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
/* Behind the filter: where no check stands, the filter did it; else one of the two is enough. */
#define PLAIT_FILTERED(play, load)                                                                 \
    PLAIT_FLOOD("silent", PLAIT_STRANGER_SILENT, false, load, play, PLAIT_GRANT_CHECK,             \
                PLAIT_GRANT_SPOOFING, PLAIT_GRANT_CHECK | PLAIT_GRANT_SPOOFING)
/* The smallest grant that floods a target that says nothing, and one that resets. */
#define PLAIT_FLOODS(play)                                                                         \
    PLAIT_FLOOD("silent", PLAIT_STRANGER_SILENT, true, PLAIT_BULK, play, PLAIT_GRANT_CHECK),       \
        PLAIT_FLOOD("absent", PLAIT_STRANGER_ABSENT, true, PLAIT_BULK, play, PLAIT_GRANT_CHECK),   \
        PLAIT_FLOOD("live", PLAIT_STRANGER_LIVE, true, PLAIT_BULK, play, PLAIT_GRANT_CHECK,        \
                    PLAIT_GRANT_CHECK | PLAIT_GRANT_SILENCE),                                      \
        PLAIT_FILTERED(play, PLAIT_BULK)

/* Every column that has paths. */
#define PLAIT_FLOODED PLAIT_LIST("v0", "v1", "M0e", "M0i", "M1n", "M1h", "M2")

#endif
