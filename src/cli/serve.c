/* cli/serve.c: plait serve, the end of a netcat that listens. */
#include "cli/commands.h"
#include "cli/netcat.h"

static const struct plait_option options[] = {
    PLAIT_NETCAT_OPTIONS("what is sent (with --socket nothing, else -, standard input)"),
    {.name = NULL},
};

static int run_serve(const struct plait_options *o)
{
    return plait_netcat_command(o, "serve", true);
}

const struct plait_command plait_command_serve = {
    .name = "serve",
    .operands = "",
    .brief = "a netcat over Multipath TCP: the end that listens",
    .summary = "Waits for one connection to our own endpoint, and writes what comes to standard "
               "output.\nThe other end is `plait connect --socket PATH`, or an echo on the lab's "
               "own net, which dials.",
    .options = options,
    .run = run_serve,
};
