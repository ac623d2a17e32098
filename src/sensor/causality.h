/* sensor/causality.h: what in captures was cause and effect, for their clocks (sensor/clocks.h).
 *
 * Causes come before their effects, on a path as over all paths of a connection:
 *
 *   octets, SYN, FIN           an acknowledgment of them (RFC 9293 §3.4)
 *   a timestamp                its echo (RFC 7323 §3.2)
 *   mapped data                a DATA_ACK of it (RFC 8684 §3.3.2)
 *   both keys, or one          a join that names its token (RFC 8684 §3.2)
 *   ADD_ADDR                   its echo (RFC 8684 §3.4.1)
 *   what an acknowledgment     a greater DATA_ACK than that acknowledgment has, on any path: it was
 *   shows to have come         sent later (RFC 8684 §3.3.2)
 *
 * Memory is bounded, each input has its share of it: what comes when it is full is left out.
 * May touch: the heap. */
#ifndef PLAIT_SENSOR_CAUSALITY_H
#define PLAIT_SENSOR_CAUSALITY_H

#include "audit/packet.h"
#include "sensor/clocks.h"

struct plait_causality;

/* For INPUTS inputs, at most PLAIT_CLOCKS_MAX. */
struct plait_causality *plait_causality_new(unsigned inputs);
void plait_causality_free(struct plait_causality *causality);
/* A packet of input packet->seen->input, times as they are in it; those of an input in its order.
 */
void plait_causality_see(struct plait_causality *causality, const struct plait_packet *packet);
/* Whether there is room for more of INPUT. */
bool plait_causality_has_room(const struct plait_causality *causality, unsigned input);
/* INPUT has more packets than were seen of it. */
void plait_causality_cut(struct plait_causality *causality, unsigned input);
/* All pairs of cause and effect that follow, into CLOCKS; once. */
void plait_causality_tell(struct plait_causality *causality, struct plait_clocks *clocks);

#endif
