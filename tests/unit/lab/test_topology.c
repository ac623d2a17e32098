/* The file of a user's net: what it says, what is refused in which line, and that no octets harm.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "lab/topology.h"
#include "tests/unit/dice.h"

static bool parse(const char *text, size_t length, struct plait_topology *topology,
                  struct plait_line_error *error)
{
    char *exact = malloc(length ? length : 1); /* so that reading past the end is seen */
    memcpy(exact, text, length);
    bool parsed = plait_topology_parse(exact, length, topology, error);
    free(exact);
    assert_int_equal(parsed, error->text[0] == '\0');
    return parsed;
}

static struct plait_topology good(const char *text)
{
    struct plait_topology topology;
    struct plait_line_error error;
    if (!parse(text, strlen(text), &topology, &error))
        fail_msg("line %u: %s", error.line, error.text);
    return topology;
}

static uint64_t of(const struct plait_stretch *stretch, enum plait_way_index way,
                   enum plait_way_property property)
{
    return stretch->way[way].of[property];
}

/* ---- what a file says --------------------------------------------------------------------- */

static void a_file_says_all(void **state)
{
    (void)state;
    struct plait_topology t =
        good("# a phone\r\n"
             "path wifi delay 8ms rate-down 50Mbit/s rate-up 20Mbit/s queue-up 30kB nat\n"
             "\n"
             "\tpath lte-2 delay-up 25ms delay-down 0.5ms loss 0.1% mtu 1400 # Größe 1 %\n"
             "server reorder 1% reorder-by 3us duplicate-up 5ppm\n"
             "attacker delay 10s\n"
             "family ipv6");
    assert_int_equal(t.path_count, 2);
    const struct plait_path_config *wifi = &t.paths[0], *lte = &t.paths[1];
    assert_string_equal(wifi->name, "wifi");
    assert_string_equal(lte->name, "lte-2");
    assert_int_equal(of(&wifi->stretch, PLAIT_UP, PLAIT_WAY_DELAY_NS), 8 * PLAIT_MS);
    assert_int_equal(of(&wifi->stretch, PLAIT_DOWN, PLAIT_WAY_DELAY_NS), 8 * PLAIT_MS);
    assert_int_equal(of(&wifi->stretch, PLAIT_UP, PLAIT_WAY_RATE_BITS_PER_S), 20000000);
    assert_int_equal(of(&wifi->stretch, PLAIT_DOWN, PLAIT_WAY_RATE_BITS_PER_S), 50000000);
    assert_int_equal(of(&wifi->stretch, PLAIT_UP, PLAIT_WAY_QUEUE_OCTETS), 30000);
    assert_int_equal(of(&wifi->stretch, PLAIT_DOWN, PLAIT_WAY_QUEUE_OCTETS), 625000); /* 100 ms */
    assert_int_equal(wifi->stretch.mtu_octets, 1500);
    assert_true(wifi->nat && !wifi->strips && !lte->nat);
    assert_int_equal(of(&lte->stretch, PLAIT_UP, PLAIT_WAY_DELAY_NS), 25 * PLAIT_MS);
    assert_int_equal(of(&lte->stretch, PLAIT_DOWN, PLAIT_WAY_DELAY_NS), 500000);
    assert_int_equal(of(&lte->stretch, PLAIT_DOWN, PLAIT_WAY_LOSS_PER_MILLION), 1000);
    assert_int_equal(lte->stretch.mtu_octets, 1400);
    assert_int_equal(of(&t.server, PLAIT_UP, PLAIT_WAY_REORDER_PER_MILLION), 10000);
    assert_int_equal(of(&t.server, PLAIT_DOWN, PLAIT_WAY_REORDER_NS), 3000);
    assert_int_equal(of(&t.server, PLAIT_UP, PLAIT_WAY_DUPLICATE_PER_MILLION), 5);
    assert_int_equal(of(&t.server, PLAIT_DOWN, PLAIT_WAY_DUPLICATE_PER_MILLION), 0);
    assert_int_equal(t.attacker_delay_ns, 10 * PLAIT_S);
    assert_int_equal(t.families, PLAIT_FAMILY_BIT_IPV6);
    assert_int_equal(plait_topology_mtu_octets(&t), 1400);
    assert_true(plait_topology_has_chance(&t));
}

