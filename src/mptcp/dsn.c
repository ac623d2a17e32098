/* mptcp/dsn.c: the nearest of all positions that a number can mean. */
#include "mptcp/dsn.h"

/* From EXPECTED, AHEAD forward or BEHIND back, whichever is shorter, if that is an offset. */
static bool nearer(uint64_t expected, uint64_t ahead, uint64_t behind, uint64_t *offset)
{
    bool is_ahead = ahead <= behind;
    if (is_ahead ? ahead > UINT64_MAX - expected : behind > expected)
        return false;
    *offset = is_ahead ? expected + ahead : expected - behind;
    return true;
}

bool plait_offset_near(uint32_t low, uint64_t expected, uint64_t *offset)
{
    uint32_t ahead = low - (uint32_t)expected;
    return nearer(expected, ahead, (uint32_t)-ahead, offset);
}

bool plait_dsn_offset(uint64_t idsn, uint64_t dsn, bool is_64, uint64_t expected, uint64_t *offset)
{
    if (!is_64)
        return plait_offset_near((uint32_t)dsn - (uint32_t)idsn, expected, offset);
    uint64_t ahead = dsn - plait_dsn(idsn, expected);
    return nearer(expected, ahead, -ahead, offset);
}
