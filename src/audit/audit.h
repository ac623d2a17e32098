/* audit/audit.h: what a multipath capture says: connections over all their subflows.
 *
 * A stream of packets goes in, in the order of their times; connections, events, alerts and the
 * octets of both streams come out through a sink, in order.  Linear in packets, bounded in memory:
 * everything lives in one arena with stated limits, and what happens at a limit is counted.  What
 * a capture does not show is said (`cannot tell`, a gap), never guessed.
 * No file, socket, clock, or allocation outside the arena.  May touch: its arena; calls: the sink.
 *
 * Words.  *End* 0 is whoever opened the connection, end 1 the other one; *direction* d is what end
 * d sent, also on subflows that end 1 opened.  Connections are numbered from 1 in the order of
 * their first packet, subflows of a connection from 0. */
#ifndef PLAIT_AUDIT_AUDIT_H
#define PLAIT_AUDIT_AUDIT_H

#include "base/arena.h"
#include "base/draw.h"
#include "base/time.h"
#include "wire/addr.h"

/* ---- in ------------------------------------------------------------------------------------- */

/* One packet as it was seen at one place.  The octets are read during the call only. */
struct plait_seen {
    plait_time_ns at_ns;    /* offset of its input applied; must not go back (what does is counted,
                               and taken as it comes) */
    uint64_t frame;         /* number in its input, from 1: what alerts cite */
    uint16_t input;         /* which file or interface, from 0 */
    uint16_t interface;     /* of its input: one file may have a packet of several places, once for
                               each;     0 if there is but one */
    uint16_t network;       /* the same addresses in different networks (VXLAN VNI, ...) are
                               different; 0 outermost */
    const uint8_t *ip;      /* from the IP header on; fragments are whole already */
    uint32_t ip_octets;     /* captured */
    uint32_t wire_octets;   /* that were there; at least ip_octets */
    plait_time_ns error_ns; /* how far at_ns may be off against other inputs */
};

/* ---- out: where, and how sure --------------------------------------------------------------- */

enum plait_judgement {
    PLAIT_CANNOT_TELL, /* keys, numbers or octets that it takes are not in the capture */
    PLAIT_VALID,
    PLAIT_INVALID,
    PLAIT_PRE_RFC /* ADD_ADDR with the left 64 bits of its MAC (T-MAC-5) */
};
/* "cannot tell", "valid", "invalid", "pre-RFC". */
const char *plait_judgement_name(enum plait_judgement judgement);

/* Where something was seen; frame 0: nowhere. */
struct plait_packet_ref {
    uint64_t frame;
    plait_time_ns at_ns;
    uint16_t input, interface;
};

/* What a packet was taken for.  Number 0: nothing that is tracked (not TCP, broken, no room). */
struct plait_audit_place {
    uint64_t connection;
    uint16_t subflow;
    uint8_t direction;
    bool is_mptcp;     /* as far as is known by now: MPTCP was offered, and not refused or left */
    bool is_duplicate; /* the same packet was seen before, here or elsewhere */
    bool has_acked;    /* its sender acknowledged something of the other stream by now: */
    bool has_fin;      /* its FIN ends the sender's stream, because that is plain TCP's by now: */
    uint64_t acked;    /* ... up to here; the end of the stream (DATA_FIN, FIN) counts one */
    uint64_t fin_at;   /* ... which is so long */
};

/* ---- out: events ---------------------------------------------------------------------------- */

