/* A send queue against a model that knows what every octet is and who has pinned what. */
#include "tests/unit/test.h"

#include "base/send_queue.h"
#include "tests/unit/dice.h"

enum { CHUNK = 16, CHUNKS = 24, LIMIT = 200, PINS = 12, STEPS = 4000, SEEDS = 40 };

static _Alignas(16) uint8_t memory[4096];

static uint8_t octet_at(uint64_t offset)
{
    return (uint8_t)((offset * 0x9e3779b97f4a7c15u) >> 56);
}

static void write_pattern(uint8_t *to, uint64_t offset, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        to[i] = octet_at(offset + i);
}

static void assert_pattern(const uint8_t *octets, uint64_t offset, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        assert_int_equal(octets[i], octet_at(offset + i));
}

struct part {
    uint64_t from, to;
};

struct model {
    struct plait_arena arena;
    struct plait_chunks chunks;
    struct plait_send_queue q;
    uint64_t base;
    struct part pins[PINS];
    int pin_count;
    struct dice dice;
};

static void prepare(struct model *m, uint64_t base, uint64_t seed)
{
    *m = (struct model){.arena = plait_arena(memory, sizeof memory), .base = base};
    /* A quarter of all stays for receiving: CHUNKS are what may be sent from. */
    m->chunks = plait_chunks(&m->arena, CHUNK, (CHUNKS + CHUNKS / 3) * CHUNK);
    m->q = plait_send_queue(&m->chunks, LIMIT);
    m->q.start = m->q.end = base;
    m->dice = dice(seed);
}

static bool touches(uint64_t number, struct part part)
{
    return part.from < part.to && number >= part.from / CHUNK && number <= (part.to - 1) / CHUNK;
}

static bool is_needed(const struct model *m, uint64_t number)
{
    bool needed = touches(number, (struct part){m->q.start, m->q.end});
    for (int i = 0; i < m->pin_count; i++)
        needed = needed || touches(number, m->pins[i]);
    return needed;
}

/* How many chunks must be held: no more are. */
static uint32_t needed(const struct model *m)
{
    uint64_t lowest = m->q.start;
    for (int i = 0; i < m->pin_count; i++)
        lowest = m->pins[i].from < lowest ? m->pins[i].from : lowest;
    uint32_t count = 0;
    for (uint64_t n = lowest / CHUNK; n <= m->q.end / CHUNK; n++)
        count += is_needed(m, n);
    return count;
}

