/* Misuse of the interface gives the documented error and changes nothing. */
#include "mptcp/inside.h"
#include "tests/unit/host/world.h"

#include <stdlib.h>

static void a_host_that_cannot_be_is_none(void **state)
{
    (void)state;
    static _Alignas(16) uint8_t memory[1 << 16];
    struct plait_host_config good = small_config(), bad;
    good.environment.memory = memory;
    good.environment.memory_octets = sizeof memory;
    assert_non_null(plait_host_new(&good));
    bad = good;
    bad.environment.memory = NULL;
    assert_null(plait_host_new(&bad));
    bad = good;
    bad.environment.memory = memory + 1;
    assert_null(plait_host_new(&bad));
    bad = good;
    bad.environment.memory_octets = 100;
    assert_null(plait_host_new(&bad));
    bad = good;
    bad.limits.chunk_octets = 1000;
    assert_null(plait_host_new(&bad));
    bad = good;
    bad.mtu_octets = 100;
    assert_null(plait_host_new(&bad));
    bad = good;
    bad.super_octets = 70000;
    assert_null(plait_host_new(&bad));
    bad = good;
    bad.options.scheduler = (enum plait_scheduler_name)17;
    assert_null(plait_host_new(&bad));
}

static void addresses_are_checked(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct plait_addr known = place("198.18.1.1", 0).addr, other = place("198.18.1.9", 0).addr;
    struct plait_addr none = {0};
    uint64_t before = plait_host_digest(w->host[0], 0);
    assert_reason(plait_host_add_addr(w->host[0], 0, &known), EXISTS);
    assert_reason(plait_host_add_addr(w->host[0], 0, &none), USAGE);
    assert_reason(plait_host_remove_addr(w->host[0], 0, &other), NOT_FOUND);
    assert_true(plait_host_digest(w->host[0], 0) == before);
    for (uint8_t i = 0; i < 5; i++) {
        other.octets[3] = (uint8_t)(100 + i);
        assert_ok(plait_host_add_addr(w->host[0], 0, &other));
    }
    other.octets[3] = 200;
    assert_reason(plait_host_add_addr(w->host[0], 0, &other), TOO_MANY);
    world_free(w);
}

static void listeners_are_checked(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct plait_host *h = w->host[0];
    struct plait_addr mine = place("198.18.1.1", 0).addr, other = place("198.18.1.9", 0).addr;
    struct plait_options strange = {.coupling = (enum plait_coupling_name)9};
    assert_reason(plait_listen(h, 0, NULL, 0, NULL, 0, NULL, NULL, NULL), USAGE);
    assert_reason(plait_listen(h, 0, NULL, 80, &strange, 0, NULL, NULL, NULL), USAGE);
    assert_reason(plait_listen(h, 0, &other, 80, NULL, 0, NULL, NULL, NULL), NOT_FOUND);
    assert_ok(plait_listen(h, 0, NULL, 80, NULL, 0, NULL, NULL, NULL));
    assert_reason(plait_listen(h, 0, NULL, 80, NULL, 0, NULL, NULL, NULL), EXISTS);
    assert_ok(plait_listen(h, 0, &mine, 80, NULL, 0, NULL, NULL, NULL)); /* more exact */
    assert_reason(plait_listen(h, 0, &mine, 80, NULL, 0, NULL, NULL, NULL), EXISTS);
    assert_ok(plait_listen(h, 0, NULL, 81, NULL, 0, NULL, NULL, NULL));
    assert_ok(plait_listen(h, 0, NULL, 82, NULL, 0, NULL, NULL, NULL));
    assert_reason(plait_listen(h, 0, NULL, 83, NULL, 0, NULL, NULL, NULL), TOO_MANY);
    world_free(w);
}

