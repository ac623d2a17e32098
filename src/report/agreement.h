/* report/agreement.h: ground truth and auditor in one line (docs/RECORDS.md, `auditor`). */
#ifndef PLAIT_REPORT_AGREEMENT_H
#define PLAIT_REPORT_AGREEMENT_H

#include "report/render.h"

/* How many attacks that succeeded the auditor named, how many the records declare invisible, and
 * which it missed, of v0 and v1 and of plain TCP; false alarms; how many are of mechanisms that it
 * does not know.  Nothing where no cell was audited. */
void plait_render_agreement(const struct plait_page *page, const json_t *document);

#endif
