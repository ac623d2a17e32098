/* What a host answers to SYNs and to segments that nobody wants, seen from the wire. */
#include "tests/unit/host/world.h"

static struct plait_place stranger, server;
static struct app app;

static struct world *listening(const struct plait_host_config *config)
{
    const struct plait_host_config *configs[2] = {config, config};
    struct world *w = world_new(config ? configs : NULL);
    struct plait_callbacks callbacks = app_callbacks();
    app = (struct app){.salt = 1};
    stranger = place("198.18.9.9", 4000);
    server = place("198.18.2.1", 80);
    assert_ok(plait_listen(w->host[1], 0, NULL, 80, NULL, 0, &callbacks, &app, NULL));
    return w;
}

static struct plait_segment syn_of(uint16_t port, uint32_t seq)
{
    stranger.port = port;
    struct plait_segment s = segment(&stranger, &server, PLAIT_SYN, seq, 0);
    s.options = (struct plait_tcp_options){.has_mss = true,
                                           .mss = 1400,
                                           .has_window_scale = true,
                                           .window_scale = 3,
                                           .sack_permitted = true,
                                           .has_timestamps = true,
                                           .timestamp = 77};
    return s;
}

static struct plait_segment capable(uint16_t port, uint32_t seq)
{
    struct plait_segment s = syn_of(port, seq);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_CAPABLE, .capable = {.version = 1, .flags = PLAIT_CAPABLE_HMAC}};
    return s;
}

static struct plait_segment join(uint16_t port, uint32_t token)
{
    struct plait_segment s = syn_of(port, 1);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_JOIN,
        .join = {.form = PLAIT_JOIN_SYN, .addr_id = 9, .token = token, .nonce = 1}};
    return s;
}

static struct plait_segment answer(struct world *w)
{
    struct plait_segment s;
    static uint8_t octets[PACKET_ROOM];
    assert_true(world_take(w, 1, &s, octets));
    return s;
}

static void nothing(struct world *w)
{
    struct plait_segment s;
    uint8_t octets[PACKET_ROOM];
    assert_false(world_take(w, 1, &s, octets));
}

static struct plait_segment third_ack(const struct plait_segment *syn_ack)
{
    struct plait_segment s = segment(&stranger, &server, PLAIT_ACK, syn_ack->ack, syn_ack->seq + 1);
    s.options = (struct plait_tcp_options){.has_timestamps = syn_ack->options.has_timestamps,
                                           .timestamp = 78,
                                           .timestamp_echo = syn_ack->options.timestamp};
    return s;
}

/* ---- RFC 9293 §3.10.7.1 ---- */

static void what_nobody_wants_is_reset(void **state)
{
    (void)state;
    struct world *w = listening(NULL);
    server.port = 81;
    struct plait_segment s = syn_of(4000, 1000), a;
    world_inject(w, 1, &s);
    a = answer(w);
    assert_int_equal(a.flags, PLAIT_RST | PLAIT_ACK);
    assert_int_equal(a.seq, 0);
    assert_int_equal(a.ack, 1001);
    s = segment(&stranger, &server, PLAIT_ACK, 5, 77);
    world_inject(w, 1, &s);
    a = answer(w);
    assert_int_equal(a.flags, PLAIT_RST);
    assert_int_equal(a.seq, 77);
    s.flags = PLAIT_RST | PLAIT_ACK;
    world_inject(w, 1, &s);
    s.flags = PLAIT_SYN | PLAIT_FIN;
    world_inject(w, 1, &s);
    nothing(w);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_NO_LISTENER), 1);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_RESETS_OUT), 2);
    world_free(w);
    struct plait_host_config silent = small_config();
    silent.no_resets = true;
    w = listening(&silent);
    s = segment(&stranger, &server, PLAIT_ACK, 5, 77);
    world_inject(w, 1, &s);
    nothing(w);
    world_free(w);
}

