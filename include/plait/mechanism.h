/* plait/mechanism.h: how an MPTCP connection proves who may add a path, and how to bring a way of
 * one's own.
 *
 * A mechanism is a constant table in seven groups: hello, identity, path, draws, control, payload,
 * mapping.  Its functions take values, never a connection, so that an endpoint, an attacker and an
 * auditor call the same ones; they keep nothing, and the same arguments give the same result.
 * libplait asks the table, never for a version.  What a secret is comes in as an argument: a table
 * is public, and whoever attacks it may call it.
 *
 * A table of one's own is handed over as an offer (below): to a host, or as a shared object to
 * `plait analyze --load` (docs/mechanisms/writing.md; examples/mechanism).
 * May touch: nothing but its arguments. */
#ifndef PLAIT_MECHANISM_H
#define PLAIT_MECHANISM_H

#include <stddef.h>

#include "plait/mptcp.h"

/* Of the table and of what its functions are given; it grows with every change of them. */
#define PLAIT_MECHANISM_INTERFACE 1

enum plait_mechanism_name {
    PLAIT_MECHANISM_TCP = 0, /* plain TCP only: MPTCP is neither offered nor accepted */
    PLAIT_MECHANISM_V0,      /* RFC 6824 */
    PLAIT_MECHANISM_V1,      /* RFC 8684 */
    /* Basic MPTCP of RFC 6181 §4 (docs/mechanisms/basic.md), to be attacked: not for use. */
    PLAIT_MECHANISM_M0E, /* messages name addresses; no defence */
    PLAIT_MECHANISM_M0I, /* messages come from addresses; no defence */
    PLAIT_MECHANISM_M1N, /* M0E, and a nonce goes to each pair and back */
    PLAIT_MECHANISM_M1H, /* a handshake on each pair, without proofs */
    PLAIT_MECHANISM_M2,  /* M1N, and a cookie in clear in each message */
    /* The same with TCP numbers of each pair's own. */
    PLAIT_MECHANISM_M0E_MAPPED,
    PLAIT_MECHANISM_M0I_MAPPED,
    PLAIT_MECHANISM_M1N_MAPPED,
    PLAIT_MECHANISM_M2_MAPPED,
    /* V1, its proofs made with a pre-shared key, too: plait_options.secret (R3 of RFC 6181 §7). */
    PLAIT_MECHANISM_M4,
    PLAIT_MECHANISM_OUTSIDE = 32 /* one that is not of libplait: plait_options.outside */
};

#define PLAIT_JOIN_HMAC_OCTETS 20

/* ---- hello ---------------------------------------------------------------------------------- */

enum plait_hello_step {
    PLAIT_STEP_SYN,
    PLAIT_STEP_SYN_ACK,
    PLAIT_STEP_THIRD_ACK,
    PLAIT_STEP_FIRST_DATA /* the initiator's first payload, where the hello carries its mapping */
};

/* What a message of the first handshake says, seen by its sender. */
struct plait_hello_values {
    uint64_t sender_key, receiver_key;
    bool has_receiver_key; /* set by a reader: the echo was there */
    bool checksum, forbids_joins;
    uint64_t cookie;        /* the sender's, where the mechanism has one */
    uint16_t data_length;   /* FIRST_DATA */
    uint16_t data_checksum; /* FIRST_DATA, with `checksum` */
    bool has_data_length, has_data_checksum;
};

/* ---- identity ------------------------------------------------------------------------------- */

enum plait_key_origin {
    PLAIT_KEY_DRAWN,     /* each end draws its own */
    PLAIT_KEY_FIRST_PAIR /* both keys are the connection's identifier (mechanism/basic.h), which
                            follows from the first pair and which the server tells */
};

/* What both ends were given beforehand, by whatever way but this one (R3 of RFC 6181 §7). */
struct plait_secret {
    uint8_t octets[32];
};

/* ---- path ----------------------------------------------------------------------------------- */

enum plait_path_kind {
    PLAIT_PATH_PROVEN, /* a flow of its own whose handshake carries proofs (MP_JOIN) */
    PLAIT_PATH_OPEN    /* a pair of addresses is announced and then used: no handshake, no proof
                          (RFC 6181 §4).  With MAPPING_SEQUENCE all pairs share one sequence space,
                          with MAPPING_DSS each is a flow of its own, and PROBE and ANSWER tell the
                          initial numbers */
};

enum plait_reach_check { /* does whoever is named as a pair's other end want to be? (RFC 6181 §5) */
                         PLAIT_REACH_NONE,
                         PLAIT_REACH_NONCE, /* a nonce goes to the pair, and must come back from it,
                                               before any data */
                         PLAIT_REACH_HANDSHAKE /* TCP's, of the path's own */
};

