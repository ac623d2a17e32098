/* tests/unit/mptcp/mechanisms.h: a mechanism of the tests' own: it passes a transfer without a
 * change outside mechanism/, so the table has what it needs. */
#ifndef PLAIT_TESTS_MECHANISMS_H
#define PLAIT_TESTS_MECHANISMS_H

#include "mechanism/mechanism.h"
#include "tests/unit/test.h"

struct plait_mechanism mechanism_tag(void);

#endif