static void strangers_and_rubbish_are_counted(void **state)
{
    (void)state;
    struct world *w = listening(NULL);
    struct plait_place elsewhere = place("198.18.77.1", 80);
    struct plait_segment s = segment(&stranger, &elsewhere, PLAIT_SYN, 1, 0);
    world_inject(w, 1, &s);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_NOT_FOR_US), 1);
    s = segment(&server, &server, PLAIT_SYN, 1, 0); /* from ourselves */
    world_inject(w, 1, &s);
    struct plait_place many = place("224.0.0.1", 80);
    s = segment(&many, &server, PLAIT_SYN, 1, 0);
    world_inject(w, 1, &s);
    plait_host_input(w->host[1], 0, "rubbish", 7, NULL);
    plait_host_input(w->host[1], 0, NULL, 0, NULL);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_MALFORMED), 4);
    assert_int_equal(plait_host_counters(w->host[1])->malformed.count[PLAIT_REASON_BAD_VALUE], 2);
    nothing(w);
    world_free(w);
}

/* RFC 1122 §3.2.1.3, RFC 4291 §2.5.2, §2.5.3, §2.7: also written as IPv6. */
static void a_source_that_is_nobody_gets_no_answer(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        bool is_nobody;
    } cases[] = {
        {"127.0.0.1", "198.18.2.1", true},
        {"0.0.0.0", "198.18.2.1", true},
        {"255.255.255.255", "198.18.2.1", true},
        {"198.18.9.9", "198.18.2.1", false},
        {"::", "2001:db8:2::1", true},
        {"::1", "2001:db8:2::1", true},
        {"ff02::1", "2001:db8:2::1", true},
        {"::ffff:127.0.0.1", "2001:db8:2::1", true},
        {"::ffff:0.0.0.0", "2001:db8:2::1", true},
        {"::ffff:224.0.0.1", "2001:db8:2::1", true},
        {"::ffff:198.18.9.9", "2001:db8:2::1", false},
        {"1::1", "2001:db8:2::1", false},
    };
    struct world *w = listening(NULL);
    struct plait_segment taken;
    static uint8_t octets[PACKET_ROOM];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plait_place from = place(cases[i].from, 4000), to = place(cases[i].to, 80);
        struct plait_segment s = segment(&from, &to, PLAIT_SYN, 1, 0);
        uint64_t before = count_of(w, 1, PLAIT_COUNT_MALFORMED);
        world_inject(w, 1, &s);
        assert_int_equal(world_take(w, 1, &taken, octets), !cases[i].is_nobody);
        assert_int_equal(count_of(w, 1, PLAIT_COUNT_MALFORMED) - before, cases[i].is_nobody);
    }
    world_free(w);
}

/* MP_JOIN beside MP_CAPABLE is no join: where nobody listens it is refused like any SYN. */
static void a_syn_of_two_minds_is_none_of_a_join(void **state)
{
    (void)state;
    struct world *w = listening(NULL);
    struct plait_segment s = capable(4000, 1);
    s.mptcp[s.mptcp_count++] = join(4000, 7).mptcp[0];
    s.options.has_timestamps = false; /* both fit */
    for (int order = 0; order < 2; order++) {
        struct plait_mptcp_option first = s.mptcp[0];
        s.mptcp[0] = s.mptcp[1];
        s.mptcp[1] = first;
        s.dst_port = 81;
        world_inject(w, 1, &s);
        assert_int_equal(answer(w).flags, PLAIT_RST | PLAIT_ACK);
    }
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_NO_LISTENER), 2);
    assert_int_equal(plait_host_usage(w->host[1]).requests[0], 0);
    s.dst_port = 80;
    world_inject(w, 1, &s);
    struct plait_segment a = answer(w);
    assert_int_equal(a.flags, PLAIT_SYN | PLAIT_ACK);
    assert_int_equal(a.mptcp_count, 0);
    world_free(w);
}

/* ---- half-open requests ---- */

