/* audit/inside.h: internal: what the files of audit/ know of each other.
 *
 * A *connection* and its *subflows* are what a million idle ones cost: 120 octets each, and no
 * pointers.  What only the active need hangs on them by number and is given back: *work* (streams,
 * mappings), *joins* (handshakes under way), *stories* (what happened to the few to which something
 * did), *adverts* (addresses).
 *
 * Numbers of a subflow are 64-bit offsets from its SYN, those of a stream 64-bit offsets from the
 * first octet of data; ISN and IDSN are taken off in one place each (plait_unwrap_seq,
 * plait_offset_of_dsn). */
#ifndef PLAIT_AUDIT_INSIDE_H
#define PLAIT_AUDIT_INSIDE_H

#include "audit/audit.h"
#include "audit/index.h"
#include "audit/packet.h"
#include "audit/slab.h"
#include "mechanism/mechanism.h"

/* ---- subflows ------------------------------------------------------------------------------- */

enum {                               /* flags of a subflow */
       PLAIT_SUB_IPV6 = 1u << 0,     /* its addresses are an object of the address slab */
       PLAIT_SUB_ALIAS = 1u << 1,    /* `connection` is the subflow that this one is behind a NAT */
       PLAIT_SUB_JOIN = 1u << 2,     /* opened by MP_JOIN */
       PLAIT_SUB_OPENER_1 = 1u << 3, /* end 1 sent the SYN */
       PLAIT_SUB_GUESS = 1u << 4,    /* who opened it was not seen */
       PLAIT_SUB_SYN = 1u << 5,      /* the SYN was seen */
       PLAIT_SUB_SYN_ACK = 1u << 6,  /* the SYN/ACK was seen */
       PLAIT_SUB_ACK = 1u << 7,      /* the third ACK, or what comes after it, was seen */
       PLAIT_SUB_ISN_0 = 1u << 8,    /* (<< end) the ISN is known */
       PLAIT_SUB_ISN_1 = 1u << 9,
       PLAIT_SUB_SURE_0 = 1u << 10, /* (<< end) ... and relative numbers that rest on it hold */
       PLAIT_SUB_SURE_1 = 1u << 11,
       PLAIT_SUB_FIN_0 = 1u << 12, /* (<< end) sent FIN */
       PLAIT_SUB_FIN_1 = 1u << 13,
       PLAIT_SUB_RST_0 = 1u << 14, /* (<< end) sent RST */
       PLAIT_SUB_RST_1 = 1u << 15,
       PLAIT_SUB_MPTCP = 1u << 16, /* an MPTCP option other than MP_CAPABLE, MP_JOIN was seen */
       PLAIT_SUB_BACKUP = 1u << 17,
       PLAIT_SUB_STAMPS_0 = 1u << 18, /* (<< end) every segment so far had timestamps */
       PLAIT_SUB_STAMPS_1 = 1u << 19,
       PLAIT_SUB_TTL_0 = 1u << 20, /* (<< end) ttl and ttl_place are set */
       PLAIT_SUB_TTL_1 = 1u << 21,
       PLAIT_SUB_PROOF_SYN_ACK = 1u << 22, /* the MAC was judged valid */
       PLAIT_SUB_PROOF_ACK = 1u << 23,
       PLAIT_SUB_PROOF_BAD = 1u << 24,   /* a MAC was judged invalid */
       PLAIT_SUB_HOLES = 1u << 25,       /* segments are missing from the capture, or came late */
       PLAIT_SUB_THIRD_PLAIN = 1u << 26, /* the third ACK carried no MPTCP option */
       PLAIT_SUB_MAPPED_0 = 1u << 27,    /* (<< end) sent data with a mapping */
       PLAIT_SUB_MAPPED_1 = 1u << 28,
       PLAIT_SUB_CLOSED = 1u << 29,   /* said to be */
       PLAIT_SUB_UNLISTED = 1u << 30, /* its addresses and ports may be another one's by now */
       PLAIT_SUB_PROOF_ACK_SEEN = 1u << 31
};

/* So many connections of one token are listed, those that came first; a join finds no other.  It
 * asks each for its addresses, and computes a MAC for each: chance makes two of a token. */
#define PLAIT_TOKEN_SET_MAX 256

/* Beyond that joins of one connection are not followed. */
#define PLAIT_SUBFLOWS_OF_ONE 4096

struct plait_two_addresses {
    uint8_t addr[2][16];
};

struct plait_half { /* what one end sent on a subflow */
    uint64_t edge;  /* behind the highest number sent */
    uint64_t octets;
    uint32_t isn, packets;
    uint32_t again_octets; /* stays at its most */
    uint32_t ack;          /* highest acknowledgment number */
};

