/* Variants of columns: of Basic MPTCP the other data plane, and switches (docs/mechanisms/
 * basic.md); of v1 a pre-shared key (M4).  When they are played, what records say of them, and what
 * each of them changes. */
#include "tests/lab/runs.h"

#include <math.h>
#include <string.h>

#include "lab/attack.h"

static const enum plait_protocol mapped[] = {PLAIT_BASIC_M0E_MAPPED, PLAIT_BASIC_M0I_MAPPED,
                                             PLAIT_BASIC_M1N_MAPPED, PLAIT_BASIC_M2_MAPPED};

static json_t *cells_of(const char *threats, bool full)
{
    char error[256] = "";
    const struct plait_analysis_request request = {
        OWN, .threat_glob = threats, .seed = 1, .jobs = 2, .repeat = 1, .full = full};
    json_t *document = plait_analyze(&request, NULL, NULL, error, sizeof error);
    if (!document)
        fail_msg("%s", error);
    json_t *cells = json_deep_copy(json_object_get(document, "cells"));
    json_decref(document);
    return cells;
}

/* The first of a mechanism. */
static const json_t *cell_in(const json_t *cells, const char *mechanism)
{
    size_t i;
    const json_t *cell;
    json_array_foreach(cells, i,
                       cell) if (strcmp(text_at(cell, "mechanism"), mechanism) == 0) return cell;
    return NULL;
}

/* ---- when, and what is said ---------------------------------------------------------------- */

static void variants_are_played_with_full_only(void **state)
{
    (void)state;
    for (int full = 0; full < 2; full++) {
        json_t *cells = cells_of("T-HIJ-6", full);
        unsigned variants = 0;
        size_t i;
        const json_t *cell;
        json_array_foreach(cells, i, cell)
        {
            if (!json_is_string(at(cell, "variant_of")))
                continue;
            variants++;
            assert_int_equal(json_integer_value(at(cell, "family")), 4);
            assert_string_equal(text_at(cell, "policy"), /* as soon as there are two */
                                strcmp(text_at(cell, "variant_of"), "v1") ? "default"
                                                                          : "permissive");
        }
        enum { VICTIMS = 2 };
        assert_int_equal(variants,
                         full ? VICTIMS * (PLAIT_PROTOCOL_COUNT - PLAIT_BASIC_M0E_MAPPED) : 0);
        json_decref(cells);
    }
}

static void records_name_the_model_and_what_they_vary(void **state)
{
    (void)state;
    json_t *cells = cells_of("T-HIJ-6", true);
    for (int p = PLAIT_BASIC_M0E; p < PLAIT_PROTOCOL_COUNT; p++) {
        enum plait_protocol protocol = (enum plait_protocol)p;
        const json_t *cell = cell_in(cells, plait_protocol_name(protocol));
        const char *model = plait_protocol_model(protocol); /* M1h has no choice */
        assert_non_null(cell);
        bool is_variant = plait_protocol_is_variant(protocol);
        assert_string_equal(text_at(cell, "variant_of"),
                            is_variant ? plait_protocol_name(plait_protocol_resembled(protocol))
                                       : "");
        assert_string_equal(text_at(cell, "model"), model ? model : "");
        assert_int_equal(strcmp(text_at(cell, "model"), "mapped") == 0,
                         strstr(text_at(cell, "mechanism"), "-mapped") != NULL);
    }
    assert_string_equal(text_at(cell_in(cells, "M0e+needs-number"), "settings.server.needs_number"),
                        "1");
    json_decref(cells);
    assert_null(plait_protocol_model(PLAIT_MPTCP_V1));
    assert_null(plait_protocol_model(PLAIT_MPTCP_M4));
    assert_null(plait_protocol_model(PLAIT_BASIC_M1H));
}

/* ---- data planes --------------------------------------------------------------------------- */

static bool is_same(const json_t *one, const json_t *other, const char *field)
{
    return strcmp(text_at(one, field), text_at(other, field)) == 0;
}

