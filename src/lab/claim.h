/* lab/claim.h: what the files about paths in a peer's name share (claim.c, claim_buy.c,
 * claim_path.c, claim_use.c). */
#ifndef PLAIT_LAB_CLAIM_H
#define PLAIT_LAB_CLAIM_H

#include "lab/attack.h"

#define PLAIT_CLAIM_ADD_ID 77 /* of an address of his own */

/* ---- claim.c ------------------------------------------------------------------------------ */

/* Messages name addresses. */
bool plait_claim_is_explicit(const struct plait_attack *a);
/* Of a connection that the client dialled from CLIENT_PORT. */
uint64_t plait_claim_identifier_of(const struct plait_attack *a, uint16_t client_port);
/* Shown, or followed from a port that was shown. */
bool plait_claim_knows_identifier(const struct plait_attack *a);
uint64_t plait_claim_identifier(const struct plait_attack *a);
/* SPEAKER's cookie is wanted, and not known. */
bool plait_claim_needs_cookie(const struct plait_attack *a, enum plait_side speaker);
/* Where SIDE is spoken to.  A message counts whatever port of it it comes to, and so does a join.
 */
struct plait_place plait_claim_door(const struct plait_attack *a, enum plait_side side);
/* Where his path with SIDE ends: a rewritten one keeps its port. */
struct plait_place plait_claim_own_place(const struct plait_attack *a, enum plait_side side);
void plait_claim_say_as(struct plait_attack *a, const struct plait_flow_key *way,
                        uint64_t connection, uint64_t cookie, struct plait_mp_control message);
void plait_claim_learn(struct plait_attack *a, uint64_t name);

/* ---- claim_buy.c -------------------------------------------------------------------------- */

/* What is tried with wrong guesses, and said once they are right. */
struct plait_claim_attempt {
    enum plait_side victim;
    struct plait_place own;
    struct plait_mp_control message; /* nothing where paths are joined */
};

/* The client's port, after wrong guesses at it. */
void plait_claim_buy_port(struct plait_attack *a, const struct plait_claim_attempt *t);
/* All that the message lacks; and says it then. */
void plait_claim_buy(struct plait_attack *a, const struct plait_claim_attempt *t);
void plait_claim_speak(struct plait_attack *a, const struct plait_claim_attempt *t);
/* A join with a guessed token: the port that it came from. */
uint16_t plait_claim_try_token(struct plait_attack *a, uint32_t token);

/* ---- claim_path.c ------------------------------------------------------------------------- */

/* False after plait_refused. */
bool plait_claim_path_of(struct plait_attack *a, enum plait_side victim);

#endif