static void a_syn_ack_is_sent_six_times(void **state)
{
    (void)state;
    struct world *w = listening(NULL);
    struct plait_segment s = syn_of(4000, 1000), a;
    world_inject(w, 1, &s);
    a = answer(w);
    assert_int_equal(a.flags, PLAIT_SYN | PLAIT_ACK);
    assert_int_equal(a.ack, 1001);
    assert_true(a.options.has_mss && a.options.sack_permitted && a.options.has_timestamps);
    assert_int_equal(a.options.mss, 1460);
    assert_int_equal(a.options.timestamp_echo, 77);
    uint32_t isn = a.seq;
    static const plait_time_ns at_s[] = {1, 3, 7, 15, 31};
    for (int i = 0; i < 5; i++) {
        w->now_ns = at_s[i] * PLAIT_S;
        assert_true(plait_host_deadline(w->host[1]) == w->now_ns);
        plait_host_advance(w->host[1], w->now_ns);
        a = answer(w);
        assert_int_equal(a.seq, isn);
        nothing(w);
    }
    assert_int_equal(plait_host_usage(w->host[1]).requests[0], 1);
    plait_host_advance(w->host[1], 63 * PLAIT_S);
    nothing(w);
    assert_int_equal(plait_host_usage(w->host[1]).requests[0], 0);
    assert_true(plait_host_deadline(w->host[1]) == PLAIT_NEVER);
    world_free(w);
}

static void a_half_open_request_judges_as_a_flow_does(void **state)
{
    (void)state;
    struct world *w = listening(NULL);
    struct plait_segment s = syn_of(4000, 1000), a;
    world_inject(w, 1, &s);
    uint32_t isn = answer(w).seq;
    world_inject(w, 1, &s); /* the same again */
    assert_int_equal(answer(w).seq, isn);
    s.seq = 5000; /* another SYN: challenged (RFC 5961 §4.2) */
    world_inject(w, 1, &s);
    a = answer(w);
    assert_int_equal(a.flags, PLAIT_ACK);
    assert_int_equal(a.seq, isn + 1);
    assert_int_equal(a.ack, 1001);
    s = segment(&stranger, &server, PLAIT_ACK, 1001, isn + 7); /* acknowledges what was not sent */
    s.options.has_timestamps = true;
    s.options.timestamp = 78;
    world_inject(w, 1, &s);
    assert_int_equal(answer(w).flags, PLAIT_RST);
    s.ack = isn + 1;
    s.options.timestamp = 70; /* from before (RFC 7323 §5) */
    world_inject(w, 1, &s);
    nothing(w);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_PAWS), 1);
    s = segment(&stranger, &server, PLAIT_RST, 1500, 0); /* in the window, not exact */
    world_inject(w, 1, &s);
    assert_int_equal(answer(w).flags, PLAIT_ACK);
    assert_int_equal(plait_host_usage(w->host[1]).requests[0], 1);
    s.seq = 1001;
    world_inject(w, 1, &s);
    nothing(w);
    assert_int_equal(plait_host_usage(w->host[1]).requests[0], 0);
    world_free(w);
}

/* The digest is defined for whatever a SYN says. */
static uint64_t digest_of_a_request(uint16_t mss)
{
    struct world *w = listening(NULL);
    struct plait_segment s = syn_of(4000, 1000);
    s.options.mss = mss;
    world_inject(w, 1, &s);
    uint64_t digest = plait_host_digest(w->host[1], 0);
    world_free(w);
    return digest;
}

/* UBSan also looks at how it is computed. */
static void a_digest_tells_the_largest_mss(void **state)
{
    (void)state;
    assert_true(digest_of_a_request(UINT16_MAX) == digest_of_a_request(UINT16_MAX));
    assert_true(digest_of_a_request(UINT16_MAX) != digest_of_a_request(INT16_MAX));
}

static void a_closed_listener_forgets_its_requests(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct plait_listener *l;
    stranger = place("198.18.9.9", 4000);
    server = place("198.18.2.1", 80);
    assert_ok(plait_listen(w->host[1], 0, NULL, 80, NULL, 0, NULL, NULL, &l));
    struct plait_segment s = syn_of(4000, 1), a;
    world_inject(w, 1, &s);
    a = answer(w);
    plait_listener_close(l, 0);
    assert_int_equal(plait_host_usage(w->host[1]).requests[0], 0);
    s = third_ack(&a);
    world_inject(w, 1, &s);
    assert_int_equal(answer(w).flags, PLAIT_RST);
    world_free(w);
}

/* ---- cookies ---- */