/* A path of his own is as good to a hijacker in either: he has its numbers. */
static void hijacks_do_not_depend_on_the_data_plane(void **state)
{
    (void)state;
    json_t *cells = cells_of("T-HIJ-*", true);
    unsigned compared = 0;
    size_t i;
    const json_t *cell;
    json_array_foreach(cells, i, cell)
    {
        for (size_t m = 0; m < sizeof mapped / sizeof mapped[0]; m++) {
            if (strcmp(text_at(cell, "mechanism"), plait_protocol_name(mapped[m])))
                continue;
            size_t k;
            const json_t *other;
            json_array_foreach(cells, k, other)
            {
                bool is_its = !strcmp(text_at(other, "mechanism"), text_at(cell, "variant_of")) &&
                              is_same(cell, other, "threat") && is_same(cell, other, "form") &&
                              is_same(cell, other, "position") && is_same(cell, other, "victim") &&
                              is_same(cell, other, "workload") &&
                              json_integer_value(at(other, "family")) == 4;
                if (!is_its)
                    continue;
                compared++;
                assert_string_equal(text_at(other, "outcome"), text_at(cell, "outcome"));
                assert_string_equal(text_at(other, "versus_tcp"), text_at(cell, "versus_tcp"));
                if (strcmp(text_at(cell, "threat"), "T-HIJ-8")) /* what is lost may stall */
                    assert_string_equal(text_at(other, "goal"), text_at(cell, "goal"));
            }
        }
    }
    assert_true(compared >= 20);
    json_decref(cells);
}

/* ---- scripts of our own -------------------------------------------------------------------- */

static struct plait_scenario scenario_of(enum plait_protocol protocol, plait_script script,
                                         enum plait_workload workload)
{
    struct plait_scenario s = ts_2_scenario();
    s.script_id = "-";
    s.form = "own";
    s.script = script;
    s.position = plait_position("OFF-NS");
    s.spoofing = false;
    s.workload = workload;
    s.protocol = protocol;
    s.basic = plait_protocol_basic(protocol);
    s.paths = 1;
    s.watch_ns = 700 * PLAIT_MS;
    s.target[PLAIT_CLIENT] = s.target[PLAIT_SERVER] = PLAIT_TARGET_PLAIT;
    return s;
}

static void claim(struct plait_attack *a)
{
    plait_take_position(a);
    if (plait_claim_path(a))
        plait_pause(a, PLAIT_S);
}

/* On a pair of his own he knows every number. */
static void claim_and_reset(struct plait_attack *a)
{
    plait_take_position(a);
    if (!plait_claim_path(a))
        return;
    struct plait_segment echo = *plait_answer(a);
    const struct plait_numbers numbers = {.flow = {plait_home(a), plait_service(a)},
                                          .seq = echo.ack};
    struct plait_segment reset = plait_forged(&numbers, PLAIT_RST);
    plait_step(a, "resets its own pair");
    plait_send(a, &reset);
    plait_pause(a, PLAIT_S);
}

static double price_of(enum plait_protocol protocol)
{
    struct plait_scenario s = scenario_of(protocol, claim, PLAIT_BULK);
    json_t *report = report_of(&s);
    assert_whole(report);
    assert_true(json_is_true(at(report, "goals.read.reached")));
    double price = json_number_value(at(report, "goals.read.cost.price_log2"));
    json_decref(report);
    return price;
}

/* A message that must lie in the window costs what hitting the window costs. */
static void a_number_costs_the_space_over_the_window(void **state)
{
    (void)state;
    const double window_octets = 4 << 20; /* what an end offers by itself (plait/host.h) */
    double without = price_of(PLAIT_BASIC_M0E), with = price_of(PLAIT_BASIC_M0E_NUMBER);
    assert_true(fabs(with - without - (32 - log2(window_octets))) < 0.01);
}

/* Everything but the number. */
static void claim_far_ahead(struct plait_attack *a)
{
    const struct plait_facts *truth = &a->world->truth;
    plait_take_position(a);
    a->known.has_key[PLAIT_SERVER] = a->has_message_number = true;
    a->known.key[PLAIT_SERVER] = truth->key[PLAIT_SERVER];
    a->message_number = truth->subflows[0].half[PLAIT_SERVER].ack + (1u << 30);
    (void)plait_claim_path(a);
}

