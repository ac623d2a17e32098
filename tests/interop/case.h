/* What one run of the interoperability matrix is: a value that says everything which makes two runs
 * differ, and is named by its ID.
 *
 * Every case has two ends, client and server, of which one is the machine's kernel and one our own
 * host; "control" cases have two kernels, and show that a case can be passed at all. */
#ifndef PLAIT_TESTS_INTEROP_CASE_H
#define PLAIT_TESTS_INTEROP_CASE_H

#include "base/text.h"
#include "wire/addr.h"

enum { INTEROP_CLIENT, INTEROP_SERVER, INTEROP_ENDS };
enum { INTEROP_PATHS_MAX = 8 };

/* Who is client and who server. */
enum interop_roles { INTEROP_KERNEL_DIALS, INTEROP_PLAIT_DIALS, INTEROP_CONTROL, INTEROP_ROLES };

/* How the connection must stand when all octets have arrived. */
enum interop_outcome {
    INTEROP_MULTIPATH,
    INTEROP_FALLBACK,
    INTEROP_EITHER, /* may fall back, or get over it: both ends the same */
    INTEROP_TCP,    /* one end speaks nothing else */
    INTEROP_ABORT   /* one end aborts in mid-transfer */
};

/* What a middlebox does (tests/interop/box.c).  LATER: to the connection's second path. */
enum interop_change {
    INTEROP_NO_CHANGE,
    INTEROP_STRIP_SYN,
    INTEROP_STRIP_SYN_ACK,
    INTEROP_STRIP_THIRD_ACK,
    INTEROP_STRIP_NON_SYN,
    INTEROP_STRIP_FIRST_DATA,
    INTEROP_STRIP_LATER_HALF, /* from the middle of the transfer on */
    INTEROP_DROP_SYN,         /* what has MP_CAPABLE */
    INTEROP_CORRUPT,          /* one octet in the middle, TCP's checksum mended */
    INTEROP_SHIFT_SSN,        /* one mapping in the middle names a wrong subflow sequence number */
    INTEROP_SPLIT,            /* each data segment in two, options on both (RFC 8684 §3.3) */
    INTEROP_CHANGES
};

enum interop_event { /* in mid-transfer */
                     INTEROP_NO_EVENT,
                     INTEROP_ADD_ADDR,
                     INTEROP_ADD_ADDR_PORT,
                     INTEROP_REMOVE_ADDR,
                     INTEROP_PRIO,
                     INTEROP_FASTCLOSE_RST,
                     INTEROP_FASTCLOSE_ACK,
                     INTEROP_CUT, /* the link goes down, and up again later */
                     INTEROP_EVENTS
};

enum interop_closing {
    INTEROP_CLIENT_FIRST,
    INTEROP_SERVER_FIRST,
    INTEROP_BOTH_AT_ONCE,
    INTEROP_CLIENT_EARLY, /* ends its stream before the server begins */
    INTEROP_SERVER_EARLY
};

/* Real programs in the kernel's place (tests/interop/programs.c). */
enum interop_program {
    INTEROP_NO_PROGRAM,
    INTEROP_CURL,          /* fetches from our host */
    INTEROP_NGINX,         /* our host fetches from it */
    INTEROP_IPERF3,        /* through our host as a relay: client in one kernel host, server in */
    INTEROP_IPERF3_REVERSE /* another; reverse: the server sends */
};

/* Counters that may move beyond what every case may move. */
enum interop_allowance {
    INTEROP_ALLOW_FALLBACK = 1,
    INTEROP_ALLOW_CHECKSUM = 2,
    INTEROP_ALLOW_RESET = 4,
    INTEROP_ALLOW_FASTCLOSE = 8,
    INTEROP_ALLOW_JOIN = 16,
    INTEROP_ALLOW_DSS = 32
};

enum { INTEROP_CHECKSUM_KERNEL = 1, INTEROP_CHECKSUM_PLAIT = 2 };
enum { INTEROP_TO_SERVER = 1, INTEROP_TO_CLIENT = 2, INTEROP_BOTH_WAYS = 3 };

struct interop_case {
    const char *row; /* of the matrix */
    unsigned number; /* of a combination, from 1 */
    enum interop_roles roles;
    uint8_t family;
    unsigned paths; /* addresses of the client */
    unsigned doors; /* addresses of the server; the second is announced */
    uint64_t octets[INTEROP_ENDS];
    enum interop_outcome outcome;
    unsigned subflows_min, subflows_max; /* at the end of the transfer; 0 = as many as paths */
    unsigned allowed;                    /* of enum interop_allowance */

    uint32_t loss_per_million, reorder_per_million, duplicate_per_million;
    uint32_t mtu_octets; /* 0 = 1500 */
    bool nat;            /* on the last path */
    bool unequal;        /* the last path has 20 times the delay */
    bool syn_cookies;    /* the kernel answers with cookies always */
    bool backup_join;    /* further paths are asked for as backups */
    bool offload;        /* super-segments; the net itself captures nothing */
    unsigned checksum;   /* who asks for it: INTEROP_CHECKSUM_... */
    bool veth;           /* also where there is TUN */
    uint64_t rate_bits_per_s;

    enum interop_change change;
    unsigned change_ways; /* INTEROP_TO_SERVER ... */
    unsigned change_path; /* from 0 */
    enum interop_event event;
    unsigned actor; /* the end that acts, or the path that is cut */
    enum interop_closing closing;
    enum interop_program program;
    bool timestamps;    /* also where they leave no room (F-10) */
    const char *known;  /* why the other stack fails here, and where that is written down */
    const char *absent; /* why this cell cannot be, in words */
};

/* "loss-5/kernel-dials/ipv4/2": row, roles, family, paths. */
void interop_case_id(const struct interop_case *c, struct plait_text *text);

/* "loss 5 %, reordering, mtu 9000, server first": what a combination is made of. */
void interop_case_settings(const struct interop_case *c, struct plait_text *text);

/* ---- the matrix ------------------------------------------------------------------------------ */

unsigned interop_case_count(void);
/* The N-th case of the matrix, with OCTETS each way. */
struct interop_case interop_case(unsigned n, uint64_t octets);
/* 5 GB each way, offloads on. */
unsigned interop_large_count(void);
struct interop_case interop_large(unsigned n);
/* What is not in the matrix, between two kernels, both families. */
unsigned interop_extra_count(void);
struct interop_case interop_extra(unsigned n, uint64_t octets);
/* What Linux does with itself that is written down in docs/FINDINGS.md: control cases that are
 * expected to fail. */
unsigned interop_finding_count(void);
struct interop_case interop_finding(unsigned n, uint64_t octets);
/* Real programs, both families. */
unsigned interop_program_count(void);
struct interop_case interop_program(unsigned n, uint64_t octets);
/* The N-th random combination that SEED gives, from 1. */
struct interop_case interop_combination(uint64_t seed, unsigned n, uint64_t octets);

#endif
