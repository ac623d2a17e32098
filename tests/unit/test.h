/* tests/unit/test.h: what every cmocka test includes, in the order cmocka wants. */
#ifndef PLAIT_TESTS_TEST_H
#define PLAIT_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/result.h"

/* Failing results print their reason. */
#define assert_ok(expr)                                                                            \
    do {                                                                                           \
        plait_result assert_ok_ = (expr);                                                          \
        if (!plait_ok(assert_ok_))                                                                 \
            fail_msg("%s: %s", #expr, plait_reason_name(assert_ok_.reason));                       \
    } while (0)

#define assert_reason(expr, short_name)                                                            \
    assert_string_equal(plait_reason_name((expr).reason), #short_name)

#endif
