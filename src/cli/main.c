/* cli/main.c: which command is meant, and with what status it ends. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/commands.h"
#include "cli/sibling.h"
#include "report/judge.h"
#include "terminal/console.h"

static const struct plait_command *const commands[] = {
    &plait_command_analyze,
    &plait_command_explain,
    &plait_command_diff,
    &plait_command_doctor,
    &plait_command_serve,
    &plait_command_connect,
    NULL,
};

static const char statuses[] =
    "\nExit status: 0 completed, findings or not; 1 findings, with --expect or --fail-on; 2 usage "
    "or\nenvironment; 3 the lab, a control run or a target failed; 4 nothing was decided, the run "
    "was ended\nearly, or with --strict something was skipped or not understood.\n";

static void help(FILE *stream)
{
    fputs("Usage: plait COMMAND [options]\n"
          "Asks with real packets whether Multipath TCP is as safe as TCP.\n\nCommands:\n",
          stream);
    for (const struct plait_command *const *c = commands; *c; c++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", (*c)->name, (*c)->operands);
        fprintf(stream, "  %-24s %s\n", left, (*c)->brief);
    }
    plait_siblings_help(stream);
    fputs("  COMMAND --help           options of a command\n", stream);
    fputs(statuses, stream);
}

static const struct plait_command *find_command(const char *name)
{
    struct plait_nearest nearest = {.word = name};
    for (const struct plait_command *const *c = commands; *c; c++) {
        if (strcmp((*c)->name, name) == 0)
            return *c;
        plait_nearest_try(&nearest, (*c)->name);
    }
    for (unsigned i = 0; plait_sibling_name(i); i++)
        plait_nearest_try(&nearest, plait_sibling_name(i));
    plait_complain("", "%s: no such %s (nearest: %s)", name, name[0] == '-' ? "option" : "command",
                   nearest.best);
    return NULL;
}

static bool is_any(const char *text, const char *a, const char *b, const char *c)
{
    return !strcmp(text, a) || !strcmp(text, b) || !strcmp(text, c);
}

static enum plait_status run_command(const struct plait_command *command, int argc, char **argv)
{
    char error[512];
    struct plait_options options = plait_options_default();
    if (!plait_options_parse(command, argc, argv, &options, error, sizeof error)) {
        plait_complain(command->name, "%s", error);
        return PLAIT_STATUS_USAGE;
    }
    if (options.help)
        plait_options_help(command, stdout);
    else if (options.version)
        puts("plait " PLAIT_VERSION);
    else
        return (enum plait_status)command->run(&options);
    return PLAIT_STATUS_COMPLETED;
}

static enum plait_status dispatch(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "";
    if (argc < 2) {
        help(stderr);
        return PLAIT_STATUS_USAGE;
    }
    if (is_any(first, "--help", "-h", "help")) {
        help(stdout);
        return PLAIT_STATUS_COMPLETED;
    }
    if (is_any(first, "--version", "version", "-V")) {
        puts("plait " PLAIT_VERSION);
        return PLAIT_STATUS_COMPLETED;
    }
    if (plait_sibling_become(first, argv))
        return PLAIT_STATUS_ENVIRONMENT;
    const struct plait_command *command = find_command(first);
    return command ? run_command(command, argc - 2, argv + 2) : PLAIT_STATUS_USAGE;
}

int main(int argc, char **argv)
{
    plait_console_hold();
    setlocale(LC_CTYPE, "");
    enum plait_status status = dispatch(argc, argv);
    if (!plait_console_finish(argc > 1 ? argv[1] : ""))
        status = plait_status_first(status, PLAIT_STATUS_ENVIRONMENT);
    unsigned style = plait_options_exit_style(argc, argv);
    return plait_exit_status(status, (enum plait_exit_style)style);
}
