/* bench-base: ns per operation of the data types under every connection.
 *
 * Each number is the best of several rounds, so that a busy machine disturbs little.  Peers:
 * copying the same octets; for everything else the smallest size of the same row.  May touch:
 * standard output and the monotonic clock. */
#include <string.h>

#include "base/draw.h"
#include "base/panic.h"
#include "base/range_set.h"
#include "base/receive_queue.h"
#include "base/send_queue.h"
#include "base/table.h"
#include "base/timers.h"
#include "bench/table.h"

enum {
    ROUNDS = 7,
    CALLS = 100000,
    SEGMENT_OCTETS = 1460,
    CHUNK_OCTETS = 16384,
    WINDOW_OCTETS = 1 << 20,
    RANGES = 256,
    TIMERS = 1000,
    NODES = 100000,
    MEMORY_OCTETS = 1 << 24
};

static _Alignas(16) uint8_t memory[MEMORY_OCTETS];
static uint8_t data[2 * SEGMENT_OCTETS], room[2 * SEGMENT_OCTETS];
static volatile uint64_t sink; /* results go here so that no call is dropped */

static double ns_per_call(void (*call)(void *, uint64_t), void *context)
{
    plait_time_ns best = PLAIT_NEVER;
    uint64_t n = 0;
    for (int round = 0; round < ROUNDS; round++) {
        plait_time_ns start = bench_now_ns();
        for (int i = 0; i < CALLS; i++)
            call(context, n++);
        best = plait_earlier(best, bench_now_ns() - start);
    }
    return (double)best / CALLS;
}

static struct plait_chunks chunks_in(struct plait_arena *arena)
{
    *arena = plait_arena(memory, sizeof memory);
    return plait_chunks(arena, CHUNK_OCTETS, 4 * WINDOW_OCTETS);
}

/* ---- queues ---- */

static void copy_twice(void *context, uint64_t n)
{
    (void)context;
    data[0] = (uint8_t)n;
    memcpy(room, data, SEGMENT_OCTETS);
    memcpy(room + SEGMENT_OCTETS, room, SEGMENT_OCTETS);
    sink += room[SEGMENT_OCTETS + n % SEGMENT_OCTETS];
}

/* What a segment costs that is written, sent, acknowledged by its subflow and DATA_ACKed half a
 * window later. */
static void send_segment(void *context, uint64_t n)
{
    struct plait_send_queue *q = context;
    uint64_t at = q->end;
    sink += plait_send_queue_write(q, data, SEGMENT_OCTETS);
    plait_send_queue_pin(q, at, at + SEGMENT_OCTETS);
    plait_send_queue_read(q, at, SEGMENT_OCTETS, room);
    sink += room[n % SEGMENT_OCTETS];
    if (at < WINDOW_OCTETS / 2)
        return;
    uint64_t acked = n * SEGMENT_OCTETS - WINDOW_OCTETS / 2 / SEGMENT_OCTETS * SEGMENT_OCTETS;
    plait_send_queue_unpin(q, acked, acked + SEGMENT_OCTETS);
    plait_send_queue_release(q, acked + SEGMENT_OCTETS);
}

static void receive_in_order(void *context, uint64_t n)
{
    struct plait_receive_queue *q = context;
    uint32_t news, left = SEGMENT_OCTETS;
    sink += plait_receive_queue_write(q, n * SEGMENT_OCTETS, data, SEGMENT_OCTETS, &news).reason;
    while (left > 0) {
        uint32_t length;
        const uint8_t *octets = plait_receive_queue_peek(q, &length);
        memcpy(room, octets, length);
        sink += room[n % length];
        plait_receive_queue_consume(q, length);
        left -= length;
    }
}

