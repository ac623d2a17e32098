/* What the rows of the matrix say of our own endpoint, by name: RFC 6181's floods, hijacks and
 * time-shifted attacks under each column, with the RFC's section for each verdict; and of which
 * rows it matters who arrives first.  tests/golden has all cells; here is why they are so. */
#include "tests/lab/runs.h"

#include <math.h>
#include <stdio.h>

struct stated {
    const char *cell, *outcome, *stopped_by;
};

static const char keys_unknown[] = "keys unknown";

static void assert_stated_in(struct plait_analysis_request request, const struct stated *stated,
                             size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *record = record_of(stated[i].cell, request);
        if (strcmp(text_at(record, "outcome"), stated[i].outcome) != 0 ||
            strcmp(text_at(record, "stopped_by"), stated[i].stopped_by) != 0)
            fail_msg("%s: %s by \"%s\": %s", stated[i].cell, text_at(record, "outcome"),
                     text_at(record, "stopped_by"), text_at(record, "reason"));
        json_decref(record);
    }
}

static void assert_stated(const struct stated *stated, size_t count)
{
    assert_stated_in((struct plait_analysis_request){OWN}, stated, count);
}

/* What docs/FINDINGS.md says of our endpoint where Linux behaves otherwise. */
static void where_linux_differs(void **state)
{
    (void)state;
    static const struct stated stated[] = {
        {"T-TS-2/direct/client/bulk/PE-H/v1/default/ipv4", "broken", ""},
        {"T-RM-1/-/server/bulk/ON1-E/v1/default/ipv4", "stopped",
         "the keepalive before REMOVE_ADDR is obeyed"},
        {"T-RM-1/-/server/bulk/ON2-E/v1/default/ipv4", "stopped",
         "the keepalive before REMOVE_ADDR is obeyed"},
        {"T-DSS-5/-/server/idle/PE-H/v1/default/ipv4", "stopped", "Multipath TCP itself"},
        {"B-DATA/-/server/idle/OFF/tcp/default/ipv4", "broken", ""},
        {"T-TS-2/direct/server/trickle/PE-H/v1/default/ipv4", "broken", ""},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

/* RFC 7430 §2: v0's ADD_ADDR has no proof, so that numbers are all it takes; v1's has (T-RES-1). */
static void only_a_proof_stops_a_forged_address(void **state)
{
    (void)state;
    static const struct stated stated[] = {
        {"T-RES-1/-/client/bulk/PE-J/v0/permissive/ipv4", "broken", ""},
        {"T-RES-1/-/client/bulk/PE-J/v0/default/ipv4", "stopped by policy",
         "limits of the path manager"},
        {"T-RES-1/-/client/bulk/PE-J/v1/permissive/ipv4", "stopped", "keys unknown"},
        {"T-RES-1/-/client/bulk/OFF/v0/permissive/ipv4", "stopped", "client port (14.8 bits)"},
        {"T-RES-1/-/client/trickle/OFF/v0/permissive/ipv4", "broken", ""}, /* has a day for it */
        {"T-RES-1/-/client/trickle/OFF/v1/permissive/ipv4", "stopped", "keys unknown"},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

/* RFC 7430 §6: no proof of a join covers addresses, so whoever rewrites one keeps it (T-TS-3), on a
 * path that TCP would not have used; only the fresh nonce stands against sending it again (T-TS-6),
 * and no number stands in for a join (T-UNK-1). */
static void joins_prove_nonces_and_no_addresses(void **state)
{
    (void)state;
    static const struct stated stated[] = {
        {"T-TS-3/away/server/bulk/PA-J/v1/default/ipv4", "broken", ""},
        {"T-TS-3/away/server/idle/PA-J/v0/default/ipv4", "broken", ""},
        {"T-TS-3/relay/server/bulk/ON2-A/v1/default/ipv4", "broken", ""},
        {"T-TS-6/-/server/bulk/PE-J-no-spoof/v1/default/ipv4", "stopped",
         "the fresh nonce of each join"},
        {"T-UNK-1/-/server/idle/OFF/v1/default/ipv4", "stopped", "numbers unknown"},
        {"T-UNK-1/-/server/bulk/ON2-E-no-spoof/v0/default/ipv4", "stopped", "keys unknown"},
        {"B-PROXY/-/server/bulk/PA-H/tcp/default/ipv4", "broken", ""},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
    json_t *record = record_of(stated[0].cell, (struct plait_analysis_request){OWN});
    assert_string_equal(text_at(record, "versus_tcp"), "wider");
    json_decref(record);
}

/* RFC 6181 §5 and §7 (R1): a path begins with a handshake, so data goes to nobody who did not
 * answer it, whatever he is like; TCP's handshake is guessed for half the bits (T-FLOOD-1 to
 * T-FLOOD-4). */
static void the_reachability_check_stops_floods(void **state)
{
    (void)state;
    static const struct stated stated[] = {
        {"T-FLOOD-1/silent/server/bulk/PART/v1/default/ipv4", "stopped", "the reachability check"},
        {"T-FLOOD-1/live/server/bulk/PART/v0/permissive/ipv4", "stopped", "the reachability check"},
        {"T-FLOOD-2/absent/server/bulk/PART/v1/default/ipv4", "stopped", "the reachability check"},
        {"T-FLOOD-3/silent/server/bulk/PART/v0/default/ipv4", "stopped", "the reachability check"},
        {"T-FLOOD-4/absent/server/trickle/PART/v1/default/ipv4", "stopped",
         "initial sequence number of the check (32.0 bits)"},
        {"T-FLOOD-6/-/server/idle/PART/v1/default/ipv4", "broken", ""},
        {"B-OPTACK/-/server/bulk/PART/tcp/default/ipv4", "stopped",
         "data that goes to who asked for it"},
        {"B-ISN/-/server/idle/OFF/tcp/default/ipv4", "broken", ""},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

/* RFC 6181 §5: without a check, the address of anybody can be added to a download, and an
 * acknowledgment for it need not even come from there; with one, handshake, nonce or cookie and
 * nonce, the check stops it (threats.md §3.3). */
static void basic_mptcp_floods_as_rfc_6181_says(void **state)
{
    (void)state;
    static const char check[] = "the reachability check";
    static const struct stated stated[] = {
        {"T-FLOOD-1/silent/server/bulk/PART/M0e/default/ipv4", "broken", ""},
        {"T-FLOOD-1/live/server/bulk/PART/M0i/default/ipv6", "broken", ""},
        {"T-FLOOD-1/absent/server/bulk/PART/M1n/default/ipv4", "stopped", check},
        {"T-FLOOD-1/live/server/bulk/PART/M1h/default/ipv4", "stopped", check},
        {"T-FLOOD-1/silent/server/bulk/PART/M2/default/ipv6", "stopped", check},
        {"T-FLOOD-2/live/server/bulk/PART/M0e/default/ipv4", "broken", ""},
        {"T-FLOOD-2/silent/server/bulk/PART/M1n/default/ipv4", "stopped", check},
        {"T-FLOOD-3/absent/server/bulk/PART/M0i/default/ipv4", "broken", ""},
        {"T-FLOOD-3/silent/server/bulk/PART/M1h/default/ipv4", "stopped", check},
        {"T-FLOOD-5/-/server/bulk/PART-no-spoof/M0e/default/ipv4", "broken", ""},
        {"T-FLOOD-5/-/client/idle/PART-no-spoof/M1n/default/ipv4", "broken", ""},
        {"T-FLOOD-6/-/server/idle/PART/M0i/default/ipv4", "broken", ""},
        {"T-FLOOD-6/-/server/idle/PART/M2/default/ipv4", "broken", ""},
        {"T-UNK-1/-/server/idle/OFF/M0i/default/ipv4", "stopped", "numbers unknown"},
        {"T-UNK-1/-/server/bulk/ON2-E-no-spoof/M1h/default/ipv4", "stopped", "keys unknown"},
        {"T-UNK-1/-/server/idle/ON2-E-no-spoof/M2/default/ipv4", "stopped", "keys unknown"},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

/* RFC 6181 §4: implicit mode gains from ingress filtering, explicit mode does not; and where the
 * check already stops it, either is enough. */
static void a_filter_stops_what_needs_another_source(void **state)
{
    (void)state;
    static const char filter[] = "ingress filtering";
    static const char both[] = "the reachability check and ingress filtering";
    static const struct stated stated[] = {
        {"T-FLOOD-1/silent/server/bulk/PART-no-spoof/M0e/default/ipv4", "broken", ""},
        {"T-FLOOD-1/silent/server/bulk/PART-no-spoof/M0i/default/ipv4", "stopped", filter},
        {"T-FLOOD-1/silent/server/bulk/PART-no-spoof/M1n/default/ipv4", "stopped", both},
        {"T-FLOOD-1/silent/server/bulk/PART-no-spoof/v1/default/ipv4", "stopped", both},
        {"T-FLOOD-2/silent/server/bulk/PART-no-spoof/M0i/default/ipv4", "stopped", filter},
        {"T-FLOOD-3/silent/server/bulk/PART-no-spoof/M0e/default/ipv4", "broken", ""},
        {"T-FLOOD-4/silent/server/trickle/PART-no-spoof/M1h/default/ipv4", "stopped", filter},
        {"T-FLOOD-6/-/server/idle/PART-no-spoof/M1n/default/ipv4", "stopped", filter},
        {"T-FLOOD-7/silent/server/bulk/PART-Y-no-spoof/M2/default/ipv4", "stopped", filter},
        {"T-FLOOD-8/silent/server/bulk/PART-L-no-spoof/M0e/default/ipv4", "broken", ""},
        {"T-FLOOD-8/silent/server/bulk/PART-L-no-spoof/M1h/default/ipv4", "broken", ""},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

static double largest_flight(const char *cell)
{
    json_t *record = record_of(cell, (struct plait_analysis_request){OWN, .full = true});
    const json_t *goal = json_array_get(at(record, "goals"), 0);
    double octets = json_number_value(json_object_get(goal, "measure"));
    json_decref(record);
    return octets;
}

/* RFC 6181 §5, T-FLOOD-2: a window that a new pair inherits, slow start of each pair (which leaves
 * ten segments, RFC 6928), R1. */
static void a_burst_is_as_large_as_the_new_pairs_window(void **state)
{
    (void)state;
    const double segment = 1448, initial = 10 * segment;
    double inherited =
        largest_flight("T-FLOOD-2/silent/server/bulk/PART/M0e+inherit-window/default/ipv4");
    double slow_start = largest_flight("T-FLOOD-2/silent/server/bulk/PART/M0e/default/ipv4");
    double checked = largest_flight("T-FLOOD-2/silent/server/bulk/PART/M1n/default/ipv4");
    assert_true(slow_start == initial);
    assert_true(inherited == 2 * initial); /* it had grown for a round trip */
    assert_true(checked == 0);
    /* Acknowledged in its name, it grows beyond, if the numbers are his as well (T-FLOOD-3). */
    assert_true(largest_flight("T-FLOOD-3/silent/server/bulk/PART/M0e/default/ipv4") > 2 * initial);
    double mapped = largest_flight("T-FLOOD-3/silent/server/bulk/PART/M0e-mapped/default/ipv4");
    assert_true(mapped > 0 && mapped <= initial);
    /* An accomplice heard from where the source counts on the pair; what is acknowledged counts
     * from the number that the ANSWER told (docs/mechanisms/basic.md, T-FLOOD-7). */
    assert_true(largest_flight("T-FLOOD-7/silent/server/bulk/PART-Y/M1n-mapped/default/ipv4") >
                2 * initial);
}

/* T-FLOOD-4: R1 is worth the bits of what must come back; a handshake's are TCP's own (M1h). */
static void the_check_is_worth_its_bits(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *outcome, *versus;
        double bits;
    } rows[] = {
        {"T-FLOOD-4/silent/server/trickle/PART/M0e/default/ipv4", "broken", "worse", 0},
        {"T-FLOOD-4/absent/server/trickle/PART/M1h/default/ipv4", "broken", "same", 32},
        {"T-FLOOD-4/silent/server/trickle/PART/M1n/default/ipv4", "stopped", "better", 64},
        {"T-FLOOD-4/silent/server/trickle/PART/M2/default/ipv4", "stopped", "better", 64},
        {"T-FLOOD-4/silent/server/trickle/PART/v1/default/ipv4", "stopped", "better", 64},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *record = record_of(rows[i].cell, (struct plait_analysis_request){OWN});
        const json_t *goal = json_array_get(at(record, "goals"), 0);
        assert_string_equal(text_at(record, "outcome"), rows[i].outcome);
        assert_string_equal(text_at(record, "versus_tcp"), rows[i].versus);
        assert_true(json_number_value(at(goal, "cost.guessed_bits")) == rows[i].bits);
        json_decref(record);
    }
}

static const struct plait_threat *threat_of(const char *id)
{
    for (size_t i = 0; i < plait_threat_count; i++)
        if (strcmp(plait_threats[i]->info.id, id) == 0)
            return plait_threats[i];
    fail_msg("no threat %s", id);
    return NULL;
}

/* The first case of T-FLOOD-4 where the nonce begins with zeros. */
static double price_log2_of_nonce(enum plait_protocol protocol, unsigned bits)
{
    const struct plait_case *first = &threat_of("T-FLOOD-4")->cases[0];
    struct plait_scenario s = own(ts_2_scenario());
    s.script_id = "T-FLOOD-4";
    s.script = first->script;
    s.position = plait_position(first->position);
    s.workload = first->workload;
    s.protocol = protocol;
    s.paths = first->paths;
    s.basic.nonce_zero_bits = (uint8_t)(64 - bits);
    json_t *report = report_of(&s);
    assert_whole(report);
    assert_true(reached(report, "flood_data"));
    assert_true(json_number_value(at(report, "goals.flood_data.cost.guessed_bits")) == bits);
    double price_log2 = json_number_value(at(report, "goals.flood_data.cost.price_log2"));
    json_decref(report);
    return price_log2;
}

/* A nonce of n bits costs 2^n tries of three packets, whatever else is said: where a cookie is in
 * clear it is his own (threats.md §3.3: "2^-n"). */
static void a_nonce_is_worth_its_length(void **state)
{
    (void)state;
    static const unsigned bits[] = {16, 32, 48, 64};
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        assert_true(fabs(price_log2_of_nonce(PLAIT_BASIC_M1N, bits[i]) - 1 - bits[i]) < 0.01);
        assert_true(fabs(price_log2_of_nonce(PLAIT_BASIC_M2, bits[i]) - 1 - bits[i]) < 0.01);
    }
}

/* A threat that a column has no message for is said to be that, with --full. */
static void a_column_without_the_message_is_left_out(void **state)
{
    (void)state;
    static const char *const cells[] = {"T-FLOOD-5/*/M0i/default/*", "T-FLOOD-5/*/M1h/default/*"};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        json_t *record = record_of(cells[i], (struct plait_analysis_request){OWN, .full = true});
        assert_string_equal(text_at(record, "outcome"), "n/a");
        assert_text_at(record, "reason", "mechanism lacks the message: ");
        json_decref(record);
    }
}

/* RFC 5062 §2: whoever names the place from which another will dial keeps him out, if nobody asks
 * that place, and without any right to spoof; what must be said in its name is undone by its reset.
 * Said in step with these resets (--full), it keeps him out of TCP as well (B-ISN). */
static void a_place_can_be_taken_before_its_owner_dials(void **state)
{
    (void)state;
    static const char reset[] = "the target's reset";
    static const char both[] = "the reachability check and the target's reset";
    static const struct stated stated[] = {
        {"T-CAMP-1/again/server/idle/PART-no-spoof/M0e/default/ipv4", "broken", ""},
        {"T-CAMP-1/again/server/idle/PART/M0e/default/ipv4", "broken", ""},
        {"T-CAMP-1/again/server/idle/PART/M0i/default/ipv4", "stopped", reset},
        {"T-CAMP-1/again/server/idle/PART-no-spoof/M0i/default/ipv4", "stopped",
         "the target's reset and ingress filtering"},
        {"T-CAMP-1/again/server/idle/PART/M1n/default/ipv4", "stopped", both},
        {"T-CAMP-1/again/server/idle/PART/M1h/default/ipv4", "stopped", reset},
        {"T-CAMP-1/again/server/idle/PART/M2/default/ipv4", "stopped", both},
        {"T-CAMP-1/again/server/idle/PART/v1/default/ipv4", "stopped", reset},
        {"T-CAMP-1/once/server/idle/PART/M0e/default/ipv4", "stopped", reset},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
    json_t *record = record_of(stated[0].cell, (struct plait_analysis_request){OWN});
    assert_string_equal(text_at(record, "versus_tcp"), "worse");
    assert_string_equal(text_at(record, "goal"), "kill");
    assert_text_at(record, "reason",
                   "the connection of whoever dialled later ended with ETIMEDOUT");
    json_decref(record);
}

static void in_step_with_its_resets_it_is_no_worse_than_tcp(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *outcome, *versus;
    } rows[] = {
        {"T-CAMP-1/in-step/server/idle/PART/v1/default/ipv4", "broken", "same"},
        {"T-CAMP-1/in-step/server/idle/PART/M1h/default/ipv4", "broken", "same"},
        {"T-CAMP-1/in-step/server/idle/PART/M0i/default/ipv4", "broken", "same"},
        {"T-CAMP-1/in-step/server/idle/PART/M1n/default/ipv4", "stopped", "same"},
        /* Whoever does not know the pair's numbers cannot reset it: he need not be in step. */
        {"T-CAMP-1/again/server/idle/PART/M0i-mapped/default/ipv4", "broken", "worse"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *record =
            record_of(rows[i].cell, (struct plait_analysis_request){OWN, .full = true});
        assert_string_equal(text_at(record, "outcome"), rows[i].outcome);
        assert_string_equal(text_at(record, "versus_tcp"), rows[i].versus);
        json_decref(record);
    }
}

/* The beat is that of the lab's own net.  Where a round trip is shorter, the place is free from a
 * reset to the next SYN, and the newcomer gets in by that reset and by nothing else: so says the
 * witness, which a kernel in wall time needs as well (docs/FINDINGS.md, "Camping in step"). */
static void out_of_step_camping_is_stopped_by_the_newcomers_reset(void **state)
{
    (void)state;
    static const char net[] = "path a\npath b\nserver delay 1ms";
    static const struct stated stated[] = {
        {"B-ISN/camp/server/idle/OFF/tcp/default/ipv4", "stopped", "the target's reset"},
        {"T-CAMP-1/in-step/server/idle/PART/v1/default/ipv4", "stopped",
         "the reachability check and the target's reset"},
    };
    struct plait_topology topology;
    struct plait_line_error error;
    assert_true(plait_topology_parse(net, sizeof net - 1, &topology, &error));
    for (size_t i = 0; i < sizeof stated / sizeof stated[0]; i++) {
        json_t *record =
            record_of(stated[i].cell,
                      (struct plait_analysis_request){OWN, .full = true, .topology = &topology});
        assert_string_equal(text_at(record, "outcome"), stated[i].outcome);
        assert_string_equal(text_at(record, "stopped_by"), stated[i].stopped_by);
        json_decref(record);
    }
}

/* RFC 5927 §5.2: a hard error is obeyed by nobody any more; RFC 5961 §7: one segment that TCP
 * takes stops the stream, and the limit keeps what the ends say of it small. */
static void the_bar_knows_errors_and_storms(void **state)
{
    (void)state;
    static const struct stated stated[] = {
        {"B-ICMP/-/server/bulk/ON1-E-no-spoof/tcp/default/ipv4", "stopped",
         "hard errors taken for soft ones"},
        {"B-ICMP/-/server/bulk/ON1-E-no-spoof/tcp/default/ipv6", "stopped",
         "hard errors taken for soft ones"},
        {"B-ACKS/-/server/bulk/ON1-E/tcp/default/ipv4", "broken", ""},
        {"B-CHACK/-/server/idle/OFF/tcp/default/ipv4", "stopped",
         "a limit of challenge ACKs for each connection"},
        {"B-CHACK/kill/server/idle/OFF/tcp/default/ipv4", "stopped",
         "a limit of challenge ACKs for each connection"},
        {"B-ICMP/too-big/server/bulk/ON1-E-no-spoof/tcp/default/ipv4", "stopped",
         "a least size of segments"},
        {"B-PORT/-/server/idle/OFF/tcp/default/ipv4", "stopped", "ports that are drawn at random"},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
    json_t *icmp = record_of(stated[0].cell, (struct plait_analysis_request){OWN});
    assert_int_equal(json_integer_value(at(icmp, "counters.server.ICMP_IN")),
                     1); /* it was in flight */
    json_decref(icmp);
    json_t *acks = record_of(stated[2].cell, (struct plait_analysis_request){OWN});
    assert_true(json_integer_value(at(acks, "counters.client.CHALLENGES_LIMITED")) > 0);
    assert_true(json_integer_value(at(acks, "counters.server.CHALLENGES_LIMITED")) > 0);
    assert_true(json_integer_value(at(acks, "counters.server.SEGMENTS_OUT")) < 60);
    json_decref(acks);
}

/* What was checked once, or belonged to somebody once, is not asked again: no worse than TCP where
 * TCP has the same path (T-FLOOD-7, T-FLOOD-8, T-REUSE-1). */
static void nothing_is_checked_twice(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *versus;
    } stated[] = {
        {"T-FLOOD-7/silent/server/bulk/PART-Y/v1/default/ipv4", "same"},
        {"T-FLOOD-8/silent/server/trickle/PART-L/v0/default/ipv4", "same"},
        {"T-FLOOD-8/live/server/bulk/PART-L/v1/default/ipv4", "same"},
        {"T-REUSE-1/-/server/bulk/HEIR-1-no-spoof/v1/default/ipv4", "same"},
        {"T-REUSE-1/-/server/trickle/HEIR-2-no-spoof/v1/default/ipv4", "wider"},
        {"T-FLOOD-7/silent/server/bulk/PART-Y/M1n/default/ipv4", "same"},
        {"T-FLOOD-7/silent/server/trickle/PART-Y/M1h/default/ipv4", "same"},
        {"T-FLOOD-7/silent/server/bulk/PART-Y/M2/default/ipv4", "same"},
        {"T-FLOOD-8/silent/server/bulk/PART-L/M1n/default/ipv4", "same"},
        {"T-FLOOD-8/live/server/bulk/PART-L/M2/default/ipv4", "same"},
        {"T-REUSE-1/-/server/bulk/HEIR-1-no-spoof/M0i/default/ipv4", "same"},
        {"T-REUSE-1/-/server/bulk/HEIR-2-no-spoof/M2/default/ipv4", "wider"},
    };
    for (size_t i = 0; i < sizeof stated / sizeof stated[0]; i++) {
        json_t *record = record_of(stated[i].cell, (struct plait_analysis_request){OWN});
        assert_string_equal(text_at(record, "outcome"), "broken");
        assert_string_equal(text_at(record, "versus_tcp"), stated[i].versus);
        json_decref(record);
    }
}

/* RFC 6181 §6.1 and §6.2 (threats.md §3.3): a reachability check is no proof of identity, a cookie
 * in clear stops whoever was never on the path, and nobody else. */
static void basic_mptcp_is_hijacked_as_rfc_6181_says(void **state)
{
    (void)state;
    static const char cookie[] = "cookie (64.0 bits)";
    static const struct stated stated[] = {
        {"T-HIJ-1/-/server/bulk/OFF-NS-no-spoof/M0e/default/ipv4", "broken", ""},
        {"T-HIJ-1/-/server/bulk/OFF-NS-no-spoof/M0i/default/ipv6", "broken", ""},
        {"T-HIJ-1/-/server/bulk/OFF-NS-no-spoof/M1n/default/ipv4", "broken", ""},
        {"T-HIJ-1/-/server/bulk/OFF-NS-no-spoof/M2/default/ipv4", "stopped", cookie},
        {"T-HIJ-2/-/server/bulk/OFF/M1n/default/ipv6", "broken", ""},
        {"T-HIJ-2/-/server/bulk/OFF/M2/default/ipv4", "stopped", cookie},
        {"T-HIJ-3/-/server/idle/OFF-NS-no-spoof/M0i/default/ipv4", "broken", ""},
        {"T-HIJ-3/-/server/idle/OFF-NS-no-spoof/M2/default/ipv4", "stopped", cookie},
        {"T-HIJ-4/-/server/idle/OFF/M0e/default/ipv4", "broken", ""},
        {"T-HIJ-4/-/server/idle/OFF/M2/default/ipv4", "stopped", cookie},
        {"T-HIJ-6/-/server/bulk/OFF/M0e/default/ipv4", "broken", ""},
        {"T-HIJ-6/-/server/bulk/OFF/M0i/default/ipv4", "broken", ""},
        {"T-HIJ-6/-/server/bulk/OFF/M2/default/ipv4", "stopped", cookie},
        {"T-TS-1/-/server/bulk/PE-H-no-spoof/M2/default/ipv4", "broken", ""},
        {"T-TS-1/-/server/idle/PE-H-no-spoof/M2/default/ipv4", "broken", ""},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

/* From off the path only the client's port is guessed, as the record says; who overheard the
 * handshake guesses nothing. */
static void a_hijack_costs_a_port(void **state)
{
    (void)state;
    json_t *blind = record_of("T-HIJ-3/-/server/idle/OFF-NS-no-spoof/M0e/default/ipv4",
                              (struct plait_analysis_request){OWN});
    json_t *heard = record_of("T-TS-1/-/server/idle/PE-H-no-spoof/M2/default/ipv4",
                              (struct plait_analysis_request){OWN});
    double bits = json_real_value(at(blind, "cost.guessed_bits"));
    assert_true(bits > 14.7 && bits < 14.9); /* our connect() draws from 32768 to 60999 */
    assert_true(json_real_value(at(heard, "cost.guessed_bits")) == 0);
    assert_int_equal(json_integer_value(at(heard, "cost.packets")), 3); /* ADD, ANSWER, octets */
    json_decref(blind);
    json_decref(heard);
}

/* M1h is joined without a proof; v0 and v1 want one, and the keys are what is lacking (threats.md
 * §3.3).  A client is hijacked like a server.  Where no message takes a path away, that costs the
 * number of a reset. */
static void a_path_is_had_for_a_port_or_for_keys(void **state)
{
    (void)state;
    static const char keys[] = "keys unknown", number[] = "sequence number (32.0 bits)";
    static const struct stated stated[] = {
        {"T-HIJ-1/-/server/bulk/OFF-NS-no-spoof/M1h/default/ipv4", "broken", ""},
        {"T-HIJ-1/-/client/bulk/OFF-NS-no-spoof/M0i/default/ipv6", "broken", ""},
        {"T-HIJ-1/-/client/bulk/OFF-NS-no-spoof/M1h/default/ipv4", "broken", ""},
        {"T-HIJ-1/-/server/bulk/OFF-NS-no-spoof/v0/permissive/ipv4", "stopped", keys},
        {"T-HIJ-2/-/server/bulk/OFF/v1/default/ipv6", "stopped", keys},
        {"T-HIJ-2/-/server/bulk/OFF/M1h/default/ipv4", "stopped", number},
        {"T-HIJ-3/-/client/idle/OFF-NS-no-spoof/M1n/default/ipv4", "broken", ""},
        {"T-HIJ-3/-/client/idle/OFF-NS-no-spoof/v1/default/ipv4", "stopped", keys},
        {"T-HIJ-4/-/server/idle/OFF/v0/default/ipv4", "stopped", keys},
        {"T-HIJ-6/-/client/bulk/OFF/M1n/default/ipv4", "broken", ""},
        {"T-HIJ-6/-/server/bulk/OFF/M1h/default/ipv4", "stopped", number},
        {"T-HIJ-6/-/server/bulk/OFF/v1/default/ipv4", "stopped",
         "numbers unknown and the keepalive before REMOVE_ADDR is obeyed"},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

/* RFC 6181 §6.1, RFC 7430 §2 (T-HIJ-5). */
static void a_man_in_the_middle_comes_from_off_the_path(void **state)
{
    (void)state;
    static const char cookie[] = "cookie (64.0 bits)";
    static const struct stated stated[] = {
        {"T-HIJ-5/beside/server/bulk/OFF/M0e/default/ipv4", "broken", ""},
        {"T-HIJ-5/beside/server/bulk/OFF/M1h/default/ipv4", "broken", ""},
        {"T-HIJ-5/alone/server/bulk/OFF/M0i/default/ipv4", "broken", ""},
        {"T-HIJ-5/alone/server/trickle/OFF/M2/default/ipv4", "stopped", cookie},
        {"T-HIJ-5/altering/server/bulk/OFF/M1n/default/ipv4", "broken", ""},
        {"T-HIJ-5/altering/server/bulk/OFF/M1h/default/ipv4", "broken", ""},
        {"T-HIJ-5/add-addr/client/trickle/OFF/v0/permissive/ipv4", "broken", ""},
        {"T-HIJ-5/add-addr/client/trickle/OFF/v1/permissive/ipv4", "stopped", keys_unknown},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

static double fraction_read(const char *cell, json_t **record)
{
    *record = record_of(cell, (struct plait_analysis_request){OWN});
    const json_t *goal;
    size_t i;
    json_array_foreach(at(*record, "goals"), i,
                       goal) if (strcmp(text_at(goal, "goal"), "read") ==
                                 0) return json_number_value(at(goal, "measure"));
    fail_msg("%s is not judged by read", cell);
    return 0;
}

/* With the genuine addresses removed nothing passes him by; the applications go on, and are still
 * told the first address of each other (T-HIJ-2, T-HIJ-5, T-HIJ-7). */
static void all_of_the_stream_goes_where_it_is_led(void **state)
{
    (void)state;
    static const char *const all[] = {"T-HIJ-2/-/server/bulk/OFF/M0e/default/ipv4",
                                      "T-HIJ-5/alone/server/bulk/OFF/M1n/default/ipv4",
                                      "T-HIJ-5/alone/server/trickle/OFF/M0i/default/ipv4"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        json_t *record;
        assert_true(fraction_read(all[i], &record) > 0.99);
        assert_text_at(record, "reason", "its interface still names ");
        json_decref(record);
    }
    json_t *beside;
    double part = fraction_read("T-HIJ-5/beside/server/bulk/OFF/M1n/default/ipv4", &beside);
    assert_true(part > 0.1 && part < 0.9);
    assert_null(strstr(text_at(beside, "reason"), "its interface still names"));
    json_decref(beside);
}

/* An address where nobody answers is a path where nothing asks (RFC 6181 §7, R1; T-HIJ-8); and the
 * interface names the first pair, whatever the mechanism (RFC 6181 §4, RFC 8684 §4; T-HIJ-7). */
static void dead_ends_and_names(void **state)
{
    (void)state;
    static const char check[] = "the reachability check";
    static const struct stated stated[] = {
        {"T-HIJ-8/alone/server/bulk/OFF/M0e/default/ipv4", "broken", ""},
        {"T-HIJ-8/alone/client/bulk/OFF/M0i/default/ipv4", "broken", ""},
        {"T-HIJ-8/beside/server/bulk/OFF/M0e/default/ipv4", "broken", ""},
        {"T-HIJ-8/alone/server/bulk/OFF/M1n/default/ipv4", "stopped", check},
        {"T-HIJ-8/beside/server/bulk/OFF/M1h/default/ipv4", "stopped", check},
        {"T-HIJ-8/alone/server/bulk/OFF/v1/default/ipv4", "stopped",
         "keys unknown and the reachability check"},
        {"T-HIJ-7/-/server/bulk/OFF/M1n/default/ipv4", "broken", ""},
        {"T-HIJ-7/-/server/idle/PE-H/M2/default/ipv4", "broken", ""},
        {"T-HIJ-7/-/server/idle/PE-H/v1/default/ipv4", "broken", ""},
        {"T-HIJ-7/-/server/bulk/OFF/v1/default/ipv4", "stopped",
         "keys unknown and numbers unknown"},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

/* threats.md §3.3, §3.4: what a later message shows, T-TS-1; the first handshake, T-TS-2; an
 * address changed in flight, T-TS-3; a message sent again, T-TS-6. */
static void who_was_there_once_is_there_for_good(void **state)
{
    (void)state;
    static const struct stated stated[] = {
        {"T-TS-1/-/server/bulk/PE-J-no-spoof/M2/default/ipv4", "broken", ""},
        {"T-TS-1/-/server/idle/PE-J1/M2/default/ipv4", "broken", ""},
        {"T-TS-1/-/server/trickle/PE-J-no-spoof/M1h/default/ipv4", "broken", ""},
        {"T-TS-1/-/server/bulk/PE-J-no-spoof/M0e/default/ipv4", "broken", ""}, /* buys a port */
        {"T-TS-1/-/server/bulk/PE-J-no-spoof/v0/default/ipv4", "stopped", keys_unknown},
        {"T-TS-1/-/server/idle/PE-J/v1/permissive/ipv4", "stopped", keys_unknown},
        {"T-TS-2/direct/server/bulk/PE-H/M1h/default/ipv4", "broken", ""},
        {"T-TS-2/direct/client/bulk/PE-H/M2/default/ipv4", "broken", ""},
        {"T-TS-3/away/server/bulk/PA-J/M1h/default/ipv4", "broken", ""},
        {"T-TS-3/away/server/bulk/PA-J/M0i/default/ipv4", "broken", ""},
        {"T-TS-3/away/server/trickle/PA-J1/M2/default/ipv4", "broken", ""},
        {"T-TS-3/relay/server/bulk/ON2-A/M1h/default/ipv4", "broken", ""},
        {"T-TS-6/-/server/idle/PE-J-no-spoof/M1h/default/ipv4", "broken", ""},
        {"T-TS-6/-/server/bulk/PE-J-no-spoof/M0i/default/ipv4", "broken", ""},
        {"T-TS-6/-/server/bulk/HEIR-J-no-spoof/M2/default/ipv4", "broken", ""},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

/* RFC 6181 §7 (R3): who heard the first handshake lacks what no wire shows, so that he neither
 * joins (T-TS-2, and what begins with it: T-HIJ-7, T-TS-7) nor closes (T-FC-1).  It proves nothing
 * of addresses (T-TS-3), of places (T-CAMP-1) and of what is not offered any more (T-BID-1), and a
 * nonce does without (T-TS-1, T-TS-6). */
static void a_secret_stops_who_heard_the_keys_and_nobody_else(void **state)
{
    (void)state;
    static const char fresh[] = "the fresh nonce of each join";
    static const struct stated stated[] = {
        {"T-TS-2/direct/server/bulk/PE-H/v1/permissive/ipv4", "broken", ""},
        {"T-TS-2/direct/server/bulk/PE-H/M4/permissive/ipv4", "stopped", keys_unknown},
        {"T-TS-2/direct/client/bulk/PE-H/M4/permissive/ipv4", "stopped", keys_unknown},
        {"T-TS-2/add-addr/client/trickle/PE-H/v1/permissive/ipv4", "broken", ""},
        {"T-TS-2/add-addr/client/trickle/PE-H/M4/permissive/ipv4", "stopped", keys_unknown},
        {"T-HIJ-7/-/server/idle/PE-H/M4/permissive/ipv4", "stopped", keys_unknown},
        {"T-TS-7/own/server/bulk/PE-H-no-spoof/M4/permissive/ipv4", "stopped", keys_unknown},
        {"T-FC-1/-/server/trickle/PE-H/v1/permissive/ipv4", "broken", ""},
        {"T-FC-1/-/server/trickle/PE-H/M4/permissive/ipv4", "stopped",
         "keys unknown and numbers unknown"},
        {"T-TS-1/-/server/idle/PE-J/M4/permissive/ipv4", "stopped", keys_unknown},
        {"T-TS-6/-/server/bulk/PE-J-no-spoof/M4/permissive/ipv4", "stopped", fresh},
        {"T-TS-3/away/server/bulk/PA-J/M4/permissive/ipv4", "broken", ""},
        {"T-CAMP-1/in-step/server/idle/PART/v1/permissive/ipv4", "broken", ""},
        {"T-CAMP-1/in-step/server/idle/PART/M4/permissive/ipv4", "broken", ""},
        {"T-BID-1/-/server/bulk/PA-H/M4/permissive/ipv4", "broken", ""},
        {"T-BID-1/-/server/bulk/PA-H/v1/permissive/ipv4", "broken", ""},
    };
    assert_stated_in((struct plait_analysis_request){OWN, .full = true}, stated,
                     sizeof stated / sizeof stated[0]);
}

/* No message that takes an address away has a nonce (R4 of RFC 6181 §7); what stops REMOVE_ADDR is
 * something else, and a join's nonce stands against the very host that joined (T-TS-6). */
static void a_removal_is_never_too_old(void **state)
{
    (void)state;
    static const char fresh[] = "the fresh nonce of each join";
    static const char kept[] =
        "the keepalive before REMOVE_ADDR is obeyed and identifiers that are not used again";
    static const char old[] = "numbers unknown and the keepalive before REMOVE_ADDR is obeyed and "
                              "identifiers that are not used again";
    static const struct stated stated[] = {
        {"T-TS-6/remove/server/bulk/PE-J1-no-spoof/M0e/default/ipv4", "broken", ""},
        {"T-TS-6/remove/server/trickle/PE-J1-no-spoof/M2/default/ipv4", "broken", ""},
        {"T-TS-6/remove/server/bulk/PE-J/M0i/default/ipv4", "broken", ""},
        {"T-TS-6/remove/server/bulk/PE-J1/v1/default/ipv4", "stopped", kept},
        {"T-TS-6/remove/server/trickle/PE-J1/v0/default/ipv4", "stopped", old},
        {"T-TS-6/-/server/bulk/HEIR-J-no-spoof/v1/default/ipv4", "stopped", fresh},
        {"T-TS-6/-/server/bulk/HEIR-J-no-spoof/v0/permissive/ipv4", "stopped", fresh},
        {"T-TS-6/-/server/bulk/HEIR-J-no-spoof/M1h/default/ipv4", "broken", ""},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

/* RFC 8684 §3.3.1, §3.7: without checksums a gateway's octets are the stream's, as on TCP; with
 * them another path carries on, and where there is none the connection is TCP (T-CSUM-1). */
static void a_gateway_that_makes_payload_longer(void **state)
{
    (void)state;
    static const char summed[] = "the DSS checksum";
    static const struct stated stated[] = {
        {"T-CSUM-1/unchecked/server/bulk/ON1-A/v1/default/ipv4", "broken", ""},
        {"T-CSUM-1/unchecked/server/bulk/ON1-A/M2/default/ipv4", "broken", ""},
        {"T-CSUM-1/unchecked-alone/server/bulk/ON1-A/tcp/default/ipv4", "broken", ""},
        {"T-CSUM-1/checked/server/bulk/ON1-A/v1/default/ipv4", "stopped", summed},
        {"T-CSUM-1/checked/server/bulk/ON1-A/v0/permissive/ipv4", "stopped", summed},
        {"T-CSUM-1/checked/server/bulk/ON1-A/M1h/default/ipv4", "stopped", summed},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
    json_t *alone = record_of("T-CSUM-1/checked-alone/server/bulk/ON1-A/v1/default/ipv4",
                              (struct plait_analysis_request){OWN});
    assert_text_at(alone, "outcome", "broken");
    assert_text_at(alone, "versus_tcp", "same");
    assert_int_equal(json_integer_value(at(alone, "counters.server.FAIL_IN")), 1);
    json_decref(alone);
}

/* No binding of a path ends by itself, but the traffic may: where pairs share one sequence space,
 * what timed out carries nothing while another lives; a subflow sends its own again and again
 * (T-TS-7). */
static void a_sink_outlives_who_dug_it(void **state)
{
    (void)state;
    static const char check[] = "the reachability check", other[] = "another subflow carries on";
    static const struct stated stated[] = {
        {"T-TS-7/silent/server/bulk/PE-H/M0e/default/ipv4", "stopped", other},
        {"T-TS-7/silent-alone/server/bulk/PE-H/M0e/default/ipv4", "broken", ""},
        {"T-TS-7/silent-alone/server/trickle/PE-H/M0i/default/ipv4", "broken", ""},
        {"T-TS-7/silent-alone/server/bulk/PE-H/M1n/default/ipv4", "stopped", check},
        {"T-TS-7/silent/server/trickle/PE-H/v1/default/ipv4", "stopped", check},
        {"T-TS-7/live/server/trickle/PE-H/v0/default/ipv4", "stopped",
         "the reachability check and the target's reset"},
        {"T-TS-7/own/server/trickle/PE-H-no-spoof/M1n/default/ipv4", "stopped", other},
        {"T-TS-7/own-alone/server/bulk/PE-H/M2/default/ipv4", "broken", ""},
        {"T-TS-7/own/server/bulk/PE-H-no-spoof/v1/default/ipv4", "broken", ""},
        {"T-TS-7/own/server/trickle/PE-J-no-spoof/v1/default/ipv4", "stopped", keys_unknown},
    };
    assert_stated(stated, sizeof stated / sizeof stated[0]);
}

/* What differs with the data plane, which RFC 6181 leaves open. */
static void a_sink_lasts_where_pairs_count_by_themselves(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *outcome;
    } stated[] = {
        {"T-TS-7/silent/server/trickle/PE-H/M0e/default/ipv4", "stopped"},
        {"T-TS-7/silent/server/trickle/PE-H/M0e-mapped/default/ipv4", "broken"},
        {"T-TS-7/own/server/trickle/PE-H-no-spoof/M1n-mapped/default/ipv4", "broken"},
        {"T-HIJ-5/alone/server/bulk/OFF/M0e-mapped/default/ipv4", "broken"},
        {"T-TS-3/away/server/trickle/PA-J1/M2-mapped/default/ipv4", "broken"},
        {"T-TS-6/-/server/idle/PE-J-no-spoof/M0i-mapped/default/ipv4", "broken"},
    };
    for (size_t i = 0; i < sizeof stated / sizeof stated[0]; i++) {
        json_t *record =
            record_of(stated[i].cell, (struct plait_analysis_request){OWN, .full = true});
        if (strcmp(text_at(record, "outcome"), stated[i].outcome) != 0)
            fail_msg("%s: %s: %s", stated[i].cell, text_at(record, "outcome"),
                     text_at(record, "reason"));
        json_decref(record);
    }
}

/* ---- who arrives first ------------------------------------------------------------------------
 */

enum { RACE_GOALS = 3, DISTANCES = 3 };

struct race {
    const char *threat, *position;
    enum plait_workload workload;
    enum plait_protocol protocol;
    struct {
        const char *goal;
        unsigned won[DISTANCES]; /* of SEEDS, nearer, as near, farther */
    } goals[RACE_GOALS];
};

enum { SEEDS = 20, TRICKLE_MS = 100 }; /* between two writes of a peer */

static bool is_in(const char *const *names, enum plait_protocol protocol)
{
    for (; *names; names++)
        if (strcmp(*names, plait_protocol_name(protocol)) == 0)
            return true;
    return false;
}

static const struct plait_case *case_of(const struct plait_threat *threat, const struct race *race)
{
    for (size_t c = 0; c < threat->case_count; c++) {
        const struct plait_case *played = &threat->cases[c];
        if (strcmp(played->position, race->position) == 0 && played->workload == race->workload &&
            (!played->only || is_in(played->only, race->protocol)))
            return played;
    }
    fail_msg("no case of %s", race->threat);
    return NULL;
}

static void count_wins(const struct race *race, enum plait_distance distance,
                       unsigned won[RACE_GOALS])
{
    const struct plait_threat *threat = find_threat(race->threat);
    struct plait_scenario s = scenario_of_case(threat, case_of(threat, race), race->protocol);
    s.watch_ns = PLAIT_S;
    s.brief = true;
    s.distance = distance;
    for (s.seed = 1; s.seed <= SEEDS; s.seed++) {
        s.away_ns = PLAIT_S + (plait_time_ns)s.seed * TRICKLE_MS / SEEDS * PLAIT_MS;
        json_t *report = report_of(&s);
        assert_whole(report);
        for (int g = 0; g < RACE_GOALS && race->goals[g].goal; g++)
            won[g] += reached(report, race->goals[g].goal);
        json_decref(report);
    }
}

/* DESIGN §1: the attacker a tenth and ten times as far as the genuine end, 20 seeds, each at
 * another moment between two writes of the peer. */
static void who_arrives_first(void **state)
{
    (void)state;
    static const enum plait_distance distances[DISTANCES] = {PLAIT_NEARER, PLAIT_AS_IT_IS,
                                                             PLAIT_FARTHER};
    static const struct race races[] = {
        {"T-HIJ-3", "OFF-NS", PLAIT_IDLE, PLAIT_BASIC_M0E, {{"inject", {20, 20, 20}}}},
        {"T-HIJ-5", "OFF", PLAIT_BULK, PLAIT_BASIC_M0I, {{"read", {20, 20, 20}}}},
        {"T-TS-1", "PE-H", PLAIT_TRICKLE, PLAIT_BASIC_M2, {{"inject", {20, 20, 20}}}},
        {"T-TS-1", "PE-H", PLAIT_TRICKLE, PLAIT_BASIC_M1H, {{"inject", {20, 20, 20}}}},
        {"T-TS-2",
         "PE-H",
         PLAIT_TRICKLE,
         PLAIT_MPTCP_V1,
         {{"inject", {19, 18, 11}}, {"read", {20, 20, 20}}, {"takeover", {20, 20, 20}}}},
        {"T-TS-3",
         "PA-J1",
         PLAIT_TRICKLE,
         PLAIT_BASIC_M2,
         {{"inject", {20, 20, 20}}, {"read", {20, 20, 20}}}},
        {"T-TS-3",
         "PA-J",
         PLAIT_TRICKLE,
         PLAIT_MPTCP_V1,
         {{"inject", {20, 20, 0}}, {"read", {20, 20, 0}}, {"takeover", {20, 20, 20}}}},
    };
    for (size_t i = 0; i < sizeof races / sizeof races[0]; i++)
        for (int d = 0; d < DISTANCES; d++) {
            unsigned won[RACE_GOALS] = {0};
            count_wins(&races[i], distances[d], won);
            for (int g = 0; g < RACE_GOALS && races[i].goals[g].goal; g++)
                if (won[g] != races[i].goals[g].won[d])
                    fail_msg("%s under %s, distance %d: %s %u of %d, not %u", races[i].threat,
                             plait_protocol_name(races[i].protocol), d, races[i].goals[g].goal,
                             won[g], SEEDS, races[i].goals[g].won[d]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_linux_differs),
        cmocka_unit_test(only_a_proof_stops_a_forged_address),
        cmocka_unit_test(joins_prove_nonces_and_no_addresses),
        cmocka_unit_test(the_reachability_check_stops_floods),
        cmocka_unit_test(basic_mptcp_floods_as_rfc_6181_says),
        cmocka_unit_test(a_filter_stops_what_needs_another_source),
        cmocka_unit_test(a_burst_is_as_large_as_the_new_pairs_window),
        cmocka_unit_test(the_check_is_worth_its_bits),
        cmocka_unit_test(a_nonce_is_worth_its_length),
        cmocka_unit_test(a_column_without_the_message_is_left_out),
        cmocka_unit_test(a_place_can_be_taken_before_its_owner_dials),
        cmocka_unit_test(in_step_with_its_resets_it_is_no_worse_than_tcp),
        cmocka_unit_test(out_of_step_camping_is_stopped_by_the_newcomers_reset),
        cmocka_unit_test(the_bar_knows_errors_and_storms),
        cmocka_unit_test(nothing_is_checked_twice),
        cmocka_unit_test(basic_mptcp_is_hijacked_as_rfc_6181_says),
        cmocka_unit_test(a_hijack_costs_a_port),
        cmocka_unit_test(a_path_is_had_for_a_port_or_for_keys),
        cmocka_unit_test(a_man_in_the_middle_comes_from_off_the_path),
        cmocka_unit_test(all_of_the_stream_goes_where_it_is_led),
        cmocka_unit_test(dead_ends_and_names),
        cmocka_unit_test(who_was_there_once_is_there_for_good),
        cmocka_unit_test(a_secret_stops_who_heard_the_keys_and_nobody_else),
        cmocka_unit_test(a_removal_is_never_too_old),
        cmocka_unit_test(a_gateway_that_makes_payload_longer),
        cmocka_unit_test(a_sink_outlives_who_dug_it),
        cmocka_unit_test(a_sink_lasts_where_pairs_count_by_themselves),
        cmocka_unit_test(who_arrives_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
