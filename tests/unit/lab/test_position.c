/* Positions are a partial order, and the presets stand in it where the catalogue says. */
#include "tests/unit/test.h"

#include "lab/position.h"
#include "net/net.h"

static size_t count;
static const char *const *names;

static bool within(size_t weaker, size_t stronger)
{
    return plait_position_within(plait_position(names[weaker]), plait_position(names[stronger]));
}

static void names_are_unique_and_found(void **state)
{
    (void)state;
    assert_true(count >= 10);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(plait_position(names[i]));
        assert_string_equal(plait_position(names[i])->name, names[i]);
        assert_true(plait_position(names[i])->text[0]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(names[i], names[j]);
    }
    assert_null(plait_position("ON1"));
    assert_null(plait_position(""));
}

static void order_is_reflexive(void **state)
{
    (void)state;
    for (size_t i = 0; i < count; i++)
        assert_true(within(i, i));
}

/* No two rows are the same position. */
static void order_is_antisymmetric(void **state)
{
    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (i != j && within(i, j) && within(j, i))
                fail_msg("%s and %s are one", names[i], names[j]);
}

static void order_is_transitive(void **state)
{
    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            for (size_t k = 0; k < count; k++)
                if (within(i, j) && within(j, k) && !within(i, k))
                    fail_msg("%s, %s, %s", names[i], names[j], names[k]);
}

/* The same over every row that the type can express, presets or not. */
static void order_holds_beyond_the_presets(void **state)
{
    (void)state;
    enum { ROWS = 4 * 4 * 4 * 2 * 2 * 4 };
    static struct plait_position all[ROWS];
    static const unsigned rights[] = {0, PLAIT_MAY_SEE, PLAIT_MAY_SEE | PLAIT_MAY_DROP,
                                      PLAIT_MAY_SEE | PLAIT_MAY_ALTER};
    for (unsigned i = 0; i < ROWS; i++)
        all[i] = (struct plait_position){.presence = (enum plait_presence)(i & 3),
                                         .paths = i >> 2 & 3,
                                         .tap_rights = rights[i >> 4 & 3],
                                         .may_spoof = i >> 6 & 1,
                                         .participant = i >> 7 & 1,
                                         .ways = i >> 8 & 3};
    for (unsigned i = 0; i < ROWS; i++)
        for (unsigned j = 0; j < ROWS; j++) {
            bool forth = plait_position_within(&all[i], &all[j]);
            if (forth && plait_position_within(&all[j], &all[i]))
                assert_int_equal(i, j);
            for (unsigned k = 0; forth && k < ROWS; k++)
                if (plait_position_within(&all[j], &all[k]))
                    assert_true(plait_position_within(&all[i], &all[k]));
        }
}

static void presets_stand_where_the_catalogue_says(void **state)
{
    (void)state;
    static const struct {
        const char *weaker, *stronger;
        bool forth, back;
    } rows[] = {
        {"OFF-NS", "OFF", true, false},
        {"OFF", "PE-H", true, false},
        {"OFF", "PART", true, false},
        {"PE-H", "PA-H", true, false},
        {"PE-HC", "PE-H", true, false}, /* half of it */
        {"OFF", "PE-HC", true, false},
        {"PE-J", "PA-J", true, false},
        {"PE-H", "ON1-E", true, false},
        {"PA-H", "ON1-A", true, false},
        {"PA-H", "ON1-E", false, false}, /* acts, but leaves */
        {"ON1-E", "ON1-A", true, false},
        {"ON1-A", "ONALL", true, false},
        {"ON2-E", "ON2-A", true, false},
        {"PART", "PART-L", true, false},
        {"PART", "PART-Y", true, false},
        {"OFF-NS", "HEIR-1", true, false},
        {"ON2-A", "ONALL", true, false},
        {"PE-J1", "PA-J1", true, false},
        {"PE-J1", "ON1-E", true, false},
        {"PE-J1", "PE-J", false, false}, /* another path */
        {"HEIR-2", "HEIR-J", true, false},
        {"PA-J", "ONALL", true, false},
        {"PE-J", "ON1-A", false, false}, /* another path */
        {"PE-H", "PE-J", false, false},
        {"PART", "ONALL", false, false}, /* the one is an end, the other alters */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct plait_position *w = plait_position(rows[i].weaker);
        const struct plait_position *s = plait_position(rows[i].stronger);
        if (plait_position_within(w, s) != rows[i].forth ||
            plait_position_within(s, w) != rows[i].back)
            fail_msg("%s and %s", rows[i].weaker, rows[i].stronger);
    }
}

