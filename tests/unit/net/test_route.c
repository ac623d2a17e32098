/* A router: longest prefix, one hop less, and what it does not forward. */
#include "tests/unit/net/fixture.h"

enum { PORTS = 3 };

struct star { /* a router with three stubs; 0 sends */
    struct plait_clock clock;
    struct plait_net *net;
    struct plait_stub *stubs[PORTS];
    plait_link links[PORTS];
    plait_node router;
};

static struct star star_new(struct plait_clock *clock)
{
    struct star s = {.net = plait_net_new(clock)};
    s.router = plait_net_add_router(s.net, "r");
    for (int i = 0; i < PORTS; i++) {
        s.stubs[i] = plait_stub_new();
        struct plait_port port = plait_stub_port(s.stubs[i]);
        s.links[i] = plait_net_add_link(s.net, "link", plait_net_add_port(s.net, "port", &port),
                                        s.router, &(struct plait_link_config){.delay_ns = 1});
    }
    return s;
}

static void star_free(struct star *s)
{
    plait_net_free(s->net);
    for (int i = 0; i < PORTS; i++)
        plait_stub_free(s->stubs[i]);
}

static void route(struct star *s, const char *text, unsigned prefix_bits, int to)
{
    struct plait_addr a = addr(text);
    plait_net_add_route(s->net, s->router, &a, prefix_bits, s->links[to]);
}

static void forward(struct star *s, struct plait_packet *packet)
{
    plait_stub_send(s->stubs[0], plait_net_now(s->net), packet);
    plait_net_run(s->net, PLAIT_NEVER, NULL, NULL);
}

static void longest_prefix_wins(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct star s = star_new(&clock);
    route(&s, "198.18.0.0", 16, 1);
    route(&s, "198.18.2.0", 24, 2);
    route(&s, "198.18.2.128", 25, 1);
    route(&s, "2001:db8::", 32, 1);
    route(&s, "2001:db8:2::", 48, 2);
    forward(&s, packet("198.18.1.1", "198.18.3.1", 1, 0));
    forward(&s, packet("198.18.1.1", "198.18.2.1", 2, 0));
    forward(&s, packet("198.18.1.1", "198.18.2.129", 3, 0));
    forward(&s, packet("2001:db8:1::1", "2001:db8:2::1", 4, 0));
    forward(&s, packet("2001:db8:1::1", "2001:db8:3::1", 5, 0));
    assert_int_equal(take_seq(s.stubs[1]), 1);
    assert_int_equal(take_seq(s.stubs[2]), 2);
    assert_int_equal(take_seq(s.stubs[1]), 3);
    assert_int_equal(take_seq(s.stubs[2]), 4);
    assert_int_equal(take_seq(s.stubs[1]), 5);
    star_free(&s);
}

static void takes_one_hop_and_keeps_the_header_sum(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct star s = star_new(&clock);
    route(&s, "198.18.2.0", 24, 1);
    route(&s, "2001:db8:2::", 48, 1);
    for (unsigned ttl = 2; ttl < 256; ttl++) { /* every value, so that every carry */
        struct plait_segment v4 = segment("198.18.1.1", "198.18.2.1", ttl);
        struct plait_segment v6 = segment("2001:db8:1::1", "2001:db8:2::1", ttl);
        v4.ip.ttl = v6.ip.ttl = (uint8_t)ttl;
        forward(&s, packet_of(&v4));
        forward(&s, packet_of(&v6));
        for (int i = 0; i < 2; i++) {
            struct plait_packet *p = plait_stub_take(s.stubs[1], NULL);
            assert_non_null(p);
            assert_int_equal(parsed(p).ip.ttl, ttl - 1);
            plait_packet_free(p);
        }
    }
    star_free(&s);
}

static void loses_last_hop_no_route_and_bad_header(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct star s = star_new(&clock);
    route(&s, "198.18.2.0", 24, 1);
    route(&s, "2001:db8:2::", 48, 1);
    struct plait_segment v4 = segment("198.18.1.1", "198.18.2.1", 1);
    struct plait_segment v6 = segment("2001:db8:1::1", "2001:db8:2::1", 2);
    v4.ip.ttl = v6.ip.ttl = 1;
    forward(&s, packet_of(&v4));
    forward(&s, packet_of(&v6));
    forward(&s, packet("198.18.1.1", "198.18.3.1", 3, 0));
    forward(&s, packet("2001:db8:1::1", "2001:db8:3::1", 4, 0));
    struct plait_packet *bad = packet("198.18.1.1", "198.18.2.1", 5, 0);
    bad->octets[10] ^= 1;
    forward(&s, bad);
    expect_nothing(s.stubs[1]);
    assert_int_equal(plait_net_counts(s.net).lost, 5);
    assert_int_equal(plait_net_counts(s.net).delivered, 5); /* to the router */
    star_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(longest_prefix_wins),
        cmocka_unit_test(takes_one_hop_and_keeps_the_header_sum),
        cmocka_unit_test(loses_last_hop_no_route_and_bad_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
