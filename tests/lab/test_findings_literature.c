/* docs/FINDINGS.md, "The literature": F-6 and F-7 on this machine's kernel (tests/lab/findings.h).
 */
#include "tests/lab/findings.h"

#include <stdio.h>

enum { ADDR_ID = 77, EFFECT_MS = 100 };

/* ---- F-6: overheard numbers age by the window, not by the clock ------------------------------ */

static struct {
    bool beyond; /* the largest window, instead of within it */
} ageing;

static void strike(struct plait_attack *a, const struct plait_numbers *numbers)
{
    struct plait_segment data = plait_forged(numbers, PLAIT_ACK | PLAIT_PSH);
    data.payload = plait_marker;
    data.payload_octets = plait_marker_octets;
    plait_send(a, &data);
    plait_pause(a, EFFECT_MS * PLAIT_MS);
}

static void write_later(struct plait_attack *a)
{
    enum { WITHIN_OCTETS = 50000, PIECE_OCTETS = 500000, PIECES_MAX = 100 };
    struct plait_numbers numbers;
    plait_take_position(a);
    if (!plait_overheard_numbers(a, 0, &numbers)) {
        plait_fault(a, "nothing was overheard");
        return;
    }
    const struct plait_half *half = a->world->truth.subflows[0].half;
    const struct plait_half *server = &half[PLAIT_SERVER], *client = &half[PLAIT_CLIENT];
    if (!ageing.beyond && a->scenario->away_ns == 0)
        write_from(a, PLAIT_SERVER, WITHIN_OCTETS);
    for (int i = 0; ageing.beyond && i < PIECES_MAX; i++) {
        uint32_t age_octets = server->nxt - numbers.ack;
        if (age_octets > client->window_max_octets + PIECE_OCTETS)
            break;
        write_from(a, PLAIT_SERVER, PIECE_OCTETS);
    }
    say(a, "his acknowledgment", "%s the largest window",
        server->nxt - numbers.ack > client->window_max_octets ? "older than" : "within");
    say(a, "measured", "the acknowledgment is %u octets and %.2f s old, the largest window %u",
        server->nxt - numbers.ack,
        (double)(plait_world_now(a->world) - a->left_ns) / (double)PLAIT_S,
        client->window_max_octets);
    strike(a, &numbers);
    say(a, "his octets", "%s",
        plait_world_stat(a->world, PLAIT_SERVER, "foreign") > 0 ? "were read" : "were not read");
}

static const struct statement young[] = {
    {"his acknowledgment", "within the largest window"}, {"his octets", "were read"}, {NULL, NULL}};
static const struct statement old[] = {{"his acknowledgment", "older than the largest window"},
                                       {"his octets", "were not read"},
                                       {NULL, NULL}};

static struct plait_scenario ageing_scenario(const char *id, plait_time_ns away_ns)
{
    struct plait_scenario s = finding_scenario(id, write_later, "PE-H");
    s.protocol = PLAIT_TCP;
    s.paths = 1;
    s.away_ns = away_ns;
    return s;
}

static void f_6_numbers_age_by_the_window(void **state)
{
    (void)state;
    skip_unless_live();
    ageing.beyond = false;
    struct plait_scenario s = ageing_scenario("F-6", 0);
    expect_said(&s, young);
    s = ageing_scenario(NULL, 0);
    ageing.beyond = true;
    expect_said(&s, old);
}

static void f_6_numbers_do_not_age_by_the_clock(void **state)
{
    (void)state;
    skip_unless_live();
    ageing.beyond = false;
    struct plait_scenario s = ageing_scenario(NULL, 3 * PLAIT_S);
    expect_said(&s, young);
}

