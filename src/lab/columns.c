/* lab/columns.c: the table of columns. */
#include "lab/columns.h"

static const struct {
    const struct plait_mechanism *mechanism;
    enum plait_mechanism_name option;
    bool has_policies;
    /* of a variant */
    enum plait_protocol resembled;
    const char *name; /* NULL: the mechanism's */
    struct plait_basic_options basic;
} columns[PLAIT_PROTOCOL_COUNT] = {
    [PLAIT_TCP] = {.mechanism = NULL, .option = PLAIT_MECHANISM_TCP},
    [PLAIT_MPTCP_V1] = {.mechanism = &plait_mechanism_v1,
                        .option = PLAIT_MECHANISM_V1,
                        .has_policies = true},
    [PLAIT_MPTCP_V0] = {.mechanism = &plait_mechanism_v0,
                        .option = PLAIT_MECHANISM_V0,
                        .has_policies = true},
    [PLAIT_BASIC_M0E] = {.mechanism = &plait_mechanism_m0e, .option = PLAIT_MECHANISM_M0E},
    [PLAIT_BASIC_M0I] = {.mechanism = &plait_mechanism_m0i, .option = PLAIT_MECHANISM_M0I},
    [PLAIT_BASIC_M1N] = {.mechanism = &plait_mechanism_m1n, .option = PLAIT_MECHANISM_M1N},
    [PLAIT_BASIC_M1H] = {.mechanism = &plait_mechanism_m1h, .option = PLAIT_MECHANISM_M1H},
    [PLAIT_BASIC_M2] = {.mechanism = &plait_mechanism_m2, .option = PLAIT_MECHANISM_M2},
    [PLAIT_BASIC_M0E_MAPPED] = {.mechanism = &plait_mechanism_m0e_mapped,
                                .option = PLAIT_MECHANISM_M0E_MAPPED,
                                .resembled = PLAIT_BASIC_M0E},
    [PLAIT_BASIC_M0I_MAPPED] = {.mechanism = &plait_mechanism_m0i_mapped,
                                .option = PLAIT_MECHANISM_M0I_MAPPED,
                                .resembled = PLAIT_BASIC_M0I},
    [PLAIT_BASIC_M1N_MAPPED] = {.mechanism = &plait_mechanism_m1n_mapped,
                                .option = PLAIT_MECHANISM_M1N_MAPPED,
                                .resembled = PLAIT_BASIC_M1N},
    [PLAIT_BASIC_M2_MAPPED] = {.mechanism = &plait_mechanism_m2_mapped,
                               .option = PLAIT_MECHANISM_M2_MAPPED,
                               .resembled = PLAIT_BASIC_M2},
    [PLAIT_BASIC_M0E_NUMBER] = {.mechanism = &plait_mechanism_m0e,
                                .option = PLAIT_MECHANISM_M0E,
                                .resembled = PLAIT_BASIC_M0E,
                                .name = "M0e+needs-number",
                                .basic = {.needs_number = true}},
    [PLAIT_BASIC_M0E_WINDOW] = {.mechanism = &plait_mechanism_m0e,
                                .option = PLAIT_MECHANISM_M0E,
                                .resembled = PLAIT_BASIC_M0E,
                                .name = "M0e+inherit-window",
                                .basic = {.inherit_window = true}},
    [PLAIT_BASIC_M0E_RESET] = {.mechanism = &plait_mechanism_m0e,
                               .option = PLAIT_MECHANISM_M0E,
                               .resembled = PLAIT_BASIC_M0E,
                               .name = "M0e+reset-ends-connection",
                               .basic = {.reset_ends_connection = true}},
};

const char *plait_protocol_name(enum plait_protocol protocol)
{
    if (columns[protocol].name)
        return columns[protocol].name;
    return columns[protocol].mechanism ? columns[protocol].mechanism->name : "tcp";
}

bool plait_protocol_is_variant(enum plait_protocol protocol)
{
    return columns[protocol].resembled != PLAIT_TCP;
}

enum plait_protocol plait_protocol_resembled(enum plait_protocol protocol)
{
    return plait_protocol_is_variant(protocol) ? columns[protocol].resembled : protocol;
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
    return columns[protocol].has_policies;
}

enum plait_mechanism_name plait_protocol_option(enum plait_protocol protocol)
{
    return columns[protocol].option;
}

const char *plait_option_name(enum plait_mechanism_name option)
{
    for (int i = 0; i < PLAIT_PROTOCOL_COUNT; i++)
        if (columns[i].option == option)
            return plait_protocol_name((enum plait_protocol)i);
    return "tcp";
}

const struct plait_mechanism *plait_mechanism_of_version(uint8_t version)
{
    for (int i = 0; i < PLAIT_PROTOCOL_COUNT; i++)
        if (columns[i].mechanism && columns[i].mechanism->version == version)
            return columns[i].mechanism;
    return &plait_mechanism_v1;
}
