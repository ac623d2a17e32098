/* mptcp/inside.h: internal to mptcp/: what a connection and its subflows remember, and which file
 * does what with it.
 *
 * A flow asks through owner.c; each file below answers for one subject.  Positions in the stream
 * are data offsets, positions in a subflow are flow offsets; IDSNs are added in dss_out.c and taken
 * off in dss_in.c and data_ack.c, nowhere else. */
#ifndef PLAIT_MPTCP_INSIDE_H
#define PLAIT_MPTCP_INSIDE_H

#include "base/receive_queue.h"
#include "base/send_queue.h"
#include "mptcp/address_book.h"
#include "mptcp/connection.h"
#include "mptcp/dsn.h"
#include "mptcp/mapping.h"

/* Timers of this room (kinds 32..63). */
enum {
    PLAIT_MPTCP_TIMER_DATA = 32, /* retransmission at the data level, DATA_FIN, closed window */
    PLAIT_MPTCP_TIMER_CLOSE,     /* life without a subflow; the end of an end */
    PLAIT_MPTCP_TIMER_ADDR,      /* ADD_ADDR without echo */
    PLAIT_MPTCP_TIMER_SUBFLOW,   /* third ACK of a join; probe for a REMOVE_ADDR */
    PLAIT_MPTCP_TIMER_MESSAGES   /* control messages without answer */
};

enum plait_subflow_stage {
    PLAIT_SUBFLOW_CONNECTING, /* SYN sent */
    PLAIT_SUBFLOW_PROVING,    /* third ACK of our join sent, not acknowledged: PRE_ESTABLISHED */
    PLAIT_SUBFLOW_OPEN,
    PLAIT_SUBFLOW_CLOSING, /* FIN asked for: nothing new is sent */
    PLAIT_SUBFLOW_DEAD     /* reset or given up: waits for IS_CLOSED */
};

/* What a subflow has to say with its next segment that has room. */
enum {
    PLAIT_SAY_DATA_FIN = 0x01,
    PLAIT_SAY_PROOF = 0x02, /* third ACK of a join again */
    PLAIT_SAY_PRIO = 0x04,
    PLAIT_SAY_FAIL = 0x08,
    PLAIT_SAY_INFINITE = 0x10, /* the infinite mapping, at once */
    PLAIT_SAY_FASTCLOSE = 0x20,
    PLAIT_SAY_SIGNAL = 0x40 /* one of the connection's signals */
};

/* In a row, before something else goes by (N34). */
#define PLAIT_MPTCP_SIGNALS_IN_ROW 2

struct plait_subflow {
    struct plait_mptcp *connection;
    struct plait_subflow *next;
    struct plait_flow *flow; /* NULL until the flow speaks for the first time (passive) */
    struct plait_timer timer;
    uint8_t stage; /* enum plait_subflow_stage */
    uint8_t local_id, remote_id;
    uint8_t says; /* PLAIT_SAY_... */
    uint8_t signals_in_row, tries;
    uint8_t reset_reason; /* of our reset; 0xff = none */
    bool reset_is_transient;
    bool is_first, is_further, initiated_here, is_authenticated;
    bool backup_here, backup_there, is_stale;
    bool was_open;       /* it carried the connection once */
    bool dss_passes;     /* a DSS with DATA_ACK came: options get through both ways */
    bool says_fastclose; /* our reset carries MP_FASTCLOSE */
    bool says_fail;      /* our reset carries MP_FAIL */
    bool told_infinite;  /* the last segment carried the infinite mapping */
    bool is_probed;      /* a keepalive asks whether it lives (N35) */
    uint32_t own_nonce, peer_nonce;
    uint64_t fail_offset;    /* data offset for MP_FAIL */
    uint64_t infinite_until; /* flow offset: the infinite mapping goes along until something from
                                here on is acknowledged; 0 = nobody is told of one */
    struct plait_mapping_list sent, received;
    uint64_t acked_seen;     /* flow offset, by our peer */
    uint64_t redundant_next; /* data offset, of a scheduler that is redundant */
    uint64_t last_turn;
    uint64_t unmapped_octets; /* refused since the last mapping (N23) */
    uint64_t unmapped_edge;   /* the in-order octet that came without mapping last */
    /* The mapping that was summed last for its checksum: a segment that is the whole of it needs no
     * second sum. */
    uint64_t summed_from;
    uint32_t summed_octets;
    plait_sum summed;
};

