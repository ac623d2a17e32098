/* Mappings against an array that knows the shift of each offset; checksums in any order. */
#include "tests/unit/test.h"

#include "mptcp/mapping.h"
#include "tests/unit/dice.h"

enum { SPAN = 600, LIMIT = 12, POOL = 10, STEPS = 3000, SEEDS = 40 };

static _Alignas(16) uint8_t memory[4096];

struct model {
    struct plait_arena arena;
    struct plait_pool pool;
    struct plait_mapping_list list;
    struct dice dice;
    uint64_t base; /* offset of index 0 */
    uint32_t floor, nodes_made;
    uint32_t node[SPAN]; /* which declaration's part it is; 0 = not declared */
    uint64_t shift[SPAN];
    bool is_whole[SPAN]; /* at a node's first offset: declared in one piece, under a checksum */
    uint16_t checksum[SPAN];
};

static void prepare(struct model *m, uint64_t base, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->arena = plait_arena(memory, sizeof memory);
    m->pool = plait_pool(&m->arena, sizeof(struct plait_mapping), POOL);
    m->list = plait_mapping_list(&m->pool, LIMIT);
    m->base = base;
    m->dice = dice(seed);
}

static struct plait_mapping mapping(uint64_t from, uint64_t length, uint64_t data_from)
{
    return (struct plait_mapping){.from = from, .to = from + length, .data_from = data_from};
}

/* ---- the model's own way ---- */

static uint32_t alive(const struct model *m)
{
    uint32_t count = 0;
    for (uint32_t i = m->floor; i < SPAN; i++)
        count += m->node[i] && (i == m->floor || m->node[i] != m->node[i - 1]);
    return count;
}

static uint32_t gaps_in(const struct model *m, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++)
        count += !m->node[i] && (i == from || m->node[i - 1]);
    return count;
}

static bool is_exactly(const struct model *m, uint32_t from, uint32_t to)
{
    uint32_t node = m->node[from];
    return node && m->node[to - 1] == node && (from == 0 || m->node[from - 1] != node) &&
           (to == SPAN || m->node[to] != node);
}

static enum plait_reason judge(const struct model *m, const struct plait_mapping *w, uint32_t from,
                               uint32_t to)
{
    uint32_t start = from > m->floor ? from : m->floor, said = start - from;
    if (to <= m->floor)
        return PLAIT_REASON_OK;
    for (uint32_t i = start; i < to; i++) {
        if (m->node[i] && m->shift[i] != w->data_from - w->from)
            return PLAIT_REASON_EXISTS;
        said += m->node[i] != 0;
    }
    if (is_exactly(m, from, to) && w->has_checksum && m->is_whole[from] &&
        m->checksum[from] != w->checksum)
        return PLAIT_REASON_EXISTS;
    uint32_t gaps = gaps_in(m, start, to);
    if (gaps && said && w->has_checksum)
        return PLAIT_REASON_EXISTS;
    if (alive(m) + gaps > LIMIT)
        return PLAIT_REASON_TOO_MANY;
    return alive(m) + gaps > POOL ? PLAIT_REASON_NO_ROOM : PLAIT_REASON_OK;
}

static void model_declare(struct model *m, const struct plait_mapping *w, uint32_t from,
                          uint32_t to)
{
    for (uint32_t i = from > m->floor ? from : m->floor, fresh = 0; i < to; i++) {
        if (m->node[i]) {
            fresh = 0;
            continue;
        }
        fresh = fresh ? fresh : ++m->nodes_made;
        m->node[i] = fresh;
        m->shift[i] = w->data_from - w->from;
        m->is_whole[i] = w->has_checksum;
        m->checksum[i] = w->checksum;
    }
}

/* ---- both ways ---- */

static void assert_same(struct model *m)
{
    for (uint32_t i = m->floor; i < SPAN; i++) {
        const struct plait_mapping *found = plait_mapping_find(&m->list, m->base + i);
        assert_int_equal(found != NULL, m->node[i] != 0);
        if (!found)
            continue;
        assert_true(plait_mapping_data(found, m->base + i) == m->base + i + m->shift[i]);
        assert_ptr_equal(plait_mapping_above(&m->list, m->base + i), found);
        assert_int_equal(i + 1 < SPAN && m->node[i + 1] == m->node[i], found->to > m->base + i + 1);
    }
    assert_int_equal(m->list.count, alive(m));
    assert_int_equal(m->pool.alive, alive(m));
    uint64_t before = 0;
    for (const struct plait_mapping *at = m->list.first; at; at = at->next) {
        assert_true(at->from >= before && at->to > at->from);
        before = at->to;
        assert_true(at->next || at == m->list.last);
    }
}

