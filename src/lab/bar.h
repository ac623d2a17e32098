/* lab/bar.h: what a cell is held against: the best attack on TCP, and the grant that breaks it. */
#ifndef PLAIT_LAB_BAR_H
#define PLAIT_LAB_BAR_H

#include "lab/cell.h"
#include "lab/verdict.h"

struct plait_bar { /* of one goal on one path */
    const struct plait_baseline *best;
    struct plait_achievement achievement;
    bool tried;
};

/* False while a run is missing.  *FAILURE is set if a run failed. */
bool plait_find_bar(const struct plait_cell *cell, const struct plait_cell_context *context,
                    const struct plait_scenario *attack, enum plait_goal goal, unsigned path,
                    struct plait_bar *bar, const char **failure);

/* Has the runs made that it will need, whatever the attack reaches. */
void plait_foresee_bar(const struct plait_cell *cell, const struct plait_cell_context *context,
                       const struct plait_scenario *attack, enum plait_goal goal, unsigned path);

struct plait_witness {
    unsigned grants;
    const char *failure;
};

/* The smallest grant that breaks the cell at a price somebody can pay; CONTROL is the cell's, for
 * goal degrade.  False while a run is missing. */
bool plait_find_witness(const struct plait_cell *cell, const struct plait_cell_context *context,
                        const struct plait_scenario *attack, const json_t *control,
                        struct plait_witness *witness);
/* Has all of them made, where one after the other would take too long. */
void plait_foresee_witnesses(const struct plait_cell *cell,
                             const struct plait_cell_context *context,
                             const struct plait_scenario *attack);
/* Did RUN reach one of GOALS, whatever the price? */
bool plait_reaches_any(const json_t *run, unsigned goals);

#endif
