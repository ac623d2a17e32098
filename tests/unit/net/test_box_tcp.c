/* Middleboxes that look into TCP: moved numbers (C-NAT-4), cut and joined segments (C-MB-2), a
 * proxy that acknowledges (C-MB-3), lowered windows and edited payload (C-MB-4). */
#include "tests/unit/net/fixture.h"

#include <string.h>

#include "base/draw.h"
#include "base/octets.h"

#define INSIDE  "198.18.1.1"
#define OUTSIDE "198.18.2.1"

struct boxed { /* a (inside) -- box -- b */
    struct plait_clock clock;
    struct plait_net *net;
    struct plait_stub *a, *b;
};

static void set_up(struct boxed *x, struct plait_box box)
{
    x->clock = plait_clock_virtual();
    x->net = plait_net_new(&x->clock);
    x->a = plait_stub_new();
    x->b = plait_stub_new();
    struct plait_port a = plait_stub_port(x->a), b = plait_stub_port(x->b);
    plait_node node_a = plait_net_add_port(x->net, "a", &a);
    plait_node node_b = plait_net_add_port(x->net, "b", &b);
    plait_node node_box = plait_net_add_box(x->net, "box", &box);
    const struct plait_link_config config = {.delay_ns = 1};
    plait_net_add_link(x->net, "inside", node_a, node_box, &config);
    plait_net_add_link(x->net, "outside", node_b, node_box, &config);
}

static void tear_down(struct boxed *x)
{
    plait_net_free(x->net);
    plait_stub_free(x->a);
    plait_stub_free(x->b);
}

static void send(struct boxed *x, struct plait_stub *from, const struct plait_segment *s)
{
    plait_stub_send(from, plait_net_now(x->net), packet_of(s));
    plait_net_run(x->net, PLAIT_NEVER, NULL, NULL);
}

/* The next packet at STUB, parsed with its checksums verified; PACKET keeps its octets. */
static struct plait_segment take(struct plait_stub *stub, struct plait_packet **packet)
{
    *packet = plait_stub_take(stub, NULL);
    assert_non_null(*packet);
    return parsed(*packet);
}

static struct plait_segment pass_out(struct boxed *x, const struct plait_segment *s)
{
    struct plait_packet *p;
    send(x, x->a, s);
    struct plait_segment out = take(x->b, &p);
    plait_packet_free(p);
    return out;
}

static struct plait_segment pass_in(struct boxed *x, const struct plait_segment *s)
{
    struct plait_packet *p;
    send(x, x->b, s);
    struct plait_segment in = take(x->a, &p);
    plait_packet_free(p);
    return in;
}

/* The other end's segments come from port 2000. */
static struct plait_segment answer(uint32_t seq, uint32_t ack)
{
    struct plait_segment s = segment(OUTSIDE, INSIDE, seq);
    s.src_port = 2000;
    s.dst_port = 1000;
    s.ack = ack;
    return s;
}

/* ---- moved numbers -------------------------------------------------------------------------- */

static void numbers_are_moved_there_and_back(void **state UNUSED)
{
    struct boxed x;
    set_up(&x, plait_box_isn(1));
    struct plait_segment syn = segment(INSIDE, OUTSIDE, 100);
    syn.flags = PLAIT_SYN;
    syn.ack = 0;
    struct plait_segment out = pass_out(&x, &syn);
    assert_int_not_equal(out.seq, 100);
    assert_int_equal(out.ack, 0);
    uint32_t moved = out.seq - 100;
    struct plait_segment syn_ack = answer(5000, out.seq + 1);
    syn_ack.flags = PLAIT_SYN | PLAIT_ACK;
    struct plait_segment in = pass_in(&x, &syn_ack);
    assert_int_equal(in.ack, 101);
    assert_int_not_equal(in.seq, 5000);
    assert_int_not_equal(in.seq - 5000, moved);
    struct plait_segment ack = segment(INSIDE, OUTSIDE, 101);
    ack.ack = in.seq + 1;
    out = pass_out(&x, &ack);
    assert_int_equal(out.seq, 101 + moved);
    assert_int_equal(out.ack, 5001);
    tear_down(&x);
}

