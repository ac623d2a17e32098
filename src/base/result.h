/* base/result.h: how a function of plait says that it failed: the public list, under the house's
 * own name.  May touch: nothing but its arguments. */
#ifndef PLAIT_BASE_RESULT_H
#define PLAIT_BASE_RESULT_H

#include "plait/result.h"

#endif
