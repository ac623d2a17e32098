/* terminal/status.h: words that every command shares: formats, levels of findings, and with what
 * status it ends (DESIGN §1).  May touch: nothing but its arguments. */
#ifndef PLAIT_TERMINAL_STATUS_H
#define PLAIT_TERMINAL_STATUS_H

enum plait_format { PLAIT_FORMAT_TABLE, PLAIT_FORMAT_JSON, PLAIT_FORMAT_JSONL, PLAIT_FORMAT_TAP };
extern const char *const plait_format_words[]; /* in this order, NULL */

enum plait_level { PLAIT_LEVEL_NONE, PLAIT_LEVEL_NOTE, PLAIT_LEVEL_WARNING, PLAIT_LEVEL_ALERT };
extern const char *const plait_level_words[]; /* "note", "warning", "alert", NULL */
const char *plait_level_text(enum plait_level level);

/* Two kinds of 2, so that a bisection can tell a typing error from a kernel that lacks a feature.
 */
enum plait_status {
    PLAIT_STATUS_COMPLETED,
    PLAIT_STATUS_FINDINGS,
    PLAIT_STATUS_USAGE,
    PLAIT_STATUS_ENVIRONMENT,
    PLAIT_STATUS_FAILED,
    PLAIT_STATUS_UNDECIDED
};

/* Several may hold: the order is 2, 3, 4, 1, 0. */
enum plait_status plait_status_first(enum plait_status a, enum plait_status b);

enum plait_exit_style { PLAIT_EXIT_PLAIT, PLAIT_EXIT_GIT_BISECT, PLAIT_EXIT_KSELFTEST };
extern const char *const plait_exit_style_words[]; /* "git-bisect", "kselftest", NULL */
/* git-bisect: 0 good, 1 bad, 125 skip, 128 stop.  kselftest: 0 pass, 1 fail, 4 skip. */
int plait_exit_status(enum plait_status status, enum plait_exit_style style);

#endif
