/* tests/unit/hex.h: octets written as hexadecimal text, blanks allowed. */
#ifndef PLAIT_TESTS_HEX_H
#define PLAIT_TESTS_HEX_H

#include <ctype.h>
#include <stdio.h>

#include "tests/unit/test.h"

/* Number of octets; the test fails if TEXT is no hexadecimal or does not fit. */
static inline size_t hex(const char *text, uint8_t *octets, size_t room_octets)
{
    size_t n = 0;
    for (; *text; text += isspace((unsigned char)*text) ? 1 : 2) {
        unsigned value;
        if (isspace((unsigned char)*text))
            continue;
        assert_true(n < room_octets);
        assert_int_equal(sscanf(text, "%2x", &value), 1);
        octets[n++] = (uint8_t)value;
    }
    return n;
}

#endif
