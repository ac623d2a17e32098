/* audit/flatten.h: multipath traffic as the single-path TCP that it amounts to (DESIGN §8).
 *
 * What an inspection by flows needs (T-EVA-1): each MPTCP connection becomes one TCP connection
 * between the addresses and ports of its first subflow, with its own sequence numbers and valid
 * checksums; none of its subflows' packets go out beside it.  All other packets go out as they
 * came, but for option 30 of an offer that was refused.
 *
 * For each packet: plait_flatten_begin, then plait_audit_packet with this file's sink, then
 * plait_flatten_end with what the auditor took it for.  Flat packets come out during these calls,
 * with the time of the packet that completed them.
 * No file, socket, clock, or allocation outside the arena.  May touch: its arena; calls: the
 * owner's function. */
#ifndef PLAIT_AUDIT_FLATTEN_H
#define PLAIT_AUDIT_FLATTEN_H

#include "audit/audit.h"

/* ---- out ----------------------------------------------------------------------------------- */

enum plait_flat_kind {
    PLAIT_FLAT_PASSED, /* as it came, perhaps without option 30 */
    PLAIT_FLAT_ORPHAN, /* as it came: of a subflow whose connection is not known */
    PLAIT_FLAT_OWN,    /* written here */
    PLAIT_FLAT_OTHER   /* written here: the other copy of octets that two packets contradict in */
};
/* "passed", "orphan", "flat", "other copy". */
const char *plait_flat_kind_name(enum plait_flat_kind kind);

#define PLAIT_FLAT_FROM_MAX 16

struct plait_flat_packet {
    enum plait_flat_kind kind;
    plait_time_ns at_ns;   /* never goes back */
    uint64_t connection;   /* 0: none is known */
    const uint8_t *octets; /* from the IP header on; during the call */
    uint32_t length;
    uint32_t wire_octets; /* more than LENGTH where a packet that passes was captured in part */
    unsigned from_count;  /* input packets that it is made of: those whose octets it has, and at the
                             end the one that made it go out, if it is another */
    struct plait_packet_ref from[PLAIT_FLAT_FROM_MAX];
};

typedef void plait_flat_out(void *owner, const struct plait_flat_packet *packet);

/* ---- limits, choices, counts --------------------------------------------------------------- */

/* Payload of one flat segment; less where a handshake offers less, but not below the minimum. */
#define PLAIT_FLAT_MSS_OCTETS     1400
#define PLAIT_FLAT_MSS_MIN_OCTETS 536
/* Of the stream around octets that contradict, so many are written with the other copy, before and
 * after; and it is written when so many followed, or so long after it was seen. */
#define PLAIT_FLAT_AROUND_OCTETS 4096
#define PLAIT_FLAT_OTHER_NS      PLAIT_S
/* Of one connection; what contradicts beyond that is counted.  Each costs some ten packets. */
#define PLAIT_FLAT_OTHERS_MAX 64

struct plait_flatten_limits {
    size_t memory_octets; /* of flat connections; what begins when they are full passes unflattened
                             and is counted */
    plait_time_ns gather_ns; /* octets wait so long at most for others of their segment, unless they
                                are acknowledged; 0: they do not */
    bool both;               /* where copies contradict, write the other one too */
    bool one_sided;     /* acknowledge whatever was written: the receiver's DATA_ACKs, which say
                           when, may not be in the capture */
    bool drops_orphans; /* subflows whose connection is not known do not pass */
};
/* 128 MB, 10 ms, nothing else. */
struct plait_flatten_limits plait_flatten_limits(void);
/* Octets that an arena for LIMITS must have room for. */
size_t plait_flatten_arena_octets(const struct plait_flatten_limits *limits);

/* X(NAME, "text") */
#define PLAIT_FLAT_COUNTS(X)                                                                       \
    X(CONNECTIONS, "connections flattened")                                                        \
    X(REFUSED, "connections whose offer of MPTCP was refused")                                     \
    X(NO_ROOM, "times that there was no room for a connection: not flattened")                     \
    X(PASSED, "packets passed")                                                                    \
    X(STRIPPED, "packets passed without their option 30")                                          \
    X(REPLACED, "packets of subflows, replaced")                                                   \
    X(ORPHANS, "subflows whose connection is not known")                                           \
    X(ORPHAN_PACKETS, "packets of such subflows")                                                  \
    X(WRITTEN, "packets written")                                                                  \
    X(OCTETS, "octets written")                                                                    \
    X(INVENTED, "packets of handshakes that the capture lacks, written")                           \
    X(GAPS, "gaps")                                                                                \
    X(GAP_OCTETS, "octets in gaps")                                                                \
    X(LATE_OCTETS, "octets written behind a FIN or RST")                                           \
    X(OTHERS, "other copies written as connections of their own")                                  \
    X(OTHERS_ALONE, "other copies of which only the octets that differ could be written")          \
    X(OTHERS_NOT, "other copies not written: too many of one connection")

enum plait_flat_count {
#define PLAIT_FLAT_COUNT_ENUM(name, text) PLAIT_FLAT_COUNT_##name,
    PLAIT_FLAT_COUNTS(PLAIT_FLAT_COUNT_ENUM)
#undef PLAIT_FLAT_COUNT_ENUM
        PLAIT_FLAT_COUNT_COUNT
};
struct plait_flat_counts {
    uint64_t count[PLAIT_FLAT_COUNT_COUNT];
};
const char *plait_flat_count_text(enum plait_flat_count which);

/* ---- the flattener ------------------------------------------------------------------------- */

struct plait_flatten;

/* NULL if ARENA has less room than plait_flatten_arena_octets.  OUT is called with OWNER. */
struct plait_flatten *plait_flatten_new(struct plait_arena *arena,
                                        const struct plait_flatten_limits *limits,
                                        plait_flat_out *out, void *owner);
/* What the auditor's sink must call, with the flattener as owner: event, octets, contradiction,
 * ended. */
struct plait_audit_sink plait_flatten_sink(void);
/* SEEN is about to go to the auditor; its octets must stay until plait_flatten_end. */
void plait_flatten_begin(struct plait_flatten *f, const struct plait_seen *seen);
/* The auditor took it for PLACE. */
void plait_flatten_end(struct plait_flatten *f, const struct plait_audit_place *place);
const struct plait_flat_counts *plait_flatten_counts(const struct plait_flatten *f);

#endif
