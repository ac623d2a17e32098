/* lab/topology.h: the net of a run as a value, and the file in which an operator describes his own
 * (docs/TOPOLOGY.md).
 *
 * A net is the paths of the client, the server and the attacker around one router; each has a link
 * of its own.  May touch: nothing but its arguments. */
#ifndef PLAIT_LAB_TOPOLOGY_H
#define PLAIT_LAB_TOPOLOGY_H

#include "base/time.h"
#include "lab/lines.h"

/* As many as the limits of the default policy let a client use: the first and two more. */
#define PLAIT_PATHS_MAX        3
#define PLAIT_PATH_NAME_OCTETS 12
#define PLAIT_TOPOLOGY_OCTETS  2048 /* room for what plait_topology_print writes */

enum plait_way_property { /* of one direction of a link */
                          PLAIT_WAY_DELAY_NS,
                          PLAIT_WAY_RATE_BITS_PER_S, /* 0 = no limit */
                          PLAIT_WAY_QUEUE_OCTETS,    /* 0 = no limit */
                          PLAIT_WAY_LOSS_PER_MILLION,
                          PLAIT_WAY_DUPLICATE_PER_MILLION,
                          PLAIT_WAY_REORDER_PER_MILLION,
                          PLAIT_WAY_REORDER_NS,
                          PLAIT_WAY_PROPERTIES
};

enum plait_way_index { PLAIT_UP, PLAIT_DOWN }; /* to the router, and from it */

struct plait_way_config {
    uint64_t of[PLAIT_WAY_PROPERTIES];
};

struct plait_stretch { /* a link: both ways */
    struct plait_way_config way[2];
    uint32_t mtu_octets;
};

struct plait_path_config {
    char name[PLAIT_PATH_NAME_OCTETS];
    struct plait_stretch stretch;
    bool nat;    /* the client is behind a NAT there */
    bool strips; /* a box removes options of kind 30 */
};

/* How far the attacker is: as his own delay says, or a tenth or ten times the dialled path's delay
 * (DESIGN §1). */
enum plait_distance { PLAIT_AS_IT_IS, PLAIT_NEARER, PLAIT_FARTHER };

#define PLAIT_FAMILY_BIT_IPV4 1u
#define PLAIT_FAMILY_BIT_IPV6 2u

struct plait_topology {
    unsigned path_count; /* 0: the lab's own */
    /* The dialled one first, those that strip the option last. */
    struct plait_path_config paths[PLAIT_PATHS_MAX];
    struct plait_stretch server;
    plait_time_ns attacker_delay_ns;
    enum plait_distance distance;
    unsigned families; /* bits */
};

/* The lab's own: two paths, everybody 2 ms from the router. */
extern const struct plait_topology plait_own_topology;
/* What GIVEN says, the lab's own if it says nothing. */
const struct plait_topology *plait_topology_of(const struct plait_topology *given);
/* What a file says.  False with ERROR. */
bool plait_topology_parse(const void *octets, size_t length_octets, struct plait_topology *topology,
                          struct plait_line_error *error);
/* As a file says it, lines with their ends, paths in the order in which they are held. */
void plait_topology_print(const struct plait_topology *topology, struct plait_text *text);
const char *plait_distance_name(enum plait_distance distance);
/* The attacker's delay at DISTANCE; PLAIT_AS_IT_IS: as the topology says. */
plait_time_ns plait_topology_attacker_delay_ns(const struct plait_topology *topology,
                                               enum plait_distance distance);
/* How much longer a packet and its answer may be under way here than on the lab's own net, what
 * waits in queues included: scripts wait so much longer. */
plait_time_ns plait_topology_slack_ns(const struct plait_topology *topology,
                                      enum plait_distance distance);
/* The largest packet that passes everywhere. */
uint32_t plait_topology_mtu_octets(const struct plait_topology *topology);
/* Paths over which a connection of Multipath TCP can go. */
unsigned plait_topology_usable(const struct plait_topology *topology);
/* Draws decide what befalls packets: runs with another seed may differ. */
bool plait_topology_has_chance(const struct plait_topology *topology);

#endif
