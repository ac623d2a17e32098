/* sensor/taps.c: flows with their packets, pairing, comparing. */
#include "sensor/taps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hasher.h"
#include "base/panic.h"
#include "wire/mptcp.h"

enum { CHANGES_MAX = 4096, OPTIONS_OCTETS = 40 };
enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_SACK = 5 };

struct packet {
    uint64_t frame;
    plait_time_ns at_ns;
    uint32_t seq, ack, octets;
    uint64_t digest; /* of the captured payload */
    uint32_t kept;
    uint8_t flags, options_octets;
    bool taken;               /* found in the other tap */
    int32_t place, ack_place; /* seq and ack, from the ways' origins */
    uint8_t options[OPTIONS_OCTETS];
};

/* One direction of a flow in one tap. */
struct way {
    struct packet *packets;
    unsigned count, room;
    bool has_base;
    uint32_t base;          /* SYN's number */
    struct packet **sorted; /* while they are compared, by the place and what they acknowledge */
    uint32_t origin;        /* what both taps count places from, each in its own numbers */
    uint32_t ack_origin;
};

struct flow {
    struct plait_place place[2]; /* of whoever sent the SYN or was seen first, then the other */
    struct way ways[2];
    struct flow *same; /* in the other tap */
};

struct plait_taps {
    struct plait_draw_key key;
    struct flow *flows[2];
    unsigned flow_counts[2];
    struct plait_taps_summary summary;
    uint64_t packets;
    struct plait_tap_change *changes;
    unsigned change_count;
};

const char *plait_tap_change_text(enum plait_tap_change_kind kind)
{
    static const char *const texts[] = {
#define PLAIT_TAP_TEXT(name, text) text,
        PLAIT_TAP_CHANGES(PLAIT_TAP_TEXT)
#undef PLAIT_TAP_TEXT
    };
    return texts[kind];
}

struct plait_taps *plait_taps_new(const struct plait_draw_key *key)
{
    struct plait_taps *t = calloc(1, sizeof *t);
    PLAIT_CHECK(t);
    t->key = *key;
    t->changes = calloc(CHANGES_MAX, sizeof *t->changes);
    PLAIT_CHECK(t->changes);
    for (unsigned tap = 0; tap < 2; tap++) {
        t->flows[tap] = calloc(PLAIT_TAPS_FLOWS_MAX, sizeof *t->flows[tap]);
        PLAIT_CHECK(t->flows[tap]);
    }
    return t;
}

void plait_taps_free(struct plait_taps *t)
{
    for (unsigned tap = 0; tap < 2; tap++) {
        for (unsigned i = 0; i < t->flow_counts[tap]; i++)
            for (unsigned way = 0; way < 2; way++)
                free(t->flows[tap][i].ways[way].packets);
        free(t->flows[tap]);
    }
    free(t->changes);
    free(t);
}

/* ---- seeing ------------------------------------------------------------------------------- */

static struct plait_place place_of(const struct plait_packet *p, bool is_source)
{
    struct plait_place place = {.addr.family = p->family,
                                .port = is_source ? p->src_port : p->dst_port};
    memcpy(place.addr.octets, is_source ? p->src : p->dst, p->addr_octets);
    return place;
}

static bool is_between(const struct flow *f, const struct plait_place *a,
                       const struct plait_place *b)
{
    return plait_place_equal(&f->place[0], a) && plait_place_equal(&f->place[1], b);
}

/* *WAY is the direction of the packet.  A SYN with another number is a new flow. */
static struct flow *flow_of(struct plait_taps *t, const struct plait_packet *p, unsigned *way)
{
    unsigned tap = p->seen->input;
    const struct plait_place src = place_of(p, true), dst = place_of(p, false);
    bool opens = plait_packet_is(p, PLAIT_SYN) && !plait_packet_is(p, PLAIT_ACK);
    for (unsigned i = t->flow_counts[tap]; i-- > 0;) {
        struct flow *f = &t->flows[tap][i];
        bool there = is_between(f, &src, &dst), back = is_between(f, &dst, &src);
        if (there && opens && f->ways[0].has_base && f->ways[0].base != p->seq)
            break;
        if (!there && !back)
            continue;
        *way = back;
        return f;
    }
    if (t->flow_counts[tap] == PLAIT_TAPS_FLOWS_MAX)
        return NULL;
    struct flow *fresh = &t->flows[tap][t->flow_counts[tap]++];
    bool answers = plait_packet_is(p, PLAIT_SYN | PLAIT_ACK);
    fresh->place[answers] = src;
    fresh->place[!answers] = dst;
    *way = answers;
    return fresh;
}