/* 1 Mbit/s from the victim, a second after he left. */
static void f_6_b_left_injects_into_bulk_with_one_packet(void **state)
{
    (void)state;
    skip_unless_live();
    plait_script left = script_of_baseline("B-LEFT", PLAIT_GOAL_INJECT);
    struct plait_scenario s = finding_scenario(NULL, left, "PE-H");
    s.script_id = "B-LEFT";
    s.workload = PLAIT_BULK;
    s.protocol = PLAIT_TCP;
    s.paths = 1;
    s.away_ns = PLAIT_S;
    json_t *report = report_of(&s);
    assert_whole(report);
    expect_seen("B-LEFT into bulk",
                json_is_true(at(report, "goals.inject.reached")) ? "read" : "not read", "read");
    assert_int_equal(json_integer_value(at(report, "goals.inject.cost.packets")), 1);
    assert_true(json_number_value(at(report, "goals.inject.cost.price_log2")) == 0);
    json_decref(report);
}

static const json_t *goal_of(const json_t *record, const char *name)
{
    size_t i;
    json_t *goal;
    json_array_foreach(at(record, "goals"), i, goal)
    {
        if (strcmp(text_at(goal, "goal"), name) == 0)
            return goal;
    }
    return NULL;
}

static void f_6_so_inject_is_no_worse_than_tcp(void **state)
{
    (void)state;
    skip_unless_live();
    json_t *record = record_of_ts_2((struct plait_analysis_request){.full = false});
    expect_seen("inject", text_at(goal_of(record, "inject"), "versus_tcp"), "same");
    expect_seen("read", text_at(goal_of(record, "read"), "versus_tcp"), "worse");
    expect_seen("takeover", text_at(goal_of(record, "takeover"), "versus_tcp"), "worse");
    json_decref(record);
}

/* ---- F-7: what an intruder gets depends on the size of bursts -------------------------------- */

enum { REPEAT_LIMIT_S = 25 };

/* How much is written at once, and how often. */
struct burst {
    int64_t octets;
    int times;
};

static const struct burst *bursts; /* until 0 octets */

/* What was acknowledged by him alone is sent again, by a timer that backs off. */
static int64_t received_later(struct plait_attack *a, int64_t wanted)
{
    int64_t before = plait_world_stat(a->world, PLAIT_CLIENT, "received"), got = 0;
    for (int i = 0; i < REPEAT_LIMIT_S && got < wanted; i++) {
        plait_pause(a, PLAIT_S);
        got = plait_world_stat(a->world, PLAIT_CLIENT, "received") - before;
    }
    return got;
}

/* A segment that spills over now and then, on a busy machine, is next to nothing. */
enum { NEXT_TO_NOTHING_IN = 40 };

/* Returns what the server wrote and the client still lacks. */
static int64_t burst_of(struct plait_attack *a, const struct burst *burst)
{
    char what[64];
    int64_t missing = 0;
    uint64_t read = 0, written = (uint64_t)(burst->octets * burst->times);
    snprintf(what, sizeof what, "writes of %lld octets", (long long)burst->octets);
    for (int i = 0; i < burst->times; i++) {
        uint64_t before = a->goals->read_octets[PLAIT_SERVER];
        int64_t got = write_from(a, PLAIT_SERVER, burst->octets);
        missing += burst->octets - got;
        uint64_t spilled = a->goals->read_octets[PLAIT_SERVER] - before;
        read += spilled;
        say(a, "measured", "%s: he reads %llu octets of one, the client %lld in two seconds", what,
            (unsigned long long)spilled, (long long)got);
    }
    say(a, what, "he reads %s", read * NEXT_TO_NOTHING_IN > written ? "some" : "next to nothing");
    return missing;
}

static bool join_and_listen(struct plait_attack *a)
{
    struct plait_place door = plait_service(a);
    struct plait_intruder *intruder = plait_join(a, &door, ADDR_ID);
    if (!intruder)
        return false;
    plait_intrude(a, intruder, plait_marker, plait_marker_octets);
    plait_pause(a, EFFECT_MS * PLAIT_MS);
    return true;
}

static void listen_as_subflow(struct plait_attack *a)
{
    plait_take_position(a);
    if (!join_and_listen(a))
        return;
    int64_t missing = 0;
    for (const struct burst *burst = bursts; burst->octets; burst++)
        missing += burst_of(a, burst);
    missing -= received_later(a, missing);
    say(a, "its reader", "%s", missing > 0 ? "lacks some" : "has it all in the end");
    say(a, "takeover", "%s",
        a->goals->state[PLAIT_GOAL_TAKEOVER].reached ? "reached" : "not reached");
}

