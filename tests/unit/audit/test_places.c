/* What several places of a capture show: packets that passed one end's link and never the other's,
 * edits between two places, and whose device completes checksums. */
#include "mechanism/mechanism.h"
#include "tests/unit/audit/fixture.h"

struct stage {
    struct ear *ear;
    struct talk t;
};

static struct stage stage_of(bool is_whole)
{
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = 4u << 20;
    limits.is_whole = is_whole;
    struct stage s = {.ear = ear_with(&limits)};
    s.t = talk(s.ear, 1);
    return s;
}

/* ---- one end's link alone ---- */

enum { CLIENTS_LINK, SERVERS_LINK };
enum where { BOTH_LINKS, RECEIVERS_LINK };

/* A packet of END, seen at its own link and the peer's, or at the latter alone. */
static void pass(struct talk *t, unsigned path, unsigned end, enum where where, uint8_t flags,
                 const struct plait_mptcp_option *option, const void *payload, size_t octets)
{
    uint32_t seq = t->path[path].seq[end];
    if (where == BOTH_LINKS) {
        t->input = end ? SERVERS_LINK : CLIENTS_LINK;
        say(t, path, end, flags, option, option != NULL, payload, octets);
        t->path[path].seq[end] = seq;
        t->ip_id--;
    }
    t->input = end ? CLIENTS_LINK : SERVERS_LINK;
    say(t, path, end, flags, option, option != NULL, payload, octets);
}

static struct plait_mptcp_option hello_of(const struct talk *t, enum plait_hello_step step,
                                          unsigned end)
{
    struct plait_hello_values values = {.sender_key = t->key[end], .receiver_key = t->key[!end]};
    struct plait_mptcp_option option;
    plait_mechanism_v1.write_hello(step, &values, &option);
    return option;
}

static void pass_data(struct talk *t, unsigned path, unsigned end, enum where where,
                      const char *text)
{
    size_t length = strlen(text);
    struct plait_mptcp_option o = mapping(t, path, end, t->next_dsn[end], (uint16_t)length);
    pass(t, path, end, where, PLAIT_ACK, &o, text, length);
    t->next_dsn[end] += length;
}

static struct stage seen_at_both(bool is_whole)
{
    struct stage s = stage_of(is_whole);
    struct plait_mptcp_option syn = hello_of(&s.t, PLAIT_STEP_SYN, 0),
                              answer = hello_of(&s.t, PLAIT_STEP_SYN_ACK, 1),
                              ack = hello_of(&s.t, PLAIT_STEP_THIRD_ACK, 0);
    pass(&s.t, 0, 0, BOTH_LINKS, PLAIT_SYN, &syn, NULL, 0);
    pass(&s.t, 0, 1, BOTH_LINKS, PLAIT_SYN | PLAIT_ACK, &answer, NULL, 0);
    pass(&s.t, 0, 0, BOTH_LINKS, PLAIT_ACK, &ack, NULL, 0);
    pass_data(&s.t, 0, 0, BOTH_LINKS, "request");
    pass_data(&s.t, 0, 1, BOTH_LINKS, "response");
    return s;
}

static void send_reset(struct talk *t, enum where where)
{
    pass(t, 0, 0, where, PLAIT_RST | PLAIT_ACK, NULL, NULL, 0);
}

static void send_fastclose(struct talk *t, enum where where)
{
    struct plait_mptcp_option o = {.subtype = PLAIT_MP_FASTCLOSE,
                                   .fastclose = {.receiver_key = t->key[1]}};
    pass(t, 0, 0, where, PLAIT_ACK, &o, NULL, 0);
}

static void send_data_fin(struct talk *t, enum where where)
{
    struct plait_mptcp_option o = mapping(t, 0, 0, t->next_dsn[0], 1);
    o.dss.data_fin = true;
    o.dss.ssn = 0;
    pass(t, 0, 0, where, PLAIT_ACK, &o, NULL, 0);
}

static void send_prio(struct talk *t, enum where where)
{
    struct plait_mptcp_option o = {.subtype = PLAIT_MP_PRIO, .prio = {.backup = true}};
    pass(t, 0, 0, where, PLAIT_ACK, &o, NULL, 0);
}

static void send_data(struct talk *t, enum where where)
{
    pass_data(t, 0, 0, where, "injected");
}

static const struct {
    void (*send)(struct talk *, enum where);
    const char *rule;
} messages[] = {{send_reset, "rst-elsewhere"},
                {send_fastclose, "fastclose-elsewhere"},
                {send_data_fin, "data-fin-elsewhere"},
                {send_prio, "control-elsewhere"},
                {send_data, "data-elsewhere"}};

