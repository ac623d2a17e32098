/* lab/goal.h: the goals of an attacker (DESIGN §1), as a list. */
#ifndef PLAIT_LAB_GOAL_H
#define PLAIT_LAB_GOAL_H

/* X(NAME, "name", "unit of the measure") */
#define PLAIT_GOALS(X)                                                                             \
    X(READ, "read", "fraction")                                                                    \
    X(INJECT, "inject", "octets")                                                                  \
    X(TRUNCATE, "truncate", "octets")                                                              \
    X(TAKEOVER, "takeover", "octets")                                                              \
    X(KILL, "kill", "connections")                                                                 \
    X(DEGRADE, "degrade", "octets/s")                                                              \
    X(PROBE, "probe", "facts")                                                                     \
    X(FLOOD_DATA, "flood_data", "octets")                                                          \
    X(REFLECT, "reflect", "packets/packet")                                                        \
    X(EXHAUST, "exhaust", "entry*s/octet")                                                         \
    X(DOWNGRADE, "downgrade", "ends")                                                              \
    X(IDENTITY, "identity", "ends")                                                                \
    X(DIVERT, "divert", "fraction")                                                                \
    X(KILL_SUBFLOW, "kill_subflow", "subflows")

enum plait_goal {
#define PLAIT_GOAL_ENUM(NAME, name, unit) PLAIT_GOAL_##NAME,
    PLAIT_GOALS(PLAIT_GOAL_ENUM)
#undef PLAIT_GOAL_ENUM
        PLAIT_GOAL_COUNT
};

#define PLAIT_GOAL_BIT(NAME) (1u << PLAIT_GOAL_##NAME)

const char *plait_goal_name(enum plait_goal goal);
const char *plait_goal_unit(enum plait_goal goal);

#endif
