/* mechanism/dss_checksum.c: the checksum that lets a receiver notice an altered mapping. */
#include "base/octets.h"
#include "mechanism/mechanism.h"

plait_sum plait_dss_pseudo_sum(uint64_t dsn, uint32_t ssn, uint16_t data_length)
{
    /* Pseudo-header of RFC 8684 §3.3.1: DSN, SSN, length, and zeros for the checksum itself. */
    uint8_t pseudo[16] = {0};
    plait_store_u64(pseudo, dsn);
    plait_store_u32(pseudo + 8, ssn);
    plait_store_u16(pseudo + 12, data_length);
    return plait_sum_add(0, pseudo, sizeof pseudo);
}

uint16_t plait_dss_checksum(uint64_t dsn, uint32_t ssn, uint16_t data_length, const void *data,
                            size_t data_octets)
{
    plait_sum sum = plait_dss_pseudo_sum(dsn, ssn, data_length);
    return plait_sum_finish(plait_sum_add(sum, data, data_octets));
}