static void connecting_is_checked(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct plait_host *h = w->host[0];
    struct plait_place to = place("198.18.2.1", 80), from = place("198.18.1.2", 5000);
    struct plait_place six = place("2001:db8:2::1", 80), nowhere = {.port = 80};
    struct plait_place port_0 = place("198.18.2.1", 0), others = place("198.18.1.9", 0);
    struct plait_connection *c = NULL, *again = NULL;
    struct plait_options strange = {.mechanisms = {(enum plait_mechanism_name)99}};
    uint64_t before = plait_host_digest(h, 0);
    assert_reason(plait_connect(h, 0, NULL, &port_0, NULL, NULL, NULL, &c), USAGE);
    assert_reason(plait_connect(h, 0, NULL, &nowhere, NULL, NULL, NULL, &c), USAGE);
    assert_reason(plait_connect(h, 0, NULL, &to, &strange, NULL, NULL, &c), USAGE);
    assert_reason(plait_connect(h, 0, &others, &to, NULL, NULL, NULL, &c), NOT_FOUND);
    assert_reason(plait_connect(h, 0, &from, &six, NULL, NULL, NULL, &c), NOT_FOUND);
    assert_null(c);
    assert_true(plait_host_digest(h, 0) == before);
    assert_ok(plait_connect(h, 0, &from, &to, NULL, NULL, NULL, &c));
    assert_reason(plait_connect(h, 0, &from, &to, NULL, NULL, NULL, &again), EXISTS);
    for (int i = 1; i < 16; i++)
        assert_ok(plait_connect(h, 0, NULL, &to, NULL, NULL, NULL, &c));
    assert_reason(plait_connect(h, 0, NULL, &to, NULL, NULL, NULL, &c), TOO_MANY);
    world_free(w);
}

/* What is refused for lack of room draws nothing: what comes after it has the ports, keys and
 * identifiers that it would have had. */
static void a_refused_connect_leaves_no_trace(void **state)
{
    (void)state;
    static const struct plait_options options[] = {{.tcp_only = true}, {.subflows_limit = 2}};
    for (size_t i = 0; i < 2; i++) {
        uint32_t tokens[2];
        uint16_t ports[2];
        for (unsigned refused = 0; refused < 2; refused++) {
            struct plait_host_config config = small_config();
            config.limits.flows = 1;
            const struct plait_host_config *configs[2] = {&config, &config};
            struct world *w = world_new(configs);
            struct plait_host *h = w->host[0];
            struct plait_place to = place("198.18.2.1", 80);
            struct plait_connection *c, *again = NULL;
            struct plait_path_status path;
            assert_ok(plait_connect(h, 0, NULL, &to, &options[i], NULL, NULL, &c));
            uint64_t before = plait_host_digest(h, 0);
            for (unsigned n = 0; n < 3 * refused; n++)
                assert_reason(plait_connect(h, 0, NULL, &to, &options[i], NULL, NULL, &again),
                              TOO_MANY);
            assert_null(again);
            assert_true(plait_host_digest(h, 0) == before);
            plait_connection_free(c, 0);
            world_run_for(w, PLAIT_S);
            assert_ok(plait_connect(h, w->now_ns, NULL, &to, &options[i], NULL, NULL, &c));
            assert_ok(plait_connection_path(c, 0, &path));
            ports[refused] = path.local.port;
            tokens[refused] = c->mptcp ? plait_mptcp_info(c->mptcp).own_token : c->number;
            world_free(w);
        }
        assert_int_equal(ports[0], ports[1]);
        assert_int_equal(tokens[0], tokens[1]);
    }
}

static void a_refused_path_leaves_no_trace(void **state)
{
    (void)state;
    struct plait_host_config config = small_config();
    config.limits.flows = 2;
    const struct plait_host_config *configs[2] = {&config, &config};
    struct world *w = world_new(configs);
    struct app apps[2] = {{.to_send = 1000}, {.to_send = 1000}};
    struct plait_place server = place("198.18.2.1", 80), from = place("198.18.1.2", 5000);
    struct plait_place drawn = place("198.18.1.2", 0);
    struct plait_options tcp = {.tcp_only = true};
    struct plait_connection *other;
    world_connect(w, apps, NULL);
    world_run_for(w, PLAIT_S);
    assert_ok(plait_connect(w->host[0], w->now_ns, &from, &server, &tcp, NULL, NULL, &other));
    struct plait_connection *c = apps[0].c;
    struct plait_mptcp kept = *c->mptcp;
    uint64_t before = plait_host_digest(w->host[0], w->now_ns);
    assert_reason(plait_connection_add_path(c, w->now_ns, &from, &server, false), EXISTS);
    from.port = 5001;
    assert_reason(plait_connection_add_path(c, w->now_ns, &from, &server, false), TOO_MANY);
    assert_reason(plait_connection_add_path(c, w->now_ns, &drawn, &server, false), TOO_MANY);
    assert_true(plait_host_digest(w->host[0], w->now_ns) == before);
    assert_int_equal(c->mptcp->own_addrs.last_id, kept.own_addrs.last_id);
    assert_int_equal(c->mptcp->nonces_drawn, kept.nonces_drawn);
    assert_int_equal(c->mptcp->further_count, kept.further_count);
    world_free(w);
}

