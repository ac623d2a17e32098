/* sensor/opener.h: opening what a job reads and writes; whatever cannot be opened is said in one
 * line, with how to get it.
 *
 * Nothing here looks into what is read.  May touch: files, directories, descriptors. */
#ifndef PLAIT_SENSOR_OPENER_H
#define PLAIT_SENSOR_OPENER_H

#include "sensor/job.h"

/* Adds an input that is open already, under a copy of NAME. */
void plait_job_add(struct plait_job *job, const char *name, const struct plait_job_input *input);
/* What JOB took of memory; its descriptors are closed by whoever has them. */
void plait_job_free(struct plait_job *job);
/* A file, a FIFO (waits for whoever writes it), "-" for standard input, or a directory with its
 * files in the order of their names (numbers in them count as numbers). */
bool plait_open_input(struct plait_job *job, const char *name);
/* A file that only its owner may read, or "-" for standard output; NULL, and said.  What JOB reads
 * or writes already is refused, and left as it is: its inputs are to be open before. */
FILE *plait_open_output(const struct plait_job *job, const char *option, const char *name);
/* An empty directory, made if there is none; -1, and said. */
int plait_open_empty_directory(const char *command, const char *option, const char *name);

/* Names of regular files in the directory DESCRIPTOR, sorted as above; both from malloc. */
struct plait_names {
    char **of;
    unsigned count;
};
struct plait_names plait_directory_names(int descriptor);
void plait_names_free(struct plait_names *names);

#endif
