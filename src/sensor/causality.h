/* sensor/causality.h: what in captures was cause and effect, for their clocks (sensor/clocks.h).
 *
 * A SYN is before its SYN/ACK, data before what acknowledges it, on a path (SEQ, ACK) and over all
 * paths of a connection (DSN, DATA_ACK), and a connection's keys before a join that names their
 * token.  What was sent again says nothing and is left out.  Memory is bounded: what comes when it
 * is full is left out too.  May touch: the heap. */
#ifndef PLAIT_SENSOR_CAUSALITY_H
#define PLAIT_SENSOR_CAUSALITY_H

#include "audit/packet.h"
#include "sensor/clocks.h"

struct plait_causality;

/* For at most PLAIT_CLOCKS_MAX inputs. */
struct plait_causality *plait_causality_new(void);
void plait_causality_free(struct plait_causality *causality);
/* A packet of input packet->seen->input, times as they are in it; those of an input in its order.
 */
void plait_causality_see(struct plait_causality *causality, const struct plait_packet *packet);
/* False while there is room for more. */
bool plait_causality_is_full(const struct plait_causality *causality);
/* All pairs of cause and effect that follow, into CLOCKS. */
void plait_causality_tell(struct plait_causality *causality, struct plait_clocks *clocks);

#endif
