/* mptcp/scheduler.c: which subflow sends next.
 *
 * A subflow comes into question if its congestion window has room.  Where a regular one exists that
 * is not stale, backups and stale ones are left alone (RFC 8684 §3.3.8); where only those are left,
 * any of them is better than silence. */
#include "mptcp/scheduler.h"

/* Lower is better: regular, then backup, then stale. */
static unsigned rank(const struct plait_schedule_candidate *c)
{
    return (c->is_stale ? 2u : 0u) + (c->backup ? 1u : 0u);
}

static unsigned best_rank(const struct plait_schedule_candidate *candidates, unsigned count)
{
    unsigned best = 4;
    for (unsigned i = 0; i < count; i++)
        if (rank(&candidates[i]) < best)
            best = rank(&candidates[i]);
    return best;
}

static int choose(const struct plait_schedule_candidate *candidates, unsigned count,
                  bool (*is_better)(const struct plait_schedule_candidate *,
                                    const struct plait_schedule_candidate *))
{
    /* The rank is decided among all, with room or without: a full regular path is waited for. */
    unsigned allowed = best_rank(candidates, count);
    int best = -1;
    for (unsigned i = 0; i < count; i++) {
        const struct plait_schedule_candidate *c = &candidates[i];
        if (rank(c) != allowed || !c->has_room)
            continue;
        if (best < 0 || is_better(c, &candidates[best]))
            best = (int)i;
    }
    return best;
}

/* A path without a sample is tried first: it gets one. */
static bool is_nearer(const struct plait_schedule_candidate *a,
                      const struct plait_schedule_candidate *b)
{
    return a->path->smoothed_rtt_ns < b->path->smoothed_rtt_ns;
}

static bool waited_longer(const struct plait_schedule_candidate *a,
                          const struct plait_schedule_candidate *b)
{
    return a->last_turn < b->last_turn;
}

static int lowest_rtt(const struct plait_schedule_candidate *candidates, unsigned count)
{
    return choose(candidates, count, is_nearer);
}

static int round_robin(const struct plait_schedule_candidate *candidates, unsigned count)
{
    return choose(candidates, count, waited_longer);
}

const struct plait_scheduler plait_lowest_rtt = {.name = "lowest-rtt", .choose = lowest_rtt};
const struct plait_scheduler plait_round_robin = {.name = "round-robin", .choose = round_robin};
/* Every subflow sends every octet; the choice decides only what goes where first. */
const struct plait_scheduler plait_redundant = {
    .name = "redundant", .redundant = true, .choose = lowest_rtt};
