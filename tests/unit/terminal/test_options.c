/* Command lines read by tables: what is taken, in which forms, and what is refused in which words.
 */
#include <stdlib.h>

#include "tests/unit/test.h"

#include "terminal/options.h"

struct filled {
    bool flag, help;
    const char *text;
    struct plait_texts texts;
    unsigned word, count;
    uint64_t seed, octets;
};

#define AT(member) offsetof(struct filled, member)

static const char *const words[] = {"table", "json", NULL};

static const struct plait_option own[] = {
    {.name = "flag", .letter = 'f', .help = "a flag", .offset = AT(flag)},
    {.name = "text", .kind = PLAIT_OPTION_TEXT, .argument = "TEXT", .help = "", .offset = AT(text)},
    {.name = "interface",
     .letter = 'i',
     .kind = PLAIT_OPTION_TEXTS,
     .argument = "NAME",
     .help = "",
     .offset = AT(texts)},
    {.name = "format",
     .kind = PLAIT_OPTION_WORD,
     .argument = "table|json",
     .help = "",
     .offset = AT(word),
     .words = words,
     .min = 7},
    {.name = "count",
     .kind = PLAIT_OPTION_COUNT,
     .argument = "N",
     .help = "",
     .offset = AT(count),
     .min = 1,
     .max = 9},
    {.name = "seed", .kind = PLAIT_OPTION_SEED, .argument = "N", .help = "", .offset = AT(seed)},
    {.name = "memory",
     .kind = PLAIT_OPTION_OCTETS,
     .argument = "OCTETS",
     .help = "",
     .offset = AT(octets),
     .min = 1024},
    {.name = NULL},
};

static const struct plait_option common[] = {
    {.name = "help", .letter = 'h', .help = "this text", .offset = AT(help)},
    {.name = NULL},
};

static const struct plait_grammar grammar = {
    .command = "try", .operands = "FILE", .operands_max = 2, .own = own, .common = common};

struct line {
    bool good;
    struct filled filled;
    struct plait_texts operands;
    char error[200];
};

static struct line read_line(int argc, const char *const *argv)
{
    struct line line = {.good = false};
    line.good = plait_options_read(&grammar, argc, (char **)(uintptr_t)argv, &line.filled,
                                   &line.operands, line.error, sizeof line.error);
    return line;
}

#define READ(...)                                                                                  \
    read_line(sizeof(const char *const[]){__VA_ARGS__} / sizeof(char *),                           \
              (const char *const[]){__VA_ARGS__})

static void done(struct line *line)
{
    free(line->filled.texts.of);
    free(line->operands.of);
}

static void every_kind_is_taken(void **state)
{
    (void)state;
    struct line l = READ("--flag", "--text", "a", "--format=json", "--count", "9", "--seed=0xff",
                         "--memory", "2k", "file", "--help");
    assert_true(l.good && l.filled.flag && l.filled.help);
    assert_string_equal(l.filled.text, "a");
    assert_int_equal(l.filled.word, 8);
    assert_int_equal(l.filled.count, 9);
    assert_int_equal(l.filled.seed, 255);
    assert_int_equal(l.filled.octets, 2048);
    assert_int_equal(l.operands.count, 1);
    assert_string_equal(l.operands.of[0], "file");
    done(&l);
}

static void letters_stand_alone_or_before_their_value(void **state)
{
    (void)state;
    struct line l = READ("-i", "eth0", "-ieth1", "-f", "--interface=lo", "-h");
    assert_true(l.good && l.filled.flag && l.filled.help);
    assert_int_equal(l.filled.texts.count, 3);
    assert_string_equal(l.filled.texts.of[0], "eth0");
    assert_string_equal(l.filled.texts.of[1], "eth1");
    assert_string_equal(l.filled.texts.of[2], "lo");
    done(&l);
}

static void operands_may_look_like_options(void **state)
{
    (void)state;
    struct line l = READ("-", "--", "--flag");
    assert_true(l.good && !l.filled.flag);
    assert_string_equal(l.operands.of[0], "-");
    assert_string_equal(l.operands.of[1], "--flag");
    done(&l);
}

static void refused(struct line l, const char *words_of_error)
{
    assert_false(l.good);
    assert_string_equal(l.error, words_of_error);
    done(&l);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    refused(READ("--flog"), "unknown option --flog (nearest: --flag)");
    refused(READ("-x"), "unknown option -x (nearest: --text)");
    refused(READ("-fx"), "unknown option -fx (nearest: --flag)");
    refused(READ("--flag=1"), "--flag takes no value");
    refused(READ("--text"), "--text needs a value: TEXT");
    refused(READ("-i"), "--interface needs a value: NAME");
    refused(READ("--format", "jsn"), "--format jsn: not known (nearest: json)");
    refused(READ("--count", "10"), "--count 10: is no number from 1 to 9");
    refused(READ("--seed", "-1"), "--seed -1: is no 64-bit number");
    refused(READ("a", "b", "c"), "c: one operand too many");
}

static void octets_take_units_and_no_more(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t octets; /* 0: refused */
    } cases[] = {
        {"1024", 1024},
        {"3M", 3 << 20},
        {"2G", UINT64_C(2) << 30},
        {"0x400", 1024},
        {"1023", 0},
        {"1m", 0},
        {"1kk", 0},
        {"k", 0},
        {"-1", 0},
        {"18446744073709551615k", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct line l = READ("--memory", cases[i].text);
        assert_int_equal(l.good, cases[i].octets != 0);
        if (l.good)
            assert_int_equal(l.filled.octets, cases[i].octets);
        done(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_taken),
        cmocka_unit_test(letters_stand_alone_or_before_their_value),
        cmocka_unit_test(operands_may_look_like_options),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(octets_take_units_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
