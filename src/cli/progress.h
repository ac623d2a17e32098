/* cli/progress.h: how far an analysis is, on standard error.  May touch: what
 * terminal/progress.h may. */
#ifndef PLAIT_CLI_PROGRESS_H
#define PLAIT_CLI_PROGRESS_H

#include "lab/analyze.h"
#include "terminal/progress.h"

/* For plait_analyze; SELF is a struct plait_progress_line. */
void plait_progress_show(void *self, const struct plait_progress *progress);

#endif
