/* tcp/inside.h: what the files of tcp/ know of one another; nothing outside the room includes it.
 *
 * One file, one part of RFC 9293: input.c checks a segment, handshake.c opens, payload.c receives,
 * ack.c takes acknowledgments, rack.c finds losses, timer.c waits, output.c chooses what to send,
 * segment.c writes it, record.c remembers it.  May touch: the flow, its paths, its stack. */
#ifndef PLAIT_TCP_INSIDE_H
#define PLAIT_TCP_INSIDE_H

#include "base/panic.h"
#include "base/range_set.h"
#include "base/receive_queue.h"
#include "base/send_queue.h"
#include "tcp/flow.h"
#include "tcp/path.h"

#define PLAIT_RECENT_MAX        4          /* ranges remembered for the order of SACK blocks */
#define PLAIT_SACK_STEPS_MAX    512        /* records looked at for one segment's SACK blocks */
#define PLAIT_DUPLICATES        3          /* RFC 5681 §3.2 */
#define PLAIT_INITIAL_SEGMENTS  10         /* RFC 6928 */
#define PLAIT_IPV4_MTU_MIN      552        /* an ICMP error cannot make segments smaller */
#define PLAIT_IPV6_MTU_MIN      1280       /* RFC 8200 §5 */
#define PLAIT_OWNER_OPTIONS     28         /* a full DSS: the first guess (RFC 8684 §3.3) */
#define PLAIT_WINDOW_MAX_OCTETS 0x3fffffff /* RFC 7323 §2.3 */
#define PLAIT_PROBES_MAX        9          /* keepalive probes without an answer */

enum plait_timer_kind {                       /* kinds 0..31 of the stack's timers are tcp/'s */
                        PLAIT_TIMER_RECOVERY, /* of a path: see enum plait_recovery_wait */
                        PLAIT_TIMER_ACK,      /* of a flow: delayed acknowledgment */
                        PLAIT_TIMER_PERSIST, /* of a flow: zero window, or no memory for a record */
                        PLAIT_TIMER_LIFE,    /* of a flow: keepalive; TIME-WAIT */
                        PLAIT_TIMER_KINDS
};

enum plait_place_of_record { PLAIT_IN_FLIGHT, PLAIT_LOST, PLAIT_SACKED };

/* One segment or super-segment that was sent and is not acknowledged.  The records of a flow are
 * disjoint, without gaps, from its first unacknowledged offset to its next new one.  Neighbours
 * that are SACKed become one record, so a walk costs as much as there are holes. */
struct plait_record {
    struct plait_record *next, *previous; /* by offset */
    struct plait_record *later, *earlier; /* in the queue of its place; none if SACKed */
    struct plait_path *path;              /* that sent it last */
    uint64_t from, to;                    /* SYN and FIN occupy an offset each */
    plait_time_ns sent_ns;                /* last */
    uint64_t serial;                      /* of that sending on its path */
    uint8_t place;                        /* enum plait_place_of_record */
    uint8_t sendings;                     /* up to 255 */
    bool has_syn, has_fin;
};

struct plait_sending {
    uint64_t unacked, next;
    uint64_t granted;                /* the owner has given everything below it */
    uint64_t window_edge;            /* right edge the peer allows */
    uint64_t window_seq, window_ack; /* WL1, WL2 of RFC 9293 */
    uint32_t window_max;             /* largest window ever offered */
    uint32_t option_octets;          /* of the owner, in the latest data segment */
    uint16_t peer_mss;
    uint8_t shift;      /* of the windows we read */
    bool may_have_data; /* the owner was woken, or had something last time */
    bool more;          /* it filled the room it was given */
    bool close_asked;
    uint64_t fin;                      /* its offset once it was sent; 0 = not yet */
    struct plait_record *first, *last; /* by offset */
    struct plait_record *seen;         /* where the last SACK was looked up; a hint */
    uint32_t records;
    struct plait_record_queue {
        struct plait_record *first, *last;
    } lost; /* by offset */
    uint64_t sacked_octets;
    uint64_t sacked_edge; /* above everything SACKed */
    bool reordering_seen;
    /* without SACK: RFC 6582 */
    uint32_t duplicates;
    uint64_t recover;      /* in recovery until this is acknowledged; 0 = not */
    uint64_t timeout_edge; /* duplicates below it are of a timeout's own sending */
};