/* ---- control -------------------------------------------------------------------------------- */

enum plait_message_mode { /* messages of the connection's own, between any addresses */
                          PLAIT_MESSAGES_NONE,
                          PLAIT_MESSAGES_EXPLICIT, /* they name the address that they are about */
                          PLAIT_MESSAGES_IMPLICIT  /* they come from it */
};

/* ---- payload -------------------------------------------------------------------------------- */

/* What a record's protection may depend on: the sender's key first. */
struct plait_payload_keys {
    uint64_t sender_key, receiver_key;
};

/* A record is a piece of the data-sequence stream: header, at most record_octets of the
 * application's octets, trailer.  Records do not depend on mappings or subflows, so a piece that
 * is sent again elsewhere is the same octets. */
struct plait_payload {
    uint32_t record_octets;  /* most plain octets of one record */
    uint32_t header_octets;  /* at least enough to tell the record's length */
    uint32_t trailer_octets; /* overhead = header + trailer */
    /* RECORD has PLAIN_OCTETS at header_octets already; fills header and trailer, may encrypt in
     * place.  POSITION is the data offset of the record's first octet: never used twice. */
    void (*seal)(const struct plait_payload_keys *keys, uint64_t position, uint8_t *record,
                 uint32_t plain_octets);
    /* Plain octets of the record that begins with HEADER; above record_octets: not a record. */
    uint32_t (*plain_octets)(const uint8_t *header);
    /* False if the record is not what the peer sealed at POSITION; decrypts in place. */
    bool (*open)(const struct plait_payload_keys *keys, uint64_t position, uint8_t *record,
                 uint32_t plain_octets);
};

/* ---- mapping -------------------------------------------------------------------------------- */

enum plait_mapping_kind {
    PLAIT_MAPPING_DSS,     /* DSS options map subflows' octets to the stream (RFC 8684 §3.3) */
    PLAIT_MAPPING_SEQUENCE /* TCP's sequence number is the data sequence number: no DSS */
};

struct plait_mechanism {
    const char *name; /* "v0", "v1": the column of the matrix */

    /* hello: the messages of the first handshake (RFC 8684 §3.1, RFC 6824 §3.1) */
    uint8_t version;          /* of MP_CAPABLE */
    bool hello_maps_data;     /* PLAIT_STEP_FIRST_DATA exists (v1) */
    bool dss_completes_hello; /* a DSS in the third ACK's place proves as much (v0: the SYN had the
                                 key) */
    bool hello_with_data;     /* the third ACK's message also goes beside the DSS of data */
    /* Octets of option space that a message takes, at most: SYN, SYN/ACK, third ACK, first data. */
    uint8_t hello_octets[4];
    /* Sets *OPTION to the message of STEP. */
    void (*write_hello)(enum plait_hello_step step, const struct plait_hello_values *values,
                        struct plait_mptcp_option *option);
    /* False if OPTION, an MP_CAPABLE that was understood, is no valid message of STEP: B set (N05),
     * no or too many algorithms (N06, N09), another version, a form of another step. */
    bool (*read_hello)(enum plait_hello_step step, const struct plait_mp_capable *option,
                       struct plait_hello_values *values);

    /* identity: where a key comes from and what it stands for (RFC 8684 §3.1, N13) */
    enum plait_key_origin key;
    uint32_t (*token)(uint64_t key); /* NULL: connections have no token, nobody can join by one */
    uint64_t (*idsn)(uint64_t key);
    /* Of a token in MP_JOIN, so many bits at its end are not looked at; `token` leaves them 0. */
    uint8_t token_free_bits;
    /* The key that proofs are made with, where it is not the one that the wire shows; NULL: it is.
     * A function of the wire's key and of the secret, so that whoever lacks that lacks the key. */
    uint64_t (*proof_key)(uint64_t key, const struct plait_secret *secret);

    /* path: what may become a path of the connection, and by which proof */
    enum plait_path_kind path;
    enum plait_reach_check reach;
    bool uses_unchecked; /* REACH_NONCE: a pair is used while its check goes on */
    /* The proof in MP_JOIN (RFC 8684 §3.2).  The sender of the message puts its own key and nonce
     * first, whoever opened the connection (threats.md §8, trap 3).  Writes the full 160 bits; the
     * SYN/ACK carries the leftmost 64.  NULL: zeros are sent, and what comes is not looked at.
     * The keys are those of `proof_key`, as in all that follows. */
    void (*join_proof)(uint64_t own_key, uint64_t peer_key, uint32_t own_nonce, uint32_t peer_nonce,
                       uint8_t proof[PLAIT_JOIN_HMAC_OCTETS]);

