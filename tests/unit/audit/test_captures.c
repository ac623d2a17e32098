/* Captures of other implementations: what INDEX.md says of each, from the whole file and from parts
 * of it: one direction, each packet cut, some missing, each seen twice. */
#include "tests/unit/audit/fixture.h"

static const struct sample {
    const char *name;
    uint16_t server_port;
    uint8_t version;
    unsigned subflows;
    uint64_t octets[2];
    enum plait_audit_end end;
    unsigned macs_valid;
    const char *notes; /* rules that fire, all of them notes but where `warning` says so */
    const char *warning;
} samples[] = {
    /* SSH: RFC 6824 with checksums, a join, the first subflow reset (threats.md §7.3) */
    {"tcpdump/mptcp-v0.pcap", 22, 0, 2, {5121, 8561}, PLAIT_END_CLOSED, 2, "keys-in-clear", NULL},
    {"tcpdump/mptcp-v1.pcap",
     10004,
     1,
     1,
     {10268, 10268},
     PLAIT_END_CLOSED,
     0,
     "keys-in-clear",
     NULL},
    {"tcpdump/mptcp-aa-v1.pcap",
     55555,
     1,
     1,
     {48, 48},
     PLAIT_END_CLOSED,
     0,
     "keys-in-clear add-addr-pre-rfc",
     NULL},
    {"tcpdump/mptcp-fclose.pcap",
     2002,
     0,
     1,
     {1, 1},
     PLAIT_END_FASTCLOSE,
     0,
     "keys-in-clear",
     NULL},
    {"ptcpdump/mptcp.pcap", 12345, 1, 1, {9, 0}, PLAIT_END_CLOSED, 0, "keys-in-clear", NULL},
    {"ptcpdump/tfo.pcap", 10054, 1, 1, {4308, 0}, PLAIT_END_INPUT, 0, "keys-in-clear", NULL},
    /* ours, of attacks: the same nonce in two forged joins; whoever joins with overheard keys does
     * not know what was acknowledged */
    {"findings/F-1.pcapng",
     0,
     1,
     5,
     {100, 1000},
     PLAIT_END_INPUT,
     5,
     "keys-in-clear join-unadvertised",
     "nonce-repeated"},
    {"findings/F-3.pcapng",
     0,
     1,
     2,
     {100, 21000},
     PLAIT_END_CLOSED,
     2,
     "keys-in-clear join-unadvertised",
     NULL},
    {"findings/F-7.pcapng",
     0,
     1,
     2,
     {126, 71000},
     PLAIT_END_INPUT,
     2,
     "keys-in-clear join-unadvertised",
     "data-ack-back"},
};
#define SAMPLES (sizeof samples / sizeof samples[0])

static const struct plait_audit_connection_view *first(const struct ear *ear)
{
    for (unsigned i = 0; i < ear->ended_count; i++)
        if (ear->ended[i].number == 1)
            return &ear->ended[i];
    return NULL; /* no packet of it was there */
}

static void check_sample(const struct sample *sample, const struct ear *ear)
{
    const struct plait_audit_connection_view *view = first(ear);
    assert_non_null(view);
    assert_int_equal(view->version, sample->version);
    assert_int_equal(view->subflow_count, sample->subflows);
    assert_int_equal(view->end, sample->end);
    assert_false(view->has_gap);
    assert_null(view->fallback_cause);
    for (unsigned d = 0; d < 2; d++)
        assert_int_equal(ear->stream[0][d].length, sample->octets[d]);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_MACS_VALID), sample->macs_valid);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_MACS_INVALID), 0);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CONTRADICTED_OCTETS), 0);
    for (unsigned i = 0; i < ear->alert_count; i++) {
        const char *name = ear->alerts[i].rule->name;
        bool expected =
            strstr(sample->notes, name) || (sample->warning && strcmp(sample->warning, name) == 0);
        if (!expected)
            fail_msg("%s: alert %s", sample->name, name);
    }
    if (sample->warning)
        assert_non_null(ear_alert(ear, sample->warning));
}

static void each_is_what_its_index_says(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLES; i++) {
        struct ear *ear = ear_new();
        ear_capture(ear, samples[i].name, NULL);
        plait_audit_end(ear->audit);
        check_sample(&samples[i], ear);
        ear_free(ear);
    }
}

static void packets_seen_twice_count_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLES; i++) {
        struct ear *ear = ear_new();
        ear_capture(ear, samples[i].name, &(struct feed){.twice = 1});
        plait_audit_end(ear->audit);
        check_sample(&samples[i], ear);
        assert_true(ear_count(ear, PLAIT_COUNT_DUPLICATES) > 0);
        ear_free(ear);
    }
}

