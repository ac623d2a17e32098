/* cli/net_files.h: the files that say on what net and with what traffic the threats are played.
 * May touch: the files that the options name, for reading. */
#ifndef PLAIT_CLI_NET_FILES_H
#define PLAIT_CLI_NET_FILES_H

#include "cli/options.h"
#include "lab/topology.h"
#include "lab/workload.h"

struct plait_net_files {
    struct plait_topology topology; /* of --topology, */
    struct plait_traffic traffic;   /* and of --workload, where they are given */
};

/* False with one line in ERROR: "phone.topology:3: dely: no word of a link (nearest: delay)". */
bool plait_net_files_load(struct plait_net_files *files, const struct plait_options *options,
                          char *error, size_t error_octets);

#endif
