/* mptcp/connection.h: one Multipath TCP connection (RFC 8684, RFC 6824): one stream over subflows.
 *
 * It owns flows (tcp/flow.h) through one owner table and never sees a packet: segments reach it
 * after TCP's checks.  What differs between mechanisms is asked of the mechanism's table; nothing
 * here asks for a version where a table entry can answer.  Data positions are 64-bit offsets from
 * the stream's start: the IDSN is offset 0, the first octet of data is offset 1.
 *
 * A machine (host/) does what needs the whole machine: tokens, ports, flows, listeners.
 * May touch: its stack, its flows, and its machine through the table below. */
#ifndef PLAIT_MPTCP_CONNECTION_H
#define PLAIT_MPTCP_CONNECTION_H

#include "mechanism/mechanism.h"
#include "mptcp/path_manager.h"
#include "mptcp/scheduler.h"
#include "plait/host.h"
#include "tcp/flow.h"
#include "tcp/path.h"

struct plait_mptcp;

#define PLAIT_MPTCP_SUBFLOWS_MAX 8
#define PLAIT_MPTCP_ADDRS_MAX    8

/* Limits and switches; a zero is the default that stands beside it. */
struct plait_mptcp_config {
    const struct plait_mechanism *mechanisms[4]; /* best first; none = v1 */
    bool checksum;                               /* ask for DSS checksums (A, N08) */
    bool no_joins_to_first;                      /* C (N07) */
    uint32_t subflows_limit;                     /* further subflows; 2 */
    uint32_t add_addr_accepted;                  /* announced addresses that are dialled; 0 */
    bool accept_none;                            /* 0 above is meant */
    uint32_t half_open_joins_limit;              /* of one connection; 8 */
    bool forbid_joins;             /* refuse every MP_JOIN (administratively prohibited) */
    unsigned syn_tries_with_mptcp; /* before a SYN goes without MP_CAPABLE; 3 */
    plait_time_ns
        add_addr_retry_ns; /* first retransmission of an ADD_ADDR without echo; 1 s, 3 times */
    plait_time_ns close_timeout_ns;          /* life without a subflow (break before make); 60 s */
    plait_time_ns probe_timeout_ns;          /* answer to a keepalive for REMOVE_ADDR (N35); 2 s */
    const struct plait_scheduler *scheduler; /* lowest RTT */
    const struct plait_path_manager *path_manager; /* by hand */
    const struct plait_coupling *coupling;         /* LIA (RFC 6356) */
    bool uncoupled;                                /* each path its own congestion control */
    struct plait_basic_options basic;
    struct plait_secret secret; /* of mechanisms that have one */
};

enum plait_mptcp_event {
    PLAIT_MPTCP_IS_ESTABLISHED, /* the application may write and read */
    PLAIT_MPTCP_IS_READABLE,
    PLAIT_MPTCP_IS_WRITABLE,    /* room again after a write was cut short */
    PLAIT_MPTCP_PEER_DONE,      /* EOF after what is readable */
    PLAIT_MPTCP_IS_FALLEN_BACK, /* plain TCP from now on */
    PLAIT_MPTCP_IS_RESET,       /* by reset or FASTCLOSE */
    PLAIT_MPTCP_IS_TIMED_OUT,
    PLAIT_MPTCP_IS_CLOSED,    /* last event: everything is done or lost */
    PLAIT_MPTCP_PATHS_CHANGED /* a subflow came or went */
};

/* What a connection asks of the machine it lives on. */
struct plait_machine {
    /* A flow from LOCAL (port 0: any free one) to REMOTE with this owner; NULL if none is to be
     * had. The machine registers its key and frees it after IS_CLOSED. */
    struct plait_flow *(*open)(void *machine, struct plait_mptcp *connection,
                               const struct plait_place *local, const struct plait_place *remote,
                               const struct plait_flow_owner *table, void *owner,
                               plait_time_ns now);
    /* The addresses of the machine, in order of configuration; returns the number. */
    unsigned (*addrs)(void *machine, struct plait_addr *addrs, unsigned room);
    /* True if the token is free on this machine, and then it is CONNECTION's (N01, N02). */
    bool (*claim_token)(void *machine, struct plait_mptcp *connection, uint32_t token);
    void (*release_token)(void *machine, struct plait_mptcp *connection);
    /* True if KEY (src ours) leads to some path already, of whatever connection.  May be NULL. */
    bool (*has_path)(void *machine, const struct plait_flow_key *key);
    /* Where a flow of KEY that has no handshake begins to count (RFC 6528). */
    uint32_t (*isn)(void *machine, const struct plait_flow_key *key, plait_time_ns now);
    /* A path without handshake (Basic MPTCP): KEY leads to PATH from now on; NULL PATH: no more. */
    bool (*claim_path)(void *machine, struct plait_path *path);
    void (*release_path)(void *machine, struct plait_path *path);
    /* A segment that is no flow's (a control message); it is lost if there is no room. */
    void (*send)(void *machine, const struct plait_segment *segment);
    void (*event)(void *machine, struct plait_mptcp *connection, plait_time_ns now,
                  enum plait_mptcp_event event);
};

