/* host/counters.c: names and texts of what a host counts.  May touch: nothing. */
#include "plait/counters.h"

static const struct {
    const char *name;
    const char *text;
} counters[PLAIT_COUNTER_NAMES] = {
#define ROW(name, text) {#name, text},
    PLAIT_COUNTERS_TCP(ROW) PLAIT_COUNTERS_MPTCP(ROW) PLAIT_COUNTERS_HOST(ROW)
        PLAIT_COUNTERS_CONTROL(ROW)
#undef ROW
};

const char *plait_counter_short_name(unsigned counter)
{
    return counter < PLAIT_COUNTER_NAMES ? counters[counter].name : "UNKNOWN";
}

const char *plait_counter_text(unsigned counter)
{
    return counter < PLAIT_COUNTER_NAMES ? counters[counter].text : "unknown counter";
}