static void f_7_an_intruder_reads_what_spills_over(void **state)
{
    (void)state;
    skip_unless_live();
    static const struct statement list[] = {{"writes of 1000 octets", "he reads next to nothing"},
                                            {"writes of 69000 octets", "he reads some"},
                                            {"its reader", "has it all in the end"},
                                            {"takeover", "reached"},
                                            {NULL, NULL}};
    static const struct burst small_then_large[] = {{1000, 2}, {69000, 3}, {0, 0}};
    bursts = small_then_large;
    struct plait_scenario s = finding_scenario("F-7", listen_as_subflow, "PE-H");
    s.paths = 1;
    expect_said(&s, list);
}

static void f_7_below_64_kb_nothing_spills(void **state)
{
    (void)state;
    skip_unless_live();
    static const struct statement list[] = {{"writes of 50000 octets", "he reads next to nothing"},
                                            {"writes of 60000 octets", "he reads next to nothing"},
                                            {"writes of 100000 octets", "he reads some"},
                                            {"its reader", "has it all in the end"},
                                            {"takeover", "reached"},
                                            {NULL, NULL}};
    /* A single large write may find the first subflow's queue empty again in its middle. */
    static const struct burst around[] = {{50000, 3}, {60000, 3}, {100000, 4}, {0, 0}};
    bursts = around;
    struct plait_scenario s = finding_scenario(NULL, listen_as_subflow, "PE-H");
    expect_said(&s, list);
}

/* Small writes, in pairs: the second of each GAP after the first. */
static void write_pairs(struct plait_attack *a, const char *what, plait_time_ns gap_ns)
{
    enum { SMALL_OCTETS = 100, PAIRS = 10 };
    uint64_t before = a->goals->read_octets[PLAIT_SERVER];
    for (int i = 0; i < PAIRS; i++) {
        ask_to_write(a, PLAIT_SERVER, SMALL_OCTETS);
        plait_pause(a, gap_ns);
        ask_to_write(a, PLAIT_SERVER, SMALL_OCTETS);
        plait_pause(a, PLAIT_S / 2);
    }
    uint64_t read = a->goals->read_octets[PLAIT_SERVER] - before;
    say(a, "measured", "%s: he reads %llu octets of %d", what, (unsigned long long)read,
        2 * PAIRS * SMALL_OCTETS);
    say(a, what, "he reads %s", read ? "some" : "nothing");
}

static void listen_to_pairs(struct plait_attack *a)
{
    plait_take_position(a);
    if (!join_and_listen(a))
        return;
    write_pairs(a, "writes that meet under way", 3 * PLAIT_MS);
    write_pairs(a, "writes that do not", PLAIT_S / 5);
}

static void f_7_of_two_small_writes_under_way_the_second_spills(void **state)
{
    (void)state;
    skip_unless_live();
    static const struct statement list[] = {{"writes that meet under way", "he reads some"},
                                            {"writes that do not", "he reads nothing"},
                                            {NULL, NULL}};
    struct plait_scenario s = finding_scenario(NULL, listen_to_pairs, "PE-H");
    s.paths = 1;
    expect_said(&s, list);
}

/* On a path on which a write takes longer than the gap to the next, as on a machine that is late
 * by so much. */
static void listen_beside_a_slow_path(struct plait_attack *a)
{
    enum { SLOW_MS = 50, LISTEN_S = 3 };
    plait_take_position(a);
    if (!join_and_listen(a))
        return;
    uint64_t before = a->goals->read_octets[PLAIT_SERVER];
    struct plait_link_config slow =
        plait_world_way(a->world, &a->world->topology->paths[0].stretch, PLAIT_UP);
    slow.delay_ns = SLOW_MS * PLAIT_MS;
    plait_net_set_link(a->world->net, a->world->path_links[0], &slow);
    plait_pause(a, LISTEN_S * PLAIT_S);
    uint64_t read = a->goals->read_octets[PLAIT_SERVER] - before;
    say(a, "measured", "he reads %llu octets in %d s", (unsigned long long)read, LISTEN_S);
    say(a, "of a trickle", "he reads %s", read ? "some" : "nothing");
}

