/* sensor/self_test.h: a command that is not listed: from inside the confined process it tries what
 * must not be possible, and says what happened (tests/sensor).  May touch: nothing, if it is right.
 */
#ifndef PLAIT_SENSOR_SELF_TEST_H
#define PLAIT_SENSOR_SELF_TEST_H

#include "sensor/job.h"

extern const struct plait_sensor_command plait_sensor_self_test;

#endif
