/* The small parts: numbered objects, chains of numbers, and packets as captures have them. */
#include <stdlib.h>

#include "audit/index.h"
#include "audit/packet.h"
#include "audit/slab.h"
#include "tests/unit/dice.h"
#include "tests/unit/test.h"
#include "wire/checksum.h"

static struct plait_arena arena_of(size_t octets)
{
    void *memory = malloc(octets); /* any object is aligned to 16, as an arena wants it */
    assert_non_null(memory);
    memset(memory, 0xa5, octets);
    return plait_arena(memory, octets);
}

/* ---- slab ---- */

struct object {
    struct plait_slab_link link;
    uint64_t value;
};

static void a_slab_gives_zeroed_objects_up_to_its_limit(void **state)
{
    (void)state;
    struct plait_arena arena = arena_of(4096);
    struct plait_slab slab;
    assert_true(plait_slab_init(&slab, &arena, sizeof(struct object), 3, false));
    for (uint32_t n = 1; n <= 3; n++) {
        assert_int_equal(plait_slab_take(&slab), n);
        assert_int_equal(((struct object *)plait_slab_at(&slab, n))->value, 0);
        ((struct object *)plait_slab_at(&slab, n))->value = n;
    }
    assert_int_equal(plait_slab_take(&slab), 0);
    plait_slab_give(&slab, 2);
    assert_int_equal(plait_slab_take(&slab), 2);
    assert_int_equal(((struct object *)plait_slab_at(&slab, 2))->value, 0);
    assert_int_equal(slab.alive, 3);
    free(arena.start);
}

static void an_ordered_slab_knows_its_oldest(void **state)
{
    (void)state;
    struct plait_arena arena = arena_of(4096);
    struct plait_slab slab;
    assert_true(plait_slab_init(&slab, &arena, sizeof(struct object), 4, true));
    for (unsigned i = 0; i < 4; i++)
        plait_slab_take(&slab);
    plait_slab_touch(&slab, 1);
    assert_int_equal(slab.oldest, 2);
    plait_slab_give(&slab, 2);
    plait_slab_touch(&slab, 3);
    assert_int_equal(slab.oldest, 4);
    assert_int_equal(slab.newest, 3);
    plait_slab_give(&slab, 4);
    plait_slab_give(&slab, 3);
    assert_int_equal(slab.oldest, 1);
    plait_slab_give(&slab, 1);
    assert_int_equal(slab.oldest, 0);
    assert_int_equal(slab.newest, 0);
    free(arena.start);
}

/* ---- index ---- */

#define KEYS 3000
static uint32_t key_of[KEYS + 1];

static unsigned asked;

static uint64_t hash_of(const void *owner, uint32_t node)
{
    (void)owner;
    asked++;
    return key_of[node] * UINT64_C(0x9e3779b97f4a7c15);
}

static unsigned found(const struct plait_index *index, uint32_t key)
{
    unsigned count = 0;
    struct plait_index_walk walk = plait_index_walk(index, key * UINT64_C(0x9e3779b97f4a7c15));
    for (uint32_t node; (node = plait_index_next(index, &walk));)
        count += key_of[node] == key;
    return count;
}

static void an_index_finds_what_is_in_it_while_it_grows(void **state)
{
    (void)state;
    struct plait_arena arena = arena_of(plait_index_octets(KEYS));
    struct plait_index index;
    struct dice d = dice(3);
    static unsigned expected[500];
    static bool is_in[KEYS + 1];
    assert_true(plait_index_init(&index, &arena, KEYS, hash_of, NULL));
    for (unsigned step = 0; step < 20000; step++) {
        uint32_t node = 1 + (uint32_t)throw_below(&d, KEYS);
        if (is_in[node]) {
            plait_index_remove(&index, node, hash_of(NULL, node));
            expected[key_of[node]]--;
        } else {
            key_of[node] = (uint32_t)throw_below(&d, 500); /* keys repeat */
            plait_index_add(&index, node, hash_of(NULL, node));
            expected[key_of[node]]++;
        }
        is_in[node] = !is_in[node];
    }
    for (uint32_t key = 0; key < 500; key++)
        assert_int_equal(found(&index, key), expected[key]);
    assert_true(index.mask > 100);
    free(arena.start);
}

