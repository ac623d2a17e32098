/* audit/flatten_other.c: the other copy, where two packets contradict each other (T-EVA-4).
 *
 * An application reads one of them, and which one is its stack's to say; who inspects must see
 * both.  An overlapping segment in the same flow would leave it to the inspector which one it
 * takes.  So what the later copy says is written, with the stream around it, as a short connection
 * of its own from the next source port. */
#include <string.h>

#include "audit/flatten_inside.h"

#define AROUND PLAIT_FLAT_AROUND_OCTETS
/* A window: what is around the longest patch, and the patch. */
#define WINDOW_OCTETS (2 * AROUND + PLAIT_FLAT_PATCH_OCTETS)

size_t plait_flat_others_octets(void)
{
    return PLAIT_FLAT_HISTORIES_MAX * (sizeof(struct plait_flat_history) + 16) +
           PLAIT_FLAT_PATCHES_MAX * (sizeof(struct plait_flat_patch) + 16);
}

void plait_flat_others_init(struct plait_flatten *f)
{
    f->histories =
        plait_pool(&f->arena, sizeof(struct plait_flat_history), PLAIT_FLAT_HISTORIES_MAX);
    f->patches = plait_pool(&f->arena, sizeof(struct plait_flat_patch), PLAIT_FLAT_PATCHES_MAX);
}

/* ---- what went out ------------------------------------------------------------------------------
 */

static void unlink_history(struct plait_flatten *f, struct plait_flat_history *h)
{
    *(h->older ? &h->older->newer : &f->oldest_history) = h->newer;
    *(h->newer ? &h->newer->older : &f->newest_history) = h->older;
    h->flat->history[h->direction] = NULL;
}

static void link_history(struct plait_flatten *f, struct plait_flat_history *h)
{
    h->older = f->newest_history;
    h->newer = NULL;
    *(h->older ? &h->older->newer : &f->oldest_history) = h;
    f->newest_history = h;
    h->flat->history[h->direction] = h;
}

/* Where there is none left the oldest goes; its stream begins anew when more of it comes. */
static struct plait_flat_history *take_history(struct plait_flatten *f)
{
    struct plait_flat_history *h = plait_pool_take_unset(&f->histories);
    if (!h && f->oldest_history) {
        h = f->oldest_history;
        unlink_history(f, h);
    }
    return h;
}

static struct plait_flat_history *history_of(struct plait_flatten *f, struct plait_flat *flat,
                                             unsigned d)
{
    if (flat->history[d])
        return flat->history[d];
    struct plait_flat_history *h = take_history(f);
    if (!h)
        return NULL;
    h->flat = flat;
    h->direction = (uint8_t)d;
    h->from = h->to = flat->sent[d];
    link_history(f, h);
    return h;
}

static void append(struct plait_flat_history *h, const uint8_t *octets, uint64_t length)
{
    for (uint64_t done = 0; done < length;) {
        uint64_t place = h->to % PLAIT_FLAT_HISTORY_OCTETS;
        uint64_t part = PLAIT_FLAT_HISTORY_OCTETS - place;
        if (part > length - done)
            part = length - done;
        memcpy(h->octets + place, octets + done, part);
        h->to += part;
        done += part;
    }
    if (h->to - h->from > PLAIT_FLAT_HISTORY_OCTETS)
        h->from = h->to - PLAIT_FLAT_HISTORY_OCTETS;
}

void plait_flat_remember(struct plait_flatten *f, struct plait_flat *flat, unsigned d,
                         const uint8_t *octets, uint64_t length)
{
    if (!f->limits.both)
        return;
    struct plait_flat_history *h = history_of(f, flat, d);
    if (!h)
        return;
    if (octets)
        append(h, octets, length);
    else
        h->from = h->to = h->to + length;
}

/* ---- what the others said -----------------------------------------------------------------------
 */

struct window { /* of a stream */
    uint64_t from, to;
    uint8_t octets[WINDOW_OCTETS];
};

/* The patch's own place, and around it what went out. */
static void open_window(struct window *w, const struct plait_flat_patch *p)
{
    const struct plait_flat_history *h = p->flat->history[p->direction];
    w->from = p->from;
    w->to = p->to;
    if (!h || h->from > p->from || h->to < p->from)
        return;
    uint64_t first = p->from > AROUND ? p->from - AROUND : 0;
    w->from = first > h->from ? first : h->from;
    if (h->to > p->to)
        w->to = h->to < p->to + AROUND ? h->to : p->to + AROUND;
    uint64_t known = h->to < w->to ? h->to : w->to; /* the patch may reach beyond what went out */
    for (uint64_t at = w->from; at < known; at++)
        w->octets[at - w->from] = h->octets[at % PLAIT_FLAT_HISTORY_OCTETS];
}

static void lay_over(struct window *w, struct plait_flat_patch *p)
{
    uint64_t from = p->from > w->from ? p->from : w->from, to = p->to < w->to ? p->to : w->to;
    if (from >= to)
        return;
    memcpy(w->octets + (from - w->from), p->octets + (from - p->from), to - from);
    if (p->from >= w->from && p->to <= w->to)
        p->is_written = true;
}

/* P's octets last: where several copies differ each has its turn. */
static void lay_over_all(struct plait_flatten *f, struct window *w, struct plait_flat_patch *p)
{
    for (struct plait_flat_patch *o = f->oldest_patch; o; o = o->newer) {
        bool overlaps = o->from < p->to && p->from < o->to;
        if (o->flat == p->flat && o->direction == p->direction && !overlaps)
            lay_over(w, o);
    }
    lay_over(w, p);
}

/* ---- writing ------------------------------------------------------------------------------- */