enum plait_mptcp_stage {
    PLAIT_MPTCP_OPENING,
    PLAIT_MPTCP_OPEN,
    PLAIT_MPTCP_ENDED /* reset, timed out or closed; subflows may still be going */
};

/* A control option that waits for room on some subflow. */
enum { PLAIT_SIGNAL_NONE, PLAIT_SIGNAL_ECHO, PLAIT_SIGNAL_REMOVE };
struct plait_signal {
    uint8_t what, addr_id;
    struct plait_place place; /* ECHO */
};
#define PLAIT_MPTCP_SIGNALS_MAX 8

/* A control message of ours that waits for its answer (RFC 6181 §4). */
struct plait_question {
    uint8_t what; /* ADD, REMOVE, PROBE of enum plait_control_what; 0: this one is free */
    uint8_t id;   /* PROBE: that of the peer's ADD */
    uint8_t tries;
    struct plait_flow_key pair; /* src ours; of REMOVE, the first that went */
    uint64_t nonce;             /* PROBE */
    uint32_t isn;               /* PROBE that tells it: of ours on that pair */
    bool is_echoed;             /* ADD of a pair whose numbers are still to come */
    plait_time_ns due_ns;
};
#define PLAIT_QUESTIONS_MAX 8
struct plait_messages { /* of a connection whose mechanism has control messages */
    struct plait_mptcp *connection;
    struct plait_timer timer;
    uint8_t last_id;
    struct plait_flow_handshake terms; /* of pairs that are flows of their own */
    struct plait_question questions[PLAIT_QUESTIONS_MAX];
};

/* A full DSS with 64-bit numbers and checksum; retransmission timeouts before a subflow is stale.
 */
#define PLAIT_DSS_OCTETS        28
#define PLAIT_MPTCP_STALE_AFTER 2

/* Ranges that fit into the connection itself; more come from a pool, for as long as it lives. */
#define PLAIT_MPTCP_RANGES_OWN   4
#define PLAIT_MPTCP_REINJECT_MAX 8

struct plait_mptcp {
    struct plait_mptcp_world *world;
    struct plait_mptcp_config config;        /* defaults filled in */
    const struct plait_mechanism *mechanism; /* NULL after a fallback in the handshake */
    void *user;
    struct plait_subflow *subflows; /* in the order in which they were made */
    uint32_t number;
    uint8_t stage;           /* enum plait_mptcp_stage */
    uint8_t mechanism_index; /* in config.mechanisms: which one the SYN asks for */
    bool is_client;
    bool is_plain; /* flow offset + delta is the data offset, no option is sent: fallen back, or
                      a mechanism whose mapping is the sequence number */
    bool has_fallen_back;
    bool checksum, hello_is_known, dss_seen, had_joins, peer_forbids_first;
    bool token_claimed, is_fastclosing, closed_told, peer_done_told;
    bool write_was_short, pool_was_empty, mapping_seen;
    uint8_t half_open_joins, subflow_count, further_count;
    uint8_t data_tries, fastclose_tries, announce_round, addrs_dialled;
    uint64_t own_key, peer_key, own_idsn, peer_idsn;
    uint64_t own_cookie, peer_cookie; /* where the mechanism has them */
    uint32_t own_token, peer_token;
    uint32_t nonces_drawn;
    struct plait_place first_local, first_remote;

    /* sending */
    struct plait_send_queue send;
    uint64_t data_next;   /* first offset that was never sent */
    uint64_t data_acked;  /* first offset that is not acknowledged; counts the DATA_FIN */
    uint64_t window_edge; /* right edge that the peer allows (N25) */
    bool close_wanted, fin_sent;
    uint64_t infinite_from; /* data offset where the infinite mapping begins */
    uint64_t delta_out;     /* plain: data offset - flow offset */
    uint64_t turns;
    struct plait_range_set reinject; /* sent on a subflow that failed: to be sent again elsewhere */
    struct plait_range reinject_room[PLAIT_MPTCP_REINJECT_MAX];

    /* receiving */
    struct plait_receive_queue receive;
    struct plait_range received_room[PLAIT_MPTCP_RANGES_OWN];
    struct plait_range_set placed;       /* accepted, but under a checksum that is not complete */
    void *received_block, *placed_block; /* of the stack's ranges */
    uint64_t peer_fin;                   /* offset of the peer's DATA_FIN; 0 = not seen */
    uint64_t edge_told;                  /* to the application */
    uint64_t window_told;                /* right edge of the window that the peer was shown last */
    uint64_t delta_in;                   /* plain */

