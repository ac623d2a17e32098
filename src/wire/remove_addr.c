/* wire/remove_addr.c: REMOVE_ADDR, RFC 8684 §3.4.2: one address ID or more. */
#include <string.h>

#include "wire/mptcp_table.h"

static plait_result parse(struct plait_reader *r, struct plait_mptcp_option *option)
{
    struct plait_remove_addr *a = &option->remove_addr;
    a->reserved = plait_read_u8(r) & 0x0f;
    size_t count = plait_reader_left(r);
    if (count == 0 || count > PLAIT_REMOVE_IDS_MAX)
        return PLAIT_FAIL(BAD_LENGTH);
    a->count = (uint8_t)count;
    const uint8_t *ids = plait_read_octets(r, count);
    if (ids)
        memcpy(a->addr_ids, ids, count);
    return PLAIT_OK;
}

static size_t count_of(const struct plait_remove_addr *a)
{
    return a->count < PLAIT_REMOVE_IDS_MAX ? a->count : PLAIT_REMOVE_IDS_MAX;
}

static size_t octets(const struct plait_mptcp_option *option)
{
    return 3 + count_of(&option->remove_addr);
}

static uint8_t low_nibble(const struct plait_mptcp_option *option)
{
    return option->remove_addr.reserved;
}

static void write(struct plait_writer *w, const struct plait_mptcp_option *option)
{
    plait_write_octets(w, option->remove_addr.addr_ids, count_of(&option->remove_addr));
}

static void print(struct plait_text *t, const struct plait_mptcp_option *option)
{
    const struct plait_remove_addr *a = &option->remove_addr;
    plait_text_add(t, " ids=");
    for (size_t i = 0; i < count_of(a); i++)
        plait_text_add(t, "%s%u", i ? "," : "", a->addr_ids[i]);
    plait_mptcp_print_reserved(t, a->reserved);
}

const struct plait_mptcp_codec plait_remove_addr_codec = {"REMOVE_ADDR", parse, octets,
                                                          low_nibble,    write, print};
