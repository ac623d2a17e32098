/* threats/ts_6.c: T-TS-6, a message about an address that was overheard is sent again. */
#include "lab/act.h"
#include "threats/record.h"

enum { LISTEN_S = 2, SETTLE_MS = 500, REMOVAL_S = 5, HANDED_OVER_OCTETS = 500 };

/* Token, nonce and proof are the recorded ones; the proof does not cover addresses, so only the
 * server's fresh nonce stands against it (RFC 8684 §5). */
static void run(struct plait_attack *a)
{
    plait_step(a, "listens to a join");
    plait_take_position(a);
    plait_step(a, "sends that join again from its own address");
    struct plait_place door = plait_service(a);
    struct plait_intruder *intruder = plait_replay_join(a, &door);
    if (!intruder)
        return;
    plait_step(a, "writes as the peer and listens");
    plait_intrude(a, intruder, plait_marker, plait_marker_octets);
    plait_pause(a, LISTEN_S * PLAIT_S);
}

/* The client gives its second address up, and takes it again. */
static void hear_removal_and_join(struct plait_attack *a)
{
    plait_step(a, "listens while the client gives an address up, and takes it again");
    plait_stand(a);
    plait_act_remove_second(a);
    plait_pause(a, SETTLE_MS * PLAIT_MS);
    plait_act_add_second(a);
    plait_pause(a, SETTLE_MS * PLAIT_MS);
    plait_take_position(a);
}

/* From the very address that joined, which is his by lease now. */
static void replay_as_heir(struct plait_attack *a)
{
    hear_removal_and_join(a);
    plait_step(a, "waits until the client gives that address up, and gets it by lease");
    plait_act_remove_second(a);
    plait_pause(a, PLAIT_S);
    plait_inherit_address(a);
    plait_step(a, "sends that join again");
    struct plait_place door = plait_service(a);
    struct plait_intruder *intruder = plait_replay_join(a, &door);
    if (!intruder)
        return;
    plait_step(a, "listens");
    plait_pause(a, LISTEN_S * PLAIT_S);
}

/* A message that names no address is about where it comes from. */
static void replay_implicit(struct plait_attack *a)
{
    plait_step(a, "listens to an ADD");
    plait_take_position(a);
    plait_step(a, "sends that ADD again from its own address");
    if (!plait_replay_add(a))
        return;
    plait_write_as_peer(a);
    plait_step(a, "listens");
    plait_pause(a, LISTEN_S * PLAIT_S);
}

/* One that names an address is about that one, whoever has it now (T-ADD-2 is v1's). */
static void replay_explicit(struct plait_attack *a)
{
    plait_step(a, "listens to an ADD");
    plait_take_position(a);
    plait_step(a, "waits until the client gives that address up, and gets it by lease");
    plait_act_remove_second(a);
    plait_pause(a, PLAIT_S);
    plait_inherit_address(a);
    plait_step(a, "sends that ADD again");
    if (!plait_replay_add(a))
        return;
    plait_step(a, "listens");
    plait_pause(a, LISTEN_S * PLAIT_S);
}

/* What takes an address away has no nonce in any column.  Later the client is out of
 * reach at its other one: then the old message is about the path that it lives on. */
static void replay_removal(struct plait_attack *a)
{
    hear_removal_and_join(a);
    plait_step(a, "waits until the client is out of reach at its first address");
    plait_act_cut_path(a, 0);
    plait_expect_progress(a, HANDED_OVER_OCTETS);
    plait_step(a, "sends the removal again");
    if (!plait_replay_remove(a))
        return;
    plait_pause(a, 100 * PLAIT_MS);
    plait_mark(a);
}

#define GOALS (PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(TAKEOVER))

#define CASE(where, load, reaches, play, columns)                                                  \
    {                                                                                              \
        .form = "-", .position = where, .spoofing = false, .victim = PLAIT_SERVER,                 \
        .workload = load, .paths = 2, .goals = reaches, .script = play, .only = columns,           \
        .witnesses = {                                                                             \
            PLAIT_GRANT_FRESH_PROOF                                                                \
        }                                                                                          \
    }
