/* cli/options.c: reading a command line by its table, and printing the table as help. */
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "lab/target.h"
#include "report/judge.h"
#include "report/render.h"

const struct plait_option plait_common_options[] = {
    {.name = "format",
     .kind = PLAIT_OPTION_WORD,
     .argument = "table|json|jsonl|tap",
     .help = "how results are written to standard output (table)",
     .offset = PLAIT_OPTION_AT(format),
     .words = plait_format_words,
     .min = PLAIT_FORMAT_TABLE},
    {.name = "strict",
     .help = "status 4 if anything was skipped or not understood",
     .offset = PLAIT_OPTION_AT(strict)},
    {.name = "expect",
     .kind = PLAIT_OPTION_TEXT,
     .argument = "FILE",
     .help = "an earlier report: status 1 if a verdict differs from it",
     .offset = PLAIT_OPTION_AT(expect)},
    {.name = "fail-on",
     .kind = PLAIT_OPTION_WORD,
     .argument = "note|warning|alert",
     .help = "status 1 if something is broken (note), wider than TCP (warning), worse (alert)",
     .offset = PLAIT_OPTION_AT(fail_on),
     .words = plait_level_words,
     .min = PLAIT_LEVEL_NOTE},
    {.name = "exit-style",
     .kind = PLAIT_OPTION_WORD,
     .argument = "git-bisect|kselftest",
     .help = "exit statuses as that tool wants them",
     .offset = PLAIT_OPTION_AT(exit_style),
     .words = plait_exit_style_words,
     .min = PLAIT_EXIT_GIT_BISECT},
    {.name = "out",
     .kind = PLAIT_OPTION_TEXT,
     .argument = "DIR",
     .help = "folder of the report and its captures",
     .offset = PLAIT_OPTION_AT(out)},
    {.name = "quiet", .help = "no progress on standard error", .offset = PLAIT_OPTION_AT(quiet)},
    {.name = "help", .help = "this text", .offset = PLAIT_OPTION_AT(help)},
    {.name = "version", .help = "the version", .offset = PLAIT_OPTION_AT(version)},
    {.name = NULL},
};

#define COMMON_COUNT (sizeof plait_common_options / sizeof *plait_common_options)

struct plait_options plait_options_default(void)
{
    return (struct plait_options){.target = PLAIT_TARGET_PLAIT,
                                  .jobs = 20,
                                  .repeat = 1,
                                  .seed = 1,
                                  .netcat = {.paths = 2, .mtu_octets = 1500}};
}

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

static const struct plait_option *find(const struct plait_command *command, const char *name,
                                       size_t length)
{
    const struct plait_option *option = find_in(command->options, name, length);
    return option ? option : find_in(plait_common_options, name, length);
}

static const char *nearest_option(const struct plait_command *command, const char *name)
{
    struct plait_nearest nearest = {.word = name};
    for (const struct plait_option *o = command->options; o->name; o++)
        plait_nearest_try(&nearest, o->name);
    for (const struct plait_option *o = plait_common_options; o->name; o++)
        plait_nearest_try(&nearest, o->name);
    return nearest.best;
}

/* ---- values ------------------------------------------------------------------------------- */

struct parse {
    const struct plait_command *command;
    struct plait_options *options;
    int argc;
    char **argv;
    int at;
    char *error;
    size_t error_octets;
};

static int word_index(const char *const *words, const char *text)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    return -1;
}

/* A number without sign or blank; base 10, or 16 behind 0x. */
static bool parse_number(const char *text, uint64_t *number)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    if (!isxdigit((unsigned char)*digits))
        return false;
    char *end;
    errno = 0;
    *number = strtoull(digits, &end, hex ? 16 : 10);
    return *end == '\0' && end != digits && errno == 0;
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

/* A decimal fraction without sign or exponent. */
static bool parse_decimal(const char *text, size_t length, double *number)
{
    char copy[32];
    if (length == 0 || length >= sizeof copy || strspn(text, "0123456789.") < length)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *end;
    *number = strtod(copy, &end); /* only LC_CTYPE was set: the point is a point */
    return *end == '\0';
}

static bool store_values(struct parse *p, const struct plait_option *option,
                         struct plait_netcat_values *values, const char *text)
{
    *values = (struct plait_netcat_values){0};
    for (const char *at = text;;) {
        size_t length = strcspn(at, ",");
        double number;
        if (!parse_decimal(at, length, &number) || number < option->min || number > option->max ||
            values->count == PLAIT_NETCAT_PATHS_MAX) {
            snprintf(p->error, p->error_octets,
                     "--%s %s: is not 1 to %d numbers from %u to %u between commas", option->name,
                     text, PLAIT_NETCAT_PATHS_MAX, option->min, option->max);
            return false;
        }
        values->of[values->count++] = (uint64_t)(number * option->scale + 0.5);
        if (at[length] == '\0')
            return true;
        at += length + 1;
    }
}

