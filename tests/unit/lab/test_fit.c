/* Which cases make sense on a user's net and with his traffic, and why not. */
#include "tests/unit/test.h"

#include "lab/absence.h"
#include "lab/fit.h"

/* No catalogue is asked here. */
const struct plait_absence plait_absences[1];
const size_t plait_absence_count = 0;

static struct plait_topology net(const char *text)
{
    struct plait_topology topology;
    struct plait_line_error error;
    if (!plait_topology_parse(text, strlen(text), &topology, &error))
        fail_msg("line %u: %s", error.line, error.text);
    return topology;
}

static struct plait_traffic says(const char *text)
{
    struct plait_traffic traffic;
    struct plait_line_error error;
    if (!plait_workload_parse(text, strlen(text), &traffic, &error))
        fail_msg("line %u: %s", error.line, error.text);
    return traffic;
}

#define ONE      "path a"
#define TWO      "path a\npath b"
#define STRIPPED "path a strip-mptcp\npath b"
#define SECOND   "path a\npath b strip-mptcp"
#define NAT_1    "path a nat\npath b"
#define NAT_2    "path a\npath b nat"
#define IDLE     "client idle"
#define DOWN     "server bulk 1kB every 1s"
#define UP       "client bulk 1kB every 1s"
#define LITTLE   "server trickle 100B every 500ms"

static const struct row {
    const char *net, *traffic, *position;
    unsigned paths, goals;
    enum plait_misfit expected;
    enum plait_protocol protocol;
    enum plait_family family;
    bool one_path_too, adds_second, nat, needs_volume;
    enum plait_expect expect;
} rows[] = {
    {TWO, NULL, "PE-H", 2, PLAIT_GOAL_BIT(READ), PLAIT_FITS, .protocol = PLAIT_MPTCP_V1},
    {TWO "\nfamily ipv6", NULL, "PE-H", 1, 1, PLAIT_MISFIT_FAMILY, .protocol = PLAIT_TCP},
    {TWO "\nfamily ipv4", NULL, "PE-H", 1, 1, PLAIT_MISFIT_FAMILY, .protocol = PLAIT_TCP,
     .family = PLAIT_IPV6},
    {ONE, NULL, "PE-J", 2, 1, PLAIT_MISFIT_POSITION, .protocol = PLAIT_MPTCP_V1},
    {ONE, NULL, "ON2-E", 1, 1, PLAIT_MISFIT_POSITION, .protocol = PLAIT_TCP},
    {ONE, NULL, "ONALL", 1, 1, PLAIT_FITS, .protocol = PLAIT_TCP},
    {ONE, NULL, "PE-H", 2, 1, PLAIT_MISFIT_ONE_PATH, .protocol = PLAIT_MPTCP_V1},
    {ONE, NULL, "PE-H", 2, 1, PLAIT_FITS, .protocol = PLAIT_MPTCP_V1, .one_path_too = true},
    {ONE, NULL, "PE-H", 2, 1, PLAIT_FITS, .protocol = PLAIT_TCP},
    {ONE, NULL, "OFF", 1, 1, PLAIT_MISFIT_ONE_PATH, .protocol = PLAIT_MPTCP_V1,
     .adds_second = true},
    {ONE, NULL, "OFF", 1, 1, PLAIT_MISFIT_ONE_PATH, .protocol = PLAIT_MPTCP_V1, .nat = true},
    {STRIPPED, NULL, "PE-H", 1, 1, PLAIT_MISFIT_STRIPPED, .protocol = PLAIT_MPTCP_V1},
    {STRIPPED, NULL, "PE-H", 1, 1, PLAIT_FITS, .protocol = PLAIT_TCP},
    {SECOND, NULL, "PE-H", 2, 1, PLAIT_MISFIT_ONE_PATH, .protocol = PLAIT_MPTCP_V1,
     .one_path_too = true},
    {SECOND, NULL, "PE-H", 1, 1, PLAIT_FITS, .protocol = PLAIT_MPTCP_V1},
    {NAT_1, NULL, "HEIR-1", 1, 1, PLAIT_MISFIT_LEASE, .protocol = PLAIT_TCP},
    {NAT_1, NULL, "PART-L", 1, 1, PLAIT_MISFIT_LEASE, .protocol = PLAIT_TCP},
    {NAT_1, NULL, "HEIR-2", 1, 1, PLAIT_FITS, .protocol = PLAIT_TCP},
    {NAT_2, NULL, "HEIR-2", 1, 1, PLAIT_MISFIT_LEASE, .protocol = PLAIT_TCP},
    {NAT_2, NULL, "PART-L", 1, 1, PLAIT_FITS, .protocol = PLAIT_TCP},
    {TWO, NULL, "PE-H", 1, 0, PLAIT_MISFIT_NO_TRAFFIC, .protocol = PLAIT_TCP},
    {TWO, IDLE, "OFF", 1, 1, PLAIT_MISFIT_NO_TRAFFIC, .protocol = PLAIT_TCP,
     .expect = PLAIT_MUST_BE_CLEAN},
    {TWO, DOWN, "OFF", 1, 1, PLAIT_FITS, .protocol = PLAIT_TCP, .expect = PLAIT_MUST_BE_CLEAN},
    {TWO, IDLE, "ON1-A", 1, 1, PLAIT_MISFIT_NO_TRAFFIC, .protocol = PLAIT_TCP},
    {TWO, DOWN, "ON1-A", 1, 1, PLAIT_MISFIT_NO_TRAFFIC,
     .protocol = PLAIT_TCP}, /* the victim's peer is silent */
    {TWO, UP, "ON1-A", 1, 1, PLAIT_FITS, .protocol = PLAIT_TCP},
    {TWO, IDLE, "ON1-E", 1, 1, PLAIT_FITS,
     .protocol = PLAIT_TCP}, /* who only hears needs nothing */
    {TWO, IDLE, "PE-H", 1, 1, PLAIT_FITS, .protocol = PLAIT_TCP},
    {TWO, NULL, "ON1-E", 1, 1, PLAIT_FITS, .protocol = PLAIT_TCP, .needs_volume = true},
    {TWO, DOWN, "ON1-E", 1, 1, PLAIT_FITS, .protocol = PLAIT_TCP, .needs_volume = true},
    {TWO, UP, "ON1-E", 1, 1, PLAIT_MISFIT_NO_TRAFFIC, .protocol = PLAIT_TCP, .needs_volume = true},
    {TWO, LITTLE, "ON1-E", 1, 1, PLAIT_MISFIT_NO_TRAFFIC, .protocol = PLAIT_TCP,
     .needs_volume = true},
    {TWO, UP, "HEIR-1", 1, 1, PLAIT_MISFIT_NO_TRAFFIC, .protocol = PLAIT_TCP},
    {TWO, DOWN, "HEIR-1", 1, 1, PLAIT_FITS, .protocol = PLAIT_TCP},
};

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        const struct plait_topology topology = net(row->net);
        const struct plait_traffic traffic =
            row->traffic ? says(row->traffic) : (struct plait_traffic){0};
        const struct plait_case played = {.position = row->position,
                                          .victim = PLAIT_SERVER,
                                          .paths = row->paths,
                                          .one_path_too = row->one_path_too,
                                          .adds_second = row->adds_second,
                                          .boxes = {[1] = row->nat ? PLAIT_BOX_NAT : PLAIT_NO_BOX},
                                          .needs_volume = row->needs_volume,
                                          .expect = row->expect};
        const struct plait_cell cell = {.played = &played,
                                        .protocol = row->protocol,
                                        .family = row->family ? row->family : PLAIT_IPV4,
                                        .goals = row->goals};
        enum plait_misfit found = plait_cell_fit(&cell, &topology, &traffic);
        char text[160];
        plait_misfit_text(found, text, sizeof text);
        if (found != row->expected)
            fail_msg("row %zu: %s", i, text);
        assert_int_equal(text[0] == '\0', found == PLAIT_FITS);
    }
}

