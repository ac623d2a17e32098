/* docs/FINDINGS.md, "Linux 6.18": F-1 to F-5 on this machine's kernel.
 *
 * Each script says in words what it saw; what the page states of the release it names must be seen
 * there.  Another release that differs is told from a failure: the difference is printed and the
 * test skipped.  PLAIT_KEEP_CAPTURES=FOLDER keeps the capture of each finding (tests/captures). */
#include "tests/lab/findings.h"

#include "lab/machine_live.h"

#include <stdio.h>

#include "lab/act.h"
#include "live/inside.h"

enum { ADDR_ID = 77, EFFECT_MS = 100 };

/* ---- F-1: a join reaches a connection only through the port it uses -------------------------- */

enum { OTHER_PORT = 1500, ANNOUNCED_PORT = 1501, ANNOUNCED_ID = 5, OWN_PORT = 30000 };

static void say_answer(struct plait_attack *a, const char *what)
{
    const struct plait_segment *answer = plait_answer(a);
    const struct plait_mptcp_option *reset = plait_segment_option(answer, PLAIT_MP_TCPRST);
    if (reset)
        say(a, what, "RST with MP_TCPRST reason %u", reset->tcprst.reason);
    else if (answer->flags & PLAIT_RST)
        say(a, what, "RST");
    else
        say(a, what, "SYN/ACK %s MP_JOIN",
            plait_segment_option(answer, PLAIT_MP_JOIN) ? "with" : "without");
}

static void knock_at(struct plait_attack *a, const char *what, uint16_t port)
{
    struct plait_place door = {plait_addr_of(a, plait_victim(a)), port};
    struct plait_intruder *intruder = plait_knock(a, &door, (uint16_t)(OWN_PORT + port),
                                                  plait_token_of(a, plait_victim(a)), ADDR_ID);
    if (plait_await(a, plait_is_answer, intruder, PLAIT_S))
        say_answer(a, what);
    else
        say(a, what, "no answer");
    plait_forget(intruder);
}

static void listen_elsewhere(struct plait_attack *a)
{
    char answer[128];
    if (!plait_ok(plait_end_ask(a->world->ends[plait_victim(a)].host, answer, sizeof answer,
                                "listen other mptcp any4 %d 16 cubic", OTHER_PORT)))
        plait_fault(a, "listen: %s", answer);
}

/* The kernel then listens there itself, and tells the peer. */
static void announce_a_port(struct plait_attack *a)
{
    struct plait_live_host *host = plait_machine_live_host(a->world->ends[plait_victim(a)].host);
    const struct plait_mptcp_endpoint endpoint = {.addr = plait_addr_of(a, plait_victim(a)),
                                                  .addr_id = ANNOUNCED_ID,
                                                  .flags = PLAIT_ENDPOINT_SIGNAL,
                                                  .port = ANNOUNCED_PORT};
    int error = plait_mptcp_add(&host->generic, host->mptcp_family, &endpoint);
    if (error)
        plait_fault(a, "an endpoint with a port: %s", strerror(error));
    plait_pause(a, EFFECT_MS * PLAIT_MS);
}

static void knock_everywhere(struct plait_attack *a)
{
    plait_take_position(a);
    listen_elsewhere(a);
    bool is_server = plait_victim(a) == PLAIT_SERVER;
    knock_at(a, "port of the connection", is_server ? plait_service(a).port : plait_client_port(a));
    knock_at(a, "another port that listens", OTHER_PORT);
    announce_a_port(a);
    knock_at(a, "a port that was announced", ANNOUNCED_PORT);
    say(a, "MismatchPortSynRx", "%lld",
        (long long)counter_of(a, plait_victim(a), "MPTcpExtMismatchPortSynRx"));
}

#define KNOCKS(at_connection)                                                                      \
    {                                                                                              \
        {"port of the connection", at_connection},                                                 \
            {"another port that listens", "RST with MP_TCPRST reason 3"},                          \
            {"a port that was announced", "SYN/ACK with MP_JOIN"}, {"MismatchPortSynRx", "1"},     \
            {NULL, NULL},                                                                          \
    }

