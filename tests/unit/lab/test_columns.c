/* Columns that come from outside: which column's threats apply to them, and what they may not be.
 */
#include "tests/unit/test.h"

#include <string.h>

#include "lab/columns.h"

static void assert_resembles(const struct plait_mechanism *m, enum plait_protocol column)
{
    enum plait_protocol found = plait_column_resembling(m);
    if (found != column)
        fail_msg("%s resembles %s, not %s", m->name, plait_protocol_name(found),
                 plait_protocol_name(column));
}

static void each_column_resembles_itself(void **state)
{
    (void)state;
    for (int i = PLAIT_TCP + 1; i < PLAIT_PROTOCOL_COUNT; i++)
        assert_resembles(plait_protocol_mechanism((enum plait_protocol)i),
                         plait_protocol_resembled((enum plait_protocol)i));
}

static bool opens_all(uint64_t own_key, uint64_t peer_key, const struct plait_mptcp_option *option)
{
    (void)own_key, (void)peer_key, (void)option;
    return true;
}

/* Messages decide, not how they are proven: an unsound mechanism must be attacked as a sound one.
 */
static void proofs_do_not_matter(void **state)
{
    (void)state;
    struct plait_mechanism m = plait_mechanism_v1;
    m.join_proof = NULL;
    m.open = opens_all;
    assert_resembles(&m, PLAIT_MPTCP_V1);
    m = plait_mechanism_v0;
    m.join_proof = NULL;
    assert_resembles(&m, PLAIT_MPTCP_V0);
}

/* Nothing applies that needs a message which is not there. */
static void a_column_s_messages_must_all_be_there(void **state)
{
    (void)state;
    struct plait_mechanism m = plait_mechanism_v1;
    m.has_addr_options = m.addr_is_echoed = false;
    assert_resembles(&m, PLAIT_BASIC_M1H); /* paths by handshake, and no address options */
    m = plait_mechanism_m1n;
    m.reach = PLAIT_REACH_NONE;
    assert_resembles(&m, PLAIT_BASIC_M0E);
    m = plait_mechanism_v1;
    m.mapping = PLAIT_MAPPING_SEQUENCE;
    assert_resembles(&m, PLAIT_TCP); /* none */
}

/* ---- adding -----------------------------------------------------------------------------------
 */

static struct plait_mechanism table;

static const struct plait_mechanism *give_table(void)
{
    return &table;
}

static const struct plait_mechanism_offer offer = {
    .interface = PLAIT_MECHANISM_INTERFACE, .size_octets = sizeof table, .table = give_table};

static void assert_refused(const struct plait_mechanism_offer *o, const char *text)
{
    char expected[128] = "";
    enum plait_protocol protocol;
    int count = plait_protocol_count();
    assert_false(plait_column_add(o, NULL, &protocol, expected, sizeof expected));
    if (!strstr(expected, text))
        fail_msg("\"%s\" is not in \"%s\"", text, expected);
    assert_int_equal(plait_protocol_count(), count);
}

static void what_cannot_be_a_column_is_refused(void **state)
{
    (void)state;
    struct plait_mechanism_offer o = offer;
    table = plait_mechanism_v1;
    assert_refused(&o, "another name than v1");
    table.name = "tcp";
    assert_refused(&o, "another name than tcp");
    table.name = "mine";
    o.interface = 7;
    assert_refused(&o, "interface 1");
    o = offer;
    o.resembles = "v7";
    assert_refused(&o, "one of v1, v0");
    o.resembles = "tcp";
    assert_refused(&o, "one of v1, v0");
    o = offer;
    table.mapping = PLAIT_MAPPING_SEQUENCE;
    assert_refused(&o, "one of v1, v0");
}

static void a_column_is_what_its_offer_says(void **state)
{
    (void)state;
    char expected[128];
    enum plait_protocol protocol;
    struct plait_mechanism_offer o = offer;
    table = plait_mechanism_v1;
    table.name = "mine";
    o.resembles = "M1h";
    assert_true(plait_column_add(&o, "mine.so", &protocol, expected, sizeof expected));
    assert_int_equal(protocol, PLAIT_PROTOCOL_COUNT);
    assert_int_equal(plait_protocol_count(), PLAIT_PROTOCOL_COUNT + 1);
    assert_string_equal(plait_protocol_name(protocol), "mine");
    assert_ptr_equal(plait_protocol_mechanism(protocol), &table);
    assert_int_equal(plait_protocol_resembled(protocol), PLAIT_BASIC_M1H);
    assert_false(plait_protocol_has_policies(protocol)); /* as that column */
    assert_int_equal(plait_protocol_option(protocol), PLAIT_MECHANISM_OUTSIDE);
    assert_ptr_equal(plait_protocol_offer(protocol), &o);
    assert_string_equal(plait_protocol_file(protocol), "mine.so");
    struct plait_options options = {.mechanisms = {PLAIT_MECHANISM_OUTSIDE}, .outside = &o};
    assert_string_equal(plait_option_name(&options), "mine");
    assert_ptr_equal(plait_mechanism_of_version(table.version), &plait_mechanism_v1);
    assert_refused(&o, "another name than mine");
    assert_null(plait_protocol_offer(PLAIT_MPTCP_V1));
    assert_int_equal(plait_protocol_resembled(PLAIT_BASIC_M2), PLAIT_BASIC_M2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_column_resembles_itself),
        cmocka_unit_test(proofs_do_not_matter),
        cmocka_unit_test(a_column_s_messages_must_all_be_there),
        cmocka_unit_test(what_cannot_be_a_column_is_refused),
        cmocka_unit_test(a_column_is_what_its_offer_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
