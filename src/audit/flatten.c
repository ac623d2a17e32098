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

static struct plait_place place_of(const struct plait_packet *p, const uint8_t *addr, uint16_t port)
{
    struct plait_place place = {.addr = {.family = p->family}, .port = port};
    memcpy(place.addr.octets, addr, p->addr_octets);
    return place;
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
    flat->place[sender] = place_of(p, p->src, p->src_port);
    flat->place[!sender] = place_of(p, p->dst, p->dst_port);
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

/* ---- what the other side received --------------------------------------------------------------
 */

/* Of stream D: everything, its FIN included, that was written. */
static uint64_t edge_of(const struct plait_flat *flat, unsigned d)
{
    return flat->sent[d] + flat->fin_is_sent[d];
}

/* What the receiver acknowledged, as far as it was written. */
static uint64_t acked_of(const struct plait_flatten *f, const struct plait_flat *flat, unsigned d)
{
    uint64_t edge = edge_of(flat, d);
    uint64_t acked = f->limits.one_sided || flat->acked[d] > edge ? edge : flat->acked[d];
    return acked > flat->said[d] ? acked : flat->said[d];
}

/* What every segment has: end D sent it, and acknowledges. */
static struct plait_flat_segment segment_of(const struct plait_flatten *f, struct plait_flat *flat,
                                            unsigned d, uint8_t flags)
{
    flat->said[!d] = acked_of(f, flat, !d);
    return (struct plait_flat_segment){.kind = PLAIT_FLAT_OWN,
                                       .from = (uint8_t)d,
                                       .flags = flags,
                                       .at = edge_of(flat, d),
                                       .acked = flat->said[!d]};
}

static void write_flags(struct plait_flatten *f, struct plait_flat *flat, unsigned d, uint8_t flags)
{
    struct plait_flat_segment s = segment_of(f, flat, d, flags);
    plait_flat_write(f, flat, &s);
}

void plait_flat_acknowledge(struct plait_flatten *f, struct plait_flat *flat)
{
    for (unsigned d = 0; d < 2 && flat->stage == PLAIT_FLAT_OPEN; d++)
        if (acked_of(f, flat, d) > flat->said[d])
            write_flags(f, flat, !d, PLAIT_ACK);
}

/* The connection goes: whatever went out was received, as far as anybody can say. */
static void acknowledge_all(struct plait_flatten *f, struct plait_flat *flat)
{
    for (unsigned d = 0; d < 2; d++)
        plait_flat_release(f, flat, d);
    for (unsigned d = 0; d < 2; d++)
        flat->acked[d] = edge_of(flat, d);
    plait_flat_acknowledge(f, flat);
}

/* ---- the handshake ------------------------------------------------------------------------------
 */

/* The end that sent the packet that is being looked at, if that is of the first subflow; else 2. */
static unsigned sender_of(struct plait_flatten *f, const struct plait_flat *flat)
{
    const struct plait_packet *p = plait_flat_packet(f);
    if (!p)
        return 2;
    struct plait_place src = place_of(p, p->src, p->src_port);
    struct plait_place dst = place_of(p, p->dst, p->dst_port);
    for (unsigned end = 0; end < 2; end++)
        if (plait_place_equal(&flat->place[end], &src) &&
            plait_place_equal(&flat->place[!end], &dst))
            return end;
    return 2;
}

/* Numbers begin as those of the first subflow do, so that a refused offer needs no others. */
static void learn_numbers(struct plait_flatten *f, struct plait_flat *flat, unsigned end)
{
    const struct plait_packet *p = plait_flat_packet(f);
    unsigned sender = sender_of(f, flat);
    if (sender > 1)
        return;
    if (sender == end)
        flat->isn[end] = p->seq - !plait_packet_is(p, PLAIT_SYN);
    else if (plait_packet_is(p, PLAIT_ACK))
        flat->isn[end] = p->ack - 1;
}

static void write_syn(struct plait_flatten *f, struct plait_flat *flat, unsigned end)
{
    bool is_answer = end == 1;
    struct plait_flat_segment s =
        segment_of(f, flat, end, is_answer ? PLAIT_SYN | PLAIT_ACK : PLAIT_SYN);
    s.is_first = true;
    plait_flat_write(f, flat, &s);
    flat->stage = is_answer ? PLAIT_FLAT_ANSWERED : PLAIT_FLAT_OFFERED;
    if (is_answer)
        plait_flat_add(f, PLAIT_FLAT_COUNT_CONNECTIONS, 1);
}

/* What of the handshake did not go out goes out now: the capture lacks it. */
static void open_flat(struct plait_flatten *f, struct plait_flat *flat)
{
    for (unsigned end = 0; end < 2; end++) {
        if (flat->stage >= (end ? PLAIT_FLAT_ANSWERED : PLAIT_FLAT_OFFERED))
            continue;
        learn_numbers(f, flat, end);
        write_syn(f, flat, end);
        plait_flat_add(f, PLAIT_FLAT_COUNT_INVENTED, 1);
    }
    if (flat->stage == PLAIT_FLAT_OPEN)
        return;
    const struct plait_packet *p = plait_flat_packet(f);
    bool is_third = p && sender_of(f, flat) == 0 && plait_packet_is(p, PLAIT_ACK);
    plait_flat_add(f, PLAIT_FLAT_COUNT_INVENTED, !is_third);
    write_flags(f, flat, 0, PLAIT_ACK);
    flat->stage = PLAIT_FLAT_OPEN;
}

/* MPTCP is spoken and no handshake was seen: the flow is under way. */
static struct plait_flat *join_under_way(struct plait_flatten *f, uint64_t number, unsigned sender)
{
    struct plait_flat *flat = make(f, number, sender);
    if (!flat)
        return NULL;
    for (unsigned end = 0; end < 2; end++)
        learn_numbers(f, flat, end);
    flat->stage = PLAIT_FLAT_OPEN;
    plait_flat_add(f, PLAIT_FLAT_COUNT_CONNECTIONS, 1);
    return flat;
}

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, OPTION_SCALE = 3 };