static void what_passed_its_receivers_link_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        struct stage forged = seen_at_both(true), genuine = seen_at_both(true),
                     in_part = seen_at_both(false);
        messages[i].send(&forged.t, RECEIVERS_LINK);
        ear_done(forged.ear, messages[i].rule);
        messages[i].send(&genuine.t, BOTH_LINKS);
        ear_done(genuine.ear, NULL);
        messages[i].send(&in_part.t, RECEIVERS_LINK); /* the other sighting may be missing */
        ear_done(in_part.ear, NULL);
    }
}

/* Once somebody knows that packets are missing, nothing is said of what was seen at one link. */
static void what_passed_one_link_of_a_capture_that_turned_out_to_have_gaps(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        struct stage s = seen_at_both(true);
        plait_audit_not_whole(s.ear->audit);
        messages[i].send(&s.t, RECEIVERS_LINK);
        ear_done(s.ear, NULL);
    }
}

/* So late that it is not known for the same packet any more. */
static void what_comes_very_late_was_sent(void **state)
{
    (void)state;
    struct stage s = seen_at_both(true);
    s.t.input = CLIENTS_LINK;
    uint32_t seq = s.t.path[0].seq[0];
    struct plait_mptcp_option o = mapping(&s.t, 0, 0, 7, 4), prio = {.subtype = PLAIT_MP_PRIO};
    say(&s.t, 0, 0, PLAIT_ACK, &prio, 1, NULL, 0);
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "late", 4);
    s.t.now_ns += 2 * PLAIT_S;
    s.t.path[0].seq[0] = seq;
    s.t.ip_id -= 2;
    s.t.input = SERVERS_LINK;
    say(&s.t, 0, 0, PLAIT_ACK, &prio, 1, NULL, 0);
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "late", 4);
    ear_done(s.ear, NULL);
}

/* A box may take the option off a reset. */
static void a_reset_that_lost_its_option_was_sent(void **state)
{
    (void)state;
    struct stage s = seen_at_both(true);
    struct plait_mptcp_option o = {.subtype = PLAIT_MP_FASTCLOSE,
                                   .fastclose = {.receiver_key = s.t.key[1]}};
    s.t.input = CLIENTS_LINK;
    say(&s.t, 0, 0, PLAIT_RST | PLAIT_ACK, &o, 1, NULL, 0);
    s.t.input = SERVERS_LINK;
    say(&s.t, 0, 0, PLAIT_RST | PLAIT_ACK, NULL, 0, NULL, 0);
    ear_done(s.ear, NULL);
}

/* A NAT gives the answer other ports: at the client's link it is another flow, and so is the reset
 * that it draws. */