static void f_1_a_server_is_joined_through_its_port(void **state)
{
    (void)state;
    skip_unless_live();
    static const struct statement list[] = KNOCKS("SYN/ACK with MP_JOIN");
    struct plait_scenario s = finding_scenario("F-1", knock_everywhere, "PE-H");
    expect_said(&s, list);
}

static void f_1_a_client_is_no_door_unless_its_port_listens(void **state)
{
    (void)state;
    skip_unless_live();
    static const struct statement closed[] = KNOCKS("RST"), open[] = KNOCKS("SYN/ACK with MP_JOIN");
    struct plait_scenario s = finding_scenario(NULL, knock_everywhere, "PE-H");
    s.victim = PLAIT_CLIENT;
    expect_said(&s, closed);
    s.grants = PLAIT_GRANT_LISTENER;
    expect_said(&s, open);
}

/* ---- F-2: REMOVE_ADDR with more than eight IDs is ignored ------------------------------------ */

static void remove_ids(struct plait_attack *a, uint8_t count)
{
    struct plait_numbers numbers;
    if (!plait_overheard_numbers(a, 0, &numbers)) {
        plait_fault(a, "nothing was overheard");
        return;
    }
    struct plait_segment remove = plait_forged(&numbers, PLAIT_ACK);
    struct plait_remove_addr *option = &plait_add_option(&remove, PLAIT_REMOVE_ADDR)->remove_addr;
    option->count = count;
    for (uint8_t i = 0; i < count; i++)
        option->addr_ids[i] = i;
    plait_send(a, &remove);
    plait_pause(a, EFFECT_MS * PLAIT_MS);
}

/* Genuine subflows that the victim has not ended. */
static unsigned open_subflows(const struct plait_attack *a)
{
    unsigned open = 0;
    const struct plait_facts *truth = &a->world->truth;
    for (unsigned i = 0; i < truth->subflow_count; i++) {
        const struct plait_half *half = &truth->subflows[i].half[plait_victim(a)];
        open += !half->fin && !half->rst;
    }
    return open;
}

static void remove_nine_then_eight(struct plait_attack *a)
{
    static const uint8_t counts[] = {9, 8};
    plait_take_position(a);
    plait_pause(a, EFFECT_MS * PLAIT_MS);
    int64_t before = counter_of(a, PLAIT_SERVER, "MPTcpExtRmAddr");
    for (int i = 0; i < 2; i++) {
        char what[16];
        remove_ids(a, counts[i]);
        int64_t removed = counter_of(a, PLAIT_SERVER, "MPTcpExtRmAddr") - before;
        snprintf(what, sizeof what, "%u IDs", counts[i]);
        say(a, what, "RmAddr moved by %lld, %u subflows open", (long long)removed,
            open_subflows(a));
        before += removed;
    }
}

static void f_2_nine_ids_remove_nothing_and_eight_remove_all(void **state)
{
    (void)state;
    skip_unless_live();
    static const struct statement list[] = {{"9 IDs", "RmAddr moved by 0, 2 subflows open"},
                                            {"8 IDs", "RmAddr moved by 8, 0 subflows open"},
                                            {NULL, NULL}};
    struct plait_scenario s = finding_scenario("F-2", remove_nine_then_eight, "ON1-E");
    expect_said(&s, list);
}

/* ---- F-3: one forged REMOVE_ADDR stalls a connection ----------------------------------------- */

enum { WRITTEN_OCTETS = 20000, CLOSE_TIMEOUT_S = 1 };

/* What the victim does on each subflow once the forged packet has reached it. */
struct reaction {
    const struct plait_attack *attack;
    bool struck, heard; /* the genuine peer again */
    const char *fin[PLAIT_PATHS_MAX];
};

