/* Middleboxes: the option stripper (C-MB-1) and the NAT (C-NAT-1, C-NAT-2). */
#include "tests/unit/net/fixture.h"

#include "base/draw.h"
#include "base/octets.h"

struct boxed { /* a (inside) -- box -- b */
    struct plait_clock clock;
    struct plait_net *net;
    struct plait_stub *a, *b;
};

static struct boxed boxed(struct plait_clock *clock, struct plait_box box)
{
    struct boxed x = {.net = plait_net_new(clock), .a = plait_stub_new(), .b = plait_stub_new()};
    struct plait_port a = plait_stub_port(x.a), b = plait_stub_port(x.b);
    plait_node node_a = plait_net_add_port(x.net, "a", &a);
    plait_node node_b = plait_net_add_port(x.net, "b", &b);
    plait_node node_box = plait_net_add_box(x.net, "box", &box);
    const struct plait_link_config config = {.delay_ns = 1};
    plait_net_add_link(x.net, "inside", node_a, node_box, &config);
    plait_net_add_link(x.net, "outside", node_b, node_box, &config);
    return x;
}

static void boxed_free(struct boxed *x)
{
    plait_net_free(x->net);
    plait_stub_free(x->a);
    plait_stub_free(x->b);
}

/* What comes out at TO when PACKET goes in at FROM, or NULL. */
static struct plait_packet *through(struct boxed *x, struct plait_stub *from, struct plait_stub *to,
                                    struct plait_packet *packet)
{
    plait_stub_send(from, plait_net_now(x->net), packet);
    plait_net_run(x->net, PLAIT_NEVER, NULL, NULL);
    return plait_stub_take(to, NULL);
}

/* ---- stripper ------------------------------------------------------------------------------- */

static struct plait_packet *with_mptcp(const char *src, const char *dst)
{
    struct plait_segment s = segment(src, dst, 1);
    s.flags = PLAIT_SYN;
    s.options.has_mss = true;
    s.options.mss = 1460;
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_CAPABLE,
        .capable = {.version = 1, .has_sender_key = true, .sender_key = 0x0123456789abcdefu}};
    s.mptcp[0].capable.flags = PLAIT_CAPABLE_HMAC;
    return packet_of(&s);
}

static void expect_stripped(struct plait_packet *packet, uint32_t length_octets)
{
    assert_non_null(packet);
    struct plait_segment s = parsed(packet); /* which verifies the checksum */
    assert_int_equal(s.mptcp_count, 0);
    assert_int_equal(s.options.mss, 1460);
    assert_int_equal(packet->length_octets, length_octets);
    for (uint32_t i = 0; i + 4 <= length_octets; i++)
        assert_false(plait_load_u32(packet->octets + i) == 0x01234567u); /* the key is gone */
    plait_packet_free(packet);
}

static void stripper_removes_option_30_both_ways(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct boxed x = boxed(&clock, plait_box_strip_mptcp());
    struct plait_packet *out = with_mptcp("198.18.1.1", "198.18.2.1");
    struct plait_packet *in = with_mptcp("2001:db8:2::1", "2001:db8:1::1");
    assert_int_equal(parsed(out).mptcp_count, 1);
    uint32_t out_octets = out->length_octets, in_octets = in->length_octets;
    expect_stripped(through(&x, x.a, x.b, out), out_octets);
    expect_stripped(through(&x, x.b, x.a, in), in_octets);
    boxed_free(&x);
}

struct third { /* chooses the third SYN from inside */
    unsigned seen;
};

static bool is_third(void *self, plait_time_ns now, int side, const struct plait_segment *s)
{
    struct third *third = self;
    (void)now;
    return side == 0 && (s->flags & PLAIT_SYN) && ++third->seen == 3;
}

static unsigned options_of(struct plait_packet *packet)
{
    assert_non_null(packet);
    unsigned count = parsed(packet).mptcp_count;
    plait_packet_free(packet);
    return count;
}

static void stripper_takes_the_chosen_alone(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct third third = {0};
    struct boxed x = boxed(&clock, plait_box_strip_chosen(is_third, &third));
    for (unsigned n = 1; n <= 4; n++) {
        struct plait_packet *out = with_mptcp("198.18.1.1", "198.18.2.1");
        struct plait_packet *in = with_mptcp("198.18.2.1", "198.18.1.1");
        assert_int_equal(options_of(through(&x, x.a, x.b, out)), n == 3 ? 0 : 1);
        assert_int_equal(options_of(through(&x, x.b, x.a, in)), 1);
    }
    assert_int_equal(third.seen, 4);
    boxed_free(&x);
}

