/* report/expected.c: the literature's matrix for the threats that are played, and where measurement
 * differs. */
#include "report/expected.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "report/words.h"

/* ---- what is said ------------------------------------------------------------------------- */

#define FLOODS  "RFC 6181 §5; RFC 6824 §5 and RFC 8684 §5 claim every form of flooding"
#define HIJACKS "RFC 6181 §6.1, §6.2; RFC 6824 §5; RFC 8684 §5"
#define REMOVAL "RFC 6181 §6.1; RFC 6824 §3.4.2 and RFC 8684 §3.4.2 ask before a path goes (SHOULD)"
#define OWN     "own analysis"

/* Letters: M0e, M0i, M1, M2, v0, v1, M4. */
const struct plait_expected plait_expected_rows[] = {
    {"T-FLOOD-1", NULL, NULL, NULL, "FFSSSSs", FLOODS},
    {"T-FLOOD-2", NULL, NULL, NULL, "FFSSSSs", "RFC 6181 §5"},
    {"T-FLOOD-3", NULL, NULL, NULL, "FFSsSSs", "RFC 6181 §5"},
    {"T-FLOOD-4", NULL, NULL, NULL, "ffppppp",
     "own analysis: 2 to the minus n for a check of n bits"},
    {"T-FLOOD-5", NULL, NULL, NULL, "F-ffFFf",
     "RFC 6181 §5; RFC 6824 §5 and RFC 8684 §5 have heuristics only"},
    {"T-FLOOD-6", NULL, NULL, NULL, "--fffff", OWN},
    {"T-FLOOD-7", NULL, NULL, NULL, "FFFffff", "RFC 4218 §4.3.2: a simple probe fails"},
    {"T-FLOOD-8", NULL, NULL, NULL, "fffffff", "RFC 4225 §3.2.2, carried over"},
    {"T-CAMP-1", NULL, NULL, NULL, "ffsssss", "RFC 5062 §2, carried over: confirm before use"},
    {"T-REUSE-1", NULL, NULL, NULL, "fffffff", "RFC 5062 §3, carried over"},
    {"T-HIJ-1", NULL, NULL, NULL, "FFfSSSs", HIJACKS},
    {"T-HIJ-2", NULL, NULL, NULL, "FFfSSSs", HIJACKS},
    {"T-HIJ-3", NULL, NULL, NULL, "FFfSSSs", HIJACKS},
    {"T-HIJ-4", NULL, NULL, NULL, "FFfSSSs", HIJACKS},
    {"T-HIJ-5", NULL, NULL, NULL, "FFfSFSs", "RFC 6181 §6.1; RFC 7430 §2, §7.1; RFC 8684 §5"},
    {"T-HIJ-6", NULL, NULL, NULL, "FPfSPPp", REMOVAL},
    {"T-HIJ-7", NULL, NULL, NULL, "ffffFFf", "RFC 6181 §4; RFC 8684 §4 defines the interface so"},
    {"T-HIJ-8", NULL, NULL, NULL, "FFsSSSs", "RFC 4218 §4.2; RFC 4225 §3.1.5; R1 of RFC 6181 §7"},
    {"T-UNK-1", NULL, NULL, NULL, "ffssSSs", "RFC 4218 §4.4; RFC 6824 §3.2"},
    {"T-TS-1", NULL, NULL, NULL, "fffFSSs", "RFC 6181 §6.2"},
    {"T-TS-2", NULL, NULL, NULL, "fffFFFS", "RFC 6181 §6.2, §7; RFC 7430 §5"},
    {"T-TS-3", NULL, NULL, NULL, "FFfFFFF", "RFC 6181 §6.2, §6.3; RFC 7430 §6"},
    {"T-TS-4", NULL, NULL, NULL, "------s", "RFC 6181 §6.2: of anchors"},
    {"T-TS-6", NULL, NULL, NULL, "ffffSSs", "RFC 6824 §5; RFC 8684 §5"},
    {"T-TS-7", NULL, NULL, NULL, "ffpppps", "R1 of RFC 6181 §7 stops silent sinks only"},
    {"T-RES-1", NULL, "PE-J", NULL, "---sFSs", "RFC 7430 §2, §7.1; RFC 8684 §5"},
    {"T-RES-1", "PE-J", NULL, NULL, "---fFss", "RFC 7430 §2.1"},
    {"T-FC-1", NULL, NULL, NULL, "----ffs", "own analysis of RFC 8684 §3.5"},
    {"T-RM-1", NULL, NULL, NULL, "----PPp",
     "RFC 6824 §3.4.2 and RFC 8684 §3.4.2: a living path must survive"},
    {"T-PRIO-2", NULL, NULL, NULL, "----fff", OWN},
    {"T-RST-1", NULL, NULL, NULL, "FFFFPPP",
     "RFC 8684 §4, §5: as TCP, and the connection survives"},
    {"T-DFIN-1", NULL, NULL, NULL, "fffffff", OWN},
    {"T-CSUM-1", NULL, NULL, "unchecked", "ffffFFf", "RFC 8684 §3.3.1: what no checksum covers"},
    {"T-CSUM-1", NULL, NULL, "checked", "--s-SSs", "RFC 8684 §3.3.1, §3.7"},
    {"T-BID-1", NULL, NULL, NULL, "FFFFFFF", "RFC 8684 §3.1, §3.7, §6: falling back is defined"},
    {"T-TOK-1", NULL, NULL, NULL, "----SSs", "RFC 8684 §3.2: 32 bits"},
    {"T-TOK-2", NULL, NULL, NULL, "----fff",
     "own analysis of RFC 8684 §3.2: a wrong token is reset"},
};
const size_t plait_expected_count = sizeof plait_expected_rows / sizeof plait_expected_rows[0];

