/* lab/columns.h: what a connection of a cell speaks: the columns of the matrix, and those that are
 * loaded from outside.
 * May touch: the table of loaded columns. */
#ifndef PLAIT_LAB_COLUMNS_H
#define PLAIT_LAB_COLUMNS_H

#include "mechanism/mechanism.h"
#include "plait/host.h"

/* A column's number: one of these, or one that plait_column_add gave. */
enum plait_protocol {
    PLAIT_TCP,
    PLAIT_MPTCP_V1,
    PLAIT_MPTCP_V0,
    PLAIT_BASIC_M0E, /* docs/mechanisms/basic.md */
    PLAIT_BASIC_M0I,
    PLAIT_BASIC_M1N,
    PLAIT_BASIC_M1H,
    PLAIT_BASIC_M2,
    /* Variants of columns, played with --full: the other data plane, switches, a secret beside the
     * keys. */
    PLAIT_BASIC_M0E_MAPPED,
    PLAIT_BASIC_M0I_MAPPED,
    PLAIT_BASIC_M1N_MAPPED,
    PLAIT_BASIC_M2_MAPPED,
    PLAIT_BASIC_M0E_NUMBER,
    PLAIT_BASIC_M0E_WINDOW,
    PLAIT_BASIC_M0E_RESET,
    PLAIT_MPTCP_M4, /* v1 with a pre-shared key */
    PLAIT_PROTOCOL_COUNT
};

#define PLAIT_LOADED_MAX 16

/* Of all columns, loaded ones included. */
int plait_protocol_count(void);
/* "tcp", "v1", "M0e", "M0e-mapped", "M0e+needs-number". */
const char *plait_protocol_name(enum plait_protocol protocol);
/* The column whose threats apply: itself or, of a variant, the one that it is made from, or, of a
 * loaded one, the one that it resembles. */
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
/* What a case may need of a mechanism: bits. */
enum plait_column_need {
    PLAIT_NEEDS_NAMES = 1,  /* some message names addresses */
    PLAIT_NEEDS_ASKING = 2, /* whoever is named is sent a question or a handshake */
    PLAIT_NEEDS_PAIRS = 4,  /* pairs that begin without a handshake */
};
/* Why a column has not all of NEEDS: one of a list; NULL if it has. */
const char *plait_protocol_lacks(enum plait_protocol protocol, unsigned needs);
/* What our own endpoint is told to speak: a name and, for OUTSIDE, an offer. */
enum plait_mechanism_name plait_protocol_option(enum plait_protocol protocol);
const struct plait_mechanism_offer *plait_protocol_offer(enum plait_protocol protocol);
/* The file that it was loaded from, or NULL. */
const char *plait_protocol_file(enum plait_protocol protocol);
/* "v1" of what an endpoint was told first. */
const char *plait_option_name(const struct plait_options *options);
/* The mechanism of a column whose MP_CAPABLE has VERSION, of those that are not loaded; v1's if
 * there is none. */
const struct plait_mechanism *plait_mechanism_of_version(uint8_t version);

/* ---- columns from outside -----------------------------------------------------------------------
 */

/* A column for OFFER, which came from FILE (may be NULL); both outlive the process's runs.  Before
 * the first run: those that play them know what this process knew when it started them.  False,
 * with what was expected in EXPECTED, if it cannot be one. */
bool plait_column_add(const struct plait_mechanism_offer *offer, const char *file,
                      enum plait_protocol *protocol, char *expected, size_t expected_octets);
/* The richest column all of whose messages MECHANISM has: by its paths, messages and control
 * options, not by its proofs. */
enum plait_protocol plait_column_resembling(const struct plait_mechanism *mechanism);

#endif
