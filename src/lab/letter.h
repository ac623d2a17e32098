/* lab/letter.h: a scenario as one message, for a run that is forked by a process which does not
 * have this one's memory (live/nursery.h).
 *
 * Constant data (positions, scripts) is in both; texts and the schedule travel.  May touch: nothing
 * but its arguments. */
#ifndef PLAIT_LAB_LETTER_H
#define PLAIT_LAB_LETTER_H

#include "lab/scenario.h"

/* The caller frees it. */
void *plait_letter_write(const struct plait_scenario *scenario, size_t *length_octets);
/* SCENARIO points into LETTER, which is no longer one. */
void plait_letter_read(void *letter, size_t length_octets, struct plait_scenario *scenario);
/* What the nursery does with a letter: plait_run_body. */
int plait_letter_run(void *letter, size_t length_octets, int report_fd);

#endif
