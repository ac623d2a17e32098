/* wire/mp_fastclose.c: MP_FASTCLOSE, RFC 8684 §3.5; the same octets on an ACK, on a RST, and in v0.
 */
#include <inttypes.h>

#include "wire/mptcp_table.h"

static plait_result parse(struct plait_reader *r, struct plait_mptcp_option *option)
{
    option->fastclose.reserved = plait_read_u16(r) & 0x0fff;
    option->fastclose.receiver_key = plait_read_u64(r);
    return PLAIT_OK;
}

static size_t octets(const struct plait_mptcp_option *option)
{
    (void)option;
    return 12;
}

static uint8_t low_nibble(const struct plait_mptcp_option *option)
{
    return option->fastclose.reserved >> 8 & 0x0f;
}

static void write(struct plait_writer *w, const struct plait_mptcp_option *option)
{
    plait_write_u8(w, (uint8_t)option->fastclose.reserved);
    plait_write_u64(w, option->fastclose.receiver_key);
}

static void print(struct plait_text *t, const struct plait_mptcp_option *option)
{
    plait_text_add(t, " receiver_key=%016" PRIx64, option->fastclose.receiver_key);
    plait_mptcp_print_reserved(t, option->fastclose.reserved);
}

const struct plait_mptcp_codec plait_mp_fastclose_codec = {"MP_FASTCLOSE", parse, octets,
                                                           low_nibble,     write, print};