struct plait_subflow {
    uint32_t connection;
    uint32_t next; /* of the connection */
    union {
        uint8_t ipv4[2][4];
        uint32_t ipv6;
    };
    uint16_t port[2]; /* by end */
    uint16_t network, number;
    uint32_t flags;
    uint32_t work; /* or 0 */
    plait_time_ns first_ns;
    uint32_t life_ms; /* from first to last packet */
    uint32_t rtt_us;
    uint8_t addr_id[2], ttl[2];
    uint16_t ttl_place[2];
    struct plait_half half[2];
};

/* ---- connections ---------------------------------------------------------------------------- */

enum {                            /* flags of a connection */
       PLAIT_CON_KEY_0 = 1u << 0, /* (<< end) key and token are known */
       PLAIT_CON_KEY_1 = 1u << 1,
       PLAIT_CON_BASE_0 = 1u << 2, /* (<< direction) the stream's beginning is known or chosen */
       PLAIT_CON_BASE_1 = 1u << 3,
       PLAIT_CON_IDSN_0 = 1u << 4, /* (<< direction) ... and it is the true one */
       PLAIT_CON_IDSN_1 = 1u << 5,
       PLAIT_CON_LOW_0 = 1u << 6, /* (<< direction) chosen by a 32-bit DSN: the rest is not known */
       PLAIT_CON_LOW_1 = 1u << 7,
       PLAIT_CON_ACKED_0 = 1u << 8, /* (<< end) data_ack is set */
       PLAIT_CON_ACKED_1 = 1u << 9,
       PLAIT_CON_GUESS = 1u << 10, /* who opened it was not seen */
       PLAIT_CON_CHECKSUM = 1u << 11,
       PLAIT_CON_CHECKSUM_KNOWN = 1u << 12,
       PLAIT_CON_NO_JOINS_0 = 1u << 13, /* (<< end) C: no joins to my first address */
       PLAIT_CON_NO_JOINS_1 = 1u << 14,
       PLAIT_CON_OFFERED = 1u << 15, /* MP_CAPABLE in the SYN */
       PLAIT_CON_MPTCP = 1u << 16,   /* MPTCP is spoken, as far as is known */
       PLAIT_CON_FALLBACK = 1u << 17,
       PLAIT_CON_ESTABLISHED = 1u << 18,
       PLAIT_CON_FIN_0 = 1u << 19, /* (<< direction) DATA_FIN was seen */
       PLAIT_CON_FIN_1 = 1u << 20,
       PLAIT_CON_GAP = 1u << 21,    /* something is missing from the capture */
       PLAIT_CON_ORPHAN = 1u << 22, /* made by a join that found no connection */
       PLAIT_CON_DATA_0 = 1u << 23, /* (<< direction) octets of the stream were seen */
       PLAIT_CON_DATA_1 = 1u << 24,
       PLAIT_CON_OVER = 1u << 25,       /* its end is known; it lingers */
       PLAIT_CON_INFINITE_0 = 1u << 26, /* (<< direction) the infinite mapping was declared */
       PLAIT_CON_INFINITE_1 = 1u << 27,
       PLAIT_CON_FULL_HELLO = 1u << 28,   /* SYN and SYN/ACK were seen */
       PLAIT_CON_UNADVERTISED = 1u << 29, /* said: a join came from an address nobody advertised */
       PLAIT_CON_CLOSER_1 = 1u << 30,     /* end 1 sent MP_FASTCLOSE, if one did */
       PLAIT_CON_SILENT = 1u << 31        /* an address did not answer a join (rules_address.c) */
};

struct plait_connection {
    struct plait_slab_link link; /* oldest use first */
    uint64_t number;
    uint64_t key[2];
    uint64_t base[2];     /* DSN of the stream's first octet; plain TCP: 0 */
    uint64_t edge[2];     /* of what was delivered */
    uint64_t data_ack[2]; /* what end d acknowledged of the other's stream */
    uint32_t token[2];
    plait_time_ns last_ns;
    uint32_t first_subflow, work, story, adverts;
    uint32_t flags;
    uint16_t subflow_count;
    uint8_t version, how_ended;
};

#define PLAIT_RULES_MAX 64
#define PLAIT_SUSPECTS  4

struct plait_suspect { /* a packet that a later one of the same sender may show to be another's */
    struct plait_packet_ref packet;
    uint8_t rule, end, ttl;
    bool is_set, is_ahead;
    uint32_t subflow;
    uint64_t value; /* what the rule compares */
};

