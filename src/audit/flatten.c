/* audit/flatten.c: from what the auditor says of a connection to what its flat flow does. */
#include "audit/flatten.h"

#include <string.h>

#include "audit/flatten_inside.h"

/* ---- making -------------------------------------------------------------------------------- */

struct plait_flatten_limits plait_flatten_limits(void)
{
    return (struct plait_flatten_limits){.memory_octets = 128u << 20, .gather_ns = 10 * PLAIT_MS};
}

/* Half of a table's arena may be its bucket arrays of before; a bucket for each connection, and
 * room to have grown beyond by one doubling. */
static size_t octets_of_flat(void)
{
    return sizeof(struct plait_flat) + 16 + 4 * sizeof(void *);
}

static size_t octets_inside(const struct plait_flatten_limits *limits)
{
    size_t others = limits->both ? plait_flat_others_octets() : 0;
    size_t gathered = limits->gather_ns ? plait_flat_gather_octets() : 0;
    return 4096 + limits->memory_octets + gathered + others;
}

size_t plait_flatten_arena_octets(const struct plait_flatten_limits *limits)
{
    return sizeof(struct plait_flatten) + 64 + octets_inside(limits);
}

struct plait_flatten *plait_flatten_new(struct plait_arena *arena,
                                        const struct plait_flatten_limits *limits,
                                        plait_flat_out *out, void *owner)
{
    struct plait_flatten *f = plait_arena_take(arena, 1, sizeof *f);
    void *inside = plait_arena_take_unset(arena, 1, octets_inside(limits));
    if (!f || !inside)
        return NULL;
    f->arena = plait_arena(inside, octets_inside(limits));
    f->limits = *limits;
    f->out = out;
    f->owner = owner;
    f->flats = plait_pool(&f->arena, sizeof(struct plait_flat),
                          (uint32_t)(limits->memory_octets / octets_of_flat()));
    f->table = plait_table(&f->arena);
    f->gathered = plait_pool(&f->arena, sizeof(struct plait_flat_gathered),
                             limits->gather_ns ? PLAIT_FLAT_GATHERED_MAX : 0);
    if (limits->both)
        plait_flat_others_init(f);
    return f;
}

const struct plait_flat_counts *plait_flatten_counts(const struct plait_flatten *f)
{
    return &f->counts;
}

/* ---- the table --------------------------------------------------------------------------------
 */

/* Connections are numbered by the auditor, one by one: nobody outside chooses this. */
static uint64_t hash_of(uint64_t number)
{
    uint64_t x = number * 0x9e3779b97f4a7c15u;
    return x ^ x >> 32;
}

static struct plait_flat *find(const struct plait_flatten *f, uint64_t number)
{
    struct plait_table_node *node = NULL;
    while ((node = plait_table_find(&f->table, hash_of(number), node)) != NULL) {
        struct plait_flat *flat = PLAIT_OWNER(node, struct plait_flat, node);
        if (flat->number == number)
            return flat;
    }
    return NULL;
}

static void drop(struct plait_flatten *f, struct plait_flat *flat)
{
    plait_flat_forget(f, flat);
    plait_table_remove(&f->table, &flat->node);
    plait_pool_give(&f->flats, flat);
}

/* The ends of the first subflow: as OPEN said, else those of the packet, which SENDER sent. */
static bool set_places(struct plait_flatten *f, struct plait_flat *flat, unsigned sender)
{
    const struct plait_packet *p = plait_flat_packet(f);
    if (f->opened == flat->number) {
        flat->place[0] = f->from;
        flat->place[1] = f->to;
        return true;
    }
    if (!p)
        return false;
    flat->place[sender] = plait_flat_place(p, p->src, p->src_port);
    flat->place[!sender] = plait_flat_place(p, p->dst, p->dst_port);
    return true;
}

static struct plait_flat *make(struct plait_flatten *f, uint64_t number, unsigned sender)
{
    struct plait_flat *flat = plait_pool_take(&f->flats);
    if (flat) {
        flat->number = number;
        flat->mss_octets = PLAIT_FLAT_MSS_OCTETS;
        flat->ttl[0] = flat->ttl[1] = 64;
        flat->has_scale = true;
    }
    if (flat && set_places(f, flat, sender) &&
        plait_table_insert(&f->table, &flat->node, hash_of(number)))
        return flat;
    plait_pool_give(&f->flats, flat);
    plait_flat_add(f, PLAIT_FLAT_COUNT_NO_ROOM, 1);
    return NULL;
}

static struct plait_flat *find_or_make(struct plait_flatten *f, uint64_t number, unsigned sender)
{
    struct plait_flat *flat = find(f, number);
    return flat ? flat : make(f, number, sender);
}

static bool is_flat(const struct plait_flat *flat)
{
    return flat->stage == PLAIT_FLAT_NEW || flat->stage >= PLAIT_FLAT_OFFERED;
}

/* ---- under way ------------------------------------------------------------------------------ */

