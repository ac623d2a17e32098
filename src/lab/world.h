/* lab/world.h: the hosts, links and applications of one run, built from a scenario.
 *
 * Client with one interface for each path, server, attacker and an address where nobody lives, all
 * around one router; the scenario's topology says how far and through which boxes (lab/topology.h).
 * Addresses, ports and pattern keys are drawn from the seed.  May touch: live/, net/; only inside a
 * sandbox. */
#ifndef PLAIT_LAB_WORLD_H
#define PLAIT_LAB_WORLD_H

#include "base/draw.h"
#include "lab/machine.h"
#include "lab/scenario.h"
#include "net/net.h"

/* What went to an address that never agreed and must come back from it: the reachability check of
 * RFC 6181 §5, a SYN/ACK with its ISN and, of a join, its nonce, or a PROBE with a nonce. */
struct plait_check {
    bool seen;
    struct plait_place to;
    uint32_t isn;
    uint64_t nonce; /* of MP_JOIN, or of a PROBE */
};

/* Of minutes in which the attacker is away, how much of each end is shown packet by packet. */
#define PLAIT_SHOWN_AWAY_NS PLAIT_S

enum plait_phase {
    PLAIT_STARTING,
    PLAIT_CONNECTED, /* both ends say so; the first exchange runs */
    PLAIT_READY      /* all genuine subflows are up, the workload runs */
};

struct plait_end { /* one of the two genuine ends */
    struct plait_end_host *host;
    char socket[8];    /* the agent's name of the connection's socket: "c", "s.0" */
    uint64_t key;      /* of the octet pattern this end writes */
    bool open;         /* connected or accepted */
    bool closing;      /* its application was told to close or shut down */
    bool speaks_mptcp; /* when the workload began */
    bool died;         /* the agent reported an error of the connection */
    char error[32];
};

struct plait_world {
    const struct plait_scenario *scenario;
    const struct plait_topology *topology;
    plait_time_ns slack_ns; /* answers take so much longer than on the lab's own net */
    struct plait_draw_key draw;
    struct plait_clock clock;
    struct plait_net *net;
    struct plait_live *live; /* NULL if no end is a namespace */
    struct plait_end ends[2];
    plait_node router, attacker_node, stranger_nodes[PLAIT_STRANGERS];
    plait_link stranger_links[PLAIT_STRANGERS];
    struct plait_stranger strangers[PLAIT_STRANGERS];
    plait_link path_links[PLAIT_PATHS_MAX]; /* each into the router, behind the path's boxes */
    plait_link server_link, attacker_link;
    bool has_nat[PLAIT_PATHS_MAX];
    struct plait_addr client_addrs[PLAIT_PATHS_MAX], nat_addrs[PLAIT_PATHS_MAX];
    struct plait_addr server_addr, attacker_addr;
    struct plait_addr stranger_addrs[PLAIT_STRANGERS];
    struct plait_place later;            /* from where somebody else will dial ... */
    struct plait_arrival *arrival;       /* ... if he does (lab/arrival.h) */
    bool is_given_away[PLAIT_PATHS_MAX]; /* the client's address is a stranger's now, too */
    bool attacker_is_gone;               /* ... and the attacker's is, who left it for good */
    uint16_t client_port, server_port;
    uint16_t next_port; /* of a call that the client makes while the attack goes on; 0: none */
    enum plait_phase phase;
    bool first_exchange_sent;
    plait_time_ns connected_ns, settled_ns, ready_ns;
    plait_time_ns away_from_ns, away_until_ns; /* minutes in which he does nothing (attack.h) */
    struct plait_facts truth;                  /* of genuine packets, on every link */
    struct plait_check check;                  /* the last that a genuine host made of a stranger */
    struct plait_segment last_from[2]; /* of the connection; payload and pointers are void */
    json_t *settings;                  /* read back, by host */
    /* Told of each event of an end's connection: "eof", "error", "foreign"; may be NULL. */
    void (*hear)(void *self, enum plait_side side, const char *word, const char *rest);
    void *hear_self;
    char error[256]; /* why the world could not be built or broke */
};

/* Builds hosts and net; ATTACKER is the attacker's own port.  SYSTEM with world->error. */
plait_result plait_world_build(struct plait_world *world, const struct plait_scenario *scenario,
                               const struct plait_port *attacker);
/* Starts the agents and checks the namespaces; the run is locked in after that. */
plait_result plait_world_agents(struct plait_world *world);
void plait_world_free(struct plait_world *world);
/* Lets time pass until STOP or UNTIL; applications and the net move.  True if STOP said so. */
bool plait_world_run(struct plait_world *world, plait_time_ns until, bool (*stop)(void *),
                     void *self);
/* Until the workload runs; TIMED_OUT or PEER with world->error. */
plait_result plait_world_until_ready(struct plait_world *world);
/* What both ends were given beforehand, for a mechanism that asks for it (R3 of RFC 6181 §7). */
struct plait_secret plait_world_secret(const struct plait_world *world);
plait_time_ns plait_world_now(const struct plait_world *world);
/* Lets DURATION pass in which nobody acts or looks closely: of our own ends' packets, taken
 * together, only as many as it takes. */
void plait_world_rest(struct plait_world *world, plait_time_ns duration_ns);
/* A number of the agent's `stat` line of an end, -1 if it is not there; text fields likewise. */
int64_t plait_world_stat(struct plait_world *world, enum plait_side side, const char *field);
bool plait_world_stat_text(struct plait_world *world, enum plait_side side, const char *field,
                           char *text, size_t room_octets);
/* A number of the agent's `info` line of an end. */
int64_t plait_world_info(struct plait_world *world, enum plait_side side, const char *field);
/* True if SIDE's application is told of a peer's place at which none of its paths ends, and all of
 * them end at the attacker; TOLD is what it is told. */
bool plait_world_is_deceived(struct plait_world *world, enum plait_side side,
                             char told[PLAIT_PLACE_TEXT_OCTETS]);
/* What was read back of a setting, for the record. */
void plait_world_note_setting(struct plait_world *world, enum plait_side side, const char *name,
                              const char *value);
/* An address that belongs to nobody who agreed to anything. */
bool plait_world_is_stranger(const struct plait_world *world, const struct plait_addr *addr);
/* Takes in SEGMENT if it is a check of a stranger. */
void plait_check_see(struct plait_check *check, const struct plait_world *world,
                     const struct plait_segment *segment);
/* The client's address of PATH, hidden by a NAT, is also that of a stranger whom the server can
 * reach. */
void plait_world_settle_stranger(struct plait_world *world, unsigned path);
/* The client's address of PATH is lost to it without a word, and is from now on reached over LINK;
 * where it belongs to a stranger, so does what is sent there. */
void plait_world_reassign(struct plait_world *world, unsigned path, plait_link link,
                          bool to_stranger);
bool plait_world_owns(const struct plait_world *world, const struct plait_addr *addr);
/* The client's address on PATH as others see it: a NAT's, if it is behind one. */
const struct plait_addr *plait_world_public_addr(const struct plait_world *world, unsigned path);
/* Both ways of a link of the net. */
struct plait_link_config plait_world_way(const struct plait_world *world,
                                         const struct plait_stretch *stretch,
                                         enum plait_way_index way);

#endif