/* The same data offset again and again, as a sender asks. */
static void assert_carried(struct model *m)
{
    uint64_t data_at = m->base + 1000 + m->floor / 8 * 8 + throw_below(&m->dice, 2) * 40;
    const struct plait_mapping *found = plait_mapping_carrying(&m->list, data_at), *at;
    for (at = m->list.first;
         at && (data_at < at->data_from || data_at - at->data_from >= at->to - at->from);)
        at = at->next;
    assert_int_equal(found != NULL, at != NULL);
    assert_true(!found || (data_at >= found->data_from &&
                           data_at - found->data_from < found->to - found->from));
}

static void declare(struct model *m)
{
    uint32_t from = m->floor + (uint32_t)throw_below(&m->dice, 90);
    from -= from >= 10 ? (uint32_t)throw_below(&m->dice, 10) : 0;
    uint32_t length = 1 + (uint32_t)throw_below(&m->dice, 25);
    if (from + length > SPAN)
        return;
    if (throw_below(&m->dice, 4) == 0) { /* exactly what is there, or a part of it */
        const struct plait_mapping *known = plait_mapping_find(&m->list, m->base + from);
        if (known && known->from >= m->base && known->from >= m->base + m->floor) {
            from = (uint32_t)(known->from - m->base);
            length = (uint32_t)(known->to - known->from);
        }
    }
    uint64_t shift = throw_below(&m->dice, 8) ? 1000 : 1001;
    struct plait_mapping w = mapping(m->base + from, length, m->base + from + shift);
    w.has_checksum = throw_below(&m->dice, 3) == 0;
    w.checksum = (uint16_t)throw_below(&m->dice, 2);
    enum plait_reason expected = judge(m, &w, from, from + length);
    plait_result result = plait_mapping_declare(&m->list, &w);
    assert_string_equal(plait_reason_name(result.reason), plait_reason_name(expected));
    if (plait_ok(result))
        model_declare(m, &w, from, from + length);
}

static void drop(struct model *m)
{
    if (throw_below(&m->dice, 3))
        return;
    uint32_t edge = m->floor + (uint32_t)throw_below(&m->dice, 12);
    edge = edge < SPAN ? edge : SPAN;
    plait_mapping_drop_below(&m->list, m->base + edge);
    m->floor = edge;
}

static void play(uint64_t base, uint64_t seed)
{
    static struct model m;
    prepare(&m, base, seed);
    for (int i = 0; i < STEPS && m.floor + 60 < SPAN; i++) {
        declare(&m);
        drop(&m);
        assert_same(&m);
        assert_carried(&m);
    }
    plait_mapping_clear(&m.list);
    assert_int_equal(m.pool.alive, 0);
    assert_int_equal(m.list.count, 0);
}

static void declarations_agree_with_the_model(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        play(seed % 2, seed);
}

static void so_they_do_near_the_last_offset(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        play(UINT64_MAX - SPAN - 1001, seed);
}

/* ---- single facts ---- */

static void n21_a_contradiction_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static struct model m;
    prepare(&m, 0, 0);
    struct plait_mapping first = mapping(100, 50, 1000);
    first.has_checksum = true;
    first.checksum = 7;
    assert_ok(plait_mapping_declare(&m.list, &first));
    struct plait_mapping other = first;
    other.data_from++;
    assert_reason(plait_mapping_declare(&m.list, &other), EXISTS);
    other = first;
    other.checksum++;
    assert_reason(plait_mapping_declare(&m.list, &other), EXISTS);
    other = mapping(120, 40, 1020); /* reaches beyond: its checksum cannot be checked */
    other.has_checksum = true;
    assert_reason(plait_mapping_declare(&m.list, &other), EXISTS);
    assert_ok(plait_mapping_declare(&m.list, &first));
    other = mapping(110, 20, 1010);
    assert_ok(plait_mapping_declare(&m.list, &other));
    assert_int_equal(m.list.count, 1);
    assert_int_equal(m.list.first->checksum, 7);
    assert_true(m.list.first->data_from == 1000);
}

static void what_cannot_be_meant_is_refused(void **state)
{
    (void)state;
    static struct model m;
    prepare(&m, 0, 0);
    struct plait_mapping empty = mapping(5, 0, 1), backwards = {.from = 5, .to = 4};
    struct plait_mapping beyond = mapping(5, 10, UINT64_MAX - 9);
    struct plait_mapping last = mapping(5, 9, UINT64_MAX - 9);
    struct plait_mapping nowhere = {.from = UINT64_MAX, .is_infinite = true};
    assert_reason(plait_mapping_declare(&m.list, &empty), BAD_VALUE);
    assert_reason(plait_mapping_declare(&m.list, &backwards), BAD_VALUE);
    assert_reason(plait_mapping_declare(&m.list, &beyond), BAD_VALUE);
    assert_reason(plait_mapping_declare(&m.list, &nowhere), BAD_VALUE);
    assert_int_equal(m.list.count, 0);
    assert_ok(plait_mapping_declare(&m.list, &last));
}

