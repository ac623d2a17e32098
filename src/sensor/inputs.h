/* sensor/inputs.h: the packets of all inputs of a job as one stream, in the order of their times.
 *
 * Files that can be read twice are looked into first: for their first time, so that a folder of
 * many needs the memory of few, and for causes and effects, by which their clocks are set right
 * (sensor/clocks.h).  A live input that has nothing holds the others up for a moment only.
 * May touch: the job's descriptors, the heap, standard error. */
#ifndef PLAIT_SENSOR_INPUTS_H
#define PLAIT_SENSOR_INPUTS_H

#include "audit/audit.h"
#include "capture/counts.h"
#include "sensor/clocks.h"
#include "sensor/job.h"

struct plait_inputs;

/* KEY keys tables that outsiders fill.  NULL, and said, if an input that was named is no capture.
 */
struct plait_inputs *plait_inputs_new(struct plait_job *job, const struct plait_draw_key *key);
void plait_inputs_free(struct plait_inputs *inputs);

/* The next packet, valid until the next call.  False at the end, or when the user ends it. */
bool plait_inputs_next(struct plait_inputs *inputs, struct plait_seen *seen);
/* Whether reading ended because an input that was named turned out to be no capture (said). */
bool plait_inputs_failed(const struct plait_inputs *inputs);

unsigned plait_inputs_count(const struct plait_inputs *inputs);
/* Of one input; INPUT is a number of packet references. */
const char *plait_inputs_name(const struct plait_inputs *inputs, unsigned input);
/* The same for lines that people read: it cannot forge one. */
const char *plait_inputs_shown(const struct plait_inputs *inputs, unsigned input);
const struct plait_clock *plait_inputs_clock(const struct plait_inputs *inputs, unsigned input);
uint64_t plait_inputs_frames(const struct plait_inputs *inputs, unsigned input);
/* What was not understood, of all together. */
struct plait_capture_counts plait_inputs_counts(const struct plait_inputs *inputs);
/* More than PLAIT_CLOCKS_MAX inputs: their clocks are taken as they are. */
bool plait_inputs_has_clocks(const struct plait_inputs *inputs);
/* Clocks that cannot be told. */
unsigned plait_inputs_untold(const struct plait_inputs *inputs);
/* Octets of files that were read so far, and that there are; 0 where nobody knows. */
void plait_inputs_progress(const struct plait_inputs *inputs, uint64_t *read_octets,
                           uint64_t *all_octets);

#endif