static bool store(struct parse *p, const struct plait_option *option, const char *text)
{
    void *place = (char *)p->options + option->offset;
    int index = option->words ? word_index(option->words, text) : 0;
    if (index < 0)
        return refuse_word(p, option, text);
    switch (option->kind) {
    case PLAIT_OPTION_FLAG:
        *(bool *)place = true;
        return true;
    case PLAIT_OPTION_TEXT:
        *(const char **)place = text;
        return true;
    case PLAIT_OPTION_WORD:
        *(unsigned *)place = option->min + (unsigned)index;
        return true;
    case PLAIT_OPTION_COUNT:
        return store_count(p, option, place, text);
    case PLAIT_OPTION_SEED:
        return store_seed(p, option, place, text);
    case PLAIT_OPTION_VALUES:
        return store_values(p, option, place, text);
    }
    return false;
}

/* ---- the line ----------------------------------------------------------------------------- */

static bool parse_option(struct parse *p, const char *text)
{
    size_t length = strcspn(text, "=");
    const struct plait_option *option = find(p->command, text, length);
    const char *value = text[length] ? text + length + 1 : NULL;
    if (!option) {
        snprintf(p->error, p->error_octets, "unknown option --%.*s (nearest: --%s)", (int)length,
                 text, nearest_option(p->command, text));
        return false;
    }
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

static bool parse_operand(struct parse *p, const char *text)
{
    if (p->options->operand_count < p->command->operand_count) {
        p->options->operands[p->options->operand_count++] = text;
        return true;
    }
    snprintf(p->error, p->error_octets, "%s: one operand too many", text);
    return false;
}

static bool parse_short(struct parse *p, const char *text)
{
    if (strcmp(text, "-h") == 0) {
        p->options->help = true;
        return true;
    }
    snprintf(p->error, p->error_octets, "unknown option %s (nearest: --%s)", text,
             nearest_option(p->command, text + 1));
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

bool plait_options_parse(const struct plait_command *command, int argc, char **argv,
                         struct plait_options *options, char *error, size_t error_octets)
{
    struct parse p = {command, options, argc, argv, 0, error, error_octets};
    bool options_end = false;
    while (p.at < argc)
        if (!parse_argument(&p, &options_end))
            return false;
    bool only_asks = options->help || options->version || options->list;
    if (only_asks || options->operand_count == command->operand_count)
        return true;
    snprintf(error, error_octets, "needs %s", command->operands);
    return false;
}

unsigned plait_options_exit_style(int argc, char **argv)
{
    static const char name[] = "--exit-style";
    unsigned style = PLAIT_EXIT_PLAIT;
    for (int i = 0; i < argc; i++) {
        size_t length = sizeof name - 1;
        if (strncmp(argv[i], name, length))
            continue;
        const char *value = argv[i][length] == '=' ? argv[i] + length + 1
                            : i + 1 < argc         ? argv[i + 1]
                                                   : "";
        int index = word_index(plait_exit_style_words, value);
        style = index < 0 ? style : PLAIT_EXIT_GIT_BISECT + (unsigned)index;
    }
    return style;
}

/* ---- help --------------------------------------------------------------------------------- */

/* What COMMAND has under the same name stands for what all have. */
static void help_table(const struct plait_option *option, const struct plait_command *command,
                       FILE *stream)
{
    for (; option->name; option++) {
        if (option >= plait_common_options && option < plait_common_options + COMMON_COUNT &&
            find_in(command->options, option->name, strlen(option->name)))
            continue;
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "");
        if (strlen(left) > 30)
            fprintf(stream, "  %s\n  %-30s %s\n", left, "", option->help);
        else
            fprintf(stream, "  %-30s %s\n", left, option->help);
    }
}

void plait_options_help(const struct plait_command *command, FILE *stream)
{
    fprintf(stream, "Usage: plait %s [options]%s%s\n%s\n", command->name,
            *command->operands ? " " : "", command->operands, command->summary);
    if (command->options->name) {
        fputs("\nOptions:\n", stream);
        help_table(command->options, command, stream);
    }
    fputs("\nOptions of every command:\n", stream);
    help_table(plait_common_options, command, stream);
}
