/* wire/mptcp_table.h: internal to wire/: what each option's file provides to mptcp.c.
 *
 * mptcp.c reads and writes kind and length, and checks once for all options that a parser used
 * exactly the octets that the option has.  So a parser only chooses its form by the length. */
#ifndef PLAIT_WIRE_MPTCP_TABLE_H
#define PLAIT_WIRE_MPTCP_TABLE_H

#include "wire/mptcp.h"

struct plait_mptcp_codec {
    const char *name;
    /* R stands on octet 2 (subtype and low nibble) and ends where the option does. */
    plait_result (*parse)(struct plait_reader *r, struct plait_mptcp_option *option);
    /* Octets of the whole option, kind and length included. */
    size_t (*octets)(const struct plait_mptcp_option *option);
    /* The four bits that share octet 2 with the subtype. */
    uint8_t (*low_nibble)(const struct plait_mptcp_option *option);
    /* From octet 3 on; NULL if there is nothing. */
    void (*write)(struct plait_writer *w, const struct plait_mptcp_option *option);
    /* What follows the name, each word with a space in front. */
    void (*print)(struct plait_text *t, const struct plait_mptcp_option *option);
};

extern const struct plait_mptcp_codec plait_mp_capable_codec;
extern const struct plait_mptcp_codec plait_mp_join_codec;
extern const struct plait_mptcp_codec plait_dss_codec;
extern const struct plait_mptcp_codec plait_add_addr_codec;
extern const struct plait_mptcp_codec plait_remove_addr_codec;
extern const struct plait_mptcp_codec plait_mp_prio_codec;
extern const struct plait_mptcp_codec plait_mp_fail_codec;
extern const struct plait_mptcp_codec plait_mp_fastclose_codec;
extern const struct plait_mptcp_codec plait_mp_tcprst_codec;
extern const struct plait_mptcp_codec plait_mp_experimental_codec;

/* " reserved=3", only if a reserved bit is set. */
void plait_mptcp_print_reserved(struct plait_text *t, unsigned reserved);
/* The nibble that most options have: three reserved bits above one flag. */
uint8_t plait_mptcp_nibble(uint8_t reserved, bool flag);

#endif