/* What a disagreement comes from: an entry of docs/FINDINGS.md. */
static const struct {
    const char *threat, *mechanism, *finding;
} findings[] = {
    {"T-FLOOD-6", "M0e", "E-3"}, {"T-FLOOD-6", "M0i", "E-3"},
    {"T-UNK-1", "M0e", "E-4"},   {"T-UNK-1", "M0i", "E-4"},
    {"T-CAMP-1", "M0i", "E-5"},  {"T-CAMP-1", "M1h", "E-5"},
    {"T-CAMP-1", "v0", "E-5"},   {"T-CAMP-1", "v1", "E-5"},
    {"T-CAMP-1", "M4", "E-5"},   {"T-HIJ-2", "M1h", "E-6"},
    {"T-HIJ-6", "M1h", "E-6"},   {"T-HIJ-6", "M0i", "E-1"},
    {"T-HIJ-7", "M4", "E-8"},    {"T-PRIO-2", "v0", "E-2"},
    {"T-PRIO-2", "v1", "E-2"},   {"T-PRIO-2", "M4", "E-2"},
    {"T-CSUM-1", "M1h", "E-7"},  {"T-CSUM-1", "v0", "E-7"},
    {"T-CSUM-1", "v1", "E-7"},   {"T-CSUM-1", "M4", "E-7"},
    {"T-RM-1", "v1", "F-3"}, /* of a kernel */
};

static const struct {
    const char *mechanism;
    enum plait_expected_column column;
} columns[] = {
    {"M0e", PLAIT_EXPECTED_M0E}, {"M0i", PLAIT_EXPECTED_M0I}, {"M1n", PLAIT_EXPECTED_M1},
    {"M1h", PLAIT_EXPECTED_M1},  {"M2", PLAIT_EXPECTED_M2},   {"v0", PLAIT_EXPECTED_V0},
    {"v1", PLAIT_EXPECTED_V1},   {"M4", PLAIT_EXPECTED_M4},
};

/* ---- what is measured --------------------------------------------------------------------- */

/* The cells of one row in one column. */
struct measured {
    unsigned cells, broken;
    const char *worst; /* outcome, or NULL */
};

static struct measured measure(const struct plait_matrix *matrix, const struct plait_expected *row,
                               const char *mechanism)
{
    struct measured m = {0};
    size_t at = 0;
    const json_t *cell;
    while ((cell = plait_matrix_next(matrix, row->threat, mechanism, &at))) {
        const char *position = plait_field(cell, "position", "");
        const char *outcome = plait_field(cell, "outcome", NULL);
        const char *form = plait_field(cell, "form", "");
        if ((row->form && strncmp(form, row->form, strlen(row->form)) != 0) ||
            (row->only && strcmp(position, row->only) != 0) ||
            (row->except && strcmp(position, row->except) == 0))
            continue;
        m.cells++;
        m.broken += plait_cell_is_broken(cell);
        if (plait_outcome_rank(outcome) > plait_outcome_rank(m.worst))
            m.worst = outcome;
    }
    return m;
}

