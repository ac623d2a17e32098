/* threats/baselines.h: the shape of a baseline's record (B-...), and scripts of other files. */
#ifndef PLAIT_THREATS_BASELINES_H
#define PLAIT_THREATS_BASELINES_H

#include "threats/record.h"

void plait_b_icmp(struct plait_attack *a);
void plait_b_acks(struct plait_attack *a);
void plait_b_chack(struct plait_attack *a);
void plait_b_chack_kill(struct plait_attack *a);

#define BASELINE(name, what, where, from, says, reaches, stop, blind)                              \
    .info = {.id = name,                                                                           \
             .title = what,                                                                        \
             .kind = "baseline",                                                                   \
             .source = from,                                                                       \
             .section = SECTION_BAR,                                                               \
             .summary = says,                                                                      \
             .positions = PLAIT_LIST(where),                                                       \
             .goals = PLAIT_LIST(reaches),                                                         \
             .mechanisms = PLAIT_LIST("tcp"),                                                      \
             .host_risk = "none",                                                                  \
             .stopped_by_text = stop,                                                              \
             .remains_text = "",                                                                   \
             .seen_as =                                                                            \
                 PLAIT_LIST("contradiction", "rst-foreign", "rst-elsewhere", "data-elsewhere"),    \
             .wire_blind_text = blind}

#endif
