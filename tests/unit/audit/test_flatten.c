/* What flatten writes when the auditor says this or that: handshakes, segments, ends, gaps,
 * fallbacks, orphans, refused offers, and copies that contradict. */
#include "tests/unit/audit/listener.h"
#include "tests/unit/dice.h"

enum { CONNECTION = 7, CLIENT_PORT = 4000, SERVER_PORT = 80, CLIENT_ISN = 1000, SERVER_ISN = 5000 };

/* ---- an auditor that says what a test wants ------------------------------------------------ */

struct stage {
    struct plait_flatten *f;
    struct plait_audit_sink sink;
    struct listener heard;
    void *memory;
    uint8_t packet[2000];
    struct plait_seen seen;
    uint64_t frame;
    plait_time_ns now_ns;
    uint32_t isn[2];
};

static struct stage stage;

static void set_up_with(struct plait_flatten_limits limits)
{
    forget_heard(&stage.heard);
    free(stage.memory);
    memset(&stage, 0, sizeof stage);
    size_t octets = (plait_flatten_arena_octets(&limits) + 15) & ~(size_t)15;
    stage.memory = aligned_alloc(16, octets);
    assert_non_null(stage.memory);
    struct plait_arena arena = plait_arena(stage.memory, octets);
    stage.f = plait_flatten_new(&arena, &limits, listen_to, &stage.heard);
    assert_non_null(stage.f);
    stage.sink = plait_flatten_sink();
    stage.isn[0] = CLIENT_ISN;
    stage.isn[1] = SERVER_ISN;
}

static struct plait_flatten_limits small_limits(void)
{
    struct plait_flatten_limits limits = plait_flatten_limits();
    limits.memory_octets = 1 << 20;
    limits.gather_ns = 0;
    return limits;
}

static int set_up(void **state)
{
    (void)state;
    set_up_with(small_limits());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    forget_heard(&stage.heard);
    free(stage.memory);
    stage.memory = NULL;
    return 0;
}

static struct plait_place place_of(unsigned end, unsigned path)
{
    struct plait_place place = {.port = end ? SERVER_PORT : (uint16_t)(CLIENT_PORT + 100 * path)};
    place.addr.family = PLAIT_IPV4;
    place.addr.octets[0] = 198;
    place.addr.octets[1] = 18;
    place.addr.octets[2] = (uint8_t)path;
    place.addr.octets[3] = (uint8_t)(end + 1);
    return place;
}

static struct plait_segment segment_from(unsigned end, unsigned path, uint8_t flags)
{
    struct plait_place src = place_of(end, path), dst = place_of(!end, path);
    return (struct plait_segment){.ip = {.src = src.addr, .dst = dst.addr, .ttl = 60},
                                  .src_port = src.port,
                                  .dst_port = dst.port,
                                  .flags = flags,
                                  .window = 1000};
}

/* The packet is before the flattener; what the auditor says comes next. */
static void begin(const struct plait_segment *s)
{
    size_t length;
    assert_ok(plait_segment_build(s, stage.packet, sizeof stage.packet, &length));
    stage.now_ns += PLAIT_MS;
    stage.seen = (struct plait_seen){.at_ns = stage.now_ns,
                                     .frame = ++stage.frame,
                                     .ip = stage.packet,
                                     .ip_octets = (uint32_t)length,
                                     .wire_octets = (uint32_t)length};
    plait_flatten_begin(stage.f, &stage.seen);
}

static struct plait_audit_place place_now(uint64_t connection, unsigned subflow, unsigned end)
{
    return (struct plait_audit_place){.connection = connection,
                                      .subflow = (uint16_t)subflow,
                                      .direction = (uint8_t)end,
                                      .is_mptcp = connection != 0};
}

static void end(unsigned subflow, unsigned sender)
{
    struct plait_audit_place place = place_now(CONNECTION, subflow, sender);
    plait_flatten_end(stage.f, &place);
}

static struct plait_packet_ref here(void)
{
    return (struct plait_packet_ref){stage.seen.frame, stage.seen.at_ns, 0};
}

static struct plait_audit_event event_of(enum plait_audit_event_kind kind, unsigned direction)
{
    return (struct plait_audit_event){
        .kind = kind, .connection = CONNECTION, .direction = (uint8_t)direction, .packet = here()};
}

static void say(enum plait_audit_event_kind kind, unsigned direction)
{
    struct plait_audit_event event = event_of(kind, direction);
    event.judgement = PLAIT_VALID;
    stage.sink.event(stage.f, &event);
}

static void say_open(void)
{
    struct plait_audit_event event = event_of(PLAIT_SAW_OPEN, 0);
    event.from = place_of(0, 0);
    event.to = place_of(1, 0);
    stage.sink.event(stage.f, &event);
}

