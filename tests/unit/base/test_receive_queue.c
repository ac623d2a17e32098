/* A receive queue against a model that keeps, for each offset, what lies there and what counts. */
#include "tests/unit/test.h"

#include "base/receive_queue.h"
#include "tests/unit/dice.h"

enum {
    CHUNK = 16,
    CHUNKS = 9,
    KEPT = 2,
    LIMIT = 180,
    RANGES = 4,
    SPAN = 3000,
    STEPS = 3000,
    SEEDS = 40
};

static _Alignas(16) uint8_t memory[4096];

struct model {
    struct plait_arena arena;
    struct plait_chunks chunks;
    struct plait_receive_queue q;
    struct plait_range ranges[RANGES];
    struct dice dice;
    uint64_t base; /* a multiple of CHUNK: offset of index 0 of the arrays */
    uint32_t start, placed_edge;
    uint8_t octets[SPAN];
    bool is_placed[SPAN], is_received[SPAN], has_chunk[SPAN / CHUNK + 1];
};

static void prepare(struct model *m, uint64_t base, uint32_t start, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->arena = plait_arena(memory, sizeof memory);
    m->chunks = plait_chunks(&m->arena, CHUNK, CHUNKS * CHUNK);
    m->q = plait_receive_queue(&m->chunks, LIMIT, m->ranges, RANGES);
    m->base = base;
    m->q.start = base + start;
    m->start = start;
    m->dice = dice(seed);
}

/* ---- the model's own way ---- */

static uint32_t chunks_held(const struct model *m)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i <= SPAN / CHUNK; i++)
        count += m->has_chunk[i];
    return count;
}

static uint32_t runs_with(const struct model *m, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    bool before = false;
    for (uint32_t i = 0; i < SPAN; i++) {
        bool is_in = m->is_received[i] || (i >= from && i < to);
        count += is_in && !before;
        before = is_in;
    }
    return count;
}

static uint32_t not_received(const struct model *m, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++)
        count += !m->is_received[i];
    return count;
}

static uint32_t model_edge(const struct model *m)
{
    uint32_t edge = m->start;
    while (edge < SPAN && m->is_received[edge])
        edge++;
    return edge;
}

static enum plait_reason model_place(struct model *m, uint32_t from, uint32_t to,
                                     const uint8_t *octets)
{
    uint32_t chunks = from > model_edge(m) ? CHUNKS - KEPT : CHUNKS;
    uint32_t missing = 0;
    for (uint32_t n = from / CHUNK; from < to && n <= (to - 1) / CHUNK; n++)
        missing += !m->has_chunk[n];
    if (missing && missing + chunks_held(m) > chunks)
        return PLAIT_REASON_NO_ROOM;
    for (uint32_t i = from; i < to; i++) {
        m->has_chunk[i / CHUNK] = true;
        if (!m->is_received[i])
            m->octets[i] = octets[i - from];
        m->is_placed[i] = true;
        m->placed_edge = i + 1 > m->placed_edge ? i + 1 : m->placed_edge;
    }
    return PLAIT_REASON_OK;
}

static void model_tidy(struct model *m)
{
    bool is_idle = m->start >= m->placed_edge;
    for (uint32_t i = 0; i <= SPAN / CHUNK; i++)
        if (is_idle || i < m->start / CHUNK)
            m->has_chunk[i] = false;
}

/* ---- both ways ---- */

static void assert_same(struct model *m)
{
    uint32_t at = 0, edge = model_edge(m);
    for (uint32_t i = 0; i < SPAN; i++) {
        if (!m->is_received[i] || (i > 0 && m->is_received[i - 1]))
            continue;
        uint32_t end = i;
        while (end < SPAN && m->is_received[end])
            end++;
        assert_true(m->ranges[at].from == m->base + i && m->ranges[at].to == m->base + end);
        at++;
    }
    assert_int_equal(m->q.received.count, at);
    assert_true(plait_receive_queue_edge(&m->q) == m->base + edge);
    for (uint32_t i = m->start; i < SPAN; i++) {
        uint32_t length = 1;
        const uint8_t *octet = plait_receive_queue_placed(&m->q, m->base + i, &length);
        assert_int_equal(octet != NULL, m->has_chunk[i / CHUNK]);
        if (m->is_placed[i])
            assert_int_equal(*octet, m->octets[i]);
    }
    assert_int_equal(m->chunks.pool.alive, chunks_held(m));
    uint32_t length;
    const uint8_t *ready = plait_receive_queue_peek(&m->q, &length);
    uint32_t chunk_left = CHUNK - m->start % CHUNK, ready_octets = edge - m->start;
    assert_int_equal(length, ready_octets < chunk_left ? ready_octets : chunk_left);
    if (length)
        assert_memory_equal(ready, m->octets + m->start, length);
}