static void little_is_enough(void **state)
{
    (void)state;
    struct plait_topology t = good("path a");
    assert_int_equal(t.path_count, 1);
    assert_int_equal(of(&t.paths[0].stretch, PLAIT_UP, PLAIT_WAY_DELAY_NS), 2 * PLAIT_MS);
    assert_int_equal(t.attacker_delay_ns, 2 * PLAIT_MS);
    assert_int_equal(t.families, PLAIT_FAMILY_BIT_IPV4 | PLAIT_FAMILY_BIT_IPV6);
    assert_false(plait_topology_has_chance(&t));
}

static void the_dialled_path_comes_first_and_the_stripped_last(void **state)
{
    (void)state;
    struct plait_topology t = good("path a strip-mptcp\npath b\npath c\ndial c\n");
    assert_string_equal(t.paths[0].name, "c");
    assert_string_equal(t.paths[1].name, "b");
    assert_string_equal(t.paths[2].name, "a");
    assert_int_equal(plait_topology_usable(&t), 2);
    t = good("dial a\npath a strip-mptcp\npath b");
    assert_string_equal(t.paths[0].name, "a");
    assert_int_equal(plait_topology_usable(&t), 1);
}

/* ---- what follows ------------------------------------------------------------------------- */

static void distances(void **state)
{
    (void)state;
    struct plait_topology t = good("path a delay-up 30ms delay-down 1ms\nattacker delay 7ms");
    assert_int_equal(plait_topology_attacker_delay_ns(&t, PLAIT_AS_IT_IS), 7 * PLAIT_MS);
    assert_int_equal(plait_topology_attacker_delay_ns(&t, PLAIT_NEARER), 3 * PLAIT_MS);
    assert_int_equal(plait_topology_attacker_delay_ns(&t, PLAIT_FARTHER), 300 * PLAIT_MS);
    t = good("path a delay 30ms\nattacker nearer");
    assert_int_equal(plait_topology_attacker_delay_ns(&t, PLAIT_AS_IT_IS), 3 * PLAIT_MS);
    assert_int_equal(plait_topology_attacker_delay_ns(&t, PLAIT_FARTHER), 300 * PLAIT_MS);
    assert_int_equal(plait_topology_attacker_delay_ns(&plait_own_topology, PLAIT_NEARER), 200000);
}

static void slack_is_what_a_round_takes_longer_than_on_the_labs_own_net(void **state)
{
    (void)state;
    assert_int_equal(plait_topology_slack_ns(&plait_own_topology, PLAIT_AS_IT_IS), 0);
    struct plait_topology t = good("path a delay 1ms\nserver delay 1ms\nattacker delay 1ms");
    assert_int_equal(plait_topology_slack_ns(&t, PLAIT_AS_IT_IS), 0); /* never less */
    t = good("path a\npath b delay 12ms");
    assert_int_equal(plait_topology_slack_ns(&t, PLAIT_AS_IT_IS), 20 * PLAIT_MS);
    t = good("path a rate 8Mbit/s queue 100kB"); /* waits for 100 ms */
    assert_int_equal(plait_topology_slack_ns(&t, PLAIT_AS_IT_IS), 200 * PLAIT_MS);
    t = good("path a");
    assert_int_equal(plait_topology_slack_ns(&t, PLAIT_FARTHER), 36 * PLAIT_MS);
}

/* What is printed says the same again: a record carries it. */
static void what_is_printed_says_the_same(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "path a",
        "path wifi delay 8ms rate-down 50Mbit/s rate-up 20Mbit/s nat\n"
        "path lte delay-up 25ms delay-down 0ms loss 0.1% mtu 1400\n"
        "path sat delay 1s reorder-up 0.0001% reorder-by-up 5ns strip-mptcp\n"
        "dial lte\nserver duplicate 50%\nattacker farther\nfamily ipv4\n",
        "path a rate 64kbit/s\nserver rate 100Gbit/s queue 1500B\nattacker delay 0.25us",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct plait_topology once = good(texts[i]), twice;
        char room[PLAIT_TOPOLOGY_OCTETS], again[PLAIT_TOPOLOGY_OCTETS];
        struct plait_text text = plait_text(room, sizeof room);
        plait_topology_print(&once, &text);
        assert_false(text.cut);
        twice = good(room);
        text = plait_text(again, sizeof again);
        plait_topology_print(&twice, &text);
        assert_string_equal(again, room);
        assert_memory_equal(&once, &twice, sizeof once);
    }
}