struct plait_receiving {
    uint64_t edge;                     /* in order below it */
    uint64_t announced_edge;           /* right edge of the window, as far as it was ever shown */
    uint64_t acked_edge;               /* edge in the last segment sent */
    uint64_t fin;                      /* offset of the peer's FIN; 0 = unknown */
    struct plait_range_set ranges;     /* accepted above edge; room is taken when first needed */
    uint64_t recent[PLAIT_RECENT_MAX]; /* offsets inside the ranges that changed last */
    struct plait_range duplicate;      /* for DSACK (RFC 2883); empty = none */
    uint32_t unacked_octets;           /* in order, since the last ACK */
    uint32_t mss;                      /* largest segment seen */
    uint8_t shift;
    bool fin_taken;
};

struct plait_stamps { /* RFC 7323; peer's times are extended to 64 bits like offsets */
    bool is_used;
    uint32_t offset;
    int64_t recent; /* TS.Recent */
    plait_time_ns recent_ns;
};

struct plait_plain { /* tcp/plain.c */
    struct plait_send_queue send;
    struct plait_receive_queue receive;
    struct plait_range *ranges;
};

struct plait_flow {
    struct plait_stack *stack;
    const struct plait_flow_owner *owner;
    void *owner_self;
    struct plait_plain *plain; /* NULL if somebody else owns it */
    void (*heard)(void *self, struct plait_flow *flow, plait_time_ns now,
                  enum plait_flow_event event, uint64_t detail);
    uint32_t number, connection;
    uint32_t isn, peer_isn;
    uint8_t state; /* enum plait_flow_state */
    bool has_sack;
    bool is_client;   /* active open */
    bool is_aborting; /* RST by the next output, then the end */
    bool ack_now;     /* a pure ACK is due */
    bool third_ack;   /* ... that completes our handshake */
    bool peer_knows;  /* something but SYN came since: our third ACK arrived */
    bool probe_now;   /* a probe is due: zero window or keepalive */
    bool lacks_isn;   /* opened without handshake: the peer's ISN is not known yet ... */
    bool lacks_ack;   /* ... or the peer has not shown that it knows ours */
    bool reset_stray; /* an RST with sequence number stray_seq is due (RFC 9293 §3.10.7.3) */
    uint32_t stray_seq;
    uint32_t probes;                                    /* without an answer, in a row */
    struct plait_flow *closed_next;                     /* tcp/stack.h */
    struct plait_flow *waiting_next, *waiting_previous; /* in TIME-WAIT */
    struct plait_path *paths;
    struct plait_path *ack_path; /* where the last segment came from */
    struct plait_sending send;
    struct plait_receiving receive;
    struct plait_stamps stamps;
    struct plait_challenges challenges;
    plait_time_ns heard_ns; /* last segment, for keepalive */
    struct plait_timer ack_timer, persist_timer, life_timer;
    unsigned persists; /* zero-window probes in a row */
};

/* A segment under judgement. */
struct plait_arrival {
    const struct plait_segment *segment;
    struct plait_path *path;
    plait_time_ns now;
    int64_t from, to; /* of the sequence space; what is below the stream is negative */
    int64_t payload;  /* offset of its first octet */
    int64_t ack;
    int64_t stamp, echo; /* timestamps; echo in ms of our clock */
    uint32_t length;     /* of the payload */
    bool has_stamps;
};

/* The one modular comparison of the house: the 64-bit number nearest to NEAR whose low 32 bits,
 * less ORIGIN, are WIRE's. */
static inline int64_t plait_unwrap(uint32_t wire, uint32_t origin, uint64_t near)
{
    return (int64_t)near + (int32_t)(wire - origin - (uint32_t)near);
}

