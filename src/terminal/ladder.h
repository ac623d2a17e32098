/* terminal/ladder.h: a run's packets as a ladder: one rail for each host, arrows between them, what
 * is done beside them at the right.  May touch: the page's stream. */
#ifndef PLAIT_TERMINAL_LADDER_H
#define PLAIT_TERMINAL_LADDER_H

#include <jansson.h>

#include "terminal/page.h"

#define PLAIT_LADDER_RAILS_MAX 5

/* LADDER is as a cell's (docs/RECORDS.md).  RAILS, ending with NULL, are the first hosts; further
 * ones follow in the order they appear, as many as there is room for; what is between others is
 * told as a note. */
void plait_render_ladder(const struct plait_page *page, const char *const *rails,
                         const json_t *ladder);

#endif
