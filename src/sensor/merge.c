/* sensor/merge.c: a binary heap. */
#include "sensor/merge.h"

#include <stdlib.h>

#include "base/panic.h"

static bool is_before(const struct plait_head *a, const struct plait_head *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->input < b->input;
}

static void swap(struct plait_head *a, struct plait_head *b)
{
    struct plait_head kept = *a;
    *a = *b;
    *b = kept;
}

void plait_merge_put(struct plait_merge *merge, plait_time_ns at_ns, unsigned input)
{
    if (merge->count == merge->room) {
        merge->room = merge->room ? 2 * merge->room : 16;
        merge->heads = realloc(merge->heads, merge->room * sizeof *merge->heads);
        PLAIT_CHECK(merge->heads);
    }
    unsigned at = merge->count++;
    merge->heads[at] = (struct plait_head){at_ns, input};
    for (; at && is_before(&merge->heads[at], &merge->heads[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&merge->heads[at], &merge->heads[(at - 1) / 2]);
}

bool plait_merge_take(struct plait_merge *merge, struct plait_head *head)
{
    struct plait_head *heads = merge->heads;
    if (merge->count == 0)
        return false;
    *head = heads[0];
    heads[0] = heads[--merge->count];
    for (unsigned at = 0, least;; at = least) {
        least = at;
        for (unsigned child = 2 * at + 1; child <= 2 * at + 2; child++)
            if (child < merge->count && is_before(&heads[child], &heads[least]))
                least = child;
        if (least == at)
            return true;
        swap(&heads[at], &heads[least]);
    }
}

void plait_merge_free(struct plait_merge *merge)
{
    free(merge->heads);
    *merge = (struct plait_merge){0};
}
