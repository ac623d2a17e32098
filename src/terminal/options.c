/* terminal/options.c: reading a command line by its tables, and printing the tables as help. */
#include "terminal/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/panic.h"

/* ---- finding ------------------------------------------------------------------------------ */

/* NAME is LENGTH octets long: it may be followed by '='. */
static const struct plait_option *find_in(const struct plait_option *table, const char *name,
                                          size_t length)
{
    for (; table->name; table++)
        if (strlen(table->name) == length && strncmp(table->name, name, length) == 0)
            return table;
    return NULL;
}

static const struct plait_option *find(const struct plait_grammar *grammar, const char *name,
                                       size_t length)
{
    const struct plait_option *option = find_in(grammar->own, name, length);
    return option ? option : find_in(grammar->common, name, length);
}

static const struct plait_option *find_letter(const struct plait_grammar *grammar, char letter)
{
    const struct plait_option *const tables[] = {grammar->own, grammar->common};
    for (unsigned i = 0; i < 2; i++)
        for (const struct plait_option *o = tables[i]; o->name; o++)
            if (o->letter == letter)
                return o;
    return NULL;
}

static const char *nearest_option(const struct plait_grammar *grammar, const char *name)
{
    struct plait_nearest nearest = {.word = name};
    for (const struct plait_option *o = grammar->own; o->name; o++)
        plait_nearest_try(&nearest, o->name);
    for (const struct plait_option *o = grammar->common; o->name; o++)
        plait_nearest_try(&nearest, o->name);
    return nearest.best;
}

int plait_word_index(const char *const *words, const char *text)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    return -1;
}

/* ---- values ------------------------------------------------------------------------------- */

struct parse {
    const struct plait_grammar *grammar;
    void *options;
    struct plait_texts *operands;
    int argc;
    char **argv;
    int at;
    char *error;
    size_t error_octets;
};

void plait_texts_add(struct plait_texts *texts, const char *text)
{
    texts->of = realloc(texts->of, (texts->count + 1) * sizeof *texts->of);
    PLAIT_CHECK(texts->of);
    texts->of[texts->count++] = text;
}

/* A number without sign or blank, base 10, or 16 behind 0x; *END is what follows it. */
static bool parse_digits(const char *text, uint64_t *number, char **end)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    if (!(hex ? isxdigit((unsigned char)*digits) : isdigit((unsigned char)*digits)))
        return false;
    errno = 0;
    *number = strtoull(digits, end, hex ? 16 : 10);
    return errno == 0;
}

static bool parse_number(const char *text, uint64_t *number)
{
    char *end;
    return parse_digits(text, number, &end) && *end == '\0';
}

static bool refuse_word(struct parse *p, const struct plait_option *option, const char *text)
{
    snprintf(p->error, p->error_octets, "--%s %s: not known (nearest: %s)", option->name, text,
             plait_nearest_of(text, option->words));
    return false;
}

static bool store_count(struct parse *p, const struct plait_option *option, unsigned *place,
                        const char *text)
{
    uint64_t number;
    if (!parse_number(text, &number) || number < option->min || number > option->max) {
        snprintf(p->error, p->error_octets, "--%s %s: is no number from %u to %u", option->name,
                 text, option->min, option->max);
        return false;
    }
    *place = (unsigned)number;
    return true;
}

static bool store_seed(struct parse *p, const struct plait_option *option, uint64_t *place,
                       const char *text)
{
    if (parse_number(text, place))
        return true;
    snprintf(p->error, p->error_octets, "--%s %s: is no 64-bit number", option->name, text);
    return false;
}

static bool parse_octets(const char *text, uint64_t *octets)
{
    static const char units[] = "kMG";
    char *end;
    if (!parse_digits(text, octets, &end))
        return false;
    const char *unit = *end ? strchr(units, *end) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    bool fits = *octets << shift >> shift == *octets;
    *octets <<= shift;
    return fits && (unit ? end[1] == '\0' : *end == '\0');
}

static bool store_octets(struct parse *p, const struct plait_option *option, uint64_t *place,
                         const char *text)
{
    if (parse_octets(text, place) && *place >= option->min)
        return true;
    snprintf(p->error, p->error_octets,
             "--%s %s: is no number of octets from %u on (k, M or G may follow)", option->name,
             text, option->min);
    return false;
}