static void the_longest_file_can_be_printed(void **state)
{
    (void)state;
    char room[PLAIT_TOPOLOGY_OCTETS];
    struct plait_topology t = plait_own_topology;
    struct plait_stretch worst = {.mtu_octets = 1500};
    for (int way = 0; way < 2; way++)
        for (int i = 0; i < PLAIT_WAY_PROPERTIES; i++)
            worst.way[way].of[i] = 99999999990u + (unsigned)way;
    t.path_count = PLAIT_PATHS_MAX;
    t.server = worst;
    t.attacker_delay_ns = 9999999999;
    for (unsigned i = 0; i < PLAIT_PATHS_MAX; i++) {
        t.paths[i] = (struct plait_path_config){.stretch = worst, .nat = true, .strips = true};
        memset(t.paths[i].name, 'a', PLAIT_PATH_NAME_OCTETS - 1);
    }
    struct plait_text text = plait_text(room, sizeof room);
    plait_topology_print(&t, &text);
    assert_false(text.cut);
}

/* ---- what is refused ---------------------------------------------------------------------- */

static const struct {
    const char *text;
    unsigned line;
    const char *error; /* the whole of it */
} wrong[] = {
    {"", 1, "has no path: `path NAME delay TIME ...` was expected"},
    {"# nothing\n\n", 2, "has no path: `path NAME delay TIME ...` was expected"},
    {"pth a", 1, "pth: no kind of line (nearest: path)"},
    {"path a\nservr delay 1ms", 2, "servr: no kind of line (nearest: server)"},
    {"path a\n\npath b dely 3ms\n", 3, "dely: no word of a link (nearest: delay)"},
    {"path a strip-mtcp", 1, "strip-mtcp: no word of a link (nearest: strip-mptcp)"},
    {"path a delay 25", 1, "delay 25: has no unit; expected a time like 25ms, 0ms to 1s"},
    {"path a delay ms", 1,
     "delay ms: is no number with its unit; expected a time like 25ms, 0ms to 1s"},
    {"path a delay -1ms", 1,
     "delay -1ms: is no number with its unit; expected a time like 25ms, 0ms to 1s"},
    {"path a delay 1.ms", 1,
     "delay 1.ms: is no number with its unit; expected a time like 25ms, 0ms to 1s"},
    {"path a delay 1e3ms", 1,
     "delay 1e3ms: has another unit; expected a time like 25ms, 0ms to 1s"},
    {"path a delay 5Mbit/s", 1,
     "delay 5Mbit/s: has another unit; expected a time like 25ms, 0ms to 1s"},
    {"path a delay 1001ms", 1,
     "delay 1001ms: is out of range; expected a time like 25ms, 0ms to 1s"},
    {"path a delay 1.0000000001s", 1,
     "delay 1.0000000001s: is out of range; expected a time like 25ms, 0ms to 1s"},
    {"path a delay 0.5ns", 1,
     "delay 0.5ns: is finer than can be had; expected a time like 25ms, 0ms to 1s"},
    {"path a delay 9999999999999999ns", 1,
     "delay 9999999999999999ns: is no number with its unit; expected a time like 25ms, 0ms to 1s"},
    {"path a rate 1kbit/s", 1,
     "rate 1kbit/s: is out of range; expected a rate like 20Mbit/s, 64kbit/s to 100Gbit/s"},
    {"path a rate 20Mbps", 1,
     "rate 20Mbps: has another unit; expected a rate like 20Mbit/s, 64kbit/s to 100Gbit/s"},
    {"path a rate 1Mbit/s queue 1B", 1,
     "queue 1B: is out of range; expected a size like 250kB, 1500B to 64MB"},
    {"path a queue 250kB", 1, "queue: `rate` was expected beside it"},
    {"path a rate-up 1Mbit/s queue 250kB", 1, "queue: `rate` was expected beside it"},
    {"path a loss 51%", 1, "loss 51%: is out of range; expected a share like 0.1%, 0% to 50%"},
    {"path a loss 0.1", 1, "loss 0.1: has no unit; expected a share like 0.1%, 0% to 50%"},
    {"path a loss 0.00001%", 1,
     "loss 0.00001%: is finer than can be had; expected a share like 0.1%, 0% to 50%"},
    {"path a reorder 1%", 1, "reorder: both `reorder SHARE` and `reorder-by TIME` were expected"},
    {"path a mtu 1279", 1, "mtu 1279: a number of octets was expected, 1280 to 1500"},
    {"path a mtu 99999999999999", 1,
     "mtu 99999999999999: a number of octets was expected, 1280 to 1500"},
    {"path a mtu 1400B", 1, "mtu 1400B: a number of octets was expected, 1280 to 1500"},
    {"path a mtu", 1, "mtu: a value was expected behind it"},
    {"path a mtu 1400 mtu 1400", 1, "mtu: was said before in this line"},
    {"path a delay", 1, "delay: a value was expected behind it"},
    {"path a delay 1ms delay-up 2ms", 1, "delay-up: was said before in this line"},
    {"path", 1,
     "path : a name was expected, of 1 to 11 small letters, digits and dashes, a letter first"},
    {"path Wifi", 1,
     "path Wifi: a name was expected, of 1 to 11 small letters, digits and dashes, a letter first"},
    {"path abcdefghijkl", 1,
     "path abcdefghijkl: a name was expected, of 1 to 11 small letters, digits and dashes, a "
     "letter first"},
    {"path lo", 1,
     "path lo: a name was expected, of 1 to 11 small letters, digits and dashes, a letter first"},
    {"path a\npath a", 2, "path a: there is one of that name"},
    {"path a\npath b\npath c\npath d", 4, "path d: at most 3 paths were expected"},
    {"path wifi\ndial wfi\npath lte", 2, "wfi: no path (nearest: wifi)"},
    {"dial a b\npath a", 1, "`dial NAME` was expected"},
    {"dial a\ndial a\npath a", 2, "dial: stands in line 1 already"},
    {"path a\nserver nat", 2, "nat: only a path may have it"},
    {"server\nserver", 2, "server: stands in line 1 already"},
    {"attacker", 1, "`attacker delay TIME, attacker nearer or attacker farther` was expected"},
    {"attacker delay", 1, "delay: a value was expected behind it"},
    {"attacker near", 1, "near: no place of an attacker (nearest: nearer)"},
    {"attacker delay 11s", 1, "delay 11s: is out of range; expected a time like 25ms, 0ms to 10s"},
    {"attacker nearer\nattacker farther", 2, "attacker: stands in line 1 already"},
    {"family ipv5", 1, "ipv5: no family (nearest: ipv4)"},
    {"path a\nfamily", 2, "`family ipv4, family ipv6 or family both` was expected"},
    {"path a\npath \001", 2, "octet 0x01: plain text was expected"},
    {"path \303\244", 1, "octet 0xc3: plain text was expected, other letters in comments only"},
    {"path a # \033[31m", 1, "octet 0x1b: plain text was expected"},
    {"path abcdefghijklmnopqrstuvwxyzabcdefghi", 1,
     "abcdefghijklmnopqrstuvwxyzabcde...: a word of more than 31 octets"},
};

