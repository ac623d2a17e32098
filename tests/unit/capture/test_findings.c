/* The captures of our own findings (docs/FINDINGS.md): each file shows what the page says, to
 * whoever reads it.  Argument: the folder of captures.  tests/lab/test_findings_*.c write them. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/packets.h"
#include "tests/unit/test.h"

#include "wire/tcp.h"

enum { SERVER_LINK = 2, SEGMENTS_MAX = 512, FILE_MAX_OCTETS = 200000, EIGHT_IDS = 8 };

static const char *folder;

/* What passed the server's link, in order. */
struct conversation {
    uint8_t *octets;
    unsigned count;
    struct plait_segment s[SEGMENTS_MAX];
    struct plait_place server, client; /* of the first handshake */
};

static size_t load(const char *name, uint8_t **octets)
{
    char path[512];
    snprintf(path, sizeof path, "%s/findings/%s.pcapng", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    *octets = malloc(FILE_MAX_OCTETS + 1);
    assert_non_null(*octets);
    size_t length_octets = fread(*octets, 1, FILE_MAX_OCTETS + 1, file);
    fclose(file);
    assert_in_range(length_octets, 1, FILE_MAX_OCTETS);
    return length_octets;
}

static struct conversation *read_conversation(const char *name)
{
    static struct conversation c;
    struct packets p;
    c = (struct conversation){0};
    size_t length_octets = load(name, &c.octets);
    for (packets_open(&p, c.octets, length_octets); packets_next(&p);) {
        if (p.frame.interface != SERVER_LINK)
            continue;
        assert_true(p.has_ip && c.count < SEGMENTS_MAX);
        const struct plait_ip_octets *ip = &p.found.packet; /* in c.octets */
        assert_ok(plait_segment_parse(ip->ip, ip->captured_octets, &c.s[c.count++]));
    }
    assert_int_equal(packets_faults(&p), 0);
    assert_int_equal(c.s[0].flags, PLAIT_SYN);
    c.client = (struct plait_place){c.s[0].ip.src, c.s[0].src_port};
    c.server = (struct plait_place){c.s[0].ip.dst, c.s[0].dst_port};
    return &c;
}

static bool is_from_server(const struct conversation *c, const struct plait_segment *s)
{
    return plait_addr_equal(&s->ip.src, &c->server.addr);
}

/* The first segment from AT on that carries the option; fails if there is none. */
static unsigned find(const struct conversation *c, unsigned at, enum plait_mptcp_subtype subtype)
{
    for (; at < c->count; at++)
        if (plait_segment_option(&c->s[at], subtype))
            return at;
    fail_msg("no %s", plait_mptcp_subtype_name(subtype));
    return 0;
}

static unsigned count_fins_of_server(const struct conversation *c, unsigned from, unsigned to)
{
    unsigned fins = 0;
    for (unsigned i = from; i < to; i++)
        fins += is_from_server(c, &c->s[i]) && (c->s[i].flags & PLAIT_FIN);
    return fins;
}

/* ---- one test for each ----------------------------------------------------------------------- */

/* What the server answers to the join that came to PORT. */
static const struct plait_segment *answer_of(const struct conversation *c, uint16_t port)
{
    for (unsigned i = 0; i < c->count; i++) {
        const struct plait_segment *syn = &c->s[i];
        if (syn->flags != PLAIT_SYN || syn->dst_port != port || syn->src_port < 30000 ||
            !plait_segment_option(syn, PLAIT_MP_JOIN))
            continue;
        struct plait_place from = {syn->ip.src, syn->src_port};
        for (unsigned j = i + 1; j < c->count; j++)
            if (plait_addr_equal(&c->s[j].ip.dst, &from.addr) && c->s[j].dst_port == from.port)
                return &c->s[j];
    }
    fail_msg("no join to port %u", port);
    return NULL;
}

static void f_1_one_port_of_three_is_refused(void **state)
{
    (void)state;
    enum { OTHER_PORT = 1500, ANNOUNCED_PORT = 1501, PROHIBITED = 3 };
    const struct conversation *c = read_conversation("F-1");
    const struct plait_segment *s = answer_of(c, OTHER_PORT);
    assert_true(s->flags & PLAIT_RST);
    assert_non_null(plait_segment_option(s, PLAIT_MP_TCPRST));
    assert_int_equal(plait_segment_option(s, PLAIT_MP_TCPRST)->tcprst.reason, PROHIBITED);
    const struct plait_add_addr *announced =
        &plait_segment_option(&c->s[find(c, 0, PLAIT_ADD_ADDR)], PLAIT_ADD_ADDR)->add_addr;
    assert_int_equal(announced->port, ANNOUNCED_PORT);
    const uint16_t accepted[] = {c->server.port, ANNOUNCED_PORT};
    for (int i = 0; i < 2; i++) {
        s = answer_of(c, accepted[i]);
        assert_int_equal(s->flags, PLAIT_SYN | PLAIT_ACK);
        assert_non_null(plait_segment_option(s, PLAIT_MP_JOIN));
    }
    free(c->octets);
}

static void f_2_nine_ids_then_eight(void **state)
{
    (void)state;
    const struct conversation *c = read_conversation("F-2");
    unsigned nine = find(c, 0, PLAIT_REMOVE_ADDR), eight = find(c, nine + 1, PLAIT_REMOVE_ADDR);
    assert_int_equal(plait_segment_option(&c->s[nine], PLAIT_REMOVE_ADDR)->remove_addr.count, 9);
    assert_int_equal(plait_segment_option(&c->s[eight], PLAIT_REMOVE_ADDR)->remove_addr.count, 8);
    assert_int_equal(count_fins_of_server(c, 0, eight), 0);
    assert_int_equal(count_fins_of_server(c, eight, c->count), 2);
    free(c->octets);
}

static void f_3_both_paths_end_unasked(void **state)
{
    (void)state;
    const struct conversation *c = read_conversation("F-3");
    unsigned forged = find(c, 0, PLAIT_REMOVE_ADDR), answer = forged + 1, data = 0;
    assert_int_equal(plait_segment_option(&c->s[forged], PLAIT_REMOVE_ADDR)->remove_addr.count,
                     EIGHT_IDS);
    while (answer < c->count && is_from_server(c, &c->s[answer]))
        answer++;
    assert_int_equal(count_fins_of_server(c, forged, answer), 2);
    for (unsigned i = forged; i < c->count; i++)
        data += c->s[i].payload_octets > 0;
    assert_int_equal(data, 0); /* though the server's application wrote */
    free(c->octets);
}

static void f_4_the_first_mp_prio_takes_back_what_was_never_said(void **state)
{
    (void)state;
    const struct conversation *c = read_conversation("F-4");
    unsigned first = find(c, 0, PLAIT_MP_PRIO), second = find(c, first + 1, PLAIT_MP_PRIO);
    assert_false(plait_segment_option(&c->s[first], PLAIT_MP_PRIO)->prio.backup);
    assert_true(plait_segment_option(&c->s[second], PLAIT_MP_PRIO)->prio.backup);
    free(c->octets);
}

static void f_5_a_number_of_the_window_and_the_key_end_all(void **state)
{
    (void)state;
    const struct conversation *c = read_conversation("F-5");
    unsigned close = find(c, 0, PLAIT_MP_FASTCLOSE), resets = 0;
    const struct plait_segment *synack = &c->s[1];
    uint64_t key = plait_segment_option(synack, PLAIT_MP_CAPABLE)->capable.sender_key;
    assert_true(plait_segment_option(&c->s[close], PLAIT_MP_FASTCLOSE)->fastclose.receiver_key ==
                key);
    uint32_t expected = 0; /* by the server, as it last said */
    for (unsigned i = 0; i < close; i++)
        if (is_from_server(c, &c->s[i]) && c->s[i].dst_port == c->client.port)
            expected = c->s[i].ack;
    assert_int_equal(c->s[close].seq - expected, 30000);
    for (unsigned i = close; i < c->count; i++)
        resets += is_from_server(c, &c->s[i]) && (c->s[i].flags & PLAIT_RST) &&
                  c->s[i].src_port == c->server.port;
    assert_true(resets >= 1);
    free(c->octets);
}

static void f_6_an_acknowledgment_50000_octets_old_is_taken(void **state)
{
    (void)state;
    static const char written[] = "<<octets of the attacker>>";
    const struct conversation *c = read_conversation("F-6");
    uint32_t sent = 0, taken = 0;
    unsigned i = 0;
    for (; i < c->count; i++) {
        const struct plait_segment *s = &c->s[i];
        if (is_from_server(c, s))
            sent = s->seq + (uint32_t)s->payload_octets;
        else if (s->payload_octets == sizeof written - 1 &&
                 memcmp(s->payload, written, sizeof written - 1) == 0)
            break;
    }
    assert_true(i < c->count);
    assert_int_equal(sent - c->s[i].ack, 50000);
    uint32_t end = c->s[i].seq + sizeof written - 1;
    for (unsigned j = i; j < c->count; j++)
        taken += is_from_server(c, &c->s[j]) && c->s[j].ack == end;
    assert_true(taken >= 1);
    free(c->octets);
}

static void f_7_what_exceeds_64_kb_goes_to_the_intruder(void **state)
{
    (void)state;
    enum { FIRST_WRITE = 1000, FIRST_ANSWER = 1000, SPILLED_AT_LEAST = 69000 - 65536 };
    const struct conversation *c = read_conversation("F-7");
    uint64_t to_client = 0, to_intruder = 0;
    for (unsigned i = 0; i < c->count; i++) {
        const struct plait_segment *s = &c->s[i];
        if (!is_from_server(c, s) || !s->payload_octets)
            continue;
        if (plait_addr_equal(&s->ip.dst, &c->client.addr)) {
            to_client += s->payload_octets;
        } else {
            assert_true(to_client > FIRST_ANSWER + FIRST_WRITE); /* nothing of small writes */
            to_intruder += s->payload_octets;
        }
    }
    assert_true(to_intruder >= SPILLED_AT_LEAST);
    assert_true(to_intruder < to_client / 4);
    free(c->octets);
}

int main(int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : "tests/captures";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(f_1_one_port_of_three_is_refused),
        cmocka_unit_test(f_2_nine_ids_then_eight),
        cmocka_unit_test(f_3_both_paths_end_unasked),
        cmocka_unit_test(f_4_the_first_mp_prio_takes_back_what_was_never_said),
        cmocka_unit_test(f_5_a_number_of_the_window_and_the_key_end_all),
        cmocka_unit_test(f_6_an_acknowledgment_50000_octets_old_is_taken),
        cmocka_unit_test(f_7_what_exceeds_64_kb_goes_to_the_intruder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
