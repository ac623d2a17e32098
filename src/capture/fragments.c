/* capture/fragments.c: packets in a table by what RFC 791 and RFC 8200 identify them with, each a
 * list of pieces in order of their offsets. */
#include "capture/fragments.h"

#include <string.h>

#include "base/octets.h"
#include "base/panic.h"
#include "base/pool.h"
#include "base/table.h"
#include "capture/extensions.h"
#include "capture/fragment.h"
#include "wire/checksum.h"

enum {
    PIECE_OCTETS = PLAIT_FRAGMENT_HEADER_MAX_OCTETS,
    WHOLE_MAX_OCTETS = PLAIT_IPV6_HEADER_OCTETS + PLAIT_FRAGMENT_PAYLOAD_MAX_OCTETS
};

const struct plait_fragment_limits plait_fragment_limits = {
    .packets = 1024, .room_octets = 4u << 20, .hold_ns = 30 * PLAIT_S};

struct piece {
    struct piece *next;
    uint32_t offset, length;
    uint8_t octets[PIECE_OCTETS];
};

struct packet {
    struct plait_table_node node;
    struct packet *older, *newer;
    struct plait_fragment_name name;
    plait_time_ns since;
    struct piece *pieces, *last;
    struct piece *header; /* of the fragment with offset 0: all in front of the payload */
    uint32_t total, have; /* payload; total is 0 until the last fragment was seen */
    uint32_t seen_to;     /* end of what was seen that lies farthest */
    uint16_t fragment_count;
    bool is_refused;
};

struct plait_fragments {
    struct plait_table table;
    struct plait_pool packets, pieces;
    struct packet *oldest, *newest;
    plait_time_ns hold_ns;
    struct plait_draw_key key;
    struct plait_capture_counts *counts;
    uint8_t whole[WHOLE_MAX_OCTETS];
};

struct plait_fragments *plait_fragments_new(struct plait_arena *arena,
                                            const struct plait_fragment_limits *limits,
                                            const struct plait_draw_key *key,
                                            struct plait_capture_counts *counts)
{
    struct plait_fragments *f = plait_arena_take(arena, 1, sizeof *f);
    if (!f)
        return NULL;
    f->table = plait_table(arena);
    f->packets = plait_pool(arena, sizeof(struct packet), limits->packets);
    f->pieces = plait_pool(arena, sizeof(struct piece), limits->room_octets / PIECE_OCTETS);
    f->hold_ns = limits->hold_ns;
    f->key = *key;
    f->counts = counts;
    return f;
}

/* ---- packets ---- */

static void count(struct plait_fragments *f, enum plait_capture_reason reason)
{
    plait_capture_count(f->counts, reason);
}

static void give_pieces(struct plait_fragments *f, struct packet *p)
{
    for (struct piece *piece = p->pieces, *next; piece; piece = next) {
        next = piece->next;
        plait_pool_give(&f->pieces, piece);
    }
    plait_pool_give(&f->pieces, p->header);
    p->pieces = p->last = p->header = NULL;
}

static void drop(struct plait_fragments *f, struct packet *p)
{
    give_pieces(f, p);
    plait_table_remove(&f->table, &p->node);
    *(p->older ? &p->older->newer : &f->oldest) = p->newer;
    *(p->newer ? &p->newer->older : &f->newest) = p->older;
    plait_pool_give(&f->packets, p);
}

/* What is refused has been counted then. */
static void give_up(struct plait_fragments *f, struct packet *p, enum plait_capture_reason reason)
{
    if (!p->is_refused)
        count(f, reason);
    drop(f, p);
}

static void refuse(struct plait_fragments *f, struct packet *p, enum plait_capture_reason reason)
{
    count(f, reason);
    give_pieces(f, p);
    p->is_refused = true;
}

static void expire(struct plait_fragments *f, plait_time_ns now)
{
    /* in 128 bits, because a file may say any time */
    while (f->oldest && (__int128)now - f->oldest->since > f->hold_ns)
        give_up(f, f->oldest, PLAIT_CAPTURE_FRAGMENT_LATE);
}

void plait_fragments_end(struct plait_fragments *f)
{
    while (f->oldest)
        give_up(f, f->oldest, PLAIT_CAPTURE_FRAGMENT_LATE);
}

