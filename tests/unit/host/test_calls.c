/* Callbacks may do what the documentation allows, listeners hold back, old flows make room, routers
 * are believed a little. */
#include "tests/unit/host/world.h"

#include "base/octets.h"

/* ---- callbacks ---- */

struct caller {
    struct world *w;
    struct plait_connection *c, *other;
    unsigned calls, accepted;
    bool frees, connects, closes;
    struct plait_place to;
};

static void on_changed(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct caller *caller = user;
    caller->calls++;
    if (caller->connects) {
        caller->connects = false;
        assert_ok(plait_connect(caller->w->host[0], now, NULL, &caller->to, NULL, NULL, NULL,
                                &caller->other));
    }
    if (caller->closes && plait_connection_status(c).stage == PLAIT_STAGE_OPEN)
        assert_ok(plait_connection_close(c, now));
    if (caller->frees) {
        caller->frees = false;
        plait_connection_free(c, now);
        if (caller->other)
            plait_connection_free(caller->other, now);
        caller->c = caller->other = NULL;
    }
}

static void on_accepted(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct caller *caller = user;
    caller->accepted++;
    caller->c = c;
    if (caller->frees) { /* at once, before anybody hears more */
        plait_connection_free(c, now);
        caller->c = NULL;
    }
}

static void a_connection_may_be_freed_from_inside(const struct plait_options *options,
                                                  bool in_accepted)
{
    struct world *w = world_new(NULL);
    struct plait_place to = place("198.18.2.1", 80);
    struct caller client = {.w = w, .to = to, .connects = !in_accepted, .frees = !in_accepted};
    struct caller server = {.w = w, .frees = in_accepted};
    struct plait_callbacks callbacks = {.accepted = on_accepted, .changed = on_changed};
    assert_ok(plait_listen(w->host[1], 0, NULL, 80, options, 0, &callbacks, &server, NULL));
    assert_ok(plait_connect(w->host[0], 0, NULL, &to, options, &callbacks, &client, &client.c));
    world_run_for(w, 5 * PLAIT_S);
    assert_true(client.calls > 0);
    assert_true(server.accepted <= 1);
    world_run_for(w, 1000 * PLAIT_S);
    /* The peer of what was freed hears of it, or has never heard of it: the reset overtakes the
     * third ACK. */
    struct plait_connection *left = in_accepted ? client.c : server.c;
    assert_true(left || !in_accepted);
    if (left)
        assert_string_equal(plait_stage_text(plait_connection_status(left).stage), "reset");
    for (int i = 0; i < 2; i++)
        assert_true(plait_host_usage(w->host[i]).connections[0] <= 1);
    world_free(w);
}

static void callbacks_may_free_and_connect(void **state)
{
    (void)state;
    struct plait_options tcp = {.tcp_only = true};
    for (int in_accepted = 0; in_accepted < 2; in_accepted++) {
        a_connection_may_be_freed_from_inside(&tcp, in_accepted);
        a_connection_may_be_freed_from_inside(NULL, in_accepted);
    }
}

/* A handle that was given back after closing: what was written still arrives. */
static void a_closed_connection_lives_on_without_its_handle(void **state)
{
    (void)state;
    for (int tcp = 0; tcp < 2; tcp++) {
        struct plait_options options = {.tcp_only = tcp};
        struct world *w = world_new(NULL);
        struct app apps[2] = {{.to_send = 100000}, {.close_when_sent = true}};
        world_connect(w, apps, &options);
        world_run_for(w, 300 * PLAIT_MS);
        assert_int_equal(apps[0].sent, 100000);
        assert_ok(plait_connection_close(apps[0].c, w->now_ns));
        plait_connection_free(apps[0].c, w->now_ns);
        plait_connection_free(apps[0].c, w->now_ns); /* twice is harmless while it lives */
        world_run_for(w, 10 * PLAIT_S);
        assert_int_equal(apps[1].read, 100000);
        assert_string_equal(plait_stage_text(plait_connection_status(apps[1].c).stage), "closed");
        world_run_for(w, 200 * PLAIT_S);
        assert_int_equal(plait_host_usage(w->host[0]).connections[0], 0);
        world_free(w);
    }
}

/* ---- listeners ---- */

