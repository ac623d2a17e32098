/* base/range_set.c: ranges in an array, found by bisection. */
#include "base/range_set.h"

#include <string.h>

#include "base/panic.h"

struct plait_range_set plait_range_set(struct plait_range *room, uint32_t count)
{
    return (struct plait_range_set){.ranges = room, .room = count};
}

/* Index of the first range that ends at or above AT; `count` if none does.  The last range is
 * asked first: octets mostly come in order. */
static uint32_t first_touching(const struct plait_range_set *set, uint64_t at)
{
    uint32_t low = 0, high = set->count;
    if (high > 0 && set->ranges[high - 1].from <= at)
        return set->ranges[high - 1].to >= at ? high - 1 : high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (set->ranges[middle].to >= at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Index of the first range that ends above AT. */
static uint32_t first_above(const struct plait_range_set *set, uint64_t at)
{
    uint32_t index = first_touching(set, at);
    return index < set->count && set->ranges[index].to == at ? index + 1 : index;
}

/* Index of the first range from INDEX on that begins above AT. */
static uint32_t first_beginning_above(const struct plait_range_set *set, uint32_t index,
                                      uint64_t at)
{
    uint32_t high = set->count;
    /* Mostly INDEX itself or its neighbour. */
    if (index == high || set->ranges[index].from > at)
        return index;
    if (++index == high || set->ranges[index].from > at)
        return index;
    while (index < high) {
        uint32_t middle = index + (high - index) / 2;
        if (set->ranges[middle].from > at)
            high = middle;
        else
            index = middle + 1;
    }
    return index;
}

/* Puts ranges [INDEX+GONE, count) to INDEX+STAYING. */
static void close_up(struct plait_range_set *set, uint32_t index, uint32_t gone, uint32_t staying)
{
    uint32_t behind = set->count - index - gone;
    if (behind > 0 && gone != staying)
        memmove(&set->ranges[index + staying], &set->ranges[index + gone],
                behind * sizeof *set->ranges);
    set->count = set->count - gone + staying;
}

bool plait_range_has_room(const struct plait_range_set *set, uint64_t from, uint64_t to)
{
    if (from == to || set->count < set->room)
        return true;
    uint32_t index = first_touching(set, from);
    return index < set->count && set->ranges[index].from <= to;
}

plait_result plait_range_add(struct plait_range_set *set, uint64_t from, uint64_t to)
{
    PLAIT_CHECK(from <= to);
    if (from == to)
        return PLAIT_OK;
    uint32_t index = first_touching(set, from);
    uint32_t behind = first_beginning_above(set, index, to);
    uint32_t joined = behind - index;
    if (joined == 0 && set->count == set->room)
        return PLAIT_FAIL(TOO_MANY);
    struct plait_range range = {from, to};
    if (joined > 0) {
        const struct plait_range *first = &set->ranges[index], *last = &set->ranges[behind - 1];
        range.from = first->from < from ? first->from : from;
        range.to = last->to > to ? last->to : to;
    }
    close_up(set, index, joined, 1);
    set->ranges[index] = range;
    return PLAIT_OK;
}

void plait_range_remove_below(struct plait_range_set *set, uint64_t edge)
{
    uint32_t gone = 0;
    if (set->count > 0 && set->ranges[0].to <= edge)
        gone = first_above(set, edge);
    close_up(set, 0, gone, 0);
    if (set->count > 0 && set->ranges[0].from < edge)
        set->ranges[0].from = edge;
}

plait_result plait_range_remove(struct plait_range_set *set, uint64_t from, uint64_t to)
{
    PLAIT_CHECK(from <= to);
    uint32_t index = first_above(set, from);
    if (from == to || index == set->count || set->ranges[index].from >= to)
        return PLAIT_OK;
    struct plait_range *first = &set->ranges[index];
    if (first->from < from && first->to > to) {
        if (set->count == set->room)
            return PLAIT_FAIL(TOO_MANY);
        struct plait_range upper = {to, first->to};
        first->to = from;
        close_up(set, index + 1, 0, 1);
        set->ranges[index + 1] = upper;
        return PLAIT_OK;
    }
    if (first->from < from) {
        first->to = from;
        index++;
    }
    uint32_t behind = first_above(set, to);
    close_up(set, index, behind - index, 0);
    if (index < set->count && set->ranges[index].from < to)
        set->ranges[index].from = to;
    return PLAIT_OK;
}

bool plait_range_contains(const struct plait_range_set *set, uint64_t from, uint64_t to)
{
    if (from >= to)
        return true;
    uint32_t index = first_above(set, from);
    return index < set->count && set->ranges[index].from <= from && set->ranges[index].to >= to;
}

uint64_t plait_range_covered(const struct plait_range_set *set, uint64_t from, uint64_t to)
{
    uint64_t covered = 0;
    for (uint32_t i = first_above(set, from); i < set->count && set->ranges[i].from < to; i++) {
        uint64_t low = set->ranges[i].from > from ? set->ranges[i].from : from;
        uint64_t high = set->ranges[i].to < to ? set->ranges[i].to : to;
        covered += high - low;
    }
    return covered;
}

uint64_t plait_range_first_gap(const struct plait_range_set *set, uint64_t at)
{
    uint32_t index = first_above(set, at);
    return index < set->count && set->ranges[index].from <= at ? set->ranges[index].to : at;
}

const struct plait_range *plait_range_above(const struct plait_range_set *set, uint64_t at)
{
    uint32_t index = first_above(set, at);
    return index < set->count ? &set->ranges[index] : NULL;
}
