/* tests/audit/oracle.h: an auditor that is given the packets of a random scenario, and whether what
 * it says fits what the applications wrote and read. */
#ifndef PLAIT_TESTS_AUDIT_ORACLE_H
#define PLAIT_TESTS_AUDIT_ORACLE_H

#include "audit/audit.h"
#include "tests/audit/recording.h"
#include "tests/scenario/scenario.h"

enum vantage { AT_CLIENT, AT_SERVER, AT_BOTH, AT_ALL_LINKS, VANTAGES };

enum fault { /* of the capture, not of the net */
             WHOLE,
             MISSING, /* 1 % of the packets */
             ONE_WAY, /* one direction only */
             SNAPPED, /* 96 octets of each packet */
             CUT,     /* ends within a packet */
             JOINED,  /* begins in the middle */
             FAULTS
};

const char *vantage_name(enum vantage vantage);
const char *fault_name(enum fault fault);

struct verdict {
    const char *failure; /* NULL: all holds */
    char detail[400];
    uint64_t packets, octets; /* given; rebuilt */
    struct plait_audit_counts counts;
};

/* S was played and RECORDING holds its packets; PRINTS: alerts and events, as text. */
struct verdict audit_scenario(const struct scenario *s, const struct recording *recording,
                              enum vantage vantage, enum fault fault, bool prints);

#endif
