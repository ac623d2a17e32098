/* Software segmentation: what an offloading device was asked to do, done by us. */
#include "tests/unit/net/fixture.h"

#include "base/draw.h"
#include "base/octets.h"
#include "net/net_internal.h"
#include "wire/checksum.h"

/* A super-segment as a kernel hands it over: one DSS mapping, timestamps, the TCP checksum field
 * holding the pseudo-header's sum. */
static struct plait_packet *super(const char *src, const char *dst, size_t payload_octets,
                                  uint16_t segment_octets)
{
    static uint8_t payload[PLAIT_PACKET_MAX_OCTETS];
    for (size_t i = 0; i < payload_octets; i++)
        payload[i] = (uint8_t)(i * 7 + i / 256);
    struct plait_segment s = segment(src, dst, 0xfffffff0u);
    s.ip.identification = 0xfffe;
    s.ip.dont_fragment = true;
    s.flags = PLAIT_ACK | PLAIT_PSH | PLAIT_FIN | PLAIT_CWR | PLAIT_ECE;
    s.options.has_timestamps = true;
    s.options.timestamp = 0x01020304;
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_DSS,
        .dss = {.has_ack = true,
                .has_map = true,
                .dsn_is_64 = true,
                .dsn = 0x1122334455667788u,
                .ssn = 1,
                .data_length = (uint16_t)payload_octets},
    };
    s.payload = payload;
    s.payload_octets = payload_octets;
    struct plait_packet *p = packet_of(&s);
    struct plait_ip ip;
    assert_ok(plait_ip_parse(p->octets, p->length_octets, &ip));
    uint16_t tcp_at = (uint16_t)(ip.payload - p->octets);
    plait_sum pseudo =
        plait_sum_pseudo(0, &ip.src, &ip.dst, ip.protocol, (uint32_t)ip.payload_octets);
    plait_store_u16(p->octets + tcp_at + 16, (uint16_t)~plait_sum_finish(pseudo));
    p->forged = 5;
    p->offload = (struct plait_offload){.segment_octets = segment_octets,
                                        .needs_checksum = true,
                                        .checksum_start = tcp_at,
                                        .checksum_offset = 16,
                                        .header_octets = 1};
    return p;
}

static size_t headers_of(const struct plait_packet *packet)
{
    struct plait_ip ip;
    assert_ok(plait_ip_parse(packet->octets, packet->length_octets, &ip));
    return (size_t)(ip.payload - packet->octets) + (ip.payload[12] >> 4) * 4u;
}

/* Checks one of the segments of WHOLE: OFFSET octets of payload are before it. */
static void check_segment(const struct plait_packet *part, const struct plait_packet *whole,
                          uint32_t index, size_t offset, bool is_last)
{
    struct plait_segment s = parsed(part);
    const uint8_t wanted_flags = (uint8_t)(PLAIT_ACK | PLAIT_ECE | (index ? 0 : PLAIT_CWR) |
                                           (is_last ? PLAIT_FIN | PLAIT_PSH : 0));
    assert_int_equal(s.flags, wanted_flags);
    assert_int_equal(s.seq, (uint32_t)(0xfffffff0u + offset));
    if (s.ip.src.family == PLAIT_IPV4) {
        assert_int_equal(s.ip.identification, (uint16_t)(0xfffe + index));
        assert_true(s.ip.dont_fragment);
    }
    assert_int_equal(s.options.timestamp, 0x01020304);
    const struct plait_mptcp_option *dss = plait_segment_option(&s, PLAIT_DSS);
    assert_non_null(dss);
    assert_true(dss->dss.dsn == 0x1122334455667788u);
    assert_memory_equal(s.payload, whole->octets + headers_of(whole) + offset, s.payload_octets);
    assert_int_equal(part->forged, 5);
    assert_false(part->offload.segment_octets || part->offload.needs_checksum);
}

static void cuts_into(struct plait_packet *whole, uint16_t segment_octets, size_t payload_octets)
{
    struct plait_packet *keep = plait_packet_copy(whole);
    struct plait_packet *part = plait_packet_segment(whole);
    uint32_t index = 0;
    size_t offset = 0;
    while (part) {
        struct plait_packet *next = part->next;
        check_segment(part, keep, index++, offset, !next);
        assert_true(next ? parsed(part).payload_octets == segment_octets
                         : parsed(part).payload_octets <= segment_octets);
        offset += parsed(part).payload_octets;
        plait_packet_free(part);
        part = next;
    }
    assert_int_equal(offset, payload_octets);
    assert_int_equal(index, (payload_octets + segment_octets - 1) / segment_octets);
    plait_packet_free(keep);
}

static void cuts_64_kb_of_ipv4(void **state)
{
    (void)state;
    /* 65,535 less 20 (IP), 20 (TCP), 12 (timestamps) and 24 (DSS) octets */
    cuts_into(super("198.18.1.1", "198.18.2.1", 65459, 1400), 1400, 65459);
    cuts_into(super("198.18.1.1", "198.18.2.1", 2801, 1400), 1400, 2801);
    cuts_into(super("198.18.1.1", "198.18.2.1", 999, 7), 7, 999);
}

