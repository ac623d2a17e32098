/* host/inside.h: what the files of host/ know of one another; nothing outside the room includes it.
 *
 * One file, one part: demux.c finds whom a segment is for, listen.c answers SYNs, accept.c takes
 * third ACKs, reset.c refuses, icmp.c believes routers a little, connect.c dials, machine.c serves
 * mptcp/, connection.c is the handle of the application, settle.c ends a call.
 * May touch: the host. */
#ifndef PLAIT_HOST_INSIDE_H
#define PLAIT_HOST_INSIDE_H

#include <string.h>

#include "base/panic.h"
#include "host/host.h"
#include "host/settings.h"
#include "tcp/path.h"

/* ---- demux.c ---- */

/* The hash by which paths and requests of KEY are found; whoever asks twice hands it on. */
uint64_t plait_host_hash(const struct plait_host *host, const struct plait_flow_key *key);
/* The path of KEY (src ours), or NULL. */
struct plait_path *plait_host_find_path(const struct plait_host *host,
                                        const struct plait_flow_key *key, uint64_t hash);
/* PATH's key leads to it from now on; false if the very table does not fit the memory. */
bool plait_host_register(struct plait_host *host, struct plait_path *path, uint64_t hash);
/* A path goes; whoever frees it. */
void plait_host_forget_path(void *host, struct plait_path *path);
bool plait_host_has_addr(const struct plait_host *host, const struct plait_addr *addr);

/* ---- listen.c ---- */

struct plait_listener *plait_host_find_listener(const struct plait_host *host,
                                                const struct plait_place *place);
struct plait_listener *plait_host_listener_of(const struct plait_host *host, uint16_t number);
bool plait_listener_is_full(const struct plait_listener *listener); /* of connections not taken */
/* The connection of a token on the host, as plait_mptcp_hello asks for it. */
struct plait_mptcp *plait_host_find_token(void *host, uint32_t token);
/* A SYN without a flow and without a request; HASH is that of KEY. */
void plait_host_syn(struct plait_host *host, plait_time_ns now, const struct plait_segment *syn,
                    const struct plait_flow_key *key, uint64_t hash);
/* A segment that belongs to REQUEST. */
void plait_host_request_input(struct plait_host *host, plait_time_ns now,
                              struct plait_request *request, const struct plait_segment *segment);
/* The half-open request ends, with or without a connection. */
void plait_host_request_over(struct plait_host *host, struct plait_request *request);
/* Joins to CONNECTION that are half-open end: it goes. */
void plait_host_drop_joins(struct plait_host *host, const struct plait_mptcp *connection);
/* Writes the SYN/ACK of REQUEST. */
bool plait_host_write_syn_ack(struct plait_host *host, plait_time_ns now,
                              struct plait_request *request, struct plait_out *out);

/* ---- syn_ack.c ---- */

struct plait_syn_facts { /* what is needed to answer a SYN, from a request or for a cookie */
    const struct plait_flow_key *key;
    const struct plait_hello *hello;
    uint32_t isn, peer_isn, timestamp, timestamp_echo;
    bool sack, timestamps, window_scale;
};
struct plait_segment plait_host_syn_ack(const struct plait_host *host,
                                        const struct plait_syn_facts *facts);
/* Of the windows that we announce: the stack's rule. */
uint8_t plait_host_window_shift(const struct plait_host *host);
/* Our clock for timestamps of KEY. */
uint32_t plait_host_timestamp(const struct plait_host *host, const struct plait_flow_key *key,
                              plait_time_ns now);
uint32_t plait_host_isn(const struct plait_host *host, const struct plait_flow_key *key,
                        plait_time_ns now);

/* ---- accept.c ---- */

enum plait_accepted { PLAIT_ACCEPT_DONE, PLAIT_ACCEPT_LATER, PLAIT_ACCEPT_REFUSED };

