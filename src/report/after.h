/* report/after.h: how long an attack's effect lasts after the attacker left, beside TCP's: t_after
 * of threats.md §2.C.  May touch: nothing but its arguments. */
#ifndef PLAIT_REPORT_AFTER_H
#define PLAIT_REPORT_AFTER_H

#include "report/matrix.h"
#include "terminal/page.h"

/* [{"threat", "mechanism", "cell", "goal", "after", "tcp_attack", "tcp_after"}]: of each threat
 * under each mechanism the goal whose effect lasted longest after the attacker left the path, as in
 * its cell (docs/RECORDS.md), and what the best attack on TCP for that goal left behind, or null.
 */
json_t *plait_after(const struct plait_matrix *matrix);
void plait_render_after(const struct plait_page *page, const json_t *after);

#endif