static void what_nobody_writes_is_no_goal(void **state)
{
    (void)state;
    const unsigned all = (1u << PLAIT_GOAL_COUNT) - 1;
    const unsigned of_octets = PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(FLOOD_DATA) |
                               PLAIT_GOAL_BIT(DEGRADE) | PLAIT_GOAL_BIT(DIVERT);
    struct plait_traffic down = says(DOWN), own = plait_workload_traffic(PLAIT_IDLE, PLAIT_SERVER);
    assert_int_equal(plait_goals_with(all, &down, PLAIT_SERVER), all);
    assert_int_equal(plait_goals_with(all, &down, PLAIT_CLIENT), all & ~of_octets);
    assert_int_equal(plait_goals_with(all, &own, PLAIT_SERVER), all); /* as the case says */
}

static void paths_that_are_used(void **state)
{
    (void)state;
    const struct plait_case one = {.paths = 1}, two = {.paths = 2};
    const struct plait_topology three = net("path a\npath b\npath c"), strip = net(STRIPPED);
    assert_int_equal(plait_paths_of(&one, &three), 1);
    assert_int_equal(plait_paths_of(&two, &three), 3);
    assert_int_equal(plait_paths_of(&two, &plait_own_topology), 2);
    assert_int_equal(plait_paths_of(&two, &strip), 1);
}

static void cases_that_differ_in_their_workload_are_one(void **state)
{
    (void)state;
    static const struct plait_case cases[] = {
        {.form = "-", .position = "PE-H", .workload = PLAIT_IDLE},
        {.form = "-", .position = "PE-H", .workload = PLAIT_BULK},
        {.form = "-", .position = "PE-J", .workload = PLAIT_BULK},
        {.form = "-", .position = "PE-J", .workload = PLAIT_BULK, .distance = PLAIT_FARTHER},
        {.form = "-", .position = "PE-H", .workload = PLAIT_BULK, .victim = PLAIT_SERVER},
    };
    const struct plait_threat threat = {.cases = cases, .case_count = 5};
    static const bool stands[2][5] = {{true, false, true, true, true},  /* trickle: the first */
                                      {false, true, true, true, true}}; /* bulk: its own */
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(plait_stands_for_twins(&threat, &cases[i], PLAIT_TRICKLE), stands[0][i]);
        assert_int_equal(plait_stands_for_twins(&threat, &cases[i], PLAIT_BULK), stands[1][i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(what_nobody_writes_is_no_goal),
        cmocka_unit_test(paths_that_are_used),
        cmocka_unit_test(cases_that_differ_in_their_workload_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
