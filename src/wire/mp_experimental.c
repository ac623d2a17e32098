/* wire/mp_experimental.c: subtype 0xf, which RFC 8684 §7.2 leaves to private use: here the control
 * messages of Basic MPTCP (RFC 6181 §4; docs/mechanisms/basic.md).
 *
 * Kind of message and length say which parts are there: no two forms of a kind are equally long.
 * Another experiment's option is an unknown one, unless it looks the same. */
#include <inttypes.h>
#include <string.h>

#include "wire/mptcp_table.h"

enum { FIXED_OCTETS = 12, PROOF_OCTETS = 8, NONCE_OCTETS = 8, PORT_OCTETS = 2 };

static const struct control_kind {
    const char *name;
    bool may_have_addr, has_port, has_nonce;
} kinds[] = {
    [PLAIT_CONTROL_ADD] = {"add", true, true, false},
    [PLAIT_CONTROL_REMOVE] = {"remove", true, false, false},
    [PLAIT_CONTROL_ECHO] = {"echo", false, false, false},
    [PLAIT_CONTROL_PROBE] = {"probe", false, false, true},
    [PLAIT_CONTROL_ANSWER] = {"answer", false, false, true},
};

static const struct control_kind *kind_of(unsigned what)
{
    bool is_known = what < sizeof kinds / sizeof kinds[0] && kinds[what].name;
    return is_known ? &kinds[what] : NULL;
}

static size_t content_octets(const struct control_kind *kind, const struct plait_mp_control *c)
{
    size_t addr = kind->may_have_addr ? plait_addr_octets(c->addr.family) : 0;
    return FIXED_OCTETS + (c->has_proof ? PROOF_OCTETS : 0) + (kind->has_nonce ? NONCE_OCTETS : 0) +
           (addr ? addr + (kind->has_port ? PORT_OCTETS : 0) : 0);
}

static bool choose_form(const struct control_kind *kind, size_t length, struct plait_mp_control *c)
{
    static const uint8_t families[] = {PLAIT_NO_FAMILY, PLAIT_IPV4, PLAIT_IPV6};
    for (int proof = 0; proof < 2; proof++)
        for (size_t i = 0; i < (kind->may_have_addr ? sizeof families : 1); i++) {
            c->has_proof = proof;
            c->addr.family = families[i];
            if (content_octets(kind, c) == length)
                return true;
        }
    return false;
}

static plait_result parse(struct plait_reader *r, struct plait_mptcp_option *option)
{
    struct plait_mp_control *c = &option->control;
    size_t length = plait_reader_left(r) + 2;
    c->what = plait_read_u8(r) & 0x0f;
    const struct control_kind *kind = kind_of(c->what);
    if (!kind)
        return PLAIT_FAIL(UNKNOWN_OPTION);
    if (!choose_form(kind, length, c))
        return PLAIT_FAIL(BAD_LENGTH);
    c->id = plait_read_u8(r);
    c->connection = plait_read_u64(r);
    c->proof = c->has_proof ? plait_read_u64(r) : 0;
    c->nonce = kind->has_nonce ? plait_read_u64(r) : 0;
    size_t addr_octets = plait_addr_octets(c->addr.family);
    const uint8_t *addr = plait_read_octets(r, addr_octets);
    if (addr && addr_octets)
        memcpy(c->addr.octets, addr, addr_octets);
    c->port = addr_octets && kind->has_port ? plait_read_u16(r) : 0;
    return PLAIT_OK;
}

static size_t octets(const struct plait_mptcp_option *option)
{
    const struct control_kind *kind = kind_of(option->control.what);
    return kind ? content_octets(kind, &option->control) : 0;
}

static uint8_t low_nibble(const struct plait_mptcp_option *option)
{
    return option->control.what;
}

static void write(struct plait_writer *w, const struct plait_mptcp_option *option)
{
    const struct plait_mp_control *c = &option->control;
    const struct control_kind *kind = kind_of(c->what);
    if (!kind) {
        w->failed = true;
        return;
    }
    plait_write_u8(w, c->id);
    plait_write_u64(w, c->connection);
    if (c->has_proof)
        plait_write_u64(w, c->proof);
    if (kind->has_nonce)
        plait_write_u64(w, c->nonce);
    size_t addr_octets = kind->may_have_addr ? plait_addr_octets(c->addr.family) : 0;
    plait_write_octets(w, c->addr.octets, addr_octets);
    if (addr_octets && kind->has_port)
        plait_write_u16(w, c->port);
}

static void print(struct plait_text *t, const struct plait_mptcp_option *option)
{
    const struct plait_mp_control *c = &option->control;
    const struct control_kind *kind = kind_of(c->what);
    char addr[PLAIT_ADDR_TEXT_OCTETS];
    if (!kind)
        return;
    plait_text_add(t, " %s id=%u connection=%016" PRIx64, kind->name, c->id, c->connection);
    if (c->has_proof)
        plait_text_add(t, " proof=%016" PRIx64, c->proof);
    if (kind->has_nonce)
        plait_text_add(t, " nonce=%016" PRIx64, c->nonce);
    if (!kind->may_have_addr || !c->addr.family)
        return;
    plait_text_add(t, " addr=%s", plait_addr_text(&c->addr, addr));
    if (kind->has_port)
        plait_text_add(t, " port=%u", c->port);
}

const struct plait_mptcp_codec plait_mp_experimental_codec = {"MP_EXPERIMENTAL", parse, octets,
                                                              low_nibble,        write, print};
