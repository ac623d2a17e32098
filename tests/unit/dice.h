/* tests/unit/dice.h: keyed draws for tests that try many things; a seed names all of them. */
#ifndef PLAIT_TESTS_DICE_H
#define PLAIT_TESTS_DICE_H

#include "base/draw.h"

struct dice {
    struct plait_draw_key key;
    uint64_t thrown;
};

static inline struct dice dice(uint64_t seed)
{
    return (struct dice){.key = plait_draw_key(seed)};
}

static inline uint64_t throw_u64(struct dice *dice)
{
    uint64_t n = dice->thrown++;
    return plait_siphash(&dice->key, &n, sizeof n);
}

/* 0 .. BOUND-1 */
static inline uint64_t throw_below(struct dice *dice, uint64_t bound)
{
    return throw_u64(dice) % bound;
}

#endif
