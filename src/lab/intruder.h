/* lab/intruder.h: a subflow forged by the attacker.  It keeps counters and acknowledges, no more:
 * there is no second TCP in the lab. */
#ifndef PLAIT_LAB_INTRUDER_H
#define PLAIT_LAB_INTRUDER_H

#include "lab/attack.h"

/* A new intruder at the attacker's port OWN_PORT towards PEER; NULL beyond the limit. */
struct plait_intruder *plait_intruder_new(struct plait_attack *attack, enum plait_side victim,
                                          uint16_t own_port, const struct plait_place *peer);
/* Adds a DSS with the DATA_ACK that it repeats; NULL on plain TCP, which has none. */
struct plait_dss *plait_intruder_add_dss(const struct plait_intruder *intruder,
                                         struct plait_segment *segment);
/* The proof of its join, of what he knows of keys and of the nonces; zeros where there is none. */
void plait_prove_join(const struct plait_attack *attack, const struct plait_intruder *intruder,
                      uint8_t hmac[PLAIT_JOIN_HMAC_OCTETS]);
/* Takes in what came to the attacker's port; acknowledges data for the intruder it belongs to. */
void plait_intruder_hear(struct plait_attack *attack, const struct plait_segment *segment);

#endif
