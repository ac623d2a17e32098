/* Floods leave memory within its limit and a transfer running. */
#include "tests/unit/host/world.h"

#ifdef __SANITIZE_ADDRESS__
#define FLOOD 100000u
#else
#define FLOOD 1000000u
#endif

static struct plait_place attacker(uint32_t n)
{
    struct plait_place p = place("198.19.0.1", (uint16_t)(1024 + n % 60000));
    p.addr.octets[2] = (uint8_t)(n >> 16);
    p.addr.octets[3] = (uint8_t)(n >> 8);
    return p;
}

static struct plait_segment flood_syn(uint32_t n)
{
    struct plait_place from = attacker(n), to = place("198.18.2.1", 80);
    struct plait_segment s = segment(&from, &to, PLAIT_SYN, n * 77777u, 0);
    s.options = (struct plait_tcp_options){.has_mss = true, .mss = 1460, .has_timestamps = n & 1};
    return s;
}

static struct plait_segment flood_join(uint32_t n, uint32_t token)
{
    struct plait_segment s = flood_syn(n);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_JOIN,
        .join = {
            .form = PLAIT_JOIN_SYN, .addr_id = (uint8_t)(1 + n % 200), .token = token, .nonce = n}};
    return s;
}

enum what { SYNS, CAPABLES, JOINS, JOINS_WITH_TOKEN };

static struct plait_segment packet_of(enum what what, uint32_t n, uint32_t token)
{
    if (what == JOINS)
        return flood_join(n, n * 2654435761u);
    if (what == JOINS_WITH_TOKEN)
        return flood_join(n, token);
    struct plait_segment s = flood_syn(n);
    if (what == CAPABLES) {
        s.mptcp_count = 1;
        s.mptcp[0] = (struct plait_mptcp_option){
            .subtype = PLAIT_MP_CAPABLE, .capable = {.version = 1, .flags = PLAIT_CAPABLE_HMAC}};
    }
    return s;
}

static bool is_for_us(const struct wire_packet *p)
{
    struct plait_segment s;
    return plait_ok(plait_segment_parse(p->octets, p->length_octets, &s)) &&
           s.ip.dst.octets[1] == 18;
}

static bool loses_answers(void *self, struct wire_packet *p)
{
    (void)self;
    return !is_for_us(p);
}

/* 10^6 packets within 20 s of virtual time, while a transfer goes on. */
static void flood(enum what what)
{
    struct world *w = world_new(NULL);
    w->loses = loses_answers;
    struct app apps[2] = {{.to_send = 2000000, .close_when_sent = true},
                          {.to_send = 2000000, .close_when_sent = true}};
    world_connect(w, apps, NULL);
    world_run_for(w, 100 * PLAIT_MS);
    uint32_t token = plait_connection_status(apps[1].c).own_token;
    for (uint32_t n = 0; n < FLOOD; n++) {
        struct plait_segment s = packet_of(what, n, token);
        world_inject(w, 1, &s);
        if (n % 50 == 49)
            world_run_for(w, PLAIT_MS);
    }
    struct plait_host_usage u = plait_host_usage(w->host[1]);
    assert_true(u.requests[1] <= u.requests[2]);
    assert_true(plait_host_used(w->host[1]) <= w->memory_octets[1]);
    assert_int_equal(u.connections[1], 1);
    assert_int_equal(u.flows[1], 1);
    world_run_for(w, 10 * PLAIT_S);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(apps[i].read, 2000000);
        assert_false(apps[i].is_wrong);
        struct plait_status s = plait_connection_status(apps[i].c);
        assert_string_equal(plait_stage_text(s.stage), "closed");
    }
    world_run_for(w, 100 * PLAIT_S); /* everything half-open is over */
    assert_int_equal(plait_host_usage(w->host[1]).requests[0], 0);
    world_free(w);
}

static void syns_do_not_disturb(void **state)
{
    (void)state;
    flood(SYNS);
}

static void capables_do_not_disturb(void **state)
{
    (void)state;
    flood(CAPABLES);
}

static void joins_do_not_disturb(void **state)
{
    (void)state;
    flood(JOINS);
}

static void joins_with_the_token_do_not_disturb(void **state)
{
    (void)state;
    flood(JOINS_WITH_TOKEN); /* T-RES-2 */
}

/* A flood of SYNs leaves room for joins (T-BID-7). */
static void a_join_gets_in_during_a_flood(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    w->loses = loses_answers;
    struct app apps[2] = {{.to_send = 20000}, {.to_send = 20000}};
    world_connect(w, apps, NULL);
    world_run_for(w, PLAIT_S);
    for (uint32_t n = 0; n < 1000; n++) {
        struct plait_segment s = flood_syn(n);
        world_inject(w, 1, &s);
        world_flush(w);
    }
    struct plait_place from = place("198.18.1.2", 0), to = place("198.18.2.2", 80);
    assert_ok(plait_connection_add_path(apps[0].c, w->now_ns, &from, &to, false));
    world_run_for(w, PLAIT_S);
    assert_int_equal(plait_connection_status(apps[0].c).path_count, 2);
    assert_int_equal(plait_connection_status(apps[1].c).path_count, 2);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_JOIN_IN), 1);
    assert_true(count_of(w, 1, PLAIT_COUNT_COOKIES_SENT) > 900);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syns_do_not_disturb),
        cmocka_unit_test(capables_do_not_disturb),
        cmocka_unit_test(joins_do_not_disturb),
        cmocka_unit_test(joins_with_the_token_do_not_disturb),
        cmocka_unit_test(a_join_gets_in_during_a_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
