/* What must hold of every benign scenario, seen whole: one connection, the octets of the
 * applications, no gap, nothing of severity warning or above, no proof judged invalid.  Of one that
 * is seen in part: the same, but for what is said to be missing. */
#include "tests/audit/oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/tcp.h"

enum {
    LINKS_MAX = 32,
    STREAMS_MAX = 64,
    ALIGNED_BY = 64,
    SNAPLEN_OCTETS = 96,
    ARENA_OCTETS = 24 << 20
};

struct rebuilt { /* one direction of one connection */
    uint64_t edge, delivered, gaps;
    unsigned writer; /* a join that found no connection has ends of its own */
    uint64_t base;   /* of the application's stream: where offset 0 is */
    bool is_aligned;
    unsigned sample_count;
    uint64_t sample_at[ALIGNED_BY];
    uint8_t sample[ALIGNED_BY];
};

struct watch {
    const struct scenario *s;
    const struct plait_audit *audit;
    enum vantage vantage;
    enum fault fault;
    bool prints, says_gap, shows_data; /* of what was given */
    uint64_t ended;
    struct rebuilt streams[STREAMS_MAX][2]; /* of connections 1, 2, ... */
    struct verdict verdict;
};

const char *vantage_name(enum vantage vantage)
{
    static const char *const names[] = {"client", "server", "both", "all"};
    return names[vantage];
}

const char *fault_name(enum fault fault)
{
    static const char *const names[] = {"none", "missing", "one-way", "snapped", "cut", "joined"};
    return names[fault];
}

static void fail(struct watch *w, const char *why, const char *detail)
{
    if (w->verdict.failure)
        return;
    w->verdict.failure = why;
    snprintf(w->verdict.detail, sizeof w->verdict.detail, "%s", detail);
}

/* ---- the streams --------------------------------------------------------------------------- */

/* What end D wrote at OFFSET. */
static uint8_t wrote(const struct watch *w, unsigned d, uint64_t offset)
{
    return app_pattern(w->s->apps[d].salt, offset);
}

static bool fits(const struct watch *w, const struct rebuilt *r, unsigned writer, uint64_t base)
{
    for (unsigned i = 0; i < r->sample_count; i++)
        if (wrote(w, writer, base + r->sample_at[i]) != r->sample[i])
            return false;
    return true;
}

/* A capture that lacks the beginning has offset 0 anywhere. */
static void align(struct watch *w, unsigned d, struct rebuilt *r)
{
    r->is_aligned = true;
    for (unsigned other = 0; other < 2; other++) {
        r->writer = d ^ other;
        for (r->base = 0; r->base < w->s->apps[r->writer].sent; r->base++)
            if (fits(w, r, r->writer, r->base))
                return;
    }
    fail(w, "octets that nobody wrote", "the first ones are nowhere in the streams");
}

static void check_octet(struct watch *w, unsigned d, struct rebuilt *r, uint64_t at, uint8_t octet)
{
    if (!r->is_aligned) {
        r->sample_at[r->sample_count] = at;
        r->sample[r->sample_count++] = octet;
        if (r->sample_count == ALIGNED_BY)
            align(w, d, r);
    } else if (wrote(w, r->writer, r->base + at) != octet) {
        char text[100];
        snprintf(text, sizeof text, "at %" PRIu64 " of the %s's stream", r->base + at,
                 r->writer ? "server" : "client");
        fail(w, "an octet that was not written there", text);
    }
}

static struct rebuilt *stream_of(struct watch *w, uint64_t connection, unsigned d)
{
    return connection && connection <= STREAMS_MAX ? &w->streams[connection - 1][d] : NULL;
}