static void fill(struct world *w)
{
    for (uint16_t port = 1; port <= 12; port++) { /* three quarters of 16 */
        struct plait_segment s = syn_of(port, 1);
        world_inject(w, 1, &s);
        answer(w);
    }
    assert_int_equal(plait_host_usage(w->host[1]).requests[0], 12);
}

static void at_the_limit_cookies_restore_tcp(void **state)
{
    (void)state;
    struct world *w = listening(NULL);
    fill(w);
    struct plait_segment s = syn_of(4000, 1000), a;
    world_inject(w, 1, &s);
    a = answer(w);
    assert_int_equal(a.flags, PLAIT_SYN | PLAIT_ACK);
    assert_int_equal(plait_host_usage(w->host[1]).requests[0], 12);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_COOKIES_SENT), 1);
    struct plait_segment good = third_ack(&a), bad = good;
    bad.ack++;
    world_inject(w, 1, &bad);
    assert_int_equal(answer(w).flags, PLAIT_RST);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_COOKIES_BAD), 1);
    assert_false(app.was_accepted);
    world_inject(w, 1, &good);
    assert_true(app.was_accepted);
    struct plait_status status = plait_connection_status(app.c);
    assert_string_equal(plait_stage_text(status.stage), "open");
    assert_false(status.is_multipath);
    app.to_send = 5000;
    app_step(&app, 0);
    a = answer(w); /* the MSS came back: 1380 is the table's next below 1400 */
    assert_true(a.payload_octets > 1300 && a.payload_octets <= 1400);
    assert_true(a.options.has_timestamps);
    world_free(w);
}

static struct plait_segment third_capable(const struct plait_segment *a, uint64_t own_key)
{
    const struct plait_mptcp_option *o = plait_segment_option(a, PLAIT_MP_CAPABLE);
    assert_non_null(o);
    struct plait_segment s = third_ack(a);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_CAPABLE,
                                             .capable = {.version = 1,
                                                         .flags = PLAIT_CAPABLE_HMAC,
                                                         .has_sender_key = true,
                                                         .sender_key = own_key,
                                                         .has_receiver_key = true,
                                                         .receiver_key = o->capable.sender_key}};
    return s;
}

static void n03_at_the_limit_cookies_restore_mptcp(void **state)
{
    (void)state;
    struct world *w = listening(NULL);
    fill(w);
    struct plait_segment s = capable(4000, 1000), a;
    world_inject(w, 1, &s);
    a = answer(w);
    s = third_capable(&a, 0x1122334455667788);
    struct plait_segment wrong = s; /* N03, T-KEY-1: an echoed key that is not ours is no key */
    wrong.mptcp[0].capable.receiver_key ^= 1;
    world_inject(w, 1, &s);
    assert_true(app.was_accepted);
    struct plait_status status = plait_connection_status(app.c);
    assert_true(status.is_multipath);
    uint32_t token = plait_mechanism_v1.token(s.mptcp[0].capable.receiver_key);
    assert_int_equal(status.own_token, token);
    world_free(w);

    w = listening(NULL);
    fill(w);
    s = capable(4000, 1000);
    world_inject(w, 1, &s);
    a = answer(w);
    wrong = third_capable(&a, 1);
    wrong.mptcp[0].capable.receiver_key ^= 1;
    world_inject(w, 1, &wrong);
    assert_true(app.was_accepted);
    assert_false(plait_connection_status(app.c).is_multipath);
    world_free(w);
}

/* Somebody else got the token between our SYN/ACK and the third ACK. */
static void n03_a_token_that_is_taken_meanwhile_is_plain_tcp(void **state)
{
    (void)state;
    static uint8_t mark; /* not looked into */
    struct plait_token taken = {0};
    struct world *w = listening(NULL);
    struct plait_segment s = capable(4000, 1000), a;
    world_inject(w, 1, &s);
    a = answer(w);
    s = third_capable(&a, 0x1122334455667788);
    uint32_t token = plait_mechanism_v1.token(s.mptcp[0].capable.receiver_key);
    assert_true(
        plait_token_claim(&w->host[1]->tokens, &taken, token, (struct plait_mptcp *)(void *)&mark));
    world_inject(w, 1, &s);
    assert_true(app.was_accepted);
    assert_false(plait_connection_status(app.c).is_multipath);
    plait_token_release(&w->host[1]->tokens, &taken);
    world_free(w);
}