static void put(struct model *m, uint32_t at, uint32_t length, bool marks)
{
    uint8_t octets[80];
    for (uint32_t i = 0; i < length; i++)
        octets[i] = (uint8_t)throw_u64(&m->dice);
    uint32_t from = at > m->start ? at : m->start, to = at + length, news = 77;
    to = to > from ? to : from;
    uint32_t fresh = not_received(m, from, to);
    bool is_ahead = from > model_edge(m);
    enum plait_reason expected = PLAIT_REASON_OK;
    if (to - m->start > LIMIT)
        expected = PLAIT_REASON_BAD_VALUE;
    else if (marks && fresh && runs_with(m, from, to) > RANGES)
        expected = PLAIT_REASON_TOO_MANY;
    else
        expected = model_place(m, from, to, octets + (from - at));
    bool is_in = marks && expected == PLAIT_REASON_OK;
    for (uint32_t i = from; is_in && i < to; i++)
        m->is_received[i] = true;
    plait_result result =
        marks ? plait_receive_queue_write(&m->q, m->base + at, octets, length, &news)
              : plait_receive_queue_place(&m->q, m->base + at, octets, length, is_ahead);
    assert_string_equal(plait_reason_name(result.reason), plait_reason_name(expected));
    if (marks)
        assert_int_equal(news, is_in ? fresh : 0);
}

static void mark(struct model *m, uint32_t at, uint32_t length)
{
    uint32_t from = at > m->start ? at : m->start, to = from, news = 77;
    while (to < at + length && m->is_placed[to])
        to++;
    uint32_t fresh = not_received(m, from, to);
    enum plait_reason expected =
        runs_with(m, from, to) > RANGES ? PLAIT_REASON_TOO_MANY : PLAIT_REASON_OK;
    for (uint32_t i = from; expected == PLAIT_REASON_OK && i < to; i++)
        m->is_received[i] = true;
    assert_int_equal(plait_receive_queue_mark(&m->q, m->base + from, to - from, &news).reason,
                     expected);
    assert_int_equal(news, expected == PLAIT_REASON_OK ? fresh : 0);
}

static void consume(struct model *m)
{
    uint32_t ready_octets = (uint32_t)(plait_receive_queue_edge(&m->q) - m->q.start);
    uint32_t length = (uint32_t)throw_below(&m->dice, ready_octets + 1);
    if (throw_below(&m->dice, 2))
        length = ready_octets;
    plait_receive_queue_consume(&m->q, length);
    for (uint32_t i = 0; i < length; i++)
        m->is_received[m->start + i] = m->is_placed[m->start + i] = false;
    m->start += length;
    model_tidy(m);
}

static void cut(struct model *m, uint32_t at)
{
    plait_receive_queue_cut(&m->q, m->base + at);
    at = at > m->start ? at : m->start;
    m->placed_edge = m->placed_edge < at ? m->placed_edge : at;
    for (uint32_t i = at; i < SPAN; i++)
        m->is_received[i] = m->is_placed[i] = false;
    for (uint32_t i = 0; i <= SPAN / CHUNK; i++)
        if (i * CHUNK >= m->placed_edge)
            m->has_chunk[i] = false;
    model_tidy(m);
}

/* Mostly near the edge, so that the stream comes along; also below start and above the limit. */
static void step(struct model *m)
{
    uint32_t edge = (uint32_t)(plait_receive_queue_edge(&m->q) - m->base);
    uint32_t at = edge, length = (uint32_t)throw_below(&m->dice, 70);
    if (throw_below(&m->dice, 3)) {
        at = m->start + (uint32_t)throw_below(&m->dice, LIMIT + 10);
        at -= at >= 20 ? (uint32_t)throw_below(&m->dice, 20) : 0;
    }
    if (at + length > SPAN)
        return;
    switch (throw_below(&m->dice, 10)) {
    case 0:
    case 1:
        put(m, at, length, false);
        break;
    case 2:
    case 3:
        mark(m, at, length);
        break;
    case 4:
    case 5:
        consume(m);
        break;
    case 6:
        if (throw_below(&m->dice, 8) == 0)
            cut(m, at);
        break;
    default:
        put(m, at, length, true);
    }
    assert_same(m);
}

static void play(uint64_t base, uint64_t seed)
{
    static struct model m;
    prepare(&m, base, (uint32_t)(seed % 3), seed);
    for (int i = 0; i < STEPS && m.start + 2 * LIMIT < SPAN; i++)
        step(&m);
    plait_receive_queue_clear(&m.q);
    assert_int_equal(m.chunks.pool.alive, 0);
    assert_int_equal(m.q.received.count, 0);
}