static void say_data_fin(unsigned direction, uint64_t offset)
{
    struct plait_audit_event event = event_of(PLAIT_SAW_DATA_FIN, direction);
    event.offset = offset;
    stage.sink.event(stage.f, &event);
}

static void say_octets(unsigned direction, uint64_t offset, const void *octets, uint64_t length)
{
    struct plait_audit_octets piece = {.connection = CONNECTION,
                                       .direction = (uint8_t)direction,
                                       .offset = offset,
                                       .length = length,
                                       .octets = octets,
                                       .packet = here()};
    stage.sink.octets(stage.f, &piece);
}

static void say_ended(enum plait_audit_end how)
{
    struct plait_audit_connection_view view = {.number = CONNECTION, .end = how};
    stage.sink.ended(stage.f, &view);
}

/* ---- packets ------------------------------------------------------------------------------- */

static void add_capable(struct plait_segment *s)
{
    s->mptcp_count = 1;
    s->mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_CAPABLE,
                                              .capable = {.version = 1, .flags = 1}};
}

static void offer(void)
{
    struct plait_segment s = segment_from(0, 0, PLAIT_SYN);
    s.seq = stage.isn[0];
    s.options.has_mss = true;
    s.options.mss = 1460;
    s.options.has_window_scale = true;
    s.options.has_timestamps = true;
    add_capable(&s);
    begin(&s);
    say_open();
    say(PLAIT_SAW_HELLO, 0);
    end(0, 0);
}

static void answer(void)
{
    struct plait_segment s = segment_from(1, 0, PLAIT_SYN | PLAIT_ACK);
    s.seq = stage.isn[1];
    s.ack = stage.isn[0] + 1;
    add_capable(&s);
    begin(&s);
    say(PLAIT_SAW_HELLO, 1);
    end(0, 1);
}

static void begin_ack(unsigned sender, unsigned path)
{
    struct plait_segment s = segment_from(sender, path, PLAIT_ACK);
    s.seq = stage.isn[sender] + 1;
    s.ack = stage.isn[!sender] + 1;
    begin(&s);
}

static void shake_hands(void)
{
    offer();
    answer();
    begin_ack(0, 0);
    end(0, 0);
}

/* A packet of SENDER on PATH brings LENGTH octets to OFFSET. */
static void bring(unsigned sender, unsigned path, uint64_t offset, const void *octets,
                  uint64_t length)
{
    begin_ack(sender, path);
    say_octets(sender, offset, octets, length);
    end(path, sender);
}

/* A packet of SENDER acknowledges the other stream up to OFFSET. */
static void acknowledge(unsigned sender, uint64_t offset)
{
    begin_ack(sender, 1);
    struct plait_audit_place place = place_now(CONNECTION, 1, sender);
    place.has_acked = true;
    place.acked = offset;
    plait_flatten_end(stage.f, &place);
}

static const struct heard_packet *heard(unsigned n)
{
    assert_true(n < stage.heard.packet_count);
    return &stage.heard.packets[n];
}

static const struct heard_packet *last_heard(void)
{
    return heard(stage.heard.packet_count - 1);
}

static uint64_t counted(enum plait_flat_count which)
{
    return plait_flatten_counts(stage.f)->count[which];
}

static const struct flow_side *stream_of(unsigned flow, unsigned direction)
{
    assert_true(flow < stage.heard.flow_count);
    return &stage.heard.flows[flow].stream[direction];
}

/* ---- handshakes ---------------------------------------------------------------------------- */

static void a_handshake_has_the_times_and_numbers_of_the_genuine_one(void **state)
{
    (void)state;
    shake_hands();
    assert_int_equal(stage.heard.packet_count, 3);
    static const uint8_t flags[] = {PLAIT_SYN, PLAIT_SYN | PLAIT_ACK, PLAIT_ACK};
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(heard(i)->flags, flags[i]);
        assert_int_equal(heard(i)->at_ns, (i + 1) * PLAIT_MS);
        assert_int_equal(heard(i)->frame[0], i + 1);
        assert_false(heard(i)->has_mptcp);
    }
    assert_int_equal(heard(0)->seq, CLIENT_ISN);
    assert_int_equal(heard(1)->seq, SERVER_ISN);
    assert_int_equal(heard(1)->ack, CLIENT_ISN + 1);
    assert_int_equal(heard(2)->ack, SERVER_ISN + 1);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_INVENTED), 0);
}

static void a_handshake_sent_again_is_written_once(void **state)
{
    (void)state;
    offer();
    answer();
    answer();
    begin_ack(0, 0);
    end(0, 0);
    offer();
    begin_ack(0, 0);
    end(0, 0);
    assert_int_equal(stage.heard.packet_count, 3);
}

