/* Random streams over random subflows, sent again on others, out of order, seen by the auditor and
 * flattened: what a receiver of the flat flow gets is what the applications wrote. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/audit/fixture.h"
#include "tests/unit/audit/listener.h"
#include "tests/unit/dice.h"

enum { PACKETS_MAX = 2000, STREAM_OCTETS = 60000, PATHS = 4, MOVED_MAX = 30 };

struct sent {
    uint8_t *octets;
    size_t length;
};

struct play {
    struct dice dice;
    struct talk talk;
    struct ear ear; /* gives packets back */
    struct sent packets[PACKETS_MAX];
    unsigned count, first_data;
    uint8_t stream[2][STREAM_OCTETS];
    uint64_t length[2];
    bool is_closed;
};

static void keep(void *owner, const uint8_t *ip, size_t octets)
{
    struct play *p = owner;
    assert_true(p->count < PACKETS_MAX);
    struct sent *s = &p->packets[p->count++];
    s->length = octets;
    s->octets = malloc(octets);
    assert_non_null(s->octets);
    memcpy(s->octets, ip, octets);
}

/* ---- what is sent ------------------------------------------------------------------------------
 */

static void send_part(struct play *p, unsigned end, uint64_t at, uint16_t length)
{
    unsigned path = (unsigned)throw_below(&p->dice, PATHS);
    struct plait_mptcp_option o = mapping(&p->talk, path, end, at, length);
    o.dss.has_ack = false;
    if (throw_below(&p->dice, 4) == 0) {
        o.dss.dsn_is_64 = false;
        o.dss.dsn = (uint32_t)o.dss.dsn;
    }
    say(&p->talk, path, end, PLAIT_ACK, &o, 1, p->stream[end] + at, length);
}

/* New octets, and now and then old ones again on whatever path. */
static void send_some(struct play *p, unsigned end)
{
    uint64_t at = p->talk.next_dsn[end], left = p->length[end] - at;
    uint64_t length = 1 + throw_below(&p->dice, 1400);
    length = length < left ? length : left;
    if (length)
        send_part(p, end, at, (uint16_t)length);
    p->talk.next_dsn[end] = at + length;
    if (at && throw_below(&p->dice, 5) == 0) {
        uint64_t back = 1 + throw_below(&p->dice, at < 3000 ? at : 3000);
        uint64_t again = 1 + throw_below(&p->dice, back < 1400 ? back : 1400);
        send_part(p, end, at - back, (uint16_t)again);
    }
    if (throw_below(&p->dice, 3) == 0)
        data_ack(&p->talk, (unsigned)throw_below(&p->dice, PATHS), !end);
}

static void send_data_fin(struct play *p, unsigned end)
{
    struct plait_mptcp_option o = mapping(&p->talk, 0, end, p->length[end], 1);
    o.dss.data_fin = true;
    o.dss.ssn = 0;
    say(&p->talk, 0, end, PLAIT_ACK, &o, 1, NULL, 0);
    p->talk.next_dsn[end]++;
}

static void write_streams(struct play *p)
{
    for (unsigned end = 0; end < 2; end++) {
        p->length[end] = throw_below(&p->dice, STREAM_OCTETS);
        for (unsigned i = 0; i < STREAM_OCTETS; i++)
            p->stream[end][i] = (uint8_t)throw_u64(&p->dice);
    }
}

static void send_all(struct play *p)
{
    hello(&p->talk);
    for (unsigned path = 1; path < PATHS; path++)
        join(&p->talk, path, path == 3);
    p->first_data = p->count;
    while (p->talk.next_dsn[0] < p->length[0] || p->talk.next_dsn[1] < p->length[1])
        send_some(p, throw_below(&p->dice, 2) ? 1 : 0);
    if (!p->is_closed)
        return;
    for (unsigned end = 0; end < 2; end++)
        send_data_fin(p, end);
    for (unsigned end = 0; end < 2; end++)
        data_ack(&p->talk, 0, end);
}

/* A packet comes at most MOVED_MAX places late. */
static void disorder(struct play *p)
{
    unsigned end = p->count - (p->is_closed ? 4 : 0);
    for (unsigned i = p->first_data; i + 1 < end; i++) {
        unsigned left = end - i, reach = left < MOVED_MAX ? left : MOVED_MAX;
        unsigned j = i + (unsigned)throw_below(&p->dice, reach);
        struct sent first = p->packets[i];
        if (throw_below(&p->dice, 3))
            continue;
        p->packets[i] = p->packets[j];
        p->packets[j] = first;
    }
}

/* ---- what is seen -------------------------------------------------------------------------------
 */

struct sensor {
    void *memory[2];
    struct plait_audit *audit;
    struct plait_flatten *f;
    struct listener heard;
};

static struct plait_arena arena_of(struct sensor *s, unsigned which, size_t octets)
{
    octets = (octets + 15) & ~(size_t)15;
    s->memory[which] = aligned_alloc(16, octets);
    assert_non_null(s->memory[which]);
    return plait_arena(s->memory[which], octets);
}

static void open_sensor(struct sensor *s, const struct plait_flatten_limits *flat)
{
    memset(s, 0, sizeof *s);
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = 8 << 20;
    struct plait_arena arena = arena_of(s, 0, plait_flatten_arena_octets(flat));
    s->f = plait_flatten_new(&arena, flat, listen_to, &s->heard);
    assert_non_null(s->f);
    struct plait_audit_sink sink = plait_flatten_sink();
    struct plait_draw_key key = plait_draw_key(1);
    arena = arena_of(s, 1, plait_audit_arena_octets(&limits));
    s->audit = plait_audit_new(&arena, &limits, &key, &sink, s->f);
    assert_non_null(s->audit);
}