static inline bool plait_flow_is_over(const struct plait_flow *flow)
{
    return flow->state == PLAIT_FLOW_CLOSED || flow->is_aborting;
}

/* ---- state.c ---- */

enum plait_state_event {                  /* what moves the state machine; RFC 9293 figure 5 */
                         PLAIT_GETS_SYN,  /* simultaneous open */
                         PLAIT_GETS_OPEN, /* the handshake is complete */
                         PLAIT_SENDS_FIN,
                         PLAIT_GETS_FIN,
                         PLAIT_GETS_FIN_ACKED,
                         PLAIT_ENDS, /* reset, refused, given up, 2 MSL over */
                         PLAIT_STATE_EVENTS
};
/* Moves FLOW; a pair that the table does not have changes nothing. */
void plait_flow_move(struct plait_flow *flow, plait_time_ns now, enum plait_state_event event);
/* The end: tells EVENT if it is not IS_CLOSED, gives everything back but the flow, then IS_CLOSED.
 */
void plait_flow_end(struct plait_flow *flow, plait_time_ns now, enum plait_flow_event event,
                    uint64_t detail);
void plait_flow_tell(struct plait_flow *flow, plait_time_ns now, enum plait_flow_event event,
                     uint64_t detail);
/* The handshake is complete: ESTABLISHED, and the owner hears it. */
void plait_flow_opened(struct plait_flow *flow, struct plait_path *path, plait_time_ns now);
/* Takes FLOW off the stack's lists of closed and waiting flows. */
void plait_flow_leave_lists(struct plait_flow *flow);
bool plait_flow_may_send(const struct plait_flow *flow); /* new data, by its state */
bool plait_flow_is_synchronized(const struct plait_flow *flow);

/* ---- flow.c, path.c ---- */

void plait_flow_ready(struct plait_flow *flow); /* all its usable paths */
struct plait_path *plait_path_new(struct plait_flow *flow, const struct plait_flow_key *key);
void plait_path_rtt(struct plait_path *path, plait_time_ns now, plait_time_ns sample_ns);
void plait_path_backoff(struct plait_path *path); /* rto_ns from RTT and timeouts */
/* True if no other usable path of the flow is in better health: retransmissions may go here. */
bool plait_path_is_best_health(const struct plait_path *path);
void plait_path_reduce(struct plait_path *path, plait_time_ns now, bool is_timeout);
void plait_path_restart(struct plait_path *path, plait_time_ns now); /* after being idle */
void plait_path_undo(struct plait_path *path); /* the last reduction was for nothing */
uint32_t plait_path_mss(const struct plait_path *path);

/* ---- handshake.c ---- */

void plait_handshake_input(struct plait_flow *flow, const struct plait_arrival *a);
/* A segment with SYN outside SYN-SENT.  True if it was the other half of a simultaneous open and
 * is to be judged on. */
bool plait_handshake_repeated(struct plait_flow *flow, const struct plait_arrival *a);
uint8_t plait_window_shift(const struct plait_stack *stack);

/* ---- input.c ---- */

/* An ACK in answer to a segment that may be forged: within the limit (RFC 5961 §7). */
void plait_challenge(struct plait_flow *flow, const struct plait_arrival *a,
                     enum plait_counter_name why);

/* ---- payload.c ---- */

void plait_payload_take(struct plait_flow *flow, const struct plait_arrival *a);
void plait_fin_take(struct plait_flow *flow, const struct plait_arrival *a);
/* The part of the payload that came before is reported as a duplicate (RFC 2883 §4). */
void plait_duplicate_note(struct plait_flow *flow, const struct plait_arrival *a);
/* The window field of a segment that is sent now; moves the announced edge. */
uint16_t plait_window_announce(struct plait_flow *flow, bool is_syn);
/* SACK blocks for the next ACK, at most MAX; returns the number. */
unsigned plait_sack_blocks(const struct plait_flow *flow, struct plait_sack_block *blocks,
                           unsigned max);
