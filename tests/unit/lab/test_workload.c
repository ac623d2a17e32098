/* The file of a user's traffic: what it says, what is refused, and that no octets harm. */
#include "tests/unit/test.h"

#include "lab/workload.h"
#include "tests/unit/dice.h"

static struct plait_traffic good(const char *text)
{
    struct plait_traffic traffic;
    struct plait_line_error error;
    if (!plait_workload_parse(text, strlen(text), &traffic, &error))
        fail_msg("line %u: %s", error.line, error.text);
    assert_true(traffic.is_given);
    return traffic;
}

static void expect_side(const struct plait_traffic *traffic, enum plait_side side,
                        enum plait_writing writing, uint64_t octets, uint64_t gap_us)
{
    assert_int_equal(traffic->of[side].writing, writing);
    assert_int_equal(traffic->of[side].octets, octets);
    assert_int_equal(traffic->of[side].gap_us, gap_us);
}

static void a_file_says_who_writes_what(void **state)
{
    (void)state;
    struct plait_traffic t = good("# pages\nclient requests 500B every 250ms\nserver answers 20kB");
    assert_int_equal(t.kind, PLAIT_REQUEST_RESPONSE);
    expect_side(&t, PLAIT_CLIENT, PLAIT_WRITES_REQUESTS, 500, 250000);
    expect_side(&t, PLAIT_SERVER, PLAIT_WRITES_ANSWERS, 20000, 0);
    t = good("server bulk 100kB at 1Mbit/s");
    assert_int_equal(t.kind, PLAIT_BULK);
    expect_side(&t, PLAIT_CLIENT, PLAIT_WRITES_NOTHING, 0, 0);
    expect_side(&t, PLAIT_SERVER, PLAIT_WRITES_BULK, 100000, 800000);
    t = good("client trickle 100B every 0.1s\nserver idle");
    assert_int_equal(t.kind, PLAIT_TRICKLE);
    expect_side(&t, PLAIT_CLIENT, PLAIT_WRITES_TRICKLE, 100, 100000);
    assert_int_equal(plait_workload_gap_ns(&t), 100 * PLAIT_MS);
    t = good("client idle");
    assert_int_equal(t.kind, PLAIT_IDLE);
    t = good("client trickle 1B every 10s\nserver bulk 1MB every 1s");
    assert_int_equal(t.kind, PLAIT_BULK); /* the busier side's */
    assert_int_equal(plait_workload_gap_ns(&t), 10 * PLAIT_S);
}

static void the_labs_own_follow_the_victim(void **state)
{
    (void)state;
    struct plait_traffic t = plait_workload_traffic(PLAIT_BULK, PLAIT_SERVER);
    assert_false(t.is_given);
    expect_side(&t, PLAIT_SERVER, PLAIT_WRITES_BULK, 100000, 800000);
    expect_side(&t, PLAIT_CLIENT, PLAIT_WRITES_NOTHING, 0, 0);
    t = plait_workload_traffic(PLAIT_REQUEST_RESPONSE, PLAIT_CLIENT);
    expect_side(&t, PLAIT_CLIENT, PLAIT_WRITES_ANSWERS, 2000, 0);
    expect_side(&t, PLAIT_SERVER, PLAIT_WRITES_REQUESTS, 200, 100000);
    t = plait_workload_traffic(PLAIT_TRICKLE, PLAIT_CLIENT);
    expect_side(&t, PLAIT_SERVER, PLAIT_WRITES_TRICKLE, 100, 100000);
}

static void what_is_printed_says_the_same(void **state)
{
    (void)state;
    static const char *const texts[] = {"client idle",
                                        "server bulk 100kB at 3Mbit/s\nclient trickle 1B every 1ms",
                                        "server requests 1MB every 10s\nclient answers 1500B"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct plait_traffic once = good(texts[i]);
        char room[256];
        struct plait_text text = plait_text(room, sizeof room);
        plait_workload_print(&once, &text);
        struct plait_traffic twice = good(room);
        assert_memory_equal(&once, &twice, sizeof once);
    }
}

