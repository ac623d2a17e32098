/* tcp/path.h: an address pair: how far, how wide, how large (RFC 6298, RFC 5681, RFC 9438, RFC
 * 1191).
 *
 * What is in here is read by schedulers and coupled congestion control; tcp/ alone changes it.
 * May touch: nothing but itself. */
#ifndef PLAIT_TCP_PATH_H
#define PLAIT_TCP_PATH_H

#include "base/table.h"
#include "base/timers.h"
#include "tcp/congestion.h"
#include "wire/addr.h"

struct plait_flow;
struct plait_record;

struct plait_path {
    struct plait_table_node node; /* host/ finds a path by its flow key */
    struct plait_flow_key key;    /* src is ours */
    struct plait_flow *flow;
    struct plait_path *next;       /* of the same flow */
    struct plait_path *ready_next; /* tcp/stack.h */
    bool is_ready, is_usable;
    bool is_detached; /* removed, and there was no other: nothing goes out or comes in here */
    uint16_t mtu_octets;

    /* RTT, RFC 6298; 0 = no sample yet */
    plait_time_ns smoothed_rtt_ns, rtt_variance_ns, least_rtt_ns, last_rtt_ns;
    plait_time_ns rto_ns;
    unsigned timeouts; /* in a row */

    /* congestion */
    uint32_t window_octets;    /* congestion window */
    uint32_t threshold_octets; /* slow start below it */
    uint32_t in_flight_octets; /* sent on this path, neither acknowledged, SACKed nor lost */
    struct plait_congestion_state congestion;

    /* RACK (RFC 8985) */
    uint64_t sendings;              /* numbers them */
    uint64_t rack_serial, rack_end; /* the latest sent among what was delivered */
    plait_time_ns rack_rtt_ns;
    plait_time_ns rack_wait_ns; /* when what is not lost yet will be; PLAIT_NEVER */
    unsigned reordering_steps;  /* quarters of the least RTT to wait; grows with DSACKs */
    plait_time_ns reordering_grown_ns;
    plait_time_ns last_sent_ns;
    struct plait_record *sent_first, *sent_last;  /* in flight here, in order of sending */
    struct plait_timer timer;                     /* loss recovery */
    uint8_t waits_for;                            /* what the timer is set for */
    plait_time_ns progress_ns;                    /* timeouts count from here */
    bool tail_is_due, tail_was_sent, tail_is_new; /* tail loss probe (RFC 8985 §7) */
    bool probe_is_due;                            /* is the path alive? one of several paths */
    bool is_doubtful;                             /* ICMP said unreachable (RFC 5927) */
    bool first_is_free;                           /* one retransmission whatever the window says */
    uint64_t tail_end;

    /* One reduction for what was sent before the last one. */
    uint64_t reduced_serial; /* the last sending before it */
    bool is_limited;         /* by the congestion window, when last asked to send */
    struct {                 /* to take the last reduction back (RFC 4015) */
        uint32_t window_octets, threshold_octets;
        int64_t stamp; /* our timestamps were below it before the retransmission */
        bool is_possible, is_timeout;
    } undo;

    struct { /* gathered while one acknowledgment is taken */
        uint32_t delivered_octets, growth_octets, largest_octets;
        plait_time_ns sent_ns, rtt_ns;
    } news;

    uint64_t sent_octets, delivered_octets, lost_octets; /* payload, for reports */
};

/* Octets the congestion window leaves. */
static inline uint32_t plait_path_room(const struct plait_path *path)
{
    return path->window_octets > path->in_flight_octets
               ? path->window_octets - path->in_flight_octets
               : 0;
}

#endif
