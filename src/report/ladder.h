/* report/ladder.h: a run's packets as a ladder: one rail for each host, arrows between them, what
 * the attacker does at the right.  May touch: the page's stream. */
#ifndef PLAIT_REPORT_LADDER_H
#define PLAIT_REPORT_LADDER_H

#include <jansson.h>

#include "report/page.h"

/* LADDER is a cell's (docs/RECORDS.md).  Rails: client, server, attacker, and up to two further
 * hosts in the order they appear; what is between other hosts is told as a note. */
void plait_render_ladder(const struct plait_page *page, const json_t *ladder);

#endif
