/* What must hold when a case has been played. */
#ifndef PLAIT_TESTS_INTEROP_CHECK_H
#define PLAIT_TESTS_INTEROP_CHECK_H

#include <jansson.h>

#include "tests/interop/world.h"

/* Adds to WHY ("" = nothing) each counter that moved and may not in this case, and each that had to
 * move and did not.  All watched counters that moved go to COUNTERS. */
void interop_check_counters(struct interop_world *world, struct plait_text *why, json_t *counters);
/* How the connection stands before it is closed. */
void interop_check_facts(const struct interop_case *c, const struct interop_end *end,
                         const struct interop_facts *facts, struct plait_text *why);
/* The octets of both streams. */
void interop_check_octets(const struct interop_case *c, const struct interop_end *end,
                          uint64_t wanted, struct plait_text *why);

#endif