/* ---- what a half-open request keeps (host/ stores it; the connection's code fills it) ----------
 */

enum plait_hello_kind { PLAIT_HELLO_TCP, PLAIT_HELLO_CAPABLE, PLAIT_HELLO_JOIN };

struct plait_hello {
    uint8_t kind;       /* enum plait_hello_kind */
    uint32_t own_token; /* CAPABLE: of own_key, where the mechanism has tokens */
    const struct plait_mechanism *mechanism;
    uint64_t own_key, peer_key; /* peer_key: v0's SYN has it */
    union {                     /* what only one kind has */
        struct {
            struct plait_mptcp *connection; /* JOIN: the connection of the token */
            uint32_t own_nonce, peer_nonce;
        };
        struct {
            uint64_t own_cookie, peer_cookie; /* CAPABLE */
        };
    };
    uint8_t local_id, remote_id;
    bool backup, checksum;
    bool forbids_first, peer_forbids_first; /* C, ours and the peer's (N07) */
};

struct plait_hello_draws { /* keyed functions of the 4-tuple and ISN: also without state (N03) */
    uint64_t key;
    uint32_t nonce;
};

/* The MP_JOIN that makes SYN a join, wherever somebody listens (N19); NULL if it has none, or if
 * other options contradict it: then it is a SYN like any other. */
const struct plait_mp_join *plait_mptcp_hello_join(const struct plait_segment *syn);
/* A SYN for a listener.  Decides what it is: plain TCP, MP_CAPABLE (which mechanism), or MP_JOIN to
 * the connection that FIND returns for its token.  A result other than OK = refuse the SYN with a
 * reset that carries MP_TCPRST reason *RESET_REASON (N16). */
plait_result plait_mptcp_hello(struct plait_stack *stack, const struct plait_mptcp_config *config,
                               const struct plait_segment *syn,
                               const struct plait_hello_draws *draws,
                               struct plait_mptcp *(*find)(void *machine, uint32_t token),
                               void *machine, struct plait_hello *hello, uint8_t *reset_reason);
/* The options of the SYN/ACK; returns their number. */
unsigned plait_mptcp_hello_options(const struct plait_hello *hello,
                                   struct plait_mptcp_option *options);
/* A half-open join went away without becoming a subflow. */
void plait_mptcp_hello_forget(struct plait_hello *hello);
/* What the ACK that completes the handshake says.  OK: *HELLO is final (kind TCP after a fallback);
 * PEER: refuse with a reset, *RESET_REASON set (N17: also where MP_JOIN is missing); NOT_FOUND: the
 * options get through, but this is not the segment with the keys (it came before it): wait. */
plait_result plait_mptcp_hello_completed(struct plait_stack *stack, struct plait_hello *hello,
                                         const struct plait_segment *ack, uint8_t *reset_reason);

/* ---- making --------------------------------------------------------------------------------- */

struct plait_mptcp_world { /* the same for all connections of a machine */
    struct plait_stack *stack;
    struct plait_pool connections, subflows, mappings, messages;
    const struct plait_machine *machine;
    void *machine_self;
    uint32_t connections_made;
};

/* Pools with these limits. */
void plait_mptcp_world(struct plait_mptcp_world *world, struct plait_stack *stack,
                       uint32_t connections_limit, const struct plait_machine *machine,
                       void *machine_self);

/* Client: opens the first flow through the machine.  NULL at a limit. */
struct plait_mptcp *plait_mptcp_connect(struct plait_mptcp_world *world,
                                        const struct plait_mptcp_config *config,
                                        const struct plait_place *local,
                                        const struct plait_place *remote, plait_time_ns now);
/* Server: a connection for a completed HELLO of kind CAPABLE.  The caller then makes the flow with
 * plait_mptcp_owner_table() and the owner from plait_mptcp_first_owner, in this order: connection,
 * flow, plait_flow_input of the completing segment. */
struct plait_mptcp *plait_mptcp_accept(struct plait_mptcp_world *world,
                                       const struct plait_mptcp_config *config,
                                       const struct plait_hello *hello, plait_time_ns now);
const struct plait_flow_owner *plait_mptcp_owner_table(void);
/* The owner argument for a flow: a subflow record of CONNECTION, for its first flow or for a join
 * that HELLO describes.  NULL at the limit of subflows: refuse with reason 2 (lack of resources).
 */
void *plait_mptcp_new_owner(struct plait_mptcp *connection, const struct plait_hello *hello,
                            plait_time_ns now);
