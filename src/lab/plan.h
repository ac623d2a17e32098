/* lab/plan.h: the scenarios of a cell's runs: each differs from the attack's in a few fields. */
#ifndef PLAIT_LAB_PLAN_H
#define PLAIT_LAB_PLAN_H

#include "lab/cell.h"

struct plait_scenario plait_plan_attack(const struct plait_cell *cell,
                                        const struct plait_cell_context *context);
/* What the target accepts, measured once for each family (lab/edges.h). */
struct plait_scenario plait_plan_edges(const struct plait_scenario *attack);
/* What the target accepts of a connection's data sequence numbers. */
struct plait_scenario plait_plan_edges_data(const struct plait_scenario *attack);
/* Takes the boxes off the paths: what a genuine case adds to its control run is boxes and acts. */
void plait_plan_clear(struct plait_scenario *scenario);
struct plait_scenario plait_plan_control(const struct plait_scenario *attack);
/* BASELINE against plain TCP on PATH, from the attack's position. */
struct plait_scenario plait_plan_baseline(const struct plait_scenario *attack,
                                          const struct plait_cell_context *context,
                                          const struct plait_baseline *baseline, unsigned path);
/* May an attacker of this position play BASELINE? */
bool plait_plan_fits(const struct plait_baseline *baseline, const struct plait_scenario *attack);
/* The attack's schedule once more with option 30 removed. */
struct plait_scenario plait_plan_stripped(const struct plait_scenario *attack,
                                          struct plait_schedule schedule);

#endif
