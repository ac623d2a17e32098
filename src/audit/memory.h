/* audit/memory.h: internal: what is remembered of single packets, in bounded room.
 *
 * A direct-mapped table of keyed hashes: finding again is sure but for 2^-64, being found is not:
 * the newer of two with one place wins.  So what rests on it may miss, and never says what was not.
 * May touch: its entries. */
#ifndef PLAIT_AUDIT_MEMORY_H
#define PLAIT_AUDIT_MEMORY_H

#include "audit/inside.h"

#define PLAIT_MEMORY_ENTRIES_MAX 65536u

/* In proportion to MEMORY_OCTETS, up to that many. */
bool plait_memory_init(struct plait_memory *memory, struct plait_arena *arena,
                       size_t memory_octets);
size_t plait_memory_octets(size_t memory_octets);
/* The entry of WHAT, or NULL. */
struct plait_memory_entry *plait_memory_find(const struct plait_memory *memory, uint64_t what);
/* The place of WHAT is brought near: it will be asked for. */
static inline void plait_memory_fetch(const struct plait_memory *memory, uint64_t what)
{
    __builtin_prefetch(&memory->entries[what & memory->mask]);
}
/* A new one of WHAT, zeroed but for that. */
struct plait_memory_entry *plait_memory_put(struct plait_memory *memory, uint64_t what);
static inline void plait_memory_forget(struct plait_memory_entry *e)
{
    e->what = 0;
}

/* The packet that an entry is about. */
static inline struct plait_packet_ref plait_memory_ref(const struct plait_memory_entry *e)
{
    return (struct plait_packet_ref){e->frame, e->at_ns, e->input, e->interface};
}
static inline void plait_memory_set_ref(struct plait_memory_entry *e,
                                        const struct plait_packet_ref *ref)
{
    e->frame = ref->frame & ((UINT64_C(1) << 48) - 1);
    e->at_ns = ref->at_ns;
    e->input = ref->input;
    e->interface = ref->interface;
}

/* What facts are about. */
enum plait_fact {
    PLAIT_FACT_SYN = 1,      /* numbers and options of a SYN, whatever its addresses */
    PLAIT_FACT_KEY,          /* a key in MP_CAPABLE */
    PLAIT_FACT_JOIN,         /* token and nonce of a join */
    PLAIT_FACT_NONCE,        /* nonce of one end of a connection */
    PLAIT_FACT_HALF_OPEN,    /* joins of a connection */
    PLAIT_FACT_FIRED,        /* a rule, for a connection */
    PLAIT_FACT_GUESS,        /* joins of one host that another one refused */
    PLAIT_FACT_ACKED_BEFORE, /* what an end had acknowledged when a subflow was opened */
    PLAIT_FACT_SILENT,       /* an address that does not answer handshakes of joins */
    PLAIT_FACT_SILENT_COUNT  /* how many such addresses of one end */
};
/* Its keyed hash. */
uint64_t plait_fact(const struct plait_audit *a, enum plait_fact which, uint64_t one, uint64_t two);
uint64_t plait_fact_octets(const struct plait_audit *a, enum plait_fact which, const void *octets,
                           size_t length_octets);

#endif
