/* sensor/lags.c: sorted by pair and size; least ones left out from both sides in equal shares. */
#include "sensor/lags.h"

#include <stdlib.h>

#include "base/panic.h"

enum {
    LAGS_MAX = 1 << 21,
    SHARES = 1024,        /* a share is one of so many parts */
    LEFT_OUT_SHARES = 32, /* at most: 3 % */
    PAIRS = PLAIT_CLOCKS_MAX * PLAIT_CLOCKS_MAX
};

struct lag {
    plait_time_ns ns;
    uint16_t pair; /* i * PLAIT_CLOCKS_MAX + j */
};

struct plait_lags {
    size_t count;
    struct lag of[LAGS_MAX];
};

/* All lags from one input to another, the least first. */
struct side {
    const struct lag *of;
    size_t count;
};

struct plait_lags *plait_lags_new(void)
{
    struct plait_lags *lags = calloc(1, sizeof *lags); /* pages that are not used cost nothing */
    PLAIT_CHECK(lags);
    return lags;
}

void plait_lags_free(struct plait_lags *lags)
{
    free(lags);
}

void plait_lags_saw(struct plait_lags *lags, unsigned i, plait_time_ns cause_ns, unsigned j,
                    plait_time_ns effect_ns)
{
    plait_time_ns lag_ns;
    if (lags->count < LAGS_MAX && !__builtin_sub_overflow(effect_ns, cause_ns, &lag_ns))
        lags->of[lags->count++] = (struct lag){lag_ns, (uint16_t)(i * PLAIT_CLOCKS_MAX + j)};
}

static int by_pair_and_size(const void *a, const void *b)
{
    const struct lag *x = a, *y = b;
    if (x->pair != y->pair)
        return x->pair < y->pair ? -1 : 1;
    return (x->ns > y->ns) - (x->ns < y->ns);
}

static void part(const struct plait_lags *lags, struct side *sides)
{
    for (size_t k = 0; k < lags->count; k++) {
        struct side *side = &sides[lags->of[k].pair];
        side->of = side->count ? side->of : &lags->of[k];
        side->count++;
    }
}

static plait_time_ns least(const struct side *side, unsigned share)
{
    return side->of[side->count * share / SHARES].ns;
}

/* Offsets exist for both sides' least lags: what one says at most, the other says at least. */
static bool fit(const struct side *one, const struct side *other, unsigned share)
{
    plait_time_ns sum_ns;
    if (__builtin_add_overflow(least(one, share), least(other, share), &sum_ns))
        return least(one, share) > 0;
    return sum_ns >= 0;
}

/* Where no share that is allowed helps, the contradiction stays, and is told. */
static unsigned share_left_out(const struct side *one, const struct side *other)
{
    if (!one->count || !other->count)
        return 0;
    for (unsigned share = 0; share <= LEFT_OUT_SHARES; share++)
        if (fit(one, other, share))
            return share;
    return 0;
}

void plait_lags_tell(struct plait_lags *lags, struct plait_clocks *clocks)
{
    struct side sides[PAIRS] = {{NULL, 0}};
    qsort(lags->of, lags->count, sizeof *lags->of, by_pair_and_size);
    part(lags, sides);
    for (unsigned i = 0; i < clocks->count; i++)
        for (unsigned j = 0; j < clocks->count; j++) {
            const struct side *there = &sides[i * PLAIT_CLOCKS_MAX + j];
            const struct side *back = &sides[j * PLAIT_CLOCKS_MAX + i];
            if (i != j && there->count)
                plait_clocks_saw(clocks, i, 0, j, least(there, share_left_out(there, back)));
        }
}