static void take_octets(void *owner, const struct plait_audit_octets *piece)
{
    struct watch *w = owner;
    unsigned d = piece->direction;
    struct rebuilt *r = stream_of(w, piece->connection, d);
    if (w->prints)
        printf("  %" PRIu64 "/%u: %s%s%s %" PRIu64 " + %" PRIu64 " (packet %" PRIu64 ")\n",
               piece->connection, d, piece->octets ? "octets" : "GAP",
               piece->is_unsure ? " unsure" : "", piece->is_ambiguous ? " ambiguous" : "",
               piece->offset, piece->length, piece->packet.frame);
    if (!r)
        return;
    if (piece->offset != r->edge)
        fail(w, "the stream has no order", "a piece does not begin where the last one ended");
    r->edge = piece->offset + piece->length;
    if (!piece->octets) {
        r->gaps += piece->length;
        w->says_gap = true;
        return;
    }
    r->delivered += piece->length;
    w->verdict.octets += piece->length;
    if (w->fault != WHOLE && piece->is_unsure)
        return;
    for (uint64_t i = 0; i < piece->length && !w->verdict.failure; i++)
        check_octet(w, d, r, piece->offset + i, piece->octets[i]);
}

/* ---- what is said -------------------------------------------------------------------------- */

static void take_alert(void *owner, const struct plait_alert *alert)
{
    struct watch *w = owner;
    char text[300];
    snprintf(text, sizeof text, "%s %s: %s (packet %" PRIu64 ")", alert->rule->id,
             alert->rule->name, alert->text, alert->packets[alert->packet_count - 1].frame);
    if (w->prints)
        printf("  %s %s\n", plait_severity_name(alert->rule->severity), text);
    if (alert->rule->severity >= PLAIT_WARNING)
        fail(w, "a false alarm", text);
}

static void take_event(void *owner, const struct plait_audit_event *event)
{
    struct watch *w = owner;
    if (w->prints)
        printf("  %.6f event %s of %" PRIu64 ".%u dir %u packet %" PRIu64 " input %u: %s %s offset "
               "%" PRIu64 " length %u\n",
               (double)event->packet.at_ns / 1e9, plait_audit_event_name(event->kind),
               event->connection, event->subflow, event->direction, event->packet.frame,
               event->packet.input, plait_judgement_name(event->judgement),
               event->cause ? event->cause : "", event->offset, event->length);
    if (event->judgement == PLAIT_INVALID)
        fail(w, "judged invalid", plait_audit_event_name(event->kind));
}

static void take_ended(void *owner, const struct plait_audit_connection_view *view)
{
    struct watch *w = owner;
    w->ended++;
    w->says_gap = w->says_gap || view->has_gap;
    if (w->prints)
        printf("  connection %" PRIu64 " %s: version %u, %u subflows, octets %" PRIu64 " %" PRIu64
               "%s%s\n",
               view->number, plait_audit_end_name(view->end), view->version, view->subflow_count,
               view->octets[0], view->octets[1], view->has_gap ? ", gap" : "",
               view->has_fallen_back ? ", fallen back" : "");
}

/* ---- giving -------------------------------------------------------------------------------- */

static bool is_in_view(const struct watch *w, const struct recorded *p)
{
    switch (w->vantage) { /* link 0 is the client's, 1 the server's */
    case AT_CLIENT:
        return p->link == 0;
    case AT_SERVER:
        return p->link == 1;
    case AT_BOTH:
        return p->link < 2;
    default:
        return true;
    }
}

static uint64_t drawn(const struct watch *w, const char *what, uint64_t n, uint64_t bound)
{
    return plait_draw_below(&w->s->key, "capture", what, n, bound);
}

static bool is_missed(const struct watch *w, const struct recording *r, size_t i)
{
    const struct recorded *p = &r->packets[i];
    switch (w->fault) {
    case MISSING:
        return drawn(w, "missing", i, 100) == 0;
    case ONE_WAY: {
        /* Links 0 and 1 run from left to right and so do all others. */
        enum plait_way way = drawn(w, "way", 0, 2) ? PLAIT_A_TO_B : PLAIT_B_TO_A;
        return p->way != way;
    }
    case CUT:
        return i > drawn(w, "cut", 0, r->count);
    case JOINED:
        return i < drawn(w, "joined", 0, r->count);
    default:
        return false;
    }
}

