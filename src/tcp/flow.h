/* tcp/flow.h: a TCP connection or one subflow: a sequence space (RFC 9293) on one path or several.
 *
 * A *flow* is a sequence space: what is in flight, what has arrived, SACK, the state machine.  A
 * *path* is an address pair: RTT, congestion window, MTU.  Plain TCP and a subflow of v0 or v1 are
 * one flow on one path; Basic MPTCP is one flow on many paths (RFC 6181 §4).
 *
 * Positions are 64-bit offsets: SYN is offset 0, the first octet of payload is offset 1 - so an
 * offset's low 32 bits plus ISN are the number on the wire, and a DSS's subflow sequence number is
 * the offset's low 32 bits (RFC 8684 §3.3).  Nothing else in the house compares numbers modulo
 * 2^32.
 *
 * What to send comes from the *owner* and what has arrived goes to it, through a table of
 * functions; a flow without owner keeps queues of its own (tcp/plain.c is that owner).  tcp/ never
 * includes mptcp/.  May touch: its stack. */
#ifndef PLAIT_TCP_FLOW_H
#define PLAIT_TCP_FLOW_H

#include "base/hasher.h"
#include "plait/packet.h"
#include "tcp/stack.h"
#include "wire/checksum.h"

struct plait_flow;

enum plait_flow_state { /* RFC 9293 §3.3.2; LISTEN and half-open requests are host/'s */
                        PLAIT_FLOW_CLOSED,
                        PLAIT_FLOW_SYN_SENT,
                        PLAIT_FLOW_SYN_RECEIVED, /* simultaneous open only */
                        PLAIT_FLOW_ESTABLISHED,
                        PLAIT_FLOW_FIN_WAIT_1,
                        PLAIT_FLOW_FIN_WAIT_2,
                        PLAIT_FLOW_CLOSE_WAIT,
                        PLAIT_FLOW_CLOSING,
                        PLAIT_FLOW_LAST_ACK,
                        PLAIT_FLOW_TIME_WAIT,
                        PLAIT_FLOW_STATES
};

enum plait_flow_event {
    PLAIT_FLOW_IS_ESTABLISHED, /* handshake complete */
    PLAIT_FLOW_IS_ACKED,       /* detail: offset below which everything is acknowledged */
    PLAIT_FLOW_HAS_DATA,       /* the in-order edge moved; detail: the new edge */
    PLAIT_FLOW_PEER_FIN,       /* the peer will send nothing more; detail: offset of its FIN */
    PLAIT_FLOW_IS_TIMED_OUT,   /* one retransmission timeout; detail: how many in a row */
    PLAIT_FLOW_IS_RECOVERED,   /* acknowledged again after a timeout */
    PLAIT_FLOW_IS_RESET,       /* by the peer; detail: 1 if SYN was refused */
    PLAIT_FLOW_GAVE_UP,        /* retries exhausted */
    PLAIT_FLOW_IS_CLOSED       /* both directions done, or after one of the two above; last event */
};

/* What kind of segment wants options. */
enum plait_segment_kind {
    PLAIT_SEGMENT_SYN,
    PLAIT_SEGMENT_SYN_ACK,   /* of a simultaneous open; others are host/'s */
    PLAIT_SEGMENT_THIRD_ACK, /* the ACK that completes our active open, each time it is sent */
    PLAIT_SEGMENT_ACK,       /* no payload */
    PLAIT_SEGMENT_DATA,      /* payload [from, from+length), FIN perhaps */
    PLAIT_SEGMENT_RST,
    PLAIT_SEGMENT_PROBE /* zero-window or keepalive */
};

struct plait_option_request {
    enum plait_segment_kind kind;
    uint64_t from;   /* offset of the payload */
    uint32_t length; /* its octets */
    bool is_retransmission;
    unsigned attempt;     /* of a SYN: 0, 1, ... */
    uint32_t room_octets; /* option space left */
};

enum plait_verdict { /* of an owner on a segment that TCP's checks let through (N29) */
                     PLAIT_GO_ON,
                     PLAIT_DROP,       /* neither payload nor FIN is looked at; acknowledged as a
                                          duplicate */
                     PLAIT_RESET_FLOW, /* the owner has called plait_flow_abort or wants it done now
                                        */
                     PLAIT_TAKEN /* of an RST: it was of one path among several, and the owner has
                                    removed that path; the flow lives on */
};