static void what_a_capture_lacks_of_a_handshake_is_written_when_something_shows_it(void **state)
{
    (void)state;
    answer(); /* one direction only: the SYN is known by its number */
    bring(1, 0, 0, "hello", 5);
    assert_int_equal(stage.heard.packet_count, 4);
    assert_int_equal(heard(0)->flags, PLAIT_SYN);
    assert_int_equal(heard(0)->seq, CLIENT_ISN);
    assert_int_equal(heard(1)->flags, PLAIT_SYN | PLAIT_ACK);
    assert_int_equal(heard(1)->seq, SERVER_ISN);
    assert_int_equal(heard(2)->flags, PLAIT_ACK);
    assert_int_equal(heard(3)->length, 5);
    assert_int_equal(heard(3)->seq, SERVER_ISN + 1);
    set_up_with(small_limits());
    offer(); /* the other direction only */
    bring(0, 0, 0, "hello", 5);
    assert_int_equal(stage.heard.packet_count, 4);
    assert_int_equal(heard(1)->flags, PLAIT_SYN | PLAIT_ACK);
    assert_int_equal(heard(1)->seq, SERVER_ISN);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_INVENTED), 1);
}

static void a_flow_under_way_has_no_handshake(void **state)
{
    (void)state;
    begin_ack(1, 0);
    say_octets(1, 0, "abc", 3);
    end(0, 1);
    assert_int_equal(stage.heard.packet_count, 1);
    assert_int_equal(heard(0)->seq, SERVER_ISN + 1);
    assert_int_equal(heard(0)->ack, CLIENT_ISN + 1);
    assert_int_equal(heard(0)->ports[0], SERVER_PORT);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_CONNECTIONS), 1);
}

static void octets_that_a_syn_brought_are_counted_if_they_were_acknowledged(void **state)
{
    (void)state;
    struct plait_segment s = segment_from(0, 0, PLAIT_SYN);
    s.seq = CLIENT_ISN;
    s.payload = (const uint8_t *)"early";
    s.payload_octets = 5;
    add_capable(&s);
    begin(&s);
    say_open();
    say(PLAIT_SAW_HELLO, 0);
    end(0, 0);
    assert_int_equal(last_heard()->length, 5);
    stage.isn[0] += 5;
    answer();
    begin_ack(0, 0);
    end(0, 0);
    bring(0, 0, 0, "late", 4);
    assert_memory_equal(stream_of(0, 0)->octets, "earlylate", 9);
    assert_int_equal(stream_of(0, 0)->gaps, 0);
}

static void a_refused_offer_passes_without_its_option(void **state)
{
    (void)state;
    offer();
    struct plait_segment s = segment_from(1, 0, PLAIT_SYN | PLAIT_ACK);
    s.seq = SERVER_ISN;
    s.ack = CLIENT_ISN + 1;
    begin(&s);
    say(PLAIT_SAW_FALLBACK, 1);
    struct plait_audit_place place = place_now(CONNECTION, 0, 1);
    place.is_mptcp = false;
    plait_flatten_end(stage.f, &place);
    s = segment_from(0, 0, PLAIT_ACK);
    s.payload = (const uint8_t *)"plain";
    s.payload_octets = 5;
    add_capable(&s); /* it did not hear the answer */
    begin(&s);
    say_octets(0, 0, "plain", 5);
    place.direction = 0;
    plait_flatten_end(stage.f, &place);
    assert_int_equal(stage.heard.packet_count, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(heard(i)->kind, PLAIT_FLAT_PASSED);
        assert_false(heard(i)->has_mptcp);
    }
    assert_int_equal(heard(2)->length, 5);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_STRIPPED), 2);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_REFUSED), 1);
}

static void a_port_that_nobody_listens_on_is_seen_to_be_closed(void **state)
{
    (void)state;
    offer();
    struct plait_segment s = segment_from(1, 0, PLAIT_RST | PLAIT_ACK);
    begin(&s);
    say(PLAIT_SAW_RESET, 1);
    end(0, 1);
    assert_int_equal(last_heard()->flags, PLAIT_RST | PLAIT_ACK);
    assert_int_equal(last_heard()->kind, PLAIT_FLAT_PASSED);
    say_ended(PLAIT_END_RESET);
    assert_int_equal(stage.heard.packet_count, 2);
}

static void plain_tcp_passes_as_it_came(void **state)
{
    (void)state;
    struct plait_segment s = segment_from(0, 0, PLAIT_SYN);
    add_capable(&s); /* even with an option that means nothing there */
    begin(&s);
    struct plait_audit_place place = place_now(CONNECTION, 0, 0);
    place.is_mptcp = false;
    plait_flatten_end(stage.f, &place);
    assert_int_equal(last_heard()->kind, PLAIT_FLAT_PASSED);
    assert_true(last_heard()->has_mptcp);
    begin(&s);
    place = (struct plait_audit_place){0};
    plait_flatten_end(stage.f, &place);
    assert_int_equal(stage.heard.packet_count, 2);
}

