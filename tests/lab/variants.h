/* tests/lab/variants.h: mechanisms that are broken on purpose, each a copy of a sound one with one
 * entry changed, as columns of their own; and what is compared between two columns.  For tests
 * only: an attacker is not told which he meets. */
#ifndef PLAIT_TESTS_LAB_VARIANTS_H
#define PLAIT_TESTS_LAB_VARIANTS_H

#include "tests/lab/runs.h"

struct variant {
    const char *name, *sound; /* columns */
    void (*spoil)(struct plait_mechanism *table);
};

/* Makes a column of each; before the first run. */
void add_variants(const struct variant *variants, unsigned count);

/* The cells of FAMILY IPv4 whose IDs match THREATS/.../COLUMN/..., of both columns, played. */
json_t *cells_of_two(const char *threats, const char *sound, const char *variant, bool full);
/* The cell of DOCUMENT that is CELL but for its column; fails if there is none. */
const json_t *counterpart(const json_t *document, const json_t *cell, const char *column);
/* "broken": also fails if the cell was not decided. */
bool is_broken(const json_t *cell);

#endif
