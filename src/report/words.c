/* report/words.c: words, ranks, prices and times. */
#include "report/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const plait_outcome_words[] = {"broken", "partial", "stopped", "stopped by policy",
                                           "n/a",    "skipped", "error",   NULL};
const char *const plait_versus_words[] = {"worse", "wider", "same", "better", "none", NULL};
const char *const plait_kind_words[] = {"threat", "baseline", "control", NULL};

struct rank {
    const char *word;
    int rank;
};

/* Stopped by limits that an administrator may lift is less than stopped by the mechanism. */
static const struct rank outcome_ranks[] = {
    {"broken", 4},  {"partial", 3}, {"stopped by policy", 2},
    {"stopped", 1}, {"error", -1},  {"skipped", -2},
    {"n/a", -3},    {NULL, 0},
};

/* `none` has no TCP to be measured by: it is counted apart, between `wider` and `same`. */
static const struct rank versus_ranks[] = {
    {"worse", 5}, {"wider", 4}, {"none", 3}, {"same", 2}, {"better", 1}, {NULL, 0},
};

static int rank_of(const struct rank *ranks, const char *word)
{
    for (; word && ranks->word; ranks++)
        if (strcmp(ranks->word, word) == 0)
            return ranks->rank;
    return 0;
}

int plait_outcome_rank(const char *outcome)
{
    return rank_of(outcome_ranks, outcome);
}

bool plait_outcome_decided(const char *outcome)
{
    return plait_outcome_rank(outcome) > 0;
}

int plait_versus_rank(const char *versus)
{
    return rank_of(versus_ranks, versus);
}

const char *plait_outcome_shown(const char *outcome)
{
    return outcome && strcmp(outcome, "broken") == 0 ? "BROKEN" : outcome;
}

double plait_price_log2(const json_t *cost)
{
    const json_t *price = json_object_get(cost, "price_log2");
    return json_is_number(price) ? json_number_value(price) : (double)INFINITY;
}

/* Up to four digits a count says more than its logarithm. */
void plait_price(const json_t *cost, char text[PLAIT_PRICE_ROOM])
{
    double price_log2 = plait_price_log2(cost);
    if (isinf(price_log2))
        snprintf(text, PLAIT_PRICE_ROOM, "never");
    else if (price_log2 < 0)
        snprintf(text, PLAIT_PRICE_ROOM, "%.2f pkt", exp2(price_log2));
    else if (exp2(price_log2) < 9999.5)
        snprintf(text, PLAIT_PRICE_ROOM, "%.0f pkt", exp2(price_log2));
    else
        snprintf(text, PLAIT_PRICE_ROOM, "2^%.1f pkt", price_log2);
}

void plait_duration(int64_t duration_ns, char text[PLAIT_DURATION_ROOM])
{
    double s = (double)duration_ns / 1e9;
    if (s < 1)
        snprintf(text, PLAIT_DURATION_ROOM, "%.0f ms", s * 1e3);
    else if (s < 120)
        snprintf(text, PLAIT_DURATION_ROOM, "%.1f s", s);
    else
        snprintf(text, PLAIT_DURATION_ROOM, "%lld min %lld s", (long long)s / 60,
                 (long long)s % 60);
}
