/* threats/hij.c: T-HIJ-1, -2, -3, -4, -6 and -7: somebody else's connection, from off the path
 * (RFC 6181 §6.1). */
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
    plait_acknowledge(a);
    plait_remove_peer(a);
    plait_pause(a, 100 * PLAIT_MS);
    plait_mark(a);
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

/* Of v0 and v1, REMOVE_ADDR: no proof is in it, but TCP's numbers must fit.  What it leaves may be
 * a connection that stands still, and does not end (docs/FINDINGS.md, F-3). */
static void remove_by_option(struct plait_attack *a)
{
    plait_take_position(a);
    plait_forge_removal(a);
    plait_pause(a, 100 * PLAIT_MS);
    plait_mark(a);
}

/* Off the path he guesses a port and, where there is one, a cookie, or a token and a proof.  Of a
 * client that does not listen, Linux takes no join (docs/FINDINGS.md, F-1). */
#define CASE(where, spoof, who, load, wanted, play, watch)                                         \
    .form = "-", .position = where, .spoofing = spoof, .victim = who, .workload = load,            \
    .paths = 1, .goals = wanted, .script = play, .watch_ns = watch
#define KEYED(...)                                                                                 \
    {                                                                                              \
        CASE(__VA_ARGS__), .witnesses = {                                                          \
            PLAIT_GRANT_KEYS,                                                                      \
            PLAIT_GRANT_KEYS | PLAIT_GRANT_LISTENER                                                \
        }                                                                                          \
    }

#define READ     (PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(TAKEOVER))
#define INJECT   PLAIT_GOAL_BIT(INJECT)
#define KILL     PLAIT_GOAL_BIT(KILL)
#define DEGRADE  PLAIT_GOAL_BIT(DEGRADE)
#define IDENTITY PLAIT_GOAL_BIT(IDENTITY)

static const struct plait_case divert_cases[] = {
    KEYED("OFF-NS", false, PLAIT_SERVER, PLAIT_BULK, READ, divert, 0),
    KEYED("OFF-NS", false, PLAIT_CLIENT, PLAIT_BULK, READ, divert, 0),
};
static const struct plait_case divert_all_cases[] = {
    KEYED("OFF", true, PLAIT_SERVER, PLAIT_BULK, READ, divert_all, 0),
};
static const struct plait_case inject_cases[] = {
    KEYED("OFF-NS", false, PLAIT_SERVER, PLAIT_IDLE, INJECT, inject, 0),
    KEYED("OFF-NS", false, PLAIT_CLIENT, PLAIT_IDLE, INJECT, inject, 0),
};
static const struct plait_case inject_alone_cases[] = {
    KEYED("OFF", true, PLAIT_SERVER, PLAIT_IDLE, INJECT, inject_alone, 0),
};
#define REMOVE(who)                                                                                \
    {CASE("OFF", true, who, PLAIT_BULK, KILL, remove_only, DEATH_S * PLAIT_S),                     \
     .only = PLAIT_BASIC, .witnesses = {PLAIT_GRANT_KEYS}},                                        \
    {                                                                                              \
        CASE("OFF", true, who, PLAIT_BULK, KILL | DEGRADE, remove_by_option, DEATH_S * PLAIT_S),   \
            .only = PLAIT_KEYED, .witnesses = {                                                    \
                PLAIT_GRANT_NUMBERS,                                                               \
                PLAIT_GRANT_UNPROBED | PLAIT_GRANT_NUMBERS                                         \
            }                                                                                      \
    }
static const struct plait_case remove_cases[] = {REMOVE(PLAIT_SERVER), REMOVE(PLAIT_CLIENT)};
/* Whoever heard the handshake of an idle connection also has the number of a reset. */
#define ENDS(where, load)                                                                          \
    {                                                                                              \
        CASE(where, true, PLAIT_SERVER, load, IDENTITY, divert_all, 0), .witnesses = {             \
            PLAIT_GRANT_KEYS,                                                                      \
            PLAIT_GRANT_KEYS | PLAIT_GRANT_NUMBERS                                                 \
        }                                                                                          \
    }
static const struct plait_case identity_cases[] = {
    ENDS("OFF", PLAIT_BULK),
    ENDS("PE-H", PLAIT_IDLE),
};

#define RECORD(name, number, what, summary_text, wanted, from, stop, remain, blind)                \
    const struct plait_threat plait_threat_hij_##number = {                                        \
        .info = {.id = "T-HIJ-" #number,                                                           \
                 .title = what,                                                                    \
                 .kind = "threat",                                                                 \
                 .source = "RFC 6181 §6.1",                                                        \
                 .section = SECTION_HIJACK,                                                        \
                 .summary = summary_text,                                                          \
                 .positions = from,                                                                \
                 .goals = wanted,                                                                  \
                 .mechanisms = PLAIT_EVERY,                                                        \
                 .host_risk = "none",                                                              \
                 .full_on_kernels = true,                                                          \
                 .basic_on_ipv6 = (number) <= 2,                                                   \
                 .stopped_by_text = stop,                                                          \
                 .remains_text = remain,                                                           \
                 .seen_as = PLAIT_LIST("contradiction", "join-mac", "join-elsewhere"),             \
                 .wire_blind_text = blind},                                                        \
        PLAIT_CASES(name##_cases),                                                                 \
    }

#define STOP "M2's cookie, off the path; keys under an HMAC (v0, v1)"
#define LEFT "whoever overheard one message with the cookie has it"

RECORD(divert, 1, "Partial inbound diversion",
       "The attacker adds his own address to somebody's connection; part of the stream comes to "
       "him.",
       PLAIT_LIST("read", "takeover"), PLAIT_LIST("OFF-NS"), STOP, LEFT, "");
RECORD(divert_all, 2, "Full inbound hijack",
       "The attacker adds his own address and removes the peer's: all of the stream comes to him.",
       PLAIT_LIST("read", "takeover"), PLAIT_LIST("OFF"), STOP, LEFT, "");
RECORD(inject, 3, "Injection from an added address",
       "The attacker adds his own address, learns from any answer what is expected next, and "
       "writes it.",
       PLAIT_LIST("inject"), PLAIT_LIST("OFF-NS"), STOP, LEFT, "");
RECORD(inject_alone, 4, "Full outbound hijack",
       "As T-HIJ-3, and the peer's own address is removed: only the attacker is heard.",
       PLAIT_LIST("inject"), PLAIT_LIST("OFF"), STOP, LEFT, "");
RECORD(remove, 6, "Removal of the peer's address",
       "One message takes away the only address of the peer; the connection has no path and ends.",
       PLAIT_LIST("kill", "degrade"), PLAIT_LIST("OFF"), STOP, LEFT, "");
RECORD(identity, 7, "Identity at the interface",
       "Every path of the connection ends at the attacker, and the application is still told the "
       "first one.",
       PLAIT_LIST("identity"), PLAIT_LIST("OFF", "PE-H"),
       "whatever stops the hijack; the interface does what RFC 8684 §4 says",
       "who asks for the paths that are in use is told the truth", BLIND_JOIN);
