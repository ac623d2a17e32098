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

static plait_time_ns greater(plait_time_ns a, plait_time_ns b)
{
    return a > b ? a : b;
}

/* What is left for input I is LOW..HIGH; either may be unbounded. */
static struct plait_clock choose(plait_time_ns low_ns, plait_time_ns high_ns)
{
    bool has_low = low_ns > -NEVER, has_high = high_ns < NEVER;
    struct plait_clock e = {.is_bounded = {has_low, has_high}};
    if ((!has_low || low_ns <= 0) && (!has_high || high_ns >= 0))
        e.offset_ns = 0;
    else if (has_low && has_high)
        e.offset_ns = low_ns + (high_ns - low_ns) / 2;
    else
        e.offset_ns = has_low ? low_ns : high_ns;
    e.error_ns = greater(has_low ? e.offset_ns - low_ns : 0, has_high ? high_ns - e.offset_ns : 0);
    return e;
}

static bool contradicts(const struct plait_clocks *c, unsigned i)
{
    return c->lag_ns[i][i] < 0;
}

static struct plait_clock settle_one(const struct plait_clocks *c, unsigned i)
{
    struct plait_clock e = {0};
    if (!contradicts(c, i))
        e = choose(-c->lag_ns[c->count][i], c->lag_ns[i][c->count]);
    else /* left where it is; the size of the contradiction is its error */
        e = (struct plait_clock){.error_ns = -c->lag_ns[i][i], .is_contradictory = true};
    e.is_given = c->is_given[i];
    e.offset_ns = e.is_given ? c->given_ns[i] : e.offset_ns;
    e.error_ns = e.is_given ? 0 : e.error_ns;
    return e;
}

/* Whether input I has anything to do with another. */
static bool is_related(const struct plait_clocks *c, unsigned i)
{
    for (unsigned k = 0; k < c->count; k++)
        if (k != i && (c->lag_ns[i][k] < NEVER || c->lag_ns[k][i] < NEVER))
            return true;
    return false;
}

void plait_clocks_settle(struct plait_clocks *c, struct plait_clock *estimates)
{
    bool any = false;
    for (unsigned i = 0; i < c->count; i++)
        any = any || c->is_given[i];
    bool alone = !any && c->count && !is_related(c, 0); /* the reference says nothing then */
    if (!any && c->count)
        fix(c, 0, 0);
    for (unsigned i = 0; i < c->count; i++) {
        shorten(c);
        estimates[i] = settle_one(c, i);
        fix(c, i, estimates[i].offset_ns);
    }
    if (alone)
        estimates[0] = (struct plait_clock){0};
}
