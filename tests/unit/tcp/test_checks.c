/* What a segment must be to be heard: RFC 9293 §3.10.7.4, RFC 5961, RFC 7323, RFC 2018. */
#include "tests/unit/test.h"
#include "world.h"

static const struct world_config plain = {
    .seed = 3, .isn = {0xffffff00u, 0x1000}, .link = {.delay_ns = 5 * PLAIT_MS}};

static struct world *open_with(const struct world_config *config)
{
    struct world *w = world_new(config);
    assert_true(world_run(w, world_is_open, 10 * PLAIT_S));
    world_pass(w, 100 * PLAIT_MS);
    return w;
}

/* Open, and A has sent 1000 octets that B has read. */
static struct world *open_world(const struct world_config *config)
{
    struct world *w = open_with(config);
    w->end[A].to_write = 1000;
    assert_true(world_run(w, world_all_arrived, PLAIT_S));
    world_pass(w, 200 * PLAIT_MS);
    return w;
}

static enum plait_flow_state state_of(const struct world *w, int end)
{
    return plait_flow_state(w->end[end].flow);
}

/* What END sends now, counted. */
static unsigned answers(struct world *w, int end)
{
    uint64_t before = w->end[end].packets;
    world_flush(w);
    return (unsigned)(w->end[end].packets - before);
}

/* ---- RST (RFC 5961 §3.2) ---- */

static void an_exact_rst_is_obeyed(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    struct plait_segment rst = world_forge(w, A, PLAIT_RST);
    world_inject(w, A, &rst);
    assert_int_equal(state_of(w, B), PLAIT_FLOW_CLOSED);
    assert_int_equal(w->end[B].events[PLAIT_FLOW_IS_RESET], 1);
    assert_int_equal(w->end[B].events[PLAIT_FLOW_IS_CLOSED], 1);
    assert_int_equal(world_count(w, B, PLAIT_COUNT_RESETS_IN), 1);
    world_free(w);
}

static void a_rst_inside_the_window_is_challenged(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    struct plait_segment rst = world_forge(w, A, PLAIT_RST);
    rst.seq += 1;
    world_inject(w, A, &rst);
    assert_int_equal(state_of(w, B), PLAIT_FLOW_ESTABLISHED);
    assert_int_equal(world_count(w, B, PLAIT_COUNT_CHALLENGE_RST), 1);
    assert_int_equal(answers(w, B), 1);
    assert_int_equal(w->seen[B].flags, PLAIT_ACK);
    assert_int_equal(w->seen[B].ack, rst.seq - 1);
    rst.seq -= 2; /* below */
    world_inject(w, A, &rst);
    rst.seq += 8 << 20; /* above */
    world_inject(w, A, &rst);
    assert_int_equal(answers(w, B), 0);
    assert_int_equal(world_count(w, B, PLAIT_COUNT_OUT_OF_WINDOW), 2);
    assert_int_equal(state_of(w, B), PLAIT_FLOW_ESTABLISHED);
    world_free(w);
}

static void without_rfc_5961_any_rst_in_the_window_kills(void **state)
{
    (void)state;
    struct world_config config = plain;
    config.tcp[B].no_rfc5961 = true;
    struct world *w = open_world(&config);
    struct plait_segment rst = world_forge(w, A, PLAIT_RST);
    rst.seq += 1000;
    world_inject(w, A, &rst);
    assert_int_equal(state_of(w, B), PLAIT_FLOW_CLOSED);
    world_free(w);
    w = open_world(&config);
    struct plait_segment syn = world_forge(w, A, PLAIT_SYN);
    world_inject(w, A, &syn);
    assert_int_equal(state_of(w, B), PLAIT_FLOW_CLOSED);
    world_free(w);
}

/* ---- SYN (§4.2) ---- */

static void a_syn_is_challenged_whatever_its_number(void **state)
{
    (void)state;
    static const uint32_t steps[] = {0, 1, 100, 0x40000000, 0x80000000, 0xffff0000};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct world *w = open_world(&plain);
        struct plait_segment syn = world_forge(w, A, PLAIT_SYN);
        syn.seq += steps[i];
        world_inject(w, A, &syn);
        assert_int_equal(state_of(w, B), PLAIT_FLOW_ESTABLISHED);
        assert_int_equal(world_count(w, B, PLAIT_COUNT_CHALLENGE_SYN), 1);
        assert_int_equal(answers(w, B), 1);
        assert_int_equal(w->seen[B].flags, PLAIT_ACK);
        world_free(w);
    }
}

