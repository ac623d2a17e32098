/* A gateway that makes payload longer (T-CSUM-1): numbers, acknowledgments and SACK blocks fit what
 * each end sees, and what is sent again is edited again in the same way. */
#include "tests/unit/net/fixture.h"

#include <string.h>

#define INSIDE  "198.18.1.1"
#define OUTSIDE "198.18.2.1"

enum { EVERY = 10, ISN = 1000, PEER_ISN = 5000 };

static const uint8_t stream[] = "abcdefghijklmnopqrstuvwxyz0123456789";

static struct plait_segment passed(struct plait_box *box, int side, const struct plait_segment *s,
                                   struct plait_packet **packet)
{
    *packet = box->pass(box->self, 0, side, packet_of(s));
    assert_non_null(*packet);
    return parsed(*packet);
}

/* What SEGMENT's numbers become; its payload must be TEXT. */
static struct plait_segment pass(struct plait_box *box, int side, const struct plait_segment *s,
                                 const char *text)
{
    struct plait_packet *packet;
    struct plait_segment out = passed(box, side, s, &packet);
    assert_int_equal(out.payload_octets, strlen(text));
    assert_memory_equal(out.payload, text, strlen(text));
    assert_int_equal(packet->edited, out.payload_octets != s->payload_octets);
    plait_packet_free(packet);
    out.payload = NULL;
    return out;
}

static struct plait_segment of_client(uint32_t at, size_t octets)
{
    struct plait_segment s = segment(INSIDE, OUTSIDE, ISN + 1 + at);
    s.ack = PEER_ISN + 1;
    s.payload = stream + at;
    s.payload_octets = octets;
    return s;
}

static struct plait_segment of_server(uint32_t ack_outside)
{
    struct plait_segment s = segment(OUTSIDE, INSIDE, PEER_ISN + 1);
    s.src_port = 2000;
    s.dst_port = 1000;
    s.ack = ISN + 1 + ack_outside;
    s.payload_octets = 0;
    return s;
}

static struct plait_box connected(void)
{
    struct plait_box box = plait_box_stretch(EVERY);
    struct plait_segment syn = of_client(0, 0), answer = of_server(0);
    syn.flags = PLAIT_SYN;
    syn.seq = ISN;
    syn.ack = 0;
    answer.flags = PLAIT_SYN | PLAIT_ACK;
    answer.seq = PEER_ISN;
    assert_int_equal(pass(&box, 0, &syn, "").seq, ISN);
    assert_int_equal(pass(&box, 1, &answer, "").ack, ISN + 1);
    return box;
}

static void what_follows_is_moved_by_what_was_added(void **state UNUSED)
{
    struct plait_box box = connected();
    struct plait_segment s = of_client(0, 9);
    assert_int_equal(pass(&box, 0, &s, "abcdefghi").seq, ISN + 1);
    s = of_client(9, 3);
    assert_int_equal(pass(&box, 0, &s, "j++kl").seq, ISN + 10);
    s = of_client(12, 20); /* in front of numbers 20 and 30 */
    assert_int_equal(pass(&box, 0, &s, "mnopqrst++uvwxyz0123++45").seq, ISN + 13 + 2);
    s = of_client(32, 0);
    assert_int_equal(pass(&box, 0, &s, "").seq, ISN + 33 + 6);
    box.free(box.self);
}

/* Cut in another way, each octet still stands where it stood. */
static void what_is_sent_again_is_edited_again(void **state UNUSED)
{
    struct plait_box box = connected();
    for (uint32_t at = 0; at < 35; at++) {
        struct plait_segment s = of_client(at, 1);
        const char text[] = {'+', '+', (char)stream[at], '\0'};
        uint32_t before = at ? 2 * ((at - 1) / EVERY) : 0;
        bool edited = at && at % EVERY == 0;
        assert_int_equal(pass(&box, 0, &s, edited ? text : text + 2).seq, ISN + 1 + at + before);
    }
    box.free(box.self);
}

static void acknowledgments_find_their_way_back(void **state UNUSED)
{
    static const struct {
        uint32_t outside, inside;
    } rows[] = {{0, 0},   {10, 10}, {11, 10}, {12, 10}, {13, 11}, {22, 20},
                {23, 20}, {24, 20}, {25, 21}, {34, 30}, {36, 30}, {41, 35}};
    struct plait_box box = connected();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plait_segment s = of_server(rows[i].outside);
        s.options.sack_count = 1;
        s.options.sack[0] = (struct plait_sack_block){ISN + 1 + rows[i].outside, ISN + 1 + 41};
        struct plait_segment in = pass(&box, 1, &s, "");
        assert_int_equal(in.ack, ISN + 1 + rows[i].inside);
        assert_int_equal(in.options.sack[0].left, ISN + 1 + rows[i].inside);
        assert_int_equal(in.options.sack[0].right, ISN + 1 + 35);
        assert_int_equal(in.seq, PEER_ISN + 1);
    }
    box.free(box.self);
}

/* The number of a FIN is behind the octets; also where something would be added next. */
static void an_end_is_acknowledged(void **state UNUSED)
{
    struct plait_box box = connected();
    struct plait_segment fin = of_client(18, 2), ack = of_server(20 + 2 + 1);
    fin.flags |= PLAIT_FIN;
    assert_int_equal(pass(&box, 0, &fin, "st").seq, ISN + 19 + 2);
    assert_int_equal(pass(&box, 1, &ack, "").ack, ISN + 1 + 21);
    struct plait_segment last = of_client(21, 0);
    assert_int_equal(pass(&box, 0, &last, "").seq, ISN + 1 + 23);
    box.free(box.self);
}

static void what_began_without_a_syn_is_left_alone(void **state UNUSED)
{
    struct plait_box box = connected();
    struct plait_segment s = of_client(5, 10);
    s.src_port = 1001;
    assert_int_equal(pass(&box, 0, &s, "fghijklmno").seq, ISN + 6);
    box.free(box.self);
}

static void connections_have_a_limit(void **state UNUSED)
{
    struct plait_box box = plait_box_stretch(EVERY);
    for (uint16_t port = 1; port <= 65; port++) {
        struct plait_segment syn = of_client(0, 0), data = of_client(5, 10);
        syn.flags = PLAIT_SYN;
        syn.seq = ISN;
        syn.src_port = data.src_port = port;
        (void)pass(&box, 0, &syn, "");
        (void)pass(&box, 0, &data, port <= 64 ? "fghij++klmno" : "fghijklmno");
    }
    box.free(box.self);
}

static void ipv6_is_edited_too(void **state UNUSED)
{
    struct plait_box box = plait_box_stretch(EVERY);
    struct plait_segment syn = segment("2001:db8::1", "2001:db8::2", ISN), data = syn;
    syn.flags = PLAIT_SYN;
    (void)pass(&box, 0, &syn, "");
    data.seq = ISN + 1 + 8;
    data.payload = stream + 8;
    data.payload_octets = 4;
    assert_int_equal(pass(&box, 0, &data, "ij++kl").seq, ISN + 9);
    box.free(box.self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_follows_is_moved_by_what_was_added),
        cmocka_unit_test(what_is_sent_again_is_edited_again),
        cmocka_unit_test(acknowledgments_find_their_way_back),
        cmocka_unit_test(an_end_is_acknowledged),
        cmocka_unit_test(what_began_without_a_syn_is_left_alone),
        cmocka_unit_test(connections_have_a_limit),
        cmocka_unit_test(ipv6_is_edited_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