struct plait_story { /* what few connections have */
    uint32_t free;   /* of the slab */
    uint32_t alert_count;
    uint64_t fired; /* rules, by bit */
    uint8_t worst;
    const char *fallback_cause;
    struct plait_packet_ref fallback_packet;
    uint64_t fallback_at[2];     /* of each stream: mapped by subflow numbers behind it */
    uint64_t fallback_number[2]; /* the subflow number that stands there */
    uint32_t fallback_subflow;
    uint8_t fallback_end;
    uint64_t gap_octets[2], reinjected_octets[2];
    struct plait_suspect suspects[PLAIT_SUSPECTS]; /* the oldest makes room */
    uint8_t suspect_count;
    uint8_t shown[2]; /* by end: what it sent through its own link (rules_place.c) */
};

static inline bool plait_same_place(const struct plait_packet_ref *one,
                                    const struct plait_packet_ref *other)
{
    return one->input == other->input && one->interface == other->interface;
}

/* ---- addresses that were advertised --------------------------------------------------------- */

struct plait_advert {
    uint32_t next;
    uint8_t end, addr_id;
    bool removed, has_port;
    uint8_t judgement;
    uint16_t port;
    struct plait_addr addr;
    uint8_t mac[8];
    struct plait_packet_ref packet;
};

/* ---- joins under way ------------------------------------------------------------------------ */

struct plait_join {
    struct plait_slab_link link;
    uint32_t subflow;
    uint32_t token, nonce[2]; /* 0: of whoever sent the SYN */
    bool has_token, has_nonce[2];
    bool is_ambiguous; /* counted as such, until a MAC says which connection it is of */
    struct plait_packet_ref syn, syn_ack;
};

/* ---- streams -------------------------------------------------------------------------------- */

#define PLAIT_CHUNK_OCTETS 4096u

struct plait_chunk_kept {
    struct plait_slab_link link; /* the oldest is given up first */
    uint32_t newer, older;       /* of the same stream */
    uint32_t stream;             /* connection's work * 2 + direction */
    uint32_t spare;
    uint64_t number; /* stream offset / PLAIT_CHUNK_OCTETS */
    uint8_t octets[PLAIT_CHUNK_OCTETS];
};

struct plait_piece { /* octets held behind a hole */
    uint32_t next, previous;
    uint64_t from, to;
    struct plait_packet_ref packet;
    uint16_t subflow;
    bool is_ambiguous, is_unsure;
    bool is_unproven; /* its receiver does not deliver it before the whole mapping is there */
};

struct plait_stream {
    uint64_t known_from;  /* [known_from, edge) can be compared with, as far as chunks are kept */
    uint64_t held_octets; /* in pieces */
    uint32_t piece_count;
    uint32_t first_piece, last_piece, near_piece;
    uint32_t chunk, oldest_chunk, newest_chunk; /* chunk: last used */
    uint64_t far_next;                          /* where the run of far octets goes on */
    uint32_t far_count;
    uint16_t last_subflow; /* that brought the octets below edge, at this place: */
    uint16_t last_input, last_interface;
    bool has_fin;
    uint64_t fin_at; /* length of the stream */
    struct plait_packet_ref fin_packet;
    plait_time_ns hole_ns;       /* since when the present hole is there */
    plait_time_ns acked_hole_ns; /* since when it is acknowledged; 0: it is not */
};

struct plait_work { /* of an active connection */
    struct plait_slab_link link;
    uint32_t connection, spare;
    struct plait_stream stream[2];
};

/* ---- mappings ------------------------------------------------------------------------------- */

#define PLAIT_MAPPINGS_KEPT 8
#define PLAIT_MAPPING_PARTS 4
#define PLAIT_PENDING_MAX   16

struct plait_mapping {
    uint64_t ssn, at; /* numbers of subflow and stream */
    uint32_t length;  /* of payload: a DATA_FIN is none */
    uint16_t checksum;
    bool has_checksum, has_fin, is_judged;
    bool is_refused; /* its receiver threw it away */
    uint8_t part_count;
    uint32_t parts[PLAIT_MAPPING_PARTS][2]; /* summed already, relative */
    plait_sum sum;
    uint64_t dsn;
    struct plait_packet_ref packet;
};

struct plait_pending { /* payload that no mapping covers yet */
    struct plait_slab_link link;
    uint32_t next, length;
    uint64_t ssn;
    struct plait_packet_ref packet;
    uint8_t octets[2048];
};

struct plait_ack_mark {     /* whoever acknowledges NUMBER had acknowledged ACKED of the stream */
    uint64_t number, acked; /* number 0: none */
    struct plait_packet_ref packet;
};

