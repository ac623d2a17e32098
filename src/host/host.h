/* host/host.h: what the files of this room share: the machine and its parts.
 *
 * Flows and connections are tcp/'s and mptcp/'s; the host owns what a machine has once: addresses,
 * listeners, half-open requests, tokens, the way from a segment to its flow, and the handles of the
 * application.  Callbacks are made at the end of a call, when nothing is under way (host/settle.c).
 * May touch: its memory. */
#ifndef PLAIT_HOST_HOST_H
#define PLAIT_HOST_HOST_H

#include "host/cookie.h"
#include "host/draws.h"
#include "host/reply.h"
#include "host/request.h"
#include "host/token_table.h"
#include "mptcp/connection.h"
#include "plait/connection.h"
#include "tcp/flow.h"

#define PLAIT_HOST_REPLIES_LIMIT 64 /* more than wait to be sent are dropped, newest first */
#define PLAIT_HOST_BACKLOG       128

/* The life of a connection whose handle was given back, without any progress: above the 100 s for
 * which TCP tries at least (RFC 9293 §3.8.3). */
#define PLAIT_HOST_ORPHAN_NS    (120 * PLAIT_S)
#define PLAIT_ORPHAN_TIMER_KIND (PLAIT_REQUEST_TIMER_KIND + PLAIT_REQUEST_ATTEMPTS + 1)

struct plait_listener {
    struct plait_listener *next;
    struct plait_host *host;
    struct plait_place place; /* no family: every address */
    struct plait_options options;
    struct plait_mptcp_config mptcp; /* what they mean */
    struct plait_callbacks callbacks;
    void *user;
    uint32_t backlog;
    uint32_t half_open; /* requests */
    uint32_t waiting;   /* connections nobody took yet */
    struct plait_connection *first_waiting, *last_waiting;
    uint16_t number; /* in requests; 0 is nobody */
};

/* A connection of the application: a plain flow, or an MPTCP connection (which may have fallen
 * back).  Both are kept until the handle is given back: what arrived may still be read. */
struct plait_connection {
    struct plait_host *host;
    struct plait_mptcp *mptcp;       /* or NULL */
    struct plait_flow *flow;         /* of plain TCP, or NULL */
    struct plait_listener *listener; /* until it is taken */
    struct plait_connection *next_waiting;
    struct plait_connection *previous, *next; /* all of the host */
    struct plait_connection *next_news;
    struct plait_callbacks callbacks;
    void *user;
    struct plait_timer orphan_timer;
    uint64_t orphan_progress; /* when that was set */
    uint32_t number;
    uint8_t ended;   /* enum plait_stage: how, once it is over */
    bool is_over;    /* nothing will come any more */
    bool is_closing; /* the application closed or aborted it */
    bool is_orphan;  /* its handle was given back */
    bool is_new;     /* the application has not heard of it */
    bool is_waiting; /* for plait_listener_take */
    bool is_dialled; /* opened here */
    bool has_news;
    bool wants_memory; /* a write was cut short by the host's memory, not by its own limit */
};

struct plait_host {
    struct plait_arena arena;
    struct plait_host_config config; /* defaults filled in */
    struct plait_mptcp_config mptcp; /* what its options mean */
    struct plait_stack stack;
    struct plait_mptcp_world world;
    struct plait_draw_key key;
    struct plait_addr addrs[PLAIT_HOST_ADDRS_MAX];
    unsigned addr_count;
    struct plait_table paths; /* by flow key: struct plait_path */
    struct plait_token_table tokens;
    struct plait_requests requests;
    struct plait_replies replies;
    struct plait_pool token_pool, listener_pool, connection_pool;
    struct plait_listener *listeners;
    struct plait_connection *connections;
    struct plait_connection *first_news, *last_news;
    uint32_t connections_made;
    uint32_t ports_drawn; /* RFC 6056 §3.3.3 */
    uint16_t listeners_made;
    plait_time_ns last_cookie_ns; /* PLAIT_NEVER: none was sent */
    bool wants_memory;            /* some connection does */
    bool has_fixed_isn;           /* of tests: streams that start near the end of the space */
    uint32_t fixed_isn;
};

#endif
