/* sensor/clocks.c: shortest paths (Floyd, Warshall), one input settled after the other. */
#include "sensor/clocks.h"

#include "base/panic.h"

/* No bound; two of them can be added. */
#define NEVER (INT64_MAX / 4)

struct plait_clocks plait_clocks(unsigned count)
{
    PLAIT_CHECK(count <= PLAIT_CLOCKS_MAX);
    struct plait_clocks c = {.count = count};
    for (unsigned i = 0; i <= count; i++)
        for (unsigned j = 0; j <= count; j++)
            c.lag_ns[i][j] = i == j ? 0 : NEVER;
    return c;
}

static void tighten(plait_time_ns *lag_ns, plait_time_ns to_ns)
{
    if (to_ns < *lag_ns)
        *lag_ns = to_ns > -NEVER ? to_ns : -NEVER;
}

void plait_clocks_saw(struct plait_clocks *c, unsigned i, plait_time_ns cause_ns, unsigned j,
                      plait_time_ns effect_ns)
{
    plait_time_ns lag_ns;
    if (i != j && !__builtin_sub_overflow(effect_ns, cause_ns, &lag_ns))
        tighten(&c->lag_ns[i][j], lag_ns);
}

/* offset_i - offset_true <= OFFSET and the other way round. */
static void fix(struct plait_clocks *c, unsigned i, plait_time_ns offset_ns)
{
    tighten(&c->lag_ns[i][c->count], offset_ns);
    tighten(&c->lag_ns[c->count][i], -offset_ns);
}

void plait_clocks_give(struct plait_clocks *c, unsigned i, plait_time_ns offset_ns)
{
    c->is_given[i] = true;
    c->given_ns[i] = offset_ns;
    fix(c, i, offset_ns);
}

static void shorten(struct plait_clocks *c)
{
    for (unsigned k = 0; k <= c->count; k++)
        for (unsigned i = 0; i <= c->count; i++)
            for (unsigned j = 0; j <= c->count; j++)
                if (c->lag_ns[i][k] < NEVER && c->lag_ns[k][j] < NEVER)
                    tighten(&c->lag_ns[i][j], c->lag_ns[i][k] + c->lag_ns[k][j]);
}

/* What is left for an offset; either end may be unbounded. */
struct range {
    plait_time_ns low_ns, high_ns;
    bool has_low, has_high;
};

static struct range range_of(const struct plait_clocks *c, unsigned i)
{
    struct range r = {.low_ns = -c->lag_ns[c->count][i], .high_ns = c->lag_ns[i][c->count]};
    r.has_low = r.low_ns > -NEVER;
    r.has_high = r.high_ns < NEVER;
    return r;
}

/* None where that is possible, else the middle, or the one end there is. */
static plait_time_ns choose(const struct range *r)
{
    if ((!r->has_low || r->low_ns <= 0) && (!r->has_high || r->high_ns >= 0))
        return 0;
    if (r->has_low && r->has_high)
        return r->low_ns + (r->high_ns - r->low_ns) / 2;
    return r->has_low ? r->low_ns : r->high_ns;
}

/* Whether input I has anything to do with another. */
static bool is_related(const struct plait_clocks *c, unsigned i)
{
    for (unsigned k = 0; k < c->count; k++)
        if (k != i && (c->lag_ns[i][k] < NEVER || c->lag_ns[k][i] < NEVER))
            return true;
    return false;
}

/* Left where it is, with whatever it said of others: nobody knows which of it is wrong. */
static void leave(struct plait_clocks *c, unsigned i)
{
    for (unsigned k = 0; k <= c->count; k++)
        if (k != i)
            c->lag_ns[i][k] = c->lag_ns[k][i] = NEVER;
    if (c->is_given[i])
        fix(c, i, c->given_ns[i]);
}

/* Before anything is assumed: who is on a way around that ends before it began. */
static void leave_contradictory(struct plait_clocks *c, bool *is_left)
{
    struct plait_clocks all = *c;
    shorten(&all);
    for (unsigned i = 0; i < c->count; i++) {
        is_left[i] = all.lag_ns[i][i] < 0;
        if (is_left[i])
            leave(c, i);
    }
}