static void a_backlog_holds_back(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct plait_listener *l;
    struct plait_place to = place("198.18.2.1", 80);
    struct plait_connection *c[3];
    assert_ok(plait_listen(w->host[1], 0, NULL, 80, NULL, 2, NULL, NULL, &l));
    for (int i = 0; i < 3; i++)
        assert_ok(plait_connect(w->host[0], 0, NULL, &to, NULL, NULL, NULL, &c[i]));
    world_run_for(w, 500 * PLAIT_MS);
    struct plait_connection *first = plait_listener_take(l), *second = plait_listener_take(l);
    assert_true(first && second);
    assert_null(plait_listener_take(l)); /* the third waits, half-open */
    assert_true(
        count_of(w, 1, PLAIT_COUNT_ACCEPT_LIMIT) + count_of(w, 1, PLAIT_COUNT_COOKIES_SENT) > 0);
    assert_int_equal(plait_connection_write(c[2], w->now_ns, "x", 1), 1);
    world_run_for(w, 10 * PLAIT_S); /* its segments come again */
    struct plait_connection *third = plait_listener_take(l);
    assert_non_null(third);
    assert_int_equal(plait_connection_status(third).readable_octets, 1);
    plait_listener_close(l, w->now_ns);
    assert_string_equal(plait_stage_text(plait_connection_status(first).stage), "open");
    world_free(w);
}

/* ---- TIME-WAIT ---- */

static void one_exchange(struct world *w, const struct plait_place *from)
{
    struct plait_place to = place("198.18.2.1", 80);
    struct plait_options tcp = {.tcp_only = true};
    struct plait_connection *c;
    assert_ok(plait_connect(w->host[0], w->now_ns, from, &to, &tcp, NULL, NULL, &c));
    world_run_for(w, 100 * PLAIT_MS);
    assert_string_equal(plait_stage_text(plait_connection_status(c).stage), "open");
    assert_true(plait_connection_status(c).peer_done); /* the server closes first, and waits */
    assert_ok(plait_connection_close(c, w->now_ns));
    plait_connection_free(c, w->now_ns);
    world_run_for(w, 100 * PLAIT_MS);
}

static void close_at_once(void *user, struct plait_connection *c, plait_time_ns now)
{
    (void)user;
    assert_ok(plait_connection_close(c, now));
    plait_connection_free(c, now);
}

static void time_wait_gives_way(void **state)
{
    (void)state;
    struct plait_host_config config = small_config();
    config.limits.flows = 4;
    const struct plait_host_config *configs[2] = {&config, &config};
    struct world *w = world_new(configs);
    struct plait_callbacks callbacks = {.accepted = close_at_once};
    struct plait_options tcp = {.tcp_only = true};
    assert_ok(plait_listen(w->host[1], 0, NULL, 80, &tcp, 0, &callbacks, NULL, NULL));
    struct plait_place from = place("198.18.1.1", 5555);
    one_exchange(w, &from);
    assert_int_equal(plait_host_usage(w->host[1]).flows[0], 1);
    one_exchange(w, &from); /* the same places, numbers beyond the old ones (RFC 6191) */
    assert_int_equal(plait_host_usage(w->host[1]).flows[0], 1);
    for (int i = 0; i < 20; i++) /* far more than there are flows: the oldest goes */
        one_exchange(w, NULL);
    assert_true(plait_host_usage(w->host[1]).flows[0] <= 4);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_FLOWS_LIMIT), 0);
    world_free(w);
}

/* ---- nobody is left ---- */

static bool loses_all(void *self, struct wire_packet *p)
{
    (void)self;
    (void)p;
    return true;
}

/* The server's application closes and is gone; the client acknowledges that, and never closes. */
static void an_orphan_does_not_wait_for_ever(const struct plait_options *options, bool is_silent)
{
    struct world *w = world_new(NULL);
    struct plait_place to = place("198.18.2.1", 80);
    struct plait_callbacks callbacks = {.accepted = close_at_once};
    struct plait_connection *c;
    assert_ok(plait_listen(w->host[1], 0, NULL, 80, options, 0, &callbacks, NULL, NULL));
    assert_ok(plait_connect(w->host[0], 0, NULL, &to, options, NULL, NULL, &c));
    world_run_for(w, PLAIT_S);
    assert_true(plait_connection_status(c).peer_done);
    w->loses = is_silent ? loses_all : NULL;
    world_run_for(w, 100 * PLAIT_S);
    assert_int_equal(plait_host_usage(w->host[1]).connections[0], 1);
    world_run_for(w, 200 * PLAIT_S);
    assert_int_equal(plait_host_usage(w->host[1]).connections[0], 0);
    assert_int_equal(plait_host_usage(w->host[1]).flows[0], 0);
    const char *stage = is_silent ? "open" : "reset";
    assert_string_equal(plait_stage_text(plait_connection_status(c).stage), stage);
    world_free(w);
}

