/* fuzz/target.h: what a target is.  A check that fails ends the program, as a sanitizer does. */
#ifndef PLAIT_FUZZ_TARGET_H
#define PLAIT_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/panic.h"

/* Octets and length are whatever they are; 0. */
int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length_octets);

/* Reads every octet, so that a sanitizer sees that they are there. */
static inline uint64_t fuzz_touch(const void *octets, size_t length_octets)
{
    uint64_t sum = length_octets;
    for (size_t i = 0; i < length_octets; i++)
        sum = sum * 31 + ((const uint8_t *)octets)[i];
    return sum;
}

#endif