/* ---- ACK (§5.2) ---- */

static void an_ack_is_heard_only_in_its_range(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    struct plait_flow *b = w->end[B].flow;
    struct plait_segment data = world_forge(w, A, PLAIT_ACK);
    static const uint8_t octet = 7;
    data.payload = &octet;
    data.payload_octets = 1;
    uint32_t right = data.ack, oldest = right - b->send.window_max;
    uint64_t edge = plait_flow_received(b);
    const uint32_t refused[] = {right + 1, right + 0x7fffffff, oldest - 1, right - 0x7fffffff};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        data.ack = refused[i];
        world_inject(w, A, &data);
        assert_int_equal(plait_flow_received(b), edge);
        assert_int_equal(world_count(w, B, PLAIT_COUNT_OLD_ACK), i + 1);
        assert_int_equal(answers(w, B), 1);
    }
    data.ack = oldest;
    world_inject(w, A, &data);
    assert_int_equal(plait_flow_received(b), edge + 1);
    world_free(w);
}

static void challenges_have_a_limit_each_second(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    unsigned answered = 0;
    struct plait_segment syn = world_forge(w, A, PLAIT_SYN);
    for (int i = 0; i < 50; i++) {
        world_inject(w, A, &syn);
        answered += answers(w, B);
    }
    assert_int_equal(answered, 10);
    assert_int_equal(world_count(w, B, PLAIT_COUNT_CHALLENGES_LIMITED), 40);
    world_pass(w, PLAIT_S);
    world_inject(w, A, &syn);
    assert_int_equal(answers(w, B), 1);
    world_free(w);
}

/* CVE-2016-5696: where flows share the limit, one of them is told of the others' challenges. */
static void shared_challenges_tell_of_other_flows(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    struct plait_stack *stack = w->end[B].flow->stack;
    struct plait_segment syn = world_forge(w, A, PLAIT_SYN);
    for (int shared = 0; shared < 2; shared++) {
        stack->config.shares_challenges = shared;
        world_pass(w, 2 * PLAIT_S);
        /* Another flow's, in this second. */
        stack->challenges = (struct plait_challenges){w->now, 7};
        unsigned answered = 0;
        for (int i = 0; i < 20; i++) {
            world_inject(w, A, &syn);
            answered += answers(w, B);
        }
        assert_int_equal(answered, shared ? 3 : 10);
    }
    world_free(w);
}

static void a_segment_without_ack_is_refused(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    uint64_t edge = plait_flow_received(w->end[B].flow);
    struct plait_segment data = world_forge(w, A, 0);
    data.payload = (const uint8_t *)"x";
    data.payload_octets = 1;
    world_inject(w, A, &data);
    assert_int_equal(plait_flow_received(w->end[B].flow), edge);
    assert_int_equal(world_count(w, B, PLAIT_COUNT_NO_ACK_FLAG), 1);
    world_free(w);
}

/* ---- window ---- */

static void payload_is_taken_only_inside_the_window(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    struct plait_flow *b = w->end[B].flow;
    uint64_t edge = b->receive.edge, right = b->receive.announced_edge;
    struct plait_segment data = world_forge(w, A, PLAIT_ACK);
    uint32_t start = data.seq;
    data.payload = (const uint8_t *)"0123456789";
    data.payload_octets = 10;
    data.seq = start + (uint32_t)(right - edge) + 1;
    world_inject(w, A, &data);
    assert_int_equal(world_count(w, B, PLAIT_COUNT_OUT_OF_WINDOW), 1);
    assert_int_equal(b->receive.ranges.count, 0);
    data.seq = start + (uint32_t)(right - edge) - 4; /* six are beyond it */
    world_inject(w, A, &data);
    assert_int_equal(b->receive.ranges.count, 1);
    assert_true(b->receive.ranges.ranges[0].to == right);
    data.seq = start - 5; /* five are known */
    w->end[A].read = 0;
    world_inject(w, A, &data);
    assert_true(b->receive.edge == edge + 5);
    world_free(w);
}

