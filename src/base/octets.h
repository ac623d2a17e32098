/* base/octets.h: big-endian loads and stores on octets whose room the caller has checked. */
#ifndef PLAIT_BASE_OCTETS_H
#define PLAIT_BASE_OCTETS_H

#include <stdint.h>

static inline uint16_t plait_load_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t plait_load_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint64_t plait_load_u64(const uint8_t *at)
{
    return (uint64_t)plait_load_u32(at) << 32 | plait_load_u32(at + 4);
}

static inline void plait_store_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void plait_store_u32(uint8_t *at, uint32_t value)
{
    plait_store_u16(at, (uint16_t)(value >> 16));
    plait_store_u16(at + 2, (uint16_t)value);
}

static inline void plait_store_u64(uint8_t *at, uint64_t value)
{
    plait_store_u32(at, (uint32_t)(value >> 32));
    plait_store_u32(at + 4, (uint32_t)value);
}

#endif