/* MPTCP is spoken and no handshake was seen: the flow is under way. */
static struct plait_flat *join_under_way(struct plait_flatten *f, uint64_t number, unsigned sender)
{
    struct plait_flat *flat = make(f, number, sender);
    if (!flat)
        return NULL;
    for (unsigned end = 0; end < 2; end++)
        plait_flat_learn_numbers(f, flat, end);
    flat->stage = PLAIT_FLAT_OPEN;
    plait_flat_add(f, PLAIT_FLAT_COUNT_CONNECTIONS, 1);
    return flat;
}

/* ---- ends ----------------------------------------------------------------------------------- */

static void take_ended(void *owner, const struct plait_audit_connection_view *view)
{
    struct plait_flatten *f = owner;
    struct plait_flat *flat = find(f, view->number);
    if (!flat)
        return;
    if (is_flat(flat)) {
        if (view->end == PLAIT_END_RESET || view->end == PLAIT_END_FASTCLOSE)
            plait_flat_reset(f, flat);
        else if (view->end == PLAIT_END_CLOSED)
            plait_flat_close(f, flat);
        plait_flat_acknowledge_all(f, flat);
    }
    drop(f, flat);
}

/* ---- events -------------------------------------------------------------------------------- */

static void take_join(struct plait_flatten *f, const struct plait_audit_event *e)
{
    if (e->subflow || find(f, e->connection))
        return;
    struct plait_flat *flat = make(f, e->connection, e->direction);
    if (!flat)
        return;
    flat->stage = PLAIT_FLAT_ORPHANED;
    plait_flat_add(f, PLAIT_FLAT_COUNT_ORPHANS, 1);
}

/* A subflow that counted as a connection of its own is another one's: what it was is over. */
static void take_bound(struct plait_flatten *f, const struct plait_audit_event *e)
{
    struct plait_flat *flat = e->value ? find(f, e->value) : NULL;
    if (flat && flat->stage == PLAIT_FLAT_ORPHANED)
        drop(f, flat);
}

static void take_data_fin(struct plait_flatten *f, struct plait_flat *flat,
                          const struct plait_audit_event *e)
{
    unsigned d = e->direction;
    flat->has_fin[d] = true;
    flat->fin_at[d] = e->offset;
    plait_flat_close_if_complete(f, flat);
}

/* What came before it in the SYN/ACK's packet is said of plain TCP already. */
static void take_fallback(struct plait_flatten *f, struct plait_flat *flat)
{
    if (flat->stage != PLAIT_FLAT_OFFERED)
        return;
    const struct plait_packet *p = plait_flat_packet(f);
    if (!p || plait_flat_sender(f, flat) != 1 || !plait_packet_is(p, PLAIT_SYN))
        return;
    flat->stage = PLAIT_FLAT_REFUSED;
    plait_flat_add(f, PLAIT_FLAT_COUNT_REFUSED, 1);
}

static void take_end_event(struct plait_flatten *f, struct plait_flat *flat,
                           const struct plait_audit_event *e)
{
    flat->ender = e->direction;
    /* A last subflow's RST may not be the end (T-RST-4), nor a FASTCLOSE with a wrong key: what is
     * the end the auditor says when it is. */
    if (e->kind == PLAIT_SAW_FASTCLOSE && e->judgement == PLAIT_VALID)
        plait_flat_reset(f, flat);
}

static void take_event(void *owner, const struct plait_audit_event *e)
{
    struct plait_flatten *f = owner;
    if (e->kind == PLAIT_SAW_OPEN) {
        f->opened = e->connection;
        f->from = e->from;
        f->to = e->to;
        return;
    }
    if (e->kind == PLAIT_SAW_JOIN || e->kind == PLAIT_SAW_JOIN_PROOF) {
        take_join(f, e);
        return;
    }
    if (e->kind == PLAIT_SAW_JOIN_BOUND) {
        take_bound(f, e);
        return;
    }
    struct plait_flat *flat = e->kind == PLAIT_SAW_HELLO
                                  ? find_or_make(f, e->connection, e->direction)
                                  : find(f, e->connection);
    if (!flat || !is_flat(flat))
        return;
    if (e->kind == PLAIT_SAW_DATA_FIN)
        take_data_fin(f, flat, e);
    else if (e->kind == PLAIT_SAW_FALLBACK)
        take_fallback(f, flat);
    else if (e->kind == PLAIT_SAW_FASTCLOSE || e->kind == PLAIT_SAW_RESET)
        take_end_event(f, flat, e);
}

/* ---- octets -------------------------------------------------------------------------------- */

static void write_gap(struct plait_flatten *f, struct plait_flat *flat, unsigned d, uint64_t length)
{
    plait_flat_release(f, flat, d);
    plait_flat_add(f, PLAIT_FLAT_COUNT_GAPS, 1);
    plait_flat_add(f, PLAIT_FLAT_COUNT_GAP_OCTETS, length);
    plait_flat_remember(f, flat, d, NULL, length);
    flat->sent[d] += length;
}