/* Two paths: segments come in turn from the low half of the window and from the high one. */
static void receive_at_two_places(void *context, uint64_t n)
{
    enum { HALF = WINDOW_OCTETS / 2 / SEGMENT_OCTETS };
    struct plait_receive_queue *q = context;
    uint64_t turn = n / 2 % HALF, lap = n / 2 / HALF;
    uint64_t segment = 2 * HALF * lap + turn + (n % 2 ? HALF : 0);
    uint32_t news, length;
    sink +=
        plait_receive_queue_write(q, segment * SEGMENT_OCTETS, data, SEGMENT_OCTETS, &news).reason;
    while (plait_receive_queue_peek(q, &length)) {
        memcpy(room, data, length < SEGMENT_OCTETS ? length : SEGMENT_OCTETS);
        plait_receive_queue_consume(q, length);
    }
}

static void bench_queues(void)
{
    static const char *const columns[] = {"send", "receive", "at two places", NULL};
    static struct plait_range ranges[RANGES];
    struct plait_arena arena;
    struct plait_chunks chunks = chunks_in(&arena);
    double copied_ns = ns_per_call(copy_twice, NULL);
    struct plait_send_queue send = plait_send_queue(&chunks, WINDOW_OCTETS);
    double sent_ns = ns_per_call(send_segment, &send);
    chunks = chunks_in(&arena);
    struct plait_receive_queue receive =
        plait_receive_queue(&chunks, WINDOW_OCTETS, ranges, RANGES);
    double received_ns = ns_per_call(receive_in_order, &receive);
    chunks = chunks_in(&arena);
    receive = plait_receive_queue(&chunks, WINDOW_OCTETS, ranges, RANGES);
    double two_ns = ns_per_call(receive_at_two_places, &receive);
    bench_head("base: ns a segment, x copying it twice", columns);
    bench_name("1460 octets in and out");
    bench_cell(sent_ns, sent_ns / copied_ns);
    bench_cell(received_ns, received_ns / copied_ns);
    bench_cell(two_ns, two_ns / copied_ns);
    bench_end();
}

/* ---- ranges ---- */

struct ranges {
    struct plait_range_set set;
    uint32_t count;
};

/* A range grows by one octet and shrinks again: always the last one, or all in some order. */
static void grow_last(void *context, uint64_t n)
{
    struct plait_range_set *set = &((struct ranges *)context)->set;
    struct plait_range *last = &set->ranges[set->count - 1];
    sink += plait_range_add(set, last->to, last->to + 1).reason + n;
    last->to--;
}

static void grow_any(void *context, uint64_t n)
{
    struct ranges *r = context;
    struct plait_range *range = &r->set.ranges[n * 167 % r->count];
    sink += plait_range_add(&r->set, range->to, range->to + 1).reason;
    range->to--;
}

static void ask(void *context, uint64_t n)
{
    struct ranges *r = context;
    sink += plait_range_first_gap(&r->set, n * 167 % r->count * 100 + 5);
}

static void bench_ranges(void)
{
    static const char *const columns[] = {"add to the last", "add to any", "first gap", NULL};
    static const uint32_t counts[] = {1, 16, RANGES};
    static struct plait_range ranges[RANGES];
    double one_ns[3] = {0};
    bench_head("base: ns a change, x one range", columns);
    for (size_t i = 0; i < 3; i++) {
        struct ranges r = {.set = plait_range_set(ranges, RANGES), .count = counts[i]};
        for (uint64_t j = 0; j < r.count; j++)
            PLAIT_CHECK(plait_ok(plait_range_add(&r.set, j * 100, j * 100 + 50)));
        double ns[3] = {ns_per_call(grow_last, &r), ns_per_call(grow_any, &r),
                        ns_per_call(ask, &r)};
        char name[32];
        snprintf(name, sizeof name, "%u ranges", r.count);
        bench_name(name);
        for (int j = 0; j < 3; j++) {
            one_ns[j] = i == 0 ? ns[j] : one_ns[j];
            bench_cell(ns[j], ns[j] / one_ns[j]);
        }
        bench_end();
    }
}