/* What is set beside connection, subflow, direction and packet:
 *
 * OPEN            its first packet: from, to
 * HELLO           a message of MP_CAPABLE: step, version, flags, has_key, key, token
 * ESTABLISHED     the first handshake is complete: version, judgement (of the keys)
 * FALLBACK        plain TCP from here on: offset, cause; other: the packet that lacked or had it
 * DATA_FIN        offset: length of the stream
 * FASTCLOSE       judgement (of the key), reset: on an RST
 * CLOSED          cause says how
 * JOIN            SYN: token, nonce, addr_id, backup, from, to; VALID where the token is known
 * JOIN_PROOF      MAC in the SYN/ACK (step 1) or ACK (step 2): judgement, nonce, addr_id
 * JOIN_BOUND      value: the connection that it was taken for before; cause: by what
 * SUBFLOW_CLOSED  FIN both ways
 * RESET           RST: has_reason, reason, flags of MP_TCPRST
 * PRIO            backup; has_addr_id, addr_id (v0)
 * FAIL            MP_FAIL: offset in the peer's stream, value: DSN
 * ADD_ADDR        addr_id, from (the address; port 0: none), version, judgement
 * ADD_ADDR_ECHO   addr_id, from
 * REMOVE_ADDR     addr_id; one event for each
 * REINJECTION     octets that were sent before with other numbers: offset, length
 * CONTRADICTION   a copy that differs: offset, length
 * UNMAPPED        data without a mapping: value: its place on the subflow, length
 * REMAPPED        a mapping that contradicts an earlier one: offset, length, other
 * CHECKSUM        of a mapping, if it is not valid: judgement, offset, length
 * GAP             octets that the capture lacks: offset, value (and length): how many
 * NOT_UNDERSTOOD  an MPTCP option: value: subtype, reason (enum plait_reason), cause */
#define PLAIT_AUDIT_EVENTS(X)                                                                      \
    X(OPEN, "open")                                                                                \
    X(HELLO, "hello")                                                                              \
    X(ESTABLISHED, "established")                                                                  \
    X(FALLBACK, "fallback")                                                                        \
    X(DATA_FIN, "data_fin")                                                                        \
    X(FASTCLOSE, "fastclose")                                                                      \
    X(CLOSED, "closed")                                                                            \
    X(JOIN, "join")                                                                                \
    X(JOIN_PROOF, "join_proof")                                                                    \
    X(JOIN_BOUND, "join_bound")                                                                    \
    X(SUBFLOW_CLOSED, "subflow_closed")                                                            \
    X(RESET, "reset")                                                                              \
    X(PRIO, "prio")                                                                                \
    X(FAIL, "fail")                                                                                \
    X(ADD_ADDR, "add_addr")                                                                        \
    X(ADD_ADDR_ECHO, "add_addr_echo")                                                              \
    X(REMOVE_ADDR, "remove_addr")                                                                  \
    X(REINJECTION, "reinjection")                                                                  \
    X(CONTRADICTION, "contradiction")                                                              \
    X(UNMAPPED, "unmapped")                                                                        \
    X(REMAPPED, "remapped")                                                                        \
    X(CHECKSUM, "checksum")                                                                        \
    X(GAP, "gap")                                                                                  \
    X(NOT_UNDERSTOOD, "not_understood")

enum plait_audit_event_kind {
#define PLAIT_AUDIT_EVENT_ENUM(name, text) PLAIT_SAW_##name,
    PLAIT_AUDIT_EVENTS(PLAIT_AUDIT_EVENT_ENUM)
#undef PLAIT_AUDIT_EVENT_ENUM
        PLAIT_SAW_COUNT
};
const char *plait_audit_event_name(enum plait_audit_event_kind kind);

enum { /* versions as events and views name them */
       PLAIT_AUDIT_V0 = 0,
       PLAIT_AUDIT_V1 = 1,
       PLAIT_AUDIT_NO_VERSION = 254, /* MPTCP; which version is not in the capture */
       PLAIT_AUDIT_TCP = 255
};

/* What is not set for a kind is 0. */
struct plait_audit_event {
    enum plait_audit_event_kind kind;
    uint64_t connection;
    uint16_t subflow;
    uint8_t direction; /* of the packet */
    struct plait_packet_ref packet, other;
    enum plait_judgement judgement;
    const char *cause; /* constant text, or NULL */
    struct plait_place from, to;
    uint8_t step;    /* 0 SYN, 1 SYN/ACK, 2 ACK, 3 first data */
    uint8_t version; /* PLAIT_AUDIT_… */
    uint8_t addr_id, reason, flags;
    bool has_addr_id, has_reason, backup, reset, has_key;
    uint32_t token, nonce, length;
    uint64_t key; /* of the sender (FASTCLOSE: of the receiver); the sink's to keep secret */
    uint64_t offset, value;
};

/* ---- out: the streams ----------------------------------------------------------------------- */

