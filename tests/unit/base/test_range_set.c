/* A range set against a plain array of bits, at its limit, and near 2^64. */
#include "tests/unit/test.h"

#include "base/range_set.h"
#include "tests/unit/dice.h"

enum { SPAN = 96, ROOM = 8, ROUNDS = 40, STEPS = 2000 };

struct model {
    uint64_t base; /* offset of bit 0 */
    bool is_in[SPAN];
};

static uint32_t runs(const bool *is_in)
{
    uint32_t count = 0;
    for (int i = 0; i < SPAN; i++)
        count += is_in[i] && (i == 0 || !is_in[i - 1]);
    return count;
}

static void assert_same(const struct plait_range_set *set, const struct model *model)
{
    uint32_t at = 0;
    for (int i = 0; i < SPAN; i++) {
        if (!model->is_in[i] || (i > 0 && model->is_in[i - 1]))
            continue;
        int end = i;
        while (end < SPAN && model->is_in[end])
            end++;
        assert_true(at < set->count);
        assert_true(set->ranges[at].from == model->base + (uint64_t)i);
        assert_true(set->ranges[at].to == model->base + (uint64_t)end);
        at++;
    }
    assert_int_equal(at, set->count);
}

/* A change that makes more runs than there is room for is none. */
static enum plait_reason fill(struct model *model, uint64_t from, uint64_t to, bool value)
{
    bool next[SPAN];
    memcpy(next, model->is_in, sizeof next);
    for (uint64_t i = from; i < to; i++)
        next[i] = value;
    if (runs(next) > ROOM)
        return PLAIT_REASON_TOO_MANY;
    memcpy(model->is_in, next, sizeof next);
    return PLAIT_REASON_OK;
}

static void assert_answers(const struct plait_range_set *set, const struct model *model,
                           uint64_t from, uint64_t to)
{
    uint64_t covered = 0, gap = from, above = from;
    for (uint64_t i = from; i < to; i++)
        covered += model->is_in[i];
    while (gap < SPAN && model->is_in[gap])
        gap++;
    while (above < SPAN && !model->is_in[above])
        above++;
    assert_true(plait_range_covered(set, model->base + from, model->base + to) == covered);
    assert_int_equal(plait_range_contains(set, model->base + from, model->base + to),
                     covered == to - from);
    assert_true(plait_range_first_gap(set, model->base + from) == model->base + gap);
    const struct plait_range *range = plait_range_above(set, model->base + from);
    assert_int_equal(range != NULL, above < SPAN);
    if (range) {
        assert_true(range->to > model->base + from);
        assert_true(range->from <= model->base + above);
    }
    if (range && range > set->ranges)
        assert_true(range[-1].to <= model->base + from);
}

static void step(struct plait_range_set *set, struct model *model, struct dice *dice)
{
    uint64_t a = throw_below(dice, SPAN + 1), length = throw_below(dice, 14);
    uint64_t b = a + length < SPAN ? a + length : SPAN;
    uint64_t from = model->base + a, to = model->base + b;
    switch (throw_below(dice, 8)) {
    case 0:
        assert_int_equal(plait_range_remove(set, from, to).reason, fill(model, a, b, false));
        break;
    case 1:
        if (throw_below(dice, 6) == 0) {
            plait_range_remove_below(set, from);
            assert_int_equal(fill(model, 0, a, false), PLAIT_REASON_OK);
        }
        break;
    default: {
        bool has_room = plait_range_has_room(set, from, to);
        enum plait_reason reason = plait_range_add(set, from, to).reason;
        assert_int_equal(reason, fill(model, a, b, true));
        assert_int_equal(has_room, reason == PLAIT_REASON_OK);
    }
    }
    assert_same(set, model);
    assert_answers(set, model, a, b);
}

static void play(uint64_t base, uint64_t seed)
{
    struct plait_range room[ROOM + 1];
    memset(room, 0xa5, sizeof room);
    struct plait_range guard = room[ROOM];
    struct plait_range_set set = plait_range_set(room, ROOM);
    struct model model = {.base = base};
    struct dice d = dice(seed);
    for (int i = 0; i < STEPS; i++)
        step(&set, &model, &d);
    assert_memory_equal(&room[ROOM], &guard, sizeof guard);
}

static void it_agrees_with_bits(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < ROUNDS; seed++)
        play(seed % 2 ? 1000 : 0, seed);
}

static void it_agrees_with_bits_near_the_last_offset(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < ROUNDS; seed++)
        play(UINT64_MAX - SPAN, seed);
}

static void at_the_limit_only_what_joins_is_added(void **state)
{
    (void)state;
    struct plait_range room[2];
    struct plait_range_set set = plait_range_set(room, 2);
    assert_ok(plait_range_add(&set, 10, 20));
    assert_ok(plait_range_add(&set, 30, 40));
    struct plait_range before[2];
    memcpy(before, room, sizeof room);
    assert_reason(plait_range_add(&set, 0, 9), TOO_MANY);
    assert_reason(plait_range_add(&set, 21, 29), TOO_MANY);
    assert_reason(plait_range_add(&set, 41, 42), TOO_MANY);
    assert_reason(plait_range_remove(&set, 12, 13), TOO_MANY);
    assert_memory_equal(before, room, sizeof room);
    assert_ok(plait_range_add(&set, 50, 50));
    assert_ok(plait_range_remove(&set, 12, 12));
    assert_memory_equal(before, room, sizeof room);
    assert_ok(plait_range_add(&set, 0, 10));
    assert_ok(plait_range_add(&set, 40, 41));
    assert_ok(plait_range_remove(&set, 0, 1));
    assert_ok(plait_range_add(&set, 20, 30));
    assert_int_equal(set.count, 1);
    assert_true(room[0].from == 1 && room[0].to == 41);
}

static void no_room_at_all_refuses_everything(void **state)
{
    (void)state;
    struct plait_range_set set = plait_range_set(NULL, 0);
    assert_reason(plait_range_add(&set, 0, 1), TOO_MANY);
    assert_ok(plait_range_add(&set, 1, 1));
    assert_ok(plait_range_remove(&set, 0, UINT64_MAX));
    plait_range_remove_below(&set, UINT64_MAX);
    assert_true(plait_range_first_gap(&set, 7) == 7);
    assert_null(plait_range_above(&set, 0));
    assert_true(plait_range_contains(&set, 3, 3));
    assert_false(plait_range_contains(&set, 3, 4));
}

static void everything_is_one_range(void **state)
{
    (void)state;
    struct plait_range room[1];
    struct plait_range_set set = plait_range_set(room, 1);
    assert_ok(plait_range_add(&set, 0, UINT64_MAX));
    assert_true(plait_range_covered(&set, 0, UINT64_MAX) == UINT64_MAX);
    assert_true(plait_range_first_gap(&set, 0) == UINT64_MAX);
    assert_true(plait_range_first_gap(&set, UINT64_MAX) == UINT64_MAX);
    plait_range_remove_below(&set, UINT64_MAX);
    assert_int_equal(set.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_bits),
        cmocka_unit_test(it_agrees_with_bits_near_the_last_offset),
        cmocka_unit_test(at_the_limit_only_what_joins_is_added),
        cmocka_unit_test(no_room_at_all_refuses_everything),
        cmocka_unit_test(everything_is_one_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
