/* host/request.h: half-open requests: SYNs that were answered and not yet confirmed.
 *
 * A request is small (at most 160 octets); all listeners share one limit, of which new connections
 * may use three quarters and joins one: a flood of either kind leaves the other alone (T-BID-7).
 * A request is in one queue: the one of SYN/ACKs to send, or one for each attempt, which all wait
 * equally long, so that the first is due first and one timer serves the queue.
 * May touch: its pool, table and timers. */
#ifndef PLAIT_HOST_REQUEST_H
#define PLAIT_HOST_REQUEST_H

#include "base/pool.h"
#include "base/table.h"
#include "base/timers.h"
#include "mptcp/connection.h"

#define PLAIT_REQUEST_ATTEMPTS   6  /* SYN/ACKs, at 0, 1, 3, 7, 15, 31 s; dropped at 63 s */
#define PLAIT_REQUEST_TIMER_KIND 64 /* and the next PLAIT_REQUEST_ATTEMPTS */

struct plait_request {
    struct plait_table_node node;
    struct plait_flow_key key; /* src is ours */
    struct plait_request *previous, *next;
    plait_time_ns due_ns; /* of the next SYN/ACK */
    struct plait_hello hello;
    uint32_t isn, peer_isn, peer_timestamp;
    uint16_t peer_mss, peer_window;
    uint16_t listener;               /* its number */
    uint8_t queue : 4, attempts : 4; /* 0: to send; N: N SYN/ACKs were sent */
    uint8_t send_shift;
    bool sack, timestamps, window_scale, is_join;
};

_Static_assert(sizeof(struct plait_request) <= 160, "a half-open request is small");

struct plait_request_queue {
    struct plait_request *first, *last;
    struct plait_timer timer;
};

struct plait_requests {
    struct plait_timers *timers;
    struct plait_pool pool;
    struct plait_table table;
    uint32_t joins, joins_limit, others_limit;
    plait_time_ns first_wait_ns; /* doubles with each attempt (RFC 6298 §5.5) */
    struct plait_request_queue queues[1 + PLAIT_REQUEST_ATTEMPTS];
};

/* Its queues have timers: call it where R stays. */
void plait_requests_init(struct plait_requests *r, struct plait_arena *arena,
                         struct plait_timers *timers, uint32_t limit, plait_time_ns first_wait_ns);
/* HASH is that of KEY. */
struct plait_request *plait_request_find(const struct plait_requests *r,
                                         const struct plait_flow_key *key, uint64_t hash);
bool plait_request_has_room(const struct plait_requests *r, bool is_join);
/* Zeroed but for its key and in no queue; fill it in, then plait_request_send.  NULL at the limit.
 */
struct plait_request *plait_request_add(struct plait_requests *r, const struct plait_flow_key *key,
                                        uint64_t hash, bool is_join);
/* With or without success: its hello is forgotten. */
void plait_request_remove(struct plait_requests *r, struct plait_request *request);
/* (Again) to the queue of SYN/ACKs to send. */
void plait_request_send(struct plait_requests *r, struct plait_request *request);
/* The next to send, or NULL. */
struct plait_request *plait_request_to_send(const struct plait_requests *r);
/* Its SYN/ACK was sent at NOW; it waits. */
void plait_request_sent(struct plait_requests *r, struct plait_request *request, plait_time_ns now);
/* When the only SYN/ACK was sent, or PLAIT_NEVER if there were more (RFC 6298 §3). */
plait_time_ns plait_request_sent_once_ns(const struct plait_requests *r,
                                         const struct plait_request *request);
/* The timer of a queue fired: due requests are sent again.  Returns one whose time is over, to be
 * removed by the caller, who calls again until NULL. */
struct plait_request *plait_request_timer(struct plait_requests *r, struct plait_timer *timer,
                                          plait_time_ns now);

#endif
