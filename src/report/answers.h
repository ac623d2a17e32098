/* report/answers.h: what a document's cells say together about the questions of RFC 6181: the field
 * `rfc6181` of a report (docs/RECORDS.md).  A pure function of the cells.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_REPORT_ANSWERS_H
#define PLAIT_REPORT_ANSWERS_H

#include <jansson.h>

#include "terminal/page.h"

/* {"conclusion", "taxonomy", "positions", "after", "literature", "variants"}; each header says what
 * is in it. */
json_t *plait_answers(const json_t *document);
/* All but the conclusion, which opens the table. */
void plait_render_answers(const struct plait_page *page, const json_t *answers);

#endif
