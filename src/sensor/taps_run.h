/* sensor/taps_run.h: --before A --after B: what changed between two taps, and which fallback it
 * caused. May touch: the job's two inputs, standard output. */
#ifndef PLAIT_SENSOR_TAPS_RUN_H
#define PLAIT_SENSOR_TAPS_RUN_H

#include "base/draw.h"
#include "sensor/inputs.h"

enum plait_status plait_taps_run(struct plait_job *job, struct plait_inputs *inputs,
                                 const struct plait_draw_key *key);

#endif
