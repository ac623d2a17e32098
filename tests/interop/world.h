/* The net of a case: a client with one address for each path, a server, and what is between.
 *
 *   client  path1 ---- [box] ---.
 *           path2 ---- [nat] --- router --- door1  server
 *           ...                         \-- door2                  */
#ifndef PLAIT_TESTS_INTEROP_WORLD_H
#define PLAIT_TESTS_INTEROP_WORLD_H

#include "capture/pcapng.h"
#include "tests/interop/box.h"
#include "tests/interop/end.h"

enum { INTEROP_LINKS_MAX = 16, INTEROP_PORT = 5000, INTEROP_SECOND_PORT = 5001 };

struct interop_world {
    const struct interop_case *c;
    uint64_t seed;
    struct plait_clock clock;
    struct plait_net *net;
    struct plait_live *live;
    plait_node router;
    struct interop_end ends[INTEROP_ENDS];
    struct interop_box box;
    plait_link paths[INTEROP_PATHS_MAX];
    uint64_t path_octets[INTEROP_PATHS_MAX]; /* that arrived over each path, both ways */
    FILE *file;
    struct plait_pcapng *pcapng;
    int interfaces[INTEROP_LINKS_MAX]; /* of the capture; -1 = not captured */
    char why[256];
};

/* CAPTURE and TRACE are files' names, or NULL.  WORLD stays where it is. */
plait_result interop_world_open(struct interop_world *world, const struct interop_case *c,
                                uint64_t seed, const char *capture, const char *trace);
void interop_world_close(struct interop_world *world);
/* A kernel host more, with one address, behind the router. */
plait_result interop_world_add_kernel(struct interop_world *world, struct interop_end *end);
/* Cuts or heals a path. */
void interop_world_set_path(struct interop_world *world, unsigned path, bool up);

#endif
