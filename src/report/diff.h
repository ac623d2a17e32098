/* report/diff.h: where the verdicts of two documents differ, and what an expectation forgives.
 *
 * A verdict differs when the cell's outcome, its versus_tcp, or any goal's versus_tcp differs.
 * The result is JSON too:
 *
 *   { "schema": 1, "compared": N, "worse": N, "better": N, "other": N, "new": N, "missing": N,
 *     "known": N, "failing": N, "changes": [ { "id", "threat",
 *     "change": "worse"|"better"|"other"|"new"|"missing", "level": "note"|"warning"|"alert",
 *     "before": verdict|null, "after": verdict|null,
 *     "known": { "reason", "until", "holds": bool }|null, "fails": bool } ],
 *     "forgiven": { ID: REASON } }   every cell of the earlier document whose `known` holds
 *   verdict = { "outcome", "goal", "versus_tcp", "reason", "goals": { GOAL: versus_tcp } }
 *
 * A change for the better differs too: an expectation is to stay true.  A new cell has no verdict
 * to differ from and never fails; a run that was ended early misses nothing.  May touch: nothing
 * but its arguments. */
#ifndef PLAIT_REPORT_DIFF_H
#define PLAIT_REPORT_DIFF_H

#include <jansson.h>
#include <stdbool.h>

/* What the later run was asked for: cells outside are not missed.  NULL members select all. */
struct plait_diff_scope {
    const char *threat_glob;
    const char *position;
    const char *cell_glob;
};

/* DATE ("2026-12-31") decides which `known` of BEFORE still hold: those whose `until` is later.
 * SCOPE may be NULL.  The caller owns the result. */
json_t *plait_diff(const json_t *before, const json_t *after, const struct plait_diff_scope *scope,
                   const char *date);

/* SCOPE may be NULL. */
bool plait_in_scope(const struct plait_diff_scope *scope, const json_t *cell);

/* The cell's `known` still holds on DATE. */
bool plait_known_holds(const json_t *cell, const char *date);
/* The changes of a difference by cell ID; the caller owns the object. */
json_t *plait_diff_index(const json_t *difference);

#endif
