/* audit/flatten_inside.h: internal: what the files of flatten know of each other.
 *
 * Places in a stream are 64-bit offsets; the first octet of data is offset 0.  The ISN is added in
 * one place (flatten_write.c). */
#ifndef PLAIT_AUDIT_FLATTEN_INSIDE_H
#define PLAIT_AUDIT_FLATTEN_INSIDE_H

#include "audit/flatten.h"
#include "audit/packet.h"
#include "base/pool.h"
#include "base/table.h"

/* ---- connections --------------------------------------------------------------------------- */

enum plait_flat_stage {
    PLAIT_FLAT_NEW,      /* nothing went out */
    PLAIT_FLAT_REFUSED,  /* plain TCP: its packets pass without option 30 */
    PLAIT_FLAT_ORPHANED, /* a join that found no connection: its packets pass, or do not */
    PLAIT_FLAT_OFFERED,  /* SYN went out */
    PLAIT_FLAT_ANSWERED, /* SYN/ACK went out */
    PLAIT_FLAT_OPEN
};

struct plait_flat_history;
struct plait_flat_gathered;

struct plait_flat {
    struct plait_table_node node;
    uint64_t number;
    struct plait_place place[2]; /* by end */
    uint64_t sent[2];            /* of each stream: behind what was written */
    uint64_t acked[2];           /* ... what its receiver acknowledged by now, FIN included */
    uint64_t said[2];            /* ... what was written that it did */
    uint64_t fin_at[2];          /* ... its length, where has_fin */
    struct plait_flat_gathered *gathered[2]; /* NULL: nothing */
    struct plait_flat_history *history[2];
    uint32_t isn[2];
    uint16_t mss_octets, syn_octets; /* payload of the SYN */
    uint16_t others;                 /* connections written for other copies */
    uint16_t patches;                /* other copies that wait */
    uint8_t stage, ttl[2];
    uint8_t ender; /* who sent the last RST or FASTCLOSE */
    bool has_fin[2], fin_is_sent[2], is_reset, has_scale;
};

/* ---- gathering ------------------------------------------------------------------------------- */

#define PLAIT_FLAT_GATHERED_MAX 8192 /* 16 MB */

struct plait_flat_gathered { /* the next segment of a stream */
    struct plait_flat_gathered *newer, *older;
    struct plait_flat *flat;
    plait_time_ns since_ns;
    uint32_t length;
    uint8_t direction, packet_count;
    struct plait_packet_ref packets[PLAIT_FLAT_FROM_MAX - 1];
    uint8_t octets[PLAIT_FLAT_MSS_OCTETS];
};

/* ---- other copies -------------------------------------------------------------------------- */

#define PLAIT_FLAT_HISTORY_OCTETS (4 * PLAIT_FLAT_AROUND_OCTETS)
#define PLAIT_FLAT_HISTORIES_MAX  2048 /* 32 MB */
#define PLAIT_FLAT_PATCH_OCTETS   2048
#define PLAIT_FLAT_PATCHES_MAX    1024

struct plait_flat_history { /* the last octets of a stream, as they were written */
    struct plait_flat_history *newer, *older;
    struct plait_flat *flat;
    uint8_t direction;
    uint64_t from, to;
    uint8_t octets[PLAIT_FLAT_HISTORY_OCTETS]; /* a ring */
};

struct plait_flat_patch { /* octets of a later copy */
    struct plait_flat_patch *newer;
    struct plait_flat *flat; /* NULL: it went */
    uint8_t direction;
    bool is_written;
    uint64_t from, to;
    plait_time_ns due_ns;
    struct plait_packet_ref packet;
    uint8_t octets[PLAIT_FLAT_PATCH_OCTETS];
};

/* ---- all ---------------------------------------------------------------------------------------
 */

/* The packet that is being looked at; read when something of it is needed. */
struct plait_flat_current {
    const struct plait_seen *seen; /* NULL between packets */
    bool is_read, is_tcp;
    struct plait_packet packet;
};

/* Above any packet: an IPv6 header and 65,535 octets. */
#define PLAIT_FLAT_ROOM_OCTETS (40 + 65535)

struct plait_flatten {
    struct plait_flatten_limits limits;
    plait_flat_out *out;
    void *owner;
    struct plait_arena arena; /* a part of the owner's */
    struct plait_pool flats;
    struct plait_table table;
    struct plait_flat_current current;
    plait_time_ns now_ns;
    uint64_t opened; /* the connection that OPEN named last, and its ends */
    struct plait_place from, to;
    struct plait_pool gathered;
    struct plait_flat_gathered *oldest_gathered, *newest_gathered;
    struct plait_pool histories, patches;
    struct plait_flat_history *oldest_history, *newest_history;
    struct plait_flat_patch *oldest_patch, *newest_patch;
    struct plait_flat_counts counts;
    uint8_t room[PLAIT_FLAT_ROOM_OCTETS];
};

static inline void plait_flat_add(struct plait_flatten *f, enum plait_flat_count which, uint64_t n)
{
    f->counts.count[which] += n;
}