static void see(struct sensor *s, plait_time_ns at_ns, uint64_t frame, const struct sent *packet)
{
    struct plait_seen seen = {.at_ns = at_ns,
                              .frame = frame,
                              .ip = packet->octets,
                              .ip_octets = (uint32_t)packet->length,
                              .wire_octets = (uint32_t)packet->length};
    plait_flatten_begin(s->f, &seen);
    struct plait_audit_place place = plait_audit_packet(s->audit, &seen);
    plait_flatten_end(s->f, &place);
}

static void close_sensor(struct sensor *s)
{
    forget_heard(&s->heard);
    free(s->memory[0]);
    free(s->memory[1]);
}

static uint64_t counted(const struct sensor *s, enum plait_flat_count which)
{
    return plait_flatten_counts(s->f)->count[which];
}

/* ---- tests --------------------------------------------------------------------------------- */

static struct play *play_of(uint64_t seed, bool is_closed)
{
    struct play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->dice = dice(seed);
    p->is_closed = is_closed;
    p->ear = (struct ear){.divert = keep, .divert_owner = p};
    p->talk = talk(&p->ear, throw_below(&p->dice, 4) ? 1 : 0);
    for (unsigned end = 0; end < 2; end++) {
        p->talk.key[end] = throw_u64(&p->dice);
        for (unsigned path = 0; path < PATHS; path++)
            p->talk.path[path].seq[end] = (uint32_t)throw_u64(&p->dice);
    }
    write_streams(p);
    send_all(p);
    disorder(p);
    return p;
}

static void free_play(struct play *p)
{
    for (unsigned i = 0; i < p->count; i++)
        free(p->packets[i].octets);
    free(p);
}

static void compare(const struct play *p, const struct listener *l)
{
    assert_int_equal(l->flow_count, 1);
    for (unsigned d = 0; d < 2; d++) {
        const struct flow_side *side = &l->flows[0].stream[d];
        assert_int_equal(side->next, p->length[d] + p->is_closed);
        assert_int_equal(side->has_fin, p->is_closed);
        assert_int_equal(side->gaps, 0);
        assert_int_equal(side->acked, side->next);
        if (p->length[d])
            assert_memory_equal(side->octets, p->stream[d], p->length[d]);
    }
}

static void play_one(uint64_t seed, bool is_closed)
{
    struct sensor s;
    struct plait_flatten_limits flat = plait_flatten_limits();
    flat.gather_ns = seed % 3 ? flat.gather_ns : 0;
    flat.memory_octets = 1 << 20;
    struct play *p = play_of(seed, is_closed);
    open_sensor(&s, &flat);
    for (unsigned i = 0; i < p->count; i++)
        see(&s, (i + 1) * PLAIT_MS, i + 1, &p->packets[i]);
    for (unsigned d = 0; d < 2 && is_closed; d++) /* not only because the capture ended */
        assert_int_equal(s.heard.flows[0].stream[d].acked, p->length[d] + 1);
    plait_audit_end(s.audit);
    compare(p, &s.heard);
    assert_int_equal(counted(&s, PLAIT_FLAT_COUNT_GAPS), 0);
    assert_int_equal(counted(&s, PLAIT_FLAT_COUNT_PASSED), 1); /* the first SYN */
    assert_int_equal(counted(&s, PLAIT_FLAT_COUNT_INVENTED), 0);
    close_sensor(&s);
    free_play(p);
}

static void a_receiver_of_the_flat_flow_gets_what_was_written(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++)
        play_one(seed, seed % 4 != 0);
}

/* Half of a stream's packets are missing: what is there is where it belongs. */
static void what_a_capture_lacks_is_a_gap_of_its_length(void **state)
{
    (void)state;
    struct sensor s;
    struct plait_flatten_limits flat = plait_flatten_limits();
    flat.memory_octets = 1 << 20;
    struct play *p = play_of(99, false);
    open_sensor(&s, &flat);
    for (unsigned i = 0; i < p->count; i++)
        if (i < p->first_data || throw_below(&p->dice, 2))
            see(&s, (i + 1) * PLAIT_MS, i + 1, &p->packets[i]);
    plait_audit_end(s.audit);
    assert_true(counted(&s, PLAIT_FLAT_COUNT_GAPS) > 0);
    uint64_t same = 0, gaps = 0;
    for (unsigned d = 0; d < 2; d++) {
        const struct flow_side *side = &s.heard.flows[0].stream[d];
        gaps += side->gaps;
        for (uint64_t i = 0; i < side->next; i++)
            same += side->octets[i] == p->stream[d][i];
        same += side->gaps;
        assert_true(side->next <= p->length[d]);
    }
    const struct flow_side *sides = s.heard.flows[0].stream;
    assert_true(same >= sides[0].next + sides[1].next); /* zeros may be right by chance */
    assert_int_equal(gaps, counted(&s, PLAIT_FLAT_COUNT_GAP_OCTETS));
    close_sensor(&s);
    free_play(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receiver_of_the_flat_flow_gets_what_was_written),
        cmocka_unit_test(what_a_capture_lacks_is_a_gap_of_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
