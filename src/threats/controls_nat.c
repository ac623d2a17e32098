/* threats/controls_nat.c: boxes that every mechanism meets and none may take for an attacker
 * (RFC 6181 §6.3): a NAT on a path, a private address that is named outside, a firewall that hides
 * initial sequence numbers.  Where a mechanism does not work behind one, that is the result. */
#include "threats/controls.h"

static void works(struct plait_attack *a, const char *where)
{
    plait_expect_stream(a, PLAIT_GOES_ON_OCTETS, where);
    plait_expect_second(a, where);
}

/* ---- C-NAT-1, C-NAT-2 --------------------------------------------------------------------- */

static void behind_a_nat(struct plait_attack *a)
{
    plait_take_position(a);
    works(a, "behind a NAT on the first path");
}

/* What T-TS-3 does, done by nobody's will. */
static void joined_through_a_nat(struct plait_attack *a)
{
    plait_take_position(a);
    works(a, "behind a NAT on the second path");
}

/* The server knows the path by its identifier, or by where it came from. */
static void removed_through_a_nat(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_remove_second(a);
    plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_ADDRESS_REMOVED);
    plait_expect_progress(a, PLAIT_GOES_ON_OCTETS);
}

/* ---- C-NAT-3 ------------------------------------------------------------------------------ */

/* Where naming an address is all that adds a path, a private one adds none, or somebody else's. */
static void judge_named(struct plait_attack *a)
{
    static const char where[] = "behind a NAT, by a message that names a private address";
    plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_ANNOUNCED);
    plait_expect_stream(a, 2 * PLAIT_GOES_ON_OCTETS, where);
    unsigned long long flooded = plait_flooded(a);
    if (flooded)
        plait_not_deployable(
            a, "behind a NAT: %llu segments of the stream went to whoever has the private address",
            flooded);
    else if (plait_adds_by_name(a))
        plait_expect_second(a, where);
}

static void named_private(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_announce_second(a);
    judge_named(a);
}

static void named_anothers(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_settle_stranger(a);
    plait_act_announce_second(a);
    judge_named(a);
}

/* ---- C-NAT-4 ------------------------------------------------------------------------------ */

static void numbers_moved(struct plait_attack *a)
{
    plait_take_position(a);
    works(a, "behind a firewall that moves sequence numbers");
}

/* ---- records ------------------------------------------------------------------------------ */

#define NAMED(name, play, who)                                                                     \
    GENUINE_BUT(HARM | PLAIT_GOAL_BIT(FLOOD_DATA), name, 1, play,                                  \
                .boxes = {PLAIT_NO_BOX, PLAIT_BOX_NAT}, .strangers = who)

static const struct plait_case first_cases[] = {
    GENUINE("-", 2, behind_a_nat, .boxes = {PLAIT_BOX_NAT}, .lone_start = true, .tcp_too = true),
};
static const struct plait_case second_cases[] = {
    GENUINE("-", 2, joined_through_a_nat, .boxes = {PLAIT_NO_BOX, PLAIT_BOX_NAT},
            .lone_start = true),
    GENUINE("remove", 2, removed_through_a_nat, .boxes = {PLAIT_NO_BOX, PLAIT_BOX_NAT},
            .only = PLAIT_LIST("v0", "v1", "M0i")),
};
static const struct plait_case private_cases[] = {
    NAMED("unreachable", named_private, PLAIT_STRANGER_ABSENT),
    NAMED("taken", named_anothers, PLAIT_STRANGER_LIVE),
};
static const struct plait_case firewall_cases[] = {
    GENUINE("-", 2, numbers_moved, .boxes = {PLAIT_BOX_ISN, PLAIT_BOX_ISN}, .lone_start = true,
            .tcp_too = true),
};

const struct plait_threat plait_control_nat_1 = {
    CONTROL(FULL_ON_KERNELS, "", "C-NAT-1", "NAT on the first path", "RFC 8684 §3.2, RFC 6181 §6.3",
            "OFF-NS", "A NAT rewrites addresses and ports of the first path: both paths work.",
            "kill", EVERY_MECHANISM),
    PLAIT_CASES(first_cases)};
const struct plait_threat plait_control_nat_2 = {
    CONTROL(ON_KERNELS, "", "C-NAT-2", "NAT on the second path", "RFC 8684 §3.2, RFC 6181 §6.3",
            "OFF-NS",
            "A NAT rewrites the source of a join, bit for bit what T-TS-3 does: no takeover, and "
            "the path works.",
            "takeover", EVERY_MECHANISM),
    PLAIT_CASES(second_cases)};
const struct plait_threat plait_control_nat_3 = {
    CONTROL(FULL_ON_KERNELS, "", "C-NAT-3", "A private address is named",
            "RFC 8684 §3.4.1, RFC 6181 §6.3", "OFF-NS",
            "A host behind a NAT names its private address, which nobody reaches outside, or which "
            "is somebody else's there: nobody is harmed.",
            "kill", "v0", "v1", "M0e", "M1n", "M2"),
    PLAIT_CASES(private_cases)};
const struct plait_threat plait_control_nat_4 = {
    CONTROL(FULL_ON_KERNELS, "", "C-NAT-4", "Firewall that moves sequence numbers",
            "RFC 8684 §3.3.1", "OFF-NS",
            "A firewall moves the sequence numbers of each connection whose SYN it saw: mappings "
            "are relative, so both paths work.",
            "kill", EVERY_MECHANISM),
    PLAIT_CASES(firewall_cases)};
