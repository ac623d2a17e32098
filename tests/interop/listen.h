/* An auditor at the server's doors: what it rebuilds of a case's connection must be what the ends
 * wrote, and nothing of it may alarm (DESIGN §1, Two oracles). */
#ifndef PLAIT_TESTS_INTEROP_LISTEN_H
#define PLAIT_TESTS_INTEROP_LISTEN_H

#include "tests/interop/world.h"

/* From now on; nothing of cases with super-segments. */
void interop_listen(const struct interop_world *world);
/* Adds to WHY what does not hold.  IS_WHOLE: everything that was sent has arrived. */
void interop_check_heard(const struct interop_world *world, bool is_whole, struct plait_text *why);

#endif
