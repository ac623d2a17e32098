/* tcpdump in the namespaces of the kernels' hosts: what their owners would capture, with its
 * snaplen and with the devices' offloads as they are.
 *
 * In the server's namespace there is one for each interface, in the client's one for all of them
 * ("any", Linux cooked). */
#ifndef PLAIT_TESTS_INTEROP_TCPDUMP_H
#define PLAIT_TESTS_INTEROP_TCPDUMP_H

#include <jansson.h>

#include "tests/interop/world.h"

enum { INTEROP_DUMPS_MAX = 4, INTEROP_DUMP_SAID_OCTETS = 4096 };

struct interop_dump {
    struct plait_live_program program;
    char file[256];
    char said[INTEROP_DUMP_SAID_OCTETS]; /* on its standard error */
    size_t said_octets;
};

struct interop_dumps {
    unsigned count;
    struct interop_dump dumps[INTEROP_DUMPS_MAX];
};

/* Before the lock; all listen when it returns.  Files are PREFIX.server-path1.pcap, ...,
 * PREFIX.client-any.pcap.  False with the reason in WHY. */
bool interop_dumps_start(struct interop_dumps *dumps, const struct interop_world *world,
                         const char *prefix, struct plait_text *why);
/* When all that their kernels handed to them is in the files, they end.  Adds to WHY what is
 * missing. */
void interop_dumps_end(struct interop_dumps *dumps, struct plait_text *why);
/* The files' names. */
json_t *interop_dumps_files(const struct interop_dumps *dumps);

#endif
