/* lab/price.h: what an attack costs (DESIGN §1).
 *
 * Price = expected attacker packets until success: the sum over stages that end with feedback on
 * his own taps of packets x 2^bits; bits of unknowns of one stage add up.  May touch: its argument.
 */
#ifndef PLAIT_LAB_PRICE_H
#define PLAIT_LAB_PRICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

struct plait_price {
    double closed_packets; /* expected, of stages that ended */
    double stage_packets;  /* sent in this stage, for one try */
    double stage_bits;     /* guessed in this stage */
    double bits;           /* guessed in all */
    double largest_bits;
    char largest[48];                /* the value with most bits: "sequence number" */
    uint64_t packets, octets;        /* really sent, wrong guesses included */
    plait_time_ns first_ns, last_ns; /* of the packets */
};

void plait_price_packet(struct plait_price *price, plait_time_ns now, uint32_t octets);
/* A packet that only shows what wrong guesses do; it is counted, not priced. */
void plait_price_wrong_guess(struct plait_price *price, plait_time_ns now, uint32_t octets);
/* PACKETS of this stage that were sent as wrong guesses were tries until one hit: they cost what
 * they were.  Below 0: so many were wrong guesses that were not sent as such. */
void plait_price_played(struct plait_price *price, double packets);
/* log2(SPACE / ACCEPTED): what it takes to hit one of ACCEPTED values among SPACE. */
double plait_price_bits(double space, double accepted);
void plait_price_guess(struct plait_price *price, const char *value, double bits);
/* Something on his own taps tells the attacker that this stage worked. */
void plait_price_feedback(struct plait_price *price);
double plait_price_expected(const struct plait_price *price);
/* At most 2^40 packets, and at 1 Mpps within LIFE_S seconds. */
bool plait_price_feasible(double expected_packets, double life_s);

#endif
