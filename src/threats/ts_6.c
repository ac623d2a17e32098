/* threats/ts_6.c: T-TS-6, a join that was overheard is sent again. */
#include "lab/act.h"
#include "threats/record.h"

enum { LISTEN_S = 2 };

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

static const struct plait_case cases[] = {
    JOIN(PLAIT_BULK),
    JOIN(PLAIT_IDLE),
    CASE("PE-J", PLAIT_BULK, ALL, replay_implicit, PLAIT_LIST("M0i")),
    CASE("PE-J", PLAIT_TRICKLE, ALL, replay_implicit, PLAIT_LIST("M0i")),
    CASE("PE-J", PLAIT_IDLE, ALL, replay_implicit, PLAIT_LIST("M0i")),
    CASE("HEIR-J", PLAIT_BULK, GOALS, replay_explicit, PLAIT_NAMING),
};

const struct plait_threat plait_threat_ts_6 = {
    .info =
        {
            .id = "T-TS-6",
            .title = "Replayed address message",
            .kind = "threat",
            .source = "RFC 6181 §7, RFC 8684 §5",
            .section = SECTION_TIME_SHIFTED,
            .summary = "Who overheard a join, or an ADD, sends it again: from his own address, or "
                       "once the address that it names is his.",
            .positions = PLAIT_LIST("PE-J", "HEIR-J"),
            .goals = PLAIT_LIST("read", "inject", "takeover"),
            .mechanisms = PLAIT_EVERY,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "the nonce that the other end draws for each join (RFC 8684 §3.2)",
            .remains_text = "messages without a nonce: ADD_ADDR (T-ADD-2), REMOVE_ADDR",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
