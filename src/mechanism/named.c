/* mechanism/named.c: the tables by name, and what is asked of one from outside (plait/mechanism.h).
 */
#include "crypto/digest.h"
#include "mechanism/mechanism.h"

_Static_assert(PLAIT_MECHANISM_HMAC_OCTETS == PLAIT_DIGEST_MAX_OCTETS, "SHA-256");

const struct plait_mechanism *plait_mechanism_named(enum plait_mechanism_name name)
{
    static const struct plait_mechanism *const tables[] = {
        [PLAIT_MECHANISM_TCP] = NULL,
        [PLAIT_MECHANISM_V0] = &plait_mechanism_v0,
        [PLAIT_MECHANISM_V1] = &plait_mechanism_v1,
        [PLAIT_MECHANISM_M0E] = &plait_mechanism_m0e,
        [PLAIT_MECHANISM_M0I] = &plait_mechanism_m0i,
        [PLAIT_MECHANISM_M1N] = &plait_mechanism_m1n,
        [PLAIT_MECHANISM_M1H] = &plait_mechanism_m1h,
        [PLAIT_MECHANISM_M2] = &plait_mechanism_m2,
        [PLAIT_MECHANISM_M0E_MAPPED] = &plait_mechanism_m0e_mapped,
        [PLAIT_MECHANISM_M0I_MAPPED] = &plait_mechanism_m0i_mapped,
        [PLAIT_MECHANISM_M1N_MAPPED] = &plait_mechanism_m1n_mapped,
        [PLAIT_MECHANISM_M2_MAPPED] = &plait_mechanism_m2_mapped,
        [PLAIT_MECHANISM_M4] = &plait_mechanism_m4,
    };
    return name < sizeof tables / sizeof tables[0] ? tables[name] : NULL;
}

void plait_mechanism_hmac(const void *key, size_t key_octets, const void *message,
                          size_t message_octets, uint8_t mac[PLAIT_MECHANISM_HMAC_OCTETS])
{
    plait_hmac(PLAIT_SHA256, key, key_octets, message, message_octets, mac);
}

/* ---- what a table must have ------------------------------------------------------------------ */

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)

/* It is a column's head, a part of names of cells, and of files. */
static bool is_name(const char *name)
{
    size_t length = 0;
    for (; name && name[length]; length++) {
        char c = name[length], low = (char)(c | 0x20);
        bool is_good = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!is_good || length + 1 == PLAIT_MECHANISM_NAME_OCTETS)
            return false;
    }
    return length > 0;
}

static bool has_path(const struct plait_mechanism *m)
{
    if (m->path == PLAIT_PATH_PROVEN)
        return m->token && m->messages == PLAIT_MESSAGES_NONE;
    return m->path == PLAIT_PATH_OPEN && m->token && m->key == PLAIT_KEY_FIRST_PAIR &&
           m->messages != PLAIT_MESSAGES_NONE;
}

static bool has_payload(const struct plait_payload *p)
{
    return !p || (p->record_octets && p->header_octets && p->seal && p->open && p->plain_octets);
}

static const char *table_lacks(const struct plait_mechanism *m)
{
    const struct {
        bool has;
        const char *text;
    } needs[] = {
        {is_name(m->name), "a name of 1 to 15 letters, digits, - or _"},
        {m->version <= 15, "a version of MP_CAPABLE from 0 to 15"},
        {m->write_hello && m->read_hello, "write_hello and read_hello"},
        {m->key <= PLAIT_KEY_FIRST_PAIR && m->reach <= PLAIT_REACH_HANDSHAKE &&
             m->messages <= PLAIT_MESSAGES_IMPLICIT && m->mapping <= PLAIT_MAPPING_SEQUENCE,
         "values of plait/mechanism.h"},
        {has_path(m), "a token, and paths that are proven, or open and with messages"},
        {m->token_free_bits <= 32 && m->proof_bits <= 8 * PLAIT_JOIN_HMAC_OCTETS,
         "at most 32 free bits of a token and 160 of a proof"},
        {m->mapping != PLAIT_MAPPING_DSS || m->idsn, "idsn, for a stream that DSS maps"},
        {m->seal && m->open, "seal and open"},
        {!m->has_addr_options || m->seal_add_addr, "seal_add_addr, for ADD_ADDR"},
        {m->messages == PLAIT_MESSAGES_NONE || (m->seal_message && m->open_message),
         "seal_message and open_message"},
        {has_payload(m->payload), "seal, plain_octets and open, for its payload"},
    };
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
        if (!needs[i].has)
            return needs[i].text;
    return NULL;
}

const char *plait_mechanism_lacks(const struct plait_mechanism_offer *offer)
{
    if (offer->interface != PLAIT_MECHANISM_INTERFACE)
        return "interface " TEXT(PLAIT_MECHANISM_INTERFACE);
    if (offer->size_octets != sizeof(struct plait_mechanism))
        return "a table as large as that of interface " TEXT(PLAIT_MECHANISM_INTERFACE);
    const struct plait_mechanism *table = offer->table ? offer->table() : NULL;
    return table ? table_lacks(table) : "a table";
}
