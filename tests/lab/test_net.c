/* Runs of our own endpoint on nets of a user's, in virtual time: what the file says is what the
 * packets meet. */
#include "tests/lab/runs.h"

#include <stdio.h>

#include "lab/plan.h"

static struct plait_scenario on(const char *net, struct plait_scenario s)
{
    struct plait_line_error error;
    if (!plait_topology_parse(net, strlen(net), &s.topology, &error))
        fail_msg("line %u: %s", error.line, error.text);
    s.target[PLAIT_CLIENT] = s.target[PLAIT_SERVER] = PLAIT_TARGET_PLAIT;
    s.paths = s.paths > 1 ? plait_topology_usable(&s.topology) : 1;
    return s;
}

static struct plait_scenario with(const char *file, struct plait_scenario s)
{
    struct plait_line_error error;
    if (!plait_workload_parse(file, strlen(file), &s.traffic, &error))
        fail_msg("line %u: %s", error.line, error.text);
    return s;
}

/* When the N-th rung with TEXT was; -1 if there is none. */
static json_int_t when(const json_t *report, const char *from, const char *text, unsigned n)
{
    size_t i;
    json_t *rung;
    json_array_foreach(at(report, "ladder"), i, rung)
    {
        if (strcmp(text_at(rung, "from"), from) == 0 && strstr(text_at(rung, "text"), text) &&
            n-- == 0)
            return json_integer_value(at(rung, "at_ns"));
    }
    return -1;
}

/* There and back: up and down of the path, down and up of the server. */
static void packets_take_as_long_as_the_file_says(void **state)
{
    (void)state;
    struct plait_scenario s = on("path a delay-up 10ms delay-down 20ms\npath b delay 50ms\n"
                                 "server delay 5ms",
                                 control_scenario(50 * PLAIT_MS));
    json_t *report = report_of(&s);
    assert_whole(report);
    json_int_t answer_ns = when(report, "server", "SYN/ACK", 0);
    assert_int_equal(answer_ns, 15 * PLAIT_MS);
    assert_int_equal(when(report, "client", "ACK MP_CAPABLE", 0), 40 * PLAIT_MS);
    json_int_t join_ns = when(report, "client", "SYN MP_JOIN", 0);
    assert_int_equal(when(report, "server", "SYN/ACK MP_JOIN", 0) - join_ns, 55 * PLAIT_MS);
    json_decref(report);
}

static const char *const hard_nets[] = {
    "path a nat",
    "path a mtu 1280\npath b mtu 1400 nat",
    "path a loss 2%\npath b reorder 10% reorder-by 3ms duplicate 3%\npath c delay 30ms nat",
    "path a\npath b strip-mptcp\npath c nat\nserver loss 1%\nattacker farther",
    "path a delay 1s\nserver delay 1s\nattacker farther",
    "path a rate-down 4Mbit/s rate-up 1Mbit/s queue 20kB\npath b delay 300ms\nattacker nearer",
};

/* Keys that were overheard take a connection over on any net, whichever end is attacked. */
static void overheard_keys_take_over_on_every_net(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hard_nets / sizeof hard_nets[0]; i++)
        for (int family = PLAIT_IPV4; family <= PLAIT_IPV6; family += PLAIT_IPV6 - PLAIT_IPV4) {
            struct plait_scenario s = on(hard_nets[i], ts_2_scenario());
            s.policy = PLAIT_POLICY_PERMISSIVE; /* there may be three paths */
            s.family = (enum plait_family)family;
            s.watch_ns = 2 * PLAIT_S;
            json_t *report = report_of(&s);
            assert_whole(report);
            assert_true(json_is_true(at(report, "finished")));
            assert_int_equal(json_integer_value(at(report, "delivered")),
                             json_integer_value(at(report, "sent")));
            if (!reached(report, "takeover") || !reached(report, "read"))
                fail_msg("not on: %s", hard_nets[i]);
            json_decref(report);
        }
}

/* A client behind a NAT has an address that others reach: its connection's port. */
static void a_client_behind_a_nat_answers_the_probe(void **state)
{
    (void)state;
    struct plait_scenario s = on("path a nat\npath b", ts_2_scenario());
    s.victim = PLAIT_CLIENT;
    json_t *report = report_of(&s);
    assert_whole(report);
    assert_true(json_is_true(at(report, "finished")));
    assert_int_equal(json_integer_value(at(report, "delivered")),
                     json_integer_value(at(report, "sent")));
    json_decref(report);
}

