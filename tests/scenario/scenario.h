/* tests/scenario/scenario.h: one random scenario, a function of its seed. */
#ifndef PLAIT_TESTS_SCENARIO_SCENARIO_H
#define PLAIT_TESTS_SCENARIO_SCENARIO_H

#include "base/hasher.h"
#include "host/inside.h"
#include "tests/scenario/boxes.h"
#include "tests/scenario/port.h"

/* Phase 2 lasts as long as the last of 16 tries, 120 s apart at most, may be waited for. */
enum { PATHS_MAX = 4, ACTS_MAX = 8, PHASE_1_S = 20, PHASE_2_S = 2000 };

enum act_kind {
    ACT_CUT, /* a path loses everything, until it is healed or phase 2 begins */
    ACT_HEAL,
    ACT_ADD_PATH, /* by the client */
    ACT_SERVER_ADD_PATH,
    ACT_REMOVE_PATH,
    ACT_BACKUP,
    ACT_ANNOUNCE,
    ACT_REMOVE_ADDR,
    ACT_RETURN_ADDR,
    ACT_ABORT,
    ACT_KINDS
};

struct act {
    plait_time_ns at_ns;
    enum act_kind kind;
    unsigned path, end;
    bool flag;
};

struct app {
    struct plait_connection *c;
    uint64_t to_send, sent, read;
    uint32_t salt;                   /* of the pattern it writes; it expects salt ^ 1 */
    uint32_t bite_octets;            /* most that is read in one step */
    plait_time_ns pause_ns, next_ns; /* between steps; 0 = whenever something changes */
    bool is_wrong;
};

struct scenario {
    uint64_t seed;
    struct plait_draw_key key;
    uint64_t drawn;
    unsigned path_count;
    struct plait_clock clock;
    struct plait_net *net;
    struct plait_host *hosts[2]; /* client, server */
    void *memory[2];
    size_t memory_octets[2];
    struct plait_options options[2];
    plait_link links[PATHS_MAX]; /* those that are impaired */
    struct plait_link_config configs[PATHS_MAX];
    struct disorder disorders[PATHS_MAX];
    struct stripper stripper; /* on path 0 */
    bool has_nat[PATHS_MAX];
    struct app apps[2];
    struct act acts[ACTS_MAX];
    unsigned act_count;
    const char *excuse;  /* why the connection may end without everything having arrived */
    const char *failure; /* the first */
    char detail[200];    /* how it ended */
    struct plait_hasher packets, events;
    bool prints; /* events as text */
};

/* ---- draw.c ---- */

/* Everything that SEED decides.  IS_BASIC: both ends speak a column of Basic MPTCP, not v0 or v1.
 */
void scenario_draw(struct scenario *s, uint64_t seed, bool is_basic, bool prints);
void scenario_free(struct scenario *s);
/* The place of PATH at END (0 client). */
struct plait_place scenario_place(const struct scenario *s, unsigned end, unsigned path,
                                  uint16_t port);

/* ---- play.c ---- */

/* What an application with SALT writes at OFFSET. */
uint8_t app_pattern(uint32_t salt, uint64_t offset);

/* Both phases; false if something does not hold (failure, detail). */
bool scenario_play(struct scenario *s);

#endif