    /* addresses */
    struct plait_address_book own_addrs, peer_addrs;
    struct plait_signal signals[PLAIT_MPTCP_SIGNALS_MAX];
    struct plait_messages *messages; /* NULL: the mechanism has none */

    /* records (mechanism's payload group) */
    struct plait_chunk *sealed_out, *sealed_in;
    uint32_t sealed_out_octets, sealed_out_sent; /* of a record that is sealed; in the queue */
    uint32_t sealed_in_octets, sealed_in_read;   /* plain octets of one that is open; consumed */
    uint64_t sealed_in_position;                 /* of the next record, once its header is read */
    bool sealed_in_has_header;

    struct plait_timer data_timer, close_timer, addr_timer;
};

static inline struct plait_stack *plait_mptcp_stack(const struct plait_mptcp *c)
{
    return c->world->stack;
}

static inline void plait_mptcp_count(const struct plait_mptcp *c, enum plait_counter_name counter)
{
    plait_count(c->world->stack, counter);
}

/* What proofs are made with, of one of the two KEYs that the wire shows. */
static inline uint64_t plait_proof_key(const struct plait_mptcp *c, uint64_t key)
{
    return c->mechanism->proof_key ? c->mechanism->proof_key(key, &c->config.secret) : key;
}

/* Sets, and looks for, the proof of a control option (RFC 8684 §3.4.1, §3.5). */
static inline void plait_control_seal(const struct plait_mptcp *c, struct plait_mptcp_option *o)
{
    c->mechanism->seal(plait_proof_key(c, c->own_key), plait_proof_key(c, c->peer_key), o);
}

static inline bool plait_control_opens(const struct plait_mptcp *c,
                                       const struct plait_mptcp_option *o)
{
    return c->mechanism->open(plait_proof_key(c, c->own_key), plait_proof_key(c, c->peer_key), o);
}

/* ---- connection.c: life --------------------------------------------------------------------- */

struct plait_mptcp *plait_mptcp_new(struct plait_mptcp_world *world,
                                    const struct plait_mptcp_config *config);
void plait_mptcp_event(struct plait_mptcp *c, plait_time_ns now, enum plait_mptcp_event event);
/* Keys of both, and our token, are known: the other identities, queues' places. */
void plait_mptcp_identify(struct plait_mptcp *c);
/* The application may write and read; tells it once. */
void plait_mptcp_established(struct plait_mptcp *c, plait_time_ns now);
/* Ends it with EVENT (IS_RESET, IS_TIMED_OUT): resets what is left. */
void plait_mptcp_end(struct plait_mptcp *c, plait_time_ns now, enum plait_mptcp_event event,
                     uint8_t reason);
/* After anything that may have been the last thing to wait for. */
void plait_mptcp_check_end(struct plait_mptcp *c, plait_time_ns now);
/* New octets, window, or paths: everybody may ask. */
void plait_mptcp_wake_all(struct plait_mptcp *c);
bool plait_mptcp_is_multipath(const struct plait_mptcp *c);
/* A DSS came: options get through, further subflows may be opened (N12). */
void plait_mptcp_dss_seen(struct plait_mptcp *c, plait_time_ns now);

/* ---- client.c: the active handshake ---- */

unsigned plait_client_syn(struct plait_subflow *sub, unsigned attempt,
                          struct plait_mptcp_option *options);
enum plait_verdict plait_client_syn_ack(struct plait_subflow *sub, plait_time_ns now,
                                        const struct plait_segment *segment);
/* MP_CAPABLE of the third ACK. */
void plait_client_third_ack(const struct plait_mptcp *c, struct plait_mptcp_option *option);
bool plait_claim_key(struct plait_mptcp *c);

/* ---- subflow.c: coming and going ---- */

struct plait_subflow *plait_subflow_new(struct plait_mptcp *c);
/* Unlinks and frees the record; its flow stays. */
void plait_subflow_free(struct plait_subflow *sub);
void plait_subflow_event(struct plait_subflow *sub, plait_time_ns now, enum plait_flow_event event,
                         uint64_t detail);
/* RST with MP_TCPRST REASON; what it had in flight goes to the others. */
void plait_subflow_reset(struct plait_subflow *sub, plait_time_ns now, uint8_t reason);
void plait_subflow_close(struct plait_subflow *sub, plait_time_ns now);
void plait_subflow_open(struct plait_subflow *sub, plait_time_ns now);
bool plait_subflow_can_send(const struct plait_subflow *sub);
struct plait_subflow *plait_subflow_best(struct plait_mptcp *c);
void plait_subflow_say(struct plait_subflow *sub, uint8_t what);
/* The connection as a whole has something to say on some subflow. */
void plait_mptcp_say(struct plait_mptcp *c, uint8_t what);
void plait_subflow_timer(struct plait_subflow *sub, plait_time_ns now);