static bool store(struct parse *p, const struct plait_option *option, const char *text)
{
    void *place = (char *)p->options + option->offset;
    int index = option->words ? plait_word_index(option->words, text) : 0;
    if (index < 0)
        return refuse_word(p, option, text);
    switch (option->kind) {
    case PLAIT_OPTION_FLAG:
        *(bool *)place = true;
        return true;
    case PLAIT_OPTION_TEXT:
        *(const char **)place = text;
        return true;
    case PLAIT_OPTION_TEXTS:
        plait_texts_add(place, text);
        return true;
    case PLAIT_OPTION_WORD:
        *(unsigned *)place = option->min + (unsigned)index;
        return true;
    case PLAIT_OPTION_COUNT:
        return store_count(p, option, place, text);
    case PLAIT_OPTION_SEED:
        return store_seed(p, option, place, text);
    case PLAIT_OPTION_OCTETS:
        return store_octets(p, option, place, text);
    case PLAIT_OPTION_READ:
        return option->read(option, place, text, p->error, p->error_octets);
    }
    return false;
}

/* ---- the line ----------------------------------------------------------------------------- */

/* VALUE is what stood in the same word, or NULL: then it is the next word. */
static bool take_option(struct parse *p, const struct plait_option *option, const char *value)
{
    if (option->kind == PLAIT_OPTION_FLAG && value) {
        snprintf(p->error, p->error_octets, "--%s takes no value", option->name);
        return false;
    }
    if (option->kind != PLAIT_OPTION_FLAG && !value)
        value = p->at < p->argc ? p->argv[p->at++] : NULL;
    if (option->kind != PLAIT_OPTION_FLAG && (!value || !*value)) {
        snprintf(p->error, p->error_octets, "--%s needs a value: %s", option->name,
                 option->argument);
        return false;
    }
    return store(p, option, value);
}

static bool parse_option(struct parse *p, const char *text)
{
    size_t length = strcspn(text, "=");
    const struct plait_option *option = find(p->grammar, text, length);
    if (option)
        return take_option(p, option, text[length] ? text + length + 1 : NULL);
    snprintf(p->error, p->error_octets, "unknown option --%.*s (nearest: --%s)", (int)length, text,
             nearest_option(p->grammar, text));
    return false;
}

static bool parse_operand(struct parse *p, const char *text)
{
    if (p->operands->count < p->grammar->operands_max) {
        plait_texts_add(p->operands, text);
        return true;
    }
    snprintf(p->error, p->error_octets, "%s: one operand too many", text);
    return false;
}

static bool parse_short(struct parse *p, const char *text)
{
    const struct plait_option *option = find_letter(p->grammar, text[1]);
    if (option && !(option->kind == PLAIT_OPTION_FLAG && text[2]))
        return take_option(p, option, text[2] ? text + 2 : NULL);
    snprintf(p->error, p->error_octets, "unknown option %s (nearest: --%s)", text,
             nearest_option(p->grammar, text + 1));
    return false;
}

static bool parse_argument(struct parse *p, bool *options_end)
{
    const char *text = p->argv[p->at++];
    if (*options_end || text[0] != '-' || text[1] == '\0')
        return parse_operand(p, text);
    if (text[1] != '-')
        return parse_short(p, text);
    if (text[2] != '\0')
        return parse_option(p, text + 2);
    *options_end = true;
    return true;
}

bool plait_options_read(const struct plait_grammar *grammar, int argc, char **argv, void *options,
                        struct plait_texts *operands, char *error, size_t error_octets)
{
    struct parse p = {grammar, options, operands, argc, argv, 0, error, error_octets};
    bool options_end = false;
    while (p.at < argc)
        if (!parse_argument(&p, &options_end))
            return false;
    return true;
}

/* ---- help --------------------------------------------------------------------------------- */

static void print_option(const struct plait_option *option, FILE *stream)
{
    char left[80], letter[8] = "";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    if (strlen(left) > 30)
        fprintf(stream, "  %s\n  %-30s %s\n", left, "", option->help);
    else
        fprintf(stream, "  %-30s %s\n", left, option->help);
}

/* What the command has under the same name stands for what all have. */
static void print_common(const struct plait_grammar *grammar, FILE *stream)
{
    for (const struct plait_option *o = grammar->common; o->name; o++)
        if (!find_in(grammar->own, o->name, strlen(o->name)))
            print_option(o, stream);
}

void plait_options_print(const struct plait_grammar *grammar, const char *program, FILE *stream)
{
    fprintf(stream, "Usage: %s %s [options]%s%s\n%s\n", program, grammar->command,
            *grammar->operands ? " " : "", grammar->operands, grammar->summary);
    if (grammar->own->name)
        fputs("\nOptions:\n", stream);
    for (const struct plait_option *o = grammar->own; o->name; o++)
        print_option(o, stream);
    fputs("\nOptions of every command:\n", stream);
    print_common(grammar, stream);
}
