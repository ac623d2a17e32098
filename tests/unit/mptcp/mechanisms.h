/* tests/unit/mptcp/mechanisms.h: mechanisms of the tests' own: they pass a transfer without a
 * change outside mechanism/, so the table has what it needs. */
#ifndef PLAIT_TESTS_MECHANISMS_H
#define PLAIT_TESTS_MECHANISMS_H

#include "mechanism/mechanism.h"
#include "tests/unit/test.h"

extern const struct plait_mechanism mechanism_basic;
struct plait_mechanism mechanism_tag(void);

#endif
