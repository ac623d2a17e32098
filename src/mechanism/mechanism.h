/* mechanism/mechanism.h: how an MPTCP connection proves who may add a path.
 *
 * A mechanism is a constant table in six groups: hello, identity, path, control, payload, mapping.
 * Its functions take values, never a connection, so that the endpoint, the attacker and the auditor
 * call the same ones.  Nothing in mptcp/ asks for a version: what differs between mechanisms is an
 * entry here.  One file for each mechanism of the catalogue.
 * May touch: crypto/, wire/, nothing else. */
#ifndef PLAIT_MECHANISM_MECHANISM_H
#define PLAIT_MECHANISM_MECHANISM_H

#include <stdint.h>

#include "wire/checksum.h"
#include "wire/mptcp.h"

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

    /* path: what may become a path of the connection, and by which proof */
    enum plait_path_kind path;
    enum plait_reach_check reach;
    /* The proof in MP_JOIN (RFC 8684 §3.2).  The sender of the message puts its own key and nonce
     * first, whoever opened the connection (threats.md §8, trap 3).  Writes the full 160 bits; the
     * SYN/ACK carries the leftmost 64.  NULL: zeros are sent, and what comes is not looked at. */
    void (*join_proof)(uint64_t own_key, uint64_t peer_key, uint32_t own_nonce, uint32_t peer_nonce,
                       uint8_t proof[PLAIT_JOIN_HMAC_OCTETS]);

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

extern const struct plait_mechanism plait_mechanism_v0; /* RFC 6824 */
extern const struct plait_mechanism plait_mechanism_v1; /* RFC 8684 */
/* Basic MPTCP of RFC 6181 §4, without a defence and with some (docs/mechanisms/basic.md). */
extern const struct plait_mechanism plait_mechanism_m0e, plait_mechanism_m0i, plait_mechanism_m1n,
    plait_mechanism_m1h, plait_mechanism_m2;
/* The same with numbers of each pair's own. */
extern const struct plait_mechanism plait_mechanism_m0e_mapped, plait_mechanism_m0i_mapped,
    plait_mechanism_m1n_mapped, plait_mechanism_m2_mapped;

/* The checksum of a DSS mapping (RFC 8684 §3.3.1), same in both versions; DSN always 64 bits. */
uint16_t plait_dss_checksum(uint64_t dsn, uint32_t ssn, uint16_t data_length, const void *data,
                            size_t data_octets);
/* The pseudo-header's part of that sum, to which the data's sum is added. */
plait_sum plait_dss_pseudo_sum(uint64_t dsn, uint32_t ssn, uint16_t data_length);

#endif