static void without_cookies_the_limit_is_silence(void **state)
{
    (void)state;
    struct plait_host_config config = small_config();
    config.no_syn_cookies = true;
    struct world *w = listening(&config);
    fill(w);
    struct plait_segment s = syn_of(4000, 1000);
    world_inject(w, 1, &s);
    nothing(w);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_REQUESTS_LIMIT), 1);
    world_free(w);
}

/* ---- joins ---- */

static void n16_a_join_with_an_unknown_token_is_reset_by_its_host(void **state)
{
    (void)state;
    struct world *w = listening(NULL);
    struct plait_segment s = join(4000, 0xdeadbeef), a;
    world_inject(w, 1, &s);
    a = answer(w);
    assert_int_equal(a.flags, PLAIT_RST | PLAIT_ACK); /* N16 */
    const struct plait_mptcp_option *o = plait_segment_option(&a, PLAIT_MP_TCPRST);
    assert_non_null(o);
    assert_int_equal(o->tcprst.reason, 1);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_JOIN_NO_TOKEN), 1);
    world_free(w);
}

/* A connection whose server has TOKEN; the stranger may speak next. */
static struct world *connected(struct app apps[2], uint32_t *token)
{
    struct world *w = world_new(NULL);
    world_connect(w, apps, NULL);
    world_run_for(w, PLAIT_S);
    *token = plait_connection_status(apps[1].c).own_token;
    stranger = place("198.18.9.9", 4000);
    server = place("198.18.2.1", 80);
    return w;
}

static void n17_a_join_without_proof_is_reset_by_its_host(void **state)
{
    (void)state;
    struct app apps[2] = {{.to_send = 10}, {.to_send = 10}};
    uint32_t token;
    struct world *w = connected(apps, &token);
    for (uint16_t with_option = 0; with_option < 2; with_option++) {
        struct plait_segment s = join(4000 + with_option, token), a;
        world_inject(w, 1, &s);
        a = answer(w);
        assert_non_null(plait_segment_option(&a, PLAIT_MP_JOIN));
        s = third_ack(&a);
        s.mptcp_count = with_option;
        s.mptcp[0] =
            (struct plait_mptcp_option){.subtype = PLAIT_MP_JOIN, .join = {.form = PLAIT_JOIN_ACK}};
        world_inject(w, 1, &s);
        a = answer(w);
        assert_int_equal(a.flags, PLAIT_RST);
        const struct plait_mptcp_option *o = plait_segment_option(&a, PLAIT_MP_TCPRST);
        assert_non_null(o);
        assert_int_equal(o->tcprst.reason, 1);
        assert_int_equal(plait_host_usage(w->host[1]).requests[0], 0);
    }
    assert_int_equal(plait_connection_status(apps[1].c).path_count, 1);
    world_free(w);
}

static unsigned reset_reason, reset_flags;

static bool notes_reason(void *self, struct wire_packet *packet)
{
    struct plait_segment s;
    (void)self;
    assert_ok(plait_segment_parse(packet->octets, packet->length_octets, &s));
    const struct plait_mptcp_option *o = plait_segment_option(&s, PLAIT_MP_TCPRST);
    if (o && packet->to == 0) {
        reset_reason = o->tcprst.reason;
        reset_flags = o->tcprst.flags;
    }
    return false;
}

/* Two are half-open before either is a subflow: the later one may come again (RFC 8684 §3.6). */
static void n45_a_join_above_the_limit_is_reset_for_lack_of_resources(void **state)
{
    (void)state;
    struct app apps[2] = {{.to_send = 10}, {.to_send = 10}};
    uint32_t token;
    struct world *w = connected(apps, &token);
    assert_ok(plait_connection_set_limits(apps[1].c, 1, 0));
    w->loses = notes_reason;
    reset_reason = reset_flags = 0xff;
    struct plait_place from = place("198.18.1.2", 0);
    for (int i = 0; i < 2; i++) {
        struct plait_place to = place(i ? "198.18.2.2" : "198.18.2.1", 80);
        assert_ok(plait_connection_add_path(apps[0].c, w->now_ns, &from, &to, false));
    }
    world_run_for(w, PLAIT_S);
    assert_int_equal(plait_connection_status(apps[1].c).path_count, 2);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_JOIN_LIMIT), 1);
    assert_int_equal(reset_reason, 2);
    assert_int_equal(reset_flags, 1);
    world_free(w);
}

