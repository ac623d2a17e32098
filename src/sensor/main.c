/* sensor/main.c: which command is meant; opening for it; the confined process that runs it. */
#include <jansson.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/panic.h"
#include "sensor/filter.h"
#include "sensor/job.h"
#include "sensor/libpcap.h"
#include "sensor/news.h"
#include "sensor/opener.h"
#include "sensor/process.h"
#include "sensor/self_test.h"
#include "sensor/streams.h"
#include "terminal/console.h"

/* The first is meant where no command is named. */
static const struct plait_sensor_command *const commands[] = {
    &plait_sensor_audit,
    &plait_sensor_flatten,
    NULL,
};

/* Not listed: shows what a confined process can do (tests/sensor). */
static const struct plait_sensor_command *const hidden = &plait_sensor_self_test;

static const char statuses[] =
    "\nExit status: 0 completed, findings or not; 1 findings, with --fail-on; 2 usage or "
    "environment;\n3 plait failed; 4 nothing was decided, or with --strict something was not "
    "understood.\n";

static void help(FILE *stream)
{
    fputs("Usage: plait-audit [COMMAND] [options] FILE... | DIRECTORY | - | -i INTERFACE...\n"
          "Says what Multipath TCP in captures really did.\n\nCommands:\n",
          stream);
    for (const struct plait_sensor_command *const *c = commands; *c; c++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", (*c)->name, (*c)->operands);
        fprintf(stream, "  %-24s %s\n", left, (*c)->brief);
    }
    fputs("  COMMAND --help           options of a command\n", stream);
    fputs(statuses, stream);
}

/* ---- opening ------------------------------------------------------------------------------ */

static bool open_inputs(struct plait_job *job)
{
    const struct plait_sensor_options *o = job->options;
    for (unsigned i = 0; i < o->inputs.count; i++)
        if (!plait_open_input(job, o->inputs.of[i]))
            return false;
    for (unsigned i = 0; i < o->interfaces.count; i++)
        if (!plait_open_interface(job, o->interfaces.of[i]))
            return false;
    return (!o->before || plait_open_input(job, o->before)) &&
           (!o->after || plait_open_input(job, o->after));
}

static bool offsets_are_of_inputs(const struct plait_job *job)
{
    const struct plait_texts *offsets = &job->options->offsets;
    for (unsigned i = 0; i < offsets->count; i++) {
        int64_t offset_ns;
        unsigned k = 0;
        while (k < job->input_count &&
               !plait_offset_of(offsets->of[i], job->inputs[k].name, &offset_ns))
            k++;
        if (k < job->input_count)
            continue;
        plait_complain(job->command->name, "--offset %s: no input has that name", offsets->of[i]);
        return false;
    }
    return true;
}

static const char *contradiction_of(const struct plait_job *job)
{
    return job->command->contradiction ? job->command->contradiction(job->options) : NULL;
}

/* Interfaces have theirs in the kernel. */
static bool open_filter(struct plait_job *job)
{
    const struct plait_sensor_options *o = job->options;
    if (!o->filter || !(o->inputs.count || o->before))
        return true;
    job->filter = plait_filter_new(job->command->name, o->filter);
    return job->filter;
}

/* All that can be refused is, before an output loses what was in it. */
static bool open_all(struct plait_job *job)
{
    const char *wrong = contradiction_of(job);
    if (wrong)
        plait_complain(job->command->name, "%s", wrong);
    return !wrong && open_filter(job) && open_inputs(job) && offsets_are_of_inputs(job) &&
           (!job->command->open || job->command->open(job));
}

/* ---- the confined process ----------------------------------------------------------------- */

static struct plait_draw_key fresh_key(void)
{
    struct plait_draw_key key;
    PLAIT_CHECK(getrandom(&key, sizeof key, 0) == sizeof key);
    return key;
}

/* Everything a library would open later is opened or loaded now: the locale and the time zone are,
 * jansson has the seed of its tables, and streams get their buffers so that nobody asks the kernel
 * what they are. */
static void load_all(struct plait_job *job)
{
    tzset();
    json_object_seed(0);
    job->key = fresh_key();
}

static int run_confined(void *self)
{
    static char out[1 << 16];
    struct plait_job *job = self;
    plait_catch_interrupts();
    setvbuf(stdout, out, _IOFBF, sizeof out);
    enum plait_status status = job->command->run(job);
    if (!plait_console_finish(job->command->name))
        status = plait_status_first(status, PLAIT_STATUS_ENVIRONMENT);
    return plait_exit_status(status, PLAIT_EXIT_PLAIT);
}

static int descriptor_of(FILE *file)
{
    return file ? fileno(file) : -1;
}

