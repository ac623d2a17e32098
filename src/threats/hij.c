/* threats/hij.c: T-HIJ-1, -2, -3, -4 and -6, hijacking Basic MPTCP from off the path
 * (RFC 6181 §6.1), and T-TS-1, the same by one who overheard the cookie (§6.2). */
#include "threats/record.h"

enum { LISTEN_S = 2, DEATH_S = 70 }; /* a connection without a path ends after 60 s */

static void divert(struct plait_attack *a)
{
    plait_take_position(a);
    if (plait_claim_path(a)) {
        plait_step(a, "listens");
        plait_pause(a, LISTEN_S * PLAIT_S);
    }
}

static void divert_all(struct plait_attack *a)
{
    plait_take_position(a);
    if (!plait_claim_path(a))
        return;
    plait_remove_peer(a);
    plait_step(a, "listens");
    plait_pause(a, LISTEN_S * PLAIT_S);
}

static void inject(struct plait_attack *a)
{
    plait_take_position(a);
    if (plait_claim_path(a)) {
        plait_write_as_peer(a);
        plait_pause(a, PLAIT_S);
    }
}

static void inject_alone(struct plait_attack *a)
{
    plait_take_position(a);
    if (!plait_claim_path(a))
        return;
    plait_write_as_peer(a);
    plait_remove_peer(a);
    plait_pause(a, PLAIT_S);
}

static void remove_only(struct plait_attack *a)
{
    plait_take_position(a);
    plait_remove_peer(a);
}

/* Off the path he guesses a port and, where there is one, a cookie; who overheard the handshake
 * knows both. */
#define CASE(where, spoof, load, path_count, wanted, play, watch)                                  \
    {                                                                                              \
        .form = "-", .position = where, .spoofing = spoof, .victim = PLAIT_SERVER,                 \
        .workload = load, .paths = path_count, .goals = wanted, .script = play,                    \
        .witnesses = {PLAIT_GRANT_KEYS}, .watch_ns = watch                                         \
    }

#define READ       (PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(TAKEOVER))
#define INJECT     PLAIT_GOAL_BIT(INJECT)
#define MECHANISMS PLAIT_LIST("M0e", "M0i", "M1n", "M2")

static const struct plait_case overheard_cases[] = {
    CASE("PE-H", false, PLAIT_BULK, 1, READ, divert, 0),
    CASE("PE-H", false, PLAIT_IDLE, 1, INJECT, inject, 0),
};
static const struct plait_case divert_cases[] = {
    CASE("OFF-NS", false, PLAIT_BULK, 1, READ, divert, 0),
};
static const struct plait_case divert_all_cases[] = {
    CASE("OFF", true, PLAIT_BULK, 1, READ, divert_all, 0),
};
static const struct plait_case inject_cases[] = {
    CASE("OFF-NS", false, PLAIT_IDLE, 1, INJECT, inject, 0),
};
static const struct plait_case inject_alone_cases[] = {
    CASE("OFF", true, PLAIT_IDLE, 1, INJECT, inject_alone, 0),
};
static const struct plait_case remove_cases[] = {
    CASE("OFF", true, PLAIT_BULK, 1, PLAIT_GOAL_BIT(KILL), remove_only, DEATH_S *PLAIT_S),
};

#define RECORD(name, number, what, summary_text, wanted, from)                                     \
    const struct plait_threat plait_threat_hij_##number = {                                        \
        .info = {.id = "T-HIJ-" #number,                                                           \
                 .title = what,                                                                    \
                 .kind = "threat",                                                                 \
                 .source = "RFC 6181 §6.1",                                                        \
                 .section = SECTION_HIJACK,                                                        \
                 .summary = summary_text,                                                          \
                 .positions = from,                                                                \
                 .goals = wanted,                                                                  \
                 .mechanisms = MECHANISMS,                                                         \
                 .host_risk = "none",                                                              \
                 .stopped_by_text = "M2's cookie, off the path; keys under an HMAC (v0, v1)",      \
                 .remains_text = "whoever overheard one message with the cookie has it",           \
                 .wire_blind_text = ""},                                                           \
        .cases = name##_cases,                                                                     \
        .case_count = sizeof name##_cases / sizeof name##_cases[0],                                \
    }

RECORD(divert, 1, "Partial inbound diversion",
       "The attacker adds his own address to somebody's connection; part of the stream comes to "
       "him.",
       PLAIT_LIST("read", "takeover"), PLAIT_LIST("OFF-NS"));
RECORD(divert_all, 2, "Full inbound hijack",
       "The attacker adds his own address and removes the peer's: all of the stream comes to him.",
       PLAIT_LIST("read", "takeover"), PLAIT_LIST("OFF"));
RECORD(inject, 3, "Injection from an added address",
       "The attacker adds his own address, learns from any answer what is expected next, and "
       "writes it.",
       PLAIT_LIST("inject"), PLAIT_LIST("OFF-NS"));
RECORD(inject_alone, 4, "Full outbound hijack",
       "As T-HIJ-3, and the peer's own address is removed: only the attacker is heard.",
       PLAIT_LIST("inject"), PLAIT_LIST("OFF"));
RECORD(remove, 6, "Removal of the peer's address",
       "One message takes away the only address of the peer; the connection has no path and ends.",
       PLAIT_LIST("kill"), PLAIT_LIST("OFF"));

const struct plait_threat plait_threat_ts_1 = {
    .info = {.id = "T-TS-1",
             .title = "Cookie overheard, used later",
             .kind = "threat",
             .source = "RFC 6181 §6.2",
             .section = SECTION_TIME_SHIFTED,
             .summary =
                 "An attacker who overheard one message with the cookie, and then left, adds "
                 "his own address.",
             .positions = PLAIT_LIST("PE-H"),
             .goals = PLAIT_LIST("read", "inject", "takeover"),
             .mechanisms = MECHANISMS,
             .host_risk = "none",
             .stopped_by_text = "keys that no later message shows, under an HMAC (v0, v1), for one "
                                "who missed the first handshake",
             .remains_text = "nothing tells the ends: the genuine cookie is used",
             .wire_blind_text = ""},
    .cases = overheard_cases,
    .case_count = sizeof overheard_cases / sizeof overheard_cases[0],
};
