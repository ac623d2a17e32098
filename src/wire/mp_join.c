/* wire/mp_join.c: MP_JOIN in its three forms, RFC 8684 §3.2; v0 differs in nothing but the hash. */
#include <inttypes.h>
#include <string.h>

#include "wire/mptcp_table.h"

static const struct join_form {
    uint8_t length; /* whole option: tells the forms apart */
    uint8_t hmac_octets;
    bool has_token, has_nonce, has_backup;
    const char *name;
} forms[] = {
    [PLAIT_JOIN_SYN] = {12, 0, true, true, true, "syn"},
    [PLAIT_JOIN_SYN_ACK] = {16, 8, false, true, true, "syn-ack"},
    [PLAIT_JOIN_ACK] = {24, 20, false, false, false, "ack"},
};

#define FORMS (sizeof forms / sizeof forms[0])

static const struct join_form *form_of(const struct plait_mptcp_option *option)
{
    size_t form = (size_t)option->join.form;
    return &forms[form < FORMS ? form : PLAIT_JOIN_SYN];
}

static void parse_rest(struct plait_reader *r, struct plait_mp_join *j, const struct join_form *f)
{
    uint8_t nibble = plait_read_u8(r) & 0x0f;
    j->backup = f->has_backup && nibble & 1;
    j->reserved = f->has_backup ? nibble >> 1 : nibble;
    j->addr_id = plait_read_u8(r);
    j->token = f->has_token ? plait_read_u32(r) : 0;
    const uint8_t *hmac = plait_read_octets(r, f->hmac_octets);
    if (hmac)
        memcpy(j->hmac, hmac, f->hmac_octets);
    j->nonce = f->has_nonce ? plait_read_u32(r) : 0;
}

static plait_result parse(struct plait_reader *r, struct plait_mptcp_option *option)
{
    for (size_t form = 0; form < FORMS; form++) {
        if (plait_reader_left(r) + 2 != forms[form].length)
            continue;
        option->join.form = (enum plait_join_form)form;
        parse_rest(r, &option->join, &forms[form]);
        return PLAIT_OK;
    }
    return PLAIT_FAIL(BAD_LENGTH);
}

static size_t octets(const struct plait_mptcp_option *option)
{
    return form_of(option)->length;
}

static uint8_t low_nibble(const struct plait_mptcp_option *option)
{
    const struct plait_mp_join *j = &option->join;
    return form_of(option)->has_backup ? plait_mptcp_nibble(j->reserved, j->backup) : j->reserved;
}

static void write(struct plait_writer *w, const struct plait_mptcp_option *option)
{
    const struct plait_mp_join *j = &option->join;
    const struct join_form *f = form_of(option);
    plait_write_u8(w, j->addr_id);
    if (f->has_token)
        plait_write_u32(w, j->token);
    plait_write_octets(w, j->hmac, f->hmac_octets);
    if (f->has_nonce)
        plait_write_u32(w, j->nonce);
}

static void print(struct plait_text *t, const struct plait_mptcp_option *option)
{
    const struct plait_mp_join *j = &option->join;
    const struct join_form *f = form_of(option);
    plait_text_add(t, " %s", f->name);
    if (j->backup)
        plait_text_add(t, " backup");
    if (f->has_backup || j->addr_id)
        plait_text_add(t, " id=%u", j->addr_id);
    if (f->has_token)
        plait_text_add(t, " token=%08" PRIx32, j->token);
    if (f->hmac_octets)
        plait_text_add(t, " hmac=");
    plait_text_hex(t, j->hmac, f->hmac_octets);
    if (f->has_nonce)
        plait_text_add(t, " nonce=%08" PRIx32, j->nonce);
    plait_mptcp_print_reserved(t, j->reserved);
}

const struct plait_mptcp_codec plait_mp_join_codec = {"MP_JOIN",  parse, octets,
                                                      low_nibble, write, print};
