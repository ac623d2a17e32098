/* What a flow asks of its owner, and what the owner may do meanwhile. */
#include "tests/unit/test.h"
#include "world.h"

/* Plain TCP's queues, with everything else scripted. */
struct owner {
    struct world *w;
    int end;
    unsigned requests[PLAIT_SEGMENT_PROBE + 1];
    unsigned last_attempt;
    bool gives_dss;
    uint32_t piece_octets;   /* 0: any */
    uint32_t accepts_octets; /* of each delivery; 0: all */
    enum plait_verdict verdict;
    unsigned acks_wanted;
    enum what { NOTHING, ABORTS, CLOSES, WAKES } acts;
    enum where { IN_SEGMENT, IN_DELIVER, IN_EVENT, IN_NEXT } acts_in;
    enum plait_flow_event acts_on;
    unsigned events[PLAIT_FLOW_IS_CLOSED + 1];
    uint32_t delivered_octets;
    bool straddles;
};

static struct owner owners[2];

static void act(struct owner *o, struct plait_flow *flow, enum where where)
{
    if (o->acts_in != where)
        return;
    if (o->acts == ABORTS)
        plait_flow_abort(flow, o->w->now);
    else if (o->acts == CLOSES)
        plait_flow_close(flow, o->w->now);
    else if (o->acts == WAKES)
        plait_flow_wake(flow), plait_flow_ack_now(flow);
}

static uint32_t next(void *self, struct plait_flow *flow, struct plait_path *path,
                     plait_time_ns now, uint64_t from, uint32_t room_octets)
{
    struct owner *o = self;
    act(o, flow, IN_NEXT);
    uint32_t room = room_octets;
    if (o->piece_octets) {
        uint32_t left = o->piece_octets - (uint32_t)((from - 1) % o->piece_octets);
        room = left < room ? left : room;
    }
    return plait_plain_owner.next(self, flow, path, now, from, room);
}

static uint32_t piece(void *self, struct plait_flow *flow, uint64_t from, uint32_t length)
{
    (void)flow;
    const struct owner *o = self;
    if (!o->piece_octets)
        return length;
    uint32_t left = o->piece_octets - (uint32_t)((from - 1) % o->piece_octets);
    return left < length ? left : length;
}

static unsigned options(void *self, struct plait_flow *flow,
                        const struct plait_option_request *request,
                        struct plait_mptcp_option *option)
{
    (void)flow;
    struct owner *o = self;
    o->requests[request->kind]++;
    o->last_attempt = request->attempt;
    if (!o->gives_dss || request->room_octets < 28)
        return 0;
    option[0] = (struct plait_mptcp_option){.subtype = PLAIT_DSS,
                                            .dss = {.has_ack = true,
                                                    .ack_is_64 = true,
                                                    .has_map = request->length,
                                                    .dsn_is_64 = true,
                                                    .ssn = (uint32_t)request->from,
                                                    .data_length = (uint16_t)request->length,
                                                    .has_checksum = request->length}};
    return 1;
}

static bool wants_ack(void *self, struct plait_flow *flow)
{
    (void)flow;
    struct owner *o = self;
    if (!o->acks_wanted)
        return false;
    o->acks_wanted--;
    return true;
}

static enum plait_verdict segment(void *self, struct plait_flow *flow, plait_time_ns now,
                                  const struct plait_segment *s, uint64_t offset)
{
    (void)now, (void)s, (void)offset;
    struct owner *o = self;
    act(o, flow, IN_SEGMENT);
    return o->verdict;
}

static uint32_t deliver(void *self, struct plait_flow *flow, plait_time_ns now, uint64_t offset,
                        const uint8_t *octets, uint32_t length)
{
    struct owner *o = self;
    act(o, flow, IN_DELIVER);
    uint32_t taken = o->accepts_octets && o->accepts_octets < length ? o->accepts_octets : length;
    taken = plait_plain_owner.deliver(self, flow, now, offset, octets, taken);
    o->delivered_octets += taken;
    return taken;
}

static void event(void *self, struct plait_flow *flow, plait_time_ns now,
                  enum plait_flow_event what, uint64_t detail)
{
    struct owner *o = self;
    o->events[what]++;
    if (what == o->acts_on)
        act(o, flow, IN_EVENT);
    flow->heard = NULL; /* the world's ear expects the world's end */
    plait_plain_owner.event(self, flow, now, what, detail);
}

static const struct plait_flow_owner *table(void)
{
    static struct plait_flow_owner t;
    t = plait_plain_owner;
    t.next = next;
    t.piece = piece;
    t.options = options;
    t.wants_ack = wants_ack;
    t.segment = segment;
    t.deliver = deliver;
    t.event = event;
    return &t;
}

static void own(struct world *w, int end)
{
    owners[end].w = w;
    owners[end].end = end;
    plait_flow_set_owner(w->end[end].flow, table(), &owners[end]);
}

static const struct world_config plain = {
    .seed = 6, .isn = {70, 80}, .link = {.delay_ns = 10 * PLAIT_MS}};

