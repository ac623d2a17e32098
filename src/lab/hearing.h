/* lab/hearing.h: the second oracle: a run's packets go to the auditor, which knows nothing of it
 * (DESIGN §1).
 *
 * It hears what passes at the links of the genuine hosts, both ends', as a monitor there would; the
 * attacker's own link and the strangers' it does not.  May touch: memory of its own, which the
 * process keeps: it plays one run at a time. */
#ifndef PLAIT_LAB_HEARING_H
#define PLAIT_LAB_HEARING_H

#include <jansson.h>

#include "base/arena.h"
#include "net/net.h"

struct plait_rule;
struct plait_scenario;

#define PLAIT_HEARD_LINKS_MAX 16
#define PLAIT_HEARD_RULES_MAX 64
/* A guesser's thousand packets break the same rule: that many alerts show it. */
#define PLAIT_HEARD_OF_A_RULE 16

struct plait_heard_rule {
    const struct plait_rule *rule;
    unsigned count; /* of its alerts */
    json_t *last;   /* the last that is listed */
};

struct plait_hearing {
    struct plait_audit *audit; /* NULL: this run is not heard */
    struct plait_arena memory; /* the auditor keeps a pointer to it */
    json_t *alerts;
    struct plait_heard_rule rules[PLAIT_HEARD_RULES_MAX];
    unsigned rule_count;
    uint64_t packets; /* that entered a link so far: as the run's capture counts them, unless it
                         leaves some out */
    bool is_heard[PLAIT_HEARD_LINKS_MAX];
};

/* Whether the auditor is asked about runs of SCENARIO: those without attack and those that cells
 * show, of plain TCP, v0 and v1. */
bool plait_run_is_heard(const struct plait_scenario *scenario);
/* NOT_HEARD are the COUNT nodes of others than the genuine ends.  HEARING outlives NET, and ends
 * before the next one starts. */
void plait_hearing_start(struct plait_hearing *hearing, const struct plait_scenario *scenario,
                         struct plait_net *net, const plait_node *not_heard, unsigned count);
/* The alerts as docs/RECORDS.md has them, the caller's; NULL if it was not heard.  Frees what
 * HEARING has. */
json_t *plait_hearing_end(struct plait_hearing *hearing);

#endif
