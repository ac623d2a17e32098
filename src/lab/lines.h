/* lab/lines.h: files of plain lines that people write: words between blanks, `#` begins a comment.
 *
 * Octets from a file are hostile: they are read through a cursor, and the first thing that is wrong
 * ends the reading with its line, what is wrong there and what was expected (docs/TOPOLOGY.md).
 * May touch: nothing but its arguments. */
#ifndef PLAIT_LAB_LINES_H
#define PLAIT_LAB_LINES_H

#include "base/cursor.h"
#include "base/text.h"

#define PLAIT_FILE_OCTETS_MAX 65536
#define PLAIT_LINE_OCTETS_MAX 512
#define PLAIT_LINE_WORDS_MAX  40
#define PLAIT_WORD_OCTETS     32 /* with its end */

/* The first thing that is wrong; empty text: nothing was. */
struct plait_line_error {
    unsigned line; /* from 1 */
    char text[256];
};

struct plait_lines {
    struct plait_reader reader;
    unsigned line; /* read last */
    unsigned count;
    char word[PLAIT_LINE_WORDS_MAX][PLAIT_WORD_OCTETS]; /* of that line */
    struct plait_line_error *error;
};

struct plait_lines plait_lines(const void *octets, size_t length_octets,
                               struct plait_line_error *error);
/* Reads up to the next line that has words.  False at the end, and at an error. */
bool plait_lines_next(struct plait_lines *lines);
/* False, for the caller to give on; the first error is kept. */
bool plait_lines_refuse(struct plait_lines *lines, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* WORD is none of WORDS, which end with NULL: "dely: no word of a path (nearest: delay)". */
bool plait_lines_refuse_word(struct plait_lines *lines, const char *word, const char *what,
                             const char *const *words);

/* A number and its unit, which is never left out: "25ms", "0.1%". */
struct plait_unit {
    const char *name;
    uint64_t in_base; /* what one of it is in the smallest */
};

struct plait_quantity {
    const char *what, *like;        /* "a time", "25ms" */
    const struct plait_unit *units; /* from the smallest; end with a NULL name */
    uint64_t least, most;           /* in the smallest */
    const char *range;              /* the same, for people */
};

/* TEXT stands behind NAME.  False with an error that says what was expected. */
bool plait_lines_quantity(struct plait_lines *lines, const char *name, const char *text,
                          const struct plait_quantity *quantity, uint64_t *value);
/* VALUE in the largest unit of which it is a whole multiple. */
void plait_quantity_print(struct plait_text *text, const struct plait_quantity *quantity,
                          uint64_t value);

extern const struct plait_unit plait_time_units[], plait_rate_units[], plait_size_units[],
    plait_share_units[];

#endif