/* What a flow pulls from, and pushes to, whoever owns it.  Every function gets OWNER as set up.
 * No function may call plait_flow_input or plait_flow_output; it may call everything else. */
struct plait_flow_owner {
    /* New octets: how many of ROOM_OCTETS the flow may send on PATH now, as one piece that begins
     * at the flow's next new offset FROM; 0 = nothing now.  The owner must be able to copy them
     * until they are acknowledged.  A piece that fills the room is asked after again at once; after
     * 0 the flow waits for plait_flow_wake. */
    uint32_t (*next)(void *owner, struct plait_flow *flow, struct plait_path *path,
                     plait_time_ns now, uint64_t from, uint32_t room_octets);
    /* How many of the LENGTH octets at FROM, sent before, may go into one segment: a segment has
     * one mapping. */
    uint32_t (*piece)(void *owner, struct plait_flow *flow, uint64_t from, uint32_t length);
    /* Copies payload [FROM, FROM+LENGTH) to TO; returns its sum if WANTS_SUM, else anything: a
     * device that completes checksums needs none. */
    plait_sum (*copy)(void *owner, struct plait_flow *flow, uint64_t from, uint32_t length,
                      uint8_t *to, bool wants_sum);
    /* MPTCP options of a segment: fills OPTIONS (room PLAIT_MPTCP_OPTIONS_MAX), returns the number.
     * The flow asks at most once for each segment it sends. */
    unsigned (*options)(void *owner, struct plait_flow *flow,
                        const struct plait_option_request *request,
                        struct plait_mptcp_option *options);
    /* True if the flow should send a pure ACK although TCP needs none, to carry options.  Asked
     * when there is nothing else to send, at most as often as it says true; N34's limit is the
     * owner's. */
    bool (*wants_ack)(void *owner, struct plait_flow *flow);
    /* True if that ACK must go before payload does.  May be NULL. */
    bool (*comes_first)(void *owner, struct plait_flow *flow);
    /* Octets of receive window to offer, from the flow's in-order edge. */
    uint64_t (*window)(void *owner, struct plait_flow *flow);
    /* The segment has passed TCP's checks and its acknowledgment was taken.  Options, FASTCLOSE and
     * DATA_ACK are dealt with here, before the payload.  Also called for SYN/ACK, and for an
     * acceptable RST before it is obeyed (DROP = do not obey). */
    enum plait_verdict (*segment)(void *owner, struct plait_flow *flow, plait_time_ns now,
                                  const struct plait_segment *segment, uint64_t offset);
    /* Payload in the window that the flow has not accepted before.  Returns how many octets from
     * the front are accepted: only these are acknowledged, the rest counts as lost. */
    uint32_t (*deliver)(void *owner, struct plait_flow *flow, plait_time_ns now, uint64_t offset,
                        const uint8_t *octets, uint32_t length);
    void (*event)(void *owner, struct plait_flow *flow, plait_time_ns now,
                  enum plait_flow_event event, uint64_t detail);
    /* Coupled congestion control: the increase in octets for ACKED octets in congestion avoidance
     * on PATH, or UINT32_MAX to leave it to the flow's own table.  May be NULL. */
    uint32_t (*increase)(void *owner, struct plait_flow *flow, struct plait_path *path,
                         uint32_t acked_octets);
    /* Which of the flow's paths may send anything at all; NULL: each.  May be NULL. */
    bool (*may_use)(void *owner, struct plait_flow *flow, struct plait_path *path);
};

/* What a handshake settled, for a flow whose SYN and SYN/ACK host/ exchanged. */
struct plait_flow_handshake {
    uint32_t isn, peer_isn;
    uint16_t peer_mss; /* 536 / 1220 if the SYN had none */
    bool sack, timestamps, window_scale;
    uint8_t send_shift, receive_shift; /* of the windows we read / announce */
    uint32_t timestamp_offset;         /* our timestamps are ms + this */
    uint32_t peer_timestamp;           /* TS.Recent */
    uint32_t send_window_octets;       /* unscaled already */
    plait_time_ns
        syn_ack_at_ns; /* for the first RTT sample; PLAIT_NEVER = retransmitted, no sample */
};