/* ---- streams ------------------------------------------------------------------------------- */

static void octets_of_all_paths_are_one_flow_and_no_subflow_is_beside_it(void **state)
{
    (void)state;
    shake_hands();
    struct plait_segment join = segment_from(0, 1, PLAIT_SYN);
    begin(&join);
    end(1, 0);
    bring(0, 0, 0, "GET /", 5);
    bring(0, 1, 5, "evil", 4);
    bring(1, 1, 0, "no", 2);
    assert_int_equal(stage.heard.flow_count, 1);
    assert_memory_equal(stream_of(0, 0)->octets, "GET /evil", 9);
    assert_memory_equal(stream_of(0, 1)->octets, "no", 2);
    assert_int_equal(last_heard()->ports[1], CLIENT_PORT);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_PASSED), 1); /* the SYN */
}

static void a_piece_is_cut_at_the_mss_and_names_its_packets(void **state)
{
    (void)state;
    static const uint8_t octets[3000];
    shake_hands();
    begin_ack(0, 1); /* fills the hole before what packet 2 brought */
    struct plait_audit_octets piece = {.connection = CONNECTION,
                                       .length = sizeof octets,
                                       .octets = octets,
                                       .packet = {2, PLAIT_MS, 0}};
    stage.sink.octets(stage.f, &piece);
    end(1, 0);
    assert_int_equal(stage.heard.packet_count, 6);
    assert_int_equal(heard(3)->length, PLAIT_FLAT_MSS_OCTETS);
    assert_int_equal(heard(4)->length, PLAIT_FLAT_MSS_OCTETS);
    assert_int_equal(heard(5)->length, sizeof octets - 2 * PLAIT_FLAT_MSS_OCTETS);
    assert_int_equal(heard(5)->flags, PLAIT_PSH | PLAIT_ACK);
    assert_int_equal(heard(5)->from_count, 2);
    assert_int_equal(heard(5)->frame[0], 2);
    assert_int_equal(heard(5)->frame[1], 4);
    assert_int_equal(heard(5)->at_ns, stage.now_ns);
}

static void an_acknowledgment_is_written_when_its_receiver_gave_it(void **state)
{
    (void)state;
    shake_hands();
    bring(0, 0, 0, "0123456789", 10);
    assert_int_equal(stage.heard.packet_count, 4);
    acknowledge(1, 4);
    assert_int_equal(stage.heard.packet_count, 5);
    assert_int_equal(last_heard()->flags, PLAIT_ACK);
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 4);
    acknowledge(1, 3); /* older */
    assert_int_equal(stage.heard.packet_count, 5);
    acknowledge(1, 50); /* more than the capture shows: as much as went out */
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 10);
    bring(0, 0, 10, "abc", 3);
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 13);
    assert_int_equal(last_heard()->flags, PLAIT_ACK);
    assert_int_equal(last_heard()->length, 0);
    assert_int_equal(stage.heard.packet_count, 8);
}

static void one_sided_everything_is_acknowledged_at_once(void **state)
{
    (void)state;
    struct plait_flatten_limits limits = small_limits();
    limits.one_sided = true;
    set_up_with(limits);
    offer();
    bring(0, 0, 0, "0123456789", 10);
    assert_int_equal(last_heard()->flags, PLAIT_ACK);
    assert_int_equal(last_heard()->ports[0], SERVER_PORT);
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 10);
}

static void numbers_pass_the_end_of_their_space(void **state)
{
    (void)state;
    static const uint8_t octets[1400];
    set_up_with(small_limits());
    stage.heard.keeps_no_octets = true;
    stage.isn[0] = UINT32_MAX - 700;
    shake_hands();
    for (unsigned i = 0; i < 4; i++)
        bring(0, 0, 1400 * i, octets, 1400);
    assert_int_equal(last_heard()->seq, (uint32_t)(UINT32_MAX - 700 + 1 + 3 * 1400u));
    /* More than 2^32 octets: half as gaps, to be done soon. */
    uint64_t at = stream_of(0, 0)->next;
    while (at < 5ull << 30) {
        bring(0, 0, at, NULL, 1u << 30);
        at += 1u << 30;
        bring(0, 0, at, octets, 1400);
        at += 1400;
        acknowledge(1, at);
    }
    assert_int_equal(stream_of(0, 0)->next, at);
    assert_int_equal(stream_of(0, 0)->acked, at);
    assert_int_equal(last_heard()->ack, (uint32_t)(UINT32_MAX - 700 + 1 + at));
}

static void a_gap_moves_the_numbers_and_is_counted(void **state)
{
    (void)state;
    shake_hands();
    bring(0, 0, 0, "abc", 3);
    begin_ack(0, 0);
    say_octets(0, 3, NULL, 10);
    say_octets(0, 13, "def", 3);
    end(0, 0);
    assert_int_equal(last_heard()->seq, CLIENT_ISN + 1 + 13);
    assert_int_equal(stream_of(0, 0)->gaps, 10);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_GAPS), 1);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_GAP_OCTETS), 10);
}