static void cuts_64_kb_of_ipv6(void **state)
{
    (void)state;
    cuts_into(super("2001:db8:1::1", "2001:db8:2::1", 65400, 1381), 1381, 65400);
}

static void exact_multiple_makes_no_empty_segment(void **state)
{
    (void)state;
    cuts_into(super("198.18.1.1", "198.18.2.1", 2800, 1400), 1400, 2800);
    cuts_into(super("198.18.1.1", "198.18.2.1", 1400, 1400), 1400, 1400);
}

static void completes_a_checksum_in_place(void **state)
{
    (void)state;
    const char *ends[][2] = {{"198.18.1.1", "198.18.2.1"}, {"2001:db8:1::1", "2001:db8:2::1"}};
    for (size_t i = 0; i < 2; i++) {
        struct plait_packet *p = super(ends[i][0], ends[i][1], 333, 0);
        struct plait_segment s;
        assert_reason(plait_segment_parse(p->octets, p->length_octets, &s), BAD_CHECKSUM);
        assert_ptr_equal(plait_packet_segment(p), p);
        assert_null(p->next);
        assert_int_equal(parsed(p).payload_octets, 333);
        plait_packet_free(p);
    }
}

static void leaves_a_done_packet_alone(void **state)
{
    (void)state;
    struct plait_packet *p = packet("198.18.1.1", "198.18.2.1", 1, 10);
    p->octets[p->length_octets - 1] ^= 1; /* even its errors */
    struct plait_packet *keep = plait_packet_copy(p);
    assert_ptr_equal(plait_packet_segment(p), p);
    assert_memory_equal(p->octets, keep->octets, keep->length_octets);
    plait_packet_free(keep);
    plait_packet_free(p);
}

/* Each of these records or packets lies; nothing may be read or written outside (ASan looks). */
static void refuses_records_that_contradict_the_octets(void **state)
{
    (void)state;
    struct plait_packet *p = super("198.18.1.1", "198.18.2.1", 3000, 1000);
    p->octets[9] = PLAIT_PROTOCOL_UDP;
    p->octets[10] = p->octets[11] = 0;
    plait_store_u16(p->octets + 10, plait_sum_finish(plait_sum_add(0, p->octets, 20)));
    assert_null(plait_packet_segment(p));

    p = packet("198.18.1.1", "198.18.2.1", 1, 0);
    p->offload.segment_octets = 5;
    p->octets[20 + 12] = 0xf0; /* a TCP header longer than the segment */
    assert_null(plait_packet_segment(p));

    p = super("2001:db8:1::1", "2001:db8:2::1", 3000, 1000);
    p->octets[5]--; /* an octet behind the IP packet's end */
    assert_null(plait_packet_segment(p));

    p = super("2001:db8:1::1", "2001:db8:2::1", 3000, 1000);
    p->octets[40 + 12] = 0x40; /* shorter than a TCP header */
    assert_null(plait_packet_segment(p));

    p = super("2001:db8:1::1", "2001:db8:2::1", 3000, 1000);
    p->length_octets = 0;
    assert_null(plait_packet_segment(p));

    p = super("198.18.1.1", "198.18.2.1", 10, 0);
    p->offload.checksum_start = (uint16_t)(p->length_octets - 17);
    assert_null(plait_packet_segment(p));

    p = super("198.18.1.1", "198.18.2.1", 10, 0);
    p->offload.checksum_start = p->offload.checksum_offset = 0xffff;
    assert_null(plait_packet_segment(p));
}

static void free_list(struct plait_packet *packet)
{
    while (packet) {
        struct plait_packet *next = packet->next;
        plait_packet_free(packet);
        packet = next;
    }
}

/* Flips octets of headers and records by keyed draws: no answer is wanted, only that nothing
 * outside the packet is touched (ASan looks) and that what a port would pass can be cut. */
static void survives_any_record_and_header(void **state)
{
    (void)state;
    struct plait_draw_key key = plait_draw_key(1);
    for (uint64_t n = 0; n < 20000; n++) {
        struct plait_packet *p = n % 2 ? super("198.18.1.1", "198.18.2.1", n % 500, 100)
                                       : super("2001:db8:1::1", "2001:db8:2::1", n % 500, 100);
        uint64_t draw = plait_draw(&key, "test", "record", n);
        if (n % 3 == 0)
            p->offload.segment_octets = (uint16_t)(draw % 3);
        if (n % 5 == 0)
            p->offload.checksum_start = (uint16_t)(draw >> 16);
        for (unsigned flips = 0; flips < draw >> 62; flips++)
            p->octets[plait_draw_below(&key, "test", "where", 4 * n + flips, 76)] ^=
                (uint8_t)(draw >> (8 * flips));
        bool is_fine = plait_packet_is_segmentable(p);
        struct plait_packet *list = plait_packet_segment(p);
        assert_true(is_fine == (list != NULL));
        free_list(list);
    }
}

