/* lab/arrival.h: somebody who dials the same service later, from an address and a port that an
 * attacker may have taken before (T-CAMP-1).
 *
 * A host of libplait of its own, whatever the two ends are; it speaks what they speak.  May touch:
 * its host, the world's net. */
#ifndef PLAIT_LAB_ARRIVAL_H
#define PLAIT_LAB_ARRIVAL_H

#include "lab/world.h"

/* Joins the host to the net; NULL if there is no memory for it. */
struct plait_arrival *plait_arrival_new(struct plait_world *world);
void plait_arrival_free(struct plait_arrival *arrival);
/* From where it will dial. */
struct plait_place plait_arrival_place(const struct plait_arrival *arrival);
/* It dials, and once connected asks for an answer. */
void plait_arrival_dial(struct plait_arrival *arrival);
/* Hears its application; part of every round. */
void plait_arrival_move(struct plait_arrival *arrival);
/* Whether it has its answer; *FAILED is why it cannot have one any more, or NULL. */
bool plait_arrival_is_served(struct plait_arrival *arrival, const char **failed);

#endif
