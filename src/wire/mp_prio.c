/* wire/mp_prio.c: MP_PRIO, RFC 8684 §3.3.8; RFC 6824 §3.3.8 allows an address ID behind it. */
#include "wire/mptcp_table.h"

static plait_result parse(struct plait_reader *r, struct plait_mptcp_option *option)
{
    struct plait_mp_prio *p = &option->prio;
    uint8_t nibble = plait_read_u8(r) & 0x0f;
    p->backup = nibble & 1;
    p->reserved = nibble >> 1;
    p->has_addr_id = plait_reader_left(r) > 0;
    p->addr_id = p->has_addr_id ? plait_read_u8(r) : 0;
    return PLAIT_OK;
}

static size_t octets(const struct plait_mptcp_option *option)
{
    return option->prio.has_addr_id ? 4 : 3;
}

static uint8_t low_nibble(const struct plait_mptcp_option *option)
{
    return plait_mptcp_nibble(option->prio.reserved, option->prio.backup);
}

static void write(struct plait_writer *w, const struct plait_mptcp_option *option)
{
    if (option->prio.has_addr_id)
        plait_write_u8(w, option->prio.addr_id);
}

static void print(struct plait_text *t, const struct plait_mptcp_option *option)
{
    const struct plait_mp_prio *p = &option->prio;
    if (p->backup)
        plait_text_add(t, " backup");
    if (p->has_addr_id)
        plait_text_add(t, " id=%u", p->addr_id);
    plait_mptcp_print_reserved(t, p->reserved);
}

const struct plait_mptcp_codec plait_mp_prio_codec = {"MP_PRIO",  parse, octets,
                                                      low_nibble, write, print};