static struct packet *add_packet(struct way *way)
{
    if (way->count == way->room) {
        way->room = way->room ? 2 * way->room : 16;
        way->packets = realloc(way->packets, way->room * sizeof *way->packets);
        PLAIT_CHECK(way->packets);
    }
    return &way->packets[way->count++];
}

void plait_taps_see(struct plait_taps *t, const struct plait_packet *p)
{
    unsigned direction = 0;
    struct flow *f = t->packets < PLAIT_TAPS_PACKETS_MAX ? flow_of(t, p, &direction) : NULL;
    if (!f || p->seen->input > 1 || p->options_octets > OPTIONS_OCTETS) {
        t->summary.packets_left_out++;
        return;
    }
    t->packets++;
    struct way *way = &f->ways[direction];
    if (plait_packet_is(p, PLAIT_SYN) && !way->has_base) {
        way->has_base = true;
        way->base = p->seq;
    }
    struct packet *kept = add_packet(way);
    *kept = (struct packet){.frame = p->seen->frame,
                            .at_ns = p->seen->at_ns,
                            .seq = p->seq,
                            .ack = p->ack,
                            .octets = p->payload_octets,
                            .digest = plait_siphash(&t->key, p->payload, p->kept_octets),
                            .kept = p->kept_octets,
                            .flags = p->flags,
                            .options_octets = p->options_octets};
    memcpy(kept->options, p->options, p->options_octets);
}

/* ---- pairing ------------------------------------------------------------------------------ */

static bool same_places(const struct flow *a, const struct flow *b)
{
    return is_between(b, &a->place[0], &a->place[1]) && a->ways[0].has_base == b->ways[0].has_base;
}

static bool same_number(const struct flow *a, const struct flow *b)
{
    return a->ways[0].has_base && b->ways[0].has_base && a->ways[0].base == b->ways[0].base;
}

/* The MPTCP option of a SYN has a key, or a token and a nonce; v1's first one has neither. */
static bool same_hello(const struct flow *a, const struct flow *b)
{
    if (!a->ways[0].count || !b->ways[0].count || !a->ways[0].has_base || !b->ways[0].has_base)
        return false;
    const struct packet *x = a->ways[0].packets, *y = b->ways[0].packets;
    for (unsigned i = 0; i + 12 <= x->options_octets; i++)
        for (unsigned k = 0; k + 12 <= y->options_octets; k++)
            if (x->options[i] == PLAIT_OPTION_MPTCP && x->options[i + 1] == 12 &&
                memcmp(x->options + i, y->options + k, 12) == 0)
                return true;
    return false;
}

static void pair_by(struct plait_taps *t, bool (*same)(const struct flow *, const struct flow *))
{
    for (unsigned i = 0; i < t->flow_counts[0]; i++)
        for (unsigned k = 0; k < t->flow_counts[1] && !t->flows[0][i].same; k++) {
            struct flow *a = &t->flows[0][i], *b = &t->flows[1][k];
            if (b->same || !same(a, b))
                continue;
            a->same = b;
            b->same = a;
        }
}

/* ---- changes ------------------------------------------------------------------------------ */

struct comparison {
    struct plait_taps *taps;
    unsigned flow, direction;
    const struct flow *a, *b;
};