static struct world *open_with(const struct world_config *config)
{
    memset(owners, 0, sizeof owners);
    struct world *w = world_new(config);
    own(w, A);
    assert_true(world_run(w, world_is_open, 10 * PLAIT_S));
    own(w, B);
    world_pass(w, 100 * PLAIT_MS);
    return w;
}

/* ---- options ---- */

static void each_kind_of_segment_asks_for_its_options(void **state)
{
    (void)state;
    memset(owners, 0, sizeof owners);
    struct world *w = world_new(&plain);
    own(w, A);
    w->link[0][A].is_cut = true;
    world_pass(w, 5 * PLAIT_S); /* at 0, 1 and 3 s */
    assert_int_equal(owners[A].requests[PLAIT_SEGMENT_SYN], 3);
    assert_int_equal(owners[A].last_attempt, 2);
    w->link[0][A].is_cut = false;
    assert_true(world_run(w, world_is_open, 10 * PLAIT_S));
    assert_int_equal(owners[A].requests[PLAIT_SEGMENT_SYN], 4);
    assert_int_equal(owners[A].requests[PLAIT_SEGMENT_THIRD_ACK], 1);
    own(w, B);
    w->end[A].to_write = 1000;
    world_pass(w, 100 * PLAIT_MS);
    assert_int_equal(owners[A].requests[PLAIT_SEGMENT_DATA], 1);
    assert_int_equal(owners[B].requests[PLAIT_SEGMENT_ACK], 1);
    plait_flow_probe(w->end[A].flow, w->now);
    plait_flow_abort(w->end[B].flow, w->now);
    world_flush(w);
    assert_int_equal(owners[A].requests[PLAIT_SEGMENT_PROBE], 1);
    assert_int_equal(owners[B].requests[PLAIT_SEGMENT_RST], 1);
    world_free(w);
}

struct sizes {
    unsigned full, partial;
    size_t octets;
};

static bool measure(struct world *w, int from, const struct plait_segment *s)
{
    struct sizes *sizes = w->filter_self;
    if (from != A || !s->payload_octets)
        return true;
    if (s->ip.payload_octets + 20 == 1500)
        sizes->full++;
    else
        sizes->partial++;
    return true;
}

static void segments_are_full_whatever_the_options_take(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    struct sizes sizes = {0};
    owners[A].gives_dss = owners[B].gives_dss = true;
    w->filter = measure;
    w->filter_self = &sizes;
    w->end[A].to_write = 1420 * 100;
    assert_true(world_run(w, world_all_arrived, 10 * PLAIT_S));
    assert_int_equal(sizes.full, 100);
    assert_int_equal(sizes.partial, 0);
    assert_true(w->seen[A].mptcp_count == 1 && w->seen[A].options.has_timestamps);
    world_free(w);
}

/* A piece is one mapping: no segment, first or again, reaches into two. */
static bool one_piece(struct world *w, int from, const struct plait_segment *s)
{
    struct owner *o = &owners[from];
    uint32_t at = s->seq - w->config.isn[from] - 1;
    if (o->piece_octets && s->payload_octets &&
        at / o->piece_octets != (at + (uint32_t)s->payload_octets - 1) / o->piece_octets)
        o->straddles = true;
    return true;
}

static void a_segment_never_leaves_its_piece(void **state)
{
    (void)state;
    for (int offload = 0; offload < 2; offload++) {
        struct world_config config = plain;
        config.link.loss_ppm = 50000;
        config.link.reorder_ppm = 50000;
        config.offload = offload;
        config.tcp[A].super_octets = 60000;
        struct world *w = open_with(&config);
        owners[A].piece_octets = 4001;
        owners[A].gives_dss = true;
        w->filter = one_piece;
        w->end[A].to_write = 1000000;
        assert_true(world_run(w, world_all_arrived, 300 * PLAIT_S));
        assert_false(owners[A].straddles || w->end[B].is_corrupt);
        world_free(w);
    }
}

static void an_owner_may_ask_for_bare_acks(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    uint64_t packets = w->end[A].packets;
    owners[A].acks_wanted = 3;
    plait_flow_wake(w->end[A].flow);
    world_flush(w);
    assert_int_equal(w->end[A].packets, packets + 3);
    plait_flow_ack_now(w->end[A].flow);
    world_flush(w);
    assert_int_equal(w->end[A].packets, packets + 4);
    world_free(w);
}

/* Signals of Multipath TCP on duplicate ACKs are no sign of congestion (N34). */
static void signals_do_not_count_as_duplicates(void **state)
{
    (void)state;
    for (int is_signal = 0; is_signal < 2; is_signal++) {
        struct world_config config = plain;
        config.tcp[A].no_sack = true;
        struct world *w = open_with(&config);
        w->end[A].to_write = 10000;
        world_pass(w, PLAIT_MS);
        struct plait_segment ack = world_forge(w, B, PLAIT_ACK);
        ack.window =
            (uint16_t)((w->end[A].flow->send.window_edge - 1) >> w->end[A].flow->send.shift);
        ack.mptcp_count = (uint8_t)is_signal;
        ack.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_PRIO};
        for (int i = 0; i < 5; i++)
            world_inject(w, B, &ack);
        assert_int_equal(w->end[A].flow->paths->lost_octets > 0, !is_signal);
        world_free(w);
    }
}

