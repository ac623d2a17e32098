/* lab/columns.c: the table of columns. */
#include "lab/columns.h"

#include <stdio.h>
#include <string.h>

#include "base/panic.h"

#define OWN(table, number, ...)                                                                    \
    {                                                                                              \
        .mechanism = &plait_mechanism_##table, .option = PLAIT_MECHANISM_##number, __VA_ARGS__     \
    }

static struct column {
    const struct plait_mechanism *mechanism;
    enum plait_mechanism_name option;
    bool has_policies;
    /* Of one that is made from another, or loaded: whose threats apply. */
    enum plait_protocol resembled;
    const char *name; /* NULL: the mechanism's */
    struct plait_basic_options basic;
    const struct plait_mechanism_offer *offer; /* of a loaded one */
    const char *file;
} columns[PLAIT_PROTOCOL_COUNT + PLAIT_LOADED_MAX] = {
    [PLAIT_TCP] = {.option = PLAIT_MECHANISM_TCP},
    [PLAIT_MPTCP_V1] = OWN(v1, V1, .has_policies = true),
    [PLAIT_MPTCP_V0] = OWN(v0, V0, .has_policies = true),
    [PLAIT_BASIC_M0E] = OWN(m0e, M0E),
    [PLAIT_BASIC_M0I] = OWN(m0i, M0I),
    [PLAIT_BASIC_M1N] = OWN(m1n, M1N),
    [PLAIT_BASIC_M1H] = OWN(m1h, M1H),
    [PLAIT_BASIC_M2] = OWN(m2, M2),
    [PLAIT_BASIC_M0E_MAPPED] = OWN(m0e_mapped, M0E_MAPPED, .resembled = PLAIT_BASIC_M0E),
    [PLAIT_BASIC_M0I_MAPPED] = OWN(m0i_mapped, M0I_MAPPED, .resembled = PLAIT_BASIC_M0I),
    [PLAIT_BASIC_M1N_MAPPED] = OWN(m1n_mapped, M1N_MAPPED, .resembled = PLAIT_BASIC_M1N),
    [PLAIT_BASIC_M2_MAPPED] = OWN(m2_mapped, M2_MAPPED, .resembled = PLAIT_BASIC_M2),
    [PLAIT_BASIC_M0E_NUMBER] = OWN(m0e, M0E, .resembled = PLAIT_BASIC_M0E,
                                   .name = "M0e+needs-number", .basic = {.needs_number = true}),
    [PLAIT_BASIC_M0E_WINDOW] = OWN(m0e, M0E, .resembled = PLAIT_BASIC_M0E,
                                   .name = "M0e+inherit-window", .basic = {.inherit_window = true}),
    [PLAIT_BASIC_M0E_RESET] =
        OWN(m0e, M0E, .resembled = PLAIT_BASIC_M0E, .name = "M0e+reset-ends-connection",
            .basic = {.reset_ends_connection = true}),
    [PLAIT_MPTCP_M4] = OWN(m4, M4, .resembled = PLAIT_MPTCP_V1),
};

static int loaded_count;

int plait_protocol_count(void)
{
    return PLAIT_PROTOCOL_COUNT + loaded_count;
}

const char *plait_protocol_name(enum plait_protocol protocol)
{
    if (columns[protocol].name)
        return columns[protocol].name;
    return columns[protocol].mechanism ? columns[protocol].mechanism->name : "tcp";
}

bool plait_protocol_is_variant(enum plait_protocol protocol)
{
    return columns[protocol].resembled != PLAIT_TCP && !columns[protocol].offer;
}

enum plait_protocol plait_protocol_resembled(enum plait_protocol protocol)
{
    return columns[protocol].resembled != PLAIT_TCP ? columns[protocol].resembled : protocol;
}

/* Where pairs have a handshake there is nothing to choose. */
const char *plait_protocol_model(enum plait_protocol protocol)
{
    const struct plait_mechanism *mechanism = columns[protocol].mechanism;
    if (!mechanism || mechanism->path != PLAIT_PATH_OPEN)
        return NULL;
    return mechanism->mapping == PLAIT_MAPPING_DSS ? "mapped" : "single";
}

struct plait_basic_options plait_protocol_basic(enum plait_protocol protocol)
{
    return columns[protocol].basic;
}

const struct plait_mechanism *plait_protocol_mechanism(enum plait_protocol protocol)
{
    return columns[protocol].mechanism;
}

bool plait_protocol_has_policies(enum plait_protocol protocol)
{
    return columns[plait_protocol_resembled(protocol)].has_policies;
}

static bool names_addresses(const struct plait_mechanism *m)
{
    return m->has_addr_options || m->messages == PLAIT_MESSAGES_EXPLICIT;
}

/* Pairs with numbers of their own are asked for them, check or not. */
static bool asks(const struct plait_mechanism *m)
{
    return m->reach != PLAIT_REACH_NONE || m->mapping == PLAIT_MAPPING_DSS;
}

static bool has_pairs(const struct plait_mechanism *m)
{
    return m->path == PLAIT_PATH_OPEN;
}

static const struct {
    enum plait_column_need need;
    bool (*has)(const struct plait_mechanism *mechanism);
    const char *lack;
} needs_table[] = {
    {PLAIT_NEEDS_NAMES, names_addresses, "no message of the mechanism names an address"},
    {PLAIT_NEEDS_ASKING, asks, "the mechanism asks nobody who is named"},
    {PLAIT_NEEDS_PAIRS, has_pairs, "each path of the mechanism begins with a handshake"},
};

const char *plait_protocol_lacks(enum plait_protocol protocol, unsigned needs)
{
    const struct plait_mechanism *mechanism = plait_protocol_mechanism(protocol);
    for (size_t i = 0; mechanism && i < sizeof needs_table / sizeof needs_table[0]; i++)
        if ((needs & needs_table[i].need) && !needs_table[i].has(mechanism))
            return needs_table[i].lack;
    return NULL;
}