static void time_never_goes_back(void **state)
{
    (void)state;
    shake_hands();
    stage.now_ns -= 5 * PLAIT_MS; /* an input whose clock is late */
    bring(0, 0, 0, "abc", 3);
    assert_int_equal(last_heard()->length, 3);
    assert_int_equal(last_heard()->at_ns, heard(2)->at_ns);
}

static void set_up_gathering(void)
{
    struct plait_flatten_limits limits = small_limits();
    limits.gather_ns = 10 * PLAIT_MS;
    set_up_with(limits);
    shake_hands();
}

static void what_comes_soon_after_is_in_one_segment(void **state)
{
    (void)state;
    set_up_gathering();
    bring(0, 0, 0, "sig", 3);
    bring(0, 1, 3, "nature", 6);
    assert_int_equal(stage.heard.packet_count, 3);
    acknowledge(1, 3); /* some of it: all goes */
    assert_int_equal(stage.heard.packet_count, 5);
    assert_int_equal(heard(3)->length, 9);
    assert_int_equal(heard(3)->flags, PLAIT_PSH | PLAIT_ACK);
    assert_int_equal(heard(3)->from_count, 3); /* two, and what made it go */
    assert_int_equal(heard(4)->ack, CLIENT_ISN + 1 + 3);
    assert_memory_equal(stream_of(0, 0)->octets, "signature", 9);
    acknowledge(1, 9);
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 9);
}

static void what_is_gathered_goes_when_something_follows(void **state)
{
    (void)state;
    set_up_gathering();
    bring(0, 0, 0, "one", 3);
    bring(1, 0, 0, "two", 3); /* the other side speaks */
    assert_int_equal(last_heard()->length, 3);
    assert_int_equal(last_heard()->ports[0], CLIENT_PORT);
    bring(1, 0, 3, NULL, 5); /* a gap */
    assert_int_equal(last_heard()->ports[0], SERVER_PORT);
    bring(0, 0, 3, "three", 5);
    begin_ack(0, 0);
    say_data_fin(0, 8);
    end(0, 0);
    assert_int_equal(last_heard()->flags, PLAIT_FIN | PLAIT_ACK);
    assert_int_equal(last_heard()->seq, CLIENT_ISN + 1 + 8);
    unsigned before = stage.heard.packet_count;
    bring(1, 0, 8, "four", 4);
    assert_int_equal(stage.heard.packet_count, before);
    stage.now_ns += 10 * PLAIT_MS; /* time, which any packet shows */
    struct plait_segment s = segment_from(0, 3, PLAIT_ACK);
    begin(&s);
    assert_int_equal(last_heard()->length, 4);
    struct plait_audit_place place = {0};
    plait_flatten_end(stage.f, &place);
    bring(1, 0, 12, "five", 4);
    say_ended(PLAIT_END_INPUT);
    assert_int_equal(stream_of(0, 1)->next, 16);
    assert_int_equal(stream_of(0, 1)->acked, 16);
}

static void a_segment_is_of_a_bounded_number_of_packets(void **state)
{
    (void)state;
    set_up_gathering();
    begin_ack(0, 0);
    for (uint64_t i = 0; i < 40; i++) {
        struct plait_audit_octets piece = {.connection = CONNECTION,
                                           .offset = i,
                                           .length = 1,
                                           .octets = (const uint8_t *)"x",
                                           .packet = {100 + i, 0, 0}};
        stage.sink.octets(stage.f, &piece);
    }
    end(0, 0);
    assert_int_equal(heard(3)->length, PLAIT_FLAT_FROM_MAX - 1);
    assert_int_equal(heard(3)->from_count, PLAIT_FLAT_FROM_MAX);
    assert_int_equal(stage.heard.packet_count, 5);
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void data_fins_become_fins_when_everything_before_them_went_out(void **state)
{
    (void)state;
    shake_hands();
    begin_ack(0, 0);
    say_data_fin(0, 5);
    end(0, 0);
    assert_int_equal(stage.heard.packet_count, 3); /* it waits */
    bring(0, 1, 0, "hello", 5);
    assert_int_equal(last_heard()->flags, PLAIT_FIN | PLAIT_ACK);
    assert_int_equal(last_heard()->seq, CLIENT_ISN + 1 + 5);
    acknowledge(1, 6);
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 6);
    begin_ack(1, 0);
    say_data_fin(1, 0);
    end(0, 1);
    assert_int_equal(last_heard()->flags, PLAIT_FIN | PLAIT_ACK);
    say_ended(PLAIT_END_CLOSED);
    assert_int_equal(last_heard()->flags, PLAIT_ACK); /* of the second FIN */
    assert_true(stream_of(0, 0)->has_fin && stream_of(0, 1)->has_fin);
    assert_int_equal(stream_of(0, 1)->acked, 1);
    say_ended(PLAIT_END_CLOSED);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_LATE_OCTETS), 0);
}