static void what_is_wrong_is_said_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct plait_topology topology;
        struct plait_line_error error;
        if (parse(wrong[i].text, strlen(wrong[i].text), &topology, &error))
            fail_msg("taken: %s", wrong[i].text);
        assert_string_equal(error.text, wrong[i].error);
        assert_int_equal(error.line, wrong[i].line);
    }
}

static void nul_octets_are_refused(void **state)
{
    (void)state;
    struct plait_topology topology;
    struct plait_line_error error;
    static const char text[] = "path a\npath\0b";
    assert_false(parse(text, sizeof text - 1, &topology, &error));
    assert_string_equal(error.text, "octet 0x00: plain text was expected");
    assert_int_equal(error.line, 2);
}

static void limits_are_kept(void **state)
{
    (void)state;
    struct plait_topology topology;
    struct plait_line_error error;
    static char text[PLAIT_FILE_OCTETS_MAX + 1];
    memset(text, '\n', sizeof text);
    memcpy(text, "path a", 6);
    assert_true(parse(text, PLAIT_FILE_OCTETS_MAX, &topology, &error));
    assert_false(parse(text, PLAIT_FILE_OCTETS_MAX + 1, &topology, &error));
    assert_string_equal(error.text, "larger than 65536 octets");
    memset(text, ' ', PLAIT_LINE_OCTETS_MAX);
    memcpy(text, "path a", 6);
    assert_true(parse(text, PLAIT_LINE_OCTETS_MAX + 1, &topology, &error)); /* with its end */
    text[PLAIT_LINE_OCTETS_MAX] = ' ';
    assert_false(parse(text, PLAIT_LINE_OCTETS_MAX + 1, &topology, &error));
    assert_string_equal(error.text, "a line of more than 512 octets");
    for (int i = 0; i <= PLAIT_LINE_WORDS_MAX; i++)
        memcpy(text + 2 * i, "a ", 2);
    assert_false(parse(text, 2 * PLAIT_LINE_WORDS_MAX + 2, &topology, &error));
    assert_string_equal(error.text, "more than 40 words in a line");
}