static struct packet *find(struct plait_fragments *f, const struct plait_fragment_name *name,
                           uint64_t hash)
{
    struct plait_table_node *node = NULL;
    while ((node = plait_table_find(&f->table, hash, node))) {
        struct packet *p = PLAIT_OWNER(node, struct packet, node);
        if (memcmp(&p->name, name, sizeof *name) == 0)
            return p;
    }
    return NULL;
}

static struct packet *find_or_add(struct plait_fragments *f, const struct plait_fragment_name *name,
                                  plait_time_ns now)
{
    uint64_t hash = plait_siphash(&f->key, name, sizeof *name);
    struct packet *p = find(f, name, hash);
    if (p)
        return p;
    while (!(p = plait_pool_take(&f->packets)) && f->oldest)
        give_up(f, f->oldest, PLAIT_CAPTURE_FRAGMENT_EVICTED);
    if (!p)
        return NULL;
    if (!plait_table_insert(&f->table, &p->node, hash)) {
        plait_pool_give(&f->packets, p);
        return NULL;
    }
    p->name = *name;
    p->since = now;
    p->older = f->newest;
    *(f->newest ? &f->newest->newer : &f->oldest) = p;
    f->newest = p;
    return p;
}

/* ---- pieces ---- */

/* The room that older packets have is taken from them; NULL if P alone has all. */
static struct piece *take_piece(struct plait_fragments *f, const struct packet *p)
{
    struct piece *piece;
    while (!(piece = plait_pool_take_unset(&f->pieces))) {
        struct packet *victim = f->oldest == p ? p->newer : f->oldest;
        if (!victim)
            return NULL;
        give_up(f, victim, PLAIT_CAPTURE_FRAGMENT_EVICTED);
    }
    return piece;
}

static struct piece *fill_piece(struct piece *piece, uint32_t offset, const uint8_t *octets,
                                uint32_t length)
{
    piece->next = NULL;
    piece->offset = offset;
    piece->length = length;
    memcpy(piece->octets, octets, length);
    return piece;
}

static void link_piece(struct packet *p, struct piece *piece)
{
    struct piece **link = &p->pieces;
    if (p->last && p->last->offset < piece->offset)
        link = &p->last->next; /* as fragments mostly come */
    while (*link && (*link)->offset < piece->offset)
        link = &(*link)->next;
    piece->next = *link;
    *link = piece;
    if (!piece->next)
        p->last = piece;
}

enum meeting { APART, SAME, OVERLAPS };

/* SAME: every octet of the fragment is here already, and is the same. */
static enum meeting meet(const struct packet *p, const struct plait_fragment *f)
{
    uint32_t end = f->offset + f->length, same = 0;
    if (f->offset >= p->seen_to)
        return APART;
    for (const struct piece *piece = p->pieces; piece && piece->offset < end; piece = piece->next) {
        uint32_t from = piece->offset > f->offset ? piece->offset : f->offset;
        uint32_t to = piece->offset + piece->length < end ? piece->offset + piece->length : end;
        if (to <= from)
            continue;
        if (memcmp(piece->octets + (from - piece->offset), f->payload + (from - f->offset),
                   to - from) != 0)
            return OVERLAPS;
        same += to - from;
    }
    return same == 0 ? APART : same == f->length ? SAME : OVERLAPS;
}

static bool keep(struct plait_fragments *all, struct packet *p, const struct plait_fragment *f)
{
    for (uint32_t done = 0, octets; done < f->length; done += octets) {
        struct piece *piece = take_piece(all, p);
        octets = f->length - done < PIECE_OCTETS ? f->length - done : PIECE_OCTETS;
        if (!piece)
            return false;
        link_piece(p, fill_piece(piece, f->offset + done, f->payload + done, octets));
    }
    if (f->offset == 0) {
        p->header = take_piece(all, p);
        if (!p->header)
            return false;
        fill_piece(p->header, 0, f->header, f->header_octets);
        if (f->name.version == 6)
            p->header->octets[f->named_at] = f->protocol;
    }
    p->have += f->length;
    p->fragment_count++;
    return true;
}

