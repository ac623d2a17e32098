/* lab/letter.h: a scenario as one message, for a worker, which does not have this process's memory
 * (live/worker.h), and a run's report as one message back.
 *
 * Constant data (positions, scripts) is in both; texts and the schedule travel.  A report is JSON
 * text, and, where it has a schedule, an octet of zero and the schedule.  May touch: its arguments
 * and their descriptors. */
#ifndef PLAIT_LAB_LETTER_H
#define PLAIT_LAB_LETTER_H

#include "lab/scenario.h"

/* The caller frees it. */
void *plait_letter_write(const struct plait_scenario *scenario, size_t *length_octets);
/* SCENARIO points into LETTER, which is no longer one. */
void plait_letter_read(void *letter, size_t length_octets, struct plait_scenario *scenario);
/* What a worker does with a letter, and the capture that came with it: plait_run_play. */
void plait_letter_run(void *letter, size_t length_octets, int report_fd, int file_fd);

/* SCHEDULE may be none. */
void plait_letter_send_report(int fd, const json_t *report, const struct plait_schedule *schedule);
/* The report, which holds its schedule; NULL for what is none. */
json_t *plait_letter_take_report(const char *octets, size_t length_octets);
/* As long as REPORT lives; none if it has none. */
struct plait_schedule plait_letter_schedule(const json_t *report);

#endif
