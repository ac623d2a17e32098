/* report/variants.h: what another data plane, or a switch, changes in a column of Basic MPTCP
 * (docs/mechanisms/basic.md; M4, a variant of v1, is in the conclusion).  RFC 6181 says nothing of
 * either: rows in which the data plane decides are *model-dependent*, and kept out of the
 * conclusions. May touch: nothing but its arguments. */
#ifndef PLAIT_REPORT_VARIANTS_H
#define PLAIT_REPORT_VARIANTS_H

#include <jansson.h>

#include "terminal/page.h"

/* [{"threat", "column", "variant", "differs": "model"|"switch", "cells", "stops", "opens"}]: of the
 * cells that are played alike in both, how many break in the column alone, and in the variant
 * alone. */
json_t *plait_variants(const json_t *document);
void plait_render_variants(const struct plait_page *page, const json_t *variants);

#endif
