/* wire/mp_tcprst.c: MP_TCPRST, RFC 8684 §3.6; v1 only. */
#include "wire/mptcp_table.h"

static plait_result parse(struct plait_reader *r, struct plait_mptcp_option *option)
{
    option->tcprst.flags = plait_read_u8(r) & 0x0f;
    option->tcprst.reason = plait_read_u8(r);
    return PLAIT_OK;
}

static size_t octets(const struct plait_mptcp_option *option)
{
    (void)option;
    return 4;
}

static uint8_t low_nibble(const struct plait_mptcp_option *option)
{
    return option->tcprst.flags;
}

static void write(struct plait_writer *w, const struct plait_mptcp_option *option)
{
    plait_write_u8(w, option->tcprst.reason);
}

static void print(struct plait_text *t, const struct plait_mptcp_option *option)
{
    plait_text_add(t, " flags=%x reason=%u", option->tcprst.flags, option->tcprst.reason);
}

const struct plait_mptcp_codec plait_mp_tcprst_codec = {"MP_TCPRST", parse, octets,
                                                        low_nibble,  write, print};