/* Their place in the header is odd where a single NOP is in front of them. */
static void sack_blocks_are_moved_wherever_they_stand(void **state UNUSED)
{
    for (unsigned shift = 0; shift < 2; shift++) {
        struct boxed x;
        set_up(&x, plait_box_isn(2));
        struct plait_segment syn = segment(INSIDE, OUTSIDE, 100), out;
        syn.flags = PLAIT_SYN;
        out = pass_out(&x, &syn);
        struct plait_segment dup = answer(5001, out.seq + 1);
        dup.options.sack_count = 2;
        dup.options.sack[0] = (struct plait_sack_block){out.seq + 11, out.seq + 21};
        dup.options.sack[1] = (struct plait_sack_block){out.seq + 31, out.seq + 41};
        struct plait_packet *p = packet_of(&dup);
        uint8_t *options = p->octets + 40; /* NOP NOP SACK 18 ... */
        assert_int_equal(options[2], 5);
        if (shift) { /* ... becomes NOP SACK 18 ... NOP: the same octets, moved by one */
            memmove(options + 1, options + 2, 18);
            options[19] = 1;
            uint16_t good = 0;
            for (uint32_t sum = 0; sum <= UINT16_MAX; sum++) {
                struct plait_segment s;
                plait_store_u16(p->octets + 36, (uint16_t)sum);
                if (plait_ok(plait_segment_parse(p->octets, p->length_octets, &s)))
                    good = (uint16_t)sum;
            }
            plait_store_u16(p->octets + 36, good);
        }
        plait_stub_send(x.b, plait_net_now(x.net), p);
        plait_net_run(x.net, PLAIT_NEVER, NULL, NULL);
        struct plait_segment in = take(x.a, &p);
        assert_int_equal(in.ack, 101);
        assert_int_equal(in.options.sack_count, 2);
        assert_int_equal(in.options.sack[0].left, 111);
        assert_int_equal(in.options.sack[0].right, 121);
        assert_int_equal(in.options.sack[1].left, 131);
        assert_int_equal(in.options.sack[1].right, 141);
        plait_packet_free(p);
        tear_down(&x);
    }
}

static void what_began_without_a_syn_is_left_alone(void **state UNUSED)
{
    struct boxed x;
    set_up(&x, plait_box_isn(3));
    struct plait_segment syn = segment(INSIDE, OUTSIDE, 100), other = segment(INSIDE, OUTSIDE, 7);
    syn.flags = PLAIT_SYN;
    (void)pass_out(&x, &syn);
    other.src_port = 1001;
    struct plait_segment out = pass_out(&x, &other);
    assert_int_equal(out.seq, 7);
    assert_int_equal(out.ack, other.ack);
    tear_down(&x);
}

static void a_firewall_has_a_limit(void **state UNUSED)
{
    struct plait_box box = plait_box_isn(4);
    unsigned passed = 0;
    for (uint16_t port = 1; port <= 100; port++) {
        struct plait_segment syn = segment(INSIDE, OUTSIDE, 100);
        syn.flags = PLAIT_SYN;
        syn.src_port = port;
        struct plait_packet *p = box.pass(box.self, 0, 0, packet_of(&syn));
        passed += p != NULL;
        plait_packet_free(p);
    }
    assert_int_equal(passed, 64);
    box.free(box.self);
}

/* ---- cut and joined ------------------------------------------------------------------------- */

static const uint8_t *counting(void)
{
    static uint8_t payload[3000];
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i % 251);
    return payload;
}

/* LENGTH octets of the stream, with a mapping that says where they are. */
static struct plait_segment data(uint32_t seq, uint32_t length_octets)
{
    struct plait_segment s = segment(INSIDE, OUTSIDE, seq);
    s.payload = counting() + seq;
    s.payload_octets = length_octets;
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_DSS,
                                             .dss = {.has_map = true,
                                                     .dsn = 1000 + seq,
                                                     .ssn = seq,
                                                     .data_length = (uint16_t)length_octets}};
    return s;
}

static void pieces_have_all_options(void **state UNUSED)
{
    struct boxed x;
    set_up(&x, plait_box_split(500));
    struct plait_segment whole = data(0, 1201);
    whole.flags = PLAIT_ACK | PLAIT_PSH;
    send(&x, x.a, &whole);
    static const uint32_t lengths[] = {500, 500, 201};
    uint32_t seq = 0;
    for (size_t i = 0; i < 3; i++) {
        struct plait_packet *p;
        struct plait_segment piece = take(x.b, &p);
        const struct plait_mptcp_option *dss = plait_segment_option(&piece, PLAIT_DSS);
        assert_int_equal(piece.seq, seq);
        assert_int_equal(piece.payload_octets, lengths[i]);
        assert_memory_equal(piece.payload, counting() + seq, lengths[i]);
        assert_non_null(dss);
        assert_int_equal(dss->dss.data_length, 1201);
        assert_int_equal(dss->dss.dsn, 1000);
        assert_int_equal((piece.flags & PLAIT_PSH) != 0, i == 2);
        seq += lengths[i];
        plait_packet_free(p);
    }
    expect_nothing(x.b);
    struct plait_segment small = data(0, 500);
    assert_int_equal(pass_out(&x, &small).payload_octets, 500);
    expect_nothing(x.b);
    tear_down(&x);
}

