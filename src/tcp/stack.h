/* tcp/stack.h: what all flows of a host share: memory, timers, randomness, counters, who may send.
 *
 * One stack belongs to one host.  Everything in it lives in the host's arena.
 * May touch: base/, wire/, nothing above tcp/. */
#ifndef PLAIT_TCP_STACK_H
#define PLAIT_TCP_STACK_H

#include "base/chunks.h"
#include "base/draw.h"
#include "base/pool.h"
#include "base/timers.h"
#include "plait/counters.h"
#include "plait/trace.h"
#include "wire/tcp.h"

struct plait_path;
struct plait_congestion; /* tcp/congestion.h: a table of functions */

/* Switches and limits of TCP; a zero is the default that stands beside it. */
struct plait_tcp_config {
    uint32_t send_limit_octets;    /* unacknowledged and unsent octets of a connection; 4 MiB */
    uint32_t receive_limit_octets; /* receive window; 4 MiB */
    uint16_t mtu_octets;           /* of every path until told otherwise; 1500 */
    uint32_t super_octets;         /* largest super-segment's payload; 0 = none */
    uint32_t records_limit;        /* segments in flight of a flow; 4096 */
    uint32_t ranges_limit;         /* out-of-order ranges of a flow; 256 */
    plait_time_ns rto_initial_ns;  /* 1 s (RFC 6298 §2) */
    plait_time_ns rto_min_ns;      /* 200 ms */
    plait_time_ns rto_max_ns;      /* 120 s */
    plait_time_ns delayed_ack_ns;  /* 40 ms; RFC 9293 §3.8.6.3 allows 500 ms */
    plait_time_ns time_wait_ns;    /* 60 s */
    plait_time_ns keepalive_ns; /* idle time before the first probe; PLAIT_NEVER = off; 0 = off */
    unsigned syn_retries;       /* 6 */
    unsigned data_retries;      /* 15 */
    unsigned challenges_per_s;  /* challenge ACKs of one flow (RFC 5961 §7); 10 */
    bool no_sack, no_timestamps, no_window_scale, no_rfc5961; /* the last for tests: RFC 793 */
    bool heeds_hard_errors; /* to be attacked: a hard ICMP error ends a flow (RFC 1122 §4.2.3.9) */
    bool shares_challenges; /* to be attacked: challenges_per_s is all flows' (CVE-2016-5696) */
    bool heeds_any_mtu;     /* to be attacked: no least size stands against an ICMP error */
    const struct plait_congestion *congestion; /* CUBIC */
};

/* Challenge ACKs of the second that is counted. */
struct plait_challenges {
    plait_time_ns from_ns; /* INT64_MIN: none yet */
    uint32_t count;
};

struct plait_stack {
    struct plait_arena *arena;
    struct plait_draw_key key;
    const char *name;               /* the WHO of draws; outlives the stack */
    struct plait_tcp_config config; /* defaults filled in */
    struct plait_timers timers;
    struct plait_chunks chunks;
    struct plait_pool flows, paths;
    struct plait_pool records; /* segments in flight, of all flows */
    struct plait_pool ranges;  /* rooms of ranges_limit ranges, taken when something is missing */
    struct plait_pool plains;  /* queues of flows without owner */
    struct plait_host_counters counters;
    struct plait_challenges challenges; /* of all flows, where they share the limit */
    plait_trace_fn trace;               /* may be NULL */
    void *trace_self;
    uint32_t flows_made;                             /* the next flow's number */
    struct plait_path *ready_first, *ready_last;     /* paths that may have something to send */
    struct plait_flow *closed;                       /* IS_CLOSED was told; newest first */
    struct plait_flow *waiting_first, *waiting_last; /* in TIME-WAIT, oldest first */
    /* The machine hears of every path before its memory goes, whoever frees it; may be NULL. */
    void (*path_gone)(void *machine, struct plait_path *path);
    void *machine;
};

struct plait_stack_config {
    struct plait_tcp_config tcp;
    struct plait_draw_key key;
    const char *name;
    uint32_t flows_limit, paths_limit;
    uint32_t records_limit;        /* of the whole host */
    uint32_t chunk_octets;         /* a power of two */
    uint64_t payload_limit_octets; /* all queues of the host together */
    plait_trace_fn trace;
    void *trace_self;
};

/* Fills in defaults.  The arena outlives the stack. */
struct plait_stack plait_stack(struct plait_arena *arena, const struct plait_stack_config *config);

static inline void plait_count(struct plait_stack *stack, enum plait_counter_name counter)
{
    stack->counters.count[counter]++;
}

void plait_trace(struct plait_stack *stack, plait_time_ns now, enum plait_trace_kind kind,
                 uint32_t connection, uint32_t flow, uint64_t a, uint64_t b, uint64_t c);

/* The next path that may have something to send, taken off the queue; NULL if none. */
struct plait_path *plait_stack_next_ready(struct plait_stack *stack);
/* A flow whose IS_CLOSED was told and that was not freed yet, taken off that list; NULL if none. */
struct plait_flow *plait_stack_next_closed(struct plait_stack *stack);
/* The flow that has been in TIME-WAIT longest, or NULL. */
struct plait_flow *plait_stack_oldest_waiting(struct plait_stack *stack);
/* Puts PATH at the end of that queue, if it is not in it. */
void plait_stack_ready(struct plait_stack *stack, struct plait_path *path);

#endif
