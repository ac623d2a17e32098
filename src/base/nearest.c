/* base/nearest.c: edit distance (optimal string alignment), three rows of its table at a time. */
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

enum { LENGTH_MAX = 63 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static int lower(char octet)
{
    return tolower((unsigned char)octet);
}

/* Row I of the table, from the two above it. */
static void fill_row(const char *a, const char *b, size_t i, size_t length_b,
                     unsigned rows[3][LENGTH_MAX + 1])
{
    unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above_that = rows[(i + 1) % 3];
    row[0] = (unsigned)i;
    for (size_t j = 1; j <= length_b; j++) {
        unsigned substituted = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
        row[j] = least(substituted, least(above[j], row[j - 1]) + 1);
        if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
            lower(a[i - 2]) == lower(b[j - 1]))
            row[j] = least(row[j], above_that[j - 2] + 1);
    }
}

unsigned plait_edit_distance(const char *a, const char *b)
{
    size_t length_a = strnlen(a, LENGTH_MAX), length_b = strnlen(b, LENGTH_MAX);
    unsigned rows[3][LENGTH_MAX + 1];
    for (size_t j = 0; j <= length_b; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= length_a; i++)
        fill_row(a, b, i, length_b, rows);
    return rows[length_a % 3][length_b];
}

void plait_nearest_try(struct plait_nearest *nearest, const char *candidate)
{
    unsigned distance = plait_edit_distance(nearest->word, candidate);
    if (nearest->best && distance >= nearest->distance)
        return;
    nearest->best = candidate;
    nearest->distance = distance;
}

const char *plait_nearest_of(const char *word, const char *const *candidates)
{
    struct plait_nearest nearest = {.word = word};
    for (; *candidates; candidates++)
        plait_nearest_try(&nearest, *candidates);
    return nearest.best;
}