static void note_mss(struct plait_flat *flat, uint16_t mss)
{
    if (mss < PLAIT_FLAT_MSS_MIN_OCTETS)
        mss = PLAIT_FLAT_MSS_MIN_OCTETS;
    if (mss < flat->mss_octets)
        flat->mss_octets = mss;
}

/* What the SYN offers, the answer may take. */
static void read_offer(struct plait_flat *flat, const struct plait_packet *p)
{
    struct plait_reader r = plait_reader(p->options, p->options_octets);
    if (plait_packet_is(p, PLAIT_SYN) && !plait_packet_is(p, PLAIT_ACK))
        flat->has_scale = false;
    while (plait_reader_left(&r)) {
        uint8_t kind = plait_read_u8(&r);
        if (kind == OPTION_END)
            return;
        if (kind == OPTION_NOP)
            continue;
        uint8_t length = plait_read_u8(&r);
        struct plait_reader value = plait_read_part(&r, length < 2 ? SIZE_MAX : length - 2u);
        if (r.failed)
            return;
        if (kind == OPTION_MSS && length == 4)
            note_mss(flat, plait_read_u16(&value));
        if (kind == OPTION_SCALE && !plait_packet_is(p, PLAIT_ACK))
            flat->has_scale = true;
    }
}

static void take_offer(struct plait_flatten *f, struct plait_flat *flat,
                       const struct plait_packet *p)
{
    if (flat->stage == PLAIT_FLAT_NEW) {
        flat->isn[0] = p->seq;
        flat->ttl[0] = p->ttl;
        flat->syn_octets =
            p->payload_octets < UINT16_MAX ? (uint16_t)p->payload_octets : UINT16_MAX;
        flat->stage = PLAIT_FLAT_OFFERED;
        read_offer(flat, p);
    }
    if (flat->stage == PLAIT_FLAT_OFFERED)
        plait_flat_pass(f, flat->number, PLAIT_FLAT_PASSED, true);
    else
        plait_flat_add(f, PLAIT_FLAT_COUNT_REPLACED, 1);
}

/* Octets in the SYN passed with it; if they are acknowledged the stream begins behind them. */
static void take_answer(struct plait_flatten *f, struct plait_flat *flat,
                        const struct plait_packet *p)
{
    uint32_t acked = p->ack - (flat->isn[0] + 1);
    if (acked <= flat->syn_octets)
        flat->isn[0] += acked;
    flat->isn[1] = p->seq;
    flat->ttl[1] = p->ttl;
    read_offer(flat, p);
    write_syn(f, flat, 1);
}