struct plait_flow_setup {
    struct plait_flow_key key;                  /* src is ours */
    const struct plait_flow_owner *owner_table; /* NULL = plain TCP */
    void *owner;
    /* Hears the events of a flow without owner table, with OWNER; may be NULL. */
    void (*event)(void *owner, struct plait_flow *flow, plait_time_ns now,
                  enum plait_flow_event event, uint64_t detail);
    uint32_t connection;       /* its number, for traces */
    uint32_t isn;              /* RFC 6528: host/ made it; active open only */
    uint32_t timestamp_offset; /* active open only */
    uint16_t mtu_octets;       /* 0 = the stack's */
};

/* Active open: SYN is sent by the next output.  NULL at the limit of flows or paths (counted). */
struct plait_flow *plait_flow_connect(struct plait_stack *stack,
                                      const struct plait_flow_setup *setup, plait_time_ns now);
/* A flow that is established already.  Call plait_flow_input with the completing segment next; the
 * owner hears IS_ESTABLISHED here, before this returns. */
struct plait_flow *plait_flow_accept(struct plait_stack *stack,
                                     const struct plait_flow_setup *setup,
                                     const struct plait_flow_handshake *handshake,
                                     plait_time_ns now);
/* A flow between ends that have agreed on it without a handshake of its own (Basic MPTCP, mapped):
 * established at once, by TERMS, whose `isn` is ours and whose `peer_isn` is not read.  Until
 * plait_flow_learn_isn nothing is taken in but a reset that acknowledges what was sent, and only
 * payload and resets go out, without ACK flag.  The owner hears no IS_ESTABLISHED.  NULL at the
 * limit. */
struct plait_flow *plait_flow_open(struct plait_stack *stack, const struct plait_flow_setup *setup,
                                   const struct plait_flow_handshake *terms, plait_time_ns now);
/* What the handshake of FLOW settled for any flow of these two ends: everything but numbers. */
struct plait_flow_handshake plait_flow_terms(const struct plait_flow *flow);
/* The peer begins at ISN.  The last one counts until a segment was taken: false if one was. */
bool plait_flow_learn_isn(struct plait_flow *flow, uint32_t isn);
bool plait_flow_lacks_isn(const struct plait_flow *flow); /* of the peer */
/* Frees a flow whose IS_CLOSED was heard, or any flow at once and in silence.  Not from inside a
 * function of its owner: after the outermost call of tcp/ has returned. */
void plait_flow_free(struct plait_flow *flow);

/* ---- the calls of a machine (deadlines are in the stack's timers) ---------------------------- */

/* A segment whose addresses and ports are PATH's; its payload may be longer than an MTU. */
void plait_flow_input(struct plait_flow *flow, struct plait_path *path, plait_time_ns now,
                      const struct plait_segment *segment);
/* Writes at most one packet; false if there is nothing to send on PATH now.  After true, ask again:
 * a path stays on the ready queue as long as it may have more. */
bool plait_flow_output(struct plait_flow *flow, struct plait_path *path, plait_time_ns now,
                       struct plait_out *out);
/* A timer of the stack fired.  True if it belonged to a flow or path (kinds 0..31 are tcp/'s). */
bool plait_flow_timer(struct plait_stack *stack, struct plait_timer *timer, plait_time_ns now);
/* What decides its further behaviour: relative times, no counters (DESIGN §7). */
void plait_flow_digest(const struct plait_flow *flow, plait_time_ns now, struct plait_hasher *h);

/* ---- what an owner asks of it ---------------------------------------------------------------- */

