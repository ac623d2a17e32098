/* lab/lines.c: octets to lines, lines to words, words to quantities. */
#include "lab/lines.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/nearest.h"

struct plait_lines plait_lines(const void *octets, size_t length_octets,
                               struct plait_line_error *error)
{
    *error = (struct plait_line_error){.line = 1};
    struct plait_lines lines = {.reader = plait_reader(octets, length_octets), .error = error};
    if (length_octets > PLAIT_FILE_OCTETS_MAX)
        (void)plait_lines_refuse(&lines, "larger than %d octets", PLAIT_FILE_OCTETS_MAX);
    return lines;
}

/* ---- refusing ----------------------------------------------------------------------------- */

bool plait_lines_refuse(struct plait_lines *lines, const char *format, ...)
{
    struct plait_line_error *error = lines->error;
    if (error->text[0])
        return false;
    error->line = lines->line ? lines->line : 1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return false;
}

bool plait_lines_refuse_word(struct plait_lines *lines, const char *word, const char *what,
                             const char *const *words)
{
    return plait_lines_refuse(lines, "%s: no %s (nearest: %s)", word, what,
                              plait_nearest_of(word, words));
}

/* ---- words -------------------------------------------------------------------------------- */

static bool is_blank(uint8_t octet)
{
    return octet == ' ' || octet == '\t' || octet == '\r';
}

static bool is_visible(uint8_t octet)
{
    return octet > ' ' && octet < 0x7f;
}

/* A comment may be in any language; it holds no control character either. */
static bool is_text(uint8_t octet)
{
    return octet >= ' ' && octet != 0x7f;
}

struct line {
    size_t octets, in_word; /* of the line, of the word that is being read */
    bool comment;
};

static bool add_octet(struct plait_lines *lines, struct line *line, uint8_t octet)
{
    if (line->in_word == 0) {
        if (lines->count == PLAIT_LINE_WORDS_MAX)
            return plait_lines_refuse(lines, "more than %d words in a line", PLAIT_LINE_WORDS_MAX);
        memset(lines->word[lines->count++], 0, PLAIT_WORD_OCTETS);
    }
    if (line->in_word == PLAIT_WORD_OCTETS - 1)
        return plait_lines_refuse(lines, "%s...: a word of more than %d octets",
                                  lines->word[lines->count - 1], PLAIT_WORD_OCTETS - 1);
    lines->word[lines->count - 1][line->in_word++] = (char)octet;
    return true;
}

static bool take_octet(struct plait_lines *lines, struct line *line, uint8_t octet)
{
    if (++line->octets > PLAIT_LINE_OCTETS_MAX)
        return plait_lines_refuse(lines, "a line of more than %d octets", PLAIT_LINE_OCTETS_MAX);
    line->comment = line->comment || octet == '#';
    if (is_blank(octet) || (line->comment && is_text(octet))) {
        line->in_word = 0;
        return true;
    }
    if (line->comment || !is_visible(octet))
        return plait_lines_refuse(lines, "octet 0x%02x: plain text was expected%s", octet,
                                  octet >= 0x80 ? ", other letters in comments only" : "");
    return add_octet(lines, line, octet);
}

static bool read_line(struct plait_lines *lines)
{
    struct line line = {0};
    lines->count = 0;
    lines->line++;
    while (plait_reader_left(&lines->reader)) {
        uint8_t octet = plait_read_u8(&lines->reader);
        if (octet == '\n')
            return true;
        if (!take_octet(lines, &line, octet))
            return false;
    }
    return true;
}

bool plait_lines_next(struct plait_lines *lines)
{
    while (!lines->error->text[0] && plait_reader_left(&lines->reader))
        if (read_line(lines) && lines->count)
            return true;
    return false;
}

/* ---- quantities --------------------------------------------------------------------------- */

const struct plait_unit plait_time_units[] = {
    {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {NULL, 0}};
const struct plait_unit plait_rate_units[] = {
    {"bit/s", 1}, {"kbit/s", 1000}, {"Mbit/s", 1000000}, {"Gbit/s", 1000000000}, {NULL, 0}};
const struct plait_unit plait_size_units[] = {{"B", 1}, {"kB", 1000}, {"MB", 1000000}, {NULL, 0}};
const struct plait_unit plait_share_units[] = {{"ppm", 1}, {"%", 10000}, {NULL, 0}};

static bool refuse_quantity(struct plait_lines *lines, const char *name, const char *text,
                            const char *why, const struct plait_quantity *quantity)
{
    return plait_lines_refuse(lines, "%s %s: %s; expected %s like %s, %s", name, text, why,
                              quantity->what, quantity->like, quantity->range);
}

static const struct plait_unit *unit_named(const struct plait_unit *units, const char *name)
{
    for (; units->name; units++)
        if (strcmp(units->name, name) == 0)
            return units;
    return NULL;
}

/* Digits, perhaps a point and digits: VALUE / SCALE.  At most 15 digits, so that nothing overflows.
 */
static size_t read_decimal(const char *text, uint64_t *value, uint64_t *scale)
{
    enum { DIGITS_MAX = 15 };
    size_t at = 0, digits = 0;
    bool point = false;
    *value = 0;
    *scale = 1;
    for (; (text[at] >= '0' && text[at] <= '9') || (text[at] == '.' && !point && digits); at++) {
        if (text[at] == '.') {
            point = true;
            continue;
        }
        if (++digits > DIGITS_MAX)
            return 0;
        *value = 10 * *value + (uint64_t)(text[at] - '0');
        *scale *= point ? 10 : 1;
    }
    bool ends_well = at && text[at - 1] != '.';
    return ends_well ? at : 0;
}

bool plait_lines_quantity(struct plait_lines *lines, const char *name, const char *text,
                          const struct plait_quantity *quantity, uint64_t *value)
{
    uint64_t number, scale;
    size_t length = read_decimal(text, &number, &scale);
    if (length == 0)
        return refuse_quantity(lines, name, text, "is no number with its unit", quantity);
    if (text[length] == '\0')
        return refuse_quantity(lines, name, text, "has no unit", quantity);
    const struct plait_unit *unit = unit_named(quantity->units, text + length);
    if (!unit)
        return refuse_quantity(lines, name, text, "has another unit", quantity);
    unsigned __int128 in_base = (unsigned __int128)number * unit->in_base;
    if (in_base / scale < quantity->least || in_base > (unsigned __int128)quantity->most * scale)
        return refuse_quantity(lines, name, text, "is out of range", quantity);
    if (in_base % scale)
        return refuse_quantity(lines, name, text, "is finer than can be had", quantity);
    *value = (uint64_t)(in_base / scale);
    return true;
}

void plait_quantity_print(struct plait_text *text, const struct plait_quantity *quantity,
                          uint64_t value)
{
    const struct plait_unit *best = quantity->units;
    for (const struct plait_unit *unit = quantity->units; unit->name; unit++)
        if (value % unit->in_base == 0)
            best = unit;
    plait_text_add(text, "%llu%s", (unsigned long long)(value / best->in_base), best->name);
}