static void a_close_without_data_fins_closes_the_flow(void **state)
{
    (void)state;
    shake_hands();
    bring(0, 0, 0, "hello", 5);
    say_ended(PLAIT_END_CLOSED);
    assert_true(stream_of(0, 0)->has_fin && stream_of(0, 1)->has_fin);
    assert_int_equal(stream_of(0, 0)->acked, 6);
}

static void a_fastclose_is_a_reset_if_its_key_is_right(void **state)
{
    (void)state;
    shake_hands();
    begin_ack(1, 0);
    struct plait_audit_event event = event_of(PLAIT_SAW_FASTCLOSE, 1);
    event.judgement = PLAIT_INVALID;
    stage.sink.event(stage.f, &event);
    end(0, 1);
    assert_int_equal(stage.heard.packet_count, 3);
    begin_ack(1, 0);
    say(PLAIT_SAW_FASTCLOSE, 1);
    end(0, 1);
    assert_int_equal(last_heard()->flags, PLAIT_RST | PLAIT_ACK);
    assert_int_equal(last_heard()->ports[0], SERVER_PORT);
    say_ended(PLAIT_END_FASTCLOSE);
    assert_int_equal(stage.heard.packet_count, 4);
}

static void a_reset_of_a_subflow_is_none_of_the_flow_until_the_connection_ends_by_it(void **state)
{
    (void)state;
    shake_hands();
    begin_ack(0, 0);
    say(PLAIT_SAW_RESET, 0);
    end(0, 0);
    bring(0, 1, 0, "goes on", 7);
    assert_false(stage.heard.flows[0].has_reset);
    begin_ack(1, 1);
    say(PLAIT_SAW_RESET, 1);
    end(1, 1);
    say_ended(PLAIT_END_RESET);
    assert_true(stage.heard.flows[0].has_reset);
    assert_int_equal(last_heard()->ports[0], SERVER_PORT);
    assert_int_equal(stream_of(0, 0)->acked, 7);
}

static void a_connection_that_falls_back_goes_on_in_its_flow(void **state)
{
    (void)state;
    shake_hands();
    bring(0, 0, 0, "before ", 7);
    begin_ack(0, 0);
    say(PLAIT_SAW_FALLBACK, 0);
    struct plait_audit_octets piece = {.connection = CONNECTION,
                                       .is_unsure = true,
                                       .offset = 7,
                                       .length = 5,
                                       .octets = (const uint8_t *)"after",
                                       .packet = here()};
    stage.sink.octets(stage.f, &piece);
    struct plait_audit_place place = place_now(CONNECTION, 0, 0);
    place.is_mptcp = false;
    place.has_fin = true;
    place.fin_at = 12;
    plait_flatten_end(stage.f, &place);
    assert_memory_equal(stream_of(0, 0)->octets, "before after", 12);
    assert_int_equal(last_heard()->flags, PLAIT_FIN | PLAIT_ACK);
    assert_int_equal(stage.heard.flow_count, 1);
}

/* ---- orphans, limits ----------------------------------------------------------------------- */

static void join_orphan(void)
{
    struct plait_segment s = segment_from(0, 1, PLAIT_SYN);
    begin(&s);
    say_open();
    say(PLAIT_SAW_JOIN, 0);
    end(0, 0);
    bring(0, 1, 0, "part", 4);
}

static void a_subflow_whose_connection_is_not_known_passes_or_does_not(void **state)
{
    (void)state;
    join_orphan();
    assert_int_equal(stage.heard.packet_count, 2);
    assert_int_equal(heard(0)->kind, PLAIT_FLAT_ORPHAN);
    assert_int_equal(heard(1)->kind, PLAIT_FLAT_ORPHAN);
    struct plait_flatten_limits limits = small_limits();
    limits.drops_orphans = true;
    set_up_with(limits);
    join_orphan();
    assert_int_equal(stage.heard.packet_count, 0);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_ORPHANS), 1);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_ORPHAN_PACKETS), 2);
}

static void what_has_no_room_passes(void **state)
{
    (void)state;
    struct plait_flatten_limits limits = small_limits();
    limits.memory_octets = 0;
    set_up_with(limits);
    shake_hands();
    assert_int_equal(stage.heard.packet_count, 3);
    assert_int_equal(heard(2)->kind, PLAIT_FLAT_PASSED);
    assert_true(counted(PLAIT_FLAT_COUNT_NO_ROOM) > 0);
}

