/* sensor/filter.h: which frames of files are looked at, in libpcap's words.
 *
 * An expression is compiled for one type of link, and files may be of any: the process that opens
 * compiles it for all that are known, and the one that parses runs what came of it, by libpcap's
 * own interpreter, which looks at a frame's octets and nothing else.  Interfaces filter in the
 * kernel (sensor/libpcap.h).  May touch: libpcap. */
#ifndef PLAIT_SENSOR_FILTER_H
#define PLAIT_SENSOR_FILTER_H

#include <stdbool.h>

#include "capture/file.h"

struct plait_filter;

/* TEXT of COMMAND's option --filter; NULL, and said with how to get it: no library, no expression.
 * Names in TEXT are looked up now. */
struct plait_filter *plait_filter_new(const char *command, const char *text);
void plait_filter_free(struct plait_filter *filter);
/* True if FRAME is one of those asked for; else it is counted.  FILTER may be NULL: all are. */
bool plait_filter_passes(const struct plait_filter *filter, const struct plait_frame *frame,
                         struct plait_capture_counts *counts);

#endif