/* ---- payload ---- */

static void only_what_the_owner_accepts_is_acknowledged(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    owners[B].accepts_octets = 1000;
    w->end[A].to_write = 50000;
    assert_true(world_run(w, world_all_arrived, 300 * PLAIT_S));
    assert_false(w->end[B].is_corrupt);
    assert_int_equal(owners[B].delivered_octets, 50000); /* each octet once */
    assert_true(world_count(w, B, PLAIT_COUNT_REFUSED_BY_OWNER) > 10);
    assert_true(world_count(w, A, PLAIT_COUNT_RETRANSMITTED) > 10);
    world_free(w);
}

static void a_dropped_segment_is_answered_and_not_taken(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    owners[B].verdict = PLAIT_DROP;
    w->end[A].to_write = 1000;
    w->end[A].closes = true;
    world_pass(w, 25 * PLAIT_MS);
    assert_int_equal(owners[B].delivered_octets, 0);
    assert_true(world_count(w, B, PLAIT_COUNT_REFUSED_BY_OWNER) > 0);
    assert_true(plait_flow_unacked(w->end[A].flow) == 1);
    owners[B].verdict = PLAIT_GO_ON;
    assert_true(world_run(w, world_all_arrived, 10 * PLAIT_S));
    world_free(w);
}

static void an_owner_may_refuse_a_reset(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    owners[B].verdict = PLAIT_DROP;
    struct plait_segment rst = world_forge(w, A, PLAIT_RST);
    world_inject(w, A, &rst);
    assert_int_equal(plait_flow_state(w->end[B].flow), PLAIT_FLOW_ESTABLISHED);
    owners[B].verdict = PLAIT_GO_ON;
    world_inject(w, A, &rst);
    assert_int_equal(plait_flow_state(w->end[B].flow), PLAIT_FLOW_CLOSED);
    world_free(w);
}

static void a_verdict_can_reset_the_flow(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    owners[B].verdict = PLAIT_RESET_FLOW;
    w->end[A].to_write = 1000;
    world_pass(w, 50 * PLAIT_MS);
    assert_int_equal(owners[B].events[PLAIT_FLOW_IS_CLOSED], 1);
    assert_int_equal(owners[B].requests[PLAIT_SEGMENT_RST], 1);
    assert_int_equal(owners[A].events[PLAIT_FLOW_IS_RESET], 1);
    world_free(w);
}

/* ---- from inside ---- */

/* Every act in every hook and on every event, in a transfer with losses and closes. */
static void an_owner_may_act_from_any_hook(void **state)
{
    (void)state;
    static const enum what acts[] = {ABORTS, CLOSES, WAKES};
    for (unsigned what = 0; what < 3; what++)
        for (unsigned where = IN_SEGMENT; where <= IN_NEXT; where++)
            for (unsigned on = 0; on <= PLAIT_FLOW_IS_CLOSED; on++) {
                /* Who wakes the flow whenever it asks is asked for ever. */
                bool is_endless = acts[what] == WAKES && where == IN_NEXT;
                if (is_endless || (where != IN_EVENT && on))
                    continue;
                struct world_config config = plain;
                config.seed = 1 + what + 3 * where + 16 * on;
                config.link.loss_ppm = 100000;
                struct world *w = open_with(&config);
                owners[B].acts = acts[what];
                owners[B].acts_in = where;
                owners[B].acts_on = on;
                w->end[A].to_write = 100000;
                w->end[B].to_write = acts[what] == WAKES ? 100000 : 0;
                w->end[A].closes = true;
                world_pass(w, 30 * PLAIT_S);
                w->end[B].closes = true;
                owners[B].acts = NOTHING;
                world_pass(w, 120 * PLAIT_S);
                assert_int_equal(owners[A].events[PLAIT_FLOW_IS_CLOSED] <= 1, 1);
                assert_int_equal(owners[B].events[PLAIT_FLOW_IS_CLOSED], 1);
                world_free(w);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_segment_asks_for_its_options),
        cmocka_unit_test(segments_are_full_whatever_the_options_take),
        cmocka_unit_test(a_segment_never_leaves_its_piece),
        cmocka_unit_test(an_owner_may_ask_for_bare_acks),
        cmocka_unit_test(signals_do_not_count_as_duplicates),
        cmocka_unit_test(only_what_the_owner_accepts_is_acknowledged),
        cmocka_unit_test(a_dropped_segment_is_answered_and_not_taken),
        cmocka_unit_test(an_owner_may_refuse_a_reset),
        cmocka_unit_test(a_verdict_can_reset_the_flow),
        cmocka_unit_test(an_owner_may_act_from_any_hook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
