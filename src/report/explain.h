/* report/explain.h: one threat told whole: its record, the ladder of a run, what stops it, what
 * remains.  May touch: the page's stream. */
#ifndef PLAIT_REPORT_EXPLAIN_H
#define PLAIT_REPORT_EXPLAIN_H

#include <jansson.h>

#include "lab/analyze.h"
#include "terminal/page.h"

/* CELL may be NULL: then the record alone. */
void plait_render_explanation(const struct plait_page *page, const struct plait_threat_info *info,
                              const json_t *cell);
/* The list of what can be asked, one record a line. */
void plait_render_threats(const struct plait_page *page, const struct plait_threat_info *infos,
                          size_t count);
/* A record as JSON; the caller owns it. */
json_t *plait_threat_json(const struct plait_threat_info *info);

/* The cell of DOCUMENT that says most about THREAT: the worst that has a ladder, else the worst;
 * NULL if there is none. */
const json_t *plait_cell_to_explain(const json_t *document, const char *threat);

#endif
