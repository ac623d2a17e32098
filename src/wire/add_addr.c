/* wire/add_addr.c: ADD_ADDR, RFC 8684 §3.4.1 (v1) and RFC 6824 §3.4.1 (v0).
 *
 * The versions cannot be confused: v0 puts the IP version 4 or 6 where v1 has E = 0, and without E
 * v1 carries 8 octets of HMAC, which gives other lengths. */
#include <string.h>

#include "wire/mptcp_table.h"

enum { FIXED_OCTETS = 4, PORT_OCTETS = 2, HMAC_OCTETS = 8 };

/* Length of the whole option decides family and port, once version and echo are known. */
static bool choose_form(struct plait_add_addr *a, size_t length)
{
    static const uint8_t families[] = {PLAIT_IPV4, PLAIT_IPV6};
    for (size_t i = 0; i < sizeof families; i++) {
        size_t portless =
            FIXED_OCTETS + plait_addr_octets(families[i]) + (a->has_hmac ? HMAC_OCTETS : 0);
        if (length != portless && length != portless + PORT_OCTETS)
            continue;
        a->addr.family = families[i];
        a->has_port = length != portless;
        return true;
    }
    return false;
}

static bool choose_version(struct plait_add_addr *a, uint8_t nibble, size_t length)
{
    *a = (struct plait_add_addr){.is_v0 = true};
    if (choose_form(a, length) && a->addr.family == nibble)
        return true;
    bool echo = nibble & 1;
    *a = (struct plait_add_addr){.echo = echo, .reserved = nibble >> 1, .has_hmac = !echo};
    return choose_form(a, length);
}

static plait_result parse(struct plait_reader *r, struct plait_mptcp_option *option)
{
    struct plait_add_addr *a = &option->add_addr;
    size_t length = plait_reader_left(r) + 2;
    uint8_t nibble = plait_read_u8(r) & 0x0f;
    if (!choose_version(a, nibble, length))
        return PLAIT_FAIL(BAD_LENGTH);
    a->addr_id = plait_read_u8(r);
    size_t addr_octets = plait_addr_octets(a->addr.family);
    const uint8_t *addr = plait_read_octets(r, addr_octets);
    a->port = a->has_port ? plait_read_u16(r) : 0;
    const uint8_t *hmac = a->has_hmac ? plait_read_octets(r, HMAC_OCTETS) : NULL;
    if (addr)
        memcpy(a->addr.octets, addr, addr_octets);
    if (hmac)
        memcpy(a->hmac, hmac, HMAC_OCTETS);
    return PLAIT_OK;
}

static size_t octets(const struct plait_mptcp_option *option)
{
    const struct plait_add_addr *a = &option->add_addr;
    return FIXED_OCTETS + plait_addr_octets(a->addr.family) + (a->has_port ? PORT_OCTETS : 0) +
           (a->has_hmac ? HMAC_OCTETS : 0);
}

static uint8_t low_nibble(const struct plait_mptcp_option *option)
{
    const struct plait_add_addr *a = &option->add_addr;
    return a->is_v0 ? a->addr.family : plait_mptcp_nibble(a->reserved, a->echo);
}

static void write(struct plait_writer *w, const struct plait_mptcp_option *option)
{
    const struct plait_add_addr *a = &option->add_addr;
    plait_write_u8(w, a->addr_id);
    plait_write_octets(w, a->addr.octets, plait_addr_octets(a->addr.family));
    if (a->has_port)
        plait_write_u16(w, a->port);
    if (a->has_hmac)
        plait_write_octets(w, a->hmac, HMAC_OCTETS);
}

static void print(struct plait_text *t, const struct plait_mptcp_option *option)
{
    const struct plait_add_addr *a = &option->add_addr;
    char addr[PLAIT_ADDR_TEXT_OCTETS];
    plait_text_add(t, " v%u%s id=%u addr=%s", a->is_v0 ? 0 : 1, a->echo ? " echo" : "", a->addr_id,
                   plait_addr_text(&a->addr, addr));
    if (a->has_port)
        plait_text_add(t, " port=%u", a->port);
    if (a->has_hmac) {
        plait_text_add(t, " hmac=");
        plait_text_hex(t, a->hmac, HMAC_OCTETS);
    }
    plait_mptcp_print_reserved(t, a->reserved);
}

const struct plait_mptcp_codec plait_add_addr_codec = {"ADD_ADDR", parse, octets,
                                                       low_nibble, write, print};