struct plait_third_ack { /* the end of a handshake */
    const struct plait_segment *segment;
    struct plait_flow_key key;
    uint64_t hash; /* of the key */
    struct plait_flow_handshake handshake;
};
/* The ACK that completes the handshake that LISTENER (NULL for a join) answered.  LATER: not that
 * ACK yet, or no room now; REFUSED: a reset was sent. */
enum plait_accepted plait_host_accept(struct plait_host *host, plait_time_ns now,
                                      struct plait_listener *listener,
                                      const struct plait_hello *hello,
                                      const struct plait_third_ack *ack);
/* An ACK without flow or request: the answer to a cookie?  False if it is none of ours. */
bool plait_host_accept_cookie(struct plait_host *host, plait_time_ns now,
                              const struct plait_segment *ack, const struct plait_flow_key *key,
                              uint64_t hash);

/* ---- reset.c ---- */

#define PLAIT_NO_REASON 255 /* a reset without MP_TCPRST */
/* RFC 9293 §3.10.7.1; REASON of MP_TCPRST (RFC 8684 §3.6). */
void plait_host_reset(struct plait_host *host, plait_time_ns now,
                      const struct plait_segment *segment, uint8_t reason);
/* An ACK with these numbers, without a flow. */
void plait_host_ack(struct plait_host *host, const struct plait_flow_key *key, uint32_t seq,
                    uint32_t ack);

/* ---- icmp.c ---- */

/* An ICMP or ICMPv6 message to us; not OK if it is malformed. */
plait_result plait_host_icmp(struct plait_host *host, plait_time_ns now, const struct plait_ip *ip);

/* ---- machine.c ---- */

extern const struct plait_machine plait_host_machine;
/* A free port for KEY, whose source port is 0, and the hash of KEY with it; false if none is left.
 */
bool plait_host_choose_port(struct plait_host *host, struct plait_flow_key *key, uint64_t *hash);
/* A flow from KEY; OWNER_TABLE NULL: plain, of CONNECTION. */
struct plait_flow *plait_host_dial(struct plait_host *host, plait_time_ns now,
                                   struct plait_flow_setup *setup);

/* ---- connection.c ---- */

struct plait_connection *plait_connection_new(struct plait_host *host,
                                              const struct plait_callbacks *callbacks, void *user);
/* What a plain flow says to its connection. */
void plait_connection_flow_event(void *connection, struct plait_flow *flow, plait_time_ns now,
                                 enum plait_flow_event event, uint64_t detail);
void plait_connection_mptcp_event(struct plait_connection *c, plait_time_ns now,
                                  enum plait_mptcp_event event);
/* The application has it: it counts in no backlog any more. */
void plait_connection_taken(struct plait_connection *c);
/* It waits for plait_listener_take. */
void plait_listener_keep(struct plait_listener *listener, struct plait_connection *c);
/* A handle was given back long ago, and its connection is not over. */
void plait_connection_orphan_timer(struct plait_timer *timer, plait_time_ns now);
/* News of a connection whose handle was given back. */
void plait_connection_live_on(struct plait_connection *c, plait_time_ns now);
/* Gives the memory back; flow and MPTCP connection are gone or go now. */
void plait_connection_dispose(struct plait_connection *c);

/* ---- settle.c ---- */

/* The application shall hear of C at the end of this call, or of the next one. */
void plait_host_news(struct plait_connection *c);
/* Frees flows that are over; true if there were any.  Nothing of tcp/ or mptcp/ may be under way.
 */
bool plait_host_settle_flows(struct plait_host *host, plait_time_ns now);
/* The end of a call: that, then the callbacks.  True if anything was done. */
bool plait_host_settle(struct plait_host *host, plait_time_ns now);

/* ---- trace ---- */

static inline void plait_host_trace(struct plait_host *host, plait_time_ns now,
                                    enum plait_trace_kind kind, uint64_t a, uint64_t b, uint64_t c)
{
    plait_trace(&host->stack, now, kind, 0, 0, a, b, c);
}

#endif
