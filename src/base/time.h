/* base/time.h: time is an argument: the public type, under the house's own name. */
#ifndef PLAIT_BASE_TIME_H
#define PLAIT_BASE_TIME_H

#include "plait/time.h"

#endif
