/* Octets that anybody may have sent: altered captures, options of any content, numbers of any
 * value.  Nothing breaks, memory stays within its limit, and every connection ends once. */
#include "tests/unit/audit/fixture.h"
#include "tests/unit/dice.h"

static void finish(struct ear *ear)
{
    plait_audit_end(ear->audit);
    assert_int_equal(plait_audit_alive(ear->audit), 0);
    ear_free(ear);
}

static struct plait_audit_limits small_limits(struct dice *d)
{
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = (16u << 10) << throw_below(d, 6);
    limits.hold_octets = 1u << (8 + throw_below(d, 14));
    limits.retain_octets = 1u << (6 + throw_below(d, 12));
    limits.copy = throw_below(d, 2) ? PLAIT_FIRST_COPY : PLAIT_LAST_COPY;
    return limits;
}

static void captures_with_altered_octets(void **state)
{
    (void)state;
    static const char *const names[] = {"tcpdump/mptcp-v0.pcap",    "tcpdump/mptcp-v1.pcap",
                                        "tcpdump/mptcp-aa-v1.pcap", "findings/F-1.pcapng",
                                        "findings/F-2.pcapng",      "findings/F-7.pcapng"};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct dice d = dice(seed);
        struct plait_audit_limits limits = small_limits(&d);
        struct ear *ear = ear_with(&limits);
        ear_capture(ear, names[seed % 6], &(struct feed){.alter = &d});
        finish(ear);
    }
}

/* ---- a few flows, any numbers near each other, any options ---- */

static struct plait_mptcp_option any_option(struct dice *d)
{
    struct plait_mptcp_option o = {.is_raw = true, .subtype = (uint8_t)throw_below(d, 16)};
    static const uint8_t lengths[] = {3, 4, 8, 12, 14, 16, 18, 20, 22, 24, 26, 28};
    uint8_t length = lengths[throw_below(d, sizeof lengths)];
    o.raw.length = length;
    for (unsigned i = 0; i < length; i++)
        o.raw.octets[i] = (uint8_t)(throw_below(d, 3) ? throw_below(d, 4) : throw_u64(d));
    o.raw.octets[0] = 30;
    o.raw.octets[1] = length;
    o.raw.octets[2] = (uint8_t)(o.subtype << 4 | throw_below(d, 2));
    if (o.subtype == PLAIT_DSS)
        o.raw.octets[3] = (uint8_t)throw_below(d, 32);
    return o;
}

static void any_packet(struct talk *t, struct dice *d)
{
    static const uint8_t flags[] = {PLAIT_ACK,
                                    PLAIT_ACK,
                                    PLAIT_ACK,
                                    PLAIT_ACK,
                                    PLAIT_SYN,
                                    PLAIT_SYN | PLAIT_ACK,
                                    PLAIT_FIN | PLAIT_ACK,
                                    PLAIT_RST,
                                    PLAIT_RST | PLAIT_ACK,
                                    0};
    static char text[600];
    unsigned n = (unsigned)throw_below(d, 4), end = (unsigned)throw_below(d, 2);
    struct plait_mptcp_option options[2] = {any_option(d), any_option(d)};
    unsigned count = options[0].raw.length + options[1].raw.length <= 36
                         ? (unsigned)throw_below(d, 3)
                         : (unsigned)throw_below(d, 2);
    uint32_t seq = t->path[n].seq[end];
    if (throw_below(d, 3) == 0)
        t->path[n].seq[end] += (uint32_t)throw_below(d, 3000) - 1500;
    if (throw_below(d, 40) == 0)
        t->path[n].seq[end] = (uint32_t)throw_u64(d);
    t->now_ns += (plait_time_ns)throw_below(d, 100) * PLAIT_MS;
    t->input = (uint16_t)throw_below(d, 2);
    say(t, n, end, flags[throw_below(d, sizeof flags)], options, count, text,
        throw_below(d, 2) ? throw_below(d, sizeof text) : 0);
    if (throw_below(d, 4) == 0)
        t->path[n].seq[end] = seq;
}

static void packets_of_any_content(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct dice d = dice(seed * 1000);
        struct plait_audit_limits limits = small_limits(&d);
        struct ear *ear = ear_with(&limits);
        struct talk t = talk(ear, seed % 2);
        if (seed % 3)
            hello(&t);
        if (seed % 3 == 2)
            join(&t, 1, 0);
        for (unsigned i = 0; i < 600; i++) {
            any_packet(&t, &d);
            if (throw_below(&d, 5) == 0)
                data(&t, (unsigned)throw_below(&d, 2), (unsigned)throw_below(&d, 2), "genuine");
        }
        finish(ear);
    }
}

/* ---- work ---- */

/* What waits behind a hole is in thousands of pieces, and packets that hold copies of a thousand of
 * them follow.  Whoever looked for each piece from where the last one was put would be at it for
 * minutes, and be ended. */
static void big_copies_of_what_waits_in_small_pieces(void **state)
{
    (void)state;
    enum { FIRST = 10, PIECES = 4000, COPY_OCTETS = 1200, COPIES = 6000 };
    struct plait_audit_limits limits = plait_audit_limits();
    limits.hold_ns = 3600 * PLAIT_S;
    struct ear *ear = ear_with(&limits);
    struct talk t = talk(ear, 1);
    char text[COPY_OCTETS + 1] = {0};
    hello(&t);
    for (unsigned i = 0; i < PIECES; i++)
        data_at(&t, 0, 0, FIRST + i, "x");
    memset(text, 'x', COPY_OCTETS);
    for (unsigned i = 0; i < COPIES; i++)
        data_at(&t, 0, 0, FIRST, text);
    data_at(&t, 0, 0, 0, "0123456789");
    assert_int_equal(ear->stream[0][0].length, FIRST + PIECES);
    assert_int_equal(ear->contradiction_count, 0);
    finish(ear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captures_with_altered_octets),
        cmocka_unit_test(packets_of_any_content),
        cmocka_unit_test(big_copies_of_what_waits_in_small_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