static void is_prefix_but_for_gaps(const struct heard_stream *part,
                                   const struct heard_stream *whole)
{
    /* A DATA_FIN that is not there is acknowledged all the same. */
    assert_true(part->length <= whole->length + 1);
    uint64_t differ = 0;
    for (uint64_t i = 0; i < part->length; i++)
        differ += part->octets[i] != whole->octets[i];
    assert_true(differ <= part->gap_octets);
}

/* Whatever is missing: nothing above a note that the whole file does not give, nothing invalid, and
 * what is delivered is the stream's. */
static void check_part(const struct sample *sample, const struct feed *feed)
{
    struct ear *whole = ear_new(), *part = ear_new();
    ear_capture(whole, sample->name, NULL);
    ear_capture(part, sample->name, feed);
    plait_audit_end(whole->audit);
    plait_audit_end(part->audit);
    assert_int_equal(ear_count(part, PLAIT_COUNT_MACS_INVALID), 0);
    assert_int_equal(ear_count(part, PLAIT_COUNT_CHECKSUMS_INVALID), 0);
    bool is_there = sample->warning && ear_alert(part, sample->warning);
    assert_int_equal(ear_alerts(part, PLAIT_WARNING), is_there);
    for (unsigned d = 0; first(part) && d < 2; d++)
        if (first(part)->idsn[d] && !first(part)->opener_is_guess)
            is_prefix_but_for_gaps(&part->stream[0][d], &whole->stream[0][d]);
    ear_free(whole);
    ear_free(part);
}

static void packets_cut_to_96_octets_raise_nothing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLES; i++)
        check_part(&samples[i], &(struct feed){.keep = 96});
}

static void packets_cut_anywhere_raise_nothing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLES; i++)
        for (size_t keep = 1; keep < 120; keep += 3)
            check_part(&samples[i], &(struct feed){.keep = keep});
}

static void one_direction_raises_nothing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SAMPLES; i++)
        for (unsigned only = 1; samples[i].server_port && only <= 2; only++)
            check_part(&samples[i],
                       &(struct feed){.only = only, .server_port = samples[i].server_port});
}

/* Each packet is missing once, alone and with others. */
static void missing_packets_raise_nothing(void **state)
{
    (void)state;
    static const unsigned every[] = {100, 17, 5, 2};
    for (unsigned i = 0; i < SAMPLES; i++)
        for (unsigned k = 0; k < 4; k++)
            for (unsigned from = 0; from < every[k] && from < 20; from++)
                check_part(&samples[i], &(struct feed){.drop_every = every[k], .drop_from = from});
}

static void fragments_of_connections_are_said_to_be_such(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    ear_capture(ear, "tcpdump/mptcp-aa-echo.pcap", NULL);
    assert_int_equal(ear_event(ear, PLAIT_SAW_ADD_ADDR, 0)->judgement, PLAIT_CANNOT_TELL);
    assert_int_equal(ear_events(ear, PLAIT_SAW_ADD_ADDR_ECHO), 1);
    ear_capture(ear, "tcpdump/mptcp-tcprst.pcap", NULL);
    assert_true(ear_event(ear, PLAIT_SAW_RESET, 0)->has_reason);
    ear_capture(ear, "tcpdump/mptcp-dss-oobr.pcap", NULL);
    assert_int_equal(ear_event(ear, PLAIT_SAW_NOT_UNDERSTOOD, 0)->value, PLAIT_DSS);
    plait_audit_end(ear->audit);
    assert_int_equal(ear_alerts(ear, PLAIT_WARNING), 0);
    ear_free(ear);
}

/* threats.md §7.3: the checksums of the SSH session, and its address. */
static void checksums_and_addresses_of_v0(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    ear_capture(ear, "tcpdump/mptcp-v0.pcap", NULL);
    plait_audit_end(ear->audit);
    assert_true(ear_count(ear, PLAIT_COUNT_CHECKSUMS_VALID) > 100);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CHECKSUMS_INVALID), 0);
    assert_memory_equal(ear->stream[0][1].octets, "SSH-2.0-OpenSSH_5.5p1 Debian-6+squeeze1\r\n",
                        41);
    assert_int_equal(first(ear)->token[0], 0xaf9706eb);
    assert_int_equal(first(ear)->idsn[1], 0xe47ef57dd1b9748f);
    assert_int_equal(first(ear)->subflows[1].proof, PLAIT_VALID);
    assert_int_equal(ear_event(ear, PLAIT_SAW_ADD_ADDR, 0)->from.addr.octets[3], 2);
    ear_free(ear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_what_its_index_says),
        cmocka_unit_test(packets_seen_twice_count_once),
        cmocka_unit_test(packets_cut_to_96_octets_raise_nothing),
        cmocka_unit_test(packets_cut_anywhere_raise_nothing),
        cmocka_unit_test(one_direction_raises_nothing),
        cmocka_unit_test(missing_packets_raise_nothing),
        cmocka_unit_test(fragments_of_connections_are_said_to_be_such),
        cmocka_unit_test(checksums_and_addresses_of_v0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
