/* plait/mptcp.h: every option of Multipath TCP, version 0 (RFC 6824) and 1 (RFC 8684), as a value.
 *
 * A mechanism (plait/mechanism.h) writes and reads these; libplait alone turns them into octets and
 * back.  What a format reserves is kept in `reserved` so that nothing is lost. */
#ifndef PLAIT_MPTCP_H
#define PLAIT_MPTCP_H

#include "plait/address.h"

enum plait_mptcp_subtype { /* RFC 8684 §7.2 */
                           PLAIT_MP_CAPABLE = 0,
                           PLAIT_MP_JOIN = 1,
                           PLAIT_DSS = 2,
                           PLAIT_ADD_ADDR = 3,
                           PLAIT_REMOVE_ADDR = 4,
                           PLAIT_MP_PRIO = 5,
                           PLAIT_MP_FAIL = 6,
                           PLAIT_MP_FASTCLOSE = 7,
                           PLAIT_MP_TCPRST = 8,
                           PLAIT_MP_EXPERIMENTAL = 15
};

#define PLAIT_MPTCP_NO_SUBTYPE 255 /* of a raw option that ends before its subtype */

enum {                                 /* flags of MP_CAPABLE, RFC 8684 §3.1 */
       PLAIT_CAPABLE_CHECKSUM = 0x80,  /* A */
       PLAIT_CAPABLE_EXTENSION = 0x40, /* B */
       PLAIT_CAPABLE_NO_JOINS = 0x20,  /* C (v1) */
       PLAIT_CAPABLE_HMAC = 0x01       /* H */
};

/* Which parts are there follows from the length; RFC 8684 §3.1, RFC 6824 §3.1. */
struct plait_mp_capable {
    uint8_t version; /* 0..15 */
    uint8_t flags;
    bool has_sender_key, has_receiver_key, has_data_length, has_checksum;
    uint64_t sender_key, receiver_key;
    uint16_t data_length, checksum;
};

enum plait_join_form { PLAIT_JOIN_SYN, PLAIT_JOIN_SYN_ACK, PLAIT_JOIN_ACK };

struct plait_mp_join { /* RFC 8684 §3.2 */
    enum plait_join_form form;
    bool backup;      /* SYN, SYN/ACK */
    uint8_t reserved; /* rest of the low nibble of octet 2 (12 bits with addr_id in the ACK) */
    uint8_t addr_id;  /* octet 3 */
    uint32_t token;   /* SYN */
    uint32_t nonce;   /* SYN, SYN/ACK */
    uint8_t hmac[20]; /* SYN/ACK: 8 octets, ACK: 20 octets */
};

struct plait_dss { /* RFC 8684 §3.3 */
    bool data_fin;
    bool has_ack, ack_is_64;
    bool has_map, dsn_is_64;
    bool has_checksum; /* by length: the map is 2 octets longer */
    uint8_t reserved;  /* 7 bits */
    uint64_t data_ack, dsn;
    uint32_t ssn;         /* relative to the subflow's ISN */
    uint16_t data_length; /* 0 with has_map = infinite mapping, RFC 8684 §3.7 */
    uint16_t checksum;
};

struct plait_add_addr { /* RFC 8684 §3.4.1; v0: RFC 6824 §3.4.1 */
    bool is_v0;         /* low nibble holds the IP version, no HMAC, no echo */
    bool echo;          /* v1 */
    uint8_t reserved;   /* v1: the other 3 bits of the nibble */
    uint8_t addr_id;
    struct plait_addr addr;
    bool has_port;
    uint16_t port;
    bool has_hmac; /* v1 without echo */
    uint8_t hmac[8];
};

#define PLAIT_REMOVE_IDS_MAX 37 /* 40 octets of option space less 3 */
struct plait_remove_addr {      /* RFC 8684 §3.4.2 */
    uint8_t reserved;
    uint8_t count;
    uint8_t addr_ids[PLAIT_REMOVE_IDS_MAX];
};

struct plait_mp_prio { /* RFC 8684 §3.3.8; with an address ID only in v0 */
    uint8_t reserved;
    bool backup;
    bool has_addr_id;
    uint8_t addr_id;
};

struct plait_mp_fail { /* RFC 8684 §3.7 */
    uint16_t reserved; /* 12 bits */
    uint64_t dsn;
};

struct plait_mp_fastclose { /* RFC 8684 §3.5 */
    uint16_t reserved;
    uint64_t receiver_key;
};

struct plait_mp_tcprst { /* RFC 8684 §3.6 */
    uint8_t flags;       /* U V W T = 8 4 2 1 */
    uint8_t reason;
};

enum plait_control_what { /* RFC 6181 §4; docs/mechanisms/basic.md */
                          PLAIT_CONTROL_ADD = 1,
                          PLAIT_CONTROL_REMOVE,
                          PLAIT_CONTROL_ECHO,
                          PLAIT_CONTROL_PROBE,
                          PLAIT_CONTROL_ANSWER
};

struct plait_mp_control { /* subtype 0xf as Basic MPTCP uses it */
    uint8_t what;         /* enum plait_control_what */
    uint8_t id;
    uint64_t connection;
    bool has_proof;
    uint64_t proof;
    struct plait_addr addr; /* ADD, REMOVE in their explicit form; else no family */
    uint16_t port;          /* ADD with an address */
    uint64_t nonce;         /* PROBE, ANSWER */
};

struct plait_mptcp_raw { /* unknown subtype, or one whose content is malformed */
    uint8_t length;
    uint8_t octets[40];
    enum plait_reason why; /* UNKNOWN_OPTION, BAD_LENGTH, BAD_VALUE */
};

struct plait_mptcp_option {
    uint8_t subtype; /* enum plait_mptcp_subtype or any other 4 bits */
    bool is_raw;     /* only `raw` is valid */
    union {
        struct plait_mp_capable capable;
        struct plait_mp_join join;
        struct plait_dss dss;
        struct plait_add_addr add_addr;
        struct plait_remove_addr remove_addr;
        struct plait_mp_prio prio;
        struct plait_mp_fail fail;
        struct plait_mp_fastclose fastclose;
        struct plait_mp_tcprst tcprst;
        struct plait_mp_control control;
        struct plait_mptcp_raw raw;
    };
};

#endif
