/* report/conclusion.h: what the cells say of the five recommendations of RFC 6181 §7.
 *
 * Each is measured with it on and off: a mechanism that has it beside one that lacks it and shares
 * all else.  Cells are compared that are played alike under both, and nothing is said of others.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_REPORT_CONCLUSION_H
#define PLAIT_REPORT_CONCLUSION_H

#include "report/matrix.h"
#include "terminal/page.h"

/* [{"recommendation": "R1", "text", "pairs": [{"on", "off", "cells", "stops", "in_part", "leaves",
 * "opens", "dependent"}], "measured": bool, "sentence"}]: lists of threats.  `stops`: each cell
 * that breaks without it is stopped with it; `in_part`: some of them; `leaves`: none; `opens`:
 * stopped without it and broken with it; `dependent`: threats that say one thing on one data plane
 * and another on the other, of which no cell is compared. */
json_t *plait_conclusion(const struct plait_matrix *matrix);
/* The sentences, one a line; nothing if no recommendation could be measured. */
void plait_render_conclusion(const struct plait_page *page, const json_t *conclusion);

#endif