static void see_reaction(void *self, const struct plait_sight *sight)
{
    struct reaction *r = self;
    const struct plait_world *world = r->attack->world;
    const struct plait_packet *packet = sight->packet;
    struct plait_segment segment;
    enum plait_side side;
    unsigned subflow;
    if (sight->link != world->server_link)
        return;
    if (packet->forged) {
        r->struck |= sight->fate == PLAIT_DELIVERED;
        return;
    }
    if (!r->struck ||
        !plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment)))
        return;
    struct plait_flow_key flow = plait_segment_flow(&segment);
    if (!plait_facts_find(&world->truth, &flow, &side, &subflow) || subflow >= PLAIT_PATHS_MAX)
        return;
    r->heard |= side == PLAIT_CLIENT && sight->fate == PLAIT_DELIVERED;
    if (side == PLAIT_SERVER && (segment.flags & PLAIT_FIN) && !r->fin[subflow])
        r->fin[subflow] = r->heard ? "FIN after an answer" : "FIN without an answer";
}

static void set_close_timeout(struct plait_attack *a)
{
    char text[16], read_back[64];
    snprintf(text, sizeof text, "%d", CLOSE_TIMEOUT_S);
    for (int side = 0; side < 2; side++)
        if (!plait_ok(plait_live_set(plait_machine_live_host(a->world->ends[side].host),
                                     "net/mptcp/close_timeout", text, read_back)))
            plait_fault(a, "net/mptcp/close_timeout cannot be set");
}

static bool is_told(const struct plait_attack *a)
{
    return a->world->ends[PLAIT_CLIENT].died || a->world->ends[PLAIT_SERVER].died ||
           a->goals->state[PLAIT_GOAL_TRUNCATE].reached;
}

static void remove_all(struct plait_attack *a)
{
    static struct reaction reaction;
    plait_take_position(a);
    set_close_timeout(a);
    say(a, "delivered before", "%lld", (long long)write_from(a, PLAIT_SERVER, WRITTEN_OCTETS));
    plait_pause(a, EFFECT_MS * PLAIT_MS);
    reaction.attack = a;
    plait_net_observe(a->world->net, see_reaction, &reaction);
    remove_ids(a, 8);
    say(a, "on the path he hears", "%s", reaction.fin[0] ? reaction.fin[0] : "no FIN");
    say(a, "on the path he does not hear", "%s", reaction.fin[1] ? reaction.fin[1] : "no FIN");
    say(a, "delivered after", "%lld", (long long)write_from(a, PLAIT_SERVER, WRITTEN_OCTETS));
    plait_pause(a, (CLOSE_TIMEOUT_S + 1) * PLAIT_S);
    say(a, "after the close timeout", "%s", is_told(a) ? "an end is told" : "neither end is told");
}

static void f_3_one_remove_addr_ends_both_paths(void **state)
{
    (void)state;
    skip_unless_live();
    static const struct statement list[] = {
        {"delivered before", "20000"},
        {"on the path he hears", "FIN without an answer"}, /* so to no keepalive (N35) */
        {"on the path he does not hear", "FIN without an answer"},
        {"delivered after", "0"},
        {"after the close timeout", "neither end is told"},
        {NULL, NULL}};
    struct plait_scenario s = finding_scenario("F-3", remove_all, "ON1-E");
    expect_said(&s, list);
}

static void f_3_tcp_falls_to_one_reset(void **state)
{
    (void)state;
    skip_unless_live();
    json_t *record = record_of("T-RM-1/-/server/bulk/ON1-E/v1/default/ipv4",
                               (struct plait_analysis_request){.full = false});
    expect_seen("T-RM-1", text_at(record, "outcome"), "broken");
    expect_seen("T-RM-1 against TCP", text_at(record, "versus_tcp"), "same");
    assert_string_equal(text_at(record, "tcp.attack"), "B-RST");
    assert_int_equal(json_integer_value(at(record, "tcp.cost.packets")), 1);
    json_decref(record);
}

/* ---- F-4: MP_PRIO is lost if asked for too early --------------------------------------------- */

static struct {
    plait_time_ns wait_ns;   /* from the third ACK of the second subflow's handshake */
    plait_time_ns fourth_ns; /* delay of the link that the fourth ACK takes; 0 = as it is */
} prio;

static void say_prios(struct plait_attack *a, const char *what)
{
    plait_pause(a, 2 * EFFECT_MS * PLAIT_MS);
    say(a, what, "%lld sent, %lld received",
        (long long)counter_of(a, PLAIT_CLIENT, "MPTcpExtMPPrioTx"),
        (long long)counter_of(a, PLAIT_SERVER, "MPTcpExtMPPrioRx"));
}

