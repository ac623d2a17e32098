/* sensor/precedence.c: from one number to the next at which something changes, with the earliest
 * time it was sent and the first effect that shows it, in each input. */
#include "sensor/precedence.h"

#include <stdlib.h>

#include "sensor/merge.h"

#define NEVER INT64_MAX

/* One input's facts.  OPEN are those that hold the number at which the sweep is, the earliest
 * first: places in SENT. */
struct lane {
    const struct plait_precedence *sent, *effects;
    unsigned sent_count, effect_count, next_sent, next_effect;
    struct plait_merge open;
    int64_t end; /* of what it has */
};

struct sweep {
    struct lane lanes[PLAIT_CLOCKS_MAX];
    unsigned count; /* of them that are looked at */
    const bool *is_cut;
    bool needs_all; /* enum plait_copies, decided */
    uint64_t once, twice;
    struct plait_lags *lags;
};

/* ---- order -------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const struct plait_precedence *x = a, *y = b;
    if (x->input != y->input)
        return x->input < y->input ? -1 : 1;
    if (x->is_effect != y->is_effect)
        return (int)x->is_effect - (int)y->is_effect;
    int64_t p = x->is_effect ? x->to : x->from, q = y->is_effect ? y->to : y->from;
    if (p != q)
        return p < q ? -1 : 1;
    return (x->at_ns > y->at_ns) - (x->at_ns < y->at_ns);
}

static void add_to_lane(struct lane *lane, const struct plait_precedence *fact)
{
    if (fact->is_effect) {
        lane->effects = lane->effect_count ? lane->effects : fact;
        lane->effect_count++;
        return;
    }
    lane->sent = lane->sent_count ? lane->sent : fact;
    lane->end = !lane->sent_count || fact->to > lane->end ? fact->to : lane->end;
    lane->sent_count++;
}

static void begin(struct lane *lane)
{
    lane->next_sent = lane->next_effect = lane->open.count = 0;
}

/* ---- one number --------------------------------------------------------------------------- */

static const struct plait_precedence *opened(const struct lane *lane)
{
    return lane->open.count ? &lane->sent[lane->open.heads[0].input] : NULL;
}

static void go_to(struct lane *lane, int64_t at)
{
    struct plait_head head;
    for (; lane->next_sent < lane->sent_count && lane->sent[lane->next_sent].from <= at;
         lane->next_sent++)
        plait_merge_put(&lane->open, lane->sent[lane->next_sent].at_ns, lane->next_sent);
    while (opened(lane) && opened(lane)->to <= at)
        (void)plait_merge_take(&lane->open, &head);
    while (lane->next_effect < lane->effect_count && lane->effects[lane->next_effect].to <= at)
        lane->next_effect++;
}

/* Where the next change is; NEVER: nowhere. */
static int64_t next_change(const struct lane *lane, int64_t at)
{
    int64_t next = NEVER;
    if (lane->next_sent < lane->sent_count)
        next = lane->sent[lane->next_sent].from;
    if (opened(lane) && opened(lane)->to < next)
        next = opened(lane)->to;
    if (lane->next_effect < lane->effect_count) {
        const struct plait_precedence *e = &lane->effects[lane->next_effect];
        int64_t change = e->from > at ? e->from : e->to;
        next = change < next ? change : next;
    }
    return next;
}

static const struct plait_precedence *effect_at(const struct lane *lane, int64_t at)
{
    const struct plait_precedence *e =
        lane->next_effect < lane->effect_count ? &lane->effects[lane->next_effect] : NULL;
    return e && e->from <= at ? e : NULL;
}

/* ---- what it says ------------------------------------------------------------------------- */

typedef void see_number(struct sweep *s, int64_t at, int64_t next);

