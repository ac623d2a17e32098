/* wire/mp_fail.c: MP_FAIL, RFC 8684 §3.7; the DSN always has 64 bits. */
#include <inttypes.h>

#include "wire/mptcp_table.h"

static plait_result parse(struct plait_reader *r, struct plait_mptcp_option *option)
{
    option->fail.reserved = plait_read_u16(r) & 0x0fff;
    option->fail.dsn = plait_read_u64(r);
    return PLAIT_OK;
}

static size_t octets(const struct plait_mptcp_option *option)
{
    (void)option;
    return 12;
}

static uint8_t low_nibble(const struct plait_mptcp_option *option)
{
    return option->fail.reserved >> 8 & 0x0f;
}

static void write(struct plait_writer *w, const struct plait_mptcp_option *option)
{
    plait_write_u8(w, (uint8_t)option->fail.reserved);
    plait_write_u64(w, option->fail.dsn);
}

static void print(struct plait_text *t, const struct plait_mptcp_option *option)
{
    plait_text_add(t, " dsn=%016" PRIx64, option->fail.dsn);
    plait_mptcp_print_reserved(t, option->fail.reserved);
}

const struct plait_mptcp_codec plait_mp_fail_codec = {"MP_FAIL",  parse, octets,
                                                      low_nibble, write, print};
