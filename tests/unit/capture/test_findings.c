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

static struct conversation *read_link(const char *name, unsigned link)
{
    static struct conversation c;
    struct packets p;
    c = (struct conversation){0};
    size_t length_octets = load(name, &c.octets);
    for (packets_open(&p, c.octets, length_octets); packets_next(&p);) {
        if (p.frame.interface != link)
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

static struct conversation *read_conversation(const char *name)
{
    return read_link(name, SERVER_LINK);
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

/* ---- beside the literature ------------------------------------------------------------------- */

static bool is_to(const struct plait_segment *s, const struct plait_place *place)
{
    return plait_addr_equal(&s->ip.dst, &place->addr) && s->dst_port == place->port;
}

static bool is_from(const struct plait_segment *s, const struct plait_place *place)
{
    return plait_addr_equal(&s->ip.src, &place->addr) && s->src_port == place->port;
}

/* Payload of the server's to PLACE, from FROM up to TO; elsewhere if not THERE. */
static size_t octets_to(const struct conversation *c, unsigned from, unsigned to,
                        const struct plait_place *place, bool there)
{
    size_t octets = 0;
    for (unsigned i = from; i < to; i++)
        if (is_from_server(c, &c->s[i]) && is_to(&c->s[i], place) == there)
            octets += c->s[i].payload_octets;
    return octets;
}

/* The first message WHAT from AT on. */
static unsigned find_message(const struct conversation *c, unsigned at, uint8_t what)
{
    for (; at < c->count; at++) {
        const struct plait_mp_control *control = plait_segment_control(&c->s[at]);
        if (control && control->what == what)
            return at;
    }
    fail_msg("no message %u", what);
    return 0;
}

static void e_1_an_implicit_removal_comes_from_the_address_itself(void **state)
{
    (void)state;
    const struct conversation *c = read_conversation("E-1");
    unsigned remove = find_message(c, 0, PLAIT_CONTROL_REMOVE), last = c->count - 1;
    assert_true(is_from(&c->s[remove], &c->client));
    assert_true(octets_to(c, 0, remove, &c->client, true) > 0);
    assert_true(is_from(&c->s[last - 1], &c->client));
    assert_true((c->s[last].flags & PLAIT_RST) && is_to(&c->s[last], &c->client));
    free(c->octets);
}

static void e_2_mp_prio_moves_all_data(void **state)
{
    (void)state;
    const struct conversation *c = read_conversation("E-2");
    unsigned prio = find(c, 0, PLAIT_MP_PRIO);
    assert_true(plait_segment_option(&c->s[prio], PLAIT_MP_PRIO)->prio.backup);
    assert_true(is_from(&c->s[prio], &c->client));
    assert_true(octets_to(c, 0, prio, &c->client, true) > 10000);
    assert_true(octets_to(c, 0, prio, &c->client, false) > 10000);
    assert_int_equal(octets_to(c, prio, c->count, &c->client, true), 0);
    assert_true(octets_to(c, prio, c->count, &c->client, false) > 10000);
    free(c->octets);
}

static void e_3_one_echo_to_a_stranger_for_one_message(void **state)
{
    (void)state;
    const struct conversation *c = read_conversation("E-3");
    unsigned asked = 0, echoed = 0;
    for (unsigned i = 0; i < c->count; i++) {
        const struct plait_mp_control *control = plait_segment_control(&c->s[i]);
        bool of_stranger = !plait_addr_equal(&c->s[i].ip.src, &c->client.addr) &&
                           !plait_addr_equal(&c->s[i].ip.dst, &c->client.addr);
        if (!control || !of_stranger)
            continue;
        asked += control->what == PLAIT_CONTROL_ADD;
        echoed += control->what == PLAIT_CONTROL_ECHO && is_from_server(c, &c->s[i]);
    }
    assert_int_equal(asked, 4);
    assert_int_equal(echoed, 2);
    free(c->octets);
}

static void e_4_data_of_a_pair_that_nobody_named_is_reset(void **state)
{
    (void)state;
    const struct conversation *c = read_conversation("E-4");
    unsigned data = 0;
    for (unsigned i = 0; i < c->count; i++)
        if (c->s[i].payload_octets == 26)
            data = i;
    const struct plait_place from = {c->s[data].ip.src, c->s[data].src_port};
    assert_false(plait_addr_equal(&from.addr, &c->client.addr));
    assert_true(is_to(&c->s[data + 1], &from) && (c->s[data + 1].flags & PLAIT_RST));
    free(c->octets);
}

/* His SYNs carry MP_CAPABLE, those in his name MP_JOIN. */
static void e_5_who_dials_there_is_never_answered(void **state)
{
    (void)state;
    const struct conversation *c = read_conversation("E-5");
    struct plait_place newcomer = {0};
    unsigned joins = 0, resets = 0;
    for (unsigned i = 1; i < c->count; i++)
        if (c->s[i].flags == PLAIT_SYN && plait_segment_option(&c->s[i], PLAIT_MP_CAPABLE))
            newcomer = (struct plait_place){c->s[i].ip.src, c->s[i].src_port};
    assert_int_not_equal(newcomer.port, 0);
    for (unsigned i = 1; i < c->count; i++) {
        const struct plait_segment *s = &c->s[i];
        assert_false(is_to(s, &newcomer) && plait_segment_option(s, PLAIT_MP_CAPABLE));
        joins += is_from(s, &newcomer) && plait_segment_option(s, PLAIT_MP_JOIN);
        resets += is_from(s, &newcomer) && (s->flags & PLAIT_RST);
    }
    assert_true(joins > 30 && resets > 30);
    free(c->octets);
}

/* No message takes a path away, and of all resets one fits: its number was bought at 2^32. */
static void e_6_a_path_is_had_and_the_other_costs_a_reset(void **state)
{
    (void)state;
    const struct conversation *c = read_conversation("E-6");
    unsigned join = 0, resets = 0, last = 0;
    for (unsigned i = 0; i < c->count; i++) {
        const struct plait_segment *s = &c->s[i];
        assert_null(plait_segment_control(s));
        if (s->flags == (PLAIT_SYN | PLAIT_ACK) && plait_segment_option(s, PLAIT_MP_JOIN))
            join = i;
        if (!plait_addr_equal(&s->ip.src, &c->client.addr) || !(s->flags & PLAIT_RST))
            continue;
        resets++; /* wrong in the port, too */
        last = i;
    }
    assert_true(join > 0 && last > join && resets > 1);
    assert_true(is_from(&c->s[last], &c->client));
    const struct plait_place attacker = {c->s[join].ip.dst, c->s[join].dst_port};
    assert_true(octets_to(c, last, c->count, &attacker, true) > 10000);
    assert_int_equal(octets_to(c, last, c->count, &c->client, true), 0);
    free(c->octets);
}

static void e_7_what_follows_mp_fail_has_no_mapping(void **state)
{
    (void)state;
    enum { BEHIND_A_BOX = SERVER_LINK + 1, A_FLIGHT = 40 };
    const struct conversation *c = read_link("E-7", BEHIND_A_BOX);
    unsigned fail = find(c, 0, PLAIT_MP_FAIL), plain = 0;
    assert_true(plait_segment_option(&c->s[0], PLAIT_MP_CAPABLE)->capable.flags &
                PLAIT_CAPABLE_CHECKSUM);
    assert_false(is_from_server(c, &c->s[fail]));
    for (unsigned i = fail + A_FLIGHT; i < c->count; i++) {
        assert_null(plait_segment_option(&c->s[i], PLAIT_DSS));
        plain += c->s[i].payload_octets > 0;
    }
    assert_true(plain > 0);
    free(c->octets);
}

/* Both keys were on the wire, and the proof that he makes of them is refused. */
static void e_8_a_join_without_the_secret_is_reset(void **state)
{
    (void)state;
    const struct conversation *c = read_conversation("E-8");
    const struct plait_mptcp_option *hello = plait_segment_option(&c->s[2], PLAIT_MP_CAPABLE);
    assert_true(hello->capable.has_sender_key && hello->capable.has_receiver_key);
    unsigned syn = find(c, 0, PLAIT_MP_JOIN), answer = find(c, syn + 1, PLAIT_MP_JOIN);
    unsigned proof = find(c, answer + 1, PLAIT_MP_JOIN);
    const struct plait_place intruder = {c->s[syn].ip.src, c->s[syn].src_port};
    assert_false(plait_addr_equal(&intruder.addr, &c->client.addr));
    assert_true(is_to(&c->s[answer], &intruder) && is_from(&c->s[proof], &intruder));
    assert_true(is_to(&c->s[proof + 1], &intruder) && (c->s[proof + 1].flags & PLAIT_RST));
    assert_int_equal(octets_to(c, syn, c->count, &intruder, true), 0);
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
        cmocka_unit_test(e_1_an_implicit_removal_comes_from_the_address_itself),
        cmocka_unit_test(e_2_mp_prio_moves_all_data),
        cmocka_unit_test(e_3_one_echo_to_a_stranger_for_one_message),
        cmocka_unit_test(e_4_data_of_a_pair_that_nobody_named_is_reset),
        cmocka_unit_test(e_5_who_dials_there_is_never_answered),
        cmocka_unit_test(e_6_a_path_is_had_and_the_other_costs_a_reset),
        cmocka_unit_test(e_7_what_follows_mp_fail_has_no_mapping),
        cmocka_unit_test(e_8_a_join_without_the_secret_is_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
