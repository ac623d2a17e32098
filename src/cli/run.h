/* cli/run.h: what analyze and explain share: options to request to document to status.
 * May touch: the lab, files the options name, the signals SIGINT and SIGTERM. */
#ifndef PLAIT_CLI_RUN_H
#define PLAIT_CLI_RUN_H

#include "cli/net_files.h"
#include "cli/options.h"
#include "report/diff.h"
#include "report/folder.h"
#include "report/judge.h"
#include "report/render.h"

/* One question, from what was asked to what was answered. */
struct plait_run {
    const char *command; /* for messages */
    const struct plait_options *options;
    const char *threat_glob,
        *cell_glob;  /* what is asked: an expectation's other cells are not missed */
    const char *out; /* folder of the report, or NULL */
    bool captures;   /* of every cell go there, too */
    struct plait_folder folder;
    struct plait_net_files net;
    char date[16]; /* today, UTC */
    json_t *document, *expectation, *difference;
    struct plait_judgement judgement;
};

/* Reads the expectation, tries the folder, runs the lab (or reads --from), checks, compares, and
 * writes the report.  COMPLETED means that there is a document to be shown and judged; every
 * other status has been said. */
enum plait_status plait_run_make(struct plait_run *run);
void plait_run_free(struct plait_run *run);

/* True if GLOB matches a threat; else says so, naming the nearest. */
bool plait_check_threat(const char *command, const char *what, const char *glob);
/* True if NAME is NULL or a position. */
bool plait_check_position(const char *command, const char *name);

/* The options that steer a run, to be part of a command's table. */
#define PLAIT_RUN_OPTIONS                                                                          \
    {.name = "cell",                                                                               \
     .kind = PLAIT_OPTION_TEXT,                                                                    \
     .argument = "GLOB",                                                                           \
     .help = "only cells whose ID matches (* crosses /, @(A|B) is either)",                        \
     .offset = PLAIT_OPTION_AT(cell)},                                                             \
        {.name = "target",                                                                         \
         .kind = PLAIT_OPTION_WORD,                                                                \
         .argument = "plait|linux",                                                                \
         .help = "what is attacked: our own endpoint, or this machine's kernel (plait)",           \
         .offset = PLAIT_OPTION_AT(target),                                                        \
         .words = plait_target_words,                                                              \
         .min = PLAIT_TARGET_LINUX},                                                               \
        {.name = "client",                                                                         \
         .kind = PLAIT_OPTION_WORD,                                                                \
         .argument = "plait|linux",                                                                \
         .help = "the client alone, where the two ends differ",                                    \
         .offset = PLAIT_OPTION_AT(client),                                                        \
         .words = plait_target_words,                                                              \
         .min = 1},                                                                                \
        {.name = "server",                                                                         \
         .kind = PLAIT_OPTION_WORD,                                                                \
         .argument = "plait|linux",                                                                \
         .help = "the server alone",                                                               \
         .offset = PLAIT_OPTION_AT(server),                                                        \
         .words = plait_target_words,                                                              \
         .min = 1},                                                                                \
        {.name = "load",                                                                           \
         .kind = PLAIT_OPTION_TEXT,                                                                \
         .argument = "FILE.so",                                                                    \
         .help = "also a mechanism of one's own, as a further column",                             \
         .offset = PLAIT_OPTION_AT(load)},                                                         \
        {.name = "jobs",                                                                           \
         .kind = PLAIT_OPTION_COUNT,                                                               \
         .argument = "N",                                                                          \
         .help = "runs at a time (" PLAIT_JOBS_TEXT ")",                                           \
         .offset = PLAIT_OPTION_AT(jobs),                                                          \
         .min = 1,                                                                                 \
         .max = 256},                                                                              \
        {.name = "topology",                                                                       \
         .kind = PLAIT_OPTION_TEXT,                                                                \
         .argument = "FILE",                                                                       \
         .help = "a net of your own: paths, delays, losses, boxes (docs/TOPOLOGY.md)",             \
         .offset = PLAIT_OPTION_AT(topology)},                                                     \
        {.name = "workload",                                                                       \
         .kind = PLAIT_OPTION_TEXT,                                                                \
         .argument = "FILE",                                                                       \
         .help = "what client and server write on it (docs/TOPOLOGY.md)",                          \
         .offset = PLAIT_OPTION_AT(workload)},                                                     \
        {.name = "seed",                                                                           \
         .kind = PLAIT_OPTION_SEED,                                                                \
         .argument = "N",                                                                          \
         .help = "fixes addresses, ports, schedule and our draws (1)",                             \
         .offset = PLAIT_OPTION_AT(seed)},                                                         \
        {.name = "device",                                                                         \
         .kind = PLAIT_OPTION_WORD,                                                                \
         .argument = "auto|tun|veth",                                                              \
         .help = "how packets reach the kernel (auto: tun where it opens)",                        \
         .offset = PLAIT_OPTION_AT(device),                                                        \
         .words = plait_device_words,                                                              \
         .min = PLAIT_DEVICE_AUTO},                                                                \
        {.name = "allow-load",                                                                     \
         .help = "also threats that load this machine",                                            \
         .offset = PLAIT_OPTION_AT(allow_load)},                                                   \
        {.name = "allow-kernel-risk",                                                              \
         .help = "also threats that may crash this machine's kernel",                              \
         .offset = PLAIT_OPTION_AT(allow_kernel_risk)},                                            \
    {                                                                                              \
        .name = "from", .kind = PLAIT_OPTION_TEXT, .argument = "FILE",                             \
        .help = "show and judge an earlier report instead of running",                             \
        .offset = PLAIT_OPTION_AT(from)                                                            \
    }

extern const char *const plait_target_words[];
extern const char *const plait_device_words[];

#endif
