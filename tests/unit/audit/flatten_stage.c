/* An auditor that says what a test wants to the flattener, and packets of two hosts on several
 * paths. */
#include "tests/unit/audit/flatten_stage.h"

#include "system/pages.h"

struct stage stage;

void set_up_with(struct plait_flatten_limits limits)
{
    forget_heard(&stage.heard);
    plait_pages_free(&stage.arena);
    memset(&stage, 0, sizeof stage);
    stage.arena = plait_pages(plait_flatten_arena_octets(&limits));
    assert_non_null(stage.arena.start);
    stage.f = plait_flatten_new(&stage.arena, &limits, listen_to, &stage.heard);
    assert_non_null(stage.f);
    stage.sink = plait_flatten_sink();
    stage.isn[0] = CLIENT_ISN;
    stage.isn[1] = SERVER_ISN;
}

struct plait_flatten_limits small_limits(void)
{
    struct plait_flatten_limits limits = plait_flatten_limits();
    limits.memory_octets = 1 << 20;
    limits.gather_ns = 0;
    return limits;
}

int set_up(void **state)
{
    (void)state;
    set_up_with(small_limits());
    return 0;
}

int tear_down(void **state)
{
    (void)state;
    forget_heard(&stage.heard);
    plait_pages_free(&stage.arena);
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

struct plait_segment segment_from(unsigned end, unsigned path, uint8_t flags)
{
    struct plait_place src = place_of(end, path), dst = place_of(!end, path);
    return (struct plait_segment){.ip = {.src = src.addr, .dst = dst.addr, .ttl = 60},
                                  .src_port = src.port,
                                  .dst_port = dst.port,
                                  .flags = flags,
                                  .window = 1000};
}

void begin_packet(const struct plait_segment *s)
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

struct plait_audit_place place_now(uint64_t connection, unsigned subflow, unsigned end)
{
    return (struct plait_audit_place){.connection = connection,
                                      .subflow = (uint16_t)subflow,
                                      .direction = (uint8_t)end,
                                      .is_mptcp = connection != 0};
}

void end_packet(unsigned subflow, unsigned sender)
{
    struct plait_audit_place place = place_now(CONNECTION, subflow, sender);
    plait_flatten_end(stage.f, &place);
}

struct plait_packet_ref here(void)
{
    return (struct plait_packet_ref){stage.seen.frame, stage.seen.at_ns, 0, 0};
}

struct plait_audit_event event_of(enum plait_audit_event_kind kind, unsigned direction)
{
    return (struct plait_audit_event){
        .kind = kind, .connection = CONNECTION, .direction = (uint8_t)direction, .packet = here()};
}

void say(enum plait_audit_event_kind kind, unsigned direction)
{
    struct plait_audit_event event = event_of(kind, direction);
    event.judgement = PLAIT_VALID;
    stage.sink.event(stage.f, &event);
}

void say_open(void)
{
    struct plait_audit_event event = event_of(PLAIT_SAW_OPEN, 0);
    event.from = place_of(0, 0);
    event.to = place_of(1, 0);
    stage.sink.event(stage.f, &event);
}

void say_data_fin(unsigned direction, uint64_t offset)
{
    struct plait_audit_event event = event_of(PLAIT_SAW_DATA_FIN, direction);
    event.offset = offset;
    stage.sink.event(stage.f, &event);
}

void say_octets(unsigned direction, uint64_t offset, const void *octets, uint64_t length)
{
    struct plait_audit_octets piece = {.connection = CONNECTION,
                                       .direction = (uint8_t)direction,
                                       .offset = offset,
                                       .length = length,
                                       .octets = octets,
                                       .packet = here()};
    stage.sink.octets(stage.f, &piece);
}

void say_ended(enum plait_audit_end how)
{
    struct plait_audit_connection_view view = {.number = CONNECTION, .end = how};
    stage.sink.ended(stage.f, &view);
}

/* ---- packets ------------------------------------------------------------------------------- */

void add_capable(struct plait_segment *s)
{
    s->mptcp_count = 1;
    s->mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_CAPABLE,
                                              .capable = {.version = 1, .flags = 1}};
}

void offer(void)
{
    struct plait_segment s = segment_from(0, 0, PLAIT_SYN);
    s.seq = stage.isn[0];
    s.options.has_mss = true;
    s.options.mss = 1460;
    s.options.has_window_scale = true;
    s.options.has_timestamps = true;
    add_capable(&s);
    begin_packet(&s);
    say_open();
    say(PLAIT_SAW_HELLO, 0);
    end_packet(0, 0);
}

void answer(void)
{
    struct plait_segment s = segment_from(1, 0, PLAIT_SYN | PLAIT_ACK);
    s.seq = stage.isn[1];
    s.ack = stage.isn[0] + 1;
    add_capable(&s);
    begin_packet(&s);
    say(PLAIT_SAW_HELLO, 1);
    end_packet(0, 1);
}

void begin_ack(unsigned sender, unsigned path)
{
    struct plait_segment s = segment_from(sender, path, PLAIT_ACK);
    s.seq = stage.isn[sender] + 1;
    s.ack = stage.isn[!sender] + 1;
    begin_packet(&s);
}

void shake_hands(void)
{
    offer();
    answer();
    begin_ack(0, 0);
    end_packet(0, 0);
}

void bring(unsigned sender, unsigned path, uint64_t offset, const void *octets, uint64_t length)
{
    begin_ack(sender, path);
    say_octets(sender, offset, octets, length);
    end_packet(path, sender);
}

void acknowledge(unsigned sender, uint64_t offset)
{
    begin_ack(sender, 1);
    struct plait_audit_place place = place_now(CONNECTION, 1, sender);
    place.has_acked = true;
    place.acked = offset;
    plait_flatten_end(stage.f, &place);
}

const struct heard_packet *heard(unsigned n)
{
    assert_true(n < stage.heard.packet_count);
    return &stage.heard.packets[n];
}

const struct heard_packet *last_heard(void)
{
    return heard(stage.heard.packet_count - 1);
}

uint64_t counted(enum plait_flat_count which)
{
    return plait_flatten_counts(stage.f)->count[which];
}

const struct flow_side *stream_of(unsigned flow, unsigned direction)
{
    assert_true(flow < stage.heard.flow_count);
    return &stage.heard.flows[flow].stream[direction];
}