static void stripper_leaves_the_rest_alone(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct boxed x = boxed(&clock, plait_box_strip_mptcp());
    struct plait_packet *p = packet("198.18.1.1", "198.18.2.1", 1, 100);
    struct plait_packet *keep = plait_packet_copy(p);
    struct plait_packet *got = through(&x, x.a, x.b, p);
    assert_non_null(got);
    assert_int_equal(got->length_octets, keep->length_octets);
    assert_memory_equal(got->octets, keep->octets, keep->length_octets);
    plait_packet_free(got);
    plait_packet_free(keep);
    boxed_free(&x);
}

/* ---- NAT ------------------------------------------------------------------------------------- */

struct ends {
    const char *inside, *other, *outside, *server;
};

static const struct ends ipv4 = {"10.0.0.5", "10.0.0.6", "198.18.1.1", "198.18.2.1"};
static const struct ends ipv6 = {"2001:db8:a::5", "2001:db8:a::6", "2001:db8:1::1",
                                 "2001:db8:2::1"};

static struct boxed nat_for(struct plait_clock *clock, const struct ends *ends)
{
    struct plait_addr outside = addr(ends->outside);
    return boxed(clock, plait_box_nat(&outside, 1));
}

/* Sends from INSIDE to the server; the port it has outside. */
static uint16_t port_outside(struct boxed *x, const struct ends *ends, const char *inside,
                             uint16_t port)
{
    struct plait_segment s = segment(inside, ends->server, 1);
    s.src_port = port;
    struct plait_packet *got = through(x, x->a, x->b, packet_of(&s));
    assert_non_null(got);
    s = parsed(got);
    struct plait_addr outside = addr(ends->outside), server = addr(ends->server);
    assert_true(plait_addr_equal(&s.ip.src, &outside));
    assert_true(plait_addr_equal(&s.ip.dst, &server));
    assert_int_equal(s.dst_port, 2000);
    assert_true(s.src_port >= 1024);
    plait_packet_free(got);
    return s.src_port;
}

/* Sends from the server to PORT of the NAT; what the inside gets, or NULL. */
static struct plait_packet *answer(struct boxed *x, const char *src, const char *dst, uint16_t port)
{
    struct plait_segment s = segment(src, dst, 2);
    s.dst_port = port;
    return through(x, x->b, x->a, packet_of(&s));
}

static void translates_both_ways(const struct ends *ends)
{
    struct plait_clock clock = plait_clock_virtual();
    struct boxed x = nat_for(&clock, ends);
    uint16_t port = port_outside(&x, ends, ends->inside, 1000);
    assert_int_not_equal(port, 1000);
    struct plait_packet *got = answer(&x, ends->server, ends->outside, port);
    assert_non_null(got);
    struct plait_segment s = parsed(got);
    struct plait_addr inside = addr(ends->inside), server = addr(ends->server);
    assert_true(plait_addr_equal(&s.ip.dst, &inside));
    assert_true(plait_addr_equal(&s.ip.src, &server));
    assert_int_equal(s.dst_port, 1000);
    plait_packet_free(got);
    assert_int_equal(port_outside(&x, ends, ends->inside, 1000), port);
    assert_int_not_equal(port_outside(&x, ends, ends->inside, 1001), port);
    assert_int_not_equal(port_outside(&x, ends, ends->other, 1000), port);
    boxed_free(&x);
}

static void nat_translates_both_ways(void **state)
{
    (void)state;
    translates_both_ways(&ipv4);
    translates_both_ways(&ipv6);
}

static void nat_drops_foreign_inbound(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct boxed x = nat_for(&clock, &ipv4);
    uint16_t port = port_outside(&x, &ipv4, ipv4.inside, 1000);
    assert_null(answer(&x, ipv4.server, ipv4.outside, (uint16_t)(port + 1)));
    assert_null(answer(&x, ipv4.server, ipv4.inside, 1000)); /* straight to the private address */
    assert_null(answer(&x, ipv4.server, "198.18.1.2", port));
    assert_null(answer(&x, ipv6.server, ipv6.outside, port));
    assert_int_equal(plait_net_counts(x.net).lost, 4);
    boxed_free(&x);
}