static void room_is_given_back_when_connections_end(void **state)
{
    (void)state;
    struct plait_flatten_limits limits = small_limits();
    limits.memory_octets = 2048;
    set_up_with(limits);
    for (unsigned i = 0; i < 100; i++) {
        stage.heard.flow_count = 0;
        shake_hands();
        say_ended(PLAIT_END_INPUT);
    }
    assert_int_equal(counted(PLAIT_FLAT_COUNT_NO_ROOM), 0);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_CONNECTIONS), 100);
}

/* ---- copies that contradict ---------------------------------------------------------------- */

static void set_up_both(void)
{
    struct plait_flatten_limits limits = small_limits();
    limits.both = true;
    set_up_with(limits);
}

static void contradict(unsigned direction, uint64_t offset, const char *later)
{
    begin_ack(direction, 1);
    struct plait_audit_contradiction c = {.connection = CONNECTION,
                                          .direction = (uint8_t)direction,
                                          .offset = offset,
                                          .length = (uint32_t)strlen(later),
                                          .later = (const uint8_t *)later,
                                          .packet = here(),
                                          .was_delivered = true};
    stage.sink.contradiction(stage.f, &c);
    end(1, direction);
}

static void wait_for_others(void)
{
    stage.now_ns += PLAIT_FLAT_OTHER_NS;
    begin_ack(0, 0);
    end(0, 0);
}

static void the_other_copy_is_a_connection_beside_with_the_stream_around_it(void **state)
{
    (void)state;
    set_up_both();
    shake_hands();
    bring(0, 0, 0, "GET /good", 9);
    contradict(0, 5, "evil");
    bring(0, 0, 9, " HTTP/1.1", 9);
    assert_int_equal(stage.heard.flow_count, 1);
    wait_for_others();
    assert_int_equal(stage.heard.flow_count, 2);
    assert_memory_equal(stream_of(0, 0)->octets, "GET /good HTTP/1.1", 18);
    assert_memory_equal(stream_of(1, 0)->octets, "GET /evil HTTP/1.1", 18);
    assert_int_equal(stage.heard.flows[1].place[0].port, CLIENT_PORT + 1);
    assert_true(stream_of(1, 0)->has_fin && stream_of(1, 1)->has_fin);
    assert_int_equal(stream_of(1, 0)->isn, CLIENT_ISN);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_OTHERS), 1);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_OTHERS_ALONE), 0);
}

static void copies_that_differ_from_each_other_have_a_connection_each(void **state)
{
    (void)state;
    set_up_both();
    shake_hands();
    bring(1, 0, 0, "<good><tail>", 12);
    contradict(1, 1, "evil");
    contradict(1, 1, "evol");
    contradict(1, 7, "fail");
    say_ended(PLAIT_END_INPUT);
    assert_int_equal(stage.heard.flow_count, 3);
    assert_memory_equal(stream_of(1, 1)->octets, "<evil><fail>", 12);
    assert_memory_equal(stream_of(2, 1)->octets, "<evol><fail>", 12);
}

static void of_a_long_stream_the_other_copy_shows_a_part(void **state)
{
    (void)state;
    static uint8_t octets[100000];
    set_up_both();
    shake_hands();
    for (unsigned i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 7 + i / 251);
    for (unsigned at = 0; at < 50000; at += 1000)
        bring(0, 0, at, octets + at, 1000);
    contradict(0, 45000, "evil");
    for (unsigned at = 50000; at < sizeof octets; at += 1000)
        bring(0, 0, at, octets + at, 1000);
    assert_int_equal(stage.heard.flow_count, 2);
    const struct flow_side *other = stream_of(1, 0);
    uint64_t from = other->isn - CLIENT_ISN; /* numbers are those of the stream */
    assert_int_equal(from, 45000 - PLAIT_FLAT_AROUND_OCTETS);
    assert_int_equal(other->next, 2 * PLAIT_FLAT_AROUND_OCTETS + 4 + 1);
    memcpy(octets + 45000, "evil", 4);
    assert_memory_equal(other->octets, octets + from, other->next - 1);
}

static void without_a_trace_of_the_stream_the_octets_that_differ_are_written_alone(void **state)
{
    (void)state;
    static const uint8_t octets[1000];
    set_up_both();
    shake_hands();
    for (unsigned at = 0; at < 100000; at += 1000)
        bring(0, 0, at, octets, 1000);
    contradict(0, 100, "evil");
    say_ended(PLAIT_END_INPUT);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_OTHERS_ALONE), 1);
    assert_int_equal(stream_of(1, 0)->isn, CLIENT_ISN + 100);
    assert_memory_equal(stream_of(1, 0)->octets, "evil", 4);
}

