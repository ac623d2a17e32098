/* lab/judge.h: a cell's verdict as a value, between judging (cell.c) and writing (cell_record.c).
 */
#ifndef PLAIT_LAB_JUDGE_H
#define PLAIT_LAB_JUDGE_H

#include "lab/bar.h"

enum { PLAIT_JUDGED_PATHS = PLAIT_PATHS_MAX };

struct plait_judged {
    enum plait_goal goal;
    enum plait_outcome outcome;
    enum plait_versus versus;
    struct plait_achievement here;
    struct plait_bar bar[PLAIT_JUDGED_PATHS];
    unsigned paths;
    bool compared; /* with TCP; a goal without counterpart there is `none` */
};

struct plait_verdict {
    const json_t *control, *attack, *stripped;
    struct plait_judged judged[PLAIT_GOAL_COUNT];
    unsigned count;
    struct plait_witness witness;
    enum plait_outcome outcome;
    struct plait_edges edges; /* that prices were reckoned with */
    unsigned worst;           /* index of the judged goal that the cell carries */
    char reason[300];
    char stopped_by[224];
    bool unsteady;     /* control runs spread too far for goal degrade to be judged */
    bool genuine;      /* a control case without attack, and nothing was reported */
    bool undeployable; /* a control case that the mechanism does not work in */
};

/* Worse and wider first, then what was reached, then the order of the words. */

/* ---- lab/cell_record.c -------------------------------------------------------------------- */

/* A record that says what the cell is, and nothing of how it ended. */
json_t *plait_record_frame(const struct plait_cell *cell, const struct plait_cell_context *context);
/* The user's topology and workload files, if there are any, by name and by what they say. */
void plait_record_files(json_t *record, const struct plait_analysis_request *request);
void plait_record_text(json_t *record, const char *name, const char *text);
void plait_record_outcome(json_t *record, enum plait_outcome outcome, const char *reason);
/* How late the machine was in any of the cell's runs, and how often they were repeated for it. */
void plait_record_lateness(json_t *record, const struct plait_lateness *late);
/* What the attack run recorded: settings, counters, ladder, capture. */
void plait_record_run(json_t *record, const struct plait_cell *cell, const json_t *run);
/* The whole record of a judged cell; sets cell->record. */
void plait_record_verdict(struct plait_cell *cell, const struct plait_cell_context *context,
                          const struct plait_verdict *v);

#endif