static void joined_segments_keep_the_first_options(void **state UNUSED)
{
    struct boxed x;
    set_up(&x, plait_box_coalesce());
    struct plait_segment first = data(0, 700), second = data(700, 601);
    second.flags = PLAIT_ACK | PLAIT_PSH;
    second.ack = 99;
    second.window = 77;
    send(&x, x.a, &first);
    expect_nothing(x.b);
    send(&x, x.a, &second);
    struct plait_packet *p;
    struct plait_segment one = take(x.b, &p);
    assert_int_equal(one.seq, 0);
    assert_int_equal(one.payload_octets, 1301);
    assert_memory_equal(one.payload, counting(), 1301);
    assert_int_equal(one.mptcp_count, 1);
    assert_int_equal(one.mptcp[0].dss.data_length, 700);
    assert_int_equal(one.ack, 99);
    assert_int_equal(one.window, 77);
    assert_true(one.flags & PLAIT_PSH);
    expect_nothing(x.b);
    plait_packet_free(p);
    tear_down(&x);
}

static void what_does_not_follow_is_not_joined(void **state UNUSED)
{
    struct boxed x;
    set_up(&x, plait_box_coalesce());
    struct plait_segment first = data(0, 700), gap = data(800, 100), other = data(700, 100);
    other.src_port = 1001;
    const struct plait_segment *const seconds[] = {&gap, &other};
    for (size_t i = 0; i < 2; i++) {
        send(&x, x.a, &first);
        send(&x, x.a, seconds[i]);
        assert_int_equal(take_seq(x.b), 0);
        assert_int_equal(take_seq(x.b), seconds[i]->seq);
        expect_nothing(x.b);
    }
    struct plait_segment pushed = data(0, 10); /* nothing is to follow */
    pushed.flags |= PLAIT_PSH;
    assert_int_equal(pass_out(&x, &pushed).payload_octets, 10);
    send(&x, x.a, &first); /* what waits is freed with the box */
    tear_down(&x);
}

/* ---- acknowledged in another's name --------------------------------------------------------- */

/* Both SYNs, from 100 and 5000. */
static void shake_hands(struct boxed *x)
{
    struct plait_segment syn = segment(INSIDE, OUTSIDE, 100), syn_ack = answer(5000, 101);
    syn.flags = PLAIT_SYN;
    syn_ack.flags = PLAIT_SYN | PLAIT_ACK;
    syn_ack.window = 300;
    (void)pass_out(x, &syn);
    (void)pass_in(x, &syn_ack);
}

static void a_proxy_acknowledges_before_the_receiver(void **state UNUSED)
{
    struct boxed x;
    set_up(&x, plait_box_ack());
    shake_hands(&x);
    expect_nothing(x.a);
    struct plait_segment s = data(101, 50);
    s.ack = 5001;
    s.options =
        (struct plait_tcp_options){.has_timestamps = true, .timestamp = 11, .timestamp_echo = 22};
    send(&x, x.a, &s);
    struct plait_packet *p;
    struct plait_segment said = take(x.a, &p);
    assert_int_equal(said.ack, 151);
    assert_int_equal(said.seq, 5001);
    assert_int_equal(said.flags, PLAIT_ACK);
    assert_int_equal(said.window, 300);
    assert_int_equal(said.mptcp_count, 0);
    assert_int_equal(said.options.timestamp, 22);
    assert_int_equal(said.options.timestamp_echo, 11);
    assert_int_equal(said.src_port, 2000);
    plait_packet_free(p);
    struct plait_segment passed = take(x.b, &p);
    assert_int_equal(passed.mptcp_count, 1);
    plait_packet_free(p);
    tear_down(&x);
}

