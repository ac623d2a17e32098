/* lab/threat.h: what a file of threats/ hands to the lab: records, cases and scripts.
 *
 * A record says what everybody may read about a threat; a case is one way to play it (form,
 * position, victim, workload); the lab multiplies cases by policies and address families.  Constant
 * data only. */
#ifndef PLAIT_LAB_THREAT_H
#define PLAIT_LAB_THREAT_H

#include "lab/analyze.h"
#include "lab/goal.h"
#include "lab/scenario.h"

#define PLAIT_WITNESSES_MAX 8

/* How a case is judged. */
enum plait_expect {
    PLAIT_AGAINST_TCP,   /* a threat: every goal against the cheapest baseline */
    PLAIT_MUST_BREAK,    /* a control case that proves that the oracle sees success */
    PLAIT_MUST_BE_CLEAN, /* a genuine control case: no goal may be reached */
    PLAIT_SHOWN_ALONE    /* a baseline's own cell: outcome without comparison */
};

struct plait_case {
    const char *form; /* "-" if the threat has one form */
    const char *position;
    bool spoofing;
    enum plait_side victim;
    enum plait_workload workload;
    unsigned paths;
    unsigned goals; /* PLAIT_GOAL_BIT of each goal that the case is judged by */
    plait_script script;
    unsigned witnesses[PLAIT_WITNESSES_MAX]; /* grants, tried in this order if it is stopped */
    plait_time_ns watch_ns;                  /* 0 = 0.7 s */
    enum plait_expect expect;
    enum plait_stranger_kind strangers;
    bool arrives;   /* somebody else dials the service while the attack goes on */
    unsigned needs; /* of enum plait_column_need: columns that lack one have no such case */
    enum plait_box_kind boxes[PLAIT_PATHS_MAX]; /* as in struct plait_scenario, with the next two */
    bool lone_start, checksum, boxes_attack, narrow;
    const char *const *only; /* columns among the record's that have what it takes; NULL = all */
    bool adds_second;        /* its script opens the client's second path */
    bool one_path_too;       /* it makes sense where the client has but one path, too */
    enum plait_distance distance; /* where it matters who arrives first; part of the cell's ID */
    bool only_full;               /* played with --full: it adds little to the others */
    bool only_ipv4;               /* it takes long, and families are alike in it */
    bool needs_volume;            /* it shows nothing where the victim writes little */
    bool buys_dsn;  /* its price may hold a data sequence number: its edges are probed, too */
    bool tcp_too;   /* also a cell of the column tcp */
    bool only_tcp;  /* baselines */
    bool only_own;  /* its witness is a switch of our own endpoint: n/a on kernels */
    bool only_soon; /* 300 s away it would add nothing to another case of the threat */
};

struct plait_threat {
    struct plait_threat_info info;
    const struct plait_case *cases;
    size_t case_count;
};

/* A script of the bar: an attack on plain TCP. */
struct plait_baseline {
    const char *id;   /* "B-LEFT" */
    const char *form; /* "inject" */
    unsigned goals;   /* that it tries to reach */
    plait_script script;
    bool needs_spoofing;
    bool needs_host;              /* he is a participant */
    bool needs_heir;              /* an address passes on to him */
    bool needs_arrival;           /* it is about somebody who dials later; others are not */
    enum plait_presence presence; /* when he must have been there (NEVER: no matter) ... */
    bool any_handshake;           /* ... or whenever the connection's path is set up */
    unsigned tap_rights;          /* ... with these rights */
    plait_time_ns watch_ns;
};

/* Defined by threats/: all of them, in the order of the catalogue. */
extern const struct plait_threat *const plait_threats[];
extern const size_t plait_threat_count;
extern const struct plait_baseline plait_baselines[];
extern const size_t plait_baseline_count;

#endif
