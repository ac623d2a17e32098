/* lab/facts.h: what follows from packets that somebody saw.
 *
 * Facts are typed (addresses, sequence numbers, keys, tokens, nonces, data sequence numbers) and
 * closed under what anyone can compute through mechanism/.  The same type serves twice: fed by
 * every link it is the lab's ground truth, fed by an attacker's taps it is his knowledge; a
 * purchase copies one value from the first to the second.  May touch: nothing but its arguments. */
#ifndef PLAIT_LAB_FACTS_H
#define PLAIT_LAB_FACTS_H

#include "mechanism/mechanism.h"
#include "wire/tcp.h"

/* Of the connection: who dialled, and who listened. */
enum plait_side { PLAIT_CLIENT = 0, PLAIT_SERVER = 1 };

static inline enum plait_side plait_other(enum plait_side side)
{
    return side == PLAIT_CLIENT ? PLAIT_SERVER : PLAIT_CLIENT;
}

#define PLAIT_SUBFLOWS_MAX   16
#define PLAIT_ADVERTISED_MAX 8

/* One direction of a subflow: what SIDE sends. */
struct plait_half {
    struct plait_place place; /* where SIDE's packets come from */
    bool has_isn, has_nxt, has_ack, has_window, has_scale, has_nonce;
    uint32_t isn;
    uint32_t nxt;               /* the next sequence number SIDE will use */
    uint32_t ack;               /* the last acknowledgment SIDE sent: what it expects */
    uint16_t window;            /* as last advertised by SIDE, unscaled */
    uint32_t window_max_octets; /* the largest SIDE advertised, scaled */
    uint8_t window_scale;
    uint32_t nonce; /* of MP_JOIN */
    bool has_proof;
    uint8_t proof[PLAIT_JOIN_HMAC_OCTETS]; /* of the third ACK of MP_JOIN */
    uint8_t addr_id;
    bool fin, rst;
};

struct plait_subflow {
    struct plait_half half[2]; /* by side of the connection */
    bool is_join;
    bool is_pair;        /* a further pair of Basic MPTCP, that a message named */
    bool shares_numbers; /* a further pair of a connection with one sequence space: its numbers are
                            the first one's (docs/mechanisms/basic.md) */
    bool established;    /* a segment of each side without SYN was seen */
};

struct plait_advertised {
    enum plait_side by;
    struct plait_add_addr option;
};

/* One connection: the first that was seen from its SYN, or from a SYN that joins it.  Other traffic
 * is not followed. */
struct plait_facts {
    bool has_connection;
    const struct plait_mechanism *mechanism; /* NULL: plain TCP as far as seen */
    const struct plait_mechanism *expected;  /* what MP_CAPABLE of its version stands for; NULL: the
                                                first column of that version */
    struct plait_secret secret;              /* that proofs rest on; zero to whoever lacks it */
    bool has_key[2], has_token[2], has_dsn[2], has_data_ack[2];
    uint64_t key[2]; /* of each side; of Basic MPTCP both are the connection's identifier */
    bool has_cookie[2];
    uint64_t cookie[2];   /* of each side (M2) */
    uint32_t token[2];    /* that name each side's end */
    uint64_t dsn_nxt[2];  /* the next data sequence number each side will use */
    uint64_t data_ack[2]; /* the last DATA_ACK each side sent */
    bool has_low_dsn[2];  /* low half of the next number, from the other side's DATA_ACK: enough for
                           */
    uint32_t low_dsn[2];  /* the 4-octet form (RFC 8684 §3.3.1) */
    bool data_fin[2], fastclose[2], fail[2];
    unsigned subflow_count;
    struct plait_subflow subflows[PLAIT_SUBFLOWS_MAX];
    unsigned advertised_count;
    struct plait_advertised advertised[PLAIT_ADVERTISED_MAX];
    uint64_t not_followed; /* segments beyond the limits or of other connections */
};

/* Takes in one segment.  *SIDE and *SUBFLOW (may be NULL) tell who sent it on which subflow; false
 * if it belongs to none. */
bool plait_facts_see(struct plait_facts *facts, const struct plait_segment *segment,
                     enum plait_side *side, unsigned *subflow);
/* Follows from here on what is under way on FLOW, whose SYNs were not seen; SIDE is its source. */
void plait_facts_take_up(struct plait_facts *facts, const struct plait_flow_key *flow,
                         enum plait_side side);
/* Which subflow and direction a flow belongs to; false if none. */
bool plait_facts_find(const struct plait_facts *facts, const struct plait_flow_key *flow,
                      enum plait_side *side, unsigned *subflow);
/* Makes a key known and with it all that it implies. */
void plait_facts_learn_key(struct plait_facts *facts, enum plait_side side, uint64_t key);
/* What SIDE's proofs are made with, as far as its key and the secret are known. */
uint64_t plait_facts_proof_key(const struct plait_facts *facts, enum plait_side side);
/* True if what its subflows carry is mapped to the stream by DSS. */
bool plait_facts_is_mapped(const struct plait_facts *facts);
/* True if SEGMENT's number is where its sender begins to count: a SYN or, on a pair that has
 * numbers of its own and no SYN, PROBE and ANSWER (docs/mechanisms/basic.md). */
bool plait_facts_tells_isn(const struct plait_facts *facts, const struct plait_segment *segment);
/* The first data sequence number of SIDE's stream (IDSN + 1); its key must be known, and its octets
 * mapped. */
uint64_t plait_facts_first_dsn(const struct plait_facts *facts, enum plait_side side);
/* The window SIDE last advertised on a subflow, scaled. */
uint32_t plait_half_window_octets(const struct plait_half *half);
/* Modular order of sequence numbers (RFC 9293 §3.4): true if A is after B. */
bool plait_seq_after(uint32_t a, uint32_t b);

#endif