/* ---- on a net ------------------------------------------------------------------------------- */

static bool tap_was_shown_mtu_size;

static enum plait_tap_verdict measure(void *self UNUSED, plait_time_ns now UNUSED,
                                      enum plait_way way UNUSED, struct plait_packet *packet)
{
    tap_was_shown_mtu_size = packet->length_octets <= 1500 && !packet->offload.segment_octets;
    return PLAIT_TAP_PASS;
}

static unsigned count_arrivals(struct pair *p)
{
    plait_stub_send(p->a, plait_net_now(p->net), super("198.18.1.1", "198.18.2.1", 10000, 1000));
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    unsigned count = 0;
    struct plait_packet *got;
    while ((got = plait_stub_take(p->b, NULL))) {
        count++;
        plait_packet_free(got);
    }
    return count;
}

/* A pair whose b takes super-segments. */
static struct pair *offload_pair(const struct plait_link_config *config)
{
    struct pair *p = pair_new(&(struct plait_link_config){0});
    struct plait_port port = plait_stub_port(p->b);
    port.takes_offload = true;
    plait_net_free(p->net);
    p->net = plait_net_new(&p->clock);
    struct plait_port a = plait_stub_port(p->a);
    p->node_a = plait_net_add_port(p->net, "a", &a);
    p->node_b = plait_net_add_port(p->net, "b", &port);
    p->link = plait_net_add_link(p->net, "ab", p->node_a, p->node_b, config);
    return p;
}

static void net_cuts_for_whoever_needs_it(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){0});
    assert_int_equal(count_arrivals(p), 10); /* the port does not take them */
    pair_free(p);

    p = offload_pair(&(struct plait_link_config){.delay_ns = 5});
    assert_int_equal(count_arrivals(p), 1);
    plait_net_add_tap(p->net, &(struct plait_tap_config){.link = p->link,
                                                         .ways = PLAIT_BOTH_WAYS,
                                                         .rights = PLAIT_MAY_SEE,
                                                         .until_ns = PLAIT_NEVER,
                                                         .see = measure});
    assert_int_equal(count_arrivals(p), 10);
    assert_true(tap_was_shown_mtu_size);
    pair_free(p);

    p = offload_pair(&(struct plait_link_config){.mtu_octets = 1500});
    assert_int_equal(count_arrivals(p), 10);
    pair_free(p);

    p = offload_pair(&(struct plait_link_config){.loss_mask = 2});
    assert_int_equal(count_arrivals(p), 9);
    pair_free(p);
}

static unsigned shown_whole, shown_cut;

static void look(void *self UNUSED, const struct plait_sight *sight)
{
    const struct plait_segment *segment = plait_sight_segment(sight);
    assert_non_null(segment);
    assert_int_equal(sight->packet->offload.needs_checksum, segment->payload_octets > 1000);
    if (sight->fate != PLAIT_ENTERED)
        return;
    if (segment->payload_octets > 1000)
        shown_whole++;
    else
        shown_cut++;
}

static void observers_may_do_with_whole_ones_but_taps_do_not(void **state)
{
    (void)state;
    struct pair *p = offload_pair(&(struct plait_link_config){.mtu_octets = 1500});
    plait_net_observe(p->net, look, NULL);
    assert_int_equal(count_arrivals(p), 10);
    assert_true(shown_cut == 10 && shown_whole == 0);
    plait_net_show_whole(p->net, true);
    assert_int_equal(count_arrivals(p), 1);
    assert_true(shown_cut == 10 && shown_whole == 1);
    plait_tap tap = plait_net_add_tap(p->net, &(struct plait_tap_config){.link = p->link,
                                                                         .ways = PLAIT_BOTH_WAYS,
                                                                         .rights = PLAIT_MAY_SEE,
                                                                         .until_ns = PLAIT_NEVER,
                                                                         .see = measure});
    assert_int_equal(count_arrivals(p), 10);
    plait_net_end_tap(p->net, tap);
    assert_int_equal(count_arrivals(p), 1);
    plait_net_show_whole(p->net, false);
    assert_int_equal(count_arrivals(p), 10);
    pair_free(p);

    p = offload_pair(&(struct plait_link_config){.mtu_octets = 900}); /* its segments do not fit */
    plait_net_show_whole(p->net, true);
    assert_int_equal(count_arrivals(p), 0);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_64_kb_of_ipv4),
        cmocka_unit_test(cuts_64_kb_of_ipv6),
        cmocka_unit_test(exact_multiple_makes_no_empty_segment),
        cmocka_unit_test(completes_a_checksum_in_place),
        cmocka_unit_test(leaves_a_done_packet_alone),
        cmocka_unit_test(refuses_records_that_contradict_the_octets),
        cmocka_unit_test(survives_any_record_and_header),
        cmocka_unit_test(net_cuts_for_whoever_needs_it),
        cmocka_unit_test(observers_may_do_with_whole_ones_but_taps_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
