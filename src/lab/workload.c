/* lab/workload.c: the lab's four workloads, and the file of another. */
#include "lab/workload.h"

const char *plait_workload_name(enum plait_workload workload)
{
    static const char *const names[] = {"idle", "trickle", "bulk", "request-response"};
    return names[workload];
}

/* ---- the lab's own ------------------------------------------------------------------------ */

static const struct {
    struct plait_writer_of victim, peer;
} own[] = {
    [PLAIT_IDLE] = {{PLAIT_WRITES_NOTHING, 0, 0}, {PLAIT_WRITES_NOTHING, 0, 0}},
    /* 1 kB/s each way */
    [PLAIT_TRICKLE] = {{PLAIT_WRITES_TRICKLE, 100, 100000}, {PLAIT_WRITES_TRICKLE, 100, 100000}},
    /* 1 Mbit/s from the victim, in bursts that are larger than a scheduler's (64 KB) */
    [PLAIT_BULK] = {{PLAIT_WRITES_BULK, 100000, 800000}, {PLAIT_WRITES_NOTHING, 0, 0}},
    [PLAIT_REQUEST_RESPONSE] = {{PLAIT_WRITES_ANSWERS, 2000, 0},
                                {PLAIT_WRITES_REQUESTS, 200, 100000}},
};

struct plait_traffic plait_workload_traffic(enum plait_workload workload, enum plait_side victim)
{
    struct plait_traffic traffic = {.kind = workload};
    traffic.of[victim] = own[workload].victim;
    traffic.of[plait_other(victim)] = own[workload].peer;
    return traffic;
}

plait_time_ns plait_workload_gap_ns(const struct plait_traffic *traffic)
{
    uint64_t a = traffic->of[0].gap_us, b = traffic->of[1].gap_us;
    return (plait_time_ns)(a > b ? a : b) * 1000;
}

/* ---- the file ----------------------------------------------------------------------------- */

enum { RATE_BITS_PER_S_MAX = 20000000, GAP_MS_MIN = 1, GAP_S_MAX = 10 };

static const char *const sides[] = {"client", "server", NULL};
static const char *const writings[] = {"idle", "trickle", "bulk", "requests", "answers", NULL};

static const struct plait_quantity chunk = {"a size", "2kB",   plait_size_units,
                                            1,        1000000, "1B to 1MB"};
static const struct plait_quantity gap = {
    "a time", "100ms", plait_time_units, GAP_MS_MIN *PLAIT_MS, GAP_S_MAX *PLAIT_S, "1ms to 10s"};
static const struct plait_quantity rate = {"a rate", "1Mbit/s",           plait_rate_units,
                                           1,        RATE_BITS_PER_S_MAX, "1bit/s to 20Mbit/s"};