static uint32_t kept_octets(const struct watch *w, const struct recording *r, size_t i)
{
    uint32_t whole = r->packets[i].length_octets;
    if (w->fault == SNAPPED)
        return whole < SNAPLEN_OCTETS ? whole : SNAPLEN_OCTETS;
    if (w->fault == CUT && i == drawn(w, "cut", 0, r->count))
        return (uint32_t)drawn(w, "octet", 0, whole);
    return whole;
}

static bool has_data(const struct plait_seen *seen)
{
    struct plait_segment g;
    return plait_ok(plait_segment_parse(seen->ip, seen->ip_octets, &g)) && g.payload_octets > 0;
}

static void print_packet(const struct watch *w, const struct plait_seen *seen)
{
    struct plait_segment g;
    if (!w->prints || !plait_ok(plait_segment_parse(seen->ip, seen->wire_octets, &g)))
        return;
    printf("  %.6f packet %" PRIu64 " input %u: port %u flags %02x seq %u ack %u, %zu octets",
           (double)seen->at_ns / 1e9, seen->frame, seen->input, g.src_port, g.flags, g.seq, g.ack,
           g.payload_octets);
    for (unsigned i = 0; i < g.mptcp_count; i++)
        printf(" %s", plait_mptcp_subtype_name(g.mptcp[i].subtype));
    printf("\n");
}

static void give_all(struct watch *w, struct plait_audit *audit, const struct recording *r)
{
    uint64_t frames[LINKS_MAX] = {0};
    for (size_t i = 0; i < r->count && !w->verdict.failure; i++) {
        const struct recorded *p = &r->packets[i];
        if (!is_in_view(w, p) || is_missed(w, r, i))
            continue;
        const struct plait_seen seen = {.at_ns = p->at_ns,
                                        .frame = ++frames[p->link],
                                        .input = p->link,
                                        .ip = recorded_octets(r, i),
                                        .ip_octets = kept_octets(w, r, i),
                                        .wire_octets = p->length_octets};
        print_packet(w, &seen);
        w->shows_data = w->shows_data || has_data(&seen);
        (void)plait_audit_packet(audit, &seen);
        w->verdict.packets++;
    }
    plait_audit_end(audit);
}

/* ---- judging ------------------------------------------------------------------------------- */

/* What the other end read is more than was rebuilt. */
static bool lacks(const struct watch *w, unsigned d)
{
    uint64_t rebuilt = 0;
    for (unsigned i = 0; i < STREAMS_MAX; i++)
        rebuilt += w->streams[i][d].delivered;
    return rebuilt < w->s->apps[!d].read;
}

/* The first SYN may have been refused, and late packets may come after the end: one of the
 * connections holds all. */
static const struct rebuilt *largest(const struct watch *w, unsigned d)
{
    const struct rebuilt *found = &w->streams[0][d];
    for (unsigned i = 1; i < STREAMS_MAX; i++)
        if (w->streams[i][d].delivered > found->delivered)
            found = &w->streams[i][d];
    return found;
}

/* Options that vanish in mid-connection, and come back: the RFC knows no way back (RFC 8684 §3.7),
 * ours go on, and which of the octets without mappings they took the wire does not say. */
static bool is_open_what_was_taken(const struct scenario *s)
{
    return s->stripper.ways && s->stripper.from_ns > 0 && s->stripper.until_ns != PLAIT_NEVER;
}