static void take_flag_back(struct plait_attack *a)
{
    const struct plait_world *world = a->world;
    if (!plait_ok(plait_live_mptcp_endpoint_set_backup(
            plait_machine_live_host(world->ends[PLAIT_CLIENT].host), &world->client_addrs[1], 2,
            false)))
        plait_fault(a, "an endpoint could not be changed");
}

/* A run is ready when the third ACK is under way: the fourth takes a round trip, 8 ms. */
static void ask_for_backup(struct plait_attack *a)
{
    plait_take_position(a);
    const struct plait_link_config slow = {.delay_ns = prio.fourth_ns, .mtu_octets = 1500};
    if (prio.fourth_ns)
        plait_net_set_link(a->world->net, a->world->path_links[1], &slow);
    plait_pause(a, prio.wait_ns);
    plait_act_back_up_second(a);
    say_prios(a, "asked");
    plait_act_back_up_second(a);
    say_prios(a, "asked again");
    take_flag_back(a);
    say_prios(a, "taken back");
    plait_act_back_up_second(a);
    say_prios(a, "asked once more");
}

static const struct statement prio_lost[] = {{"asked", "0 sent, 0 received"},
                                             {"asked again", "0 sent, 0 received"},
                                             {"taken back", "1 sent, 1 received"},
                                             {"asked once more", "2 sent, 2 received"},
                                             {NULL, NULL}};

static void f_4_before_the_fourth_ack_mp_prio_is_lost(void **state)
{
    (void)state;
    skip_unless_live();
    prio.wait_ns = prio.fourth_ns = 0;
    struct plait_scenario s = finding_scenario("F-4", ask_for_backup, "OFF-NS");
    s.eager = true;
    expect_said(&s, prio_lost);
}

static void f_4_it_is_the_ack_that_matters_not_the_clock(void **state)
{
    (void)state;
    skip_unless_live();
    static const struct statement sent[] = {{"asked", "1 sent, 1 received"},
                                            {"asked again", "1 sent, 1 received"},
                                            {"taken back", "2 sent, 2 received"},
                                            {NULL, NULL}};
    prio.wait_ns = 40 * PLAIT_MS;
    prio.fourth_ns = 0;
    struct plait_scenario s = finding_scenario(NULL, ask_for_backup, "OFF-NS");
    s.eager = true;
    expect_said(&s, sent);
    prio.fourth_ns = 150 * PLAIT_MS; /* now the fourth ACK is still under way after as long */
    expect_said(&s, prio_lost);
}

/* ---- F-5: FASTCLOSE with an overheard key costs no more than a reset, and often less ----------
 */

static struct {
    bool reset;     /* instead of MP_FASTCLOSE */
    bool wrong_key; /* by one bit */
    int32_t offset; /* from the sequence number that is expected next */
} ending;

static void end_from_afar(struct plait_attack *a)
{
    struct plait_numbers numbers;
    plait_take_position(a);
    if (!plait_overheard_numbers(a, 0, &numbers)) {
        plait_fault(a, "nothing was overheard");
        return;
    }
    numbers.seq += (uint32_t)ending.offset;
    struct plait_segment end = plait_forged(&numbers, ending.reset ? PLAIT_RST : PLAIT_ACK);
    if (!ending.reset)
        plait_add_option(&end, PLAIT_MP_FASTCLOSE)->fastclose.receiver_key =
            plait_key_of(a, plait_victim(a)) ^ ending.wrong_key;
    plait_send(a, &end);
    plait_pause(a, EFFECT_MS * PLAIT_MS);
    say(a, "the connection", "%s", a->world->ends[plait_victim(a)].died ? "ended" : "goes on");
}

enum { IN_WINDOW = 30000, BEYOND = 600000 }; /* the window is 512 kB, half of the buffer */

static void expect_end(bool reset, bool wrong_key, int32_t offset, const char *seen)
{
    const struct statement list[] = {{"the connection", seen}, {NULL, NULL}};
    bool is_kept = !reset && !wrong_key && offset == IN_WINDOW;
    struct plait_scenario s = finding_scenario(is_kept ? "F-5" : NULL, end_from_afar, "PE-H");
    s.protocol = reset ? PLAIT_TCP : PLAIT_MPTCP_V1;
    s.paths = reset ? 1 : 2;
    ending.reset = reset;
    ending.wrong_key = wrong_key;
    ending.offset = offset;
    expect_said(&s, list);
}

