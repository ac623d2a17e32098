/* lab/scenario.h: everything that determines one run, as a value.
 *
 * A cell of the matrix becomes several scenarios: control, attack, baselines, the stripped schedule
 * and witnesses differ in a few fields only. */
#ifndef PLAIT_LAB_SCENARIO_H
#define PLAIT_LAB_SCENARIO_H

#include <jansson.h>

#include "lab/boxes.h"
#include "lab/columns.h"
#include "lab/facts.h"
#include "lab/position.h"
#include "lab/schedule.h"
#include "lab/stranger.h"
#include "lab/target.h"
#include "lab/topology.h"
#include "lab/workload.h"
#include "live/live.h"

/* Where the lab draws clients' ports, as connect() would: from the kernel's compiled-in range, set
 * by lab/machine_live.c, the even ones.  An attacker guesses among what was measured (below). */
#define PLAIT_PORT_FIRST 32768
#define PLAIT_PORT_STEP  2
#define PLAIT_PORT_COUNT 14116
/* A connect() gives up after six repetitions: 127 s; whoever is to see that it does waits longer.
 */
#define PLAIT_ARRIVAL_S 140
/* Addresses where nobody lives. */
#define PLAIT_STRANGERS 4

enum plait_policy { PLAIT_POLICY_DEFAULT, PLAIT_POLICY_PERMISSIVE };

/* What a witness run is granted beyond the position: the fact or favour the script lacks.  Bits. */
enum plait_grant {
    PLAIT_GRANT_NOTHING = 0,
    PLAIT_GRANT_KEYS = 1,           /* both keys are told to the attacker */
    PLAIT_GRANT_LISTENER = 2,       /* the client also listens */
    PLAIT_GRANT_POLICY = 4,         /* the permissive limits */
    PLAIT_GRANT_NUMBERS = 8,        /* sequence numbers, acknowledgments and ports for nothing */
    PLAIT_GRANT_TOKEN = 16,         /* the victim's token */
    PLAIT_GRANT_PLAIN_TCP = 32,     /* the connection is plain TCP */
    PLAIT_GRANT_ONE_PATH = 64,      /* the connection has no second path */
    PLAIT_GRANT_HMAC = 128,         /* the right one, where wrong_mac spoils it */
    PLAIT_GRANT_FORGOTTEN = 256,    /* the peer has forgotten the connection */
    PLAIT_GRANT_SLOW_SECOND = 512,  /* the second path carries a tenth of the workload */
    PLAIT_GRANT_UNPROBED = 1024,    /* no path is asked before REMOVE_ADDR is obeyed (N35) */
    PLAIT_GRANT_BY_HAND = 2048,     /* no path is opened again by itself */
    PLAIT_GRANT_BULK = 4096,        /* the workload is bulk, which fills every path */
    PLAIT_GRANT_FRESH_PROOF = 8192, /* a join's proof over the nonce that the victim just drew */
    PLAIT_GRANT_CHECK = 16384,      /* what the victim asked a stranger in its check: ISN, nonce */
    PLAIT_GRANT_SILENCE = 32768,    /* strangers stay silent */
    PLAIT_GRANT_MOVED = 65536,      /* an address of his passes on to a stranger */
    PLAIT_GRANT_OWN_NET = 1 << 17,  /* the lab's own net and traffic, instead of the user's */
    PLAIT_GRANT_HEEDED = 1 << 18,   /* hosts of ours obey hard ICMP errors (RFC 5927 §5.2) */
    PLAIT_GRANT_SHARED = 1 << 19,   /* ... and count challenge ACKs of all connections together */
    PLAIT_GRANT_SPOOFING = 1 << 20, /* no filter of his network drops other sources (BCP 38) */
    PLAIT_GRANT_ADDR_ID = 1 << 21,  /* the identifier that an address has now */
    PLAIT_GRANT_UNSUMMED = 1 << 22, /* nobody asks for DSS checksums */
    PLAIT_GRANT_ANY_MTU = 1 << 23,  /* hosts of ours obey any path MTU (RFC 1191 §7) */
    PLAIT_GRANT_COUNTER = 1 << 24   /* hosts of ours draw ports from a counter (RFC 6056 §2.2) */
};
#define PLAIT_GRANT_BITS 25

/* "keys", "no listener": as granted, and as what stopped the attack; joined by " and ". */
void plait_grant_names(unsigned grants, char *text, size_t room_octets);
void plait_grant_stoppers(unsigned grants, char *text, size_t room_octets);
const char *plait_policy_name(enum plait_policy policy);
const char *plait_side_name(enum plait_side side);

