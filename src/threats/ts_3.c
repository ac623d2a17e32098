/* threats/ts_3.c: T-TS-3, the source of a join's SYN is rewritten in flight. */
#include "threats/record.h"

enum { LISTEN_S = 2 };

static void rewrite(struct plait_attack *a, bool alters)
{
    plait_step(a, "rewrites the source of the join to its own address, and relays the answer");
    plait_rewrite_source(a, alters);
    plait_take_position(a);
}

/* He leaves once the join stands: the server's subflow stays his, without any secret (RFC 7430 §6).
 */
static void then_away(struct plait_attack *a)
{
    rewrite(a, false);
    struct plait_intruder *own = plait_rewritten(a);
    if (!own) {
        plait_refused(a, "no join passed");
        return;
    }
    plait_step(a, "listens on the subflow that it kept, and writes as the client");
    plait_pause(a, PLAIT_S); /* until the server has said which of its peer's octets it awaits */
    /* Full, so that it reaches beyond what its peer wrote meanwhile. */
    plait_intrude(a, own, plait_full_payload(), PLAIT_FULL_OCTETS);
    plait_pause(a, LISTEN_S * PLAIT_S);
}

/* The same with a message: what it adds is his, and his it stays. */
static void add_then_away(struct plait_attack *a)
{
    plait_step(a, "rewrites the address that the client adds to its own");
    plait_rewrite_add(a);
    plait_take_position(a);
    if (!plait_has_grafted(a)) {
        plait_refused(a, "no message passed that adds an address");
        return;
    }
    plait_write_as_peer(a);
    plait_pause(a, 100 * PLAIT_MS); /* numbers that aged are answered by those that fit */
    plait_write_as_peer(a);
    plait_step(a, "listens");
    plait_pause(a, LISTEN_S * PLAIT_S);
}

/* He stays, and alters what the server sends to what it takes for the client. */
static void stays_as_relay(struct plait_attack *a)
{
    rewrite(a, true);
    plait_step(a, "stays in the middle of that subflow");
    plait_pause(a, LISTEN_S * PLAIT_S);
}

#define BIT(goal) PLAIT_GOAL_BIT(goal)
#define ALL       (BIT(READ) | BIT(INJECT) | BIT(TAKEOVER))
#define CASE(name, where, load, reaches, play, columns)                                            \
    {                                                                                              \
        .form = name, .position = where, .spoofing = true, .victim = PLAIT_SERVER,                 \
        .workload = load, .paths = 2, .goals = reaches, .script = play, .only = columns            \
    }
/* A message that names an address goes over the path that stands; all else over the new one. */
#define AWAY(load)                                                                                 \
    CASE("away", "PA-J", load, ALL, then_away, PLAIT_JOINED),                                      \
        CASE("away", "PA-J", load, ALL, add_then_away, PLAIT_LIST("M0i")),                         \
        CASE("away", "PA-J1", load, ALL, add_then_away, PLAIT_NAMING)

static const struct plait_case cases[] = {
    AWAY(PLAIT_BULK),
    AWAY(PLAIT_TRICKLE),
    AWAY(PLAIT_IDLE),
    CASE("relay", "ON2-A", PLAIT_BULK, BIT(INJECT) | BIT(TAKEOVER), stays_as_relay, PLAIT_JOINED),
};

const struct plait_threat plait_threat_ts_3 = {
    .info =
        {
            .id = "T-TS-3",
            .title = "Join rewritten in flight",
            .kind = "threat",
            .source = "RFC 6181 §6.2, RFC 7430 §6",
            .section = SECTION_TIME_SHIFTED,
            .summary = "Who is on the path of a later join rewrites its source to his own address: "
                       "the server's subflow is with him, and stays so after he left.",
            .positions = PLAIT_LIST("PA-J", "PA-J1", "ON2-A"),
            .goals = PLAIT_LIST("read", "inject", "takeover"),
            .mechanisms = PLAIT_EVERY,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "nothing that protects addresses, since a NAT does the same "
                               "(RFC 7430 §6.1); M9 limits what he gains",
            .remains_text = "presence at one later join suffices, for the connection's life",
            .seen_as = PLAIT_LIST("contradiction", "remapped", "rst-foreign", "data-ack-back",
                                  "data-elsewhere"),
            .wire_blind_text = "a NAT on that path looks the same to the octet (C-NAT-2)",
        },
    PLAIT_CASES(cases),
};