static int index_of(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

/* `every GAP` or `at RATE`. */
static bool parse_pace(struct plait_lines *lines, struct plait_writer_of *w)
{
    static const char *const paces[] = {"every", "at", NULL};
    const char *name = lines->word[3], *text = lines->word[4];
    uint64_t value;
    int pace = index_of(paces, name);
    if (pace < 0)
        return plait_lines_refuse_word(lines, name, "pace", paces);
    if (!plait_lines_quantity(lines, name, text, pace ? &rate : &gap, &value))
        return false;
    w->gap_us = pace ? (w->octets * 8 * 1000000 + value - 1) / value : value / 1000;
    if (w->gap_us < GAP_MS_MIN * 1000 || w->gap_us > GAP_S_MAX * 1000000)
        return plait_lines_refuse(lines, "%s at %s: that is not one in each 1ms to 10s",
                                  lines->word[2], text);
    if (w->octets * 8 * 1000000 / w->gap_us > RATE_BITS_PER_S_MAX)
        return plait_lines_refuse(lines, "%s every %s: more than 20Mbit/s", lines->word[2], text);
    return true;
}

/* SIDE idle | SIDE answers SIZE | SIDE trickle, bulk or requests SIZE every GAP or at RATE */
static bool parse_line(struct plait_lines *lines, unsigned line_of[2],
                       struct plait_traffic *traffic)
{
    int side = index_of(sides, lines->word[0]);
    if (side < 0)
        return plait_lines_refuse_word(lines, lines->word[0], "side", sides);
    if (line_of[side])
        return plait_lines_refuse(lines, "%s: stands in line %u already", sides[side],
                                  line_of[side]);
    line_of[side] = lines->line;
    if (lines->count < 2)
        return plait_lines_refuse(lines, "%s: idle, trickle, bulk, requests or answers expected",
                                  sides[side]);
    int writing = index_of(writings, lines->word[1]);
    if (writing < 0)
        return plait_lines_refuse_word(lines, lines->word[1], "kind of writing", writings);
    static const struct {
        unsigned words;
        const char *form;
    } forms[] = {
        [PLAIT_WRITES_NOTHING] = {2, "idle"},
        [PLAIT_WRITES_TRICKLE] = {5, "trickle SIZE every GAP"},
        [PLAIT_WRITES_BULK] = {5, "bulk SIZE every GAP, or bulk SIZE at RATE"},
        [PLAIT_WRITES_REQUESTS] = {5, "requests SIZE every GAP"},
        [PLAIT_WRITES_ANSWERS] = {3, "answers SIZE"},
    };
    if (lines->count != forms[writing].words)
        return plait_lines_refuse(lines, "%s %s: `%s %s` was expected", sides[side],
                                  writings[writing], sides[side], forms[writing].form);
    struct plait_writer_of *w = &traffic->of[side];
    w->writing = (enum plait_writing)writing;
    return lines->count < 3 ||
           (plait_lines_quantity(lines, writings[writing], lines->word[2], &chunk, &w->octets) &&
            (lines->count < 5 || parse_pace(lines, w)));
}

/* Requests and answers come together. */
static bool check_pairs(struct plait_lines *lines, const unsigned line_of[2],
                        const struct plait_traffic *traffic)
{
    static const enum plait_writing pairs[][2] = {{PLAIT_WRITES_REQUESTS, PLAIT_WRITES_ANSWERS},
                                                  {PLAIT_WRITES_ANSWERS, PLAIT_WRITES_REQUESTS}};
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < 2; i++)
            if (traffic->of[side].writing == pairs[i][0] &&
                traffic->of[!side].writing != pairs[i][1]) {
                lines->line = line_of[side];
                return plait_lines_refuse(lines, "%s %s: `%s %s ...` was expected beside it",
                                          sides[side], writings[pairs[i][0]], sides[!side],
                                          writings[pairs[i][1]]);
            }
    return true;
}

/* The busiest side says what kind of connection it is: how long it lives (DESIGN §1, price). */
static enum plait_workload kind_of(const struct plait_traffic *traffic)
{
    static const enum plait_workload kinds[] = {
        [PLAIT_WRITES_NOTHING] = PLAIT_IDLE,
        [PLAIT_WRITES_TRICKLE] = PLAIT_TRICKLE,
        [PLAIT_WRITES_BULK] = PLAIT_BULK,
        [PLAIT_WRITES_REQUESTS] = PLAIT_REQUEST_RESPONSE,
        [PLAIT_WRITES_ANSWERS] = PLAIT_REQUEST_RESPONSE,
    };
    enum plait_workload a = kinds[traffic->of[0].writing], b = kinds[traffic->of[1].writing];
    return a > b ? a : b;
}

bool plait_workload_parse(const void *octets, size_t length_octets, struct plait_traffic *traffic,
                          struct plait_line_error *error)
{
    struct plait_lines lines = plait_lines(octets, length_octets, error);
    unsigned line_of[2] = {0, 0};
    *traffic = (struct plait_traffic){.is_given = true};
    while (plait_lines_next(&lines))
        if (!parse_line(&lines, line_of, traffic))
            return false;
    if (error->text[0] || !check_pairs(&lines, line_of, traffic))
        return false;
    if (!line_of[0] && !line_of[1])
        return plait_lines_refuse(&lines,
                                  "says nothing: `client ...` or `server ...` was expected");
    traffic->kind = kind_of(traffic);
    return true;
}

void plait_workload_print(const struct plait_traffic *traffic, struct plait_text *text)
{
    for (int side = 0; side < 2; side++) {
        const struct plait_writer_of *w = &traffic->of[side];
        plait_text_add(text, "%s %s", sides[side], writings[w->writing]);
        if (w->octets) {
            plait_text_add(text, " ");
            plait_quantity_print(text, &chunk, w->octets);
        }
        if (w->gap_us) {
            plait_text_add(text, " every ");
            plait_quantity_print(text, &gap, w->gap_us * 1000);
        }
        plait_text_add(text, "\n");
    }
}
