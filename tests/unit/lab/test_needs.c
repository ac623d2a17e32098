/* What each column of the matrix has of what a case may need, by its mechanism's table. */
#include "tests/unit/test.h"

#include "lab/columns.h"

static const char NAMES[] = "no message of the mechanism names an address";
static const char ASKING[] = "the mechanism asks nobody who is named";
static const char PAIRS[] = "each path of the mechanism begins with a handshake";

static const struct {
    enum plait_protocol protocol;
    const char *names, *asking, *pairs; /* NULL: it has it */
} rows[] = {
    {PLAIT_MPTCP_V1, NULL, NULL, PAIRS},         {PLAIT_MPTCP_V0, NULL, NULL, PAIRS},
    {PLAIT_BASIC_M0E, NULL, ASKING, NULL},       {PLAIT_BASIC_M0I, NAMES, ASKING, NULL},
    {PLAIT_BASIC_M1N, NULL, NULL, NULL},         {PLAIT_BASIC_M2, NULL, NULL, NULL},
    {PLAIT_BASIC_M1H, NAMES, NULL, PAIRS},       {PLAIT_BASIC_M0E_MAPPED, NULL, NULL, NULL},
    {PLAIT_BASIC_M0I_MAPPED, NAMES, NULL, NULL}, {PLAIT_MPTCP_M4, NULL, NULL, PAIRS},
};

static void assert_lacks(enum plait_protocol protocol, unsigned needs, const char *lack)
{
    const char *said = plait_protocol_lacks(protocol, needs);
    assert_string_equal(said ? said : "", lack ? lack : "");
}

static void columns_lack_what_their_mechanism_lacks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_lacks(rows[i].protocol, PLAIT_NEEDS_NAMES, rows[i].names);
        assert_lacks(rows[i].protocol, PLAIT_NEEDS_ASKING, rows[i].asking);
        assert_lacks(rows[i].protocol, PLAIT_NEEDS_PAIRS, rows[i].pairs);
        assert_lacks(rows[i].protocol, 0, NULL);
    }
}

static void the_first_lack_is_said(void **state)
{
    (void)state;
    assert_lacks(PLAIT_BASIC_M1H, PLAIT_NEEDS_PAIRS | PLAIT_NEEDS_NAMES, NAMES);
    assert_lacks(PLAIT_BASIC_M0E, PLAIT_NEEDS_NAMES | PLAIT_NEEDS_ASKING, ASKING);
    assert_lacks(PLAIT_TCP, PLAIT_NEEDS_NAMES, NULL); /* no mechanism, and no such case */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_lack_what_their_mechanism_lacks),
        cmocka_unit_test(the_first_lack_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