static const struct {
    const char *text;
    unsigned line;
    const char *error;
} wrong[] = {
    {"", 1, "says nothing: `client ...` or `server ...` was expected"},
    {"# a\n# b", 2, "says nothing: `client ...` or `server ...` was expected"},
    {"sever idle", 1, "sever: no side (nearest: server)"},
    {"client\n", 1, "client: idle, trickle, bulk, requests or answers expected"},
    {"\nclient bulky", 2, "bulky: no kind of writing (nearest: bulk)"},
    {"client idle\nserver idle\nclient idle", 3, "client: stands in line 1 already"},
    {"client idle 5B", 1, "client idle: `client idle` was expected"},
    {"server bulk 100kB", 1,
     "server bulk: `server bulk SIZE every GAP, or bulk SIZE at RATE` was expected"},
    {"server bulk 100kB evry 1s", 1, "evry: no pace (nearest: every)"},
    {"server bulk 100 every 1s", 1, "bulk 100: has no unit; expected a size like 2kB, 1B to 1MB"},
    {"server bulk 0B every 1s", 1, "bulk 0B: is out of range; expected a size like 2kB, 1B to 1MB"},
    {"server bulk 2MB every 1s", 1,
     "bulk 2MB: is out of range; expected a size like 2kB, 1B to 1MB"},
    {"server bulk 1kB every 100", 1,
     "every 100: has no unit; expected a time like 100ms, 1ms to 10s"},
    {"server bulk 1kB every 11s", 1,
     "every 11s: is out of range; expected a time like 100ms, 1ms to 10s"},
    {"server bulk 1kB at 1ms", 1,
     "at 1ms: has another unit; expected a rate like 1Mbit/s, 1bit/s to 20Mbit/s"},
    {"server bulk 1kB at 1bit/s", 1, "1kB at 1bit/s: that is not one in each 1ms to 10s"},
    {"server bulk 1B at 20Mbit/s", 1, "1B at 20Mbit/s: that is not one in each 1ms to 10s"},
    {"server bulk 1MB every 1ms", 1, "1MB every 1ms: more than 20Mbit/s"},
    {"client requests 5B every 1s", 1,
     "client requests: `server answers ...` was expected beside it"},
    {"client idle\nserver answers 5B", 2,
     "server answers: `client requests ...` was expected beside it"},
    {"client answers 5B every 1s", 1, "client answers: `client answers SIZE` was expected"},
};

static void what_is_wrong_is_said_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct plait_traffic traffic;
        struct plait_line_error error;
        if (plait_workload_parse(wrong[i].text, strlen(wrong[i].text), &traffic, &error))
            fail_msg("taken: %s", wrong[i].text);
        assert_string_equal(error.text, wrong[i].error);
        assert_int_equal(error.line, wrong[i].line);
    }
}

static void any_octets_are_read_or_refused(void **state)
{
    (void)state;
    static const char *const words[] = {"client ", "server ", "idle ",    "trickle ",  "bulk ",
                                        "5B ",     "1kB ",    "every ",   "at ",       "1s ",
                                        "1kbit/s", "\n",      "answers ", "requests ", "#"};
    struct dice dice = {.key = plait_draw_key(6181)};
    unsigned taken = 0;
    for (int n = 0; n < 200000; n++) {
        char text[160] = "";
        size_t length = 0;
        for (uint64_t k = throw_below(&dice, 14); k > 0; k--) {
            const char *word = words[throw_below(&dice, sizeof words / sizeof words[0])];
            memcpy(text + length, word, strlen(word));
            length += strlen(word);
            if (throw_below(&dice, 100) == 0)
                text[length++] = (char)throw_u64(&dice);
        }
        struct plait_traffic traffic;
        struct plait_line_error error;
        bool parsed = plait_workload_parse(text, length, &traffic, &error);
        assert_int_equal(parsed, error.text[0] == '\0');
        taken += parsed;
        for (int side = 0; parsed && side < 2; side++)
            assert_true(traffic.of[side].octets <= 1000000 && traffic.of[side].gap_us <= 10000000);
    }
    assert_true(taken > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_says_who_writes_what),
        cmocka_unit_test(the_labs_own_follow_the_victim),
        cmocka_unit_test(what_is_printed_says_the_same),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(any_octets_are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
