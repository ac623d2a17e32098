/* cli/options.c: the rows that all commands have, and what is read in the commands' own ways. */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "lab/target.h"
#include "terminal/status.h"

static const struct plait_option common_options[] = {
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
    {.name = "help", .letter = 'h', .help = "this text", .offset = PLAIT_OPTION_AT(help)},
    {.name = "version", .help = "the version", .offset = PLAIT_OPTION_AT(version)},
    {.name = NULL},
};

struct plait_options plait_options_default(void)
{
    return (struct plait_options){.target = PLAIT_TARGET_PLAIT,
                                  .jobs = PLAIT_JOBS,
                                  .repeat = 1,
                                  .seed = 1,
                                  .netcat = {.paths = 2, .mtu_octets = 1500}};
}

/* ---- values ------------------------------------------------------------------------------- */

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

bool plait_read_values(const struct plait_option *option, void *place, const char *text,
                       char *error, size_t error_octets)
{
    struct plait_netcat_values *values = place;
    *values = (struct plait_netcat_values){0};
    for (const char *at = text;;) {
        size_t length = strcspn(at, ",");
        double number;
        if (!parse_decimal(at, length, &number) || number < option->min || number > option->max ||
            values->count == PLAIT_NETCAT_PATHS_MAX) {
            snprintf(error, error_octets,
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

/* ---- the line ----------------------------------------------------------------------------- */

static struct plait_grammar grammar_of(const struct plait_command *command)
{
    return (struct plait_grammar){command->name,    command->operands, command->operand_count,
                                  command->summary, command->options,  common_options};
}

/* An absent operand stays NULL. */
static void keep_operands(struct plait_options *options, const struct plait_texts *operands)
{
    for (unsigned i = 0; i < operands->count; i++)
        options->operands[i] = operands->of[i];
    options->operand_count = operands->count;
    free(operands->of);
}

bool plait_options_parse(const struct plait_command *command, int argc, char **argv,
                         struct plait_options *options, char *error, size_t error_octets)
{
    const struct plait_grammar grammar = grammar_of(command);
    struct plait_texts operands = {0};
    bool read = plait_options_read(&grammar, argc, argv, options, &operands, error, error_octets);
    keep_operands(options, &operands);
    bool only_asks = options->help || options->version || options->list;
    if (!read || only_asks || options->operand_count == command->operand_count)
        return read;
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
        int index = plait_word_index(plait_exit_style_words, value);
        style = index < 0 ? style : PLAIT_EXIT_GIT_BISECT + (unsigned)index;
    }
    return style;
}

void plait_options_help(const struct plait_command *command, FILE *stream)
{
    const struct plait_grammar grammar = grammar_of(command);
    plait_options_print(&grammar, "plait", stream);
}