/* Gives back one whose flow could not be made, or was freed in silence. */
void plait_mptcp_free_owner(void *owner);
/* Frees a connection whose IS_CLOSED was heard, or any at once and in silence with its flows. */
void plait_mptcp_free(struct plait_mptcp *connection);

/* ---- using ---------------------------------------------------------------------------------- */

/* Copies up to LENGTH; returns how many were taken. */
uint32_t plait_mptcp_put(struct plait_mptcp *c, plait_time_ns now, const void *octets,
                         uint32_t length);
uint8_t *plait_mptcp_reserve(struct plait_mptcp *c, uint32_t *length_octets);
void plait_mptcp_commit(struct plait_mptcp *c, plait_time_ns now, uint32_t length_octets);
const uint8_t *plait_mptcp_peek(struct plait_mptcp *c, uint32_t *length_octets);
void plait_mptcp_consume(struct plait_mptcp *c, plait_time_ns now, uint32_t length_octets);
/* DATA_FIN after all that was written (N27). */
void plait_mptcp_close(struct plait_mptcp *c, plait_time_ns now);
/* MP_FASTCLOSE: ON_ACK is form A, else form R on every subflow (RFC 8684 §3.5). */
void plait_mptcp_fastclose(struct plait_mptcp *c, plait_time_ns now, bool on_ack);

/* Path management by hand; each returns EXISTS, NOT_FOUND, TOO_MANY or OK. */
plait_result plait_mptcp_add_subflow(struct plait_mptcp *c, plait_time_ns now,
                                     const struct plait_place *local,
                                     const struct plait_place *remote, bool backup);
plait_result plait_mptcp_remove_subflow(struct plait_mptcp *c, plait_time_ns now, unsigned index);
plait_result plait_mptcp_announce(struct plait_mptcp *c, plait_time_ns now,
                                  const struct plait_place *place); /* port 0: none announced */
plait_result plait_mptcp_withdraw(struct plait_mptcp *c, plait_time_ns now,
                                  const struct plait_addr *addr);
plait_result plait_mptcp_set_backup(struct plait_mptcp *c, plait_time_ns now, unsigned index,
                                    bool backup);
/* From now on; 0 is none.  Subflows above stay. */
void plait_mptcp_limit_paths(struct plait_mptcp *c, uint32_t subflows, uint32_t add_addr_accepted);
/* The machine got or lost an address. */
void plait_mptcp_addrs_changed(struct plait_mptcp *c, plait_time_ns now);

/* C is the connection that control messages with IDENTIFIER are for (mechanism/basic.h): then
 * _message takes one, whatever addresses it came between (plait_segment_control). */
bool plait_mptcp_has_messages(const struct plait_mptcp *c, uint64_t identifier);
void plait_mptcp_message(struct plait_mptcp *c, plait_time_ns now,
                         const struct plait_segment *segment);
/* A timer of the stack fired.  True if it belonged to a connection (kinds 32..63). */
bool plait_mptcp_timer(struct plait_mptcp_world *world, struct plait_timer *timer,
                       plait_time_ns now);
void plait_mptcp_digest(const struct plait_mptcp *c, plait_time_ns now, struct plait_hasher *h);

/* ---- asking --------------------------------------------------------------------------------- */

struct plait_mptcp_info {
    uint32_t number; /* on its host, from 1 */
    bool is_established, is_fallen_back, peer_done, is_client;
    bool is_ended; /* reset, timed out or closed: nothing more may be written */
    const struct plait_mechanism *mechanism; /* NULL after a fallback in the handshake */
    uint64_t own_key, peer_key, own_idsn, peer_idsn;
    uint32_t own_token, peer_token;
    uint64_t data_written, data_sent, data_acked, data_received, data_read; /* offsets */
    uint32_t writable_octets;                                               /* room that is left */
    bool checksum;
    unsigned subflow_count;
    unsigned path_count;                          /* subflows, or pairs that share one's numbers */
    struct plait_place first_local, first_remote; /* what the application named; also once it is
                                                     gone (RFC 6181 §4) */
};
struct plait_mptcp_info plait_mptcp_info(const struct plait_mptcp *c);
/* The two that the machine asks for with each flow. */
uint32_t plait_mptcp_number(const struct plait_mptcp *c);
uint32_t plait_mptcp_own_token(const struct plait_mptcp *c);

struct plait_subflow_info {
    struct plait_flow *flow;
    struct plait_path *path; /* NULL where the flow is */
    bool is_offered;         /* a pair that the peer is not known to have taken yet */
    uint8_t local_id, remote_id;
    bool initiated_here, backup_here, backup_there, is_authenticated;
};
/* False if there is no subflow INDEX; each pair of those that share one's numbers counts. */
bool plait_mptcp_subflow(const struct plait_mptcp *c, unsigned index,
                         struct plait_subflow_info *info);
void plait_mptcp_set_user(struct plait_mptcp *c, void *user);
void *plait_mptcp_user(const struct plait_mptcp *c);

#endif
