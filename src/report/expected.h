/* report/expected.h: what the literature says of each threat under each mechanism, as data with
 * citations, and how that compares with what was measured.
 *
 * Letters: S must be stopped, F must succeed, P limited, D succeeds but can be noticed, - does not
 * apply.  A capital is what the cited document says; a small letter is derived from it and from the
 * mechanism, and no document says it.  May touch: nothing but its arguments. */
#ifndef PLAIT_REPORT_EXPECTED_H
#define PLAIT_REPORT_EXPECTED_H

#include "report/matrix.h"
#include "terminal/page.h"

/* The columns of a row's letters; M1 stands for M1n and M1h. */
enum plait_expected_column {
    PLAIT_EXPECTED_M0E,
    PLAIT_EXPECTED_M0I,
    PLAIT_EXPECTED_M1,
    PLAIT_EXPECTED_M2,
    PLAIT_EXPECTED_V0,
    PLAIT_EXPECTED_V1,
    PLAIT_EXPECTED_M4,
    PLAIT_EXPECTED_COLUMNS
};

struct plait_expected {
    const char *threat;
    const char *only,
        *except;         /* of the threat's positions this one, or all but this one; or NULL */
    const char *form;    /* of its forms those that begin so; NULL: all */
    const char *letters; /* by enum plait_expected_column */
    const char *citation;
};

extern const struct plait_expected plait_expected_rows[];
extern const size_t plait_expected_count;

/* What each row says, what the worst of its cells that count was, and whether the two agree:
 * {"agree": N, "differ": N, "rows": [{"threat", "position", "form", "mechanism", "letter", "cited",
 * "expected", "citation", "measured", "cells", "agrees", "finding"}]}.  Rows of threats without a
 * cell are left out; "measured" and "agrees" are null where no cell counts.  "finding" names the
 * entry of docs/FINDINGS.md that explains a disagreement. */
json_t *plait_expected_compare(const struct plait_matrix *matrix);
void plait_render_expected(const struct plait_page *page, const json_t *compared);

#endif