/* A piece of a connection's stream, in order, each octet once; offset 0 is the first octet of data,
 * or the first one seen where the beginning is not in the capture. */
struct plait_audit_octets {
    uint64_t connection;
    uint8_t direction;
    uint16_t subflow;
    bool is_ambiguous; /* a copy that differs came before this was delivered */
    bool is_unsure;    /* no mapping says so: after a fallback, or plain TCP */
    uint64_t offset;
    uint64_t length;                /* of a gap it may be large */
    const uint8_t *octets;          /* NULL: a gap */
    struct plait_packet_ref packet; /* it came in; for a gap: the one behind it */
};

/* The same place of a stream with other content.  First copy: which came first. */
struct plait_audit_contradiction {
    uint64_t connection;
    uint8_t direction;
    uint64_t offset;
    uint32_t length; /* from the first octet that differs to the last one, within one packet */
    const uint8_t *first, *later;
    uint16_t later_subflow;
    struct plait_packet_ref packet; /* of the later copy */
    bool was_delivered; /* the first copy went out already; else what goes out is as `copy` says */
};

/* ---- out: alerts ---------------------------------------------------------------------------- */

enum plait_severity { PLAIT_NOTE, PLAIT_WARNING, PLAIT_ALERT };
/* "note", "warning", "alert". */
const char *plait_severity_name(enum plait_severity severity);

struct plait_rule {
    const char *id;   /* of the catalogue: "T-ADD-1" */
    const char *name; /* unique: "add-addr-mac" */
    enum plait_severity severity;
    bool needs_whole;   /* asked only where the capture is whole (plait_audit_limits) */
    const char *title;  /* what it means */
    const char *proof;  /* what must have been seen */
    const char *advice; /* what to do */
};
/* All rules, *COUNT of them. */
const struct plait_rule *plait_rules(unsigned *count);
/* NULL if there is none of that name. */
const struct plait_rule *plait_rule_named(const char *name);

#define PLAIT_ALERT_PACKETS_MAX 6
#define PLAIT_ALERT_TEXT_OCTETS 200

/* A rule fires at most once for a connection (those about hosts: for a pair of hosts). */
struct plait_alert {
    const struct plait_rule *rule;
    uint64_t connection; /* 0: about no single one */
    uint16_t subflow;
    unsigned packet_count;
    struct plait_packet_ref packets[PLAIT_ALERT_PACKETS_MAX];
    char text[PLAIT_ALERT_TEXT_OCTETS];
};

/* ---- out: connections ----------------------------------------------------------------------- */

enum plait_audit_end {
    PLAIT_END_NONE,   /* still there */
    PLAIT_END_CLOSED, /* both ends closed it */
    PLAIT_END_RESET,
    PLAIT_END_FASTCLOSE,
    PLAIT_END_REUSED,  /* its first addresses and ports were opened anew */
    PLAIT_END_EVICTED, /* the oldest idle one when there was no room */
    PLAIT_END_INPUT    /* the input ended */
};
const char *plait_audit_end_name(enum plait_audit_end how);

struct plait_audit_subflow_view {
    uint16_t number, network;
    struct plait_place place[2]; /* by end of the connection */
    uint8_t opener;              /* the end that sent the SYN */
    bool is_join, is_backup, opener_is_guess, is_established, is_closed, is_reset;
    enum plait_judgement proof; /* of a join: both MACs that were seen are valid, one is not ... */
    uint8_t addr_id[2];
    plait_time_ns first_ns, last_ns;
    uint64_t packets[2], octets[2]; /* duplicates apart; octets of payload */
    uint64_t again_octets[2];       /* sent again on this subflow */
    uint32_t rtt_us;                /* of its handshake; 0: not seen */
};

struct plait_audit_connection_view {
    uint64_t number;
    uint8_t version; /* PLAIT_AUDIT_… */
    enum plait_audit_end end;
    bool opener_is_guess, has_checksum, forbids_joins[2], has_fallen_back;
    bool has_key[2];
    bool has_gap; /* octets or packets are missing from the capture, or were lost before a reset */
    uint64_t key[2]; /* the sink's to keep secret */
    uint32_t token[2];
    uint64_t idsn[2];
    plait_time_ns first_ns, last_ns;
    const char *fallback_cause; /* NULL: none */
    struct plait_packet_ref fallback_packet;
    uint64_t octets[2], gap_octets[2], reinjected_octets[2]; /* of the streams */
    enum plait_severity worst; /* of the alerts; PLAIT_NOTE also if there was none */
    uint32_t alerts;
    unsigned subflow_count;                          /* of those that are listed */
    const struct plait_audit_subflow_view *subflows; /* during the call */
};

