/* report/reach.h: from where a threat succeeds: for each mechanism the weakest positions and their
 * windows of exposure (DESIGN §1: "the weakest position" is a set).
 *
 * Of the positions that were played: what was not played is not known.  May touch: nothing but its
 * arguments. */
#ifndef PLAIT_REPORT_REACH_H
#define PLAIT_REPORT_REACH_H

#include "lab/position.h"
#include "report/matrix.h"
#include "terminal/page.h"

/* [{"threat", "mechanism", "positions": ["PE-H-no-spoof"], "windows": ["the first handshake"]}] of
 * the threats and mechanisms that have a broken cell. */
json_t *plait_reach(const struct plait_matrix *matrix);
void plait_render_reach(const struct plait_page *page, const json_t *reach);

/* Where the attacker of CELL stands, spoofing or not; false if its position is none we know. */
bool plait_cell_standing(const json_t *cell, struct plait_position *standing);
/* When whoever stands there is near what he needs: "the first handshake". */
const char *plait_position_window(const struct plait_position *standing);

#endif