/* ---- segment.c: what a segment's options say ---- */

enum plait_verdict plait_mptcp_segment(struct plait_subflow *sub, plait_time_ns now,
                                       const struct plait_segment *segment);

/* ---- join.c: further subflows ---- */

unsigned plait_join_syn(const struct plait_subflow *sub, struct plait_mptcp_option *options);
enum plait_verdict plait_join_syn_ack(struct plait_subflow *sub, plait_time_ns now,
                                      const struct plait_segment *segment);
void plait_join_third_ack(const struct plait_subflow *sub, struct plait_mptcp_option *option);
/* A segment without SYN came on a subflow that is still proving. */
void plait_join_confirmed(struct plait_subflow *sub, plait_time_ns now);
void plait_join_timer(struct plait_subflow *sub, plait_time_ns now);

/* ---- pairs.c: pairs of addresses, which share the numbers of the one flow or have their own ----
 */

/* All of them know what to say where the mechanism has no such pairs: NULL, 0, false. */
bool plait_pairs_are_mapped(const struct plait_mptcp *c); /* each is a flow of its own */
unsigned plait_pairs_count(const struct plait_mptcp *c);  /* of those that are not given up */
bool plait_pairs_are_gone(const struct plait_mptcp *c);
struct plait_path *plait_pairs_at(const struct plait_mptcp *c, unsigned index);
struct plait_path *plait_pairs_find(const struct plait_mptcp *c, const struct plait_flow_key *key);
/* The peer knows of this pair: data may go there. */
bool plait_pairs_may_send(const struct plait_mptcp *c, const struct plait_path *path);
struct plait_path *plait_pairs_best(const struct plait_mptcp *c, enum plait_family family,
                                    const struct plait_addr *not_from);
/* There is something that messages may be about. */
bool plait_pairs_exist(const struct plait_mptcp *c);
/* Numbers of a pure ACK on the pair of WAY (src ours), or else on one whose numbers the peer knows.
 */
void plait_pairs_set_numbers(const struct plait_mptcp *c, const struct plait_flow_key *way,
                             struct plait_segment *segment);
/* SEQ is in the receive window, of whatever pair. */
bool plait_pairs_may_receive(const struct plait_mptcp *c, uint32_t seq);
/* Where a pair that has numbers of its own would begin. */
uint32_t plait_pairs_isn(const struct plait_mptcp *c, plait_time_ns now,
                         const struct plait_flow_key *key);
/* Beginning at ISN if it has numbers of its own; OFFERED: the peer has to take it first.  EXISTS:
 * it is in use, here or elsewhere on the machine; TOO_MANY. */
plait_result plait_pairs_open(struct plait_mptcp *c, plait_time_ns now,
                              const struct plait_flow_key *key, uint32_t isn, bool offered);
/* An offered pair was taken: it is sent on as soon as its numbers are known. */
void plait_pairs_taken(struct plait_mptcp *c, plait_time_ns now, const struct plait_flow_key *key);
void plait_pairs_close(struct plait_mptcp *c, plait_time_ns now, struct plait_path *path);
/* Takes away the pairs that TCP has given up. */
void plait_pairs_sweep(struct plait_mptcp *c, plait_time_ns now);
/* All pairs whose other end is PEER_ADDR; returns how many there were. */
unsigned plait_pairs_close_to(struct plait_mptcp *c, plait_time_ns now,
                              const struct plait_addr *peer_addr);
/* An acceptable RST came on a pair: TAKEN if only that one ends, else GO_ON. */
enum plait_verdict plait_pairs_reset(struct plait_mptcp *c, plait_time_ns now,
                                     const struct plait_segment *reset);
/* The flow of SUB ends, or has ended: nothing is asked for its pair any more. */
void plait_pairs_went(struct plait_subflow *sub);
/* The connection ends with the pair that just was reset. */
bool plait_pairs_end_by_reset(const struct plait_mptcp *c);

/* ---- messages.c: control messages ---- */