/* A packet of the first subflow before the flat flow is open.  True: it was dealt with here. */
static bool shake_hands(struct plait_flatten *f, struct plait_flat *flat, bool is_mptcp)
{
    const struct plait_packet *p = plait_flat_packet(f);
    unsigned sender = sender_of(f, flat);
    if (!p || sender > 1)
        return false;
    bool is_syn = plait_packet_is(p, PLAIT_SYN), is_ack = plait_packet_is(p, PLAIT_ACK);
    if (sender == 0 && is_syn && !is_ack) {
        take_offer(f, flat, p);
        return true;
    }
    bool is_end = plait_packet_is(p, PLAIT_RST) && flat->stage <= PLAIT_FLAT_OFFERED;
    if (flat->stage == PLAIT_FLAT_OFFERED && (is_end || !is_mptcp)) {
        flat->stage = PLAIT_FLAT_REFUSED;
        plait_flat_add(f, PLAIT_FLAT_COUNT_REFUSED, 1);
        plait_flat_pass(f, flat->number, PLAIT_FLAT_PASSED, true);
        return true;
    }
    if (sender == 1 && is_syn && is_ack && flat->stage == PLAIT_FLAT_OFFERED)
        take_answer(f, flat, p);
    else if (sender == 0 && is_ack && !plait_packet_is(p, PLAIT_RST))
        open_flat(f, flat);
    return false;
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void write_fin(struct plait_flatten *f, struct plait_flat *flat, unsigned d)
{
    plait_flat_release(f, flat, d);
    write_flags(f, flat, d, PLAIT_FIN | PLAIT_ACK);
    flat->fin_is_sent[d] = true;
}

static uint64_t gathered_until(const struct plait_flat *flat, unsigned d)
{
    return flat->sent[d] + (flat->gathered[d] ? flat->gathered[d]->length : 0);
}

/* FIN goes out when everything before it did. */
static void close_if_complete(struct plait_flatten *f, struct plait_flat *flat)
{
    for (unsigned d = 0; d < 2 && flat->stage == PLAIT_FLAT_OPEN; d++)
        if (flat->has_fin[d] && !flat->fin_is_sent[d] && gathered_until(flat, d) == flat->fin_at[d])
            write_fin(f, flat, d);
}

static void write_reset(struct plait_flatten *f, struct plait_flat *flat)
{
    if (flat->is_reset || flat->stage < PLAIT_FLAT_ANSWERED)
        return;
    acknowledge_all(f, flat);
    write_flags(f, flat, flat->ender, PLAIT_RST | PLAIT_ACK);
    flat->is_reset = true;
}

/* Ends whose DATA_FIN was not seen, or was of another length than the stream had in the end. */
static void write_close(struct plait_flatten *f, struct plait_flat *flat)
{
    for (unsigned d = 0; d < 2 && flat->stage == PLAIT_FLAT_OPEN && !flat->is_reset; d++)
        if (!flat->fin_is_sent[d])
            write_fin(f, flat, d);
}

static void take_ended(void *owner, const struct plait_audit_connection_view *view)
{
    struct plait_flatten *f = owner;
    struct plait_flat *flat = find(f, view->number);
    if (!flat)
        return;
    if (is_flat(flat)) {
        if (view->end == PLAIT_END_RESET || view->end == PLAIT_END_FASTCLOSE)
            write_reset(f, flat);
        else if (view->end == PLAIT_END_CLOSED)
            write_close(f, flat);
        acknowledge_all(f, flat);
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
    close_if_complete(f, flat);
}

/* What came before it in the SYN/ACK's packet is said of plain TCP already. */
static void take_fallback(struct plait_flatten *f, struct plait_flat *flat)
{
    if (flat->stage != PLAIT_FLAT_OFFERED)
        return;
    const struct plait_packet *p = plait_flat_packet(f);
    if (!p || sender_of(f, flat) != 1 || !plait_packet_is(p, PLAIT_SYN))
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
        write_reset(f, flat);
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
    struct plait_flat_segment s = segment_of(f, flat, d, PLAIT_ACK);
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
        open_flat(f, flat);
    plait_flat_release(f, flat, !d); /* one side speaks after the other */
    if (!piece->octets)
        write_gap(f, flat, d, piece->length);
    else
        plait_flat_gather(f, flat, d, piece->octets, piece->length, &piece->packet);
    close_if_complete(f, flat);
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
    if (is_first && flat->stage < PLAIT_FLAT_OPEN && shake_hands(f, flat, place->is_mptcp))
        return;
    plait_flat_add(f, PLAIT_FLAT_COUNT_REPLACED, 1);
    note_acknowledged(f, flat, place);
    note_fin(flat, place);
    close_if_complete(f, flat);
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