static void count_number(struct sweep *s, int64_t at, int64_t next)
{
    unsigned inputs = 0;
    for (unsigned i = 0; i < s->count; i++)
        inputs += opened(&s->lanes[i]) != NULL;
    s->once += inputs ? (uint64_t)(next - at) : 0;
    s->twice += inputs > 1 ? (uint64_t)(next - at) : 0;
}

/* Input I may have sent this number, too, beyond what was looked at. */
static bool may_follow(const struct sweep *s, unsigned i, int64_t at)
{
    return s->is_cut[i] && s->lanes[i].sent_count && at >= s->lanes[i].end;
}

/* The only input in which AT was sent, as far as there can be one; else PLAIT_CLOCKS_MAX. */
static unsigned only_sender(const struct sweep *s, unsigned besides, int64_t at)
{
    unsigned only = PLAIT_CLOCKS_MAX;
    for (unsigned i = 0; i < s->count; i++) {
        if (i == besides)
            continue;
        bool was_sent = opened(&s->lanes[i]);
        if (may_follow(s, i, at) || (was_sent && only < PLAIT_CLOCKS_MAX))
            return PLAIT_CLOCKS_MAX;
        only = was_sent ? i : only;
    }
    return only;
}

static void tell(struct sweep *s, unsigned i, unsigned j, const struct plait_precedence *effect)
{
    plait_lags_saw(s->lags, i, opened(&s->lanes[i])->at_ns, j, effect->at_ns);
}

/* An effect whose own input has what it shows needs no other cause.  Else it is of the one that is
 * left, if there is but one. */
static void judge_effect(struct sweep *s, unsigned j, int64_t at)
{
    const struct plait_precedence *effect = effect_at(&s->lanes[j], at);
    if (!effect)
        return;
    const struct plait_precedence *own = opened(&s->lanes[j]);
    for (unsigned i = 0; s->needs_all && i < s->count; i++)
        if (i != j && opened(&s->lanes[i]))
            tell(s, i, j, effect);
    if (s->needs_all || (own && own->at_ns <= effect->at_ns))
        return;
    unsigned only = only_sender(s, j, at);
    if (only < PLAIT_CLOCKS_MAX)
        tell(s, only, j, effect);
}

static void judge_number(struct sweep *s, int64_t at, int64_t next)
{
    (void)next;
    for (unsigned j = 0; j < s->count; j++)
        judge_effect(s, j, at);
}

static void go_through(struct sweep *s, see_number *see)
{
    int64_t at = NEVER;
    for (unsigned i = 0; i < s->count; i++) {
        begin(&s->lanes[i]);
        if (s->lanes[i].sent_count && s->lanes[i].sent->from < at)
            at = s->lanes[i].sent->from;
    }
    while (at < NEVER) {
        int64_t next = NEVER;
        for (unsigned i = 0; i < s->count; i++) {
            go_to(&s->lanes[i], at);
            int64_t change = next_change(&s->lanes[i], at);
            next = change < next ? change : next;
        }
        see(s, at, next);
        at = next;
    }
}

/* ---- the whole ---------------------------------------------------------------------------- */

void plait_precedence_tell(struct plait_precedence *facts, size_t count, enum plait_copies copies,
                           const bool *is_cut, struct plait_lags *lags)
{
    struct sweep s = {.is_cut = is_cut, .lags = lags};
    unsigned inputs = 0;
    qsort(facts, count, sizeof *facts, by_place);
    for (size_t i = 0; i < count; i++) {
        inputs += i == 0 || facts[i].input != facts[i - 1].input;
        add_to_lane(&s.lanes[facts[i].input], &facts[i]);
        s.count = facts[i].input + 1u;
    }
    if (inputs < 2)
        return;
    if (copies == PLAIT_COPIES_PATH)
        go_through(&s, count_number);
    s.needs_all = copies == PLAIT_COPIES_ALL || 2 * s.twice > s.once;
    go_through(&s, judge_number);
    for (unsigned i = 0; i < s.count; i++)
        plait_merge_free(&s.lanes[i].open);
}
