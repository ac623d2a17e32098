/* audit/duplicate.c: one packet, two sightings.
 *
 * A sighting is told from a retransmission by what a sender changes and a path does not: the IP
 * identification, timestamps.  Where neither is there, identical packets at one place within a
 * millisecond are a mirror's, at two places within a second a path's.  Payload is compared by the
 * stream all the same, so nothing hides behind a duplicate. */
#include "audit/duplicate.h"

#include <string.h>

#include "audit/memory.h"
#include "audit/store.h"

#define SYN_AGAIN_NS      (3 * PLAIT_S)
#define UNDER_WAY_NS      (30 * PLAIT_S)
#define OTHER_PLACE_NS    PLAIT_S
#define MIRROR_NS         PLAIT_MS
#define MIRROR_WITH_ID_NS (10 * PLAIT_MS)
#define ALIASES_MAX       4

/* ---- flows behind a NAT --------------------------------------------------------------------- */

/* A NAT may lower the segment size that a SYN offers (option 2): it is left out. */
static uint64_t hash_syn(const struct plait_audit *a, const struct plait_packet *p)
{
    uint8_t octets[4 + 4 + 1 + 2 + 40];
    size_t length = 11;
    plait_store_u32(octets, p->seq);
    plait_store_u32(octets + 4, plait_packet_is(p, PLAIT_ACK) ? p->ack : 0);
    octets[8] = p->flags;
    plait_store_u16(octets + 9, p->window);
    for (const uint8_t *at = p->options, *end = at + p->options_octets; at < end;) {
        uint8_t size = *at < 2 ? 1 : end - at < 2 || at[1] < 2 || at[1] > end - at ? 0 : at[1];
        if (!size)
            break;
        if (*at != 2 && *at != 1) {
            memcpy(octets + length, at, size);
            length += size;
        }
        at += size;
    }
    return plait_fact_octets(a, PLAIT_FACT_SYN, octets, length);
}

static bool is_elsewhere(const struct plait_memory_entry *e, const struct plait_packet *p)
{
    return e->input != p->seen->input || e->interface != p->seen->interface || e->ttl != p->ttl;
}

void plait_duplicate_hash_syn(struct plait_at *at)
{
    at->syn_hash = hash_syn(at->a, at->p);
    plait_memory_fetch(&at->a->facts, at->syn_hash);
}

uint32_t plait_duplicate_flow(const struct plait_at *at, unsigned *end)
{
    struct plait_audit *a = at->a;
    const struct plait_packet *p = at->p;
    if (!plait_packet_is(p, PLAIT_SYN) || p->options_cut)
        return 0;
    struct plait_memory_entry *e = plait_memory_find(&a->facts, at->syn_hash);
    if (!e || p->seen->at_ns - e->at_ns > SYN_AGAIN_NS + p->seen->error_ns || !is_elsewhere(e, p) ||
        e->count >= ALIASES_MAX)
        return 0;
    uint32_t subflow = e->value >> 1;
    const struct plait_subflow *s = plait_sub(a, subflow);
    *end = e->value & 1;
    /* The place may be another's by now. */
    if (s->flags & (PLAIT_SUB_ALIAS | PLAIT_SUB_UNLISTED) || s->half[*end].isn != p->seq ||
        s->first_ns > e->at_ns)
        return 0;
    e->count++;
    return subflow;
}

static uint32_t sender_of(const struct plait_at *at)
{
    return at->subflow_number << 1 | at->end;
}

static bool is_of_place(const struct plait_memory_entry *e, const struct plait_at *at)
{
    return e->input == at->ref.input && e->interface == at->p->seen->interface;
}

bool plait_duplicate_is_under_way(const struct plait_at *at)
{
    if (!plait_packet_is(at->p, PLAIT_SYN) || at->p->options_cut)
        return false;
    const struct plait_memory_entry *e = plait_memory_find(&at->a->facts, at->syn_hash);
    return e && !is_of_place(e, at) &&
           at->ref.at_ns - e->at_ns <= UNDER_WAY_NS + at->p->seen->error_ns;
}

void plait_duplicate_note_syn(struct plait_at *at)
{
    if (at->p->options_cut)
        return;
    uint64_t what = at->syn_hash;
    struct plait_memory_entry *e = plait_memory_find(&at->a->facts, what);
    if (e) {
        if (e->value == sender_of(at) && is_of_place(e, at))
            e->at_ns = at->ref.at_ns; /* sent again */
        return;
    }
    e = plait_memory_put(&at->a->facts, what);
    e->at_ns = at->ref.at_ns;
    e->input = at->ref.input;
    e->interface = at->p->seen->interface;
    e->frame = at->ref.frame;
    e->ttl = at->p->ttl;
    e->value = sender_of(at);
}