static void nat_drops_what_is_not_its_tcp(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct boxed x = nat_for(&clock, &ipv4);
    struct plait_packet *icmp = packet("2001:db8:a::5", "2001:db8:2::1", 1, 0);
    icmp->octets[6] = PLAIT_PROTOCOL_ICMPV6;
    assert_null(through(&x, x.a, x.b, icmp));
    assert_null(through(&x, x.a, x.b, packet("2001:db8:a::5", "2001:db8:2::1", 1, 0)));
    struct plait_packet *bad_header = packet("10.0.0.5", "198.18.2.1", 1, 0);
    bad_header->octets[10] ^= 1;
    assert_null(through(&x, x.a, x.b, bad_header));
    boxed_free(&x);
}

static void nat_hides_no_bad_checksum(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct boxed x = nat_for(&clock, &ipv4);
    struct plait_packet *p = packet("10.0.0.5", "198.18.2.1", 1, 10);
    p->octets[p->length_octets - 1] ^= 0x10;
    struct plait_packet *got = through(&x, x.a, x.b, p);
    assert_non_null(got);
    struct plait_segment s;
    assert_reason(plait_segment_parse(got->octets, got->length_octets, &s), BAD_CHECKSUM);
    plait_packet_free(got);
    boxed_free(&x);
}

static void nat_has_a_limit(void **state)
{
    (void)state;
    struct plait_addr outside = addr(ipv4.outside);
    struct plait_box nat = plait_box_nat(&outside, 1);
    unsigned passed = 0;
    for (uint32_t i = 0; i < 40000; i++) {
        struct plait_packet *p = packet("10.0.0.5", "198.18.2.1", 1, 0);
        plait_store_u16(p->octets + 20, (uint16_t)i);
        p = nat.pass(nat.self, 0, 0, p);
        passed += p != NULL;
        plait_packet_free(p);
    }
    assert_int_equal(passed, 32768);
    nat.free(nat.self);
}

/* Octets as a hostile host may send them, through both boxes: ASan looks. */
static void boxes_survive_any_octets(void **state)
{
    (void)state;
    struct plait_draw_key key = plait_draw_key(1);
    struct plait_addr outside = addr(ipv4.outside);
    struct plait_box nat = plait_box_nat(&outside, 1), strip = plait_box_strip_mptcp();
    for (uint64_t n = 0; n < 20000; n++) {
        struct plait_packet *whole = with_mptcp("198.18.1.1", "198.18.1.1");
        uint64_t draw = plait_draw(&key, "test", "flips", n);
        for (unsigned flips = 0; flips < draw % 4; flips++)
            whole->octets[plait_draw_below(&key, "test", "where", 4 * n + flips,
                                           whole->length_octets)] =
                (uint8_t)(draw >> (8 + 8 * flips));
        uint32_t length_octets = n % 3 ? whole->length_octets : draw % (whole->length_octets + 1);
        struct plait_packet *p = plait_packet_of(whole->octets, length_octets);
        plait_packet_free(whole);
        p = strip.pass(strip.self, 0, 0, p);
        plait_packet_free(nat.pass(nat.self, 0, n % 2, p));
    }
    nat.free(nat.self);
}

/* ---- any box ----------------------------------------------------------------------------------
 */

static struct plait_packet *split(void *self UNUSED, plait_time_ns now UNUSED, int side,
                                  struct plait_packet *packet)
{
    if (side == 0)
        packet->next = plait_packet_copy(packet);
    return packet;
}

static void box_may_return_a_list(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct boxed x = boxed(&clock, (struct plait_box){.pass = split});
    plait_packet_free(through(&x, x.a, x.b, packet("198.18.1.1", "198.18.2.1", 1, 0)));
    assert_int_equal(take_seq(x.b), 1);
    expect_nothing(x.b);
    plait_packet_free(through(&x, x.b, x.a, packet("198.18.2.1", "198.18.1.1", 2, 0)));
    expect_nothing(x.a);
    boxed_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stripper_removes_option_30_both_ways),
        cmocka_unit_test(stripper_takes_the_chosen_alone),
        cmocka_unit_test(stripper_leaves_the_rest_alone),
        cmocka_unit_test(nat_translates_both_ways),
        cmocka_unit_test(nat_drops_foreign_inbound),
        cmocka_unit_test(nat_drops_what_is_not_its_tcp),
        cmocka_unit_test(nat_hides_no_bad_checksum),
        cmocka_unit_test(nat_has_a_limit),
        cmocka_unit_test(boxes_survive_any_octets),
        cmocka_unit_test(box_may_return_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
