/* lab/cell.h: one cell of the matrix: its runs, and the record that comes of them. */
#ifndef PLAIT_LAB_CELL_H
#define PLAIT_LAB_CELL_H

#include "lab/runner.h"
#include "lab/threat.h"

struct plait_cell {
    const struct plait_threat *threat;
    const struct plait_case *played;
    enum plait_protocol protocol;
    enum plait_policy policy;
    enum plait_family family;
    enum plait_workload workload; /* the case's, or the kind of the file's */
    unsigned goals;               /* the case's that are defined with the traffic */
    unsigned paths;               /* that its connection uses */
    unsigned repeat;
    bool late;        /* judged 300 s after the attacker left, instead of 1 s */
    char absent[160]; /* not played: why its column has no case (lab/absence.h), or empty */
    char id[160];
    char capture[512];          /* file to write, or empty */
    char capture_name[256];     /* as the record names it */
    struct plait_waiter waiter; /* for a run that it needs */
    json_t *record;             /* NULL until it is judged */
};

struct plait_cell_context {
    const struct plait_analysis_request *request;
    struct plait_runner *runner;
    const char *release; /* of the kernel */
};

void plait_cell_name(struct plait_cell *cell);
/* Starts what the cell still needs; sets cell->record once all its runs have ended.  Until then it
 * waits in one list: call again only when its waiter was woken (plait_runner_woken). */
void plait_cell_advance(struct plait_cell *cell, const struct plait_cell_context *context);

#endif
