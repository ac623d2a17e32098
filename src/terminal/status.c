/* terminal/status.c: formats, levels and exit statuses, as tables. */
#include "terminal/status.h"

#include <stddef.h>

const char *const plait_format_words[] = {"table", "json", "jsonl", "tap", NULL};
const char *const plait_level_words[] = {"note", "warning", "alert", NULL};
const char *const plait_exit_style_words[] = {"git-bisect", "kselftest", NULL};

const char *plait_level_text(enum plait_level level)
{
    return level == PLAIT_LEVEL_NONE ? "none" : plait_level_words[level - 1];
}

struct status_row {
    int precedence;
    int exits[3]; /* by enum plait_exit_style */
};

/* git bisect stops at 128 and above: a typing error must not mark a kernel bad, nor skip all. */
static const struct status_row statuses[] = {
    [PLAIT_STATUS_COMPLETED] = {0, {0, 0, 0}}, [PLAIT_STATUS_FINDINGS] = {1, {1, 1, 1}},
    [PLAIT_STATUS_USAGE] = {5, {2, 128, 1}},   [PLAIT_STATUS_ENVIRONMENT] = {4, {2, 125, 4}},
    [PLAIT_STATUS_FAILED] = {3, {3, 125, 1}},  [PLAIT_STATUS_UNDECIDED] = {2, {4, 125, 4}},
};

enum plait_status plait_status_first(enum plait_status a, enum plait_status b)
{
    return statuses[a].precedence >= statuses[b].precedence ? a : b;
}

int plait_exit_status(enum plait_status status, enum plait_exit_style style)
{
    return statuses[status].exits[style];
}
