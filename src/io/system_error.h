/* io/system_error.h: the kernel's errors as results of the house.  May touch: nothing. */
#ifndef PLAIT_IO_SYSTEM_ERROR_H
#define PLAIT_IO_SYSTEM_ERROR_H

#include "base/result.h"

plait_result plait_errno_result(int error);

#endif