static struct plait_tap_change *change(const struct comparison *c, enum plait_tap_change_kind kind,
                                       uint8_t option, uint8_t subtype, const struct packet *a,
                                       const struct packet *b)
{
    struct plait_taps *t = c->taps;
    for (unsigned i = 0; i < t->change_count; i++) {
        struct plait_tap_change *known = &t->changes[i];
        if (known->flow != c->flow || known->from_listener != c->direction || known->kind != kind ||
            known->option != option || known->subtype != subtype)
            continue;
        known->count++;
        return known;
    }
    if (t->change_count == CHANGES_MAX)
        return NULL;
    struct plait_tap_change *fresh = &t->changes[t->change_count++];
    *fresh = (struct plait_tap_change){.kind = kind,
                                       .flow = c->flow,
                                       .from_listener = c->direction,
                                       .option = option,
                                       .subtype = subtype,
                                       .count = 1,
                                       .frame = {a ? a->frame : 0, b ? b->frame : 0},
                                       .at_ns = a ? a->at_ns : b->at_ns};
    const struct flow *flows[] = {c->a, c->b};
    for (unsigned tap = 0; tap < 2; tap++) {
        fresh->from[tap] = flows[tap]->place[c->direction];
        fresh->to[tap] = flows[tap]->place[1 - c->direction];
    }
    return fresh;
}

/* ---- options ------------------------------------------------------------------------------ */

struct option {
    const uint8_t *at;
    uint8_t octets;
};

static unsigned split(const struct packet *p, struct option *options)
{
    unsigned count = 0;
    for (unsigned at = 0; at < p->options_octets && p->options[at] != OPTION_END;) {
        unsigned octets = p->options[at] == OPTION_NOP ? 1
                          : at + 1 < p->options_octets ? p->options[at + 1]
                                                       : 0;
        if (octets == 0 || (octets == 1 && p->options[at] != OPTION_NOP) ||
            at + octets > p->options_octets)
            break;
        if (octets > 1)
            options[count++] = (struct option){p->options + at, (uint8_t)octets};
        at += octets;
    }
    return count;
}

static uint8_t subtype_of(const struct option *o)
{
    return o->at[0] == PLAIT_OPTION_MPTCP && o->octets > 2 ? o->at[2] >> 4 : 0;
}

static bool same_kind(const struct option *a, const struct option *b)
{
    return a->at[0] == b->at[0] && subtype_of(a) == subtype_of(b);
}

static bool equal_options(const struct option *a, const struct option *b)
{
    return a->octets == b->octets && memcmp(a->at, b->at, a->octets) == 0;
}

static void name_option(struct plait_tap_change *c)
{
    static const struct {
        uint8_t kind;
        const char *name;
    } names[] = {{2, "MSS"},        {3, "window scale"}, {4, "SACK permitted"}, {5, "SACK"},
                 {8, "timestamps"}, {19, "MD5"},         {29, "TCP-AO"},        {34, "Fast Open"}};
    const char *name =
        c->option == PLAIT_OPTION_MPTCP ? plait_mptcp_subtype_name(c->subtype) : NULL;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        name = names[i].kind == c->option ? names[i].name : name;
    if (name)
        snprintf(c->what, sizeof c->what, "%s", name);
    else
        snprintf(c->what, sizeof c->what, "option %u", c->option);
}

static void say_option(const struct comparison *c, enum plait_tap_change_kind kind,
                       const struct option *o, const struct packet *a, const struct packet *b)
{
    struct plait_tap_change *said = change(c, kind, o->at[0], subtype_of(o), a, b);
    if (said && said->count == 1)
        name_option(said);
}

/* SACK blocks are numbers, which are moved with the others. */
static bool may_differ(const struct option *o, bool is_moved)
{
    return is_moved && o->at[0] == OPTION_SACK;
}