#define ALL        (GOALS | PLAIT_GOAL_BIT(INJECT))
#define JOIN(load) CASE("PE-J", load, ALL, run, PLAIT_JOINED)

#define REMOVED(where, spoof, load, columns, ...)                                                  \
    {                                                                                              \
        .form = "remove", .position = where, .spoofing = spoof, .victim = PLAIT_SERVER,            \
        .workload = load, .paths = 2, .script = replay_removal, .only = columns,                   \
        .goals = PLAIT_GOAL_BIT(KILL) | PLAIT_GOAL_BIT(DEGRADE), .watch_ns = REMOVAL_S * PLAIT_S,  \
        .witnesses = {                                                                             \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define UNPROBED PLAIT_GRANT_UNPROBED
#define NUMBERS  PLAIT_GRANT_NUMBERS
#define BY_HAND  PLAIT_GRANT_BY_HAND
#define ADDR_ID  PLAIT_GRANT_ADDR_ID
#define BY_OPTION(load)                                                                            \
    REMOVED("PE-J1", true, load, PLAIT_KEYED, NUMBERS, ADDR_ID, ADDR_ID | UNPROBED,                \
            ADDR_ID | UNPROBED | BY_HAND, ADDR_ID | UNPROBED | NUMBERS,                            \
            ADDR_ID | UNPROBED | BY_HAND | NUMBERS)
#define BY_MESSAGE(where, spoof, load, columns)                                                    \
    REMOVED(where, spoof, load, columns, BY_HAND, NUMBERS, BY_HAND | NUMBERS)

static const struct plait_case cases[] = {
    JOIN(PLAIT_BULK),
    JOIN(PLAIT_IDLE),
    CASE("PE-J", PLAIT_BULK, ALL, replay_implicit, PLAIT_LIST("M0i")),
    CASE("PE-J", PLAIT_TRICKLE, ALL, replay_implicit, PLAIT_LIST("M0i")),
    CASE("PE-J", PLAIT_IDLE, ALL, replay_implicit, PLAIT_LIST("M0i")),
    CASE("HEIR-J", PLAIT_BULK, GOALS, replay_explicit, PLAIT_NAMING),
    CASE("HEIR-J", PLAIT_BULK, GOALS, replay_as_heir, PLAIT_JOINED),
    BY_OPTION(PLAIT_BULK),
    BY_OPTION(PLAIT_TRICKLE),
    /* A message that names the address is heard where it is said, on the path that stays. */
    BY_MESSAGE("PE-J1", false, PLAIT_BULK, PLAIT_NAMING),
    BY_MESSAGE("PE-J1", false, PLAIT_TRICKLE, PLAIT_NAMING),
    BY_MESSAGE("PE-J", true, PLAIT_BULK, PLAIT_LIST("M0i")),
    BY_MESSAGE("PE-J", true, PLAIT_TRICKLE, PLAIT_LIST("M0i")),
};

const struct plait_threat plait_threat_ts_6 = {
    .info =
        {
            .id = "T-TS-6",
            .title = "Replayed address message",
            .kind = "threat",
            .source = "RFC 6181 §7, RFC 8684 §5",
            .section = SECTION_TIME_SHIFTED,
            .summary = "Who overheard a join, an ADD or a removal sends it again: from his own "
                       "address, or once the address that it names is another's.",
            .positions = PLAIT_LIST("PE-J", "PE-J1", "HEIR-J"),
            .goals = PLAIT_LIST("read", "inject", "takeover", "kill", "degrade"),
            .mechanisms = PLAIT_EVERY,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "the nonce that the other end draws for each join (RFC 8684 §3.2); "
                               "the keepalive before a removal (N35)",
            .remains_text = "messages without a nonce: ADD_ADDR (T-ADD-2), REMOVE_ADDR",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