/* From the attacker's SYN until the server answers it. */
static json_int_t way_of_attack_ns(const char *net, enum plait_distance distance)
{
    struct plait_scenario s = on(net, ts_2_scenario());
    s.distance = distance;
    json_t *report = report_of(&s);
    assert_whole(report);
    json_int_t ns = -1, left_ns = when(report, "attacker", "SYN MP_JOIN", 0);
    for (unsigned n = 0; (ns = when(report, "server", "SYN/ACK MP_JOIN", n)) >= 0; n++)
        if (ns > left_ns)
            break;
    json_decref(report);
    return ns - left_ns;
}

static void attackers_stand_nearer_and_farther(void **state)
{
    (void)state;
    static const char net[] = "path a delay 20ms\npath b\nserver delay 1ms\nattacker delay 7ms";
    assert_int_equal(way_of_attack_ns(net, PLAIT_AS_IT_IS), 8 * PLAIT_MS);
    assert_int_equal(way_of_attack_ns(net, PLAIT_NEARER), 3 * PLAIT_MS);
    assert_int_equal(way_of_attack_ns(net, PLAIT_FARTHER), 201 * PLAIT_MS);
    assert_int_equal(way_of_attack_ns("path a\npath b\nattacker farther", PLAIT_AS_IT_IS),
                     22 * PLAIT_MS);
}

/* A case may set the distance, and its cells' IDs say so. */
static void cells_say_where_the_attacker_stands(void **state)
{
    (void)state;
    static const struct {
        enum plait_distance distance;
        const char *id;
    } rows[] = {{PLAIT_AS_IT_IS, "T-FC-1/-/client/idle/PE-H-no-spoof/v1/default/ipv4"},
                {PLAIT_NEARER, "T-FC-1/-/client/idle/PE-H-no-spoof-nearer/v1/default/ipv4"},
                {PLAIT_FARTHER, "T-FC-1/-/client/idle/PE-H-no-spoof-farther/v1/default/ipv4"}};
    const struct plait_threat threat = {.info.id = "T-FC-1"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct plait_case played = {
            .form = "-", .position = "PE-H", .distance = rows[i].distance, .paths = 1};
        struct plait_cell cell = {
            .threat = &threat, .played = &played, .protocol = PLAIT_MPTCP_V1, .family = PLAIT_IPV4};
        plait_cell_name(&cell);
        assert_string_equal(cell.id, rows[i].id);
        const struct plait_analysis_request request = {.client = PLAIT_TARGET_PLAIT,
                                                       .server = PLAIT_TARGET_PLAIT};
        const struct plait_cell_context context = {.request = &request};
        assert_int_equal(plait_plan_attack(&cell, &context).distance, rows[i].distance);
    }
}

static json_int_t delivered_octets(const char *file, enum plait_side victim)
{
    struct plait_scenario s = control_scenario(5 * PLAIT_S);
    s.target[PLAIT_CLIENT] = s.target[PLAIT_SERVER] = PLAIT_TARGET_PLAIT;
    s.victim = victim;
    s = with(file, s);
    json_t *report = report_of(&s);
    assert_whole(report);
    json_int_t octets = json_integer_value(at(report, "goals.degrade.octets"));
    json_decref(report);
    return octets;
}

/* What the victim's peer reads in five seconds; what is under way at their end is not counted. */
static void each_side_writes_what_the_file_says(void **state)
{
    (void)state;
    static const char both[] = "client trickle 10B every 1s\nserver bulk 3kB at 48kbit/s";
    assert_in_range(delivered_octets(both, PLAIT_SERVER), 10 * 3000 - 3000, 10 * 3000 + 3000);
    assert_in_range(delivered_octets(both, PLAIT_CLIENT), 50 - 10, 50 + 10);
    static const char turns[] = "server requests 100B every 500ms\nclient answers 2kB";
    assert_in_range(delivered_octets(turns, PLAIT_CLIENT), 10 * 2000 - 2000, 10 * 2000 + 2000);
    assert_int_equal(delivered_octets("client idle", PLAIT_SERVER), 0);
}

static void the_same_seed_is_the_same_run_and_another_loses_others(void **state)
{
    (void)state;
    struct plait_scenario s = on(hard_nets[2], ts_2_scenario());
    json_t *one = report_of(&s), *again = report_of(&s);
    assert_true(json_equal(one, again));
    s.seed++;
    json_t *other = report_of(&s);
    assert_false(json_equal(at(one, "counters"), at(other, "counters")));
    json_decref(one);
    json_decref(again);
    json_decref(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_take_as_long_as_the_file_says),
        cmocka_unit_test(overheard_keys_take_over_on_every_net),
        cmocka_unit_test(a_client_behind_a_nat_answers_the_probe),
        cmocka_unit_test(attackers_stand_nearer_and_farther),
        cmocka_unit_test(cells_say_where_the_attacker_stands),
        cmocka_unit_test(each_side_writes_what_the_file_says),
        cmocka_unit_test(the_same_seed_is_the_same_run_and_another_loses_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
