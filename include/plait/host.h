/* plait/host.h: a machine with addresses that speaks TCP and Multipath TCP, without any I/O of its
 * own.
 *
 * A host is a state machine.  Whole IP packets go in and come out; time is an argument; all memory
 * is one block that its owner hands in; all randomness follows from a key.  The same seed and the
 * same calls give the same octets on every compiler.  It starts no thread, asks no clock, opens
 * nothing, prints nothing.
 *
 *     plait_host_input(h, now, packet, length, NULL)    a packet arrived
 *     plait_host_output(h, now, &out)                   the next packet to send, if any
 *     plait_host_deadline(h)                            when to call plait_host_advance
 *     plait_host_advance(h, now)                        timers
 *     plait_host_digest(h, now)                         a number for its state
 *
 * After any call, ask for output until there is none, then for the deadline.  NOW never goes back.
 * Callbacks are made at the end of input, output and advance, when nothing is under way; from
 * inside them the functions of plait/connection.h may be called, plait_connect too, but not the
 * five calls. */
#ifndef PLAIT_HOST_H
#define PLAIT_HOST_H

#include <stddef.h>

#include "plait/address.h"
#include "plait/counters.h"
#include "plait/mechanism.h"
#include "plait/packet.h"
#include "plait/result.h"
#include "plait/time.h"
#include "plait/trace.h"

struct plait_host;
struct plait_connection;

enum plait_scheduler_name {
    PLAIT_SCHEDULER_LOWEST_RTT,
    PLAIT_SCHEDULER_ROUND_ROBIN,
    PLAIT_SCHEDULER_REDUNDANT
};
enum plait_path_manager_name {
    PLAIT_PATHS_BY_HAND,
    PLAIT_PATHS_FULL_MESH,
    PLAIT_PATHS_N_PORTS,
    PLAIT_PATHS_SIGNAL
};
enum plait_congestion_name { PLAIT_CONGESTION_CUBIC, PLAIT_CONGESTION_NEWRENO };
enum plait_coupling_name {
    PLAIT_COUPLING_LIA,
    PLAIT_COUPLING_OLIA,
    PLAIT_COUPLING_BALIA,
    PLAIT_COUPLING_NONE
};

/* Switches of Basic MPTCP (docs/mechanisms/basic.md); other mechanisms do not look at them. */
struct plait_basic_options {
    bool needs_number;          /* a control message must carry a number in the window */
    bool inherit_window;        /* a new pair begins with the first one's congestion window */
    bool reset_ends_connection; /* a reset on any pair does */
    uint8_t nonce_zero_bits;    /* of the nonce's 64: 0 (all are drawn) to 64 (none) */
};

/* How a connection behaves; a zero is the default that stands beside it.  Congestion control, the
 * two limits and keepalive are the host's: they count in plait_host_config only. */
struct plait_options {
    /* Best first, ended by TCP or by the array: {V1} speaks v1 or TCP, {V1, V0} falls to v0 first;
     * all zero and not tcp_only = {V1}. */
    enum plait_mechanism_name mechanisms[4];
    /* What PLAIT_MECHANISM_OUTSIDE stands for; the caller's, for the host's whole life. */
    const struct plait_mechanism_offer *outside;
    struct plait_secret secret; /* of mechanisms that have one (proof_key) */
    bool tcp_only;
    bool checksum;              /* ask for DSS checksums */
    bool no_joins_to_first;     /* set the C flag */
    bool forbid_joins;          /* refuse every MP_JOIN */
    uint32_t subflows_limit;    /* subflows beside the first; 2 */
    uint32_t add_addr_accepted; /* announced addresses that are dialled; 0 */
    enum plait_scheduler_name scheduler;
    enum plait_path_manager_name paths;
    unsigned n_ports; /* of PLAIT_PATHS_N_PORTS; 2 */
    enum plait_congestion_name congestion;
    enum plait_coupling_name coupling;
    uint32_t send_limit_octets;     /* 4 MiB */
    uint32_t receive_limit_octets;  /* 4 MiB */
    plait_time_ns keepalive_ns;     /* 0 = off */
    plait_time_ns close_timeout_ns; /* life of a connection without subflow; 60 s */
    /* For the answer of a live path that a REMOVE_ADDR names (RFC 8684 §3.4.2); 2 s. */
    plait_time_ns probe_timeout_ns;
    struct plait_basic_options basic;
};

/* Limits of the whole host; a zero is the default that stands beside it.  What happens at each
 * limit is in docs/PROTOCOL.md. */
struct plait_limits {
    uint32_t connections;    /* 1024 */
    uint32_t flows;          /* 2048 */
    uint32_t listeners;      /* 16 */
    uint32_t requests;       /* half-open, all listeners together; 256; then SYN cookies */
    uint32_t segments;       /* in flight, all flows together; 16384 */
    uint32_t chunk_octets;   /* of payload memory, a power of two; 16384 */
    uint64_t payload_octets; /* all queues of the host; 64 MiB */
};

struct plait_environment {
    void *memory;         /* aligned to 16 octets; the caller's, for the host's whole life */
    size_t memory_octets; /* see plait_host_memory */
    uint64_t seed[2];     /* of every draw and every keyed hash; keep it secret on real nets */
    const char *name;     /* of the host in draws; two hosts of one world differ in it */
    plait_trace_fn trace; /* may be NULL */
    void *trace_self;
};

