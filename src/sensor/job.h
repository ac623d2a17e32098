/* sensor/job.h: what a command works on: its options, and the descriptors that were opened for it.
 *
 * Commands are one row each: to add one, add it to the table in sensor/main.c.  `open` runs in the
 * process that may open files, `run` in the one that is confined and may not.
 * May touch: nothing. */
#ifndef PLAIT_SENSOR_JOB_H
#define PLAIT_SENSOR_JOB_H

#include <sys/types.h>

#include "base/draw.h"
#include "sensor/options.h"
#include "terminal/page.h"
#include "terminal/progress.h"
#include "terminal/status.h"

struct plait_job_input {
    char *name;  /* as the user wrote it, or with its directory before it; from malloc */
    char *shown; /* the same without what would forge a line; from malloc */
    int descriptor;
    bool can_seek;   /* a file: may be read twice */
    bool is_live;    /* an interface: ends when somebody ends it */
    bool is_named;   /* by the user; else it was found in a directory, and may be something else */
    uint64_t octets; /* of a file when it was opened */
};

struct plait_filter;

struct plait_job {
    const struct plait_sensor_command *command;
    const struct plait_sensor_options *options;
    struct plait_job_input *inputs; /* in the order in which they were named; from malloc */
    unsigned input_count;
    struct plait_filter *filter; /* of what is read from files; NULL: everything */
    FILE *output;                /* a file of the command's (--redact, -o), or NULL */
    FILE *orphans, *map;         /* further ones of flatten, or NULL */
    int streams; /* pipe to the process that writes streams (sensor/streams.h), or -1 */
    int news;    /* socket by which further inputs come (sensor/news.h), or -1 */
    struct plait_draw_key key; /* for tables that outsiders fill: drawn anew in each run */
    /* Looked at while somebody may still ask the terminal. */
    struct plait_page page;
    struct plait_progress_line progress;
};

struct plait_sensor_command {
    const char *name;
    const char *operands;               /* as --help shows them */
    const char *brief;                  /* one line in the list of commands */
    const char *summary;                /* what its own help says */
    const struct plait_option *options; /* beside the common ones; ends with a NULL name */
    /* What is wrong with the options before anything is opened, or NULL.  The hook itself may be
     * NULL: nothing can be. */
    const char *(*contradiction)(const struct plait_sensor_options *options);
    /* Opens what this command needs beside its inputs, which are open; false, and said.  NULL:
     * nothing. */
    bool (*open)(struct plait_job *job);
    /* Confined: reads, judges, prints to standard output, says failures on standard error. */
    enum plait_status (*run)(struct plait_job *job);
};

extern const struct plait_sensor_command plait_sensor_audit, plait_sensor_flatten;

#endif
