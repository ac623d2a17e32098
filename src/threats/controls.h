/* threats/controls.h: the shape of a control case's record (C-...). */
#ifndef PLAIT_THREATS_CONTROLS_H
#define PLAIT_THREATS_CONTROLS_H

#include "lab/act.h"
#include "threats/record.h"

enum { PLAIT_GOES_ON_OCTETS = 50000 };

#define EVERY_MECHANISM "v0", "v1", "M0e", "M0i", "M1n", "M1h", "M2"

#define HARM                                                                                       \
    (PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(INJECT) | PLAIT_GOAL_BIT(TRUNCATE) |                    \
     PLAIT_GOAL_BIT(TAKEOVER) | PLAIT_GOAL_BIT(KILL) | PLAIT_GOAL_BIT(DOWNGRADE))

/* What a genuine case says of itself: it reaches none of GOAL_BITS; and more, as designated
 * initialisers. */
#define GENUINE_BUT(goal_bits, name, path_count, play, ...)                                        \
    {                                                                                              \
        .form = name, .position = "OFF-NS", .victim = PLAIT_SERVER, .workload = PLAIT_BULK,        \
        .paths = path_count, .adds_second = path_count == 1, .goals = goal_bits, .script = play,   \
        .expect = PLAIT_MUST_BE_CLEAN, __VA_ARGS__                                                 \
    }
#define GENUINE(name, path_count, play, ...) GENUINE_BUT(HARM, name, path_count, play, __VA_ARGS__)

/* Where a kernel lives in wall time, most are played with --full only. */
enum { ON_KERNELS, FULL_ON_KERNELS };

#define CONTROL(live, blind, name, what, from, where, says, reaches, ...)                          \
    .info = {.id = name,                                                                           \
             .title = what,                                                                        \
             .kind = "control",                                                                    \
             .source = from,                                                                       \
             .section = SECTION_CASES,                                                             \
             .summary = says,                                                                      \
             .positions = PLAIT_LIST(where),                                                       \
             .goals = PLAIT_LIST(reaches),                                                         \
             .mechanisms = PLAIT_LIST(__VA_ARGS__),                                                \
             .host_risk = "none",                                                                  \
             .full_on_kernels = (live) == FULL_ON_KERNELS,                                         \
             .basic_on_ipv6 = true,                                                                \
             .stopped_by_text = "",                                                                \
             .remains_text = "",                                                                   \
             .wire_blind_text = blind}

#endif
