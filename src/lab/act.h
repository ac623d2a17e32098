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
/* The client is out of reach on PATH, and not told so. */
void plait_act_cut_path(struct plait_attack *a, unsigned path);
/* The client's second address becomes an endpoint, a backup, no endpoint. */
void plait_act_add_second(struct plait_attack *a);
void plait_act_back_up_second(struct plait_attack *a);
void plait_act_remove_second(struct plait_attack *a);
/* No subflow beyond the first is accepted any more. */
void plait_act_forbid_joins(struct plait_attack *a, enum plait_side side);
/* The client's second address is announced to the server, and no path is opened from it: ADD_ADDR,
 * or of Basic MPTCP the message that names it (RFC 6181 §4, explicit). */
void plait_act_announce_second(struct plait_attack *a);
/* The client's second address, behind a NAT, also belongs to a stranger near the server. */
void plait_act_settle_stranger(struct plait_attack *a);
/* The client dials PORT of the attacker's, as anybody's, for the Nth time; a call that is answered
 * or not ends with plait_act_hang_up. */
void plait_act_call(struct plait_attack *a, uint16_t port, unsigned n);
/* ... dials the service once more, from a port that nobody tells the attacker. */
void plait_act_call_service(struct plait_attack *a, unsigned n);
void plait_act_hang_up(struct plait_attack *a, unsigned n);
/* The application ends its connection at once. */
void plait_act_abort(struct plait_attack *a, enum plait_side side);

/* The stream goes on: the reader gets OCTETS more. */
void plait_expect_progress(struct plait_attack *a, int64_t octets);
/* The same behind a box: a mechanism whose stream stops is not deployable WHERE ("behind a NAT").
 */
void plait_expect_stream(struct plait_attack *a, int64_t octets, const char *where);
/* With the first path down the second carries the stream alone.  A mechanism of which this is not
 * so is not deployable WHERE ("behind a NAT"); plain TCP, and a run that has failed, are not asked.
 */
void plait_expect_second(struct plait_attack *a, const char *where);
/* The same is tried, and only said: a remark. */
void plait_try_second(struct plait_attack *a);
/* Both ends speak Multipath TCP, or both plain TCP; a remark says which.  Else the mechanism is not
 * deployable WHERE: one end did not notice what the box did. */
void plait_expect_agreement(struct plait_attack *a, const char *where);
/* True if the mechanism adds a path by nothing but a message that names its address. */
bool plait_adds_by_name(const struct plait_attack *a);
/* True if what its subflows carry is mapped to the stream, and may have a checksum. */
bool plait_maps_data(const struct plait_attack *a);
/* Segments with payload that went to a stranger's address. */
uint64_t plait_flooded(const struct plait_attack *a);
/* SIDE's machine counts it. */
enum plait_effect {
    PLAIT_EFFECT_PRIORITY,        /* MP_PRIO came */
    PLAIT_EFFECT_ADDRESS_REMOVED, /* REMOVE_ADDR, or a message like it, was obeyed */
    PLAIT_EFFECT_FAST_CLOSED,     /* MP_FASTCLOSE came */
    PLAIT_EFFECT_JOIN_REFUSED,    /* MP_JOIN above the limit */
    PLAIT_EFFECT_ANNOUNCED,       /* ADD_ADDR, or a message like it, came, and was taken or not */
    PLAIT_EFFECT_FAILED           /* MP_FAIL came */
};
void plait_expect_effect(struct plait_attack *a, enum plait_side side, enum plait_effect effect);

#endif