static uint32_t least(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

static uint32_t capacity(const struct model *m)
{
    uint32_t left = CHUNKS - needed(m), at = m->q.end % CHUNK;
    uint32_t octets = is_needed(m, m->q.end / CHUNK) ? CHUNK - at + left * CHUNK
                      : left                         ? left * CHUNK - at
                                                     : 0;
    return least(octets, LIMIT - (m->q.end - m->q.start));
}

static void do_write(struct model *m)
{
    uint8_t octets[80];
    uint64_t end = m->q.end;
    uint32_t length = (uint32_t)throw_below(&m->dice, sizeof octets);
    length = least(length, UINT64_MAX - end);
    uint32_t expected = least(capacity(m), length);
    write_pattern(octets, end, length);
    if (throw_below(&m->dice, 4) > 0) {
        assert_int_equal(plait_send_queue_write(&m->q, octets, length), expected);
        assert_true(m->q.end == end + expected);
        return;
    }
    uint32_t room;
    uint8_t *to = plait_send_queue_reserve(&m->q, &room);
    assert_true(m->q.end == end);
    assert_int_equal(to != NULL, room > 0);
    assert_true(room <= capacity(m) + CHUNK);
    if (!to)
        return;
    if (throw_below(&m->dice, 3) == 0)
        plait_send_queue_release(&m->q, end);
    length = 1 + (uint32_t)throw_below(&m->dice, room);
    write_pattern(to, end, length);
    plait_send_queue_commit(&m->q, length);
    assert_true(m->q.end == end + length);
}

static struct part some_part(struct model *m, struct part of)
{
    uint64_t from = of.from + throw_below(&m->dice, of.to - of.from + 1);
    uint64_t to = from + throw_below(&m->dice, of.to - from + 1);
    return (struct part){from, to};
}

static void do_pin(struct model *m)
{
    if (m->pin_count == PINS)
        return;
    struct part kept = {m->q.start, m->q.end};
    /* What is pinned may be pinned again: by another path that sends it. */
    bool again = m->pin_count > 0 && throw_below(&m->dice, 3) == 0;
    struct part part =
        some_part(m, again ? m->pins[throw_below(&m->dice, (uint64_t)m->pin_count)] : kept);
    plait_send_queue_pin(&m->q, part.from, part.to);
    m->pins[m->pin_count++] = part;
}

static void do_unpin(struct model *m)
{
    if (m->pin_count == 0)
        return;
    uint64_t which = throw_below(&m->dice, (uint64_t)m->pin_count);
    struct part part = m->pins[which];
    m->pins[which] = m->pins[--m->pin_count];
    plait_send_queue_unpin(&m->q, part.from, part.to);
}

static void check_part(struct model *m, struct part of)
{
    uint8_t octets[LIMIT];
    struct part part = some_part(m, of);
    uint32_t length = (uint32_t)(part.to - part.from), cut = length;
    plait_send_queue_read(&m->q, part.from, length, octets);
    assert_pattern(octets, part.from, length);
    const uint8_t *at = plait_send_queue_peek(&m->q, part.from, &cut);
    assert_int_equal(cut, least(length, CHUNK - part.from % CHUNK));
    assert_pattern(at, part.from, cut);
}

static void step(struct model *m)
{
    switch (throw_below(&m->dice, 6)) {
    case 0:
    case 1:
        do_write(m);
        break;
    case 2:
        do_pin(m);
        break;
    case 3:
        do_unpin(m);
        break;
    default:
        plait_send_queue_release(&m->q,
                                 m->q.start + throw_below(&m->dice, m->q.end - m->q.start + 1));
    }
    check_part(m, (struct part){m->q.start, m->q.end});
    for (int i = 0; i < m->pin_count; i++)
        check_part(m, m->pins[i]);
    assert_int_equal(m->chunks.pool.alive, needed(m));
    assert_int_equal(plait_send_queue_room(&m->q),
                     least(LIMIT - (m->q.end - m->q.start), UINT64_MAX - m->q.end));
}

static void play(uint64_t base, uint64_t seed)
{
    struct model m;
    prepare(&m, base, seed);
    for (int i = 0; i < STEPS; i++)
        step(&m);
    plait_send_queue_clear(&m.q);
    assert_int_equal(m.chunks.pool.alive, 0);
    assert_true(m.q.start == m.q.end);
    m.pin_count = 0;
    do_write(&m);
    check_part(&m, (struct part){m.q.start, m.q.end});
}

static void it_keeps_what_is_kept_or_pinned_and_nothing_else(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        play(seed % 3, seed);
}

static void it_does_so_near_the_last_offset(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        play(UINT64_MAX - 3000 * (1 + seed % 4), seed);
}

static void at_the_limit_a_write_is_cut(void **state)
{
    (void)state;
    struct model m;
    prepare(&m, 1, 0);
    uint8_t octets[LIMIT + 1] = {0};
    assert_int_equal(plait_send_queue_write(&m.q, octets, LIMIT - 1), LIMIT - 1);
    assert_int_equal(plait_send_queue_write(&m.q, octets, 2), 1);
    assert_int_equal(plait_send_queue_write(&m.q, octets, 1), 0);
    uint32_t room = 7;
    assert_null(plait_send_queue_reserve(&m.q, &room));
    assert_int_equal(room, 0);
    plait_send_queue_release(&m.q, 2);
    assert_int_equal(plait_send_queue_room(&m.q), 1);
    plait_send_queue_clear(&m.q);
    assert_int_equal(plait_send_queue_write(&m.q, octets, LIMIT + 1), LIMIT);
    plait_send_queue_clear(&m.q);
}

static void without_a_chunk_nothing_changes(void **state)
{
    (void)state;
    struct model m;
    prepare(&m, 0, 0);
    m.chunks.pool.limit = 1;
    uint8_t octets[40];
    write_pattern(octets, 0, 40);
    assert_int_equal(plait_send_queue_write(&m.q, octets, 40), CHUNK);
    assert_false(plait_chunk_may_send(&m.chunks));
    uint32_t room;
    assert_null(plait_send_queue_reserve(&m.q, &room));
    assert_true(m.q.start == 0 && m.q.end == CHUNK);
    plait_send_queue_read(&m.q, 0, CHUNK, octets);
    assert_pattern(octets, 0, CHUNK);
}

static void a_reserved_place_stays_while_all_is_delivered(void **state)
{
    (void)state;
    struct model m;
    prepare(&m, 5, 0);
    uint8_t octets[3];
    write_pattern(octets, 5, 3);
    assert_int_equal(plait_send_queue_write(&m.q, octets, 3), 3);
    uint32_t room;
    uint8_t *to = plait_send_queue_reserve(&m.q, &room);
    assert_int_equal(room, CHUNK - 8);
    plait_send_queue_release(&m.q, 8);
    assert_int_equal(m.chunks.pool.alive, 1);
    write_pattern(to, 8, 2);
    plait_send_queue_commit(&m.q, 2);
    plait_send_queue_read(&m.q, 8, 2, octets);
    assert_pattern(octets, 8, 2);
    plait_send_queue_release(&m.q, 10);
    assert_int_equal(m.chunks.pool.alive, 0);
    assert_non_null(plait_send_queue_reserve(&m.q, &room));
    plait_send_queue_commit(&m.q, 0);
    assert_int_equal(m.chunks.pool.alive, 0);
}

/* A dead path pins its own chunks only (N26). */
static void a_dead_path_holds_no_more_than_its_own(void **state)
{
    (void)state;
    struct model m;
    prepare(&m, 0, 0);
    uint8_t octets[CHUNK];
    for (uint64_t i = 0; i < 200; i++) {
        write_pattern(octets, i * CHUNK, CHUNK);
        assert_int_equal(plait_send_queue_write(&m.q, octets, CHUNK), CHUNK);
        if (i == 3)
            plait_send_queue_pin(&m.q, 3 * CHUNK + 1, 3 * CHUNK + 2);
        plait_send_queue_release(&m.q, (i + 1) * CHUNK);
    }
    assert_int_equal(m.chunks.pool.alive, 1);
    plait_send_queue_read(&m.q, 3 * CHUNK, CHUNK, octets);
    assert_pattern(octets, 3 * CHUNK, CHUNK);
    plait_send_queue_unpin(&m.q, 3 * CHUNK + 1, 3 * CHUNK + 2);
    assert_int_equal(m.chunks.pool.alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_keeps_what_is_kept_or_pinned_and_nothing_else),
        cmocka_unit_test(it_does_so_near_the_last_offset),
        cmocka_unit_test(at_the_limit_a_write_is_cut),
        cmocka_unit_test(without_a_chunk_nothing_changes),
        cmocka_unit_test(a_reserved_place_stays_while_all_is_delivered),
        cmocka_unit_test(a_dead_path_holds_no_more_than_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