/* ---- flatten_write.c: packets -----------------------------------------------------------------
 */

/* The packet that is being looked at; NULL if it is not TCP, or there is none. */
const struct plait_packet *plait_flat_packet(struct plait_flatten *f);
/* Passes the packet on. */
void plait_flat_pass(struct plait_flatten *f, uint64_t connection, enum plait_flat_kind kind,
                     bool strips);

/* A segment of end FROM; AT and ACKED in the streams of FROM and of its peer. */
struct plait_flat_segment {
    enum plait_flat_kind kind;
    uint8_t from, flags;
    bool is_first; /* SYN: its number is one before AT, and so is what it acknowledges */
    uint64_t at, acked;
    uint16_t port_shift; /* added to the port of end 0 */
    const uint8_t *octets;
    uint32_t length;
    const struct plait_packet_ref *packets; /* whose octets */
    unsigned packet_count;
};
void plait_flat_write(struct plait_flatten *f, const struct plait_flat *flat,
                      const struct plait_flat_segment *segment);

/* ---- flatten_hello.c ---------------------------------------------------------------------------
 */

static inline struct plait_place plait_flat_place(const struct plait_packet *p, const uint8_t *addr,
                                                  uint16_t port)
{
    struct plait_place place = {.addr = {.family = p->family}, .port = port};
    memcpy(place.addr.octets, addr, p->addr_octets);
    return place;
}

/* The end that sent the packet that is being looked at, if that is of the first subflow; else 2. */
unsigned plait_flat_sender(struct plait_flatten *f, const struct plait_flat *flat);
/* Numbers of END as the packet that is being looked at has them. */
void plait_flat_learn_numbers(struct plait_flatten *f, struct plait_flat *flat, unsigned end);
/* What of the handshake did not go out goes out now: the capture lacks it. */
void plait_flat_open(struct plait_flatten *f, struct plait_flat *flat);
/* A packet of the first subflow before the flat flow is open.  True: it was dealt with here. */
bool plait_flat_shake_hands(struct plait_flatten *f, struct plait_flat *flat, bool is_mptcp);

/* ---- flatten_end.c -----------------------------------------------------------------------------
 */

/* What every segment has: end D sent it, and acknowledges. */
struct plait_flat_segment plait_flat_segment(const struct plait_flatten *f, struct plait_flat *flat,
                                             unsigned d, uint8_t flags);
void plait_flat_write_flags(struct plait_flatten *f, struct plait_flat *flat, unsigned d,
                            uint8_t flags);
/* What is acknowledged and was not said to be is said. */
void plait_flat_acknowledge(struct plait_flatten *f, struct plait_flat *flat);
/* The connection goes: whatever went out was received, as far as anybody can say. */
void plait_flat_acknowledge_all(struct plait_flatten *f, struct plait_flat *flat);
/* FIN goes out when everything before it did. */
void plait_flat_close_if_complete(struct plait_flatten *f, struct plait_flat *flat);
void plait_flat_reset(struct plait_flatten *f, struct plait_flat *flat);
/* Ends whose DATA_FIN was not seen, or was of another length than the stream had in the end. */
void plait_flat_close(struct plait_flatten *f, struct plait_flat *flat);

/* ---- flatten.c ---------------------------------------------------------------------------------
 */

/* One segment of FLAT's stream D. */
void plait_flat_write_octets(struct plait_flatten *f, struct plait_flat *flat, unsigned d,
                             const uint8_t *octets, uint32_t length,
                             const struct plait_packet_ref *packets, unsigned packet_count);

/* ---- flatten_gather.c
 * ---------------------------------------------------------------------------- */

size_t plait_flat_gather_octets(void);
/* PACKET brought LENGTH octets to the end of FLAT's stream D. */
void plait_flat_gather(struct plait_flatten *f, struct plait_flat *flat, unsigned d,
                       const uint8_t *octets, uint64_t length,
                       const struct plait_packet_ref *packet);
/* Writes what was gathered. */
void plait_flat_release(struct plait_flatten *f, struct plait_flat *flat, unsigned d);
/* Writes what waited long enough, of all. */
void plait_flat_release_due(struct plait_flatten *f);

/* ---- flatten_other.c: other copies -------------------------------------------------------------
 */

void plait_flat_others_init(struct plait_flatten *f);
size_t plait_flat_others_octets(void);
/* LENGTH octets went out at FLAT's edge in DIRECTION; NULL: a gap. */
void plait_flat_remember(struct plait_flatten *f, struct plait_flat *flat, unsigned direction,
                         const uint8_t *octets, uint64_t length);
void plait_flat_note_other(struct plait_flatten *f, struct plait_flat *flat,
                           const struct plait_audit_contradiction *c);
/* Writes other copies that are due: their time came, or enough went out behind them. */
void plait_flat_write_due(struct plait_flatten *f);
/* Writes all of FLAT, which goes, and forgets it. */
void plait_flat_forget(struct plait_flatten *f, struct plait_flat *flat);

#endif