static void compare_options(const struct comparison *c, const struct packet *a,
                            const struct packet *b, bool is_moved)
{
    struct option of_a[OPTIONS_OCTETS], of_b[OPTIONS_OCTETS];
    unsigned count_a = split(a, of_a), count_b = split(b, of_b);
    bool found[OPTIONS_OCTETS] = {false};
    for (unsigned i = 0; i < count_a; i++) {
        unsigned k = 0;
        while (k < count_b && (found[k] || !same_kind(&of_a[i], &of_b[k])))
            k++;
        if (k == count_b) {
            say_option(c, PLAIT_TAP_OPTION_REMOVED, &of_a[i], a, b);
            continue;
        }
        found[k] = true;
        if (!equal_options(&of_a[i], &of_b[k]) && !may_differ(&of_a[i], is_moved))
            say_option(c, PLAIT_TAP_OPTION_ALTERED, &of_a[i], a, b);
    }
    for (unsigned k = 0; k < count_b; k++)
        if (!found[k])
            say_option(c, PLAIT_TAP_OPTION_ADDED, &of_b[k], a, b);
}

/* ---- packets ------------------------------------------------------------------------------ */

static const uint8_t kind_flags = PLAIT_SYN | PLAIT_FIN | PLAIT_RST;

/* How B's numbers of a direction differ from A's: as the SYNs say, else not at all. */
static uint32_t moved_by(const struct way *a, const struct way *b)
{
    return a->has_base && b->has_base ? b->base - a->base : 0;
}

static int by_place(const void *x, const void *y)
{
    const struct packet *a = *(struct packet *const *)x, *b = *(struct packet *const *)y;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    if (a->ack_place != b->ack_place)
        return a->ack_place < b->ack_place ? -1 : 1;
    return (a > b) - (a < b); /* as they came */
}

static void sort(struct way *way)
{
    way->sorted = calloc(way->count + 1, sizeof(struct packet *));
    PLAIT_CHECK(way->sorted);
    for (unsigned i = 0; i < way->count; i++) {
        struct packet *p = &way->packets[i];
        p->place = (int32_t)(p->seq - way->origin);
        p->ack_place = p->flags & PLAIT_ACK ? (int32_t)(p->ack - way->ack_origin) : 0;
        way->sorted[i] = p;
    }
    qsort(way->sorted, way->count, sizeof(struct packet *), by_place);
}

/* The first in sorted order that is not before PLACE and ACK_PLACE. */
static unsigned first_at(const struct way *way, int32_t place, int32_t ack_place)
{
    unsigned low = 0, high = way->count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        const struct packet *p = way->sorted[middle];
        bool before = p->place != place ? p->place < place : p->ack_place < ack_place;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return low;
}

static bool is_same_packet(const struct packet *a, const struct packet *b)
{
    return !b->taken && a->octets == b->octets &&
           (a->flags & kind_flags) == (b->flags & kind_flags);
}

/* The first copy that nobody has taken, from place I on, as far as FAR. */
static struct packet *take_from(const struct packet *a, const struct way *in, unsigned i,
                                bool same_ack)
{
    enum { FAR = 256 };
    for (unsigned n = 0; n < FAR && i < in->count; n++, i++) {
        struct packet *b = in->sorted[i];
        if (b->place != a->place || (same_ack && b->ack_place != a->ack_place))
            return NULL;
        if (is_same_packet(a, b))
            return b;
    }
    return NULL;
}

/* Octets that acknowledge something else are still the same octets; an ACK alone is not. */
static struct packet *find(const struct packet *a, const struct way *in)
{
    struct packet *b = take_from(a, in, first_at(in, a->place, a->ack_place), true);
    bool has_place = a->octets || a->flags & kind_flags;
    return b || !has_place ? b : take_from(a, in, first_at(in, a->place, INT32_MIN), false);
}

static void compare_packets(const struct comparison *c, const struct packet *a,
                            const struct packet *b, uint32_t moved, uint32_t ack_moved)
{
    struct plait_tap_change *numbers = moved ? change(c, PLAIT_TAP_NUMBERS, 0, 0, a, b) : NULL;
    if (numbers)
        numbers->moved_by = moved;
    if (a->flags & b->flags & PLAIT_ACK && b->ack - a->ack != ack_moved)
        change(c, PLAIT_TAP_ACK, 0, 0, a, b);
    if (a->kept == b->kept && a->digest != b->digest)
        change(c, PLAIT_TAP_PAYLOAD, 0, 0, a, b);
    compare_options(c, a, b, moved || ack_moved);
}