/* There is something new: octets, an option, a wider window.  Puts its paths on the ready queue. */
void plait_flow_wake(struct plait_flow *flow);
/* An ACK shall go out with the next output, even if nothing else does. */
void plait_flow_ack_now(struct plait_flow *flow);
/* What `next` gave and was not sent yet is not sent any more. */
void plait_flow_withdraw(struct plait_flow *flow);
/* FIN after everything that `next` gives until it gives 0; no effect when closing already. */
void plait_flow_close(struct plait_flow *flow, plait_time_ns now);
/* Leaves TIME-WAIT before its time: IS_CLOSED at once.  No effect in another state. */
void plait_flow_end_waiting(struct plait_flow *flow, plait_time_ns now);
/* RST with the owner's options (kind RST) by the next output, then IS_CLOSED. */
void plait_flow_abort(struct plait_flow *flow, plait_time_ns now);
/* Another owner from now on, for instance after a fallback. */
void plait_flow_set_owner(struct plait_flow *flow, const struct plait_flow_owner *table,
                          void *owner);
/* A further path for the same sequence space (Basic MPTCP); NULL at the limit. */
struct plait_path *plait_flow_add_path(struct plait_flow *flow, const struct plait_flow_key *key,
                                       plait_time_ns now);
/* What was in flight on it is sent again on others.  The last one is detached instead: nothing goes
 * out or comes in until there is another. */
void plait_flow_remove_path(struct plait_flow *flow, struct plait_path *path);
/* PATH begins with the window of FROM, not with the initial one (T-FLOOD-2). */
void plait_flow_inherit_window(struct plait_path *path, const struct plait_path *from,
                               plait_time_ns now);
/* Sets sequence number, acknowledgment and window as a pure ACK has them now. */
void plait_flow_set_numbers(const struct plait_flow *flow, struct plait_segment *segment);
/* A segment without payload and with sequence number SEQ would be in the receive window. */
bool plait_flow_may_receive(const struct plait_flow *flow, uint32_t seq);
/* ICMP said so and its sequence number was in flight: smaller segments (RFC 1191, RFC 8201). */
void plait_flow_path_mtu(struct plait_flow *flow, struct plait_path *path, uint16_t mtu_octets);
/* A soft or hard ICMP error: fewer tries of a SYN, nothing else (RFC 5927). */
void plait_flow_unreachable(struct plait_flow *flow, struct plait_path *path, plait_time_ns now,
                            bool is_hard);
/* Sends one keepalive probe now on each path (N35); its answer comes to the owner as a segment, and
 * silence as none: the wait is the owner's. */
void plait_flow_probe(struct plait_flow *flow, plait_time_ns now);

enum plait_flow_state plait_flow_state(const struct plait_flow *flow);
const char *plait_flow_state_name(enum plait_flow_state state);
bool plait_flow_is_plain(const struct plait_flow *flow);   /* it has no owner */
uint32_t plait_flow_number(const struct plait_flow *flow); /* on its host, from 1 */
void *plait_flow_owner(const struct plait_flow *flow);
struct plait_path *plait_flow_first_path(const struct plait_flow *flow);
/* Send side, as offsets: first unacknowledged, next new; and the right edge the peer allows. */
uint64_t plait_flow_unacked(const struct plait_flow *flow);
uint64_t plait_flow_next(const struct plait_flow *flow);
uint64_t plait_flow_window_edge(const struct plait_flow *flow);
/* Receive side: in-order edge; true once the peer's FIN is in order. */
uint64_t plait_flow_received(const struct plait_flow *flow);
bool plait_flow_peer_done(const struct plait_flow *flow);
/* How far the windows that we read are shifted, for an owner with a window of its own (N25). */
uint8_t plait_flow_send_shift(const struct plait_flow *flow);
uint32_t plait_flow_isn(const struct plait_flow *flow);
uint32_t plait_flow_peer_isn(const struct plait_flow *flow);
/* Largest payload of one segment with FULL option space used by OPTION_OCTETS beside TCP's own. */
uint32_t plait_flow_mss(const struct plait_flow *flow, const struct plait_path *path,
                        uint32_t option_octets);

/* ---- plain TCP: a flow without owner ----------------------------------------------------------
 */

struct plait_send_queue *plait_flow_send_queue(struct plait_flow *flow);       /* offsets from 1 */
struct plait_receive_queue *plait_flow_receive_queue(struct plait_flow *flow); /* offsets from 1 */
/* After consuming from the receive queue: a window update may be due. */
void plait_flow_consumed(struct plait_flow *flow);

#endif
