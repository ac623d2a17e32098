/* sensor/redact_run.h: a whole capture redacted (sensor/redact.h) into the job's output.
 * May touch: the job's inputs and its output. */
#ifndef PLAIT_SENSOR_REDACT_RUN_H
#define PLAIT_SENSOR_REDACT_RUN_H

#include "base/draw.h"
#include "sensor/inputs.h"

/* Reads all, writes pcapng with one interface for each input, says what was left out. */
enum plait_status plait_redact_run(struct plait_job *job, struct plait_inputs *inputs,
                                   const struct plait_draw_key *key);

#endif