static void a_flood_of_contradictions_is_bounded(void **state)
{
    (void)state;
    set_up_both();
    shake_hands();
    bring(0, 0, 0, "0123456789", 10);
    for (unsigned i = 0; i < 5000; i++)
        contradict(0, 3, i % 2 ? "ab" : "cd");
    say_ended(PLAIT_END_INPUT);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_OTHERS), PLAIT_FLAT_OTHERS_MAX);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_OTHERS_NOT), 5000 - PLAIT_FLAT_OTHERS_MAX);
    assert_int_equal(stage.heard.flow_count, 1 + PLAIT_FLAT_OTHERS_MAX);
}

/* ---- property ------------------------------------------------------------------------------ */

enum { STREAM_OCTETS = 200000 };

/* Pieces of random lengths, of both directions and many packets, with random acknowledgments. */
static void play_random(uint64_t seed)
{
    static uint8_t octets[2][STREAM_OCTETS];
    struct dice dice_of = dice(seed);
    for (unsigned i = 0; i < STREAM_OCTETS; i++) {
        octets[0][i] = (uint8_t)throw_u64(&dice_of);
        octets[1][i] = (uint8_t)(octets[0][i] ^ i);
    }
    set_up_with(small_limits());
    stage.isn[0] = (uint32_t)throw_u64(&dice_of);
    stage.isn[1] = (uint32_t) - (int32_t)throw_below(&dice_of, STREAM_OCTETS);
    shake_hands();
    uint64_t at[2] = {0, 0}, lengths[2], acked = 0;
    for (unsigned d = 0; d < 2; d++)
        lengths[d] = throw_below(&dice_of, STREAM_OCTETS);
    while (at[0] < lengths[0] || at[1] < lengths[1]) {
        unsigned d = throw_below(&dice_of, 2) ? 1 : 0;
        uint64_t left = lengths[d] - at[d], part = throw_below(&dice_of, 5000);
        part = part < left ? part : left;
        if (part)
            bring(d, (unsigned)throw_below(&dice_of, 3), at[d], octets[d] + at[d], part);
        at[d] += part;
        acked += throw_below(&dice_of, 3000);
        acknowledge((unsigned)throw_below(&dice_of, 2), acked);
    }
    for (unsigned d = 0; d < 2; d++) {
        begin_ack(d, 0);
        say_data_fin(d, lengths[d]);
        end(0, d);
    }
    say_ended(PLAIT_END_CLOSED);
    assert_int_equal(stage.heard.flow_count, 1);
    for (unsigned d = 0; d < 2; d++) {
        assert_int_equal(stream_of(0, d)->next, lengths[d] + 1);
        assert_int_equal(stream_of(0, d)->acked, lengths[d] + 1);
        if (lengths[d])
            assert_memory_equal(stream_of(0, d)->octets, octets[d], lengths[d]);
    }
}

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++)
        play_random(seed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_handshake_has_the_times_and_numbers_of_the_genuine_one),
        TEST(a_handshake_sent_again_is_written_once),
        TEST(what_a_capture_lacks_of_a_handshake_is_written_when_something_shows_it),
        TEST(a_flow_under_way_has_no_handshake),
        TEST(octets_that_a_syn_brought_are_counted_if_they_were_acknowledged),
        TEST(a_refused_offer_passes_without_its_option),
        TEST(a_port_that_nobody_listens_on_is_seen_to_be_closed),
        TEST(plain_tcp_passes_as_it_came),
        TEST(octets_of_all_paths_are_one_flow_and_no_subflow_is_beside_it),
        TEST(a_piece_is_cut_at_the_mss_and_names_its_packets),
        TEST(an_acknowledgment_is_written_when_its_receiver_gave_it),
        TEST(one_sided_everything_is_acknowledged_at_once),
        TEST(numbers_pass_the_end_of_their_space),
        TEST(a_gap_moves_the_numbers_and_is_counted),
        TEST(time_never_goes_back),
        TEST(what_comes_soon_after_is_in_one_segment),
        TEST(what_is_gathered_goes_when_something_follows),
        TEST(a_segment_is_of_a_bounded_number_of_packets),
        TEST(data_fins_become_fins_when_everything_before_them_went_out),
        TEST(a_close_without_data_fins_closes_the_flow),
        TEST(a_fastclose_is_a_reset_if_its_key_is_right),
        TEST(a_reset_of_a_subflow_is_none_of_the_flow_until_the_connection_ends_by_it),
        TEST(a_connection_that_falls_back_goes_on_in_its_flow),
        TEST(a_subflow_whose_connection_is_not_known_passes_or_does_not),
        TEST(what_has_no_room_passes),
        TEST(room_is_given_back_when_connections_end),
        TEST(the_other_copy_is_a_connection_beside_with_the_stream_around_it),
        TEST(copies_that_differ_from_each_other_have_a_connection_each),
        TEST(of_a_long_stream_the_other_copy_shows_a_part),
        TEST(without_a_trace_of_the_stream_the_octets_that_differ_are_written_alone),
        TEST(a_flood_of_contradictions_is_bounded),
        TEST(what_goes_in_comes_out),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
