/* report/words.h: the words of a record, how bad each is, and how prices and times are written.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_REPORT_WORDS_H
#define PLAIT_REPORT_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "terminal/json.h"

/* NULL-terminated, as docs/RECORDS.md lists them. */
extern const char *const plait_outcome_words[];
extern const char *const plait_versus_words[];
extern const char *const plait_kind_words[];

/* Greater is worse for the victim.  Above 0: decided.  Below: n/a, skipped, error; NULL is 0. */
int plait_outcome_rank(const char *outcome);
bool plait_outcome_decided(const char *outcome);
/* Greater is worse; 0 for NULL and what is no such word. */
int plait_versus_rank(const char *versus);

/* As a reader sees it: `broken` in capitals, so that no colour is needed. */
const char *plait_outcome_shown(const char *outcome);

/* "5 pkt", "2^31.4 pkt"; "never" for null. */
#define PLAIT_PRICE_ROOM 32
void plait_price(const json_t *cost, char text[PLAIT_PRICE_ROOM]);
/* The logarithm that orders prices; never is more than everything. */
double plait_price_log2(const json_t *cost);

/* "850 ms", "72.4 s", "12 min 5 s". */
#define PLAIT_DURATION_ROOM 32
void plait_duration(int64_t duration_ns, char text[PLAIT_DURATION_ROOM]);

#endif
