/* threats/ts_2.c: T-TS-2, keys overheard at the first handshake, used later. */
#include "threats/record.h"

enum { LISTEN_S = 2, ADDR_ID = 77 };

/* A path from its own address with what it overheard (RFC 6181 §6.2, RFC 7430 §5). */
static void join_directly(struct plait_attack *a)
{
    if (!plait_overhear_keys(a))
        return;
    plait_step(a, "joins from its own address with the keys it overheard");
    struct plait_place door = plait_victim_door(a);
    struct plait_intruder *intruder = plait_join(a, &door, ADDR_ID);
    if (!intruder)
        return;
    plait_step(a, "writes as the peer and listens");
    plait_intrude(a, intruder, plait_marker, plait_marker_octets);
    plait_pause(a, LISTEN_S * PLAIT_S);
}

/* Where a message adds an address, the handshake showed all that it needs. */
static void add_directly(struct plait_attack *a)
{
    plait_step(a, "listens to the first handshake");
    plait_take_position(a);
    if (!plait_claim_path(a))
        return;
    plait_write_as_peer(a);
    plait_pause(a, LISTEN_S * PLAIT_S);
}

static void try_add_addr(struct plait_attack *a, const struct plait_numbers *numbers,
                         void *argument)
{
    (void)argument;
    struct plait_segment segment = plait_forged(numbers, PLAIT_ACK);
    struct plait_add_addr *option = &plait_add_option(&segment, PLAIT_ADD_ADDR)->add_addr;
    *option = (struct plait_add_addr){.addr_id = ADDR_ID, .addr = plait_own_addr(a)};
    plait_seal(a, option);
    plait_send(a, &segment);
}

/* Where nothing listens, lets the victim come: an ADD_ADDR with a valid MAC names the attacker
 * (RFC 8684 §3.4.1). */
static void invite_by_add_addr(struct plait_attack *a)
{
    if (!plait_overhear_keys(a))
        return;
    struct plait_numbers numbers =
        plait_get_numbers(a, 0, PLAIT_ACCEPT_IN_WINDOW, try_add_addr, NULL);
    plait_step(a, "announces its own address in the peer's name");
    try_add_addr(a, &numbers, NULL);
    if (!plait_await(a, plait_is_join_syn_home, NULL, LISTEN_S * PLAIT_S)) {
        plait_refused(a, "the victim did not follow the ADD_ADDR");
        return;
    }
    plait_step(a, "answers the victim's MP_JOIN");
    struct plait_intruder *intruder = plait_answer_join(a);
    if (!intruder)
        return;
    plait_step(a, "writes as the peer and listens");
    plait_pause(a, 100 * PLAIT_MS);
    plait_intrude(a, intruder, plait_marker, plait_marker_octets);
    plait_pause(a, LISTEN_S * PLAIT_S);
}

#define GOALS (PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(INJECT) | PLAIT_GOAL_BIT(TAKEOVER))

#define DIRECT(where, who, load, spoof, play, columns, grant)                                      \
    {                                                                                              \
        .form = "direct", .position = where, .spoofing = spoof, .victim = who, .workload = load,   \
        .paths = 2, .goals = GOALS, .script = play, .only = columns, .one_path_too = true,         \
        .witnesses = {                                                                             \
            grant                                                                                  \
        }                                                                                          \
    }
#define SERVER_CASE(load, spoof)                                                                   \
    DIRECT("PE-H", PLAIT_SERVER, load, spoof, join_directly, PLAIT_JOINED, PLAIT_GRANT_KEYS),      \
        DIRECT("PE-H", PLAIT_SERVER, load, spoof, add_directly, PLAIT_MESSAGE, PLAIT_GRANT_KEYS)
#define INVITED(load)                                                                              \
    {                                                                                              \
        .form = "add-addr", .position = "PE-H", .spoofing = true, .victim = PLAIT_CLIENT,          \
        .workload = load, .paths = 2, .one_path_too = true, .goals = GOALS,                        \
        .script = invite_by_add_addr, .only = PLAIT_KEYED, .witnesses = {                          \
            PLAIT_GRANT_POLICY                                                                     \
        }                                                                                          \
    }

static const struct plait_case cases[] = {
    SERVER_CASE(PLAIT_BULK, true),
    SERVER_CASE(PLAIT_BULK, false),
    SERVER_CASE(PLAIT_TRICKLE, true),
    SERVER_CASE(PLAIT_TRICKLE, false),
    SERVER_CASE(PLAIT_IDLE, true),
    SERVER_CASE(PLAIT_IDLE, false),
    /* One direction is enough: the client's third ACK repeats both keys, or names the pair. */
    DIRECT("PE-HC", PLAIT_SERVER, PLAIT_BULK, false, join_directly, PLAIT_KEYED, PLAIT_GRANT_KEYS),
    DIRECT("PE-HC", PLAIT_SERVER, PLAIT_BULK, false, add_directly, PLAIT_BASIC, PLAIT_GRANT_KEYS),
    DIRECT("PE-H", PLAIT_CLIENT, PLAIT_BULK, true, join_directly, PLAIT_JOINED,
           PLAIT_GRANT_LISTENER),
    DIRECT("PE-H", PLAIT_CLIENT, PLAIT_BULK, true, add_directly, PLAIT_MESSAGE, PLAIT_GRANT_KEYS),
    INVITED(PLAIT_IDLE),
    INVITED(PLAIT_TRICKLE),
    INVITED(PLAIT_BULK),
};

const struct plait_threat plait_threat_ts_2 = {
    .info =
        {
            .id = "T-TS-2",
            .title = "Keys overheard at the first handshake, used later",
            .kind = "threat",
            .source = "RFC 6181 §6.2, RFC 7430 §5, RFC 8684 §5",
            .section = SECTION_TIME_SHIFTED,
            .summary = "An attacker who saw one packet of the first handshake, and then left the "
                       "path, joins from its own address.",
            .positions = PLAIT_LIST("PE-H", "PE-HC"),
            .goals = PLAIT_LIST("read", "inject", "takeover"),
            .mechanisms = PLAIT_EVERY,
            .host_risk = "none",
            .stopped_by_text =
                "M4 pre-shared key, M7 external keys, M10 Diffie-Hellman: the secret "
                "is not on the wire",
            .remains_text = "nothing shorter than presence at the first handshake; one "
                            "direction of it is enough",
            .seen_as =
                PLAIT_LIST("contradiction", "data-ack-back", "join-elsewhere", "control-elsewhere"),
            .wire_blind_text = BLIND_JOIN,
        },
    PLAIT_CASES(cases),
};