static void an_orphan_does_not_wait_for_ever_for_the_peers_end(void **state)
{
    (void)state;
    struct plait_options tcp = {.tcp_only = true};
    for (int is_silent = 0; is_silent < 2; is_silent++) {
        an_orphan_does_not_wait_for_ever(&tcp, is_silent);
        an_orphan_does_not_wait_for_ever(NULL, is_silent);
    }
}

/* ... nor for a window that stays closed, although every probe is answered. */
static void an_orphan_does_not_wait_for_ever_for_a_window(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct plait_options tcp = {.tcp_only = true};
    struct app apps[2] = {{.keeps = true}, {.to_send = 200000, .close_when_sent = true}};
    world_connect(w, apps, &tcp);
    world_run_for(w, PLAIT_S);
    apps[1].to_send = apps[1].sent;
    app_step(&apps[1], w->now_ns);
    plait_connection_free(apps[1].c, w->now_ns);
    world_run_for(w, 1000 * PLAIT_S);
    assert_int_equal(plait_host_usage(w->host[1]).flows[0], 0);
    assert_int_equal(plait_host_usage(w->host[1]).payload_octets[0], 0);
    world_free(w);
}

/* ---- the limit of flows ---- */

static void n45_a_join_for_which_there_is_no_flow_leaves_nothing(void **state)
{
    (void)state;
    struct plait_host_config client = small_config(), server = small_config();
    server.limits.flows = 1;
    const struct plait_host_config *configs[2] = {&client, &server};
    struct world *w = world_new(configs);
    struct app apps[2] = {{.to_send = 1000}, {.to_send = 1000}};
    world_connect(w, apps, NULL);
    world_run_for(w, PLAIT_S);
    struct plait_place from = place("198.18.1.2", 0), to = place("198.18.2.1", 80);
    assert_ok(plait_connection_add_path(apps[0].c, w->now_ns, &from, &to, false));
    world_run_for(w, PLAIT_S);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_FLOWS_LIMIT), 2); /* the flow's, and the host's */
    assert_int_equal(plait_connection_status(apps[1].c).path_count, 1);
    assert_int_equal(plait_connection_status(apps[0].c).path_count, 1);
    for (int i = 0; i < 2; i++)
        assert_ok(plait_connection_close(apps[i].c, w->now_ns));
    for (int i = 0; i < 2; i++)
        plait_connection_free(apps[i].c, w->now_ns);
    world_run_for(w, 100 * PLAIT_S);
    for (int i = 0; i < 2; i++)
        assert_int_equal(plait_host_usage(w->host[i]).connections[0], 0);
    world_free(w);
}

/* ---- simultaneous open ---- */

static void both_may_dial_at_once(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct plait_place a = place("198.18.1.1", 1111), b = place("198.18.2.1", 2222);
    struct plait_options tcp = {.tcp_only = true};
    struct plait_connection *c[2];
    assert_ok(plait_connect(w->host[0], 0, &a, &b, &tcp, NULL, NULL, &c[0]));
    assert_ok(plait_connect(w->host[1], 0, &b, &a, &tcp, NULL, NULL, &c[1]));
    world_run_for(w, PLAIT_S);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(plait_stage_text(plait_connection_status(c[i]).stage), "open");
        assert_int_equal(plait_connection_write(c[i], w->now_ns, "hello", 5), 5);
    }
    world_run_for(w, PLAIT_S);
    for (int i = 0; i < 2; i++)
        assert_int_equal(plait_connection_status(c[i]).readable_octets, 5);
    world_free(w);
}

/* ---- ICMP ---- */

static struct wire_packet quoted; /* the last large packet of the client */

static bool remembers(void *self, struct wire_packet *p)
{
    const uint32_t *mtu = self;
    if (p->to == 1 && p->length_octets > 600)
        quoted = *p;
    return p->to == 1 && p->length_octets > *mtu;
}