static void using_is_checked(const struct plait_options *options)
{
    struct world *w = world_new(NULL);
    struct app apps[2] = {{.to_send = 1000}, {.to_send = 1000, .keeps = true}};
    world_connect(w, apps, options);
    world_run_for(w, PLAIT_S);
    struct plait_connection *c = apps[1].c;
    assert_true(apps[1].was_accepted);
    struct plait_status s = plait_connection_status(c);
    assert_int_equal(s.readable_octets, 1000);
    uint64_t before = plait_host_digest(w->host[1], w->now_ns);
    uint32_t room;
    plait_connection_reserve(c, &room);
    assert_reason(plait_connection_commit(c, w->now_ns, room + 1), USAGE);
    assert_reason(plait_connection_consume(c, w->now_ns, 1001), USAGE);
    struct plait_path_status path;
    assert_reason(plait_connection_path(c, 7, &path), NOT_FOUND);
    assert_ok(plait_connection_path(c, 0, &path));
    assert_true(path.is_established);
    assert_int_equal(path.local.port, 80);
    struct plait_place here = place("198.18.2.2", 0), there = place("198.18.1.2", 4000);
    struct plait_place alien = place("198.18.9.9", 0);
    if (options) {
        assert_reason(plait_connection_add_path(c, w->now_ns, &here, &there, false), UNSUPPORTED);
        assert_reason(plait_connection_announce(c, w->now_ns, &here), UNSUPPORTED);
        assert_reason(plait_connection_withdraw(c, w->now_ns, &here.addr), UNSUPPORTED);
        assert_reason(plait_connection_set_backup(c, w->now_ns, 0, true), UNSUPPORTED);
    } else {
        assert_reason(plait_connection_add_path(c, w->now_ns, &alien, &there, false), NOT_FOUND);
        assert_reason(plait_connection_remove_path(c, w->now_ns, 7), NOT_FOUND);
        assert_reason(plait_connection_set_backup(c, w->now_ns, 7, true), NOT_FOUND);
        assert_reason(plait_connection_withdraw(c, w->now_ns, &alien.addr), NOT_FOUND);
    }
    assert_true(plait_host_digest(w->host[1], w->now_ns) == before);
    uint8_t octets[1200];
    assert_int_equal(plait_connection_read(c, w->now_ns, octets, sizeof octets), 1000);
    assert_int_equal(octets[999], pattern(apps[0].salt, 999));
    assert_ok(plait_connection_close(c, w->now_ns));
    assert_reason(plait_connection_close(c, w->now_ns), USAGE);
    assert_int_equal(plait_connection_write(c, w->now_ns, octets, 10), 0);
    assert_null(plait_connection_reserve(c, &room));
    assert_reason(plait_connection_commit(c, w->now_ns, 0), USAGE);
    world_run_for(w, PLAIT_S);
    assert_true(plait_connection_status(apps[0].c).peer_done);
    assert_ok(plait_connection_abort(c, w->now_ns, false));
    assert_reason(plait_connection_abort(c, w->now_ns, false), USAGE);
    world_run_for(w, PLAIT_S);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(plait_stage_text(plait_connection_status(apps[i].c).stage), "reset");
        assert_reason(plait_connection_abort(apps[i].c, w->now_ns, false), USAGE);
        assert_reason(plait_connection_path(apps[i].c, 0, &path), NOT_FOUND);
        plait_connection_free(apps[i].c, w->now_ns);
        assert_int_equal(plait_host_usage(w->host[i]).connections[0], 0);
    }
    world_free(w);
}

static void using_plain_is_checked(void **state)
{
    (void)state;
    struct plait_options options = {.tcp_only = true};
    using_is_checked(&options);
}

static void using_multipath_is_checked(void **state)
{
    (void)state;
    using_is_checked(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_that_cannot_be_is_none),
        cmocka_unit_test(addresses_are_checked),
        cmocka_unit_test(listeners_are_checked),
        cmocka_unit_test(connecting_is_checked),
        cmocka_unit_test(a_refused_connect_leaves_no_trace),
        cmocka_unit_test(a_refused_path_leaves_no_trace),
        cmocka_unit_test(using_plain_is_checked),
        cmocka_unit_test(using_multipath_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
