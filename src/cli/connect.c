/* cli/connect.c: plait connect, the end of a netcat that dials. */
#include "cli/commands.h"
#include "cli/netcat.h"

static const struct plait_option options[] = {
    PLAIT_NETCAT_OPTIONS("what is sent (-, standard input)"),
    {.name = NULL},
};

static int run_connect(const struct plait_options *o)
{
    return plait_netcat_command(o, "connect", false);
}

const struct plait_command plait_command_connect = {
    .name = "connect",
    .operands = "",
    .brief = "a netcat over Multipath TCP: the end that dials",
    .summary = "Sends standard input over our own endpoint, and writes what comes back to standard "
               "output.\nThe other end is `plait serve --socket PATH`, or an echo on the lab's "
               "own net.",
    .options = options,
    .run = run_connect,
};
