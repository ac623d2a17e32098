/* sensor/libpcap.h: packets of an interface, by the system's libpcap.
 *
 * The library is loaded only when an interface is asked for, and only in processes that open; what
 * parses gets a pcapng stream through a pipe and never sees it.  May touch: interfaces, processes.
 */
#ifndef PLAIT_SENSOR_LIBPCAP_H
#define PLAIT_SENSOR_LIBPCAP_H

#include "sensor/job.h"

/* Adds the interface NAME to JOB, with a confined process that pumps its packets into a pipe.
 * False, and said with how to get it: no library, no such interface, no permission, a wrong
 * filter. */
bool plait_open_interface(struct plait_job *job, const char *name);

#endif