/* The first path is cut for longer than a retransmission timeout, once. */
static void listen_beside_a_cut_path(struct plait_attack *a)
{
    enum { CUT_MS = 400 };
    plait_take_position(a);
    if (!join_and_listen(a))
        return;
    uint64_t before = a->goals->read_octets[PLAIT_SERVER];
    plait_net_set_link_up(a->world->net, a->world->path_links[0], false);
    plait_pause(a, CUT_MS * PLAIT_MS);
    plait_net_set_link_up(a->world->net, a->world->path_links[0], true);
    plait_pause(a, PLAIT_S);
    uint64_t read = a->goals->read_octets[PLAIT_SERVER] - before;
    say(a, "measured", "he reads %llu octets", (unsigned long long)read);
    say(a, "of what was not acknowledged", "he reads %s", read ? "some" : "nothing");
}

static void f_7_what_is_not_acknowledged_in_time_is_sent_again_on_his(void **state)
{
    (void)state;
    skip_unless_live();
    static const struct statement list[] = {{"of what was not acknowledged", "he reads some"},
                                            {NULL, NULL}};
    struct plait_scenario s = finding_scenario(NULL, listen_beside_a_cut_path, "PE-H");
    s.workload = PLAIT_TRICKLE;
    s.paths = 1;
    expect_said(&s, list);
}

static void f_7_the_labs_trickle_keeps_to_one_path(void **state)
{
    (void)state;
    skip_unless_live();
    static const struct statement nothing[] = {{"of a trickle", "he reads nothing"}, {NULL, NULL}};
    static const struct statement some[] = {{"of a trickle", "he reads some"}, {NULL, NULL}};
    struct plait_scenario s = finding_scenario(NULL, listen_beside_a_slow_path, "PE-H");
    s.workload = PLAIT_TRICKLE;
    s.paths = 1;
    expect_said(&s, nothing);
    s.traffic = plait_workload_traffic(PLAIT_TRICKLE, PLAIT_SERVER);
    s.traffic.is_given = true; /* who describes it himself gets it as he says */
    expect_said(&s, some);
}

/* The workloads of T-TS-2. */
static double fraction_read(enum plait_workload workload)
{
    struct plait_scenario s = ts_2_scenario();
    s.workload = workload;
    json_t *report = report_of(&s);
    assert_whole(report);
    assert_true(json_is_true(at(report, "goals.takeover.reached")));
    double fraction = json_number_value(at(report, "goals.read.measure"));
    json_decref(report);
    return fraction;
}

static void f_7_a_fifth_of_bulk_and_nothing_of_a_trickle(void **state)
{
    (void)state;
    skip_unless_live();
    double trickle = fraction_read(PLAIT_TRICKLE), bulk = fraction_read(PLAIT_BULK);
    print_message("he reads %.3f of a trickle, %.3f of bulk\n", trickle, bulk);
    expect_seen("trickle", trickle == 0 ? "nothing" : "some", "nothing");
    expect_seen("bulk", bulk > 0.1 && bulk < 0.4 ? "about a fifth" : "otherwise", "about a fifth");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(f_6_numbers_age_by_the_window),
        cmocka_unit_test(f_6_numbers_do_not_age_by_the_clock),
        cmocka_unit_test(f_6_b_left_injects_into_bulk_with_one_packet),
        cmocka_unit_test(f_6_so_inject_is_no_worse_than_tcp),
        cmocka_unit_test(f_7_an_intruder_reads_what_spills_over),
        cmocka_unit_test(f_7_below_64_kb_nothing_spills),
        cmocka_unit_test(f_7_of_two_small_writes_under_way_the_second_spills),
        cmocka_unit_test(f_7_the_labs_trickle_keeps_to_one_path),
        cmocka_unit_test(f_7_what_is_not_acknowledged_in_time_is_sent_again_on_his),
        cmocka_unit_test(f_7_a_fifth_of_bulk_and_nothing_of_a_trickle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
