/* lab/trial.h: what an attacker finds out about a victim's checks before he needs it: by joining
 * from his own address, where he sees the answers, and by calling from there as anybody may.
 *
 * Nothing here is told: an initial number that he predicts, a nonce that repeats, a proof that
 * nobody looks at, a cookie that was another connection's, all show in answers that came to his own
 * port. May touch: the run's net through his port. */
#ifndef PLAIT_LAB_TRIAL_H
#define PLAIT_LAB_TRIAL_H

#include "lab/attack.h"

struct plait_trial {
    bool predicts_isn, repeats_nonce, ignores_proof;
    uint32_t isn;        /* of the last answer, */
    plait_time_ns at_ns; /* to what he sent then */
    uint32_t per_tick;   /* how much it grows in 4 us */
    uint64_t nonce;      /* of each answer */
};

/* Three joins to the victim from his own address, with the token and keys that he has as a
 * participant; all are taken back. */
struct plait_trial plait_try_joining(struct plait_attack *attack);
/* Where messages add paths: two addresses of his own are named, and what is asked there is not
 * answered. */
struct plait_trial plait_try_asking(struct plait_attack *attack);
/* The initial number of an answer to a SYN that he sends now; needs predicts_isn.  Time goes on to
 * the next full tick of the clock first. */
uint32_t plait_predicted_isn(struct plait_attack *attack, const struct plait_trial *trial);

/* Opens a connection of his own to the service (PLAIT_KEY_FIRST_PAIR) and gives the cookie that he
 * told there; false if nobody answered.  plait_hang_up resets it. */
bool plait_call(struct plait_attack *attack, uint64_t *cookie);
void plait_hang_up(struct plait_attack *attack);

#endif