/* How much of a 32-bit space an attacker must hit, found by probing the target's edges
 * (lab/edges.c), relative to what the victim advertised and was acknowledged.  RFC 5961 §5 speaks
 * of the largest window; Linux also takes no ACK of octets it never sent. */
struct plait_edges {
    bool measured;
    int64_t seq_beyond_window; /* one octet is taken up to RCV.NXT + window - 1 + this */
    int64_t ack_below_window;  /* with an ACK down to SND.UNA - the peer's largest window - this, */
    int64_t ack_below_acked;   /* but not below SND.UNA - what was ever acknowledged - this */
    int64_t reset_span;        /* sequence numbers that reset: 1 under RFC 5961 */
    unsigned port_first, port_step, port_count; /* what connect() draws from; 0: not measured */
    /* Of the connection's own numbers, where a case needs them (lab/edges_data.c). */
    bool dsn_measured;
    int64_t dsn_beyond_window; /* data is kept up to its next number + window - 1 + this */
    int64_t data_fin_span;     /* numbers of a DATA_FIN that end the stream */
};

struct plait_attack;
typedef void (*plait_script)(struct plait_attack *attack);

struct plait_scenario {
    const char *script_id; /* "T-TS-2", "B-LEFT", or "-" for a run without attack */
    const char *form;
    plait_script script; /* NULL: no attack */
    /* Instead of a script: packets of an earlier run, option 30 removed. */
    struct plait_schedule schedule;
    const struct plait_position *position;
    bool spoofing;
    enum plait_side victim;
    enum plait_workload workload;
    enum plait_family family;
    enum plait_protocol protocol;
    enum plait_target target[2]; /* by side */
    enum plait_policy policy;
    unsigned grants; /* of enum plait_grant */
    unsigned paths;  /* that the connection may use: the first, or all of the client's */
    enum plait_stranger_kind strangers;
    struct plait_basic_options basic; /* switches of Basic MPTCP, at both ends */
    bool arrives;                     /* somebody else dials later (lab/arrival.h) */
    unsigned dialled;                 /* path of the first subflow; 0, but for baselines */
    struct plait_topology topology;   /* all zero: the lab's own */
    struct plait_traffic traffic;     /* if it is given, instead of WORKLOAD's */
    enum plait_distance distance;     /* of the attacker; 0: as the topology says */
    plait_time_ns away_ns;            /* from leaving the path to the next step */
    plait_time_ns watch_ns;           /* after the script, before goals are judged */
    plait_time_ns control_ns;         /* length of a run without attack, from ready */
    uint64_t seed;
    enum plait_device device;
    struct plait_edges edges;
    const char *capture; /* file to write, or NULL */
    /* Switches of the tests that show that the lab bites. */
    bool brief; /* only compared with: its report says no more than that needs */
    bool mptcp_off, wrong_mac, drop_attack, crash;
    bool eager; /* the script may begin while the fourth ACK of a join is still under way */
    enum plait_box_kind boxes[PLAIT_PATHS_MAX]; /* between the client and the router, by path */
    bool
        lone_start; /* the script does not wait for the second path: it asks whether there is one */
    bool checksum;  /* both ends ask for DSS checksums */
    bool narrow;    /* links carry half more than the lab's bulk, and no more */
    bool boxes_attack; /* they are the attacker: a control run has none */
};

/* True if both ends are ours: the run lives in virtual time and needs nothing of the kernel. */
bool plait_scenario_is_virtual(const struct plait_scenario *scenario);
/* How long a run of it is asked to wait and watch; what it does meanwhile takes time besides. */
plait_time_ns plait_scenario_asked_ns(const struct plait_scenario *scenario);
/* True if it is asked for a minute of wall time or more: it mostly waits. */
bool plait_scenario_is_patient(const struct plait_scenario *scenario);

/* Plays one run and writes its report, a JSON object, to REPORT_FD.  CAPTURE is a file of its own,
 * which is closed, or NULL. */
void plait_run_play(const struct plait_scenario *scenario, FILE *capture, int report_fd);
/* Writes the report of a run that could not begin. */
void plait_run_fail(int report_fd, const char *error);
/* plait_run_play as the body of a sandbox: opens the file that the scenario names. */
int plait_run_body(void *scenario, int report_fd);

#endif