void plait_messages_start(struct plait_mptcp *c);
void plait_messages_stop(struct plait_mptcp *c);
void plait_messages_timer(struct plait_messages *messages, plait_time_ns now);
/* An ADD of PAIR waits for its echo. */
bool plait_messages_offers(const struct plait_mptcp *c, const struct plait_flow_key *pair);
/* A segment that TCP believes came on PAIR. */
void plait_messages_heard_on(struct plait_mptcp *c, plait_time_ns now,
                             const struct plait_flow_key *pair);
/* PAIR goes: nothing is asked for it any more. */
void plait_messages_forget(struct plait_mptcp *c, const struct plait_flow_key *pair);
/* LOCAL (port 0: the first pair's) to REMOTE shall be a pair.  EXISTS, TOO_MANY. */
plait_result plait_messages_add(struct plait_mptcp *c, plait_time_ns now,
                                const struct plait_place *local, const struct plait_place *remote);
/* All pairs of ours with ADDR go.  NOT_FOUND. */
plait_result plait_messages_remove(struct plait_mptcp *c, plait_time_ns now,
                                   const struct plait_addr *addr);

/* ---- options.c: what a segment carries ---- */

unsigned plait_options_write(struct plait_subflow *sub, const struct plait_option_request *request,
                             struct plait_mptcp_option *options);
bool plait_options_want_ack(struct plait_subflow *sub);
/* True while the peer need not have heard of the fallback. */
bool plait_options_tell_infinite(const struct plait_subflow *sub);
bool plait_options_come_first(const struct plait_subflow *sub); /* before payload */

/* ---- dss_out.c: what is sent where ---- */

uint32_t plait_dss_next(struct plait_subflow *sub, struct plait_path *path, plait_time_ns now,
                        uint64_t from, uint32_t room_octets);
uint32_t plait_dss_piece(struct plait_subflow *sub, uint64_t from, uint32_t length);
plait_sum plait_dss_copy(struct plait_subflow *sub, uint64_t from, uint32_t length, uint8_t *to,
                         bool wants_sum);
/* The DSS of a segment of payload at FROM (LENGTH 0: only a DATA_ACK), or the first data's
 * MP_CAPABLE. */
void plait_dss_write(struct plait_subflow *sub, uint64_t from, uint32_t length,
                     struct plait_mptcp_option *option);
void plait_dss_write_fin(struct plait_subflow *sub, struct plait_mptcp_option *option);
void plait_dss_write_infinite(struct plait_subflow *sub, struct plait_mptcp_option *option);
/* Everything below the flow offset EDGE was acknowledged by the subflow. */
void plait_dss_subflow_acked(struct plait_subflow *sub, plait_time_ns now, uint64_t edge);
/* Gives up pins and mappings in silence. */
void plait_dss_forget(struct plait_subflow *sub);
/* The same, queueing what is not DATA_ACKed for other subflows if REINJECT. */
void plait_dss_abandon(struct plait_subflow *sub, plait_time_ns now, bool reinject);
/* The octets of a subflow that are neither acknowledged here nor there, sent again elsewhere while
 * it lives on (RFC 8684 §3.3.6). */
void plait_reinject_from(struct plait_subflow *sub, plait_time_ns now);
void plait_reinject(struct plait_mptcp *c, plait_time_ns now, uint64_t from, uint64_t to);
bool plait_dss_is_contiguous(const struct plait_subflow *sub, uint64_t *delta);

/* ---- dss_in.c: what arrived ---- */

/* False: the subflow was reset. */
bool plait_dss_read(struct plait_subflow *sub, plait_time_ns now, const struct plait_dss *dss);
/* Of a peer that does not know yet that Multipath TCP is over. */
void plait_dss_read_unaware(struct plait_subflow *sub, plait_time_ns now,
                            const struct plait_dss *dss);
bool plait_dss_read_hello(struct plait_subflow *sub, plait_time_ns now,
                          const struct plait_hello_values *values);
uint32_t plait_dss_deliver(struct plait_subflow *sub, plait_time_ns now, uint64_t offset,
                           const uint8_t *octets, uint32_t length);
void plait_dss_peer_fin(struct plait_mptcp *c, plait_time_ns now, uint64_t offset);
/* The in-order edge of the data moved: tells the application, frees mappings. */
void plait_data_arrived(struct plait_mptcp *c, plait_time_ns now);
/* What was placed under checksums that will not be complete any more counts (fallback). */
void plait_placed_to_received(struct plait_mptcp *c);

/* ---- data_ack.c: acknowledgments, window, DATA_FIN ---- */

void plait_data_ack_read(struct plait_subflow *sub, plait_time_ns now, const struct plait_dss *dss,
                         uint32_t window_octets);