/* Whether some of P's octets are in the other tap, in segments of another length. */
static bool is_elsewhere(const struct packet *p, const struct way *in)
{
    enum { LONGEST = 65535, FAR = 4096 };
    int64_t end = (int64_t)p->place + p->octets;
    int64_t start = (int64_t)p->place - LONGEST;
    unsigned i = first_at(in, start < INT32_MIN ? INT32_MIN : (int32_t)start, INT32_MIN);
    for (unsigned n = 0; p->octets && n < FAR && i < in->count && in->sorted[i]->place < end;
         n++, i++)
        if (in->sorted[i]->octets &&
            (int64_t)in->sorted[i]->place + in->sorted[i]->octets > p->place)
            return true;
    return false;
}

static void say_rest(const struct comparison *c, const struct way *ways[2])
{
    for (unsigned tap = 0; tap < 2; tap++)
        for (unsigned i = 0; i < ways[tap]->count; i++) {
            const struct packet *p = &ways[tap]->packets[i];
            if (p->taken)
                continue;
            bool elsewhere = is_elsewhere(p, ways[1 - tap]);
            change(c,
                   elsewhere ? PLAIT_TAP_RESEGMENTED
                   : tap     ? PLAIT_TAP_APPEARED
                             : PLAIT_TAP_MISSING,
                   0, 0, tap ? NULL : p, tap ? p : NULL);
        }
}

static void compare_ways(const struct comparison *c, struct way *a, struct way *b,
                         uint32_t ack_moved)
{
    uint32_t moved = moved_by(a, b);
    const struct way *ways[2] = {a, b};
    a->origin = a->has_base ? a->base : a->count ? a->packets[0].seq : 0;
    b->origin = a->origin + moved;
    a->ack_origin = a->count ? a->packets[a->count - 1].ack : 0;
    b->ack_origin = a->ack_origin + ack_moved;
    sort(a);
    sort(b);
    for (unsigned i = 0; i < a->count; i++) {
        struct packet *same = find(&a->packets[i], b);
        if (!same)
            continue;
        a->packets[i].taken = same->taken = true;
        c->taps->summary.packets_same++;
        compare_packets(c, &a->packets[i], same, moved, ack_moved);
    }
    say_rest(c, ways);
    free(a->sorted);
    free(b->sorted);
}

static void compare_flows(struct plait_taps *t, unsigned number, struct flow *a, struct flow *b)
{
    for (unsigned d = 0; d < 2; d++) {
        const struct comparison c = {t, number, d, a, b};
        if (!is_between(b, &a->place[0], &a->place[1]) && a->ways[d].count && b->ways[d].count)
            change(&c, PLAIT_TAP_ADDRESSES, 0, 0, a->ways[d].packets, b->ways[d].packets);
        compare_ways(&c, &a->ways[d], &b->ways[d], moved_by(&a->ways[1 - d], &b->ways[1 - d]));
    }
}

static int by_time(const void *x, const void *y)
{
    const struct plait_tap_change *a = x, *b = y;
    if (a->at_ns != b->at_ns)
        return a->at_ns < b->at_ns ? -1 : 1;
    return (int)a->kind - (int)b->kind;
}

const struct plait_tap_change *plait_taps_compare(struct plait_taps *t, unsigned *count)
{
    pair_by(t, same_places);
    pair_by(t, same_number);
    pair_by(t, same_hello);
    for (unsigned i = 0; i < t->flow_counts[0]; i++) {
        struct flow *a = &t->flows[0][i];
        t->summary.flows_both += a->same != NULL;
        t->summary.flows_only[0] += a->same == NULL;
        if (a->same)
            compare_flows(t, i + 1, a, a->same);
    }
    t->summary.flows_only[1] = t->flow_counts[1] - t->summary.flows_both;
    qsort(t->changes, t->change_count, sizeof *t->changes, by_time);
    *count = t->change_count;
    return t->changes;
}

struct plait_taps_summary plait_taps_summary(const struct plait_taps *t)
{
    return t->summary;
}
