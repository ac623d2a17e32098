/* lab/columns.h: what a connection of a cell speaks: the columns of the matrix.
 * May touch: nothing. */
#ifndef PLAIT_LAB_COLUMNS_H
#define PLAIT_LAB_COLUMNS_H

#include "mechanism/mechanism.h"
#include "plait/host.h"

enum plait_protocol {
    PLAIT_TCP,
    PLAIT_MPTCP_V1,
    PLAIT_MPTCP_V0,
    PLAIT_BASIC_M0E, /* docs/mechanisms/basic.md */
    PLAIT_BASIC_M0I,
    PLAIT_BASIC_M1N,
    PLAIT_BASIC_M1H,
    PLAIT_BASIC_M2,
    /* Variants of columns, played with --full: the other data plane, and switches. */
    PLAIT_BASIC_M0E_MAPPED,
    PLAIT_BASIC_M0I_MAPPED,
    PLAIT_BASIC_M1N_MAPPED,
    PLAIT_BASIC_M2_MAPPED,
    PLAIT_BASIC_M0E_NUMBER,
    PLAIT_BASIC_M0E_WINDOW,
    PLAIT_BASIC_M0E_RESET,
    PLAIT_PROTOCOL_COUNT
};

/* "tcp", "v1", "M0e", "M0e-mapped", "M0e+needs-number". */
const char *plait_protocol_name(enum plait_protocol protocol);
/* The column whose threats apply: itself or, of a variant, the one that it is made from. */
enum plait_protocol plait_protocol_resembled(enum plait_protocol protocol);
/* Played with --full only. */
bool plait_protocol_is_variant(enum plait_protocol protocol);
/* Of a data plane that RFC 6181 leaves open, which one it is: "single" or "mapped"; else NULL. */
const char *plait_protocol_model(enum plait_protocol protocol);
/* Its switches (docs/mechanisms/basic.md). */
struct plait_basic_options plait_protocol_basic(enum plait_protocol protocol);
/* NULL: plain TCP. */
const struct plait_mechanism *plait_protocol_mechanism(enum plait_protocol protocol);
/* True if it has limits that the permissive policy lifts. */
bool plait_protocol_has_policies(enum plait_protocol protocol);
/* What our own endpoint is told to speak. */
enum plait_mechanism_name plait_protocol_option(enum plait_protocol protocol);
/* "v1" of what an endpoint was told. */
const char *plait_option_name(enum plait_mechanism_name option);
/* The mechanism of a column whose MP_CAPABLE has VERSION; v1's if there is none. */
const struct plait_mechanism *plait_mechanism_of_version(uint8_t version);

#endif