/* What we acknowledge: in-order edge, past the DATA_FIN if that is in order too. */
uint64_t plait_data_ack_edge(const struct plait_mptcp *c);
uint64_t plait_data_window(struct plait_mptcp *c);
void plait_data_released(struct plait_mptcp *c, plait_time_ns now, uint64_t edge);
/* Offset of our DATA_FIN once it may be sent, else 0. */
uint64_t plait_data_fin_offset(const struct plait_mptcp *c);
bool plait_data_fin_acked(const struct plait_mptcp *c);
void plait_data_fin_try(struct plait_mptcp *c, plait_time_ns now);
void plait_data_timer(struct plait_mptcp *c, plait_time_ns now);
void plait_data_timer_arm(struct plait_mptcp *c, plait_time_ns now);

/* ---- fallback.c: RFC 8684 §3.7 as a table ---- */

enum plait_trouble {
    PLAIT_TROUBLE_NO_HELLO,      /* MP_CAPABLE missing in SYN/ACK or third ACK */
    PLAIT_TROUBLE_NO_JOIN,       /* MP_JOIN missing or of the wrong form */
    PLAIT_TROUBLE_NO_DATA_ACK,   /* payload acknowledged without DATA_ACK (N40) */
    PLAIT_TROUBLE_NO_MAPPING,    /* payload without mapping, again and again */
    PLAIT_TROUBLE_UNMAPPED,      /* more than a window of it (N23) */
    PLAIT_TROUBLE_CHECKSUM,      /* a mapping's checksum does not match */
    PLAIT_TROUBLE_CHECKSUM_FORM, /* checksum present or absent against what was agreed (N20) */
    PLAIT_TROUBLE_FAIL,          /* the peer says MP_FAIL */
    PLAIT_TROUBLE_INFINITE,      /* the peer says infinite mapping */
    PLAIT_TROUBLES
};

/* True if the subflow goes on (fallen back or not), false if it was reset. */
bool plait_fallback(struct plait_subflow *sub, plait_time_ns now, enum plait_trouble trouble);
/* From the handshake on: never was Multipath TCP. */
void plait_fallback_hello(struct plait_mptcp *c, plait_time_ns now);

/* ---- control.c: addresses, priorities, FASTCLOSE, resets ---- */

/* False: the segment goes no further (reset, or the connection ended). */
bool plait_control_read(struct plait_subflow *sub, plait_time_ns now,
                        const struct plait_mptcp_option *option, bool on_reset);
/* The next signal fits only a segment that carries nothing else; one that fits no segment of
 * ROOM_OCTETS is given up. */
bool plait_control_needs_all(struct plait_subflow *sub, uint32_t room_octets);
unsigned plait_control_write(struct plait_subflow *sub, uint32_t room_octets,
                             struct plait_mptcp_option *options, unsigned count);
bool plait_control_has_signal(const struct plait_mptcp *c);
/* Nobody can be reached at ADDR, or only we ourselves. */
bool plait_control_is_absurd(struct plait_mptcp *c, const struct plait_addr *addr);
void plait_control_timer(struct plait_mptcp *c, plait_time_ns now);
void plait_control_arm(struct plait_mptcp *c, plait_time_ns now);
void plait_control_probe_answered(struct plait_subflow *sub);
void plait_control_probe_failed(struct plait_subflow *sub, plait_time_ns now);
void plait_control_fastclose_timer(struct plait_mptcp *c, plait_time_ns now);
/* Our identifier of PLACE's address, made if need be; false when there is none left (N31). */
bool plait_own_addr_id(struct plait_mptcp *c, const struct plait_place *place, uint8_t *addr_id);

/* ---- sealed.c: the mechanism's payload group ---- */

uint32_t plait_sealed_put(struct plait_mptcp *c, const uint8_t *octets, uint32_t length);
uint8_t *plait_sealed_reserve(struct plait_mptcp *c, uint32_t *length);
void plait_sealed_commit(struct plait_mptcp *c, uint32_t length);
/* Sealed octets that did not fit go on into the queue; false while some are left. */
bool plait_sealed_flush(struct plait_mptcp *c);
const uint8_t *plait_sealed_peek(struct plait_mptcp *c, uint32_t *length);
/* False as below. */
bool plait_sealed_consume(struct plait_mptcp *c, uint32_t length);
/* Opens the next record if it is whole; false if it is not authentic. */
bool plait_sealed_open(struct plait_mptcp *c);

#endif
