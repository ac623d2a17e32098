/* lab/act.h: genuine acts of the hosts, for control cases: what an administrator or an application
 * does.
 *
 * Each act that fails, or has not its specified effect in time, makes the run an error
 * (plait_fault). */
#ifndef PLAIT_LAB_ACT_H
#define PLAIT_LAB_ACT_H

#include "lab/script.h"

/* PATH counts from 0. */
void plait_act_path_down(struct plait_attack *a, unsigned path);
/* The client's second address becomes an endpoint, a backup, no endpoint. */
void plait_act_add_second(struct plait_attack *a);
void plait_act_back_up_second(struct plait_attack *a);
void plait_act_remove_second(struct plait_attack *a);
/* No subflow beyond the first is accepted any more. */
void plait_act_forbid_joins(struct plait_attack *a, enum plait_side side);
/* The application ends its connection at once. */
void plait_act_abort(struct plait_attack *a, enum plait_side side);

/* The stream goes on: the reader gets OCTETS more. */
void plait_expect_progress(struct plait_attack *a, int64_t octets);
/* SIDE's machine counts it. */
enum plait_effect {
    PLAIT_EFFECT_PRIORITY,        /* MP_PRIO came */
    PLAIT_EFFECT_ADDRESS_REMOVED, /* REMOVE_ADDR was obeyed */
    PLAIT_EFFECT_FAST_CLOSED,     /* MP_FASTCLOSE came */
    PLAIT_EFFECT_JOIN_REFUSED     /* MP_JOIN above the limit */
};
void plait_expect_effect(struct plait_attack *a, enum plait_side side, enum plait_effect effect);
void plait_expect_joined(struct plait_attack *a);

#endif
