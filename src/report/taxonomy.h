/* report/taxonomy.h: the classes of defences of RFC 6181 §6.2, measured: in which exchange their
 * secret can be learnt, when an address can be altered, and whether the ends can notice.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_REPORT_TAXONOMY_H
#define PLAIT_REPORT_TAXONOMY_H

#include "report/matrix.h"
#include "terminal/page.h"

/* [{"class", "mechanism", "learnt": {"first", "later"}, "altered": {"first", "later"}, "noticed",
 * "evidence", "agrees"}] for M2 (C1), v0 and v1 (C2).  Each answer is "yes", "no" or "not
 * measured"; `agrees` with the table of RFC 6181 is null where an answer that it gives is missing.
 * A class without a mechanism (C3) has "mechanism": null and nothing else. */
json_t *plait_taxonomy(const struct plait_matrix *matrix);
/* Nothing if nothing of it was measured. */
void plait_render_taxonomy(const struct plait_page *page, const json_t *taxonomy);

#endif