/* ---- the sink ------------------------------------------------------------------------------- */

struct plait_audit_sink { /* any may be NULL; none may call the auditor */
    void (*event)(void *owner, const struct plait_audit_event *event);
    void (*octets)(void *owner, const struct plait_audit_octets *piece);
    void (*contradiction)(void *owner, const struct plait_audit_contradiction *contradiction);
    void (*alert)(void *owner, const struct plait_alert *alert);
    /* Closed, evicted, or at the end of the input; each connection once, its last word. */
    void (*ended)(void *owner, const struct plait_audit_connection_view *connection);
};

/* ---- limits and counts ---------------------------------------------------------------------- */

#define PLAIT_AUDIT_MEMORY_OCTETS (512u << 20) /* default */
#define PLAIT_AUDIT_SUBFLOWS_MAX  64           /* of one connection that are listed in a view */
#define PLAIT_AUDIT_ADDRESSES_MAX 32           /* advertised and kept for one connection */

enum plait_copy { PLAIT_FIRST_COPY, PLAIT_LAST_COPY };

struct plait_audit_limits {
    size_t memory_octets;       /* what the arena holds: pools are cut from it, in proportion */
    uint32_t hold_octets;       /* of a stream, held behind a hole; then the hole is a gap */
    uint32_t retain_octets;     /* of a stream, kept after delivery to compare later copies with */
    plait_time_ns hold_ns;      /* a hole older than this is a gap, where no DATA_ACK says so */
    plait_time_ns ack_grace_ns; /* a hole that was DATA_ACKed becomes a gap so much later */
    plait_time_ns linger_ns;    /* a closed connection is kept so long for what comes late; one that
                                   may go on (its last subflow was reset and a join may revive it,
                                   or octets, a FIN or MP_FASTCLOSE are not answered) for hold_ns
                                   after its last packet */
    bool is_whole;              /* the capture has all packets of both ends' links, and each at its
                                   sender's first: none was missed; then what passed one alone is
                                   told (rules_place.c) */
    enum plait_copy copy;       /* which of two copies is delivered, of what is still held */
};
/* 512 MB, 4 MB, 64 KB, 60 s, 1 s, 5 s, the first copy. */
struct plait_audit_limits plait_audit_limits(void);
/* Octets that an arena for LIMITS must have room for. */
size_t plait_audit_arena_octets(const struct plait_audit_limits *limits);