enum plait_mechanism_name plait_protocol_option(enum plait_protocol protocol)
{
    return columns[protocol].option;
}

const struct plait_mechanism_offer *plait_protocol_offer(enum plait_protocol protocol)
{
    return columns[protocol].offer;
}

const char *plait_protocol_file(enum plait_protocol protocol)
{
    return columns[protocol].file;
}

const char *plait_option_name(const struct plait_options *options)
{
    const struct plait_mechanism *mechanism = options->mechanisms[0] == PLAIT_MECHANISM_OUTSIDE
                                                  ? options->outside->table()
                                                  : plait_mechanism_named(options->mechanisms[0]);
    return mechanism ? mechanism->name : "tcp";
}

const struct plait_mechanism *plait_mechanism_of_version(uint8_t version)
{
    for (int i = 0; i < PLAIT_PROTOCOL_COUNT; i++)
        if (columns[i].mechanism && columns[i].mechanism->version == version)
            return columns[i].mechanism;
    return &plait_mechanism_v1;
}

/* ---- which column's threats apply ----------------------------------------------------------- */

enum { /* what there is to be sent, and to be forged */
       PROVEN_PATHS = 0x001,
       OPEN_PATHS = 0x002,
       EXPLICIT_MESSAGES = 0x004,
       IMPLICIT_MESSAGES = 0x008,
       PROBES = 0x010,
       COOKIES = 0x020,
       MAPPINGS = 0x040,
       ADDR_OPTIONS = 0x080,
       ADDR_ECHOES = 0x100,
       FASTCLOSE = 0x200,
       RESET_REASONS = 0x400,
       PRIO_OF_ADDR = 0x800
};

static bool has_cookies(const struct plait_mechanism *m)
{
    struct plait_mp_control message = {.what = PLAIT_CONTROL_ADD};
    if (m->messages == PLAIT_MESSAGES_NONE)
        return false;
    m->seal_message(0, &message);
    return message.has_proof;
}

static unsigned abilities(const struct plait_mechanism *m)
{
    const struct {
        bool has;
        unsigned bit;
    } all[] = {
        {m->path == PLAIT_PATH_PROVEN, PROVEN_PATHS},
        {m->path == PLAIT_PATH_OPEN, OPEN_PATHS},
        {m->messages == PLAIT_MESSAGES_EXPLICIT, EXPLICIT_MESSAGES},
        {m->messages == PLAIT_MESSAGES_IMPLICIT, IMPLICIT_MESSAGES},
        {m->reach == PLAIT_REACH_NONCE, PROBES},
        {has_cookies(m), COOKIES},
        {m->mapping == PLAIT_MAPPING_DSS, MAPPINGS},
        {m->has_addr_options, ADDR_OPTIONS},
        {m->addr_is_echoed, ADDR_ECHOES},
        {m->has_fastclose, FASTCLOSE},
        {m->reset_has_reason, RESET_REASONS},
        {m->prio_names_addr, PRIO_OF_ADDR},
    };
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        bits |= all[i].has ? all[i].bit : 0;
    return bits;
}

enum plait_protocol plait_column_resembling(const struct plait_mechanism *mechanism)
{
    unsigned own = abilities(mechanism);
    int richest = PLAIT_TCP, most = 0;
    for (int i = PLAIT_TCP + 1; i < PLAIT_PROTOCOL_COUNT; i++) {
        if (plait_protocol_is_variant((enum plait_protocol)i))
            continue; /* it has no threats of its own */
        unsigned asked = abilities(columns[i].mechanism);
        int count = __builtin_popcount(asked);
        if ((asked & ~own) || count <= most)
            continue;
        richest = i;
        most = count;
    }
    return (enum plait_protocol)richest;
}

/* ---- columns from outside ------------------------------------------------------------------- */

/* -1 if there is none. */
static int column_named(const char *name, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(plait_protocol_name((enum plait_protocol)i), name) == 0)
            return i;
    return -1;
}

static int resembled_by(const struct plait_mechanism_offer *offer)
{
    if (!offer->resembles)
        return (int)plait_column_resembling(offer->table());
    int named = column_named(offer->resembles, PLAIT_PROTOCOL_COUNT);
    return named < 0 ? named : (int)plait_protocol_resembled((enum plait_protocol)named);
}

bool plait_column_add(const struct plait_mechanism_offer *offer, const char *file,
                      enum plait_protocol *protocol, char *expected, size_t expected_octets)
{
    const char *lacks = plait_mechanism_lacks(offer);
    if (lacks) {
        snprintf(expected, expected_octets, "%s", lacks);
        return false;
    }
    const struct plait_mechanism *mechanism = offer->table();
    int resembled = resembled_by(offer);
    if (column_named(mechanism->name, plait_protocol_count()) >= 0)
        snprintf(expected, expected_octets, "another name than %s, which is a column's",
                 mechanism->name);
    else if (resembled <= PLAIT_TCP)
        snprintf(expected, expected_octets, "to resemble one of v1, v0, M0e, M0i, M1n, M1h, M2");
    else if (loaded_count == PLAIT_LOADED_MAX)
        snprintf(expected, expected_octets, "at most %d mechanisms", PLAIT_LOADED_MAX);
    else {
        *protocol = (enum plait_protocol)plait_protocol_count();
        columns[*protocol] = (struct column){.mechanism = mechanism,
                                             .option = PLAIT_MECHANISM_OUTSIDE,
                                             .offer = offer,
                                             .file = file,
                                             .resembled = (enum plait_protocol)resembled};
        loaded_count++;
        return true;
    }
    return false;
}
