/* terminal/progress.h: how far a run is, on standard error: one line rewritten on a terminal, a
 * plain line every few seconds otherwise; nothing of a run that is shorter.  May touch: standard
 * error, the monotonic clock. */
#ifndef PLAIT_TERMINAL_PROGRESS_H
#define PLAIT_TERMINAL_PROGRESS_H

#include <stdbool.h>

#include "base/time.h"

struct plait_progress_line {
    bool quiet;
    bool terminal;
    bool shown;            /* a line stands on the terminal */
    plait_time_ns last_ns; /* when something was last written, or this began */
};

struct plait_progress_line plait_progress_line(bool quiet);
/* False while it is too early for another line, or none is wanted. */
bool plait_progress_due(struct plait_progress_line *line);
/* TEXT instead of what stands there. */
void plait_progress_write(struct plait_progress_line *line, const char *text);
/* Takes the line away again. */
void plait_progress_end(struct plait_progress_line *line);

#endif
