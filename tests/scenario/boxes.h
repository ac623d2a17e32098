/* tests/scenario/boxes.h: what paths do to packets: swap, double, forget options. */
#ifndef PLAIT_TESTS_SCENARIO_BOXES_H
#define PLAIT_TESTS_SCENARIO_BOXES_H

#include "base/draw.h"
#include "net/net.h"

struct disorder {
    uint32_t swapped, doubled; /* per million packets */
    plait_time_ns until_ns;    /* none from then on */
    struct plait_draw_key key;
    uint64_t packets;
    struct plait_packet *held[2]; /* goes after the next one of its direction */
};

/* D stays the caller's and outlives the net. */
struct plait_box disorder_box(struct disorder *d);

struct stripper { /* removes options of kind 30 */
    plait_time_ns from_ns, until_ns;
    uint8_t ways; /* 1: of what comes in at side 0, 2: at side 1 */
};

struct plait_box stripper_box(struct stripper *s);

#endif