static unsigned passed_by(const struct plait_index *index, uint64_t hash)
{
    unsigned count = 0;
    struct plait_index_walk walk = plait_index_walk(index, hash);
    while (plait_index_next(index, &walk))
        count++;
    return count;
}

/* What a link says of a node's hash is what waiting for the node would say. */
static void an_index_waits_for_few_of_its_objects(void **state)
{
    (void)state;
    struct plait_arena arena = arena_of(plait_index_octets(KEYS));
    struct plait_index index;
    unsigned others = 0;
    assert_true(plait_index_init(&index, &arena, KEYS, hash_of, NULL));
    asked = 0;
    for (uint32_t node = 1; node <= KEYS; node++) {
        key_of[node] = node;
        plait_index_add(&index, node, hash_of(NULL, node));
    }
    assert_int_equal(index.mask, 255);
    /* Once for each that is added here; when 192 were in 16 buckets; never in the last three
     * doublings. */
    assert_int_equal(asked, KEYS + 192);
    for (uint32_t key = KEYS + 1; key <= 4 * KEYS; key++)
        others += passed_by(&index, key * UINT64_C(0x9e3779b97f4a7c15));
    assert_true(others < KEYS / 100);
    free(arena.start);
}

static void give_equal(struct plait_index *index, const bool is_in[KEYS + 1])
{
    struct plait_index_walk walk = plait_index_walk(index, hash_of(NULL, 1));
    bool was_given[KEYS + 1] = {false};
    for (uint32_t node; (node = plait_index_next(index, &walk)); was_given[node] = true)
        assert_true(is_in[node] && !was_given[node]);
    for (uint32_t node = 1; node <= KEYS; node++)
        assert_int_equal(was_given[node], is_in[node]);
}

/* Tokens of one key are as many as somebody likes: all nodes may be in one bucket. */
static void an_index_holds_equal_keys_the_newest_first(void **state)
{
    (void)state;
    struct plait_arena arena = arena_of(plait_index_octets(KEYS));
    struct plait_index index;
    struct dice d = dice(5);
    bool is_in[KEYS + 1] = {false};
    assert_true(plait_index_init(&index, &arena, KEYS, hash_of, NULL));
    for (uint32_t node = 1; node <= KEYS; node++) {
        key_of[node] = 7;
        plait_index_add(&index, node, hash_of(NULL, node));
        is_in[node] = true;
    }
    struct plait_index_walk walk = plait_index_walk(&index, hash_of(NULL, 1));
    for (uint32_t newest = KEYS; newest > 0; newest--)
        assert_int_equal(plait_index_next(&index, &walk), newest);
    give_equal(&index, is_in);
    assert_true(index.spares_made <= KEYS / PLAIT_INDEX_LINKS);
    for (unsigned step = 0; step < 3 * KEYS; step++) {
        uint32_t node = 1 + (uint32_t)throw_below(&d, KEYS);
        if (is_in[node])
            plait_index_remove(&index, node, hash_of(NULL, node));
        else if (step > KEYS)
            plait_index_add(&index, node, hash_of(NULL, node));
        is_in[node] = !is_in[node] && step > KEYS;
        if (step % 100 == 0)
            give_equal(&index, is_in);
    }
    assert_true(index.spares_made <= KEYS / PLAIT_INDEX_LINKS);
    plait_index_clear(&index);
    memset(is_in, 0, sizeof is_in);
    give_equal(&index, is_in);
    free(arena.start);
}

/* ---- packet ---- */

static size_t build(uint8_t *octets, size_t room, size_t payload_octets, bool offloaded)
{
    static uint8_t payload[3000];
    struct plait_segment s = {.src_port = 1,
                              .dst_port = 2,
                              .seq = 3,
                              .flags = PLAIT_ACK,
                              .options = {.has_timestamps = true, .timestamp = 77},
                              .mptcp_count = 1,
                              .mptcp = {{.subtype = PLAIT_DSS, .dss = {.has_ack = true}}},
                              .payload = payload,
                              .payload_octets = payload_octets};
    assert_ok(plait_addr_parse("198.18.1.1", &s.ip.src));
    assert_ok(plait_addr_parse("198.18.1.2", &s.ip.dst));
    memset(payload, 0x5a, sizeof payload);
    size_t length;
    assert_ok(plait_segment_build(&s, octets, room, &length));
    if (offloaded) {
        struct plait_segment_head head;
        assert_ok(plait_segment_begin(&s, octets, room, &head));
        plait_segment_end(&s, &head, (uint32_t)payload_octets, 0, true, octets);
    }
    return length;
}