/* Type, code and MTU, about the packet QUOTED with its sequence number moved by OFF. */
static size_t icmp(uint8_t *octets, uint8_t type, uint8_t code, uint16_t mtu, uint32_t off)
{
    struct plait_place router = place("198.18.5.5", 0), to = place("198.18.1.1", 0);
    struct plait_ip ip = {
        .src = router.addr, .dst = to.addr, .protocol = PLAIT_PROTOCOL_ICMP, .ttl = 64};
    struct plait_writer w = plait_writer(octets, 200);
    plait_ip_write_header(&w, &ip, 36);
    uint8_t *start = w.at;
    plait_write_u8(&w, type);
    plait_write_u8(&w, code);
    plait_write_u16(&w, 0);
    plait_write_u16(&w, 0);
    plait_write_u16(&w, mtu);
    plait_write_octets(&w, quoted.octets, 28);
    plait_store_u32(start + 8 + 24, plait_load_u32(quoted.octets + 24) + off);
    plait_store_u16(start + 2, plait_sum_finish(plait_sum_add(0, start, 36)));
    return plait_writer_used(&w);
}

static uint16_t mtu_of(const struct app *app)
{
    struct plait_subflow_info info;
    assert_true(plait_mptcp_subflow(app->c->mptcp, 0, &info));
    return plait_flow_first_path(info.flow)->mtu_octets;
}

static void a_router_is_believed_if_it_quotes_what_is_in_flight(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct app apps[2] = {{.to_send = 100000}, {0}};
    uint32_t mtu = 1000;
    uint8_t octets[200];
    w->loses = remembers;
    w->loses_self = &mtu;
    world_connect(w, apps, NULL);
    world_run_for(w, 100 * PLAIT_MS);
    assert_int_equal(apps[1].read, 0);
    size_t length = icmp(octets, 3, 4, 1000, 500000); /* nothing is in flight there */
    plait_host_input(w->host[0], w->now_ns, octets, length, NULL);
    assert_int_equal(count_of(w, 0, PLAIT_COUNT_ICMP_IN), 0);
    assert_int_equal(mtu_of(&apps[0]), 1500);
    length = icmp(octets, 3, 4, 1000, 0);
    octets[23] ^= 1; /* its own checksum */
    plait_host_input(w->host[0], w->now_ns, octets, length, NULL);
    assert_int_equal(plait_host_counters(w->host[0])->malformed.count[PLAIT_REASON_BAD_CHECKSUM],
                     1);
    length = icmp(octets, 3, 4, 1000, 0);
    plait_host_input(w->host[0], w->now_ns, octets, length, NULL);
    assert_int_equal(count_of(w, 0, PLAIT_COUNT_ICMP_IN), 1);
    assert_int_equal(mtu_of(&apps[0]), 1000);
    world_run_for(w, 20 * PLAIT_S);
    assert_int_equal(apps[1].read, 100000);
    assert_false(apps[1].is_wrong);
    world_free(w);
}

static void a_router_cannot_end_anything(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct app apps[2] = {{.to_send = 200000}, {0}};
    uint32_t mtu = 1500;
    uint8_t octets[200];
    w->loses = remembers;
    w->loses_self = &mtu;
    world_connect(w, apps, NULL);
    world_run_for(w, 60 * PLAIT_MS);
    for (uint8_t code = 0; code < 16; code++) {
        size_t length = icmp(octets, 3, code, 68, 0); /* RFC 5927 §6: hard errors are soft */
        plait_host_input(w->host[0], w->now_ns, octets, length, NULL);
    }
    assert_true(count_of(w, 0, PLAIT_COUNT_ICMP_IN) > 0);
    assert_true(mtu_of(&apps[0]) >= 552);
    world_run_for(w, 20 * PLAIT_S);
    assert_int_equal(apps[1].read, 200000);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callbacks_may_free_and_connect),
        cmocka_unit_test(a_closed_connection_lives_on_without_its_handle),
        cmocka_unit_test(a_backlog_holds_back),
        cmocka_unit_test(time_wait_gives_way),
        cmocka_unit_test(an_orphan_does_not_wait_for_ever_for_the_peers_end),
        cmocka_unit_test(an_orphan_does_not_wait_for_ever_for_a_window),
        cmocka_unit_test(n45_a_join_for_which_there_is_no_flow_leaves_nothing),
        cmocka_unit_test(both_may_dial_at_once),
        cmocka_unit_test(a_router_is_believed_if_it_quotes_what_is_in_flight),
        cmocka_unit_test(a_router_cannot_end_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