static void a_wrong_number_is_refused_where_one_is_needed(void **state)
{
    (void)state;
    for (int needs = 0; needs < 2; needs++) {
        struct plait_scenario s = scenario_of(needs ? PLAIT_BASIC_M0E_NUMBER : PLAIT_BASIC_M0E,
                                              claim_far_ahead, PLAIT_BULK);
        json_t *report = report_of(&s);
        assert_whole(report);
        assert_int_equal(json_is_true(at(report, "goals.read.reached")), !needs);
        assert_int_equal(json_integer_value(at(report, "counters.server.CONTROL_BAD_NUMBER")),
                         needs);
        json_decref(report);
    }
}

static json_int_t octets_read(enum plait_protocol protocol)
{
    struct plait_scenario s = scenario_of(protocol, claim, PLAIT_BULK);
    json_t *report = report_of(&s);
    assert_whole(report);
    json_int_t octets = json_integer_value(at(report, "goals.read.octets"));
    json_decref(report);
    return octets;
}

/* He acknowledges nothing, so a flight is all that comes (RFC 6928; T-FLOOD-2). */
static void an_inherited_window_is_a_larger_flight(void **state)
{
    (void)state;
    json_int_t initial = octets_read(PLAIT_BASIC_M0E);
    assert_true(initial > 1400 && initial <= 10 * 1460);
    assert_true(octets_read(PLAIT_BASIC_M0E_WINDOW) > 2 * initial);
    json_int_t of_its_own = octets_read(PLAIT_BASIC_M0E_MAPPED);
    assert_true(of_its_own > 1400 && of_its_own <= 10 * 1460);
}

static void a_reset_of_his_own_pair_may_end_everything(void **state)
{
    (void)state;
    for (int ends = 0; ends < 2; ends++) {
        struct plait_scenario s = scenario_of(ends ? PLAIT_BASIC_M0E_RESET : PLAIT_BASIC_M0E,
                                              claim_and_reset, PLAIT_IDLE);
        json_t *report = report_of(&s);
        assert_whole(report);
        assert_int_equal(json_is_true(at(report, "goals.kill.reached")), ends);
        assert_true(json_integer_value(at(report, "counters.server.RESETS_IN")) >= 1);
        json_decref(report);
    }
}

/* ---- a secret ------------------------------------------------------------------------------- */

/* He has heard both keys, and joins; of all that he may be told beside them only the secret, which
 * is told with the keys, makes a proof of them (R3 of RFC 6181 §7, T-TS-2). */
static void a_secret_stops_nobody_who_knows_it(void **state)
{
    (void)state;
    static const struct {
        enum plait_protocol protocol;
        unsigned grants;
        bool opens;
    } rows[] = {
        {PLAIT_MPTCP_V1, PLAIT_GRANT_NOTHING, true},
        {PLAIT_MPTCP_M4, PLAIT_GRANT_NOTHING, false},
        {PLAIT_MPTCP_M4, PLAIT_GRANT_TOKEN | PLAIT_GRANT_NUMBERS, false},
        {PLAIT_MPTCP_M4, PLAIT_GRANT_KEYS, true},
    };
    const struct plait_threat *threat = find_threat("T-TS-2");
    const struct plait_case *played = find_case(threat, "direct", PLAIT_SERVER, PLAIT_BULK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plait_scenario s = scenario_of_case(threat, played, rows[i].protocol);
        s.grants = rows[i].grants;
        json_t *report = report_of(&s);
        assert_whole(report);
        assert_int_equal(reached(report, "takeover"), rows[i].opens);
        assert_int_equal(reached(report, "read"), rows[i].opens);
        assert_int_equal(json_integer_value(at(report, "counters.server.JOIN_BAD_HMAC")),
                         !rows[i].opens);
        json_decref(report);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_are_played_with_full_only),
        cmocka_unit_test(records_name_the_model_and_what_they_vary),
        cmocka_unit_test(hijacks_do_not_depend_on_the_data_plane),
        cmocka_unit_test(a_number_costs_the_space_over_the_window),
        cmocka_unit_test(a_wrong_number_is_refused_where_one_is_needed),
        cmocka_unit_test(an_inherited_window_is_a_larger_flight),
        cmocka_unit_test(a_reset_of_his_own_pair_may_end_everything),
        cmocka_unit_test(a_secret_stops_nobody_who_knows_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