static void a_proxy_acknowledges_no_gap(void **state UNUSED)
{
    struct boxed x;
    set_up(&x, plait_box_ack());
    shake_hands(&x);
    struct plait_segment far = data(201, 50), next = data(251, 50), ack = answer(5001, 251);
    send(&x, x.a, &far);
    assert_int_equal(take_seq(x.b), 201);
    expect_nothing(x.a);
    (void)pass_in(&x, &ack); /* the receiver has what came another way */
    send(&x, x.a, &next);
    struct plait_packet *p;
    assert_int_equal(take(x.a, &p).ack, 301);
    plait_packet_free(p);
    tear_down(&x);
}

/* ---- windows and payload -------------------------------------------------------------------- */

static void windows_are_lowered(void **state UNUSED)
{
    struct boxed x;
    set_up(&x, plait_box_window(32));
    struct plait_segment wide = segment(INSIDE, OUTSIDE, 1), low = wide, syn = wide;
    wide.window = 1000;
    low.window = 31;
    syn.window = 1000;
    syn.flags = PLAIT_SYN;
    assert_int_equal(pass_out(&x, &wide).window, 32);
    assert_int_equal(pass_out(&x, &low).window, 31);
    assert_int_equal(pass_out(&x, &syn).window, 1000);
    struct plait_segment back = answer(1, 1);
    back.window = 33;
    assert_int_equal(pass_in(&x, &back).window, 32);
    tear_down(&x);
}

/* Of each third segment with payload one octet is another, and TCP does not see it: `parsed`
 * verifies the checksum, also where the payload is that octet alone. */
static void payload_is_edited(void **state UNUSED)
{
    struct boxed x;
    set_up(&x, plait_box_edit(3));
    for (uint32_t n = 1; n <= 9; n++) {
        struct plait_segment s = data(n, n % 2 ? 1 : 10), empty = segment(INSIDE, OUTSIDE, 1);
        (void)pass_out(&x, &empty); /* does not count */
        send(&x, x.a, &s);
        struct plait_packet *p;
        struct plait_segment out = take(x.b, &p);
        assert_int_equal(out.payload_octets, s.payload_octets);
        assert_int_equal(out.payload[0] != s.payload[0], n % 3 == 0);
        assert_memory_equal(out.payload + 1, s.payload + 1, s.payload_octets - 1);
        plait_packet_free(p);
    }
    tear_down(&x);
}

/* ---- whatever comes ------------------------------------------------------------------------- */

static void pass_any(struct plait_box *box, const struct plait_draw_key *key, uint64_t n)
{
    struct plait_segment s = data((uint32_t)(n % 7) * 100, 600);
    struct plait_packet *p = packet_of(&s);
    uint64_t draw = plait_draw(key, "test", "flips", n);
    for (unsigned flips = 0; flips < draw % 4; flips++)
        p->octets[plait_draw_below(key, "test", "where", 4 * n + flips, p->length_octets)] =
            (uint8_t)(draw >> (8 + 8 * flips));
    if (n % 3 == 0)
        p->length_octets = (uint32_t)(draw % (p->length_octets + 1));
    struct plait_packet *exact = plait_packet_copy(p); /* its end is where ASan looks */
    plait_packet_free(p);
    p = box->pass(box->self, 0, (int)(n % 2), exact);
    while (p) {
        struct plait_packet *next = p->next;
        plait_packet_free(p);
        p = next;
    }
    if (box->back)
        plait_packet_free(box->back(box->self));
}

static void boxes_survive_any_octets(void **state UNUSED)
{
    struct plait_box boxes[] = {plait_box_isn(1), plait_box_split(500), plait_box_coalesce(),
                                plait_box_ack(),  plait_box_window(32), plait_box_edit(1)};
    struct plait_draw_key key = plait_draw_key(1);
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
        for (uint64_t n = 0; n < 20000; n++)
            pass_any(&boxes[i], &key, n);
        boxes[i].free(boxes[i].self);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_moved_there_and_back),
        cmocka_unit_test(sack_blocks_are_moved_wherever_they_stand),
        cmocka_unit_test(what_began_without_a_syn_is_left_alone),
        cmocka_unit_test(a_firewall_has_a_limit),
        cmocka_unit_test(pieces_have_all_options),
        cmocka_unit_test(joined_segments_keep_the_first_options),
        cmocka_unit_test(what_does_not_follow_is_not_joined),
        cmocka_unit_test(a_proxy_acknowledges_before_the_receiver),
        cmocka_unit_test(a_proxy_acknowledges_no_gap),
        cmocka_unit_test(windows_are_lowered),
        cmocka_unit_test(payload_is_edited),
        cmocka_unit_test(boxes_survive_any_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
