/* report/render.h: documents and differences as a table for people, JSON, JSON lines, or TAP.
 * May touch: the page's stream. */
#ifndef PLAIT_REPORT_RENDER_H
#define PLAIT_REPORT_RENDER_H

#include <jansson.h>

#include "report/judge.h"
#include "report/summary.h"
#include "terminal/json.h"
#include "terminal/page.h"

struct plait_view {
    const struct plait_judgement *judgement; /* the document, what it is compared with */
    const char *expectation_name;            /* file name, or NULL */
    const char *out_dir;                     /* where the report lies, or NULL */
    bool all_cells;                          /* the table lists every cell */
};

void plait_render(const struct plait_page *page, enum plait_format format,
                  const struct plait_view *view);
void plait_render_difference(const struct plait_page *page, enum plait_format format,
                             const json_t *difference);

/* The parts, for commands that show less. */
void plait_render_table(const struct plait_page *page, const struct plait_view *view);
void plait_render_difference_table(const struct plait_page *page, const json_t *difference);
void plait_render_tap(const struct plait_page *page, const struct plait_view *view);
void plait_render_difference_tap(const struct plait_page *page, const json_t *difference);
/* Which mechanisms do not work where, and what breaks; nothing if all do. */
void plait_render_undeployable(const struct plait_page *page, const struct plait_summary *summary);

#endif