/* ---- packets ---- */

/* Sets of places, of which a packet has one by its hash: another's sighting makes way only when as
 * many have come to the same set. */
#define SIGHTINGS 65536u
#define OF_A_SET  4u
#define TICK_BITS 12

_Static_assert(OF_A_SET * sizeof(struct plait_sighting) == PLAIT_LINE_OCTETS, "a set is a line");

size_t plait_duplicate_octets(void)
{
    return SIGHTINGS * sizeof(struct plait_sighting) + PLAIT_LINE_OCTETS;
}

bool plait_duplicate_init(struct plait_audit *a, struct plait_arena *arena)
{
    a->sightings = plait_arena_take_lines(arena, SIGHTINGS, sizeof *a->sightings);
    if (a->sightings)
        memset(a->sightings, 0, SIGHTINGS * sizeof *a->sightings);
    return a->sightings != NULL;
}

static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Whoever sends packets sees neither the key nor what comes of it, and a value that he could steer
 * would make his packet a duplicate, whose payload is compared all the same: products under the key
 * are enough here, and cost a sixth of SipHash. */
static uint64_t hash_words(const struct plait_draw_key *key, const uint64_t words[8])
{
    uint64_t hash = key->word[0];
    for (unsigned i = 0; i < 8; i += 2)
        hash = fold(words[i] ^ hash ^ key->word[0], words[i + 1] ^ key->word[1]) + i;
    return fold(hash ^ key->word[1], key->word[0] | 1);
}

static struct plait_sighting *set_of(const struct plait_audit *a, uint64_t hash)
{
    return &a->sightings[hash % (SIGHTINGS / OF_A_SET) * OF_A_SET];
}

/* All that a sender chose for this packet and no path changes; which flow it is of is not asked, so
 * that the entry can be on its way while the checksum is summed. */
uint64_t plait_duplicate_hash(const struct plait_audit *a, const struct plait_packet *p)
{
    uint64_t words[8] = {
        (uint64_t)p->ack << 32 | p->seq,
        (uint64_t)p->ip_id << 48 | (uint64_t)p->window << 32 | p->payload_octets,
        (uint64_t)p->options_octets << 8 | p->flags,
    };
    memcpy(words + 3, p->options, p->options_octets);
    uint64_t hash = hash_words(&a->hash_key, words);
    __builtin_prefetch(set_of(a, hash), 1);
    return hash;
}

/* Which set it is of says the rest of the hash. */
static uint32_t what_of(const struct plait_at *at)
{
    return (uint32_t)(at->hash >> 32);
}

static uint32_t tick_of(const struct plait_at *at)
{
    return (uint32_t)(at->ref.at_ns >> TICK_BITS);
}

/* The last sighting of the same, or the oldest of the set. */
static struct plait_sighting *place_for(const struct plait_at *at)
{
    struct plait_sighting *set = set_of(at->a, at->hash), *oldest = set;
    const uint32_t now = tick_of(at), what = what_of(at), sender = sender_of(at);
    uint32_t most = 0;
    for (struct plait_sighting *e = set; e < set + OF_A_SET; e++) {
        if (e->what == what && e->sender == sender)
            return e;
        uint32_t age = e->sender ? now - e->tick : UINT32_MAX;
        oldest = age > most ? e : oldest;
        most = age > most ? age : most;
    }
    return oldest;
}

static bool is_same_packet(const struct plait_at *at, const struct plait_sighting *e)
{
    if (e->what != what_of(at) || e->sender != sender_of(at))
        return false;
    int32_t ticks = (int32_t)(tick_of(at) - e->tick);
    plait_time_ns later = (plait_time_ns)ticks * (1 << TICK_BITS);
    if (at->ref.input != e->input || at->p->seen->interface != e->interface)
        return later <= OTHER_PLACE_NS + at->p->seen->error_ns;
    return later <= (at->p->ip_id ? MIRROR_WITH_ID_NS : MIRROR_NS);
}

bool plait_duplicate_packet(struct plait_at *at)
{
    struct plait_sighting *e = place_for(at);
    if (is_same_packet(at, e))
        return true;
    *e = (struct plait_sighting){.what = what_of(at),
                                 .tick = tick_of(at),
                                 .sender = sender_of(at),
                                 .input = at->ref.input,
                                 .interface = at->p->seen->interface};
    return false;
}