struct plait_track { /* one direction of an active subflow */
    struct plait_mapping mapping[PLAIT_MAPPINGS_KEPT];
    struct plait_mapping replaced; /* the last one that made room for what contradicts it */
    uint8_t newest, count;
    uint8_t pending_count, unmapped_count;
    uint8_t right_sums; /* TCP checksums that were right, as far as it is asked */
    bool has_offloaded; /* one was left to the device */
    bool is_presumed;   /* data without mappings wait in the stream for the proof of a fallback */
    uint32_t first_pending, last_pending;
    uint64_t mapped_to;            /* no mapping that is kept reaches further */
    uint64_t plain_from, plain_to; /* the first data that lacks a mapping, 0: none */
    uint64_t plain_at;             /* its place in the stream, if that is where it belongs */
    struct plait_packet_ref plain_packet;
    const char *plain_cause;          /* of the fallback, if it is one */
    struct plait_ack_mark sent, came; /* of data under way, and of what is acknowledged */
};

struct plait_subflow_work {
    struct plait_slab_link link;
    uint32_t subflow, spare;
    struct plait_track track[2];
};

/* ---- what is remembered of single packets --------------------------------------------------- */

struct plait_memory_entry {
    uint64_t what; /* keyed hash; 0: none */
    plait_time_ns at_ns;
    uint64_t frame : 48, ttl : 8, count : 8;
    uint32_t value;
    uint16_t input, interface;
};

struct plait_sighting {
    uint32_t what;   /* keyed hash of a packet */
    uint32_t sender; /* subflow << 1 | end; 0: none */
    uint32_t tick;   /* its time in units of 2^12 ns: they come round after hours */
    uint16_t input, interface;
};

struct plait_over { /* a connection whose end is known */
    uint32_t connection;
    uint64_t number;
    plait_time_ns at_ns;
};

struct plait_memory { /* direct-mapped: the newer of two wins its place */
    struct plait_memory_entry *entries;
    uint32_t mask;
};

struct plait_told { /* how much of one packet */
    uint64_t frame;
    uint16_t input;
    uint32_t count;
};

/* ---- the auditor ---------------------------------------------------------------------------- */

struct plait_audit {
    struct plait_audit_sink sink;
    void *owner;
    struct plait_audit_limits limits;
    struct plait_draw_key hash_key;
    struct plait_arena *arena;
    size_t before_octets; /* of the arena, used by others */
    struct plait_audit_counts counts;
    struct plait_slab connections, subflows, addresses, stories, adverts, joins, chunks, pieces,
        works, subflow_works, pendings;
    struct plait_index flows, tokens, chunk_index, join_index;
    struct plait_memory facts;
    struct plait_sighting *sightings;
    struct plait_over *over; /* a ring */
    uint64_t over_first;
    uint32_t over_count, over_limit;
    uint64_t next_number;
    plait_time_ns now_ns;
    uint32_t last_flow; /* subflow of the packet before */
    uint32_t appended;  /* the last that a connection got, if it still is one of it; else 0 */
    bool said_keys_in_clear;
    struct plait_told contradictions_told;
};

static inline struct plait_connection *plait_con(const struct plait_audit *a, uint32_t number)
{
    return plait_slab_at(&a->connections, number);
}

static inline struct plait_subflow *plait_sub(const struct plait_audit *a, uint32_t number)
{
    return plait_slab_at(&a->subflows, number);
}

static inline void plait_count(struct plait_audit *a, enum plait_audit_count which)
{
    a->counts.count[which]++;
}

static inline void plait_count_more(struct plait_audit *a, enum plait_audit_count which, uint64_t n)
{
    a->counts.count[which] += n;
}

/* What handlers of one packet are given. */
struct plait_at {
    struct plait_audit *a;
    const struct plait_packet *p;
    uint32_t connection_number, subflow_number; /* objects */
    struct plait_connection *c;
    struct plait_subflow *s;
    unsigned end;                              /* that sent it */
    bool is_duplicate, is_new_flow, was_again; /* the last: all of its payload was sent before */
    struct plait_packet_ref ref;
    uint64_t hash;      /* of the packet (duplicate.h) */
    uint64_t flow_hash; /* of addresses and ports, where it is asked for (store.h) */
    uint64_t syn_hash;  /* of what a SYN or SYN/ACK has behind a NAT, too (duplicate.h) */
    int64_t ssn;        /* number of its first octet on the subflow (data.c sets it) */
    bool has_dss, has_capable, has_control;
    bool is_new;       /* all of its payload is behind what its sender had sent (data.c sets it) */
    bool is_ahead;     /* of all that its sender had sent (data.c sets it) */
    bool is_ambiguous; /* a join's SYN that fits several connections */
    /* Set where has_dss and has_capable say so; the last members, so that no packet pays for
     * clearing them. */
    struct plait_dss dss;
    struct plait_mp_capable capable;
};

#endif