static void an_urgent_pointer_cuts_nothing(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    uint64_t edge = plait_flow_received(w->end[B].flow);
    struct plait_segment data = world_forge(w, A, PLAIT_ACK | PLAIT_URG);
    data.urgent = 3;
    data.payload = (const uint8_t *)"0123456789";
    data.payload_octets = 10;
    world_inject(w, A, &data);
    assert_int_equal(plait_flow_received(w->end[B].flow), edge + 10); /* N44 */
    world_free(w);
}

/* ---- timestamps (RFC 7323 §5) ---- */

static void an_old_timestamp_is_refused(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    uint64_t edge = plait_flow_received(w->end[B].flow);
    struct plait_segment data = world_forge(w, A, PLAIT_ACK);
    data.payload = (const uint8_t *)"x";
    data.payload_octets = 1;
    data.options.timestamp = (uint32_t)w->end[B].flow->stamps.recent - 1;
    world_inject(w, A, &data);
    assert_int_equal(plait_flow_received(w->end[B].flow), edge);
    assert_int_equal(world_count(w, B, PLAIT_COUNT_PAWS), 1);
    assert_int_equal(answers(w, B), 1);
    struct plait_segment rst = world_forge(w, A, PLAIT_RST);
    rst.options.timestamp = data.options.timestamp;
    world_inject(w, A, &rst); /* age is no matter for a RST */
    assert_int_equal(state_of(w, B), PLAIT_FLOW_CLOSED);
    world_free(w);
}

static void after_24_days_of_silence_any_timestamp_is_good(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    uint64_t edge = plait_flow_received(w->end[B].flow);
    world_pass(w, (plait_time_ns)25 * 24 * 3600 * PLAIT_S);
    struct plait_segment data = world_forge(w, A, PLAIT_ACK);
    data.payload = (const uint8_t *)"x";
    data.payload_octets = 1;
    data.options.timestamp = (uint32_t)w->end[B].flow->stamps.recent - 1000;
    world_inject(w, A, &data);
    assert_int_equal(plait_flow_received(w->end[B].flow), edge + 1);
    world_free(w);
}

/* ---- SACK ---- */

static void the_latest_range_comes_first_in_sack(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    struct plait_segment data = world_forge(w, A, PLAIT_ACK);
    uint32_t start = data.seq;
    data.payload = (const uint8_t *)"0123456789";
    data.payload_octets = 10;
    static const uint32_t order[] = {100, 300, 200, 305};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        data.seq = start + order[i];
        world_inject(w, A, &data);
        assert_int_equal(answers(w, B), 1); /* at once, each (RFC 5681 §4.2) */
    }
    const struct plait_tcp_options *o = &w->seen[B].options;
    assert_int_equal(o->sack_count, 3);
    static const uint32_t expected[3][2] = {{300, 315}, {200, 210}, {100, 110}};
    /* 305..315 overlapped 300..310: five of it were new, and no duplicate lies below the edge */
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(o->sack[i].left - start, expected[i][0]);
        assert_int_equal(o->sack[i].right - start, expected[i][1]);
    }
    world_free(w);
}

static void a_duplicate_is_told_as_such(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    struct plait_segment data = world_forge(w, A, PLAIT_ACK);
    data.seq -= 20;
    data.payload = (const uint8_t *)"0123456789";
    data.payload_octets = 10;
    world_inject(w, A, &data);
    assert_int_equal(answers(w, B), 1);
    assert_int_equal(w->seen[B].options.sack_count, 1);
    assert_int_equal(w->seen[B].options.sack[0].left, data.seq);
    assert_int_equal(w->seen[B].options.sack[0].right, data.seq + 10);
    data.seq += 15; /* five are known, five are new */
    world_inject(w, A, &data);
    assert_int_equal(answers(w, B), 1);
    assert_int_equal(w->seen[B].options.sack_count, 1); /* RFC 2883 §4.1 */
    assert_int_equal(w->seen[B].options.sack[0].left, data.seq);
    assert_int_equal(w->seen[B].options.sack[0].right, data.seq + 5);
    world_free(w);
}

