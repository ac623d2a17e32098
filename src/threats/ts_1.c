/* threats/ts_1.c: T-TS-1, what one message showed is used after leaving: M2's cookie, a
 * connection's name, a token (RFC 6181 §6.2). */
#include "threats/record.h"

enum { LISTEN_S = 2 };

static void run(struct plait_attack *a)
{
    plait_step(a, "listens to messages that add an address");
    plait_take_position(a);
    if (!plait_claim_path(a))
        return;
    plait_write_as_peer(a);
    plait_step(a, "listens");
    plait_pause(a, LISTEN_S * PLAIT_S);
}

#define GOALS (PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(INJECT) | PLAIT_GOAL_BIT(TAKEOVER))

#define CASE(where, spoof, load, path_count, columns, soon)                                        \
    {                                                                                              \
        .form = "-", .position = where, .spoofing = spoof, .victim = PLAIT_SERVER,                 \
        .workload = load, .paths = path_count, .goals = GOALS, .script = run, .only = columns,     \
        .only_soon = soon, .witnesses = {                                                          \
            PLAIT_GRANT_KEYS                                                                       \
        }                                                                                          \
    }
/* A key that is heard at the first handshake is T-TS-2. */
#define FIRST(spoof, load, soon) CASE("PE-H", spoof, load, 1, PLAIT_BASIC, soon)
#define LATER(spoof, load, soon) CASE("PE-J", spoof, load, 2, PLAIT_EVERY, soon)

/* He forges no source: with spoofing, only what TCP concedes differs. */
static const struct plait_case cases[] = {
    FIRST(false, PLAIT_BULK, false),
    FIRST(false, PLAIT_TRICKLE, false),
    FIRST(false, PLAIT_IDLE, false),
    FIRST(true, PLAIT_BULK, true),
    FIRST(true, PLAIT_TRICKLE, true),
    FIRST(true, PLAIT_IDLE, false),
    LATER(false, PLAIT_BULK, true),
    LATER(false, PLAIT_TRICKLE, false),
    LATER(false, PLAIT_IDLE, false),
    LATER(true, PLAIT_BULK, true),
    LATER(true, PLAIT_TRICKLE, true),
    LATER(true, PLAIT_IDLE, true),
    /* An ADD that names an address goes over the path that stands. */
    CASE("PE-J1", false, PLAIT_BULK, 2, PLAIT_NAMING, true),
    CASE("PE-J1", true, PLAIT_IDLE, 2, PLAIT_NAMING, false),
};

const struct plait_threat plait_threat_ts_1 = {
    .info =
        {
            .id = "T-TS-1",
            .title = "Cookie overheard, used later",
            .kind = "threat",
            .source = "RFC 6181 §6.2",
            .section = SECTION_TIME_SHIFTED,
            .summary = "An attacker who overheard one message of a connection, and then left, adds "
                       "his own address with what it showed.",
            .positions = PLAIT_LIST("PE-H", "PE-J", "PE-J1"),
            .goals = PLAIT_LIST("read", "inject", "takeover"),
            .mechanisms = PLAIT_EVERY,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "keys that no later message shows, under an HMAC (v0, v1), for one "
                               "who missed the first handshake",
            .remains_text = "nothing tells the ends: the genuine cookie is used",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
