/* Plays one case in a sandbox and says what came of it. */
#ifndef PLAIT_TESTS_INTEROP_PLAY_H
#define PLAIT_TESTS_INTEROP_PLAY_H

#include <jansson.h>

#include "tests/interop/case.h"

struct interop_job {
    struct interop_case c;
    uint64_t seed;
    const char *capture, *trace; /* files' names, or NULL */
    const char *folder;          /* where programs may have files, named by their case */
    const char *taps; /* tcpdump in each kernel's namespace: how the files' names begin, or NULL */
};

/* A body for plait_sandbox_start: ARGUMENT is a struct interop_job.  One JSON object goes to
 * REPORT_FD: {"ok", "why", "multipath": [client, server], "subflows": [..], "ms", "mbit_per_s",
 * "path_octets": [...], "counters": {...}}. */
int interop_play(void *argument, int report_fd);

/* The same with real programs (tests/interop/programs.c). */
int interop_play_program(void *argument, int report_fd);
void interop_tell(int report_fd, json_t *report);

#endif