static void an_infinite_mapping_covers_the_rest(void **state)
{
    (void)state;
    static struct model m;
    prepare(&m, 0, 0);
    struct plait_mapping head = mapping(100, 50, 1100),
                         infinite = {.from = 120, .data_from = 1120, .is_infinite = true};
    assert_ok(plait_mapping_declare(&m.list, &head));
    assert_ok(plait_mapping_declare(&m.list, &infinite));
    assert_int_equal(m.list.count, 2);
    struct plait_mapping *found = plait_mapping_find(&m.list, (uint64_t)1 << 40);
    assert_true(found->is_infinite && found->from == 150);
    assert_true(plait_mapping_data(found, (uint64_t)1 << 40) == ((uint64_t)1 << 40) + 1000);
    assert_int_equal(plait_mapping_piece(found, 200, UINT32_MAX), UINT32_MAX);
    /* Nothing else is believed from there on (N42). */
    struct plait_mapping later = mapping(5000, 100, 7000), same = mapping(5000, 100, 6000);
    assert_reason(plait_mapping_declare(&m.list, &later), EXISTS);
    assert_ok(plait_mapping_declare(&m.list, &same));
    plait_mapping_drop_below(&m.list, (uint64_t)1 << 50);
    assert_int_equal(m.list.count, 1);
}

static void below_the_floor_nothing_is_declared(void **state)
{
    (void)state;
    static struct model m;
    prepare(&m, 0, 0);
    plait_mapping_drop_below(&m.list, 200);
    plait_mapping_drop_below(&m.list, 100); /* never back */
    struct plait_mapping old = mapping(150, 50, 1), across = mapping(150, 100, 1);
    assert_ok(plait_mapping_declare(&m.list, &old));
    assert_int_equal(m.list.count, 0);
    across.has_checksum = true;
    assert_reason(plait_mapping_declare(&m.list, &across), EXISTS);
    across.has_checksum = false;
    assert_ok(plait_mapping_declare(&m.list, &across));
    assert_true(m.list.first->from == 200 && m.list.first->data_from == 51);
}

static void a_sum_is_the_same_in_any_order_of_arrival(void **state)
{
    (void)state;
    struct dice d = dice(3);
    uint8_t octets[300];
    for (int round = 0; round < 300; round++) {
        uint32_t length = 1 + (uint32_t)throw_below(&d, sizeof octets);
        for (uint32_t i = 0; i < length; i++)
            octets[i] = (uint8_t)throw_u64(&d);
        uint32_t cuts[8] = {0}, order[7] = {0, 1, 2, 3, 4, 5, 6};
        for (int i = 1; i < 7; i++)
            cuts[i] = cuts[i - 1] + (uint32_t)throw_below(&d, length - cuts[i - 1] + 1);
        cuts[7] = length;
        for (uint32_t i = 7; i > 1; i--) {
            uint64_t other = throw_below(&d, i);
            uint32_t kept = order[i - 1];
            order[i - 1] = order[other];
            order[other] = kept;
        }
        struct plait_mapping m = mapping(throw_below(&d, 9), length, 0);
        uint32_t arrived = 0;
        for (int i = 0; i < 7; i++) {
            uint32_t at = cuts[order[i]], part = cuts[order[i] + 1] - at;
            assert_int_equal(plait_mapping_is_whole(&m), arrived == length);
            plait_mapping_arrived(&m, m.from + at, part, plait_sum_add(0, octets + at, part));
            arrived += part;
        }
        assert_true(plait_mapping_is_whole(&m));
        assert_int_equal(plait_sum_finish(m.sum),
                         plait_sum_finish(plait_sum_add(0, octets, length)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declarations_agree_with_the_model),
        cmocka_unit_test(so_they_do_near_the_last_offset),
        cmocka_unit_test(n21_a_contradiction_is_refused_and_changes_nothing),
        cmocka_unit_test(what_cannot_be_meant_is_refused),
        cmocka_unit_test(an_infinite_mapping_covers_the_rest),
        cmocka_unit_test(below_the_floor_nothing_is_declared),
        cmocka_unit_test(a_sum_is_the_same_in_any_order_of_arrival),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
