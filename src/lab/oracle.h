/* lab/oracle.h: ground truth and auditor compared, for one cell (DESIGN §1). */
#ifndef PLAIT_LAB_ORACLE_H
#define PLAIT_LAB_ORACLE_H

#include "lab/judge.h"

/* A cell's `auditor` (docs/RECORDS.md), from the reports of its control and attack run. */
json_t *plait_oracle_compare(const struct plait_cell *cell, const struct plait_verdict *verdict);

#endif