static void a_reset_of_a_handshake_may_be_of_another_flow_elsewhere(void **state)
{
    (void)state;
    struct stage s = seen_at_both(true);
    struct plait_mptcp_option syn = join_syn(&s.t, 0, 77, 1),
                              answer = join_answer(&s.t, 1, 88, 77, 0);
    pass(&s.t, 1, 0, BOTH_LINKS, PLAIT_SYN, &syn, NULL, 0);
    s.t.input = SERVERS_LINK;
    say(&s.t, 1, 1, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
    pass(&s.t, 1, 0, RECEIVERS_LINK, PLAIT_RST, NULL, NULL, 0);
    ear_done(s.ear, NULL);
}

static void a_join_that_passed_none_of_its_alleged_senders_links(void **state)
{
    (void)state;
    for (enum where where = BOTH_LINKS; where <= RECEIVERS_LINK; where++) {
        struct stage s = seen_at_both(true);
        struct plait_mptcp_option syn = join_syn(&s.t, 0, 77, 1);
        pass(&s.t, 1, 0, where, PLAIT_SYN, &syn, NULL, 0);
        ear_done(s.ear, where == BOTH_LINKS ? NULL : "join-elsewhere");
    }
}

/* So many SYNs of others that nothing is remembered of what came before. */
static void forget(struct talk *t)
{
    struct talk others = talk(t->ear, 1);
    others.path[0].place[0].port = 50000;
    others.input = CLIENTS_LINK;
    for (unsigned i = 0; i < 20000; i++) {
        others.now_ns = t->now_ns;
        others.path[0].seq[0] = i * 7919u;
        say(&others, 0, 0, PLAIT_SYN, NULL, 0, NULL, 0);
    }
    t->now_ns = others.now_ns;
}

/* A NAT stands between the taps, and it is not known for the same SYN any more: its nonce is that
 * of a join under way (seed 20007173 of tests/audit). */
static void a_join_that_passed_its_senders_link_under_another_name(void **state)
{
    (void)state;
    for (uint32_t nonce = 77; nonce < 79; nonce++) {
        struct stage s = seen_at_both(true);
        struct plait_mptcp_option syn = join_syn(&s.t, 0, 77, 1),
                                  other = join_syn(&s.t, 0, nonce, 1);
        s.t.input = CLIENTS_LINK;
        say(&s.t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
        forget(&s.t);
        s.t.path[1].seq[0]--;
        s.t.path[1].place[0].port++;
        s.t.input = SERVERS_LINK;
        say(&s.t, 1, 0, PLAIT_SYN, &other, 1, NULL, 0);
        ear_done(s.ear, nonce == 77 ? NULL : "join-elsewhere");
    }
}

/* A further link of his, which is captured: it may be his. */
static void a_join_that_passed_a_link_of_its_own(void **state)
{
    (void)state;
    struct stage s = seen_at_both(true);
    struct plait_mptcp_option syn = join_syn(&s.t, 0, 77, 1);
    s.t.input = 2;
    say(&s.t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    ear_done(s.ear, NULL);
}

/* ---- edits ---- */

/* Two interfaces of one file are two places, as two files are (C-MB-4). */
static void octets_that_are_edited_between_two_interfaces(void **state)
{
    (void)state;
    for (uint16_t interface = 0; interface < 2; interface++) {
        struct stage s = stage_of(false);
        hello(&s.t);
        data(&s.t, 0, 0, "PORT 10,0,0,1");
        s.t.path[0].seq[0] -= 13;
        s.ear->interface = interface;
        data_at(&s.t, 0, 0, 0, "PORT 198,18,1");
        ear_done(s.ear, interface ? NULL : "contradiction");
    }
}

/* A box that edits payload may make it longer: what it added is nobody's injection (T-CSUM-1). */
static void what_a_box_added_behind_an_edit_is_not_held_against_anyone(void **state)
{
    (void)state;
    for (unsigned edits = 0; edits < 2; edits++) {
        struct stage s = seen_at_both(true);
        const struct talk before = s.t;
        pass_data(&s.t, 0, 0, BOTH_LINKS, "PORT 10,0,0,1");
        const uint32_t seq = s.t.path[0].seq[0];
        if (edits) {
            s.t.path[0].seq[0] = before.path[0].seq[0];
            s.t.next_dsn[0] = before.next_dsn[0];
            pass_data(&s.t, 0, 0, RECEIVERS_LINK, "PORT 198,18,1");
            s.t.path[0].seq[0] = seq;
        }
        pass_data(&s.t, 0, 0, RECEIVERS_LINK, "more");
        ear_done(s.ear, edits ? NULL : "data-elsewhere");
    }
}

/* ---- checksums ---- */

static void a_checksum_is_left_to_the_device_by_who_does_always(void **state)
{
    (void)state;
    for (unsigned always = 0; always < 2; always++) {
        struct stage s = stage_of(false);
        hello(&s.t);
        s.t.is_left_to_device = always;
        for (unsigned i = 0; i < 5; i++)
            data(&s.t, 0, 0, "right");
        s.t.is_left_to_device = true;
        data(&s.t, 0, 0, "forged");
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_BAD_CHECKSUM), !always);
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_OFFLOADED), always ? 6 : 0);
        assert_int_equal(s.ear->stream[0][0].length, always ? 31 : 25);
        ear_done(s.ear, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_passed_its_receivers_link_alone),
        cmocka_unit_test(what_passed_one_link_of_a_capture_that_turned_out_to_have_gaps),
        cmocka_unit_test(what_comes_very_late_was_sent),
        cmocka_unit_test(a_reset_that_lost_its_option_was_sent),
        cmocka_unit_test(a_reset_of_a_handshake_may_be_of_another_flow_elsewhere),
        cmocka_unit_test(a_join_that_passed_none_of_its_alleged_senders_links),
        cmocka_unit_test(a_join_that_passed_its_senders_link_under_another_name),
        cmocka_unit_test(a_join_that_passed_a_link_of_its_own),
        cmocka_unit_test(octets_that_are_edited_between_two_interfaces),
        cmocka_unit_test(what_a_box_added_behind_an_edit_is_not_held_against_anyone),
        cmocka_unit_test(a_checksum_is_left_to_the_device_by_who_does_always),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