    uint8_t proof_bits; /* that are compared, from the left, as far as the message has them; 0: all
                         */

    /* draws: what is made of numbers that a host drew from its keyed randomness; NULL: they are
     * taken as they are.  Of a nonce in MP_JOIN the low 32 bits count. */
    uint64_t (*nonce)(uint64_t drawn);
    uint64_t (*cookie)(uint64_t drawn);
    /* The first number of each flow of a host whose first choice this mechanism is, from RFC 6528's
     * clock of 4 us and keyed function of the flow; NULL: their sum. */
    uint32_t (*isn)(uint32_t clock, uint32_t drawn);

    /* control: proofs of control options, messages and resets */
    bool has_addr_options;   /* ADD_ADDR and REMOVE_ADDR exist */
    bool has_fastclose;      /* MP_FASTCLOSE exists */
    bool addr_is_echoed;     /* ADD_ADDR is answered, and sent again until it is (v1) */
    bool prio_names_addr;    /* MP_PRIO may carry an address identifier (v0) */
    bool reset_has_reason;   /* MP_TCPRST exists (v1) */
    bool fastclose_on_reset; /* form R exists (v1) */
    bool fail_is_answered;   /* MP_FAIL is answered by MP_FAIL before the infinite mapping (v1) */
    /* Sets the proof of an ADD_ADDR (RFC 8684 §3.4.1), and its form; v0 has none and clears it. */
    void (*seal_add_addr)(uint64_t own_key, uint64_t peer_key, struct plait_add_addr *option);
    /* Sets the proof of any control option that we send: ADD_ADDR, REMOVE_ADDR, MP_PRIO, MP_FAIL,
     * MP_FASTCLOSE, MP_TCPRST. */
    void (*seal)(uint64_t own_key, uint64_t peer_key, struct plait_mptcp_option *option);
    /* False if a control option that the peer sent does not prove what it must; constant time in
     * secrets (N30, N37). */
    bool (*open)(uint64_t own_key, uint64_t peer_key, const struct plait_mptcp_option *option);

    enum plait_message_mode messages; /* of connections whose paths are open */
    /* Sets, and looks for, the proof of a control message, given the sender's cookie. */
    void (*seal_message)(uint64_t own_cookie, struct plait_mp_control *message);
    bool (*open_message)(uint64_t peer_cookie, const struct plait_mp_control *message);

    /* payload: NULL = the application's octets are the stream */
    const struct plait_payload *payload;

    /* mapping */
    enum plait_mapping_kind mapping;
};

/* ---- the tables of libplait ------------------------------------------------------------------ */

/* NULL for TCP, OUTSIDE, and what is in no list. */
PLAIT_API const struct plait_mechanism *plait_mechanism_named(enum plait_mechanism_name name);

/* ---- a table of one's own -------------------------------------------------------------------- */

#define PLAIT_MECHANISM_NAME_OCTETS 16 /* of the longest name, with its end */

struct plait_mechanism_offer {
    uint32_t interface;   /* PLAIT_MECHANISM_INTERFACE, as whoever made the table knew it */
    uint32_t size_octets; /* of struct plait_mechanism, likewise */
    /* The same table at each call; called only where the two numbers above are ours. */
    const struct plait_mechanism *(*table)(void);
    /* The column of the matrix whose threats apply; NULL: what follows from the table's messages
     * (`plait analyze` only). */
    const char *resembles;
};

/* What a shared object for `plait analyze --load` exports. */
#define PLAIT_MECHANISM_SYMBOL "plait_mechanism_offer"
/* Defines that for the function TABLE. */
#define PLAIT_OFFER_MECHANISM(table, resembles)                                                    \
    PLAIT_API extern const struct plait_mechanism_offer plait_mechanism_offer;                     \
    const struct plait_mechanism_offer plait_mechanism_offer = {                                   \
        PLAIT_MECHANISM_INTERFACE, sizeof(struct plait_mechanism), table, resembles}

/* What is expected of OFFER and not there, in words; NULL if it can be spoken. */
PLAIT_API const char *plait_mechanism_lacks(const struct plait_mechanism_offer *offer);

/* HMAC-SHA256, for proofs; KEY_OCTETS at most 64. */
#define PLAIT_MECHANISM_HMAC_OCTETS 32
PLAIT_API void plait_mechanism_hmac(const void *key, size_t key_octets, const void *message,
                                    size_t message_octets,
                                    uint8_t mac[PLAIT_MECHANISM_HMAC_OCTETS]);

#endif
