/* lab/letter.h: a scenario as one message, for a worker, which does not have this process's memory
 * (live/worker.h).
 *
 * Constant data (positions, scripts) is in both; texts and the schedule travel.  May touch: its
 * arguments and their descriptors. */
#ifndef PLAIT_LAB_LETTER_H
#define PLAIT_LAB_LETTER_H

#include "lab/scenario.h"

/* The caller frees it. */
void *plait_letter_write(const struct plait_scenario *scenario, size_t *length_octets);
/* SCENARIO points into LETTER, which is no longer one. */
void plait_letter_read(void *letter, size_t length_octets, struct plait_scenario *scenario);
/* What a worker does with a letter, and the capture that came with it: plait_run_play. */
void plait_letter_run(void *letter, size_t length_octets, int report_fd, int file_fd);

#endif