void plait_flat_write_octets(struct plait_flatten *f, struct plait_flat *flat, unsigned d,
                             const uint8_t *octets, uint32_t length,
                             const struct plait_packet_ref *packets, unsigned packet_count)
{
    struct plait_flat_segment s = plait_flat_segment(f, flat, d, PLAIT_ACK);
    if (flat->fin_is_sent[d] || flat->is_reset)
        plait_flat_add(f, PLAIT_FLAT_COUNT_LATE_OCTETS, length);
    if (length < flat->mss_octets)
        s.flags |= PLAIT_PSH;
    s.at = flat->sent[d]; /* not behind a FIN that was too early */
    s.octets = octets;
    s.length = length;
    s.packets = packets;
    s.packet_count = packet_count;
    plait_flat_remember(f, flat, d, octets, length);
    plait_flat_write(f, flat, &s);
    flat->sent[d] += length;
}

static void take_octets(void *owner, const struct plait_audit_octets *piece)
{
    struct plait_flatten *f = owner;
    unsigned d = piece->direction;
    struct plait_flat *flat = find(f, piece->connection);
    if (!flat && !piece->is_unsure && piece->octets) /* else plain TCP, which passes */
        flat = join_under_way(f, piece->connection, d);
    if (!flat || !is_flat(flat))
        return;
    if (flat->stage < PLAIT_FLAT_OPEN)
        plait_flat_open(f, flat);
    plait_flat_release(f, flat, !d); /* one side speaks after the other */
    if (!piece->octets)
        write_gap(f, flat, d, piece->length);
    else
        plait_flat_gather(f, flat, d, piece->octets, piece->length, &piece->packet);
    plait_flat_close_if_complete(f, flat);
}

static void take_contradiction(void *owner, const struct plait_audit_contradiction *c)
{
    struct plait_flatten *f = owner;
    if (!f->limits.both)
        return;
    struct plait_flat *flat = find(f, c->connection);
    if (flat && is_flat(flat))
        plait_flat_note_other(f, flat, c);
}

struct plait_audit_sink plait_flatten_sink(void)
{
    return (struct plait_audit_sink){.event = take_event,
                                     .octets = take_octets,
                                     .contradiction = take_contradiction,
                                     .ended = take_ended};
}

/* ---- packets ------------------------------------------------------------------------------- */

void plait_flatten_begin(struct plait_flatten *f, const struct plait_seen *seen)
{
    if (seen->at_ns > f->now_ns)
        f->now_ns = seen->at_ns;
    f->current.seen = seen;
    f->current.is_read = false;
    if (f->oldest_gathered)
        plait_flat_release_due(f);
    if (f->oldest_patch)
        plait_flat_write_due(f);
}

static void note_acknowledged(struct plait_flatten *f, struct plait_flat *flat,
                              const struct plait_audit_place *place)
{
    unsigned d = !place->direction;
    if (!place->has_acked || place->acked <= flat->acked[d])
        return;
    flat->acked[d] = place->acked;
    if (flat->acked[d] > flat->sent[d])
        plait_flat_release(f, flat, d);
}

static void note_fin(struct plait_flat *flat, const struct plait_audit_place *place)
{
    if (!place->has_fin || flat->has_fin[place->direction])
        return;
    flat->has_fin[place->direction] = true;
    flat->fin_at[place->direction] = place->fin_at;
}

static void replace(struct plait_flatten *f, struct plait_flat *flat,
                    const struct plait_audit_place *place)
{
    bool is_first = place->subflow == 0;
    if (is_first && flat->stage < PLAIT_FLAT_OPEN &&
        plait_flat_shake_hands(f, flat, place->is_mptcp))
        return;
    plait_flat_add(f, PLAIT_FLAT_COUNT_REPLACED, 1);
    note_acknowledged(f, flat, place);
    note_fin(flat, place);
    plait_flat_close_if_complete(f, flat);
    plait_flat_acknowledge(f, flat);
}

static void pass_orphan(struct plait_flatten *f, const struct plait_flat *flat)
{
    plait_flat_add(f, PLAIT_FLAT_COUNT_ORPHAN_PACKETS, 1);
    if (!f->limits.drops_orphans)
        plait_flat_pass(f, flat->number, PLAIT_FLAT_ORPHAN, false);
}

void plait_flatten_end(struct plait_flatten *f, const struct plait_audit_place *place)
{
    struct plait_flat *flat = place->connection ? find(f, place->connection) : NULL;
    if (!flat && place->connection && place->is_mptcp)
        flat = join_under_way(f, place->connection, place->direction);
    if (!flat)
        plait_flat_pass(f, place->connection, PLAIT_FLAT_PASSED, false);
    else if (flat->stage == PLAIT_FLAT_ORPHANED)
        pass_orphan(f, flat);
    else if (flat->stage == PLAIT_FLAT_REFUSED)
        plait_flat_pass(f, flat->number, PLAIT_FLAT_PASSED, true);
    else
        replace(f, flat, place);
    f->current.seen = NULL;
}
