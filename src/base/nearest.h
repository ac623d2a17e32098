/* base/nearest.h: the valid word nearest to one that is not.  May touch: nothing but its arguments.
 */
#ifndef PLAIT_BASE_NEAREST_H
#define PLAIT_BASE_NEAREST_H

#include <stddef.h>

/* Insertions, deletions, substitutions and swaps of neighbours that turn A into B, whatever their
 * case; only the first 63 octets of each count. */
unsigned plait_edit_distance(const char *a, const char *b);

struct plait_nearest {
    const char *word; /* looked for */
    const char *best; /* NULL before the first candidate */
    unsigned distance;
};
void plait_nearest_try(struct plait_nearest *nearest, const char *candidate);
/* NULL-terminated CANDIDATES, of which there is at least one. */
const char *plait_nearest_of(const char *word, const char *const *candidates);

#endif
