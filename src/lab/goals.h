/* lab/goals.h: did an attack reach a goal?  Judged from ground truth alone (DESIGN §1).
 *
 * Hears what every link carried, what came to the attacker's port, and what the agents report;
 * knows nothing of scripts.  When a goal is first reached, the attack's price so far is kept with
 * it. */
#ifndef PLAIT_LAB_GOALS_H
#define PLAIT_LAB_GOALS_H

#include <jansson.h>

#include "lab/goal.h"
#include "lab/price.h"
#include "lab/world.h"

struct plait_goal_state {
    bool reached;
    double measure;
    uint64_t octets;
    char evidence[288];
    struct plait_price price;        /* when it was first reached */
    plait_time_ns first_ns, last_ns; /* its effect was seen */
};

/* A genuine host's packets to one port of the attacker. */
struct plait_home_flow {
    struct plait_flow_key key;
    bool has_isn, has_ack, is_subflow; /* is_subflow: it carries DSS, so the host counts it so, or
                                          it is the plain TCP connection itself */
    uint32_t isn;                      /* the host's */
    uint32_t first_ack;                /* the attacker's ISN + 1 */
    uint64_t stream_octets;            /* of the host's own stream that came along it */
    uint64_t accepted_octets;          /* of the attacker's that the host acknowledged */
    uint64_t judged_octets;            /* of both, when takeover was last seen */
};

#define PLAIT_HOME_FLOWS_MAX 16

struct plait_goals {
    struct plait_world *world;
    const struct plait_price *price; /* the attack's, running; may be NULL */
    struct plait_goal_state state[PLAIT_GOAL_COUNT];
    bool left;               /* the attacker has left the path (or never was there) */
    uint64_t first_sent[2];  /* stream octets each side had sent by then */
    uint64_t read_octets[2]; /* distinct later octets that came to the attacker */
    uint64_t read_high[2], read_first[2];
    uint64_t sent_at_mark[2], read_since_mark[2]; /* of what was first sent after the mark */
    struct plait_home_flow home[PLAIT_HOME_FLOWS_MAX];
    unsigned home_count, home_turn;
    uint64_t stranger_packets, stranger_octets;
    uint64_t flood_segments, flood_octets;
    uint64_t flight_octets, largest_flight_octets; /* of the flood */
    plait_time_ns flood_last_ns;
    uint64_t delivered_at_mark[2];   /* octets the receiver's application had at the mark */
    uint32_t path_octets_at_mark[2]; /* sent by the victim on the first subflow, and on others */
    plait_time_ns mark_ns;
    plait_time_ns left_ns, end_ns; /* the attacker left the path; goals were last looked at */
};

void plait_goals_init(struct plait_goals *goals, struct plait_world *world);
/* Stream octets that SIDE has sent for the first time up to now. */
uint64_t plait_goals_sent(const struct plait_goals *goals, enum plait_side side);
/* The attacker is off the path from now on. */
void plait_goals_left(struct plait_goals *goals);
/* A genuine packet came to the attacker's own port. */
void plait_goals_at_attacker(struct plait_goals *goals, const struct plait_segment *segment);
/* A packet came to an address where nobody lives. */
void plait_goals_at_stranger(struct plait_goals *goals, uint32_t octets);
/* A genuine host sent payload to an address of somebody who never agreed; his reset is no
 * agreement.  The goal's measure is the largest flight: what went without a pause of a round trip.
 */
void plait_goals_flood(struct plait_goals *goals, const struct plait_segment *segment);
/* An application's report: "foreign", "eof", "error". */
void plait_goals_event(struct plait_goals *goals, enum plait_side side, const char *word,
                       const char *rest);
/* Nothing that was read or flooded before counts. */
void plait_goals_restart(struct plait_goals *goals);
/* From here goodput, and the fraction that is read, are measured. */
void plait_goals_mark(struct plait_goals *goals);
/* What only the end of a run can tell; asks the agents. */
void plait_goals_finish(struct plait_goals *goals);
void plait_goals_reach(struct plait_goals *goals, enum plait_goal goal, double measure,
                       uint64_t octets, const char *evidence, ...)
    __attribute__((format(printf, 5, 6)));
/* By name, those of which there is something to say. */
json_t *plait_goals_json(const struct plait_goals *goals);
/* What there is to say of all others. */
json_t *plait_goal_untouched_json(enum plait_goal goal);
json_t *plait_price_json(const struct plait_price *price);

#endif