static pid_t start(struct plait_job *job)
{
    enum { OTHERS = 5 };
    int *descriptors = calloc(job->input_count + OTHERS, sizeof *descriptors);
    unsigned count = 0;
    PLAIT_CHECK(descriptors);
    for (unsigned i = 0; i < job->input_count; i++)
        descriptors[count++] = job->inputs[i].descriptor;
    const int others[OTHERS] = {descriptor_of(job->output), descriptor_of(job->orphans),
                                descriptor_of(job->map), job->streams, job->news};
    for (unsigned i = 0; i < OTHERS; i++)
        if (others[i] >= 0)
            descriptors[count++] = others[i];
    const struct plait_child child = {.role = PLAIT_ROLE_PARSER,
                                      .descriptors = descriptors,
                                      .descriptor_count = count,
                                      .directory = -1,
                                      .body = run_confined,
                                      .self = job};
    pid_t pid = plait_child_start(&child);
    for (unsigned i = 0; i < count; i++)
        if (!job->output || descriptors[i] != fileno(job->output))
            close(descriptors[i]); /* so that whoever writes to it learns when nobody reads */
    free(descriptors);
    return pid;
}

static pid_t parser; /* for the signal handler */

static void pass_on(int number)
{
    kill(parser, number);
}

/* The parser's end as ours: a signal that ends it ends us, but what only our own mistake can cause
 * is said. */
static int status_of(const struct plait_job *job, int ended)
{
    if (ended >= 0)
        return ended;
    if (ended == -SIGINT || ended == -SIGTERM || ended == -SIGPIPE) {
        signal(-ended, SIG_DFL);
        raise(-ended);
    }
    plait_complain(job->command->name,
                   "the confined process was ended by signal %d (%s): please report this", -ended,
                   strsignal(-ended));
    return plait_exit_status(PLAIT_STATUS_FAILED, PLAIT_EXIT_PLAIT);
}

/* While a directory is followed the opener looks for new files in it. */
static void look_for_news(struct plait_news *news)
{
    enum { PAUSE_MS = 200 };
    siginfo_t ended = {0};
    while (news && waitid(P_PID, (id_t)parser, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ended.si_pid == 0 && plait_news_look(news))
        poll(NULL, 0, PAUSE_MS);
}

static int wait_for_all(const struct plait_job *job, struct plait_news *news)
{
    signal(SIGTERM, pass_on);
    look_for_news(news);
    int status = status_of(job, plait_child_wait(parser));
    if (!plait_streams_wait() && status == 0)
        status = plait_exit_status(PLAIT_STATUS_ENVIRONMENT, PLAIT_EXIT_PLAIT);
    return status;
}

static int run_job(struct plait_job *job)
{
    int status = plait_exit_status(PLAIT_STATUS_ENVIRONMENT, PLAIT_EXIT_PLAIT);
    job->page = plait_console_page();
    job->progress = plait_progress_line(job->options->quiet);
    if (open_all(job)) {
        struct plait_news *news = plait_news_new(job);
        signal(SIGINT, SIG_IGN); /* of a terminal's: the parser gets it too */
        load_all(job);
        parser = start(job);
        if (parser < 0)
            plait_complain(job->command->name, "no process could be made");
        else
            status = wait_for_all(job, news);
        plait_news_free(news);
    }
    plait_job_free(job);
    return status;
}

/* ---- the line ----------------------------------------------------------------------------- */

static struct plait_grammar grammar_of(const struct plait_sensor_command *command)
{
    return (struct plait_grammar){.command = command->name,
                                  .operands = command->operands,
                                  .operands_max = UINT32_MAX,
                                  .summary = command->summary,
                                  .own = command->options,
                                  .common = plait_sensor_common_options};
}

static int run_command(const struct plait_sensor_command *command, int argc, char **argv)
{
    char error[512];
    struct plait_sensor_options options = plait_sensor_options_default();
    const struct plait_grammar grammar = grammar_of(command);
    struct plait_job job = {.command = command, .options = &options, .streams = -1, .news = -1};
    int status = 0;
    if (!plait_options_read(&grammar, argc, argv, &options, &options.inputs, error, sizeof error)) {
        plait_complain(command->name, "%s", error);
        status = plait_exit_status(PLAIT_STATUS_USAGE, PLAIT_EXIT_PLAIT);
    } else if (options.help) {
        plait_options_print(&grammar, "plait-audit", stdout);
    } else if (options.version) {
        puts("plait-audit " PLAIT_VERSION);
    } else {
        status = run_job(&job);
    }
    plait_sensor_options_free(&options);
    return status;
}

static const struct plait_sensor_command *command_named(const char *name)
{
    if (strcmp(hidden->name, name) == 0)
        return hidden;
    for (const struct plait_sensor_command *const *c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

int main(int argc, char **argv)
{
    plait_console_hold();
    setlocale(LC_CTYPE, "");
    const char *first = argc > 1 ? argv[1] : "";
    int status = 0;
    const struct plait_sensor_command *named = command_named(first);
    if (argc < 2 || strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)
        help(argc < 2 ? stderr : stdout);
    else if (named)
        status = run_command(named, argc - 2, argv + 2);
    else
        status = run_command(commands[0], argc - 1, argv + 1);
    if (argc < 2)
        status = plait_exit_status(PLAIT_STATUS_USAGE, PLAIT_EXIT_PLAIT);
    if (!plait_console_finish(commands[0]->name) && status == 0)
        status = plait_exit_status(PLAIT_STATUS_ENVIRONMENT, PLAIT_EXIT_PLAIT);
    return status;
}