/* A quarter of the requests is for joins, whatever a connection would allow (T-BID-7). */
static void n45_a_flood_of_joins_leaves_room_for_syns(void **state)
{
    (void)state;
    struct app apps[2] = {{.to_send = 10}, {.to_send = 10}};
    uint32_t token;
    struct world *w = connected(apps, &token);
    for (uint16_t i = 0; i < 20; i++) {
        struct plait_segment s = join(4000 + i, token), a;
        world_inject(w, 1, &s);
        a = answer(w);
        assert_int_equal(a.flags, i < 4 ? PLAIT_SYN | PLAIT_ACK : PLAIT_RST | PLAIT_ACK);
    }
    assert_int_equal(plait_host_usage(w->host[1]).requests[0], 4);
    for (uint16_t i = 0; i < 12; i++) {
        struct plait_segment s = syn_of(5000 + i, 1);
        world_inject(w, 1, &s);
        assert_int_equal(answer(w).flags, PLAIT_SYN | PLAIT_ACK);
    }
    assert_int_equal(plait_host_usage(w->host[1]).requests[0], 16);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_COOKIES_SENT), 0);
    world_free(w);
}

static void n19_a_join_is_answered_whatever_listens_on_its_port(void **state)
{
    (void)state;
    struct app apps[2] = {{.to_send = 10}, {.to_send = 10}};
    uint32_t token;
    struct world *w = connected(apps, &token);
    server.port = 81;
    struct plait_segment s = syn_of(4000, 1), a;
    world_inject(w, 1, &s);
    assert_int_equal(answer(w).flags, PLAIT_RST | PLAIT_ACK); /* nobody listens there */
    /* Nor is it asked what a listener there would speak. */
    const struct plait_options plain = {.tcp_only = true};
    assert_ok(plait_listen(w->host[1], w->now_ns, NULL, 82, &plain, 0, NULL, NULL, NULL));
    for (uint16_t i = 0; i < 2; i++) {
        server.port = 81 + i;
        s = join(4001 + i, token);
        world_inject(w, 1, &s);
        a = answer(w);
        assert_int_equal(a.flags, PLAIT_SYN | PLAIT_ACK);
        assert_non_null(plait_segment_option(&a, PLAIT_MP_JOIN));
    }
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_wants_is_reset),
        cmocka_unit_test(strangers_and_rubbish_are_counted),
        cmocka_unit_test(a_source_that_is_nobody_gets_no_answer),
        cmocka_unit_test(a_syn_of_two_minds_is_none_of_a_join),
        cmocka_unit_test(a_syn_ack_is_sent_six_times),
        cmocka_unit_test(a_half_open_request_judges_as_a_flow_does),
        cmocka_unit_test(a_digest_tells_the_largest_mss),
        cmocka_unit_test(a_closed_listener_forgets_its_requests),
        cmocka_unit_test(at_the_limit_cookies_restore_tcp),
        cmocka_unit_test(n03_at_the_limit_cookies_restore_mptcp),
        cmocka_unit_test(n03_a_token_that_is_taken_meanwhile_is_plain_tcp),
        cmocka_unit_test(without_cookies_the_limit_is_silence),
        cmocka_unit_test(n16_a_join_with_an_unknown_token_is_reset_by_its_host),
        cmocka_unit_test(n17_a_join_without_proof_is_reset_by_its_host),
        cmocka_unit_test(n45_a_join_above_the_limit_is_reset_for_lack_of_resources),
        cmocka_unit_test(n45_a_flood_of_joins_leaves_room_for_syns),
        cmocka_unit_test(n19_a_join_is_answered_whatever_listens_on_its_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
