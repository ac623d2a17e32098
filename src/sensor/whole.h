/* sensor/whole.h: --whole: what a user states of a capture, and what shows that it is not so.
 *
 * Stated is that taps at both ends' links saw every packet of theirs, for as long as any of them
 * ran.  Then a packet that passed its receiver's link and never its alleged sender's is another's
 * (audit/rules_place.c).  Of what can be read twice the statement is tested before anything is
 * judged, of the rest as it comes.  May touch: descriptors of files, which are at the beginning
 * again afterwards; the heap, standard error. */
#ifndef PLAIT_SENSOR_WHOLE_H
#define PLAIT_SENSOR_WHOLE_H

#include "sensor/inputs.h"

/* What the options alone show against it, or NULL. */
const char *plait_whole_contradiction(const struct plait_sensor_options *options);
/* False, and said, if the statement cannot hold: records are missing or broken, an interface says
 * that it dropped packets, a clock is not known, all packets are of one tap. */
bool plait_whole_look(const struct plait_job *job, const struct plait_inputs *inputs);
/* False, and said, if what was read so far shows that it does not hold. */
bool plait_whole_holds(const struct plait_job *job, const struct plait_inputs *inputs);

#endif