/* ---- any octets --------------------------------------------------------------------------- */

static void assert_sound(const struct plait_topology *t)
{
    assert_true(t->path_count >= 1 && t->path_count <= PLAIT_PATHS_MAX);
    for (unsigned i = 0; i < t->path_count; i++) {
        assert_true(strnlen(t->paths[i].name, PLAIT_PATH_NAME_OCTETS) < PLAIT_PATH_NAME_OCTETS);
        assert_in_range(t->paths[i].stretch.mtu_octets, 1280, 1500);
    }
    assert_in_range(t->families, 1, 3);
    char room[PLAIT_TOPOLOGY_OCTETS];
    struct plait_text text = plait_text(room, sizeof room);
    plait_topology_print(t, &text);
    struct plait_topology again = good(room);
    assert_memory_equal(t, &again, sizeof again);
}

/* Words of the language, in any order, and now and then an octet of anything. */
static size_t throw_file(struct dice *dice, char *text, size_t room)
{
    static const char *const words[] = {
        "path ",     "a ",     "b ",     "delay ", "5ms ",    "delay-up ",   "rate ",
        "8Mbit/s ",  "loss ",  "1% ",    "nat ",   "\n",      "dial ",       "server ",
        "attacker ", "nearer", "family", " both",  "mtu ",    "1400 ",       "strip-mptcp ",
        "reorder ",  "# ",     "queue ", "30kB ",  "\npath ", "reorder-by ", "0.5"};
    size_t length = 0;
    for (uint64_t n = throw_below(dice, 40); n > 0; n--) {
        const char *word = words[throw_below(dice, sizeof words / sizeof words[0])];
        size_t octets = strlen(word);
        if (length + octets + 1 > room)
            break;
        memcpy(text + length, word, octets);
        length += octets;
        if (throw_below(dice, 100) == 0)
            text[length++] = (char)throw_u64(dice);
    }
    return length;
}

static void any_octets_are_read_or_refused(void **state)
{
    (void)state;
    enum { FILES = 200000, ROOM = 600 };
    struct dice dice = {.key = plait_draw_key(6181)};
    char text[ROOM];
    unsigned taken = 0;
    for (int n = 0; n < FILES; n++) {
        size_t length = throw_below(&dice, 20) ? throw_file(&dice, text, sizeof text)
                                               : throw_below(&dice, ROOM);
        for (size_t i = 0; n % 20 == 0 && i < length; i++)
            text[i] = (char)throw_u64(&dice);
        struct plait_topology topology;
        struct plait_line_error error;
        if (parse(text, length, &topology, &error)) {
            assert_sound(&topology);
            taken++;
        } else {
            assert_true(error.line >= 1);
        }
    }
    assert_true(taken > 100); /* the dice say something now and then */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_says_all),
        cmocka_unit_test(little_is_enough),
        cmocka_unit_test(the_dialled_path_comes_first_and_the_stripped_last),
        cmocka_unit_test(distances),
        cmocka_unit_test(slack_is_what_a_round_takes_longer_than_on_the_labs_own_net),
        cmocka_unit_test(what_is_printed_says_the_same),
        cmocka_unit_test(the_longest_file_can_be_printed),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(nul_octets_are_refused),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(any_octets_are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