static void it_agrees_with_the_model(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        play(0, seed);
}

static void it_agrees_near_the_last_offset(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        play((UINT64_MAX - SPAN) / CHUNK * CHUNK, seed);
}

/* ---- single facts ---- */

static void the_first_copy_wins(void **state)
{
    (void)state;
    static struct model m;
    prepare(&m, 0, 0, 0);
    uint32_t news, length;
    assert_ok(plait_receive_queue_write(&m.q, 4, "efgh", 4, &news));
    assert_ok(plait_receive_queue_write(&m.q, 0, "ABCDEFGHIJKLMNOPQRST", 20, &news));
    assert_int_equal(news, 16);
    assert_memory_equal(plait_receive_queue_peek(&m.q, &length), "ABCDefghIJKLMNOP", CHUNK);
    assert_ok(plait_receive_queue_place(&m.q, 0, "xxxxxxxxxxxxxxxxxxxxx", 21, false));
    assert_memory_equal(plait_receive_queue_peek(&m.q, &length), "ABCDefghIJKLMNOP", CHUNK);
    assert_true(plait_receive_queue_edge(&m.q) == 20);
}

static void exactly_the_window_is_taken(void **state)
{
    (void)state;
    static struct model m;
    prepare(&m, 0, 3, 0);
    uint8_t octets[LIMIT + 4] = {0};
    uint32_t news;
    m.chunks.pool.limit = 20;
    assert_reason(plait_receive_queue_write(&m.q, 3, octets, LIMIT + 1, &news), BAD_VALUE);
    assert_reason(plait_receive_queue_write(&m.q, LIMIT + 3, octets, 1, &news), BAD_VALUE);
    assert_reason(plait_receive_queue_write(&m.q, UINT64_MAX, octets, 9, &news), BAD_VALUE);
    assert_reason(plait_receive_queue_mark(&m.q, LIMIT + 3, 1, &news), BAD_VALUE);
    assert_int_equal(m.chunks.pool.alive, 0);
    assert_ok(plait_receive_queue_write(&m.q, 0, octets, 3, &news)); /* all of it below start */
    assert_int_equal(news, 0);
    assert_int_equal(m.chunks.pool.alive, 0);
    assert_ok(plait_receive_queue_write(&m.q, 0, octets, LIMIT + 3, &news));
    assert_int_equal(news, LIMIT);
}

static void the_window_ends_with_the_offsets(void **state)
{
    (void)state;
    static struct model m;
    prepare(&m, 0, 0, 0);
    m.q.start = UINT64_MAX - 10;
    uint8_t octets[20] = {0};
    uint32_t news;
    assert_reason(plait_receive_queue_write(&m.q, UINT64_MAX - 10, octets, 11, &news), BAD_VALUE);
    assert_ok(plait_receive_queue_write(&m.q, UINT64_MAX - 15, octets, 15, &news));
    assert_int_equal(news, 10);
    plait_receive_queue_consume(&m.q, 10);
    assert_int_equal(m.chunks.pool.alive, 0);
}

static void a_refusal_changes_nothing(void **state)
{
    (void)state;
    static struct model m;
    prepare(&m, 0, 0, 0);
    m.chunks.pool.limit = 3;
    uint8_t octets[80];
    memset(octets, 1, sizeof octets);
    uint32_t news, length = 1;
    assert_ok(plait_receive_queue_place(&m.q, 0, octets, 5, false));
    memset(octets, 2, sizeof octets);
    assert_reason(plait_receive_queue_write(&m.q, 0, octets, 4 * CHUNK, &news), NO_ROOM);
    assert_int_equal(m.chunks.pool.alive, 1);
    assert_int_equal(*plait_receive_queue_placed(&m.q, 0, &length), 1);
    assert_int_equal(m.q.received.count, 0);
    for (uint64_t i = 0; i < RANGES; i++)
        assert_ok(plait_receive_queue_write(&m.q, 6 + 2 * i, octets, 1, &news));
    assert_reason(plait_receive_queue_write(&m.q, 0, octets, 1, &news), TOO_MANY);
    assert_int_equal(*plait_receive_queue_placed(&m.q, 0, &length), 1);
    assert_ok(plait_receive_queue_write(&m.q, 0, octets, 6, &news));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_the_model),
        cmocka_unit_test(it_agrees_near_the_last_offset),
        cmocka_unit_test(the_first_copy_wins),
        cmocka_unit_test(exactly_the_window_is_taken),
        cmocka_unit_test(the_window_ends_with_the_offsets),
        cmocka_unit_test(a_refusal_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