/* "Limited" is refuted only where each cell breaks. */
static bool agrees(char letter, const struct measured *m)
{
    if (m->cells == 0)
        return false; /* nothing was measured that could */
    switch (toupper((unsigned char)letter)) {
    case 'S':
        return m->broken == 0;
    case 'F':
    case 'D':
        return m->broken > 0;
    case 'P':
        return m->broken < m->cells || strcmp(m->worst, "partial") == 0;
    default:
        return false;
    }
}

static const char *meaning(char letter)
{
    switch (toupper((unsigned char)letter)) {
    case 'S':
        return "must be stopped";
    case 'F':
        return "must succeed";
    case 'P':
        return "limited";
    case 'D':
        return "succeeds, and can be noticed";
    default:
        return "does not apply";
    }
}

static const char *finding_of(const char *threat, const char *mechanism)
{
    for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++)
        if (!strcmp(findings[i].threat, threat) && !strcmp(findings[i].mechanism, mechanism))
            return findings[i].finding;
    return NULL;
}

static json_t *position_json(const struct plait_expected *row)
{
    if (row->only)
        return json_string(row->only);
    return row->except ? json_sprintf("not %s", row->except) : json_null();
}

static json_t *compare_row(const struct plait_expected *row, char letter, const char *mechanism,
                           const struct measured *m)
{
    const char sign[] = {letter, '\0'};
    bool agreed = agrees(letter, m);
    json_t *json =
        json_pack("{s:s,s:o,s:s,s:s,s:b,s:s,s:s,s:s?,s:i}", "threat", row->threat, "position",
                  position_json(row), "mechanism", mechanism, "letter", sign, "cited",
                  isupper((unsigned char)letter) != 0, "expected", meaning(letter), "citation",
                  row->citation, "measured", m->worst, "cells", (int)m->cells);
    json_object_set_new(json, "form", row->form ? json_string(row->form) : json_null());
    json_object_set_new(json, "agrees", m->cells ? json_boolean(agreed) : json_null());
    const char *finding = m->cells && !agreed ? finding_of(row->threat, mechanism) : NULL;
    json_object_set_new(json, "finding", finding ? json_string(finding) : json_null());
    return json;
}

json_t *plait_expected_compare(const struct plait_matrix *matrix)
{
    json_t *rows = json_array();
    int agree = 0, differ = 0;
    for (size_t i = 0; i < plait_expected_count; i++) {
        const struct plait_expected *row = &plait_expected_rows[i];
        for (size_t c = 0;
             plait_matrix_has(matrix, row->threat) && c < sizeof columns / sizeof *columns; c++) {
            char letter = row->letters[columns[c].column];
            const struct measured m = measure(matrix, row, columns[c].mechanism);
            agree += agrees(letter, &m);
            differ += m.cells && !agrees(letter, &m);
            json_array_append_new(rows, compare_row(row, letter, columns[c].mechanism, &m));
        }
    }
    return json_pack("{s:i,s:i,s:o}", "agree", agree, "differ", differ, "rows", rows);
}

/* ---- as text ------------------------------------------------------------------------------ */

static void grid_difference(struct plait_grid *grid, const json_t *row)
{
    const char *part = plait_field(row, "position", plait_field(row, "form", NULL));
    plait_grid_cellf(grid, "  %s%s%s", plait_field(row, "threat", ""), part ? " " : "",
                     part ? part : "");
    plait_grid_cell(grid, plait_field(row, "mechanism", ""));
    plait_grid_cell(grid, plait_field(row, "expected", ""));
    plait_grid_cell(grid, plait_outcome_shown(plait_field(row, "measured", "")));
    plait_grid_cell(grid, plait_field(row, "finding", "unexplained"));
    plait_grid_cell(grid, plait_field(row, "citation", ""));
}

void plait_render_expected(const struct plait_page *page, const json_t *compared)
{
    const json_t *rows = json_object_get(compared, "rows");
    long long agree = json_integer_value(json_object_get(compared, "agree"));
    long long differ = json_integer_value(json_object_get(compared, "differ"));
    if (agree + differ == 0)
        return;
    plait_page_add(page,
                   "\nagainst the literature: %lld of %lld pairs of threat and mechanism agree%s\n",
                   agree, agree + differ, differ ? "; docs/FINDINGS.md says why not:" : "");
    struct plait_grid *grid = plait_grid_new(6);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (json_is_false(json_object_get(row, "agrees")))
            grid_difference(grid, row);
    }
    plait_grid_end(grid, page);
}