static void judge_whole(struct watch *w)
{
    char text[200];
    for (unsigned d = 0; d < 2 && !is_open_what_was_taken(w->s); d++) {
        const struct rebuilt *r = largest(w, d);
        snprintf(text, sizeof text,
                 "%s: sent %" PRIu64 ", read by its peer %" PRIu64 ", rebuilt %" PRIu64
                 " from %" PRIu64 ", in gaps %" PRIu64,
                 d ? "server" : "client", w->s->apps[d].sent, w->s->apps[!d].read, r->delivered,
                 r->base, r->gaps);
        if (r->edge - r->gaps < w->s->apps[!d].read || r->base || !fits(w, r, d, 0))
            fail(w, "not rebuilt whole", text);
        if (r->gaps && w->s->apps[!d].read == w->s->apps[d].sent)
            fail(w, "a gap where nothing is missing", text);
        if (r->delivered > w->s->apps[d].sent)
            fail(w, "more was rebuilt than written", text);
    }
}

/* A hole that was never filled on the net is a gap at the end: then the peer did not read on. */
static bool is_silent(const struct watch *w, const struct plait_audit_counts *counts)
{
    static const enum plait_audit_count ways[] = {
        PLAIT_COUNT_GAPS,         PLAIT_COUNT_CUT,
        PLAIT_COUNT_CUT_HEADERS,  PLAIT_COUNT_UNMAPPED_OCTETS,
        PLAIT_COUNT_EARLY_OCTETS, PLAIT_COUNT_LATE_OCTETS,
        PLAIT_COUNT_JOINS_UNKNOWN};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (counts->count[ways[i]])
            return false;
    return !w->says_gap;
}

/* A capture that began after the connection's end has at most attempts that were refused: whether
 * it did its packets say, and not the auditor. */
static bool began_too_late(const struct watch *w)
{
    return w->fault == JOINED && !w->shows_data;
}

static void judge(struct watch *w, const struct plait_audit_counts *counts)
{
    char text[100];
    static const enum plait_audit_count never[] = {
        PLAIT_COUNT_MACS_INVALID,        PLAIT_COUNT_CHECKSUMS_INVALID, PLAIT_COUNT_MACS_PRE_RFC,
        PLAIT_COUNT_CONTRADICTED_OCTETS, PLAIT_COUNT_NO_ROOM,           PLAIT_COUNT_EVICTED};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        snprintf(text, sizeof text, "%" PRIu64 " %s", counts->count[never[i]],
                 plait_audit_count_text(never[i]));
        if (counts->count[never[i]])
            fail(w, "counted", text);
    }
    if (counts->count[PLAIT_COUNT_CONNECTIONS] != w->ended)
        fail(w, "a connection has no end", "");
    if (w->fault == WHOLE)
        judge_whole(w);
    else if (w->verdict.packets && w->fault != CUT && (lacks(w, 0) || lacks(w, 1)) &&
             !began_too_late(w) && is_silent(w, counts))
        fail(w, "what is missing is not said", "");
}

struct verdict audit_scenario(const struct scenario *s, const struct recording *recording,
                              enum vantage vantage, enum fault fault, bool prints)
{
    static struct watch w;
    w = (struct watch){.s = s, .vantage = vantage, .fault = fault, .prints = prints};
    static const struct plait_audit_sink sink = {
        .event = take_event, .octets = take_octets, .alert = take_alert, .ended = take_ended};
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = ARENA_OCTETS;
    limits.is_whole = fault == WHOLE && vantage >= AT_BOTH;
    limits.hold_ns = 3600 * PLAIT_S; /* a path may be cut for longer than the 60 s of the default */
    static uint8_t *memory;
    size_t octets = (plait_audit_arena_octets(&limits) + 15) & ~(size_t)15;
    if (!memory && !(memory = aligned_alloc(16, octets)))
        abort();
    struct plait_arena arena = plait_arena(memory, octets);
    struct plait_audit *audit = plait_audit_new(&arena, &limits, &s->key, &sink, &w);
    if (!audit)
        abort();
    give_all(&w, audit, recording);
    w.verdict.counts = *plait_audit_counts(audit);
    judge(&w, &w.verdict.counts);
    return w.verdict;
}