/* An ACK has been sent with some segment. */
void plait_ack_sent(struct plait_flow *flow);
/* A window update is worth a segment. */
bool plait_window_has_opened(const struct plait_flow *flow);
void plait_ranges_give(struct plait_flow *flow);

/* ---- ack.c ---- */

/* Takes acknowledgment, SACK and window of a segment whose numbers are acceptable. */
void plait_ack_take(struct plait_flow *flow, const struct plait_arrival *a);

/* ---- record.c ---- */

/* For FROM..TO at the end of the flow's records; NULL at a limit. */
struct plait_record *plait_record_add(struct plait_flow *flow, uint64_t from, uint64_t to,
                                      bool is_retransmission);
/* Cuts R at AT; the second part (returned) has what else R had.  NULL at a limit. */
struct plait_record *plait_record_split(struct plait_flow *flow, struct plait_record *r,
                                        uint64_t at);
void plait_record_remove(struct plait_flow *flow, struct plait_record *r);
void plait_record_send(struct plait_flow *flow, struct plait_record *r, struct plait_path *path,
                       plait_time_ns now);
void plait_record_lose(struct plait_flow *flow, struct plait_record *r);
void plait_record_unlose(struct plait_flow *flow, struct plait_record *r);
/* SACKed: merges with its neighbours; returns the record that R is part of now. */
struct plait_record *plait_record_sack(struct plait_flow *flow, struct plait_record *r);
/* Everything that was SACKed was taken back by the peer (RFC 2018 §8). */
void plait_records_renege(struct plait_flow *flow);
/* Takes the acknowledged front off R. */
void plait_record_trim(struct plait_flow *flow, struct plait_record *r, uint64_t from);
void plait_records_clear(struct plait_flow *flow);
/* What is to be compared of two records of a path: parts of one sending differ in their ends. */
bool plait_record_was_sent_before(uint64_t a_serial, uint64_t a_to, uint64_t b_serial,
                                  uint64_t b_to);

/* ---- rack.c ---- */

/* Marks what RACK calls lost on PATH; path->rack_wait_ns says when to look again. */
void plait_rack_detect(struct plait_flow *flow, struct plait_path *path, plait_time_ns now);
/* Loses R and lets congestion control know, once a round trip. */
void plait_rack_lose(struct plait_flow *flow, struct plait_record *r, plait_time_ns now);

/* ---- timer.c ---- */

enum plait_recovery_wait { PLAIT_WAIT_RTO, PLAIT_WAIT_TAIL, PLAIT_WAIT_REORDERING };

/* Sets PATH's recovery timer for what is in flight on it. */
void plait_recovery_arm(struct plait_flow *flow, struct plait_path *path, plait_time_ns now);
void plait_persist_arm(struct plait_flow *flow, plait_time_ns now);
/* There was no record to be had: asks again soon if no acknowledgment will. */
void plait_memory_wait(struct plait_flow *flow, plait_time_ns now);
void plait_life_arm(struct plait_flow *flow, plait_time_ns now);
void plait_timers_forget(struct plait_flow *flow);

/* ---- segment.c ---- */

struct plait_draft { /* a segment to be */
    enum plait_segment_kind kind;
    uint8_t flags;
    uint64_t from;   /* offset of the sequence number */
    uint32_t length; /* payload wanted; set to what went in */
    unsigned attempt;
    bool is_retransmission;
    bool has_seq; /* seq is given instead of an offset */
    uint32_t seq;
    uint32_t segment_octets; /* largest payload of one segment, set */
};

/* Writes DRAFT into OUT, payload cut to what fits; false if OUT has no room for the headers. */
bool plait_segment_write(struct plait_flow *flow, struct plait_path *path, plait_time_ns now,
                         struct plait_out *out, struct plait_draft *draft);
/* Payload of a data segment, with the options as they were last. */
uint32_t plait_segment_room(const struct plait_flow *flow, const struct plait_path *path);

/* ---- plain.c ---- */

extern const struct plait_flow_owner plait_plain_owner;
bool plait_plain_new(struct plait_flow *flow);
void plait_plain_free(struct plait_flow *flow);

#endif