/* A connection that says W in direction D, with the numbers that the stream has there. */
struct excerpt {
    struct plait_flatten *f;
    const struct plait_flat *flat;
    unsigned d;
    uint64_t at[2]; /* next of each end */
    struct plait_packet_ref packet;
};

static void say(struct excerpt *e, unsigned from, uint8_t flags, const uint8_t *octets,
                uint32_t length)
{
    struct plait_flat_segment s = {.kind = PLAIT_FLAT_OTHER,
                                   .from = (uint8_t)from,
                                   .flags = flags,
                                   .is_first = flags & PLAIT_SYN,
                                   .at = e->at[from],
                                   .acked = e->at[!from],
                                   .port_shift = e->flat->others,
                                   .octets = octets,
                                   .length = length,
                                   .packets = &e->packet,
                                   .packet_count = 1};
    plait_flat_write(e->f, e->flat, &s);
    e->at[from] += length + !!(flags & PLAIT_FIN);
}

static void say_window(struct excerpt *e, const struct window *w)
{
    say(e, 0, PLAIT_SYN, NULL, 0);
    say(e, 1, PLAIT_SYN | PLAIT_ACK, NULL, 0);
    say(e, 0, PLAIT_ACK, NULL, 0);
    for (uint64_t at = w->from; at < w->to;) {
        uint64_t left = w->to - at;
        uint32_t part = left < e->flat->mss_octets ? (uint32_t)left : e->flat->mss_octets;
        say(e, e->d, part == left ? PLAIT_PSH | PLAIT_ACK : PLAIT_ACK, w->octets + (at - w->from),
            part);
        say(e, !e->d, PLAIT_ACK, NULL, 0);
        at += part;
    }
    say(e, e->d, PLAIT_FIN | PLAIT_ACK, NULL, 0);
    say(e, !e->d, PLAIT_FIN | PLAIT_ACK, NULL, 0);
    say(e, e->d, PLAIT_ACK, NULL, 0);
}

static void write_patch(struct plait_flatten *f, struct plait_flat_patch *p)
{
    struct window w;
    if (p->flat->others >= PLAIT_FLAT_OTHERS_MAX) {
        plait_flat_add(f, PLAIT_FLAT_COUNT_OTHERS_NOT, 1);
        return;
    }
    open_window(&w, p);
    if (w.from == p->from && w.to == p->to)
        plait_flat_add(f, PLAIT_FLAT_COUNT_OTHERS_ALONE, 1);
    lay_over_all(f, &w, p);
    struct excerpt e = {.f = f, .flat = p->flat, .d = p->direction, .packet = p->packet};
    e.at[p->direction] = w.from;
    e.at[!p->direction] = p->flat->sent[!p->direction];
    p->flat->others++;
    if ((uint16_t)(p->flat->place[0].port + p->flat->others) == 0)
        p->flat->others++; /* no port 0 */
    plait_flat_add(f, PLAIT_FLAT_COUNT_OTHERS, 1);
    say_window(&e, &w);
}

/* ---- waiting ------------------------------------------------------------------------------- */

static void write_oldest(struct plait_flatten *f)
{
    struct plait_flat_patch *p = f->oldest_patch;
    if (!p->is_written && p->flat)
        write_patch(f, p);
    if (p->flat)
        p->flat->patches--;
    f->oldest_patch = p->newer;
    if (!p->newer)
        f->newest_patch = NULL;
    plait_pool_give(&f->patches, p);
}

static void add_patch(struct plait_flatten *f, struct plait_flat *flat,
                      const struct plait_audit_contradiction *c, uint32_t from, uint32_t length)
{
    struct plait_flat_patch *p = plait_pool_take_unset(&f->patches);
    if (!p) {
        write_oldest(f);
        p = plait_pool_take_unset(&f->patches);
    }
    if (!p)
        return;
    p->newer = NULL;
    p->flat = flat;
    p->direction = c->direction;
    p->is_written = false;
    p->from = c->offset + from;
    p->to = p->from + length;
    p->due_ns = f->now_ns + PLAIT_FLAT_OTHER_NS;
    p->packet = c->packet;
    memcpy(p->octets, c->later + from, length);
    flat->patches++;
    if (f->newest_patch)
        f->newest_patch->newer = p;
    else
        f->oldest_patch = p;
    f->newest_patch = p;
}

void plait_flat_note_other(struct plait_flatten *f, struct plait_flat *flat,
                           const struct plait_audit_contradiction *c)
{
    for (uint32_t from = 0; from < c->length;) {
        uint32_t left = c->length - from;
        uint32_t part = left < PLAIT_FLAT_PATCH_OCTETS ? left : PLAIT_FLAT_PATCH_OCTETS;
        add_patch(f, flat, c, from, part);
        from += part;
    }
}

static bool is_due(const struct plait_flatten *f, const struct plait_flat_patch *p)
{
    return p->is_written || !p->flat || f->now_ns >= p->due_ns ||
           p->flat->sent[p->direction] >= p->to + AROUND;
}

void plait_flat_write_due(struct plait_flatten *f)
{
    while (f->oldest_patch && is_due(f, f->oldest_patch))
        write_oldest(f);
}

void plait_flat_forget(struct plait_flatten *f, struct plait_flat *flat)
{
    for (struct plait_flat_patch *p = f->oldest_patch; p && flat->patches; p = p->newer) {
        if (p->flat != flat)
            continue;
        if (!p->is_written)
            write_patch(f, p);
        p->flat = NULL;
        flat->patches--;
    }
    for (unsigned d = 0; d < 2; d++) {
        struct plait_flat_history *h = flat->history[d];
        if (!h)
            continue;
        unlink_history(f, h);
        plait_pool_give(&f->histories, h);
    }
}