static enum plait_packet_verify sum_of(const uint8_t *octets, size_t there, size_t kept)
{
    struct plait_packet p;
    struct plait_seen seen = {
        .ip = octets, .ip_octets = (uint32_t)kept, .wire_octets = (uint32_t)there};
    assert_ok(plait_packet_read(&seen, &p));
    return plait_packet_verify(&p);
}

static void a_checksum_is_good_offloaded_unknown_or_bad(void **state)
{
    (void)state;
    uint8_t octets[4000];
    size_t length = build(octets, sizeof octets, 100, false);
    assert_int_equal(sum_of(octets, length, length), PLAIT_SUM_GOOD);
    assert_int_equal(sum_of(octets, length, length - 1), PLAIT_SUM_UNKNOWN);
    octets[length - 1] ^= 1;
    assert_int_equal(sum_of(octets, length, length), PLAIT_SUM_BAD);
    length = build(octets, sizeof octets, 100, true);
    assert_int_equal(sum_of(octets, length, length), PLAIT_SUM_OFFLOADED);
    length = build(octets, sizeof octets, 2900, false); /* made of two by a device */
    octets[length - 1] ^= 1;
    assert_int_equal(sum_of(octets, length, length), PLAIT_SUM_UNKNOWN);
}

static void a_packet_cut_anywhere_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    uint8_t octets[400];
    size_t length = build(octets, sizeof octets, 100, false);
    for (size_t kept = 0; kept <= length; kept++) {
        uint8_t *copy = malloc(kept ? kept : 1);
        assert_non_null(copy);
        memcpy(copy, octets, kept);
        struct plait_packet p;
        struct plait_seen seen = {
            .ip = copy, .ip_octets = (uint32_t)kept, .wire_octets = (uint32_t)length};
        plait_result result = plait_packet_read(&seen, &p);
        assert_int_equal(plait_ok(result), kept >= 40);
        if (plait_ok(result)) {
            assert_int_equal(p.payload_octets, 100);
            assert_int_equal(p.kept_octets, kept > length - 100 ? kept - (length - 100) : 0);
            assert_int_equal(p.options_cut, kept < length - 100);
        } else if (kept) {
            assert_reason(result, TRUNCATED);
        }
        free(copy);
    }
}

static void what_is_no_tcp_has_its_reason(void **state)
{
    (void)state;
    uint8_t octets[400];
    size_t length = build(octets, sizeof octets, 10, false);
    struct plait_packet p;
    struct plait_seen seen = {
        .ip = octets, .ip_octets = (uint32_t)length, .wire_octets = (uint32_t)length};
    octets[9] = PLAIT_PROTOCOL_UDP;
    assert_reason(plait_packet_read(&seen, &p), NOT_TCP);
    octets[9] = PLAIT_PROTOCOL_TCP;
    octets[6] = 0x20; /* more fragments */
    assert_reason(plait_packet_read(&seen, &p), FRAGMENT);
    octets[6] = 0;
    octets[0] = 0x75;
    assert_reason(plait_packet_read(&seen, &p), BAD_VERSION);
    octets[0] = 0x4f; /* a header longer than the packet */
    octets[3] = 30;
    assert_reason(plait_packet_read(&seen, &p), BAD_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slab_gives_zeroed_objects_up_to_its_limit),
        cmocka_unit_test(an_ordered_slab_knows_its_oldest),
        cmocka_unit_test(an_index_finds_what_is_in_it_while_it_grows),
        cmocka_unit_test(an_index_waits_for_few_of_its_objects),
        cmocka_unit_test(an_index_holds_equal_keys_the_newest_first),
        cmocka_unit_test(a_checksum_is_good_offloaded_unknown_or_bad),
        cmocka_unit_test(a_packet_cut_anywhere_is_read_as_far_as_it_goes),
        cmocka_unit_test(what_is_no_tcp_has_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