/* X(NAME, "text") */
#define PLAIT_AUDIT_COUNTS(X)                                                                      \
    X(PACKETS, "packets")                                                                          \
    X(NOT_IP, "packets that are not IP")                                                           \
    X(NOT_TCP, "packets that are not TCP")                                                         \
    X(FRAGMENTS, "fragments")                                                                      \
    X(BROKEN, "packets whose headers contradict themselves")                                       \
    X(CUT, "packets that were captured in part")                                                   \
    X(CUT_HEADERS, "packets whose headers were captured in part: not used")                        \
    X(BAD_CHECKSUM, "TCP segments with a wrong checksum: not used")                                \
    X(NO_FLAGS, "TCP segments without SYN, ACK and RST, which no TCP takes: not used")             \
    X(OFFLOADED, "TCP segments whose checksum was left to the device")                             \
    X(UNSUMMED, "TCP segments whose checksum could not be verified")                               \
    X(DUPLICATES, "packets seen twice")                                                            \
    X(ALIASES, "flows that are others behind a NAT")                                               \
    X(TIME_BACK, "packets older than the one before them")                                         \
    X(OPTIONS, "MPTCP options")                                                                    \
    X(OPTIONS_NOT_UNDERSTOOD, "MPTCP options that were not understood")                            \
    X(CONNECTIONS, "connections")                                                                  \
    X(CONNECTIONS_MPTCP, "connections that spoke MPTCP")                                           \
    X(SUBFLOWS, "subflows")                                                                        \
    X(EVICTED, "connections evicted")                                                              \
    X(NO_ROOM, "packets of new flows for which there was no room")                                 \
    X(JOINS_UNKNOWN, "joins whose token is not known")                                             \
    X(JOINS_AMBIGUOUS, "joins that fit several connections, and no MAC tells which")               \
    X(TOKENS_CROWDED, "keys whose token 256 connections have already: joins do not find more")     \
    X(JOINS_REBOUND, "joins whose MAC showed another connection of the same token")                \
    X(MACS_VALID, "MACs that are valid")                                                           \
    X(MACS_INVALID, "MACs that are invalid")                                                       \
    X(MACS_PRE_RFC, "MACs of ADD_ADDR in their form before the RFC")                               \
    X(MACS_CANNOT_TELL, "MACs that cannot be judged")                                              \
    X(CHECKSUMS_VALID, "checksums of mappings that are valid")                                     \
    X(CHECKSUMS_INVALID, "checksums of mappings that are invalid")                                 \
    X(CHECKSUMS_CANNOT_TELL, "checksums of mappings that cannot be judged")                        \
    X(FALLBACKS, "fallbacks")                                                                      \
    X(STREAM_OCTETS, "octets of streams")                                                          \
    X(GAPS, "gaps")                                                                                \
    X(GAP_OCTETS, "octets in gaps")                                                                \
    X(LATE_OCTETS, "octets that came after their place was given up")                              \
    X(EARLY_OCTETS, "octets from before the first one seen")                                       \
    X(FAR_OCTETS, "octets too far ahead of their stream")                                          \
    X(UNMAPPED_OCTETS, "octets without a mapping: not used")                                       \
    X(REINJECTED_OCTETS, "octets sent again under new numbers of a subflow")                       \
    X(AGAIN_OCTETS, "octets sent again on the same subflow")                                       \
    X(CONTRADICTED_OCTETS, "octets that a later copy contradicts")                                 \
    X(NOT_COMPARED_OCTETS, "octets of copies whose first is not kept any more")                    \
    X(MEMORY_SHORT, "times that held octets or mappings were given up for want of memory")         \
    X(LOOKED_FOR, "packets that were looked for at their sender's link")                           \
    X(ALERTS, "alerts")

enum plait_audit_count {
#define PLAIT_AUDIT_COUNT_ENUM(name, text) PLAIT_COUNT_##name,
    PLAIT_AUDIT_COUNTS(PLAIT_AUDIT_COUNT_ENUM)
#undef PLAIT_AUDIT_COUNT_ENUM
        PLAIT_COUNT_COUNT
};
struct plait_audit_counts {
    uint64_t count[PLAIT_COUNT_COUNT];
};
const char *plait_audit_count_text(enum plait_audit_count which);
/* As written in the list, for example "NOT_TCP". */
const char *plait_audit_count_name(enum plait_audit_count which);

/* ---- the auditor ---------------------------------------------------------------------------- */

struct plait_audit;

/* NULL if ARENA has less room than plait_audit_arena_octets.  Its memory may be fresh pages: only
 * what is used is touched.  KEY should be drawn anew for each run: outsiders choose what is
 * hashed.  SINK is copied. */
struct plait_audit *plait_audit_new(struct plait_arena *arena,
                                    const struct plait_audit_limits *limits,
                                    const struct plait_draw_key *key,
                                    const struct plait_audit_sink *sink, void *owner);
struct plait_audit_place plait_audit_packet(struct plait_audit *audit,
                                            const struct plait_seen *packet);
/* What `is_whole` of the limits states turned out to be wrong: rules that need it are not asked any
 * more. */
void plait_audit_not_whole(struct plait_audit *audit);
/* Nothing comes any more: what is held goes out, and every connection ends. */
void plait_audit_end(struct plait_audit *audit);
const struct plait_audit_counts *plait_audit_counts(const struct plait_audit *audit);
/* Connections that live now, and how much of the arena was ever used. */
uint32_t plait_audit_alive(const struct plait_audit *audit);
size_t plait_audit_used_octets(const struct plait_audit *audit);

#endif