static void ranges_have_a_limit(void **state)
{
    (void)state;
    struct world_config config = plain;
    config.tcp[B].ranges_limit = 8;
    struct world *w = open_world(&config);
    struct plait_segment data = world_forge(w, A, PLAIT_ACK);
    uint32_t start = data.seq;
    uint8_t octets[40];
    world_pattern(A, 1000, octets, sizeof octets);
    data.payload_octets = 1;
    for (uint32_t i = 1; i < 40; i += 2) {
        data.seq = start + i;
        data.payload = octets + i;
        world_inject(w, A, &data);
    }
    assert_int_equal(w->end[B].flow->receive.ranges.count, 8);
    assert_int_equal(world_count(w, B, PLAIT_COUNT_NO_MEMORY), 12);
    data.seq = start; /* what is in order is taken all the same */
    data.payload = octets;
    data.payload_octets = 40;
    w->end[A].to_write = 1040;
    world_inject(w, A, &data);
    assert_int_equal(w->end[B].read, 1040);
    assert_false(w->end[B].is_corrupt);
    world_free(w);
}

/* ---- SYN-SENT (RFC 9293 §3.10.7.3) ---- */

static struct world *calling(void)
{
    struct world *w = world_new(&plain);
    w->is_listening = false;
    world_flush(w);
    return w;
}

static struct plait_segment reply(const struct world *w, uint8_t flags)
{
    const struct world_end *e = &w->end[B];
    return (struct plait_segment){.ip = {.src = e->key[0].src.addr, .dst = e->key[0].dst.addr},
                                  .src_port = e->key[0].src.port,
                                  .dst_port = e->key[0].dst.port,
                                  .seq = 5000,
                                  .ack = w->config.isn[A] + 1,
                                  .flags = flags,
                                  .window = 1000};
}

static void a_refused_syn_is_told(void **state)
{
    (void)state;
    struct world *w = calling();
    struct plait_segment rst = reply(w, PLAIT_RST);
    world_inject(w, B, &rst); /* without ACK: not of this SYN */
    rst = reply(w, PLAIT_RST | PLAIT_ACK);
    rst.ack++;
    world_inject(w, B, &rst);
    assert_int_equal(state_of(w, A), PLAIT_FLOW_SYN_SENT);
    assert_int_equal(answers(w, A), 0);
    rst.ack--;
    world_inject(w, B, &rst);
    assert_int_equal(state_of(w, A), PLAIT_FLOW_CLOSED);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_RESET], 1);
    assert_int_equal(w->end[A].details[PLAIT_FLOW_IS_RESET], 1);
    world_free(w);
}

static void a_wrong_ack_of_a_syn_draws_a_rst(void **state)
{
    (void)state;
    struct world *w = calling();
    struct plait_segment wrong = reply(w, PLAIT_SYN | PLAIT_ACK);
    wrong.ack += 77;
    world_inject(w, B, &wrong);
    assert_int_equal(state_of(w, A), PLAIT_FLOW_SYN_SENT);
    assert_int_equal(answers(w, A), 1);
    assert_int_equal(w->seen[A].flags, PLAIT_RST);
    assert_int_equal(w->seen[A].seq, wrong.ack);
    struct plait_segment bare = reply(w, PLAIT_ACK); /* right, but no SYN */
    world_inject(w, B, &bare);
    assert_int_equal(state_of(w, A), PLAIT_FLOW_SYN_SENT);
    world_free(w);
}

static void tiny_segments_are_not_made(void **state)
{
    (void)state;
    struct world *w = calling();
    struct plait_segment answer = reply(w, PLAIT_SYN | PLAIT_ACK);
    answer.options.has_mss = true;
    answer.options.mss = 8;
    world_inject(w, B, &answer);
    assert_int_equal(state_of(w, A), PLAIT_FLOW_ESTABLISHED);
    assert_int_equal(plait_flow_mss(w->end[A].flow, w->end[A].flow->paths, 0), 88);
    world_free(w);
}

static void payload_of_a_syn_is_left_to_be_sent_again(void **state)
{
    (void)state;
    struct world *w = calling();
    struct plait_segment answer = reply(w, PLAIT_SYN | PLAIT_ACK);
    answer.payload = (const uint8_t *)"early";
    answer.payload_octets = 5;
    world_inject(w, B, &answer);
    assert_int_equal(state_of(w, A), PLAIT_FLOW_ESTABLISHED);
    assert_int_equal(plait_flow_received(w->end[A].flow), 1);
    assert_int_equal(answers(w, A), 1);
    assert_int_equal(w->seen[A].ack, answer.seq + 1);
    world_free(w);
}