/* The last fragment says where the payload ends; all must agree. */
static bool agrees_on_length(struct packet *p, const struct plait_fragment *f)
{
    uint32_t end = f->offset + f->length;
    if (!f->more) {
        if (p->total && p->total != end)
            return false;
        p->total = end;
    }
    p->seen_to = end > p->seen_to ? end : p->seen_to;
    return p->total == 0 || p->seen_to <= p->total;
}

/* ---- the whole ---- */

/* The header says what it would have said. */
static void mend_header(uint8_t *ip, uint32_t whole_octets)
{
    if (ip[0] >> 4 == 6) {
        plait_store_u16(ip + 4, (uint16_t)(whole_octets - PLAIT_IPV6_HEADER_OCTETS));
        return;
    }
    plait_store_u16(ip + 2, (uint16_t)whole_octets);
    plait_store_u16(ip + 6, plait_load_u16(ip + 6) & 0xc000); /* no more, no offset */
    plait_store_u16(ip + 10, 0);
    plait_store_u16(ip + 10, plait_sum_finish(plait_sum_add(0, ip, (ip[0] & 15u) * 4)));
}

static void give_out(struct plait_fragments *f, uint32_t octets, struct plait_ip_octets *whole)
{
    mend_header(f->whole, octets);
    *whole = (struct plait_ip_octets){f->whole, octets, octets};
}

static void assemble(struct plait_fragments *f, struct packet *p, struct plait_ip_octets *whole)
{
    uint32_t header = p->header->length;
    memcpy(f->whole, p->header->octets, header);
    for (const struct piece *piece = p->pieces; piece; piece = piece->next)
        memcpy(f->whole + header + piece->offset, piece->octets, piece->length);
    give_out(f, header + p->total, whole);
    drop(f, p);
}

/* All in one fragment (RFC 6946): nothing else belongs to it.  It may lie in f->whole. */
static void unwrap_atomic(struct plait_fragments *f, const struct plait_fragment *one,
                          struct plait_ip_octets *whole)
{
    memmove(f->whole, one->header, one->header_octets);
    memmove(f->whole + one->header_octets, one->payload, one->length);
    f->whole[one->named_at] = one->protocol;
    give_out(f, one->header_octets + one->length, whole);
}

static bool add(struct plait_fragments *all, struct packet *p, const struct plait_fragment *f)
{
    if (p->is_refused) {
        count(all, PLAIT_CAPTURE_FRAGMENT_REFUSED);
        return false;
    }
    enum meeting met = meet(p, f);
    if (met == OVERLAPS || !agrees_on_length(p, f)) {
        refuse(all, p, PLAIT_CAPTURE_FRAGMENT_OVERLAP);
        return false;
    }
    if (met == SAME) {
        count(all, PLAIT_CAPTURE_FRAGMENT_COPY);
        return false;
    }
    if (p->fragment_count == PLAIT_FRAGMENTS_PER_PACKET_MAX || !keep(all, p, f)) {
        refuse(all, p, PLAIT_CAPTURE_FRAGMENT_ROOM);
        return false;
    }
    if (p->total == 0 || p->have < p->total)
        return false;
    /* the header of the first fragment may be longer than that of the last */
    if (plait_fragment_is_possible(p->name.version, p->header->length, p->total))
        return true;
    refuse(all, p, PLAIT_CAPTURE_FRAGMENT_HEADER);
    return false;
}

bool plait_fragments_add(struct plait_fragments *all, plait_time_ns now, uint16_t network,
                         const struct plait_ip_octets *packet, struct plait_ip_octets *whole)
{
    struct plait_fragment f;
    expire(all, now);
    if (packet->captured_octets < packet->wire_octets) {
        count(all, PLAIT_CAPTURE_FRAGMENT_CUT);
        return false;
    }
    if (!plait_fragment_read(packet, &f)) {
        count(all, PLAIT_CAPTURE_FRAGMENT_HEADER);
        return false;
    }
    if (f.offset == 0 && !f.more && f.name.version == 6) {
        unwrap_atomic(all, &f, whole);
        return true;
    }
    f.name.network = network;
    struct packet *p = find_or_add(all, &f.name, now);
    if (!p) {
        count(all, PLAIT_CAPTURE_FRAGMENT_ROOM);
        return false;
    }
    if (!add(all, p, &f))
        return false;
    assemble(all, p, whole);
    return true;
}
