/* cli/options.h: what the commands' lines can say: one structure, and the rows that all commands
 * have (terminal/options.h).  May touch: the arguments it is given. */
#ifndef PLAIT_CLI_OPTIONS_H
#define PLAIT_CLI_OPTIONS_H

#include "lab/netcat.h"
#include "terminal/options.h"

#define PLAIT_OPERANDS_MAX 2
/* Runs on a kernel mostly wait: with so many, two processors compute for a fifth of the time. */
#define PLAIT_JOBS      32
#define PLAIT_JOBS_TEXT "32"

/* What all commands' options can say. */
struct plait_options {
    /* common */
    unsigned format;     /* enum plait_format */
    unsigned fail_on;    /* enum plait_level */
    unsigned exit_style; /* enum plait_exit_style */
    const char *expect, *out;
    bool strict, quiet, help, version;
    /* what to run */
    const char *threat, *position, *cell, *from, *load;
    unsigned target;         /* enum plait_target, of both ends */
    unsigned client, server; /* 1 + enum plait_target; 0 = as TARGET says */
    unsigned jobs, repeat;
    unsigned device; /* enum plait_device */
    uint64_t seed;
    bool list, full, allow_load, allow_kernel_risk;
    const char *topology, *workload; /* names of files */
    /* a netcat: what the lab needs, and the names of the two files */
    struct plait_netcat_request netcat;
    unsigned family; /* place in plait_family_words */
    const char *in;
    /* the rest */
    const char *operands[PLAIT_OPERANDS_MAX];
    unsigned operand_count;
};

#define PLAIT_OPTION_AT(member) offsetof(struct plait_options, member)

struct plait_command {
    const char *name;
    const char *operands; /* as --help shows them: "ID", "EARLIER LATER", or "" */
    unsigned operand_count;
    const char *brief;                  /* one line in the list of commands */
    const char *summary;                /* what its own help says */
    const struct plait_option *options; /* beside the common ones; ends with a NULL name */
    int (*run)(const struct plait_options *options); /* gives an enum plait_status */
};

/* For rows of kind READ: a struct plait_netcat_values, decimals MIN..MAX between commas, each times
 * SCALE. */
bool plait_read_values(const struct plait_option *option, void *place, const char *text,
                       char *error, size_t error_octets);

struct plait_options plait_options_default(void);
/* The arguments behind the command's name.  False with one line in ERROR. */
bool plait_options_parse(const struct plait_command *command, int argc, char **argv,
                         struct plait_options *options, char *error, size_t error_octets);
/* As much of --exit-style as there is, even when the rest of the line cannot be read: a usage
 * error is mapped too. */
unsigned plait_options_exit_style(int argc, char **argv);
void plait_options_help(const struct plait_command *command, FILE *stream);

#endif