/* The peer did not hear our third ACK and sends its SYN/ACK again. */
static void a_lost_third_ack_is_sent_again(void **state)
{
    (void)state;
    struct world *w = calling();
    struct plait_segment answer = reply(w, PLAIT_SYN | PLAIT_ACK);
    for (int i = 0; i < 3; i++) {
        world_inject(w, B, &answer);
        assert_int_equal(answers(w, A), 1);
        assert_int_equal(w->seen[A].flags, PLAIT_ACK);
        assert_int_equal(w->seen[A].ack, answer.seq + 1);
    }
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_ESTABLISHED], 1);
    world_free(w);
}

/* ---- digest ---- */

static uint64_t digest(const struct world *w, int end)
{
    struct plait_hasher h = plait_hasher(1);
    plait_flow_digest(w->end[end].flow, w->now, &h);
    return plait_hash_end(&h);
}

static void a_dropped_forgery_changes_nothing(void **state)
{
    (void)state;
    struct world *w = open_world(&plain);
    uint64_t before = digest(w, B);
    struct plait_segment forged = world_forge(w, A, PLAIT_RST);
    forged.seq += 8 << 20;
    world_inject(w, A, &forged);
    assert_true(digest(w, B) == before);
    struct plait_segment syn = world_forge(w, A, PLAIT_SYN);
    world_inject(w, A, &syn);
    assert_false(digest(w, B) == before); /* an ACK is due */
    world_flush(w);
    assert_true(digest(w, B) == before);
    struct plait_segment data = world_forge(w, A, PLAIT_ACK);
    data.payload = (const uint8_t *)"x";
    data.payload_octets = 1;
    world_inject(w, A, &data);
    assert_false(digest(w, B) == before);
    world_free(w);
}

static void equal_behaviour_has_equal_digests(void **state)
{
    (void)state;
    struct world *one = open_world(&plain), *two = open_world(&plain);
    world_pass(one, 10 * PLAIT_S); /* longer than a timeout: both windows are idle */
    world_pass(two, 100 * PLAIT_S);
    assert_true(digest(one, A) == digest(two, A));
    assert_true(digest(one, B) == digest(two, B));
    two->end[A].to_write++;
    world_pass(two, 10 * PLAIT_MS);
    assert_false(digest(one, A) == digest(two, A));
    world_free(one);
    world_free(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exact_rst_is_obeyed),
        cmocka_unit_test(a_rst_inside_the_window_is_challenged),
        cmocka_unit_test(without_rfc_5961_any_rst_in_the_window_kills),
        cmocka_unit_test(a_syn_is_challenged_whatever_its_number),
        cmocka_unit_test(an_ack_is_heard_only_in_its_range),
        cmocka_unit_test(challenges_have_a_limit_each_second),
        cmocka_unit_test(shared_challenges_tell_of_other_flows),
        cmocka_unit_test(a_segment_without_ack_is_refused),
        cmocka_unit_test(payload_is_taken_only_inside_the_window),
        cmocka_unit_test(an_urgent_pointer_cuts_nothing),
        cmocka_unit_test(an_old_timestamp_is_refused),
        cmocka_unit_test(after_24_days_of_silence_any_timestamp_is_good),
        cmocka_unit_test(the_latest_range_comes_first_in_sack),
        cmocka_unit_test(a_duplicate_is_told_as_such),
        cmocka_unit_test(ranges_have_a_limit),
        cmocka_unit_test(a_refused_syn_is_told),
        cmocka_unit_test(a_wrong_ack_of_a_syn_draws_a_rst),
        cmocka_unit_test(tiny_segments_are_not_made),
        cmocka_unit_test(payload_of_a_syn_is_left_to_be_sent_again),
        cmocka_unit_test(a_lost_third_ack_is_sent_again),
        cmocka_unit_test(a_dropped_forgery_changes_nothing),
        cmocka_unit_test(equal_behaviour_has_equal_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