static plait_time_ns greater(plait_time_ns a, plait_time_ns b)
{
    return a > b ? a : b;
}

/* Who has to do with whom, also over others: the least number among them names them. */
static void part(const struct plait_clocks *c, unsigned *part_of)
{
    for (unsigned i = 0; i < c->count; i++)
        part_of[i] = i;
    for (unsigned round = 0; round < c->count; round++)
        for (unsigned i = 0; i < c->count; i++)
            for (unsigned k = 0; k < c->count; k++)
                if (c->lag_ns[i][k] < NEVER && part_of[k] != part_of[i])
                    part_of[i] = part_of[k] = part_of[i] < part_of[k] ? part_of[i] : part_of[k];
}

/* Of those that have to do with each other one is right: what was given, else the first.  The first
 * of all is right, too, unless what was given moves it. */
static void refer(struct plait_clocks *c, const bool *is_left)
{
    bool has_reference[PLAIT_CLOCKS_MAX] = {false};
    unsigned part_of[PLAIT_CLOCKS_MAX];
    part(c, part_of);
    for (unsigned i = 0; i < c->count; i++)
        has_reference[part_of[i]] |= c->is_given[i];
    for (unsigned i = 0; i < c->count; i++) {
        if (!has_reference[part_of[i]] && !is_left[i] && is_related(c, i))
            fix(c, i, 0);
        has_reference[part_of[i]] |= !is_left[i];
    }
    shorten(c);
    const struct range first = range_of(c, 0);
    if (first.has_low != first.has_high && choose(&first) == 0)
        fix(c, 0, 0);
    shorten(c);
}

/* All that is known of input I without anything that was chosen. */
static struct plait_clock know(const struct plait_clocks *c, unsigned i, bool is_left)
{
    const struct range r = range_of(c, i);
    struct plait_clock e = {.is_bounded = {r.has_low, r.has_high}, .is_given = c->is_given[i]};
    e.is_contradictory = is_left && !e.is_given;
    e.is_told = e.is_given || (r.has_low && r.has_high) || (!is_left && !is_related(c, i));
    e.error_ns = e.is_told ? 0 : PLAIT_CLOCK_UNTOLD_NS;
    return e;
}

/* Offsets are chosen one after the other, so that together they contradict nothing; an error is of
 * what was known before.  What is told does not hang on what is not: that comes last. */
static void choose_all(struct plait_clocks *c, bool is_told, struct plait_clock *estimates)
{
    const struct plait_clocks known = *c;
    for (unsigned i = 0; i < c->count; i++) {
        struct plait_clock *e = &estimates[i];
        if (e->is_told != is_told || e->is_contradictory)
            continue;
        const struct range left = range_of(c, i), all = range_of(&known, i);
        e->offset_ns = e->is_given ? c->given_ns[i] : choose(&left);
        if (is_told && !e->is_given && e->is_bounded[0])
            e->error_ns = greater(e->offset_ns - all.low_ns, all.high_ns - e->offset_ns);
        fix(c, i, e->offset_ns);
        shorten(c);
    }
}

void plait_clocks_settle(struct plait_clocks *c, struct plait_clock *estimates)
{
    bool is_left[PLAIT_CLOCKS_MAX];
    leave_contradictory(c, is_left);
    refer(c, is_left);
    for (unsigned i = 0; i < c->count; i++)
        estimates[i] = know(c, i, is_left[i]);
    choose_all(c, true, estimates);
    choose_all(c, false, estimates);
}

const char *plait_clock_how(const struct plait_clock *c)
{
    if (c->is_given)
        return "as given";
    if (c->is_contradictory)
        return "cannot be told: causes and effects contradict each other, it drifts or jumps";
    return c->is_told ? "by causes and effects"
                      : "cannot be told: causes and effects bound it from one side only";
}
