/* lab/fit.c: why a case is not applicable, as a list. */
#include "lab/fit.h"

#include <stdio.h>
#include <string.h>

#include "lab/absence.h"
#include "net/net.h"

void plait_misfit_text(enum plait_misfit misfit, char *text, size_t room_octets)
{
    static const struct {
        enum plait_absence_reason reason;
        const char *detail;
    } texts[] = {
        [PLAIT_MISFIT_FAMILY] = {PLAIT_ABSENT_NO_FAMILY, "the topology does not have it"},
        [PLAIT_MISFIT_POSITION] = {PLAIT_ABSENT_NO_POSITION, "the topology has no second path"},
        [PLAIT_MISFIT_ONE_PATH] = {PLAIT_ABSENT_NO_SECOND,
                                   "the case needs a second path that carries Multipath TCP"},
        [PLAIT_MISFIT_STRIPPED] = {PLAIT_ABSENT_STRIPPED, "the dialled path strips its option"},
        [PLAIT_MISFIT_LEASE] = {PLAIT_ABSENT_NO_POSITION,
                                "an address behind a NAT does not pass on"},
        [PLAIT_MISFIT_NO_TRAFFIC] = {PLAIT_ABSENT_NO_GOAL, "what it needs is not written"},
    };
    text[0] = '\0';
    if (misfit != PLAIT_FITS)
        snprintf(text, room_octets, "%s: %s", plait_absence_text(texts[misfit].reason),
                 texts[misfit].detail);
}

enum { FIRST = 1, SECOND = 2 };

unsigned plait_paths_of(const struct plait_case *played, const struct plait_topology *topology)
{
    unsigned usable = plait_topology_usable(topology);
    return played->paths > 1 && usable > 1 ? usable : 1;
}

unsigned plait_goals_with(unsigned goals, const struct plait_traffic *traffic,
                          enum plait_side victim)
{
    const unsigned of_octets = PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(FLOOD_DATA) |
                               PLAIT_GOAL_BIT(DEGRADE) | PLAIT_GOAL_BIT(DIVERT);
    bool writes = traffic->of[victim].writing != PLAIT_WRITES_NOTHING;
    return traffic->is_given && !writes ? goals & ~of_octets : goals;
}

/* An address behind a NAT is private: nobody else gets it, and the NAT keeps its own. */
static bool lets_address_pass(const struct plait_position *position,
                              const struct plait_topology *topology)
{
    unsigned left = position->beside & PLAIT_LEAVES_ADDRESS ? FIRST : 0;
    unsigned passes = left | (position->beside & PLAIT_INHERITS ? position->paths : 0);
    for (unsigned path = 0; path < topology->path_count; path++)
        if ((passes >> path & 1) && topology->paths[path].nat)
            return false;
    return true;
}

static bool is_on_path(const struct plait_position *position, const struct plait_topology *topology)
{
    bool only_second = (position->paths & SECOND) && !(position->paths & FIRST);
    return !only_second || topology->path_count > 1;
}

static bool writes_much(const struct plait_traffic *traffic, enum plait_side side)
{
    enum plait_writing writing = traffic->of[side].writing;
    return writing != PLAIT_WRITES_NOTHING && writing != PLAIT_WRITES_TRICKLE;
}

/* A genuine case shows that the stream goes on; an heir waits for what comes to his address; who
 * stays in the way alters what the peer writes. */
static bool has_material(const struct plait_cell *cell, const struct plait_traffic *traffic)
{
    const struct plait_position *position = plait_position(cell->played->position);
    enum plait_side victim = cell->played->victim;
    bool needs_victim =
        cell->played->expect == PLAIT_MUST_BE_CLEAN || (position->beside & PLAIT_INHERITS);
    bool needs_peer =
        position->presence == PLAIT_ALWAYS_THERE && (position->tap_rights & PLAIT_MAY_ALTER);
    if (!traffic->is_given)
        return true;
    if (cell->played->needs_volume && !writes_much(traffic, victim))
        return false;
    return (!needs_victim || traffic->of[victim].writing != PLAIT_WRITES_NOTHING) &&
           (!needs_peer || traffic->of[plait_other(victim)].writing != PLAIT_WRITES_NOTHING);
}

enum plait_misfit plait_cell_fit(const struct plait_cell *cell,
                                 const struct plait_topology *topology,
                                 const struct plait_traffic *traffic)
{
    const struct plait_position *position = plait_position(cell->played->position);
    unsigned family = cell->family == PLAIT_IPV4 ? PLAIT_FAMILY_BIT_IPV4 : PLAIT_FAMILY_BIT_IPV6;
    bool is_mptcp = cell->protocol != PLAIT_TCP;
    bool second_works = topology->path_count > 1 && !topology->paths[1].strips;
    if (!(topology->families & family))
        return PLAIT_MISFIT_FAMILY;
    if (!is_on_path(position, topology))
        return PLAIT_MISFIT_POSITION;
    if (is_mptcp && topology->paths[0].strips)
        return PLAIT_MISFIT_STRIPPED;
    if (is_mptcp && cell->played->paths > 1 && !second_works &&
        (topology->path_count > 1 || !cell->played->one_path_too))
        return PLAIT_MISFIT_ONE_PATH;
    if ((cell->played->boxes[1] || cell->played->adds_second) && !second_works)
        return PLAIT_MISFIT_ONE_PATH;
    if (!lets_address_pass(position, topology))
        return PLAIT_MISFIT_LEASE;
    return cell->goals && has_material(cell, traffic) ? PLAIT_FITS : PLAIT_MISFIT_NO_TRAFFIC;
}

static bool are_twins(const struct plait_case *a, const struct plait_case *b)
{
    return strcmp(a->form, b->form) == 0 && strcmp(a->position, b->position) == 0 &&
           a->victim == b->victim && a->spoofing == b->spoofing && a->distance == b->distance;
}

bool plait_stands_for_twins(const struct plait_threat *threat, const struct plait_case *played,
                            enum plait_workload kind)
{
    const struct plait_case *best = NULL;
    for (size_t i = 0; i < threat->case_count; i++) {
        const struct plait_case *other = &threat->cases[i];
        if (are_twins(other, played) &&
            (!best || (other->workload == kind && best->workload != kind)))
            best = other;
    }
    return best == played;
}