/* ---- timers ---- */

struct clocks {
    struct plait_timers timers;
    struct plait_timer timer[TIMERS];
    plait_time_ns now;
    uint32_t count;
};

/* A retransmission timer: moved later with each acknowledgment, and the deadline asked each time.
 */
static void move_later(void *context, uint64_t n)
{
    struct clocks *c = context;
    c->now += 1000;
    plait_timer_set(&c->timers, &c->timer[n * 167 % c->count], c->now + 200 * PLAIT_MS);
    sink += (uint64_t)plait_timers_deadline(&c->timers);
}

static void set_and_fire(void *context, uint64_t n)
{
    struct clocks *c = context;
    c->now = plait_timers_deadline(&c->timers);
    struct plait_timer *timer = plait_timers_due(&c->timers, c->now);
    plait_timer_set(&c->timers, timer, c->now + 1 + (plait_time_ns)(n * 7919 % 2000000));
}

static void bench_timers(void)
{
    static const char *const columns[] = {"move later, ask", "set and fire", NULL};
    static const uint32_t counts[] = {1, 16, TIMERS};
    static struct clocks c;
    double one_ns[2] = {0};
    bench_head("base: ns a change, x one timer", columns);
    for (size_t i = 0; i < 3; i++) {
        double ns[2];
        for (int j = 0; j < 2; j++) {
            c = (struct clocks){.count = counts[i]};
            for (uint32_t k = 0; k < c.count; k++) {
                plait_timer_init(&c.timer[k], 0);
                plait_timer_set(&c.timers, &c.timer[k], 1 + k);
            }
            ns[j] = ns_per_call(j ? set_and_fire : move_later, &c);
            one_ns[j] = i == 0 ? ns[j] : one_ns[j];
        }
        char name[32];
        snprintf(name, sizeof name, "%u timers", c.count);
        bench_name(name);
        bench_cell(ns[0], ns[0] / one_ns[0]);
        bench_cell(ns[1], ns[1] / one_ns[1]);
        bench_end();
    }
}

/* ---- table ---- */

struct names {
    struct plait_table table;
    struct plait_table_node nodes[NODES];
    struct plait_draw_key key;
    uint32_t count;
};

static uint64_t hash_of(const struct names *names, uint64_t which)
{
    return plait_siphash(&names->key, &which, sizeof which);
}

static void find(void *context, uint64_t n)
{
    struct names *names = context;
    sink += plait_table_find(&names->table, hash_of(names, n * 7919 % names->count), NULL) != NULL;
}

static void hash_alone(void *context, uint64_t n)
{
    struct names *names = context;
    sink += hash_of(names, n * 7919 % names->count);
}

static void bench_tables(void)
{
    static const char *const columns[] = {"find", "hash alone", NULL};
    static const uint32_t counts[] = {1000, NODES};
    static struct names names;
    double one_ns = 0;
    bench_head("base: ns, x a thousand nodes", columns);
    for (size_t i = 0; i < 2; i++) {
        struct plait_arena arena = plait_arena(memory, sizeof memory);
        names = (struct names){
            .table = plait_table(&arena), .key = plait_draw_key(1), .count = counts[i]};
        for (uint32_t j = 0; j < names.count; j++)
            PLAIT_CHECK(plait_table_insert(&names.table, &names.nodes[j], hash_of(&names, j)));
        double found_ns = ns_per_call(find, &names), hashed_ns = ns_per_call(hash_alone, &names);
        one_ns = i == 0 ? found_ns : one_ns;
        char name[32];
        snprintf(name, sizeof name, "%u nodes", names.count);
        bench_name(name);
        bench_cell(found_ns, found_ns / one_ns);
        bench_cell(hashed_ns, hashed_ns / one_ns);
        bench_end();
    }
}

int main(void)
{
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 31);
    bench_queues();
    bench_ranges();
    bench_timers();
    bench_tables();
    return 0;
}