/* Whoever heard the one handshake did not hear the other. */
static void handshakes_are_two_moments(void **state)
{
    (void)state;
    struct plait_position first = *plait_position("PE-H"), later = first;
    later.presence = PLAIT_LATER_HANDSHAKE;
    assert_false(plait_position_within(&first, &later));
    assert_false(plait_position_within(&later, &first));
}

/* Who hears one direction stands below who hears both, and beside who hears the other. */
static void one_direction_is_less_than_both(void **state)
{
    (void)state;
    const struct plait_position both = *plait_position("PE-H");
    struct plait_position forth = both, back = both;
    forth.ways = PLAIT_A_TO_B;
    back.ways = PLAIT_B_TO_A;
    assert_true(plait_position_within(&forth, &both));
    assert_false(plait_position_within(&both, &forth));
    assert_false(plait_position_within(&forth, &back));
    assert_false(plait_position_within(&back, &forth));
}

static void without_spoofing_he_stands_lower(void **state)
{
    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct plait_position *row = plait_position(names[i]);
        const struct plait_position with = plait_position_standing(row, true);
        const struct plait_position without = plait_position_standing(row, false);
        assert_true(plait_position_within(&without, &with));
        assert_int_equal(plait_position_within(&with, &without), !row->may_spoof);
    }
    const struct plait_position off = plait_position_standing(plait_position("OFF"), false);
    assert_true(plait_position_within(&off, plait_position("OFF-NS")));
}

static void assert_minimal(const char *const *given, const char *wanted)
{
    struct plait_position rows[8] = {0};
    bool is_minimal[8] = {false};
    char got[128] = "";
    size_t n = 0;
    for (; given[n]; n++)
        rows[n] = *plait_position(given[n]);
    plait_position_minimal(rows, n, is_minimal);
    for (size_t i = 0; i < n; i++)
        if (is_minimal[i])
            strcat(strcat(got, given[i]), " ");
    assert_string_equal(got, wanted);
}

/* What is above another falls out, what is beside another stays, and what is there twice is there
 * once. */
static void the_minimal_ones_are_found(void **state)
{
    (void)state;
    assert_minimal((const char *const[]){NULL}, "");
    assert_minimal((const char *const[]){"ONALL", NULL}, "ONALL ");
    assert_minimal((const char *const[]){"ON1-A", "PE-H", "PA-H", "ON1-E", NULL}, "PE-H ");
    assert_minimal((const char *const[]){"PE-H", "PE-J", "ON2-A", NULL}, "PE-H PE-J ");
    assert_minimal((const char *const[]){"PE-J", "OFF", "HEIR-1", NULL}, "OFF HEIR-1 ");
    assert_minimal((const char *const[]){"OFF", "PE-H", "OFF-NS", "HEIR-2", "PART", NULL},
                   "OFF-NS ");
    assert_minimal((const char *const[]){"PE-H", "PE-H", NULL}, "PE-H ");
    const struct plait_position twice[] = {*plait_position("PE-H"), *plait_position("PE-H")};
    bool is_minimal[2];
    plait_position_minimal(twice, 2, is_minimal);
    assert_true(is_minimal[0] && !is_minimal[1]);
}

static void off_path_without_spoofing_is_the_weakest(void **state)
{
    (void)state;
    const struct plait_position *weakest = plait_position("OFF-NS");
    for (size_t i = 0; i < count; i++)
        assert_true(plait_position_within(weakest, plait_position(names[i])));
}

static int list(void **state)
{
    (void)state;
    names = plait_position_names(&count);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_found),
        cmocka_unit_test(order_is_reflexive),
        cmocka_unit_test(order_is_antisymmetric),
        cmocka_unit_test(order_is_transitive),
        cmocka_unit_test(order_holds_beyond_the_presets),
        cmocka_unit_test(presets_stand_where_the_catalogue_says),
        cmocka_unit_test(handshakes_are_two_moments),
        cmocka_unit_test(one_direction_is_less_than_both),
        cmocka_unit_test(without_spoofing_he_stands_lower),
        cmocka_unit_test(the_minimal_ones_are_found),
        cmocka_unit_test(off_path_without_spoofing_is_the_weakest),
    };
    return cmocka_run_group_tests(tests, list, NULL);
}