static void f_5_fastclose_needs_the_key_and_any_number_of_the_window(void **state)
{
    (void)state;
    skip_unless_live();
    expect_end(false, false, 0, "ended");
    expect_end(false, false, IN_WINDOW, "ended");
    expect_end(false, false, BEYOND, "goes on");
    expect_end(false, false, -1, "goes on");
    expect_end(false, true, 0, "goes on");
}

static void f_5_a_reset_of_tcp_needs_the_exact_number(void **state)
{
    (void)state;
    skip_unless_live();
    expect_end(true, false, 0, "ended");
    expect_end(true, false, 1, "goes on");
    expect_end(true, false, -1, "goes on");
}

/* Expected packets until the connection ends, a second after he left. */
static double price_of_kill(const char *id, plait_script script, enum plait_workload workload,
                            enum plait_protocol protocol)
{
    struct plait_scenario s = finding_scenario(NULL, script, "PE-H");
    s.script_id = id;
    s.workload = workload;
    s.protocol = protocol;
    s.paths = protocol == PLAIT_TCP ? 1 : 2;
    s.away_ns = PLAIT_S;
    s.watch_ns = 200 * PLAIT_MS;
    json_t *report = report_of(&s);
    assert_whole(report);
    assert_true(json_is_true(at(report, "goals.kill.reached")));
    double price = __builtin_exp2(json_number_value(at(report, "goals.kill.cost.price_log2")));
    json_decref(report);
    return price;
}

static plait_script script_of_threat(const char *id)
{
    for (size_t i = 0; i < plait_threat_count; i++)
        if (strcmp(plait_threats[i]->info.id, id) == 0)
            return plait_threats[i]->cases[0].script;
    fail_msg("no %s", id);
    return NULL;
}

static void f_5_fastclose_is_cheaper_once_the_peer_has_written(void **state)
{
    (void)state;
    skip_unless_live();
    plait_script fastclose = script_of_threat("T-FC-1");
    plait_script reset = script_of_baseline("B-RST", PLAIT_GOAL_KILL);
    char seen[96];
    snprintf(seen, sizeof seen, "%.0f packet, %.0f packet",
             price_of_kill("T-FC-1", fastclose, PLAIT_IDLE, PLAIT_MPTCP_V1),
             price_of_kill("B-RST", reset, PLAIT_IDLE, PLAIT_TCP));
    expect_seen("idle: FASTCLOSE, reset", seen, "1 packet, 1 packet");
    double here = price_of_kill("T-FC-1", fastclose, PLAIT_TRICKLE, PLAIT_MPTCP_V1);
    double there = price_of_kill("B-RST", reset, PLAIT_TRICKLE, PLAIT_TCP);
    print_message("trickle: FASTCLOSE %.0f packets, reset %.0f\n", here, there);
    snprintf(seen, sizeof seen, "%s", here <= 4 && there >= 500 ? "a few, hundreds" : "otherwise");
    expect_seen("trickle: FASTCLOSE, reset", seen, "a few, hundreds");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(f_1_a_server_is_joined_through_its_port),
        cmocka_unit_test(f_1_a_client_is_no_door_unless_its_port_listens),
        cmocka_unit_test(f_2_nine_ids_remove_nothing_and_eight_remove_all),
        cmocka_unit_test(f_3_one_remove_addr_ends_both_paths),
        cmocka_unit_test(f_3_tcp_falls_to_one_reset),
        cmocka_unit_test(f_4_before_the_fourth_ack_mp_prio_is_lost),
        cmocka_unit_test(f_4_it_is_the_ack_that_matters_not_the_clock),
        cmocka_unit_test(f_5_fastclose_needs_the_key_and_any_number_of_the_window),
        cmocka_unit_test(f_5_a_reset_of_tcp_needs_the_exact_number),
        cmocka_unit_test(f_5_fastclose_is_cheaper_once_the_peer_has_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
