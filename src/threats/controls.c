/* threats/controls.c: control cases (C-...): genuine acts that must not be reported, and the attack
 * that must always succeed. */
#include "lab/act.h"
#include "threats/record.h"

/* Linux sends no MP_PRIO for a subflow whose fourth ACK is still under way (docs/FINDINGS.md). */
enum { SETTLE_MS = 300, GOES_ON_OCTETS = 50000 };

/* ---- C-NAT-2 ------------------------------------------------------------------------------ */

static void through_a_nat(struct plait_attack *a)
{
    plait_take_position(a); /* the second subflow was joined through the NAT, or this fails */
    plait_expect_joined(a);
    plait_expect_progress(a, GOES_ON_OCTETS);
}

/* ---- C-OK-1 ------------------------------------------------------------------------------- */

static void make_before_break(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_path_down(a, 0);
    plait_expect_progress(a, 2 * GOES_ON_OCTETS);
}

static void break_before_make(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_path_down(a, 0);
    plait_pause(a, 500 * PLAIT_MS);
    plait_act_add_second(a);
    plait_expect_progress(a, 2 * GOES_ON_OCTETS);
}

/* ---- C-OK-2 ------------------------------------------------------------------------------- */

static void genuine_prio(struct plait_attack *a)
{
    plait_take_position(a);
    plait_pause(a, SETTLE_MS * PLAIT_MS);
    plait_act_back_up_second(a);
    plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_PRIORITY);
    plait_expect_progress(a, GOES_ON_OCTETS);
}

static void genuine_remove(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_remove_second(a);
    plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_ADDRESS_REMOVED);
    plait_expect_progress(a, GOES_ON_OCTETS);
}

static void genuine_fastclose(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_abort(a, PLAIT_CLIENT);
    plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_FAST_CLOSED);
}

/* A join beyond the limits is reset with a reason (RFC 8684 §3.6). */
static void genuine_reset(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_forbid_joins(a, PLAIT_SERVER);
    plait_act_add_second(a);
    plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_JOIN_REFUSED);
    plait_expect_progress(a, GOES_ON_OCTETS);
}

/* ---- C-POS-1 ------------------------------------------------------------------------------ */

static void everywhere(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "alters what passes on every path");
    plait_on_path(a, plait_alter_payload);
    plait_pause(a, PLAIT_S);
}

/* ---- records ------------------------------------------------------------------------------ */

#define HARM                                                                                       \
    (PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(INJECT) | PLAIT_GOAL_BIT(TRUNCATE) |                    \
     PLAIT_GOAL_BIT(TAKEOVER) | PLAIT_GOAL_BIT(KILL) | PLAIT_GOAL_BIT(DOWNGRADE))

#define GENUINE(name, path_count, play)                                                            \
    {                                                                                              \
        .form = name, .position = "OFF-NS", .victim = PLAIT_SERVER, .workload = PLAIT_BULK,        \
        .paths = path_count, .adds_second = path_count == 1, .goals = HARM, .script = play,        \
        .expect = PLAIT_MUST_BE_CLEAN                                                              \
    }

static const struct plait_case nat_cases[] = {{.form = "-",
                                               .position = "OFF-NS",
                                               .victim = PLAIT_SERVER,
                                               .workload = PLAIT_BULK,
                                               .paths = 2,
                                               .goals = HARM,
                                               .script = through_a_nat,
                                               .expect = PLAIT_MUST_BE_CLEAN,
                                               .nat = true}};
static const struct plait_case handover_cases[] = {
    GENUINE("make-before-break", 2, make_before_break),
    GENUINE("break-before-make", 1, break_before_make),
};
static const struct plait_case signal_cases[] = {
    GENUINE("prio", 2, genuine_prio),
    GENUINE("remove-addr", 2, genuine_remove),
    GENUINE("fastclose", 2, genuine_fastclose),
    GENUINE("tcprst", 1, genuine_reset),
};
static const struct plait_case everywhere_cases[] = {{.form = "-",
                                                      .position = "ONALL",
                                                      .spoofing = true,
                                                      .victim = PLAIT_CLIENT,
                                                      .workload = PLAIT_REQUEST_RESPONSE,
                                                      .paths = 2,
                                                      .goals = PLAIT_GOAL_BIT(INJECT),
                                                      .script = everywhere,
                                                      .expect = PLAIT_MUST_BREAK,
                                                      .tcp_too = true}};

#define CONTROL(name, what, from, where, says, reaches)                                            \
    .info = {.id = name,                                                                           \
             .title = what,                                                                        \
             .kind = "control",                                                                    \
             .source = from,                                                                       \
             .section = SECTION_CASES,                                                             \
             .summary = says,                                                                      \
             .positions = PLAIT_LIST(where),                                                       \
             .goals = PLAIT_LIST(reaches),                                                         \
             .mechanisms = PLAIT_LIST("v0", "v1"),                                                 \
             .host_risk = "none",                                                                  \
             .stopped_by_text = "",                                                                \
             .remains_text = "",                                                                   \
             .wire_blind_text = ""}

const struct plait_threat plait_control_nat_2 = {
    CONTROL("C-NAT-2", "NAT on the second path", "RFC 8684 §3.2, RFC 6181 §6.3", "OFF-NS",
            "A NAT rewrites the source of a join, bit for bit what T-TS-3 does: no takeover.",
            "takeover"),
    PLAIT_CASES(nat_cases)};
const struct plait_threat plait_control_ok_1 = {
    CONTROL(
        "C-OK-1", "Genuine handover", "RFC 8684 §3.3.6", "OFF-NS",
        "Make before break and break before make: the stream stays whole and nothing is reported.",
        "kill"),
    PLAIT_CASES(handover_cases)};
const struct plait_threat plait_control_ok_2 = {
    CONTROL("C-OK-2", "Genuine signals", "RFC 8684 §3.3.8, §3.4.2, §3.5, §3.6", "OFF-NS",
            "MP_PRIO, REMOVE_ADDR, MP_FASTCLOSE and MP_TCPRST of the hosts themselves have their "
            "effect and are not reported.",
            "kill"),
    PLAIT_CASES(signal_cases)};
const struct plait_threat plait_control_pos_1 = {
    CONTROL("C-POS-1", "Active on every path", "RFC 6181 §2", "ONALL",
            "An attacker of every path must succeed on TCP and on MPTCP: the oracle sees success.",
            "inject"),
    PLAIT_CASES(everywhere_cases)};
