/* lab/price.c: sums over stages. */
#include "lab/price.h"

#include <math.h>
#include <stdio.h>

static void count(struct plait_price *price, plait_time_ns now, uint32_t octets)
{
    if (price->packets == 0)
        price->first_ns = now;
    price->last_ns = now;
    price->packets++;
    price->octets += octets;
}

void plait_price_packet(struct plait_price *price, plait_time_ns now, uint32_t octets)
{
    count(price, now, octets);
    price->stage_packets++;
}

void plait_price_wrong_guess(struct plait_price *price, plait_time_ns now, uint32_t octets)
{
    count(price, now, octets);
}

void plait_price_played(struct plait_price *price, double packets)
{
    price->stage_packets += packets;
}

double plait_price_bits(double space, double accepted)
{
    return log2(space / accepted);
}

void plait_price_guess(struct plait_price *price, const char *value, double bits)
{
    price->stage_bits += bits;
    price->bits += bits;
    if (bits > price->largest_bits) {
        price->largest_bits = bits;
        snprintf(price->largest, sizeof price->largest, "%s", value);
    }
}

void plait_price_feedback(struct plait_price *price)
{
    price->closed_packets += price->stage_packets * exp2(price->stage_bits);
    price->stage_packets = 0;
    price->stage_bits = 0;
}

double plait_price_expected(const struct plait_price *price)
{
    return price->closed_packets + price->stage_packets * exp2(price->stage_bits);
}

bool plait_price_feasible(double expected_packets, double life_s)
{
    return expected_packets <= exp2(40) && expected_packets <= 1e6 * life_s;
}
