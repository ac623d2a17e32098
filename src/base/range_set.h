/* base/range_set.h: a set of 64-bit offsets as sorted, disjoint, non-adjacent ranges [from, to).
 *
 * Room is the caller's and fixed: an addition that would need one range more than there is room for
 * is refused and changes nothing.  May touch: the room it was given. */
#ifndef PLAIT_BASE_RANGE_SET_H
#define PLAIT_BASE_RANGE_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

struct plait_range {
    uint64_t from, to;
};

struct plait_range_set {
    struct plait_range *ranges;
    uint32_t count, room;
};

struct plait_range_set plait_range_set(struct plait_range *room, uint32_t count);
/* Whether plait_range_add would succeed. */
bool plait_range_has_room(const struct plait_range_set *set, uint64_t from, uint64_t to);
/* TOO_MANY when full; FROM <= TO, an empty range is no change. */
plait_result plait_range_add(struct plait_range_set *set, uint64_t from, uint64_t to);
/* Takes out every offset below EDGE. */
void plait_range_remove_below(struct plait_range_set *set, uint64_t edge);
/* Takes out [FROM, TO); TOO_MANY (unchanged) if that would split a range and there is no room. */
plait_result plait_range_remove(struct plait_range_set *set, uint64_t from, uint64_t to);
bool plait_range_contains(const struct plait_range_set *set, uint64_t from, uint64_t to);
/* How many offsets of [FROM, TO) are in the set. */
uint64_t plait_range_covered(const struct plait_range_set *set, uint64_t from, uint64_t to);
/* The first offset >= AT that is not in the set. */
uint64_t plait_range_first_gap(const struct plait_range_set *set, uint64_t at);
/* The first range that ends above AT, or NULL. */
const struct plait_range *plait_range_above(const struct plait_range_set *set, uint64_t at);

#endif