struct plait_host_config {
    struct plait_environment environment;
    struct plait_limits limits;
    struct plait_options options; /* of connections that say nothing else */
    uint16_t mtu_octets;          /* 1500 */
    uint32_t super_octets;        /* payload of the largest super-segment that plait_host_output may
                                     give a device that allows it; 0 = none, at most 65,160 */
    bool no_syn_cookies;          /* at the limit of requests SYNs are dropped instead */
    bool no_resets;               /* segments without a flow are dropped in silence */
    /* Weaknesses that others had, to be attacked: not for use. */
    bool heeds_hard_errors; /* a hard ICMP error ends a connection (RFC 5927 §5.2) */
    bool shares_challenges; /* one limit of challenge ACKs for all connections (CVE-2016-5696) */
    bool heeds_any_mtu;     /* an ICMP error may make segments as small as it likes */
    bool counts_ports;      /* a connection's port is the last one's and 1 (RFC 6056 §2.2) */
};

/* Octets of memory that suffice for LIMITS when everything is in use at once. */
PLAIT_API size_t plait_host_memory(const struct plait_limits *limits);
/* A host inside its memory; NULL if that does not even hold the host itself, is not aligned, or if
 * CONFIG contradicts itself (a chunk that is no power of two, an unknown name, an MTU below 576).
 * CONFIG is copied, NAME is not. */
PLAIT_API struct plait_host *plait_host_new(const struct plait_host_config *config);
/* Octets of the memory's front that are in use: a copy of them, put back to the same place, is the
 * host as it was (snapshot). */
PLAIT_API size_t plait_host_used(const struct plait_host *host);

/* ---- addresses and listeners ------------------------------------------------------------------
 */

#define PLAIT_HOST_ADDRS_MAX 8

/* The first address is the one that plait_connect uses by itself, for its family.  EXISTS,
 * TOO_MANY, USAGE (no family). */
PLAIT_API plait_result plait_host_add_addr(struct plait_host *host, plait_time_ns now,
                                           const struct plait_addr *addr);
/* Connections lose the subflows of ADDR and tell their peers (REMOVE_ADDR); plain TCP on it is
 * reset.  NOT_FOUND. */
PLAIT_API plait_result plait_host_remove_addr(struct plait_host *host, plait_time_ns now,
                                              const struct plait_addr *addr);

struct plait_listener;

/* What an application hears.  Every pointer may be NULL. */
struct plait_callbacks {
    /* A connection to a listener is established; it is the application's from now on, with the
     * listener's callbacks and USER.  Not called for connections that were opened here. */
    void (*accepted)(void *user, struct plait_connection *c, plait_time_ns now);
    /* Something about C changed: ask plait_connection_status. */
    void (*changed)(void *user, struct plait_connection *c, plait_time_ns now);
};

/* Listens on PORT of every address (ADDR NULL) or of one.  OPTIONS NULL: the host's.  BACKLOG:
 * half-open requests before SYN cookies begin, and connections that were not taken by the
 * application yet; 0 = 128.  LISTENER may be NULL.  EXISTS, TOO_MANY, NOT_FOUND (no address of the
 * host), USAGE (port 0, unknown name in OPTIONS). */
PLAIT_API plait_result plait_listen(struct plait_host *host, plait_time_ns now,
                                    const struct plait_addr *addr, uint16_t port,
                                    const struct plait_options *options, unsigned backlog,
                                    const struct plait_callbacks *callbacks, void *user,
                                    struct plait_listener **listener);
/* For a listener without `accepted`: the connection that has waited longest, now the
 * application's, or NULL. */
PLAIT_API struct plait_connection *plait_listener_take(struct plait_listener *listener);
/* Half-open requests and connections that nobody took end; others live on. */
PLAIT_API void plait_listener_close(struct plait_listener *listener, plait_time_ns now);

/* Dials.  LOCAL NULL: first address of the family, a port drawn (RFC 6056); OPTIONS NULL: the
 * host's.  NOT_FOUND (no address of the family, or LOCAL is none of the host's), EXISTS (that pair
 * of places is in use), TOO_MANY, USAGE (no address or port to go to, unknown name in OPTIONS). */
PLAIT_API plait_result plait_connect(struct plait_host *host, plait_time_ns now,
                                     const struct plait_place *local,
                                     const struct plait_place *remote,
                                     const struct plait_options *options,
                                     const struct plait_callbacks *callbacks, void *user,
                                     struct plait_connection **connection);

/* ---- the five calls ----------------------------------------------------------------------------
 */

/* One whole IP packet.  OFFLOAD NULL: complete, of MTU size.  What is refused is counted. */
PLAIT_API void plait_host_input(struct plait_host *host, plait_time_ns now, const void *packet,
                                size_t length_octets, const struct plait_offload *offload);
/* Fills OUT with the next packet and returns true, or false if there is none now. */
PLAIT_API bool plait_host_output(struct plait_host *host, plait_time_ns now, struct plait_out *out);
/* PLAIT_NEVER if nothing is to come by itself. */
PLAIT_API plait_time_ns plait_host_deadline(struct plait_host *host);
PLAIT_API void plait_host_advance(struct plait_host *host, plait_time_ns now);
/* Equal for states that behave equally from now on: relative times, no counters. */
PLAIT_API uint64_t plait_host_digest(const struct plait_host *host, plait_time_ns now);

/* ---- looking ------------------------------------------------------------------------------------
 */

PLAIT_API const struct plait_host_counters *plait_host_counters(const struct plait_host *host);

struct plait_host_usage { /* in use now, most ever, limit */
    uint32_t connections[3], flows[3], requests[3], segments[3];
    uint64_t payload_octets[3];
};
PLAIT_API struct plait_host_usage plait_host_usage(const struct plait_host *host);

#endif
